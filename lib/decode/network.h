/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the headers of tunnels say of the network that their content is of. */

#include <stdbool.h>

/**
 * What the id is that a tunnel's header says of its content.  The first two name a network, and are
 * the same both ways; the others are chosen by the receiving end, or by a mirror, so that those of
 * the two directions differ, and change while a connection lives.
 */
enum nta_packet_network
{
    NTA_PACKET_NETWORK_NONE,
    NTA_PACKET_NETWORK_VNI,    ///< VXLAN (RFC 7348), Geneve (RFC 8926).
    NTA_PACKET_NETWORK_VSID,   ///< NVGRE (RFC 7637).
    NTA_PACKET_NETWORK_TEID,   ///< GTP-U.
    NTA_PACKET_NETWORK_GRE,    ///< Key (RFC 2890), or PPTP's call.
    NTA_PACKET_NETWORK_ERSPAN, ///< A mirror's session.
    NTA_PACKET_NETWORK_MPLS,   ///< Label at the bottom of the stack.
    NTA_PACKET_NETWORK_L2TP,   ///< Tunnel and session.
    NTA_N_PACKET_NETWORKS
};

/** Is it an id that names the network itself, whichever way its packets go? */
static inline bool nta_packet_names_network(unsigned network_kind)
{
    return network_kind == NTA_PACKET_NETWORK_VNI || network_kind == NTA_PACKET_NETWORK_VSID;
}
