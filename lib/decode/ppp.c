/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Point-to-point links: PPP (RFC 1661, 1662), Cisco HDLC, PPPoE (RFC 2516), frame relay (RFC 2427);
 * and L2TP, which carries them: version 2 over UDP (RFC 2661), version 3 over UDP or straight in IP
 * (RFC 3931).
 */
#include "decode/layer.h"

enum
{
    HDLC_ALL_STATIONS = 0xff,
    HDLC_UNNUMBERED = 0x03,
    CISCO_UNICAST = 0x0f,
    CISCO_MULTICAST = 0x8f,
};

static enum nta_layer of_ppp_protocol(struct nta_cursor *c, uint16_t protocol)
{
    enum
    {
        PPP_IPV4 = 0x0021,
        PPP_IPV6 = 0x0057,
        PPP_MPLS = 0x0281,
        PPP_MPLS_MULTICAST = 0x0283,
        PPP_FIRST_CONTROL = 0x8000,
        PPP_VJ_PLAIN = 0x002f,
        PPP_VJ = 0x002d,
        PPP_MULTILINK = 0x003d,
        PPP_ENCRYPTED = 0x0053,
        PPP_COMPRESSED = 0x00fd,
    };

    if (protocol >= PPP_FIRST_CONTROL)
        return LAYER_END;
    switch (protocol) {
    case PPP_IPV4: return LAYER_IPV4;
    case PPP_IPV6: return LAYER_IPV6;
    case PPP_MPLS:
    case PPP_MPLS_MULTICAST: return LAYER_MPLS;
    case PPP_VJ_PLAIN:
    case PPP_VJ:
    case PPP_MULTILINK:
    case PPP_ENCRYPTED:
    case PPP_COMPRESSED: return LAYER_END; /* not readable without what came before */
    default: return nta_layer_stop(c, OUTCOME_UNKNOWN);
    }
}

/**
 * Address and control may be left out, and the protocol's first byte where it is zero; an odd byte
 * is a protocol's last (RFC 1661 section 6.5).  Cisco's framing, told by its address, has an
 * EtherType.
 */
enum nta_layer nta_layer_ppp(struct nta_cursor *c)
{
    struct nta_reader peek = c->r;
    uint8_t address = nta_read_u8(&peek);
    uint8_t control = nta_read_u8(&peek);

    if (nta_reader_ok(&peek) && control == 0 &&
        (address == CISCO_UNICAST || address == CISCO_MULTICAST)) {
        uint16_t type = nta_read_be16(&peek);

        c->r = peek;
        return nta_reader_ok(&peek) ? nta_layer_of_ethertype(c, type) : nta_layer_dry(c);
    }
    if (nta_reader_ok(&peek) && address == HDLC_ALL_STATIONS && control == HDLC_UNNUMBERED)
        c->r = peek;

    uint16_t protocol = nta_read_u8(&c->r);

    if (!(protocol & 1))
        protocol = (uint16_t)(protocol << 8 | nta_read_u8(&c->r));
    return nta_reader_ok(&c->r) ? of_ppp_protocol(c, protocol) : nta_layer_dry(c);
}

/** The direction stands in front of, or in place of, the address. */
enum nta_layer nta_layer_ppp_direction(struct nta_cursor *c)
{
    const uint8_t *direction = nta_reader_take(&c->r, 1);

    if (!direction)
        return nta_layer_dry(c);
    if (nta_reader_peek(&c->r) == HDLC_UNNUMBERED)
        nta_reader_skip(&c->r, 1);
    return LAYER_PPP;
}

enum nta_layer nta_layer_pppoe(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 6);

    if (!h)
        return nta_layer_dry(c);
    if (h[0] != 0x11)
        return nta_layer_stop(c, OUTCOME_BAD);
    if (h[1] != 0)
        return LAYER_END; /* discovery */
    nta_layer_cut(c, nta_reader_offset(&c->r) + nta_at_be16(h + 4));
    return LAYER_PPP;
}

