/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names and values of JSON objects, for json.c alone.  A value that is not known leaves no trace,
 * nor does an object without content.
 */

#include "base/buf.h"
#include "base/hex.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The compiler is to leave nothing of a loop over places: see json.c. */
#define UNROLLED _Pragma("GCC unroll 64")

enum
{
    NTA_JSON_NUMBER_SIZE = 20 ///< Digits of the largest 64-bit number.
};

/**
 * `"name":`, with a comma unless it is the first of its object.  Inline: the names are constants
 * of known length.
 */
static inline void put_name(struct nta_buf *out, const char *name)
{
    const struct nta_span text = nta_span_of(name);
    uint8_t *buf = nta_buf_reserve(out, text.len + 4);
    size_t at = 0;

    if (!buf)
        return;
    if (out->len && buf[-1] != '{')
        buf[at++] = ',';
    buf[at++] = '"';
    memcpy(buf + at, text.ptr, text.len);
    at += text.len;
    buf[at++] = '"';
    buf[at++] = ':';
    out->len += at;
}

/** A number alone, in decimal digits. */
static inline void put_number(struct nta_buf *out, uint64_t value)
{
    char digits[NTA_JSON_NUMBER_SIZE];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    nta_buf_put(out, digits + at, sizeof(digits) - at);
}

/** A number under its name, 0 too. */
static inline void put_uint(struct nta_buf *out, const char *name, uint64_t value)
{
    put_name(out, name);
    put_number(out, value);
}

/** A number under its name, unless it is 0, which stands for not known. */
static inline void put_known(struct nta_buf *out, const char *name, uint64_t value)
{
    if (value)
        put_uint(out, name, value);
}

/** Text from outside under its name, escaped (nta_text_json()); nothing if it is empty. */
static inline void put_text(struct nta_buf *out, const char *name, struct nta_span text)
{
    if (text.len == 0)
        return;
    put_name(out, name);
    nta_text_json(out, text);
}

/** A word of ours, which needs no escapes, in quotes. */
static inline void put_quoted(struct nta_buf *out, const char *word)
{
    const struct nta_span text = nta_span_of(word);
    uint8_t *buf = nta_buf_reserve(out, text.len + 2);

    if (!buf)
        return;
    buf[0] = '"';
    memcpy(buf + 1, text.ptr, text.len);
    buf[text.len + 1] = '"';
    out->len += text.len + 2;
}

/** A word of ours under its name; nothing if it is empty. */
static inline void put_word(struct nta_buf *out, const char *name, const char *word)
{
    if (!*word)
        return;
    put_name(out, name);
    put_quoted(out, word);
}

/** True or false under its name, either way. */
static inline void put_bool(struct nta_buf *out, const char *name, bool value)
{
    put_name(out, name);
    nta_buf_puts(out, value ? "true" : "false");
}

/** Bytes under their name, in quotes, as hexadecimal digits; nothing if there are none. */
static inline void put_hex(struct nta_buf *out, const char *name, struct nta_span bytes)
{
    if (bytes.len == 0)
        return;
    put_name(out, name);
    nta_buf_put_u8(out, '"');
    nta_buf_put_hex(out, bytes.ptr, bytes.len);
    nta_buf_put_u8(out, '"');
}

/** Degrees with one to six decimals, whatever the locale. */
static inline void put_degrees(struct nta_buf *out, const char *name, double degrees)
{
    long long micro = llrint(degrees * 1e6);
    unsigned long long size = (unsigned long long)llabs(micro);
    char decimals[6];
    size_t n = sizeof(decimals);
    unsigned long long rest = size % 1000000;

    for (size_t i = sizeof(decimals); i > 0; i--, rest /= 10)
        decimals[i - 1] = (char)('0' + rest % 10);
    while (n > 1 && decimals[n - 1] == '0')
        n--;
    put_name(out, name);
    if (micro < 0)
        nta_buf_put_u8(out, '-');
    put_number(out, size / 1000000);
    nta_buf_put_u8(out, '.');
    nta_buf_put(out, decimals, n);
}

/** Begin an object; gives where it began, for close_object(). */
static inline size_t open_object(struct nta_buf *out, const char *name)
{
    size_t start = out->len;

    put_name(out, name);
    nta_buf_put_u8(out, '{');
    return start;
}

/** End an object; one without content leaves no trace. */
static inline void close_object(struct nta_buf *out, size_t start)
{
    if (out->failed)
        return;
    if (out->ptr[out->len - 1] == '{')
        out->len = start;
    else
        nta_buf_put_u8(out, '}');
}
