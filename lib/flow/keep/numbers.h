/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: which numbers of flows are in use, from 1 on; those whose entries lie in
 * one large page go back to the system together (base/memory/slabs.h).
 */

#include "base/memory/slabs.h"
#include "flow/keep/list.h"

struct nta_flow_numbers
{
    struct nta_slabs slabs; ///< The first has the place of number 0, too, which is no flow's.
    uint32_t n_in_slab;     ///< Numbers.
};

/** Numbers that follow each other. */
struct nta_flow_range
{
    uint32_t first, n;
};

/** `n_max` numbers, all free, of entries of `size` bytes each.  0, or -ENOMEM. */
int nta_flow_numbers_init(struct nta_flow_numbers *numbers, uint32_t n_max, size_t size);
/** Zeroed ones are fine. */
void nta_flow_numbers_done(struct nta_flow_numbers *numbers);

/** A free one, of which there is one; free ones are linked by `links`, of all numbers. */
uint32_t nta_flow_number_take(struct nta_flow_numbers *numbers, const struct nta_flow_link *links);
/** It is free for another flow. */
void nta_flow_number_give(struct nta_flow_numbers *numbers, struct nta_flow_link *links,
                          uint32_t id);

/**
 * Free ones whose entries go back now, since nobody used them between the last two rounds of calls;
 * `*slab` is 0 at the beginning of a round, and set to where it goes on.  False: no more of them.
 */
bool nta_flow_numbers_next_idle(struct nta_flow_numbers *numbers, size_t *slab,
                                struct nta_flow_range *ret_range);
