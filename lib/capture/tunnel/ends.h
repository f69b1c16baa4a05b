/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tunnels whose other end is outside: who sends into one has written both sides of what is inside,
 * and needs no key for that.  So until the end at home has sent to that one, too, what comes out of
 * it is a claim (nta_packet.any_port), as with tunnels on any port.
 *
 * Overlays, mirrors and plain encapsulation; not what hosts tunnel to whoever answers (Teredo,
 * 6in4), nor what a provider's network carries (GTP).  One capture thread's, which has both
 * directions of a pair of addresses.  Bounds: a table of fixed size, a pair that shares its place
 * with a later one is asked for anew.
 */

#include "decode/owner.h"

enum
{
    NTA_TUNNEL_ENDS = 256
};

struct nta_tunnel_ends
{
    struct
    {
        uint64_t pair; ///< A hash of both addresses; 0: none.
        int64_t order_ns;
    } asked[NTA_TUNNEL_ENDS];
};

/** Is this outer connection an outsider's, whom nobody at home has sent to within ten minutes? */
bool nta_tunnel_ends_is_outsiders(struct nta_tunnel_ends *ends, const struct nta_owner *whose,
                                  const struct nta_packet *outer);
