/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tables of addresses are made of (part of addrs.h). */

#include "blacklist/table/u128.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_ADDR_INDEX_SIZE = 65537,
    NTA_ADDR_PAGES_BYTES = 1 << 19,
};

/** From `first` to `last`, both in it. */
struct nta_addr_range
{
    nta_u128 first, last;
    uint32_t value; ///< As in names.h.
};

struct nta_addr_segment
{
    uint64_t high, low; ///< Where it starts; it ends where the next one does.
    uint32_t n_range;   ///< The range that decides, from 1; 0: none.
};

struct nta_addrs
{
    uint64_t *singles; ///< Owns; address << 32 | value, sorted.
    size_t n_singles, singles_size;
    uint32_t *index; ///< Owns; 65,537 places in `singles` by upper 16 bits; NULL without any.
    uint64_t *pages; ///< Owns; 2^22 bits; NULL if nothing concerns IPv4.

    struct nta_addr_range *ranges; ///< Owns; sorted by first, last, value's flags.
    size_t n_ranges, ranges_size;
    struct nta_addr_segment *segments; ///< Owns.
    size_t n_segments;
    /**
     * Owns, also where the rest lies in an image: of each range the last one before it, from 1,
     * that ends behind it.  NULL: nobody asks for more than what decides.
     */
    uint32_t *outer;
};

/** Called with each entry that goes: it was there already. */
typedef void nta_addr_twice_fn(void *owner, uint32_t value, bool single);