/** A network layer protocol identifier (ISO/IEC TR 9577), or Cisco's EtherType in its place. */
enum nta_layer nta_layer_frame_relay(struct nta_cursor *c)
{
    enum
    {
        ADDRESS_END = 0x01,
        ID_SNAP = 0x80,
        ID_IPV6 = 0x8e,
        ID_IPV4 = 0xcc,
    };

    const uint8_t *address = NULL;

    do {
        address = nta_reader_take(&c->r, 1);
        if (!address)
            return nta_layer_dry(c);
    } while (!(*address & ADDRESS_END));

    uint8_t control = nta_read_u8(&c->r);
    uint8_t id = nta_read_u8(&c->r);

    if (!nta_reader_ok(&c->r))
        return nta_layer_dry(c);
    if (control != HDLC_UNNUMBERED)
        return nta_layer_of_ethertype(c, (uint16_t)(control << 8 | id));
    if (id == 0) /* padding */
        id = nta_read_u8(&c->r);
    switch (id) {
    case ID_IPV4: return LAYER_IPV4;
    case ID_IPV6: return LAYER_IPV6;
    case ID_SNAP: return nta_layer_snap(c);
    default: return LAYER_END; /* the link's own signalling, OSI */
    }
}

static enum nta_layer not_l2tp(struct nta_cursor *c)
{
    return nta_layer_stop(c, OUTCOME_OTHER);
}

/**
 * A session of version 3 (RFC 3931 section 4.1): behind its id there may be a cookie of 4 or 8
 * bytes and 4 bytes of the layer inside, as both ends agreed; a frame of Ethernet shows itself.
 */
static enum nta_layer l2tp_session(struct nta_cursor *c)
{
    enum
    {
        BEFORE_FRAME_MAX = 8 + 4
    };

    nta_layer_network(c, NTA_PACKET_NETWORK_L2TP, nta_read_be32(&c->r));
    for (size_t skip = 0; skip <= BEFORE_FRAME_MAX; skip += 4) {
        if (nta_reader_left(&c->r) > skip && nta_layer_looks_ethernet(c, skip)) {
            nta_reader_skip(&c->r, skip);
            return LAYER_ETHERNET;
        }
    }
    return LAYER_END;
}

/** Straight in IP: session 0 is control (RFC 3931 section 4.1.1). */
enum nta_layer nta_layer_l2tp_ip(struct nta_cursor *c)
{
    struct nta_reader peek = c->r;

    c->tunnel = NTA_TUNNEL_L2TP;
    return nta_read_be32(&peek) == 0 ? LAYER_END : l2tp_session(c);
}

/**
 * Data messages of version 2 (RFC 2661) carry PPP, those of version 3 whatever was agreed; control
 * messages stay UDP.
 */
enum nta_layer nta_layer_l2tp(struct nta_cursor *c)
{
    enum
    {
        FLAG_CONTROL = 0x8000,
        FLAG_LENGTH = 0x4000,
        FLAG_SEQUENCE = 0x0800,
        FLAG_OFFSET = 0x0200,
        RESERVED = 0x34f0,
        VERSION = 0x000f,
        VERSION_3_DATA = 3, /* and no other bit */
    };

    size_t start = nta_reader_offset(&c->r);
    uint16_t flags = nta_read_be16(&c->r);

    if (flags == VERSION_3_DATA) {
        nta_reader_skip(&c->r, 2);
        const enum nta_layer inside = l2tp_session(c);

        return inside != LAYER_END ? inside : not_l2tp(c);
    }
    if ((flags & VERSION) != 2 || (flags & (FLAG_CONTROL | RESERVED)))
        return not_l2tp(c);
    if (flags & FLAG_LENGTH) {
        uint16_t len = nta_read_be16(&c->r);

        if (len > c->wire_end - start)
            return not_l2tp(c);
        nta_layer_cut(c, start + len);
    }
    nta_layer_network(c, NTA_PACKET_NETWORK_L2TP, nta_read_be32(&c->r)); /* tunnel, session */
    if (flags & FLAG_SEQUENCE)
        nta_reader_skip(&c->r, 4);
    if (flags & FLAG_OFFSET)
        nta_reader_skip(&c->r, nta_read_be16(&c->r));
    return nta_reader_ok(&c->r) ? LAYER_PPP : not_l2tp(c);
}
