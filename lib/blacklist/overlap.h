/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which lists say the same: for `nta lists check`, beside and not inside a set.
 *
 * Each list is read once more and each of its entries kept as a hash (16 bytes).  Entries are the
 * same if they are alike after normalising and cover the same; whether a list denies or allows does
 * not matter.  Not for the packet path.
 */

#include "blacklist/blacklist.h"

enum
{
    NTA_OVERLAP_LISTS = 128
};

struct nta_overlap; ///< Opaque.

/** Nothing is read yet.  0, or negative errno with `err`. */
int nta_overlap_new(struct nta_overlap **ret_overlap, struct nta_err *err);
/** Takes NULL too. */
void nta_overlap_free(struct nta_overlap **overlap);

/** Read a list; the first one is number 0.  0, or negative errno with a sentence. */
int nta_overlap_add(struct nta_overlap *overlap, const struct nta_list_source *source,
                    struct nta_err *err);

/** Count, once all are read. */
void nta_overlap_count(struct nta_overlap *overlap);

/** Different entries of a list. */
uint64_t nta_overlap_n(const struct nta_overlap *overlap, size_t list);

/** Entries that two lists share; with itself: entries that it says more than once. */
uint64_t nta_overlap_pair(const struct nta_overlap *overlap, size_t one, size_t other);

/** Entries of a list that some other one has too. */
uint64_t nta_overlap_others(const struct nta_overlap *overlap, size_t list);
