/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One packet, decoded once: what the capture thread finds out about the bytes, written beside them, so that no later
 * stage looks at a header again (but for IP fragments, which a worker puts together and decodes a second time).
 *
 * The addresses, ports and protocol are the innermost ones after tunnels were opened; the VLAN tags the outermost
 * ones.  Lengths come in two kinds: captured (bytes we hold) and wire (what the headers claim).
 * Two cache lines; written in order by the capture thread, read in order by the worker.
 */

#include "base/addr.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum nta_packet_kind
{
    NTA_PACKET_OTHER, ///< Nothing below can be used but times and lengths; counted by reason.
    NTA_PACKET_TCP,   ///<
    NTA_PACKET_UDP,   ///<
    NTA_PACKET_IP, ///< Another IP protocol: addresses and ip_proto are valid; SCTP: ports and payload, too.
    NTA_PACKET_FRAGMENT, ///< Part of a datagram: addresses valid, ports not; IP header at l3_off.
};

enum
{
    NTA_PACKET_VLANS = 2
};

/** Flags of a packet. */
enum
{
    NTA_PACKET_CUT = 1U << 0,      ///< Snap length shorter than the packet.
    NTA_PACKET_TUNNEL = 1U << 1,   ///< Addresses are those inside a tunnel.
    NTA_PACKET_MACS = 1U << 2,     ///< src_mac and dst_mac are valid (outermost Ethernet header).
    NTA_PACKET_FRAG_END = 1U << 3, ///< Put together from fragments; CUT: from the first ones.
};

struct nta_packet
{
    /* given to the decoder, see nta_decode_packet() */
    int64_t wall_ns;            ///< Capture time.
    uint32_t cap_len, wire_len; ///< Whole packet.
    uint32_t data_off;          ///< First byte in the block's area (see ring/block.h).
    uint8_t source;             ///< Which interface or file opener it came from.

    /* found by it */
    uint8_t flags;                   ///< NTA_PACKET_… bits; the first of these.
    uint8_t kind;                    ///< enum nta_packet_kind.
    uint8_t n_vlan : 2;              ///<
    uint8_t link : 6;                ///< Link type: see nta_decode_link_type(); 0: not known.
    uint64_t flow_hash;              ///< Keyed, symmetric: addresses, ports, protocol.
    struct nta_addr src, dst;        ///< Innermost IP addresses.
    uint32_t addr_hash;              ///< Keyed, symmetric: addresses only; picks the worker.
    uint32_t payload_off;            ///< Behind the transport header, from the packet's first byte.
    uint32_t payload_len;            ///< Captured bytes of payload (link-layer padding cut off).
    uint32_t payload_wire_len;       ///< As the IP (or UDP) length says; >= payload_len.
    uint32_t tcp_seq, tcp_ack;       ///< TCP only.
    uint16_t src_port, dst_port;     ///< TCP, UDP and SCTP only.
    uint16_t l3_off;                 ///< Innermost IP header, from the packet's first byte.
    uint16_t vlan[NTA_PACKET_VLANS]; ///< Outermost first; VLAN ids.
    uint8_t ip_proto;                ///< Innermost, after IPv6 extension headers.
    uint8_t tcp_flags;               ///< TCP only: the flag byte.
    uint8_t src_mac[6], dst_mac[6];
};

enum
{
    NTA_TCP_FIN = 0x01,
    NTA_TCP_SYN = 0x02,
    NTA_TCP_RST = 0x04,
    NTA_TCP_PSH = 0x08,
    NTA_TCP_ACK = 0x10,
};

static_assert(sizeof(struct nta_packet) <= 128, "two cache lines");

enum
{
    NTA_PACKET_PROTO_SCTP = 132
};

static inline bool nta_packet_has_ports(const struct nta_packet *packet)
{
    return packet->kind == NTA_PACKET_TCP || packet->kind == NTA_PACKET_UDP ||
           packet->ip_proto == NTA_PACKET_PROTO_SCTP;
}
