/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Borrowed bytes with their length, and what is done with them everywhere: compare, find, cut,
 * trim, take apart.
 *
 * A span owns nothing and is no string: there is no NUL behind it, and there may be some in it.  An
 * empty one may have any pointer, NULL too; no function here looks behind it then, or hands it to
 * libc.  "Whatever the case" means ASCII letters, in every locale.  A place that is not found is
 * the span's length, so what is cut there is the whole.
 */

#include "base/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Borrowed bytes; `ptr` is not NUL-terminated. */
struct nta_span
{
    const uint8_t *ptr;
    size_t len;
};

static inline size_t nta_smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** The text without its NUL; NULL gives an empty span. */
static inline struct nta_span nta_span_of(const char *text)
{
    /* most of what records say is empty: no call for that */
    return (struct nta_span){.ptr = (const uint8_t *)text, .len = text && *text ? strlen(text) : 0};
}

/* ---- parts ---- */

/** The first `len` bytes, or all if there are fewer. */
static inline struct nta_span nta_span_first(struct nta_span text, size_t len)
{
    return (struct nta_span){.ptr = text.ptr, .len = nta_smaller(len, text.len)};
}

/** What is behind the first `start` bytes; `start` is at most `text.len`. */
static inline struct nta_span nta_span_from(struct nta_span text, size_t start)
{
    return (struct nta_span){.ptr = text.ptr + start, .len = text.len - start};
}

/* ---- comparing ---- */

/** An ASCII capital becomes small; any other byte stays. */
static inline uint8_t nta_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static inline bool nta_span_equal(struct nta_span a, struct nta_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/** Less than, equal to or greater than 0, by bytes; what the other begins with comes first. */
static inline int nta_span_order(struct nta_span a, struct nta_span b)
{
    size_t len = nta_smaller(a.len, b.len);
    int order = len ? memcmp(a.ptr, b.ptr, len) : 0;

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool nta_span_begins(struct nta_span text, struct nta_span with)
{
    return text.len >= with.len && (with.len == 0 || memcmp(text.ptr, with.ptr, with.len) == 0);
}

/**
 * OK: begins with it.  MORE: is the beginning of it, so that more bytes will tell.  OTHER: neither.
 */
static inline enum nta_parse nta_span_becomes(struct nta_span text, struct nta_span with)
{
    if (!nta_span_begins(with, nta_span_first(text, with.len)))
        return NTA_PARSE_OTHER;
    return text.len < with.len ? NTA_PARSE_MORE : NTA_PARSE_OK;
}

/** The same bytes, whatever the case. */
static inline bool nta_span_alike(struct nta_span a, struct nta_span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (nta_lower(a.ptr[i]) != nta_lower(b.ptr[i]))
            return false;
    }
    return true;
}

/** Begins with the word, whatever the case. */
static inline bool nta_span_starts(struct nta_span text, const char *word)
{
    const struct nta_span with = {.ptr = (const uint8_t *)word, .len = strlen(word)};

    return text.len >= with.len && nta_span_alike(nta_span_first(text, with.len), with);
}

/** Is the word, whatever the case. */
static inline bool nta_span_is(struct nta_span text, const char *word)
{
    return text.len == strlen(word) && nta_span_starts(text, word);
}

/* ---- finding: a place in `text`, or `text.len` ---- */

static inline size_t nta_span_find_byte(struct nta_span text, uint8_t byte)
{
    const uint8_t *found = text.len ? memchr(text.ptr, byte, text.len) : NULL;

    return found ? (size_t)(found - text.ptr) : text.len;
}

static inline bool nta_span_has(struct nta_span text, uint8_t byte)
{
    return text.len && memchr(text.ptr, byte, text.len);
}

/** The last place of the byte. */
static inline size_t nta_span_find_last(struct nta_span text, uint8_t byte)
{
    const uint8_t *found = text.len ? memrchr(text.ptr, byte, text.len) : NULL;

    return found ? (size_t)(found - text.ptr) : text.len;
}

/** The first place of these bytes; of none it is 0. */
static inline size_t nta_span_find_span(struct nta_span text, struct nta_span bytes)
{
    const uint8_t *found = text.len ? memmem(text.ptr, text.len, bytes.ptr, bytes.len) : NULL;

    return found ? (size_t)(found - text.ptr) : text.len;
}

static inline size_t nta_span_find(struct nta_span text, const char *needle)
{
    const struct nta_span bytes = nta_span_of(needle);

    return bytes.len == 1 ? nta_span_find_byte(text, bytes.ptr[0])
                          : nta_span_find_span(text, bytes);
}

/** The first place of the word, whatever the case. */
static inline size_t nta_span_find_word(struct nta_span text, const char *word)
{
    for (size_t i = 0; i < text.len; i++) {
        if (nta_span_starts(nta_span_from(text, i), word))
            return i;
    }
    return text.len;
}

/* ---- cutting ---- */

/** What is before the first `stop`; all if there is none. */
static inline struct nta_span nta_span_before(struct nta_span text, uint8_t stop)
{
    return nta_span_first(text, nta_span_find_byte(text, stop));
}

/**
 * What is before the first `stop` of `rest`, all if there is none: it leaves `rest`, and so does
 * that byte.
 */
static inline struct nta_span nta_span_take(struct nta_span *rest, uint8_t stop)
{
    const struct nta_span taken = nta_span_before(*rest, stop);

    *rest = nta_span_from(*rest, nta_smaller(taken.len + 1, rest->len));
    return taken;
}

/**
 * The next word between bytes that `is_space` names; with those before it, it leaves `rest`.
 * Empty: there is none.
 */
static inline struct nta_span nta_span_word_of(struct nta_span *rest, bool (*is_space)(uint8_t c))
{
    struct nta_span word = *rest;
    size_t len = 0;

    while (word.len > 0 && is_space(word.ptr[0]))
        word = nta_span_from(word, 1);
    while (len < word.len && !is_space(word.ptr[len]))
        len++;
    *rest = nta_span_from(word, len);
    return nta_span_first(word, len);
}

/** Without the bytes around it that `is_space` names; inlined with it. */
static inline struct nta_span nta_span_trim_of(struct nta_span text, bool (*is_space)(uint8_t c))
{
    while (text.len > 0 && is_space(text.ptr[0]))
        text = nta_span_from(text, 1);
    while (text.len > 0 && is_space(text.ptr[text.len - 1]))
        text.len--;
    return text;
}
