/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Borrowed bytes with their length: their parts, and how two of them compare.  What is found in
 * them and cut out of them is in base/cut.h.
 *
 * A span owns nothing and is no string: there is no NUL behind it, and there may be some in it.  An
 * empty one may have any pointer, NULL too; no function here looks behind it then, or hands it to
 * libc.  "Whatever the case" means ASCII letters, in every locale.
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

/** The smaller of two sizes. */
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

/** `n` bytes behind `ptr`, which may be NULL if `n` is 0. */
static inline const uint8_t *nta_behind(const uint8_t *ptr, size_t n)
{
    return n ? ptr + n : ptr; /* NULL + 0 is undefined; compilers make one addition of this */
}

/** The first `len` bytes, or all if there are fewer. */
static inline struct nta_span nta_span_first(struct nta_span text, size_t len)
{
    return (struct nta_span){.ptr = text.ptr, .len = nta_smaller(len, text.len)};
}

/** What is behind the first `start` bytes; nothing, if there are no more than that. */
static inline struct nta_span nta_span_from(struct nta_span text, size_t start)
{
    const size_t passed = nta_smaller(start, text.len);

    return (struct nta_span){.ptr = nta_behind(text.ptr, passed), .len = text.len - passed};
}

/* ---- comparing ---- */

/** An ASCII capital becomes small; any other byte stays. */
static inline uint8_t nta_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/** The same bytes; two empty spans are equal, whatever their pointers. */
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

/** True if the first bytes of `text` are those of `with`, case and all; or if there are none. */
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
