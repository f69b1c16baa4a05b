/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/announced.h"

#include "base/own.h"
#include "base/runtime/clock.h"

#include <stdlib.h>

#define HOLDS_NS (900 * NTA_NS_PER_S)

static bool is_of(const struct nta_announced_place *place, const struct nta_announced_peer *peer)
{
    return place->peer.port != 0 && place->peer.network == peer->network &&
           nta_addr_equal(&place->peer.addr, &peer->addr);
}

static bool is_lately(const struct nta_announced_place *place, int64_t wall_ns)
{
    int64_t ns;

    return !__builtin_sub_overflow(wall_ns, place->wall_ns, &ns) && llabs(ns) < HOLDS_NS;
}

static struct nta_announced_place *older(struct nta_announced_place *a,
                                         struct nta_announced_place *b)
{
    if (!a || b->peer.port == 0)
        return b;
    return a->peer.port == 0 || a->wall_ns <= b->wall_ns ? a : b;
}

void nta_announced_note(struct nta_announced *announced, const struct nta_announced_peer *peer,
                        int64_t wall_ns)
{
    struct nta_announced_place *oldest = NULL, *own = NULL;
    size_t n_own = 0;

    if (peer->port == 0)
        return;
    for (size_t i = 0; i < NTA_ANNOUNCED_MAX; i++) {
        struct nta_announced_place *place = &announced->places[i];

        oldest = older(oldest, place);
        if (!is_of(place, peer))
            continue;
        if (place->peer.port == peer->port) {
            place->wall_ns = wall_ns;
            return;
        }
        own = older(own, place);
        n_own++;
    }
    *(n_own < NTA_ANNOUNCED_PORTS ? oldest : own) =
        (struct nta_announced_place){.peer = *peer, .wall_ns = wall_ns};
}

bool nta_announced_has(const struct nta_announced *announced, const struct nta_announced_peer *peer,
                       int64_t wall_ns)
{
    for (size_t i = 0; i < NTA_ANNOUNCED_MAX; i++) {
        const struct nta_announced_place *place = &announced->places[i];

        if (is_of(place, peer) && place->peer.port == peer->port && is_lately(place, wall_ns))
            return true;
    }
    return false;
}
