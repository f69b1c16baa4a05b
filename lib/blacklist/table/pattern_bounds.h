/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What bounds names with wildcards while a set is made of lists (part of patterns.h): which texts
 * are there, and how many hang on each three bytes.
 *
 * Texts are counted, not lines: what two lists have, or one has twice, counts once.  Those that
 * forbid and those that allow are counted apart, so that no list of the ones takes the space of the
 * others.
 */

#include "base/hash.h"
#include "blacklist/table/patterns.h"

enum
{
    NTA_PATTERN_GRAMS = 1 << 16,
    NTA_PATTERN_SLOTS = 1 << 19, ///< More than twice as many as there may be texts.
};

/** How many there are of those that forbid, or that allow. */
struct nta_pattern_counts
{
    size_t n_texts;
    uint8_t n_hanging[NTA_PATTERN_GRAMS];
};

struct nta_pattern_bounds
{
    struct nta_hash_key key; ///< Who writes lists cannot choose collisions.
    struct nta_pattern_counts counts[2];
    uint32_t slots[NTA_PATTERN_SLOTS]; ///< Of each text its first pattern, from 1 on; 0: free.
};

_Static_assert(NTA_PATTERN_SLOTS > 4 * NTA_PATTERNS_MAX, "a slot is always free");

/** Make patterns->bounds if it is not there.  0, or negative errno. */
int nta_pattern_bounds_make(struct nta_patterns *patterns);

/** Where a text is noted, or where it would be: that slot is 0. */
uint32_t *nta_pattern_bounds_find(const struct nta_patterns *patterns, struct nta_span text,
                                  uint32_t value);

/** The counts that patterns with this value belong to. */
static inline struct nta_pattern_counts *nta_pattern_bounds_of(const struct nta_patterns *patterns,
                                                               uint32_t value)
{
    return &patterns->bounds->counts[(value & NTA_VALUE_ALLOW) != 0];
}
