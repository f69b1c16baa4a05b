/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/tunnel/ends.h"

#include "base/runtime/clock.h"

#define KNOWN_NS (600 * NTA_NS_PER_S)

static bool is_open_to_all(uint8_t tunnel)
{
    switch ((enum nta_tunnel)tunnel) {
    case NTA_TUNNEL_VXLAN:
    case NTA_TUNNEL_GENEVE:
    case NTA_TUNNEL_GRE:
    case NTA_TUNNEL_ERSPAN:
    case NTA_TUNNEL_TZSP:
    case NTA_TUNNEL_ETHERIP:
    case NTA_TUNNEL_IPIP:
    case NTA_TUNNEL_GUE:
    case NTA_TUNNEL_FOU: return true;
    case NTA_TUNNEL_NONE:
    case NTA_TUNNEL_GTP:
    case NTA_TUNNEL_PPTP:
    case NTA_TUNNEL_TEREDO:
    case NTA_TUNNEL_AYIYA:
    case NTA_TUNNEL_L2TP:
    case NTA_TUNNEL_MPLS:
    case NTA_TUNNEL_SIX_IN_4:
    case NTA_TUNNEL_FOUR_IN_6:
    case NTA_TUNNEL_SIX_IN_6:
    case NTA_TUNNEL_CAPWAP:
    case NTA_TUNNEL_LISP:
    case NTA_TUNNEL_LWAPP:
    case NTA_N_TUNNELS: break;
    }
    return false;
}

bool nta_tunnel_ends_is_outsiders(struct nta_tunnel_ends *ends, const struct nta_owner *whose,
                                  const struct nta_packet *outer)
{
    if (!whose || !is_open_to_all(outer->tunnel))
        return false;
    const bool is_from_home = nta_owner_is_home(whose, &outer->src);

    if (is_from_home == nta_owner_is_home(whose, &outer->dst))
        return false;
    const struct nta_addr pair[2] = {is_from_home ? outer->src : outer->dst,
                                     is_from_home ? outer->dst : outer->src};
    const uint64_t hash = nta_hash_bytes(&whose->key, pair, sizeof(pair)) | 1;
    const size_t place = hash >> 32 & (NTA_TUNNEL_ENDS - 1);
    const bool is_known = ends->asked[place].pair == hash &&
                          outer->order_ns - ends->asked[place].order_ns <= KNOWN_NS;

    if (is_from_home) {
        ends->asked[place].pair = hash;
        ends->asked[place].order_ns = outer->order_ns;
    }
    return !is_from_home && !is_known;
}
