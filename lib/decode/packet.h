/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One packet, decoded once: what the capture thread finds out about the bytes, written beside them,
 * so that no later stage looks at a header again (but for IP fragments, which a worker puts
 * together and decodes a second time).
 *
 * The addresses, ports and protocol are the innermost ones after tunnels were opened.  MAC
 * addresses and VLAN tags are those of the innermost frame that has any: in a mirrored frame they
 * are the station's, not the mirror's.  Lengths come in two kinds: captured (bytes we hold) and
 * wire (what the headers claim).  Two cache lines; written in order by the capture thread, read in
 * order by the worker.
 */

#include "base/addr.h"
#include "decode/network.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

/** Bits that either of the two kinds of a packet takes. */
enum
{
    NTA_PACKET_KIND_BITS = 0x07,
    NTA_PACKET_NETWORK_BITS = 0x07
};

enum nta_packet_kind
{
    NTA_PACKET_OTHER, ///< Nothing below can be used but times and lengths; counted by reason.
    NTA_PACKET_TCP,
    NTA_PACKET_UDP,
    /* those with ports stand together */
    /**
     * Outer connection of a tunnel: addresses, ports (or 0) and `tunnel`; see nta_outer_packets.
     */
    NTA_PACKET_OUTER,
    /** Another IP protocol: addresses and ip_proto are valid; SCTP: ports and payload, too. */
    NTA_PACKET_IP,
    NTA_PACKET_FRAGMENT, ///< Part of a datagram: addresses valid, ports not; IP header at l3_off.
};

/**
 * Tunnels by what their outer connection carries, one row each.  A packet that another one carries
 * is decoded as if it had come alone; the outer connection is given beside it, as a packet of its
 * own (struct nta_outer_packets).
 */
#define NTA_TUNNELS(ROW)                                                                           \
    ROW(VXLAN)  /* with VXLAN-GPE */                                                               \
    ROW(GENEVE) /* */                                                                              \
    ROW(GTP)    /* GTP-U */                                                                        \
    ROW(GRE)    /* over IP or UDP */                                                               \
    ROW(ERSPAN) /* any type, in GRE */                                                             \
    ROW(PPTP)   /* GRE version 1 */                                                                \
    ROW(TEREDO)                                                                                    \
    ROW(AYIYA)                                                                                     \
    ROW(L2TP)                                                                                      \
    ROW(TZSP)                                                                                      \
    ROW(MPLS)    /* over IP or UDP */                                                              \
    ROW(ETHERIP) /* EtherIP, and Ethernet as RFC 8986 has it */                                    \
    ROW(IPIP)    /* IPv4 in IPv4 */                                                                \
    ROW(SIX_IN_4) ROW(FOUR_IN_6) ROW(SIX_IN_6) ROW(CAPWAP) ROW(LISP) ROW(GUE) ROW(FOU) ROW(LWAPP)

enum nta_tunnel
{
    NTA_TUNNEL_NONE,
#define NTA_TUNNEL_ENUM(symbol) NTA_TUNNEL_##symbol,
    NTA_TUNNELS(NTA_TUNNEL_ENUM)
#undef NTA_TUNNEL_ENUM
    NTA_N_TUNNELS
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
    NTA_PACKET_MACS = 1U << 2,     ///< src_mac and dst_mac are valid.
    NTA_PACKET_REST = 1U << 4,     ///< Of a frame that held several: not the first of it.
    NTA_PACKET_FRAG_END = 1U << 3, ///< Put together from fragments; CUT: from the first ones.
    /** A copy for who does not own the packet: it says something that this one should know. */
    NTA_PACKET_HEARSAY = 1U << 5,
    /**
     * What stations of a link say to each other about addresses: ARP (of kind OTHER, without
     * addresses and protocol, but with a payload), neighbour discovery, DHCP of both kinds.
     */
    NTA_PACKET_LINK = 1U << 6,
    NTA_PACKET_MADE_UP = 1U << 7, ///< By the sensor itself (capture/canary.h).
};

struct nta_packet
{
    /* given to the decoder, see nta_decode_packet() */
    int64_t wall_ns; ///< Capture time.
    /** Its order in time (decode/order.h): never before an earlier packet of its source. */
    int64_t order_ns;
    uint32_t cap_len, wire_len; ///< Whole packet.
    uint32_t data_off;          ///< First byte in the block's area (see ring/block.h).
    uint8_t source;             ///< Which interface or file opener it came from.

