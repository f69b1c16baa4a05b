/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Overlapping address ranges -> disjoint segments, each with the range that decides in it (part of
 * addrs.h).
 */

#include "blacklist/table/addr_table.h"
#include "blacklist/table/names.h"

/** True if `a` decides where both hold: the smaller one, then by nta_value_rank(). */
bool nta_range_decides(const struct nta_addr_range *a, const struct nta_addr_range *b);

/**
 * Sort the ranges, drop what is there twice (the first stays; as nta_addrs_fill()) and cut the
 * segments.  0, or -ENOMEM.
 */
int nta_segments_fill(struct nta_addrs *addrs, nta_value_goes_fn *goes, nta_addr_twice_fn *twice,
                      void *owner);

/** The range that decides for an address, its value 0 if none does. */
struct nta_addr_range nta_segments_decide(const struct nta_addrs *addrs, nta_u128 number);
