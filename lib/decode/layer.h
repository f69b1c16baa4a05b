/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside decode: the cursor that walks a packet, and the layers it walks through.
 *
 * A layer is a function: it takes its header from the cursor and names the layer behind it.  A new
 * one is a row of NTA_LAYERS (decode/layers.h) and its function.  What a layer finds out goes
 * straight into the packet, so that when a deeper one fails, the packet still says what the layers
 * before it understood.
 *
 * Two ends are kept apart: `r.end`, behind the last captured byte that belongs to the layer, and
 * `wire_end`, where the headers say that it ended on the wire.  A header that is not all there is
 * SHORT if the capture cut it, and BAD if its own packet ends before.
 */

#include "base/bytes.h"
#include "decode/at.h"
#include "decode/context.h"
#include "decode/layers.h"

enum nta_layer
{
    LAYER_UNKNOWN, ///< In tables: no row.  Never returned by a layer.
    LAYER_END,     ///< Nothing more to look at.
#define LAYER_ENUM(symbol, name) LAYER_##symbol,
    NTA_LAYERS(LAYER_ENUM)
#undef LAYER_ENUM
    N_LAYERS
};

/** Why the walk ended. */
enum nta_layer_outcome
{
    OUTCOME_FINE,    ///< At the last layer, or at one that is known and carries nothing for us.
    OUTCOME_BAD,     ///< A header contradicts itself.
    OUTCOME_SHORT,   ///< A header goes on behind the captured bytes.
    OUTCOME_UNKNOWN, ///< A number we have no row for.
    OUTCOME_DEPTH,   ///< Too many layers.
    OUTCOME_OTHER,   ///< A UDP tunnel was tried by its port, and it is not one.
};

/** Memory of one walk, not cleared before: what is in it, the cursor says. */
struct nta_cursor_buf
{
    struct nta_packet outer; ///< The packet without the tunnel that is guessed.
    /* of the frame inside a tunnel, until a packet shows in it */
    uint8_t src_mac[6], dst_mac[6];
    uint16_t vlan[NTA_PACKET_VLANS];
};

struct nta_cursor
{
    const struct nta_decode *decode;
    struct nta_packet *packet;
    struct nta_reader r; ///< Offsets count from the packet's first byte.
    /** Where this layer ends on the wire, same count; never before the reader's end. */
    uint64_t wire_end;
    uint8_t outcome;      ///< enum nta_layer_outcome.
    uint8_t n_ip;         ///< IP headers seen.
    bool guessed;         ///< A UDP tunnel is open; `buf->outer` is the packet without it.
    bool any_port;        ///< Such a tunnel was known by its bytes alone.
    uint8_t tunnel;       ///< enum nta_tunnel, where the protocol number does not tell it.
    uint8_t n_vlan;       ///< Tags in `buf`.
    uint8_t network_kind; ///< As a packet's, of what comes inside the tunnel at work.
    uint32_t network;
    bool has_macs;              ///< MAC addresses are in `buf`.
    bool padded;                ///< 802.11: the header is padded to 4 bytes (radiotap says).
    bool is_swapped;            ///< 802.11: the bytes of its frame control are (CAPWAP).
    bool is_wrong;              ///< A wrong checksum was counted.
    struct nta_cursor_buf *buf; ///< Borrowed.
};

typedef enum nta_layer nta_layer_fn(struct nta_cursor *c);

#define LAYER_DECLARE(symbol, name) nta_layer_fn nta_layer_##name;
NTA_LAYERS(LAYER_DECLARE)
#undef LAYER_DECLARE

/** EtherTypes that more than one file needs (IEEE registry). */
enum
{
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_TEB = 0x6558, ///< Transparent Ethernet bridging (RFC 1701).
    ETHERTYPE_IPV6 = 0x86dd,
};

/**
 * The row (from 1) of a link type in our table, which a packet remembers; 0: not known.  And its
 * layer.
 */
uint8_t nta_link_find(uint32_t link_type);
/** The layer of such a row; LAYER_UNKNOWN for 0. */
enum nta_layer nta_layer_of_row(uint8_t link);

/** The layer of a libpcap link type (DLT_…), or LAYER_UNKNOWN. */
enum nta_layer nta_layer_of_link(uint32_t link_type);

/** The layer behind an EtherType; takes VLAN and VN tags on the way. */
enum nta_layer nta_layer_of_ethertype(struct nta_cursor *c, uint16_t type);

