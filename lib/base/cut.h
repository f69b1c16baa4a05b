/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is found in a span (base/span.h) and cut out of it: a place, a word, what is before and
 * behind it, what is without blanks.
 *
 * A place that is not found is the span's length, so what is cut there is the whole.
 */

#include "base/span.h"

/* ---- finding: a place in `text`, or `text.len` ---- */

/** The first place of the byte. */
static inline size_t nta_span_find_byte(struct nta_span text, uint8_t byte)
{
    const uint8_t *found = text.len ? memchr(text.ptr, byte, text.len) : NULL;

    return found ? (size_t)(found - text.ptr) : text.len;
}

/** True if the byte is anywhere in it. */
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

/** The first place of these bytes, case and all; of none it is 0, in an empty text, too. */
static inline size_t nta_span_find_span(struct nta_span text, struct nta_span bytes)
{
    if (bytes.len == 0)
        return 0;
    const uint8_t *found = text.len ? memmem(text.ptr, text.len, bytes.ptr, bytes.len) : NULL;

    return found ? (size_t)(found - text.ptr) : text.len;
}

/** nta_span_find_span() of a text, up to its NUL. */
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

    *rest = nta_span_from(*rest, taken.len + 1);
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
