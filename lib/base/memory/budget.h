/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One limit for several threads, each of which may come to use nearly all of it.
 *
 * A thread has a share: a part that is always its own, so that none starves, and what it takes of
 * the rest, in chunks, so that an atomic is touched once in many times.  What it does not use goes
 * back but for a chunk.  The sum of all shares never exceeds the limit.
 *
 * A budget belongs to nobody and outlives its shares; a share is one thread's.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** What is left for all; shared. */
struct nta_budget
{
    _Alignas(64) _Atomic uint64_t left;
    uint64_t own;   ///< Of each share.
    uint64_t chunk; ///< Taken and given back at a time; at least 1.
};

/** One thread's; zero has no limit. */
struct nta_share
{
    struct nta_budget *budget; ///< Borrowed; NULL: no limit.
    uint64_t granted, used;
};

/** `limit` in all for `n_shares`, an eighth of which is parted evenly beforehand. */
void nta_budget_init(struct nta_budget *budget, uint64_t limit, uint64_t n_shares, uint64_t chunk);

/** A share of a budget (NULL: of none), in place. */
void nta_share_init(struct nta_share *share, struct nta_budget *budget);

/** Get more from the budget.  The slow half of nta_share_take(). */
bool nta_share_ask(struct nta_share *share, uint64_t n);
/** Give back what is too much.  The slow half of nta_share_give(). */
void nta_share_return(struct nta_share *share);

/** Use `n` more.  False: the limit is reached, and nothing changed. */
static inline bool nta_share_take(struct nta_share *share, uint64_t n)
{
    if (share->used + n > share->granted && share->budget && !nta_share_ask(share, n))
        return false;
    share->used += n;
    return true;
}

/** Of what was taken, `n` is not used any more. */
static inline void nta_share_give(struct nta_share *share, uint64_t n)
{
    share->used -= n;
    if (share->budget && share->granted - share->used > 2 * share->budget->chunk)
        nta_share_return(share);
}
