/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Found records in an order (incident/weight.h): those that come first stay, so many at most.
 *
 * Memory: twice as many records as stay, as they are stored, but no more than a number of bytes: if
 * they are more, half of them stay, and from then on no more than those are.  So what stays always
 * is what comes first of all that came.
 */

#include "incident/weight.h"
#include "search/search.h"

struct nta_sorted; ///< Opaque.

/** For the first `n_max` (at least 1) by this order, in `n_bytes`.  NULL: out of memory. */
struct nta_sorted *nta_sorted_new(enum nta_order by, size_t n_max, size_t n_bytes);
/** Takes NULL too. */
void nta_sorted_free(struct nta_sorted **sorted);

/** Take a record in.  0 or -ENOMEM. */
int nta_sorted_add(struct nta_sorted *sorted, const struct nta_found *found);

/**
 * Call `each` with those that stay, in their order or `turned` round, until it gives another number
 * than 0.
 */
int nta_sorted_each(struct nta_sorted *sorted, bool turned, nta_found_fn *each, void *owner,
                    struct nta_err *err);

/** How many did not stay. */
uint64_t nta_sorted_left_out(const struct nta_sorted *sorted);