    /* found by it */
    uint8_t flags;            ///< NTA_PACKET_… bits; the first of these.
    uint8_t kind : 3;         ///< enum nta_packet_kind.
    uint8_t any_port : 1;     ///< Out of a tunnel of anybody's choice: made up, perhaps.
    uint8_t network_kind : 3; ///< enum nta_packet_network: what `network` is.
    uint8_t n_vlan : 2;
    uint8_t link : 6;                ///< Link type: see nta_decode_link_type(); 0: not known.
    uint64_t flow_hash;              ///< Keyed, symmetric: addresses, ports, protocol.
    struct nta_addr src, dst;        ///< Innermost IP addresses.
    uint32_t payload_off;            ///< Behind the transport header, from the packet's first byte.
    uint32_t payload_len;            ///< Captured bytes of payload (link-layer padding cut off).
    uint32_t payload_wire_len;       ///< As IP (or UDP) says, within the frame; >= payload_len.
    uint32_t tcp_seq, tcp_ack;       ///< TCP only.
    uint16_t src_port, dst_port;     ///< TCP, UDP and SCTP only.
    uint16_t l3_off;                 ///< Innermost IP header, from the packet's first byte.
    uint16_t vlan[NTA_PACKET_VLANS]; ///< Outermost first; VLAN ids.
    uint8_t ip_proto;                ///< Innermost, after IPv6 extension headers.

    union
    {
        uint8_t tcp_flags; ///< TCP: the flag byte.
        uint8_t tunnel;    ///< Outer packets: enum nta_tunnel.  Others: 0.
    };

    uint8_t src_mac[6], dst_mac[6];
    uint32_t network; ///< Of the innermost tunnel that says one.
};

enum
{
    NTA_OUTER_PACKETS_MAX = 4 ///< Nested tunnels of one packet whose outer connections are given.
};

/**
 * What one captured frame gives beside its packet.
 *
 * The outer connections of the tunnels it came through, the outermost first: entries as of a
 * capture whose snap length ends before the packet inside, so that the headers up to there are
 * their bytes, and payload_wire_len is all that was carried.  And, of frames that the air carries
 * as one (IEEE 802.11, A-MSDU), where those behind the first begin.
 */
struct nta_outer_packets
{
    uint32_t n; ///< Outer connections; added to by the decoder, whoever takes them sets it to 0.
    uint32_t rest_off, rest_end; ///< Further frames, for nta_decode_next(); equal: there are none.
    uint32_t n_rest;             ///< Frames of it so far.
    struct nta_packet packets[NTA_OUTER_PACKETS_MAX];
};

enum
{
    NTA_TCP_FIN = 0x01,
    NTA_TCP_SYN = 0x02,
    NTA_TCP_RST = 0x04,
    NTA_TCP_PSH = 0x08,
    NTA_TCP_ACK = 0x10,
    NTA_TCP_URG = 0x20,
};

static_assert(sizeof(struct nta_packet) <= 128, "two cache lines");

enum
{
    NTA_PACKET_PROTO_ICMP = 1,
    NTA_PACKET_PROTO_ESP = 50,
    NTA_PACKET_PROTO_ICMP6 = 58,
    NTA_PACKET_PROTO_SCTP = 132
};

/** Has it anything to tell a worker, beside that it came? */
static inline bool nta_packet_is_told(const struct nta_packet *packet)
{
    return packet->kind != NTA_PACKET_OTHER || (packet->flags & NTA_PACKET_LINK);
}

/** ICMP of either version of IP? */
static inline bool nta_packet_is_icmp(uint8_t ip_proto)
{
    return ip_proto == NTA_PACKET_PROTO_ICMP || ip_proto == NTA_PACKET_PROTO_ICMP6;
}

/** Do src_port and dst_port mean anything? */
static inline bool nta_packet_has_ports(const struct nta_packet *packet)
{
    return packet->kind == NTA_PACKET_TCP || packet->kind == NTA_PACKET_UDP ||
           packet->kind == NTA_PACKET_OUTER || packet->ip_proto == NTA_PACKET_PROTO_SCTP;
}

/**
 * The number that files have (LINKTYPE_…) for a packet's `link`, so that its bytes can be written
 * into one.  A datagram put together from fragments is raw IP.
 */
uint16_t nta_decode_link_type(uint8_t link);
