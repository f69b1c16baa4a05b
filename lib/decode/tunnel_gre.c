/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GRE (RFC 2784, 2890, 1701), as PPTP uses it (RFC 2637), and the mirror headers that switches put
 * inside it.
 */
#include "decode/layer.h"

enum
{
    FLAG_CHECKSUM = 0x8000,
    FLAG_ROUTING = 0x4000,
    FLAG_KEY = 0x2000,
    FLAG_SEQUENCE = 0x1000,
    FLAG_ACK = 0x0080, ///< Version 1.
    VERSION = 0x0007,

    PROTO_ERSPAN = 0x88be, ///< Types I and II.
    PROTO_ERSPAN_III = 0x22eb,
    PROTO_METADATA = 0x8909, ///< Cisco's security group tag, here behind the type it belongs to.
    SESSION = 0x3ff,         ///< Of ERSPAN's second 16 bits.
    FLOW_BITS = 8,           ///< Of NVGRE's key, behind the network's id (RFC 7637 section 3.2).
    PROTO_EOIP = 0x6400,     ///< Ethernet as MikroTik's routers carry it.
    PROTO_WCCP = 0x883e,     ///< Web caches: 4 bytes of their own in version 2, none in version 1.
};

/** Source routes end with an entry of family 0 and length 0 (RFC 1701). */
static void skip_routes(struct nta_reader *r)
{
    while (nta_reader_left(r) > 0) {
        uint16_t family = nta_read_be16(r);

        (void)nta_read_u8(r);
        uint8_t len = nta_read_u8(r);

        if (family == 0 && len == 0)
            return;
        nta_reader_skip(r, len);
    }
}

/**
 * Types II and III say the mirrored frame's VLAN, unless the frame has kept its tag
 * (draft-foschiano-erspan-03).
 */
static void erspan_vlan(struct nta_cursor *c, const uint8_t *h)
{
    enum
    {
        TAG_KEPT = 3
    };

    if ((h[2] >> 3 & 3) != TAG_KEPT)
        nta_layer_vlan(c, nta_at_be16(h));
}

/** What the header of types II and III says of the frame: its VLAN, and the mirror's session. */
static void erspan_said(struct nta_cursor *c, const uint8_t *h)
{
    erspan_vlan(c, h);
    nta_layer_network(c, NTA_PACKET_NETWORK_ERSPAN, nta_at_be16(h + 2) & (uint32_t)SESSION);
}

/** Type III has 12 bytes, and 8 more if its last bit says so (draft-foschiano-erspan-03). */
static enum nta_layer erspan_iii(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 12);

    if (!h)
        return nta_layer_dry(c);
    erspan_said(c, h);
    if (h[11] & 1)
        nta_reader_skip(&c->r, 8);
    return nta_reader_ok(&c->r) ? LAYER_ETHERNET : nta_layer_dry(c);
}

/** Type I has no header and no sequence number; type II has both. */
static enum nta_layer erspan(struct nta_cursor *c, bool has_sequence)
{
    const uint8_t *h = has_sequence ? nta_reader_take(&c->r, 8) : NULL;

    if (h)
        erspan_said(c, h);
    return nta_reader_ok(&c->r) ? LAYER_ETHERNET : nta_layer_dry(c);
}

static enum nta_layer wccp(struct nta_cursor *c)
{
    if (!nta_layer_looks_ip(c))
        nta_reader_skip(&c->r, 4);
    return nta_reader_ok(&c->r) ? LAYER_IP : nta_layer_dry(c);
}

static enum nta_layer metadata(struct nta_cursor *c)
{
    uint16_t type = nta_read_be16(&c->r);

    nta_reader_skip(&c->r, 6);
    return nta_reader_ok(&c->r) ? nta_layer_of_ethertype(c, type) : nta_layer_dry(c);
}

/** Aruba access points send the frames of the air in these. */
static bool is_aruba(uint16_t protocol)
{
    return protocol >= 0x8200 && protocol <= 0x83f0 && (protocol & 0x0f) == 0;
}

