/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets made from few words and sent into the table of a flow test's kit. */

#include "flow_kit.h"

static inline struct nta_addr kit_addr(uint32_t number)
{
    uint8_t four[4] = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};

    return nta_addr_v4(four);
}

/** Symmetric and not keyed: a test wants the same flows each time. */
static inline uint64_t kit_hash(const struct nta_packet *packet)
{
    uint64_t sides[2] = {packet->src_port, packet->dst_port};

    for (size_t i = 0; i < 16; i++) {
        sides[0] = sides[0] * 1099511628211U + packet->src.bytes[i];
        sides[1] = sides[1] * 1099511628211U + packet->dst.bytes[i];
    }
    uint64_t hash = (sides[0] + sides[1]) * UINT64_C(0x9e3779b97f4a7c15);

    return (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9) ^ packet->ip_proto;
}

/** From 10.x.x.x of number `from` to that of number `to`. */
static inline struct nta_packet kit_packet(enum nta_packet_kind kind, uint32_t from, uint32_t to,
                                           uint16_t src_port, uint16_t dst_port)
{
    struct nta_packet packet = {
        .src = kit_addr(from),
        .dst = kit_addr(to),
        .src_port = src_port,
        .dst_port = dst_port,
        .kind = (unsigned)kind & NTA_PACKET_KIND_BITS,
        .ip_proto = kind == NTA_PACKET_TCP   ? 6
                    : kind == NTA_PACKET_UDP ? 17
                                             : 47,
    };

    packet.flow_hash = kit_hash(&packet);
    return packet;
}

static inline void kit_send(struct nta_kit *kit, struct nta_packet packet, const char *text)
{
    const bool is_late = (packet.flags & NTA_PACKET_FRAG_END) && (packet.flags & NTA_PACKET_CUT);
    struct nta_order *order = &kit->orders[packet.source];

    packet.wall_ns = kit->wall_ns;
    packet.order_ns = is_late ? order->order_ns : nta_order_step(order, packet.wall_ns);
    packet.payload_len = (uint32_t)strlen(text);
    if (packet.payload_wire_len < packet.payload_len)
        packet.payload_wire_len = packet.payload_len;
    nta_flows_prefetch(kit->flows, &packet);
    nta_flows_pass(kit->flows, &packet);
    nta_flows_packet(kit->flows, &packet, (const uint8_t *)text);
}

/** A segment of the connection 1:40000 -> 2:80, from the client or from the server. */
static inline void kit_tcp(struct nta_kit *kit, enum nta_dir dir, uint8_t flags, uint32_t seq,
                           uint32_t ack, const char *text)
{
    struct nta_packet packet = dir == NTA_DIR_UP ? kit_packet(NTA_PACKET_TCP, 1, 2, 40000, 80)
                                                 : kit_packet(NTA_PACKET_TCP, 2, 1, 80, 40000);

    packet.tcp_flags = flags;
    packet.tcp_seq = seq;
    packet.tcp_ack = ack;
    kit_send(kit, packet, text);
}

#define UP      NTA_DIR_UP
#define DOWN    NTA_DIR_DOWN
#define SYN     NTA_TCP_SYN
#define ACK     NTA_TCP_ACK
#define FIN     NTA_TCP_FIN
#define RST     NTA_TCP_RST
#define SYN_ACK (NTA_TCP_SYN | NTA_TCP_ACK)
#define FIN_ACK (NTA_TCP_FIN | NTA_TCP_ACK)

/** Client's first number is 1000 behind the SYN, the server's 5000. */
static inline void kit_handshake(struct nta_kit *kit)
{
    kit_tcp(kit, UP, SYN, 999, 0, "");
    kit_tcp(kit, DOWN, SYN_ACK, 4999, 1000, "");
    kit_tcp(kit, UP, ACK, 1000, 5000, "");
}

static inline uint64_t kit_counted(const struct nta_kit *kit, enum nta_counter which)
{
    return nta_counted(&kit->counters, which);
}
