/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/hits.h"

int nta_hits_init(struct nta_hits *hits, size_t n)
{
    *hits = (struct nta_hits){0};
    return nta_pool_init(&hits->pool, sizeof(struct nta_held_hit), n);
}

void nta_hits_done(struct nta_hits *hits)
{
    nta_pool_done(&hits->pool);
}

static struct nta_held_hit *held_of(const struct nta_conn *conn)
{
    static_assert(offsetof(struct nta_held_hit, hit) == 0, "one is the other");

    return (struct nta_held_hit *)conn->hit;
}

static void enqueue(struct nta_hits *hits, struct nta_held_hit *held)
{
    held->older = hits->newest;
    held->newer = NULL;
    if (hits->newest)
        hits->newest->newer = held;
    else
        hits->oldest = held;
    hits->newest = held;
}

bool nta_hits_set(struct nta_hits *hits, struct nta_flow *flow, const struct nta_conn_hit *hit,
                  int64_t wall_ns)
{
    struct nta_conn *conn = flow->conn;

    if (!conn->hit) {
        struct nta_held_hit *held = nta_pool_take(&hits->pool);

        if (!held)
            return false;
        held->flow = NULL;
        conn->hit = &held->hit;
    }
    nta_hits_settle(hits, conn);
    struct nta_held_hit *held = held_of(conn);

    held->hit = *hit;
    held->hit.wall_ns = wall_ns;
    held->flow = flow;
    if (__builtin_add_overflow(wall_ns, NTA_HITS_WAIT_NS, &held->due_wall_ns))
        held->due_wall_ns = INT64_MAX;
    enqueue(hits, held);
    return true;
}

void nta_hits_settle(struct nta_hits *hits, const struct nta_conn *conn)
{
    struct nta_held_hit *held = held_of(conn);

    if (!held || !held->flow)
        return;
    if (held->older)
        held->older->newer = held->newer;
    else
        hits->oldest = held->newer;
    if (held->newer)
        held->newer->older = held->older;
    else
        hits->newest = held->older;
    held->flow = NULL;
}

void nta_hits_drop(struct nta_hits *hits, struct nta_conn *conn)
{
    nta_hits_settle(hits, conn);
    nta_pool_give(&hits->pool, held_of(conn));
    conn->hit = NULL;
}
