/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the flow module: which flow a packet belongs to. */

#include "flow/entry.h"

/** Is it a tunnel's outer packet over UDP?  Which datagrams are such ones their sender chooses. */
static inline bool nta_flow_is_carrier(const struct nta_packet *packet)
{
    return packet->kind == NTA_PACKET_OUTER && packet->ip_proto == 17;
}

/** Has the packet the flow's addresses and ports, in whatever network?  And from which side. */
bool nta_flow_is_of(const struct nta_flow *flow, const struct nta_packet *packet,
                    enum nta_dir *ret_dir);

/**
 * The flow of this packet with the sender's direction, or NULL: by its key, and where several have
 * that, or it comes another way, by what network.h says.
 */
struct nta_flow_entry *nta_flow_find(const struct nta_flows *flows, const struct nta_packet *packet,
                                     enum nta_dir *ret_dir);