/** Of Ethernet frames the key may be a virtual subnet and a number for the flow (RFC 7637). */
static void take_key(struct nta_cursor *c, uint16_t protocol)
{
    const uint32_t key = nta_read_be32(&c->r);

    if (protocol == ETHERTYPE_TEB && key >> FLOW_BITS != 0)
        nta_layer_network(c, NTA_PACKET_NETWORK_VSID, key >> FLOW_BITS);
    else
        nta_layer_network(c, NTA_PACKET_NETWORK_GRE, key);
}

static enum nta_layer version_0(struct nta_cursor *c, uint16_t flags, uint16_t protocol)
{
    if (flags & (FLAG_CHECKSUM | FLAG_ROUTING))
        nta_reader_skip(&c->r, 4);
    if (flags & FLAG_KEY)
        take_key(c, protocol);
    if (flags & FLAG_SEQUENCE)
        nta_reader_skip(&c->r, 4);
    if (flags & FLAG_ROUTING)
        skip_routes(&c->r);
    if (!nta_reader_ok(&c->r))
        return nta_layer_dry(c);
    if (protocol == 0)
        return LAYER_END; /* a keep-alive */
    if (is_aruba(protocol))
        return LAYER_WLAN;
    if (protocol == PROTO_ERSPAN || protocol == PROTO_ERSPAN_III)
        c->tunnel = NTA_TUNNEL_ERSPAN;
    switch (protocol) {
    case PROTO_ERSPAN: return erspan(c, flags & FLAG_SEQUENCE);
    case PROTO_ERSPAN_III: return erspan_iii(c);
    case PROTO_METADATA: return metadata(c);
    case PROTO_WCCP: return wccp(c);
    default: return nta_layer_of_ethertype(c, protocol);
    }
}

/**
 * Of version 1 with a key, whose halves are the frame's length, 0 in a keep-alive, and the tunnel's
 * id, its low byte first.
 */
static enum nta_layer eoip(struct nta_cursor *c)
{
    const uint16_t frame_len = nta_read_be16(&c->r);

    nta_layer_network(c, NTA_PACKET_NETWORK_GRE, __builtin_bswap16(nta_read_be16(&c->r)));
    if (!nta_reader_ok(&c->r))
        return nta_layer_dry(c);
    if (frame_len == 0)
        return LAYER_END;
    nta_layer_cut(c, nta_reader_offset(&c->r) + frame_len);
    return LAYER_ETHERNET;
}

/**
 * PPTP: the key's first half is the payload's length; without a sequence number it only
 * acknowledges.
 */
static enum nta_layer version_1(struct nta_cursor *c, uint16_t flags)
{
    uint16_t payload_len = nta_read_be16(&c->r);

    c->tunnel = NTA_TUNNEL_PPTP;
    nta_layer_network(c, NTA_PACKET_NETWORK_GRE, nta_read_be16(&c->r)); /* the call */
    if (flags & FLAG_SEQUENCE)
        nta_reader_skip(&c->r, 4);
    if (flags & FLAG_ACK)
        nta_reader_skip(&c->r, 4);
    if (!nta_reader_ok(&c->r))
        return nta_layer_dry(c);
    if (!(flags & FLAG_SEQUENCE))
        return LAYER_END;
    nta_layer_cut(c, nta_reader_offset(&c->r) + payload_len);
    return LAYER_PPP;
}

enum nta_layer nta_layer_gre(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 4);

    if (!h)
        return nta_layer_dry(c);
    uint16_t flags = nta_at_be16(h);

    c->tunnel = NTA_TUNNEL_GRE;
    switch (flags & VERSION) {
    case 0: return version_0(c, flags, nta_at_be16(h + 2));
    case 1: return nta_at_be16(h + 2) == PROTO_EOIP ? eoip(c) : version_1(c, flags);
    default: return nta_layer_stop(c, OUTCOME_BAD);
    }
}
