/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names with wildcards: each hangs on three bytes of its own text (part of blacklist.h).
 *
 * A pattern is a name in which `*` stands for any bytes or none, dots too.  `ads*.example` covers
 * the names that look so and all below them, `=ads*.example` those that look so, and one that
 * begins with `*` is held against whole names.  Of a pattern and another entry that cover a name
 * the one with more letters decides, as if it were longer, then as of entries of one name.
 *
 * Three bytes in a row that stand in every name of a pattern are its gram: a dot and what follows
 * if it has such, and of all that it has one on which few others hang.  A name is gone through once
 * (a dot stands before it) and what stands at its dots, or if need be each three bytes of it, asks
 * a filter of 4 to 64 KiB; only what is in there leads to patterns, and each of them is held
 * against the name from left to right, without going back.
 *
 * Bounds: 100,000 patterns of at most eight `*`; at most eight patterns hang on the same three
 * bytes, whoever chose them.  Those of exceptions are counted apart, and what several lists or
 * lines have counts once (pattern_bounds.h).  So a name of n bytes is held against at most
 * 16 (n - 1) patterns, however many there are, each in one pass: 0.5 ms for the longest name and
 * the worst lists.  A name that has no gram costs some nanoseconds, about one a byte if grams may
 * stand anywhere, and none if there are no patterns.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "blacklist/table/names.h"

enum
{
    NTA_PATTERNS_MAX = 100000, ///< Texts, of those that forbid and of those that allow.
    NTA_PATTERN_STARS = 8,
    NTA_PATTERN_SHARED = 8, ///< So many of each may hang on one gram.
};

struct nta_pattern_bounds;

struct nta_pattern
{
    uint64_t word, mask; ///< Up to eight bytes from the gram on, as they lie in memory.
    uint32_t start;      ///< Of its text.
    uint32_t value;
    uint16_t gram;          ///< Hash.
    uint8_t len, n_letters; ///< Of the text, of it without `*` and sign.
    uint8_t at;             ///< Where the gram stands in the text, a dot before what begins a name.
};

struct nta_patterns
{
    struct nta_pattern *patterns; ///< Owns; by gram, once filled.
    size_t n_patterns, size;
    struct nta_buf text;               ///< Owns.
    struct nta_pattern_bounds *bounds; ///< Owns; while lists are read.
    uint8_t *filter; ///< Owns; for the first bits of grams 1 if some pattern's are so.
    uint32_t *first; ///< Owns; of these bits the first pattern; one more at the end.
    unsigned shift;  ///< From a gram to these bits.
    bool anywhere;   ///< Some gram begins with something else than a dot.
};

/** Called with each pattern that was there already. */
typedef void nta_pattern_twice_fn(void *owner, uint32_t value);

/** Free what it owns; it is empty afterwards. */
void nta_patterns_done(struct nta_patterns *patterns);

/**
 * Note a pattern, in lower case, with its sign.  0; -EINVAL: no three bytes in a row; -ENOSPC:
 * there are too many; -EMLINK: too many hang on each of its grams; -ENOMEM; what getrandom() says.
 */
int nta_patterns_add(struct nta_patterns *patterns, struct nta_span text, uint32_t value);

/** Take out the patterns of which `drops` says so, before the table is made. */
void nta_patterns_drop(struct nta_patterns *patterns, bool (*drops)(void *owner, uint32_t value),
                       void *owner);

/**
 * Make the table; of two with the same text and flags the later one goes, if `goes` (NULL: always)
 * says so.  0, or -ENOMEM.
 */
int nta_patterns_fill(struct nta_patterns *patterns, nta_value_goes_fn *goes,
                      nta_pattern_twice_fn *twice, void *owner);

/** The patterns of a filled table as bytes. */
void nta_patterns_put(const struct nta_patterns *patterns, struct nta_buf *buf);
/** A table from the bytes of a file.  0, -ENOMEM, or -EBADMSG: not what was put. */
int nta_patterns_read(struct nta_patterns *patterns, struct nta_span bytes);

/** The pattern that decides for a name, or NULL. */
const struct nta_pattern *nta_patterns_decide(const struct nta_patterns *patterns, const char *name,
                                              size_t len);

/** Called with a pattern that covers a name. */
typedef void nta_pattern_each_fn(void *owner, const struct nta_pattern *pattern);

/** Give each pattern that covers a name, in no order, some of them more than once. */
void nta_patterns_each(const struct nta_patterns *patterns, const char *name, size_t len,
                       nta_pattern_each_fn *each, void *owner);

/** The patterns that cover a name, what decides first, as far as there is space; how many. */
size_t nta_patterns_find(const struct nta_patterns *patterns, const char *name, size_t len,
                         const struct nta_pattern **found, size_t size);

/** Its text, with its sign; borrows from the table. */
static inline struct nta_span nta_pattern_text(const struct nta_patterns *patterns,
                                               const struct nta_pattern *pattern)
{
    return (struct nta_span){.ptr = patterns->text.ptr + pattern->start, .len = pattern->len};
}

/** True if it decides before an entry of `n_letters` with this value (0: none). */
static inline bool nta_pattern_is_above(const struct nta_pattern *pattern, size_t n_letters,
                                        uint32_t value)
{
    if (!value || pattern->n_letters != n_letters)
        return !value || pattern->n_letters > n_letters;
    return nta_value_rank(pattern->value) > nta_value_rank(value);
}

/** The hash of three bytes, the first one lowest. */
static inline uint32_t nta_pattern_gram(uint32_t three)
{
    return three * UINT32_C(2654435769) >> 16;
}

/** Memory in bytes. */
size_t nta_patterns_memory(const struct nta_patterns *patterns);
