/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Memory that connections hold for a while: parsers' states, and what is lent beside them.
 *
 * At the limit of a pool the one goes that was not used for longest, never the newest is refused.
 * Holders stand in a list in the order in which they took their memory; use is a mark that a holder
 * carries itself, so that a packet touches no other connection, and whoever looks for the oldest
 * passes over those that were used since it looked last (the "clock" of page replacement).
 */

#include "base/memory/budget.h"
#include "base/memory/pool.h"
#include "flow/flow.h"

#include <stdbool.h>

/** In the connection that holds. */
struct nta_holder
{
    struct nta_flow *flow; ///< Its flow; NULL: it holds nothing.
    struct nta_holder *older, *newer;
    bool used; ///< Since it was last looked at.
};

struct nta_states
{
    struct nta_pool pool;
    struct nta_share *share; ///< Borrows: of the bytes of all such pools; NULL: no limit.
    size_t zeroed;           ///< First bytes of an object that are zeroed.
    struct nta_holder *oldest, *newest;
};

/**
 * Objects of `size` bytes, at most `n_max`, and in all pools of `share` (borrowed; NULL: of none)
 * what that allows.  0 or negative errno.
 */
int nta_states_init(struct nta_states *states, size_t size, size_t zeroed, size_t n_max,
                    struct nta_share *share);
/** A zeroed one is fine. */
void nta_states_done(struct nta_states *states);

/** An object for the connection of this flow, which holds none; NULL at the limit. */
void *nta_states_take(struct nta_states *states, struct nta_holder *holder, struct nta_flow *flow);

/** Bytes that are in use. */
size_t nta_states_used(const struct nta_states *states);

/** `object` is the holder's; NULL is allowed. */
void nta_states_give(struct nta_states *states, struct nta_holder *holder, void *object);

/** The flow whose memory was not used for longest; NULL: none has any. */
struct nta_flow *nta_states_oldest(struct nta_states *states);
