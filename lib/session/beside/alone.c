/* SPDX-License-Identifier: Apache-2.0 */
#include "session/beside/alone.h"

#include <string.h>

struct nta_flow nta_alone_flow(const struct nta_packet *packet, bool from_client)
{
    struct nta_flow flow = {
        .client = from_client ? packet->src : packet->dst,
        .server = from_client ? packet->dst : packet->src,
        .client_port = from_client ? packet->src_port : packet->dst_port,
        .server_port = from_client ? packet->dst_port : packet->src_port,
        .network = packet->network,
        .network_kind = packet->network_kind,
        .ip_proto = packet->ip_proto,
        .any_port = packet->any_port,
        .first_wall_ns = packet->wall_ns,
        .last_wall_ns = packet->wall_ns,
        .has_macs = (packet->flags & NTA_PACKET_MACS) != 0,
    };

    memcpy(flow.client_mac, from_client ? packet->src_mac : packet->dst_mac,
           sizeof(packet->src_mac));
    memcpy(flow.server_mac, from_client ? packet->dst_mac : packet->src_mac,
           sizeof(packet->dst_mac));
    for (size_t dir = 0; dir < 2; dir++) /* who sent it is all the same */
        memcpy(flow.sides[dir].vlan, packet->vlan, sizeof(packet->vlan));
    return flow;
}
