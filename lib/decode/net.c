/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200, 4302, 2675). */
#include "decode/checksum.h"
#include "decode/layer.h"

enum
{
    EXTENSIONS_MAX = 16, ///< Extension headers of one packet that are followed.

    PROTO_HOP_BY_HOP = 0,
    PROTO_ROUTING = 43,
    PROTO_FRAGMENT = 44,
    PROTO_AH = 51,
    PROTO_DESTINATION = 60,
};

/* A row for each protocol number that is known; LAYER_END: addresses are all we want of it. */
static const uint8_t proto_layers[256] = {
    [1] = LAYER_END,       /* ICMP */
    [2] = LAYER_END,       /* IGMP */
    [3] = LAYER_END,       /* GGP */
    [4] = LAYER_IPV4,      /* IP in IP (RFC 2003) */
    [6] = LAYER_TCP,       /* */
    [8] = LAYER_END,       /* EGP */
    [9] = LAYER_END,       /* IGRP */
    [17] = LAYER_UDP,      /* */
    [33] = LAYER_END,      /* DCCP */
    [41] = LAYER_IPV6,     /* 6in4 (RFC 4213) */
    [46] = LAYER_END,      /* RSVP */
    [47] = LAYER_GRE,      /* GRE */
    [50] = LAYER_END,      /* ESP */
    [51] = LAYER_AH,       /* authentication header */
    [54] = LAYER_END,      /* NARP, NHRP */
    [55] = LAYER_END,      /* minimal encapsulation */
    [58] = LAYER_ICMPV6,   /* */
    [59] = LAYER_END,      /* no next header */
    [88] = LAYER_END,      /* EIGRP */
    [89] = LAYER_END,      /* OSPF */
    [94] = LAYER_IPV4,     /* IP in IP, before RFC 2003 */
    [97] = LAYER_ETHERIP,  /* EtherIP (RFC 3378) */
    [103] = LAYER_END,     /* PIM */
    [108] = LAYER_END,     /* IPComp */
    [112] = LAYER_END,     /* VRRP */
    [113] = LAYER_END,     /* PGM */
    [115] = LAYER_L2TP_IP, /* L2TPv3 (RFC 3931) */
    [132] = LAYER_SCTP,    /* */
    [135] = LAYER_END,     /* mobility */
    [136] = LAYER_END,     /* UDP-Lite */
    [137] = LAYER_MPLS,    /* MPLS in IP (RFC 4023) */
    [139] = LAYER_END,     /* HIP */
    [140] = LAYER_END,     /* shim6 */
    [143] = LAYER_ETHERNET /* Ethernet (RFC 8986) */
};

