/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * nta_json_TYPE() of the simple types of record/fields.inc, for json*.c alone.
 */

#include "base/runtime/clock.h"
#include "record/json_put.h"
#include "record/record.h"

#define JSON_NUMBER(type, c_type)                                                                  \
    static inline void nta_json_##type(struct nta_buf *out, const char *name, const c_type *value) \
    {                                                                                              \
        put_known(out, name, *value);                                                              \
    }

JSON_NUMBER(u16, uint16_t)
JSON_NUMBER(u32, uint32_t)
JSON_NUMBER(u64, uint64_t)
JSON_NUMBER(size, uint64_t)
JSON_NUMBER(line, uint32_t)

/** Escaped, reversibly. */
static inline void nta_json_text(struct nta_buf *out, const char *name, const struct nta_span *text)
{
    put_text(out, name, *text);
}

/** In hex. */
static inline void nta_json_hash(struct nta_buf *out, const char *name,
                                 const struct nta_span *bytes)
{
    put_hex(out, name, *bytes);
}

/** True or false, always there. */
static inline void nta_json_flag(struct nta_buf *out, const char *name, const bool *is_set)
{
    put_bool(out, name, *is_set);
}

/** A time that is always there. */
static inline void nta_json_begin(struct nta_buf *out, const char *name, const int64_t *wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    put_word(out, name, nta_clock_text(*wall_ns, text));
}

/** RFC 3339; nothing if not known. */
static inline void nta_json_time(struct nta_buf *out, const char *name, const int64_t *wall_ns)
{
    if (*wall_ns)
        nta_json_begin(out, name, wall_ns);
}

/** As text; nothing for the unspecified one. */
static inline void nta_json_addr(struct nta_buf *out, const char *name, const struct nta_addr *addr)
{
    static const struct nta_addr none;
    char text[NTA_ADDR_TEXT_SIZE];

    if (!nta_addr_equal(addr, &none))
        put_word(out, name, nta_addr_text(addr, text));
}

#define JSON_WORD(type, ...)                                                                       \
    static inline void nta_json_##type(struct nta_buf *out, const char *name,                      \
                                       const uint8_t *number)                                      \
    {                                                                                              \
        put_word(out, name, nta_##type##_name(*number));                                           \
    }

NTA_WORD_TYPES(JSON_WORD)
NTA_WORD_PARTS(JSON_WORD)
#undef JSON_WORD

/** In hex. */
static inline void nta_json_bytes(struct nta_buf *out, const char *name,
                                  const struct nta_span *bytes)
{
    put_hex(out, name, *bytes);
}

/** False, where that is said. */
static inline void nta_json_no(struct nta_buf *out, const char *name)
{
    put_bool(out, name, false);
}

/** True, or not there. */
static inline void nta_json_yes(struct nta_buf *out, const char *name, const bool *is_set)
{
    if (*is_set)
        put_bool(out, name, true);
}
