/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Decoders of the simple types of record/fields.inc, for decode*.c alone.
 */

#include "base/own.h"
#include "record/cbor/cbor.h"
#include "record/codec.h"
#include "record/words/words.h"

#include <string.h>

/** A number of at most `most`. */
static inline uint64_t get_upto(struct nta_reader *r, uint64_t most)
{
    uint64_t value = nta_cbor_get_uint(r);

    if (value > most) {
        nta_reader_fail(r);
        return 0;
    }
    return value;
}

/** An array of exactly `n` items. */
static inline void get_tuple(struct nta_reader *r, uint64_t n)
{
    if (nta_cbor_get_array(r) != n)
        nta_reader_fail(r);
}

/** The pairs of a map, one after the other, its keys in growing order (RFC 8949 section 4.2.1). */
struct pairs
{
    struct nta_reader *r;
    uint64_t left, next_key;
};

/** Begin a map. */
static inline struct pairs get_pairs(struct nta_reader *r)
{
    uint64_t n = nta_cbor_get_map(r);

    return (struct pairs){.r = r, .left = n};
}

/** True: `ret_key` is there and its value is next.  False: no more, or the reader has failed. */
static inline bool next_pair(struct pairs *pairs, uint64_t *ret_key)
{
    if (pairs->left == 0 || !nta_reader_ok(pairs->r))
        return false;
    pairs->left--;
    *ret_key = nta_cbor_get_uint(pairs->r);
    if (*ret_key < pairs->next_key || *ret_key == UINT64_MAX)
        nta_reader_fail(pairs->r);
    pairs->next_key = *ret_key + 1;
    return nta_reader_ok(pairs->r);
}

/*
 * get_TYPE() of each type of record/fields.inc: one value.  A group's fills the struct whose
 * members it holds, a list's items are kept in `buf`.
 */

/** Numbers; `pointer` is the member's address. */
#define GET_NUMBER(type, pointer, most)                                                            \
    static inline void get_##type(struct nta_reader *r, pointer ret)                               \
    {                                                                                              \
        *ret = (__typeof__(*ret))get_upto(r, most);                                                \
    }

GET_NUMBER(u16, uint16_t *, UINT16_MAX)
GET_NUMBER(u32, uint32_t *, UINT32_MAX)
GET_NUMBER(u64, uint64_t *, UINT64_MAX)
GET_NUMBER(size, uint64_t *, UINT64_MAX)
GET_NUMBER(line, uint32_t *, UINT32_MAX)
GET_NUMBER(dns_type, uint16_t *, UINT16_MAX)
GET_NUMBER(rcode, uint8_t *, UINT8_MAX)
GET_NUMBER(transport, uint8_t *, UINT8_MAX)
GET_NUMBER(agrees, uint8_t *, UINT8_MAX)
GET_NUMBER(kind, uint8_t *, UINT8_MAX)
GET_NUMBER(severity, uint8_t *, UINT8_MAX)
GET_NUMBER(app, enum nta_app *, UINT8_MAX)
#define GET_WORD(type, ...) GET_NUMBER(type, uint8_t *, UINT8_MAX)
NTA_WORD_TYPES(GET_WORD)
NTA_WORD_PARTS(GET_WORD)
#undef GET_WORD

/** Nanoseconds since 1970, UTC. */
static inline void get_time(struct nta_reader *r, int64_t *ret)
{
    *ret = nta_cbor_get_int(r);
}

/** True or false. */
static inline void get_flag(struct nta_reader *r, bool *ret)
{
    *ret = nta_cbor_get_bool(r);
}

/** The same as get_flag(). */
static inline void get_yes(struct nta_reader *r, bool *ret)
{
    *ret = nta_cbor_get_bool(r);
}

/** Bytes of any number. */
static inline void get_bytes(struct nta_reader *r, struct nta_span *ret)
{
    *ret = nta_cbor_get_bytes(r);
}

/** Text, or bytes that are none. */
static inline void get_text(struct nta_reader *r, struct nta_span *ret)
{
    *ret = nta_cbor_get_text(r);
}

/** A SHA-256: exactly 32 bytes. */
static inline void get_hash(struct nta_reader *r, struct nta_span *ret)
{
    *ret = nta_cbor_get_bytes(r);
    if (ret->len != 32)
        nta_reader_fail(r);
}

/** An address of 4 or 16 bytes. */
static inline void get_addr(struct nta_reader *r, struct nta_addr *ret)
{
    struct nta_span bytes = nta_cbor_get_bytes(r);

    if (bytes.len == 4)
        *ret = nta_addr_v4(bytes.ptr);
    else if (bytes.len == NTA_ADDR_LEN)
        *ret = nta_addr_v6(bytes.ptr);
    else
        nta_reader_fail(r);
}
