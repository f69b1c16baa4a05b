/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/states.h"

enum
{
    PASSED_MAX = 64, ///< Holders that were in use: of more the first is taken all the same.
};

int nta_states_init(struct nta_states *states, size_t size, size_t zeroed, size_t n_max,
                    struct nta_share *share)
{
    *states = (struct nta_states){.share = share, .zeroed = zeroed ? zeroed : size};
    return nta_pool_init(&states->pool, size, n_max);
}

void nta_states_done(struct nta_states *states)
{
    nta_pool_done(&states->pool);
}

static void append(struct nta_states *states, struct nta_holder *holder)
{
    holder->older = states->newest;
    holder->newer = NULL;
    if (states->newest)
        states->newest->newer = holder;
    else
        states->oldest = holder;
    states->newest = holder;
}

static void take_out(struct nta_states *states, struct nta_holder *holder)
{
    if (holder->older)
        holder->older->newer = holder->newer;
    else
        states->oldest = holder->newer;
    if (holder->newer)
        holder->newer->older = holder->older;
    else
        states->newest = holder->older;
}

void *nta_states_take(struct nta_states *states, struct nta_holder *holder, struct nta_flow *flow)
{
    const size_t size = states->pool.object_size;

    if (states->share && !nta_share_take(states->share, size))
        return NULL;
    void *object = nta_pool_take_part(&states->pool, states->zeroed);

    if (!object) {
        if (states->share)
            nta_share_give(states->share, size);
        return NULL;
    }
    *holder = (struct nta_holder){.flow = flow};
    append(states, holder);
    return object;
}

void nta_states_give(struct nta_states *states, struct nta_holder *holder, void *object)
{
    if (!object)
        return;
    take_out(states, holder);
    *holder = (struct nta_holder){0};
    nta_pool_give(&states->pool, object);
    if (states->share)
        nta_share_give(states->share, states->pool.object_size);
}

size_t nta_states_used(const struct nta_states *states)
{
    return states->pool.n_used * states->pool.object_size;
}

struct nta_flow *nta_states_oldest(struct nta_states *states)
{
    for (unsigned n = 0; n < PASSED_MAX && states->oldest && states->oldest->used; n++) {
        struct nta_holder *holder = states->oldest;

        holder->used = false;
        take_out(states, holder);
        append(states, holder);
    }
    return states->oldest ? states->oldest->flow : NULL;
}