static uint32_t clamp32(uint64_t value)
{
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

void nta_layer_payload(struct nta_cursor *c)
{
    struct nta_packet *packet = c->packet;
    const size_t offset = nta_reader_offset(&c->r);
    const uint64_t end = packet->wire_len > packet->cap_len ? packet->wire_len : packet->cap_len;
    const uint64_t claimed = nta_layer_wire_left(c), most = end > offset ? end - offset : 0;

    packet->payload_off = (uint32_t)offset;
    packet->payload_len = (uint32_t)nta_reader_left(&c->r);
    /* a header may claim more than the frame had on the wire; a fragment's place depends on it */
    packet->payload_wire_len =
        clamp32(claimed < most || packet->kind == NTA_PACKET_FRAGMENT ? claimed : most);
}

/** A guessed tunnel must hold a whole packet; a header that claims more proves the guess wrong. */
static bool is_wrong_guess(const struct nta_cursor *c, uint64_t wire_end)
{
    return c->guessed && wire_end > c->wire_end;
}

/** A second IP header makes the first one a tunnel, and a guess certain. */
static void note_ip(struct nta_cursor *c, size_t l3_off, uint8_t version)
{
    if (__builtin_expect(c->n_ip++ > 0, 0))
        nta_layer_outer_packet(c, l3_off, version);
    c->packet->kind = NTA_PACKET_IP;
    c->packet->l3_off = (uint16_t)l3_off;
    c->packet->src_port = 0;
    c->packet->dst_port = 0;
    c->guessed = false;
}

static enum nta_layer fragment(struct nta_cursor *c, uint8_t proto)
{
    c->packet->kind = NTA_PACKET_FRAGMENT;
    c->packet->ip_proto = proto;
    nta_layer_payload(c);
    return LAYER_END;
}

enum nta_layer nta_layer_of_proto(struct nta_cursor *c, uint8_t proto)
{
    enum nta_layer layer = proto_layers[proto];

    c->packet->ip_proto = proto;
    nta_layer_payload(c);
    if (__builtin_expect(layer != LAYER_UNKNOWN, 1))
        return layer;
    return nta_layer_unknown(c, NTA_UNKNOWN_IP_PROTO, proto);
}

/**
 * Extension headers from protocol number `next` on.  They are IPv6's, but authentication headers
 * are in IPv4 too.  Each is at least 8 bytes, so that a packet ends them; the bound keeps the work
 * of one packet small.
 */
static enum nta_layer extensions(struct nta_cursor *c, uint8_t next)
{
    for (int n = 0; n < EXTENSIONS_MAX; n++) {
        bool in_fours = next == PROTO_AH; /* its length counts words of 4, less 2 (RFC 4302) */
        const uint8_t *h = nta_reader_take(&c->r, 8);

        if (!h)
            return nta_layer_fail(c, nta_layer_dry(c));
        size_t len = in_fours ? ((size_t)h[1] + 2) * 4 : ((size_t)h[1] + 1) * 8;

        if (next == PROTO_FRAGMENT) {
            /* offset 0 and nothing to follow is a whole datagram (RFC 6946) */
            if (nta_at_be16(h + 2) & 0xfff9)
                return fragment(c, h[0]);
        } else if (len > 8 && !nta_reader_take(&c->r, len - 8)) {
            return nta_layer_fail(c, nta_layer_dry(c));
        }
        next = h[0];
        if (next != PROTO_HOP_BY_HOP && next != PROTO_ROUTING && next != PROTO_FRAGMENT &&
            next != PROTO_AH && next != PROTO_DESTINATION)
            return nta_layer_of_proto(c, next);
    }
    return nta_layer_fail(c, nta_layer_stop(c, OUTCOME_DEPTH));
}

enum nta_layer nta_layer_ah(struct nta_cursor *c)
{
    return extensions(c, PROTO_AH);
}

enum nta_layer nta_layer_ipv4(struct nta_cursor *c)
{
    size_t start = nta_reader_offset(&c->r);
    const uint8_t *h = nta_reader_take(&c->r, 20);

    if (!h)
        return nta_layer_dry(c);
    size_t header_len = (size_t)(h[0] & 0x0f) * 4;
    size_t total_len = nta_at_be16(h + 2);

    if (h[0] >> 4 != 4 || header_len < 20 || (total_len != 0 && total_len < header_len))
        return nta_layer_stop(c, OUTCOME_BAD);
    if (start > UINT16_MAX)
        return nta_layer_stop(c, OUTCOME_DEPTH);
    if (is_wrong_guess(c, start + total_len))
        return nta_layer_stop(c, OUTCOME_OTHER);
    /* 0 where the network card was to cut a large segment up: it goes to the end */
    if (total_len != 0)
        nta_layer_narrow(c, start + total_len);
    if (header_len > 20 && !nta_reader_take(&c->r, header_len - 20))
        return nta_layer_dry(c);
    if (__builtin_expect(!nta_checksum_holds(nta_checksum_add(0, h, header_len)), 0))
        nta_layer_checksum_wrong(c);
    note_ip(c, start, 4);
    c->packet->src = nta_addr_v4(h + 12);
    c->packet->dst = nta_addr_v4(h + 16);
    /* more to follow, or not at offset 0 */
    if (__builtin_expect(nta_at_be16(h + 6) & 0x3fff, 0))
        return fragment(c, h[9]);
    return nta_layer_of_proto(c, h[9]);
}

/**
 * The length in a jumbo payload option of the hop-by-hop header that comes next, or 0 (RFC 2675).
 */
static uint32_t jumbo_len(struct nta_reader r)
{
    enum
    {
        OPTION_PAD1 = 0,
        OPTION_JUMBO = 0xc2
    };

    const uint8_t *h = nta_reader_take(&r, 2);
    struct nta_reader options = nta_read_sub(&r, h ? ((size_t)h[1] + 1) * 8 - 2 : 0);

    while (nta_reader_left(&options) > 0) {
        uint8_t type = nta_read_u8(&options);

        if (type == OPTION_PAD1)
            continue;
        uint8_t len = nta_read_u8(&options);

        if (type == OPTION_JUMBO && len == 4)
            return nta_read_be32(&options);
        nta_reader_skip(&options, len);
    }
    return 0;
}

enum nta_layer nta_layer_ipv6(struct nta_cursor *c)
{
    size_t start = nta_reader_offset(&c->r);
    const uint8_t *h = nta_reader_take(&c->r, 40);

    if (!h)
        return nta_layer_dry(c);
    uint32_t len = nta_at_be16(h + 4);
    uint8_t next = h[6];

    if (h[0] >> 4 != 6)
        return nta_layer_stop(c, OUTCOME_BAD);
    if (start > UINT16_MAX)
        return nta_layer_stop(c, OUTCOME_DEPTH);
    if (len == 0 && next == PROTO_HOP_BY_HOP)
        len = jumbo_len(c->r);
    if (is_wrong_guess(c, (uint64_t)start + 40 + len))
        return nta_layer_stop(c, OUTCOME_OTHER);
    /* still 0: segmentation offload, as in IPv4 */
    if (len != 0)
        nta_layer_narrow(c, (uint64_t)start + 40 + len);
    note_ip(c, start, 6);
    c->packet->src = nta_addr_v6(h + 8);
    c->packet->dst = nta_addr_v6(h + 24);
    switch (next) {
    case PROTO_HOP_BY_HOP:
    case PROTO_ROUTING:
    case PROTO_FRAGMENT:
    case PROTO_DESTINATION: return extensions(c, next);
    default: return nta_layer_of_proto(c, next);
    }
}
