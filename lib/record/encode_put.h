/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Encoders of the simple types of record/fields.inc, for encode*.c alone.
 */

#include "record/cbor/cbor.h"
#include "record/codec.h"
#include "record/words/words.h"

/*
 * put_TYPE() of each type of record/fields.inc: the pair, or nothing if the value is empty.  A
 * group's gets the struct whose members it holds.
 */

/** Begin a pair. */
static inline struct nta_buf *pair(struct nta_cbor_map *map, unsigned key)
{
    return nta_cbor_map_pair(map, key);
}

/** A number; 0 is not known. */
static inline void put_u64(struct nta_cbor_map *map, unsigned key, const uint64_t *value)
{
    if (*value)
        nta_cbor_put_uint(pair(map, key), *value);
}

/** An array of fixed length; none if all are 0, unless it is `there` all the same. */
static inline void put_items(struct nta_cbor_map *map, unsigned key, const uint64_t *items,
                             size_t n, bool there)
{
    uint64_t any = there;

    for (size_t i = 0; i < n; i++)
        any |= items[i];
    if (!any)
        return;
    nta_cbor_put_array(pair(map, key), n);
    for (size_t i = 0; i < n; i++)
        nta_cbor_put_uint(map->out, items[i]);
}

/** Numbers of other sizes. */
#define PUT_NUMBER(type, c_type)                                                                   \
    static inline void put_##type(struct nta_cbor_map *map, unsigned key, const c_type *value)     \
    {                                                                                              \
        put_u64(map, key, &(uint64_t){(uint64_t)*value});                                          \
    }

PUT_NUMBER(u16, uint16_t)
PUT_NUMBER(u32, uint32_t)
PUT_NUMBER(line, uint32_t)
PUT_NUMBER(size, uint64_t)
PUT_NUMBER(transport, uint8_t)
PUT_NUMBER(kind, uint8_t)
PUT_NUMBER(severity, uint8_t)
PUT_NUMBER(app, enum nta_app)
#define PUT_WORD(type, ...) PUT_NUMBER(type, uint8_t)
NTA_WORD_TYPES(PUT_WORD)
NTA_WORD_PARTS(PUT_WORD)
#undef PUT_WORD

/** Nanoseconds since 1970; 0 is not known. */
static inline void put_time(struct nta_cbor_map *map, unsigned key, const int64_t *wall_ns)
{
    if (*wall_ns)
        nta_cbor_put_int(pair(map, key), *wall_ns);
}

/** True, or nothing. */
static inline void put_flag(struct nta_cbor_map *map, unsigned key, const bool *is_set)
{
    if (*is_set)
        nta_cbor_put_bool(pair(map, key), true);
}

/** The same as put_flag(). */
static inline void put_yes(struct nta_cbor_map *map, unsigned key, const bool *is_set)
{
    put_flag(map, key, is_set);
}

/** Text, or nothing. */
static inline void put_text(struct nta_cbor_map *map, unsigned key, const struct nta_span *text)
{
    if (text->len)
        nta_cbor_put_text(pair(map, key), *text);
}

/** Bytes, or nothing. */
static inline void put_hash(struct nta_cbor_map *map, unsigned key, const struct nta_span *bytes)
{
    if (bytes->len)
        nta_cbor_put_bytes(pair(map, key), *bytes);
}

/** The same for bytes of any number. */
static inline void put_bytes(struct nta_cbor_map *map, unsigned key, const struct nta_span *bytes)
{
    put_hash(map, key, bytes);
}

/** As 4 or 16 bytes. */
static inline void put_addr_item(struct nta_buf *out, const struct nta_addr *addr)
{
    size_t skip = nta_addr_is_v4(addr) ? NTA_ADDR_LEN - 4 : 0;

    nta_cbor_put_bytes(out,
                       (struct nta_span){.ptr = addr->bytes + skip, .len = NTA_ADDR_LEN - skip});
}

/** As 4 or 16 bytes; the unspecified one is not known. */
static inline void put_addr(struct nta_cbor_map *map, unsigned key, const struct nta_addr *addr)
{
    static const struct nta_addr none;

    if (!nta_addr_equal(addr, &none))
        put_addr_item(pair(map, key), addr);
}
