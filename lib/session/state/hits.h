/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What lists say of connections, one hit each, and those of them that nobody was told yet, in the
 * order in which they were found: they wait for better evidence, but not for ever.
 */

#include "base/memory/pool.h"
#include "base/runtime/clock.h"
#include "flow/owner.h"
#include "session/state/conn.h"

/** How long a hit waits for a name that says more, or excuses it: handshakes need less. */
#define NTA_HITS_WAIT_NS (2 * NTA_NS_PER_S)
/** A clock that is behind a hit by so much was set back. */
#define NTA_HITS_AHEAD_NS (10 * NTA_NS_PER_S)

/** A hit in the pool; `hit` is what nta_conn.hit points to. */
struct nta_held_hit
{
    struct nta_conn_hit hit;
    struct nta_flow *flow; ///< Whose it is, while it waits; else NULL.
    struct nta_held_hit *older, *newer;
    int64_t due_wall_ns;
};

struct nta_hits
{
    struct nta_pool pool;
    struct nta_held_hit *oldest, *newest; ///< Of those that wait.
};

/** As many as there are connections.  0 or negative errno. */
int nta_hits_init(struct nta_hits *hits, size_t n);
/** Frees the memory; takes one of zeros, too. */
void nta_hits_done(struct nta_hits *hits);

/** The connection of `flow` has this hit from now on, and it waits.  False: no memory. */
bool nta_hits_set(struct nta_hits *hits, struct nta_flow *flow, const struct nta_conn_hit *hit,
                  int64_t wall_ns);

/** It waits no longer. */
void nta_hits_settle(struct nta_hits *hits, const struct nta_conn *conn);

/** The connection has none any more; nothing if it had none. */
void nta_hits_drop(struct nta_hits *hits, struct nta_conn *conn);

/**
 * The flow whose hit has waited long enough, the oldest first; NULL: none has.  One of a time that
 * is far ahead keeps no others waiting.
 */
static inline struct nta_flow *nta_hits_due(const struct nta_hits *hits, int64_t wall_ns)
{
    const struct nta_held_hit *oldest = hits->oldest;

    if (!oldest || (oldest->due_wall_ns > wall_ns &&
                    oldest->hit.wall_ns / 2 - wall_ns / 2 < NTA_HITS_AHEAD_NS / 2))
        return NULL;
    return oldest->flow;
}
