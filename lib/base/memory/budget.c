/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/budget.h"

enum
{
    OWN_PART = 8, ///< This part of the limit is parted evenly.
};

void nta_budget_init(struct nta_budget *budget, uint64_t limit, uint64_t n_shares, uint64_t chunk)
{
    uint64_t own = n_shares == 1 ? limit : limit / OWN_PART / n_shares;

    own = own ? own : 1; /* who has nothing could not even make space */
    atomic_init(&budget->left, limit > own * n_shares ? limit - own * n_shares : 0);
    budget->own = own;
    budget->chunk = chunk ? chunk : 1;
}

void nta_share_init(struct nta_share *share, struct nta_budget *budget)
{
    *share = (struct nta_share){.budget = budget, .granted = budget ? budget->own : 0};
}

/* Only counted: no other memory is published by it. */
bool nta_share_ask(struct nta_share *share, uint64_t n)
{
    struct nta_budget *budget = share->budget;
    const uint64_t need = share->used + n - share->granted;
    uint64_t left = atomic_load_explicit(&budget->left, memory_order_relaxed), got;

    do {
        if (left < need)
            return false;
        got = need > budget->chunk ? need : budget->chunk;
        if (got > left)
            got = left;
    } while (!atomic_compare_exchange_weak_explicit(&budget->left, &left, left - got,
                                                    memory_order_relaxed, memory_order_relaxed));
    share->granted += got;
    return true;
}

void nta_share_return(struct nta_share *share)
{
    struct nta_budget *budget = share->budget;
    const uint64_t kept = share->used + budget->chunk;
    const uint64_t floor = kept > budget->own ? kept : budget->own;

    if (share->granted <= floor)
        return;
    atomic_fetch_add_explicit(&budget->left, share->granted - floor, memory_order_relaxed);
    share->granted = floor;
}