/** The layer behind an IP header's protocol number; sets ip_proto and the payload. */
enum nta_layer nta_layer_of_proto(struct nta_cursor *c, uint8_t proto);

/** SNAP: 3 bytes organisation, 2 bytes protocol (IEEE 802). */
enum nta_layer nta_layer_snap(struct nta_cursor *c);

/** The tunnel that belongs to a UDP port, or LAYER_END. */
enum nta_layer nta_layer_of_ports(uint16_t src_port, uint16_t dst_port);

/** The tunnel that a UDP payload is whatever its ports, or LAYER_END. */
enum nta_layer nta_layer_of_payload(const struct nta_cursor *c);

/** True if an IP header of either version could start here. */
bool nta_layer_looks_ip(const struct nta_cursor *c);
/** True if an Ethernet header with a type we know could start `skip` bytes from here. */
bool nta_layer_looks_ethernet(const struct nta_cursor *c, size_t skip);

/** A checksum is wrong; a packet counts once, however many headers it has. */
static inline void nta_layer_checksum_wrong(struct nta_cursor *c)
{
    if (!c->is_wrong)
        nta_count(c->decode->counters, NTA_COUNTER_DECODE_CHECKSUM, 1);
    c->is_wrong = true;
}

/** End the walk. */
static inline enum nta_layer nta_layer_stop(struct nta_cursor *c, enum nta_layer_outcome outcome)
{
    c->outcome = (uint8_t)outcome;
    return LAYER_END;
}

/** End the walk at a header that the reader does not hold whole. */
static inline enum nta_layer nta_layer_dry(struct nta_cursor *c)
{
    bool cut = c->wire_end > (uint64_t)(c->r.end - c->r.base);

    return nta_layer_stop(c, cut ? OUTCOME_SHORT : OUTCOME_BAD);
}

/** Of a walk that ended between the IP header and the payload: the packet belongs to no flow. */
static inline enum nta_layer nta_layer_fail(struct nta_cursor *c, enum nta_layer end)
{
    c->packet->kind = NTA_PACKET_OTHER;
    return end;
}

/** End the walk at a number without a row, counted by that number. */
enum nta_layer nta_layer_unknown(struct nta_cursor *c, enum nta_unknown_kind kind, uint32_t number);

/** Bytes from here to the layer's end on the wire. */
static inline uint64_t nta_layer_wire_left(const struct nta_cursor *c)
{
    size_t offset = nta_reader_offset(&c->r);

    return c->wire_end > offset ? c->wire_end - offset : 0;
}

/** The layer ends at `wire_end`, its header says; what is captured behind is padding. */
static inline void nta_layer_narrow(struct nta_cursor *c, uint64_t wire_end)
{
    c->wire_end = wire_end;
    if (wire_end < (uint64_t)(c->r.end - c->r.base))
        c->r.end = c->r.base + wire_end;
    if (c->r.pos > c->r.end)
        c->r.pos = c->r.end;
}

/** As nta_layer_narrow(), for lengths that can only cut, never extend (link layers, tunnels). */
static inline void nta_layer_cut(struct nta_cursor *c, uint64_t wire_end)
{
    if (wire_end < c->wire_end)
        nta_layer_narrow(c, wire_end);
}

/** The payload begins here and goes to the layer's ends. */
void nta_layer_payload(struct nta_cursor *c);

/**
 * A second IP header, of version `version`, begins at `inner_off`: what was found up to here is a
 * tunnel's outer connection.
 */
void nta_layer_outer_packet(struct nta_cursor *c, size_t inner_off, uint8_t version);

/** Further frames begin at `off`, as far as this layer goes. */
void nta_layer_rest(struct nta_cursor *c, size_t off);

/** Keep the VLAN of a tag (its low 12 bits); 0 only carries a priority and is none. */
void nta_layer_vlan(struct nta_cursor *c, uint16_t tag);
/** A tunnel's header says this id of what it carries. */
void nta_layer_network(struct nta_cursor *c, enum nta_packet_network kind, uint32_t id);
/**
 * Keep the addresses of the innermost Ethernet (or 802.11) header in front of the first IP header,
 * which are those of stations, not of bridges that carry their frames; and of the first one inside
 * each tunnel.
 */
void nta_layer_macs(struct nta_cursor *c, const uint8_t *src, const uint8_t *dst);
