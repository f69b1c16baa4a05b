/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where things are in the table of names, for what fills it and what reads it (part of names.h). */

#include "blacklist/table/names.h"

/** The bucket in which a hash belongs. */
static inline uint64_t nta_name_bucket_of(const struct nta_names *names, uint32_t where)
{
    return (uint64_t)where * names->n_buckets >> 32;
}

/** The bucket behind it, where its entries go when it is full; the first follows the last. */
static inline uint64_t nta_name_next_bucket(const struct nta_names *names, uint64_t bucket)
{
    return bucket + 1 < names->n_buckets ? bucket + 1 : 0;
}

/** The bit in `passed`. */
static inline uint32_t nta_name_mark(uint64_t tag)
{
    return UINT32_C(1) << (tag >> 59);
}

/** The place of a hash among the ways. */
static inline uint64_t nta_name_way_place(const struct nta_names *names, uint32_t where)
{
    return (uint64_t)where * names->n_ways >> 32;
}

/** The bits of a way in its word. */
static inline uint64_t nta_name_way(uint64_t tag)
{
    return UINT64_C(1) << (tag >> 58) | UINT64_C(1) << (tag >> 52 & 63) |
           UINT64_C(1) << (tag >> 46 & 63);
}

/** Order of values: the greater one decides. */
static inline uint32_t nta_value_rank(uint32_t value)
{
    return (value & (NTA_VALUE_IMPORTANT | NTA_VALUE_ALLOW)) |
           (NTA_VALUE_LINE_MAX - (value & NTA_VALUE_LINE_MAX));
}
