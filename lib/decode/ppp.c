/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Point-to-point links: PPP (RFC 1661, 1662), Cisco HDLC, PPPoE (RFC 2516), frame relay (RFC 2427).
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
