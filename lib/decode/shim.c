/* SPDX-License-Identifier: Apache-2.0 */
/* Short headers between Ethernet and what it carries: labels, service chains, backbone bridges. */
#include "decode/layer.h"

/**
 * What a label stack or a service header carries, by a number of its own (RFC 8300 section 2.2,
 * VXLAN-GPE).
 */
static enum nta_layer of_next_protocol(struct nta_cursor *c, uint8_t next)
{
    switch (next) {
    case 1: return LAYER_IPV4;
    case 2: return LAYER_IPV6;
    case 3: return LAYER_ETHERNET;
    case 4: return LAYER_NSH;
    case 5: return LAYER_MPLS;
    default: return nta_layer_stop(c, OUTCOME_UNKNOWN);
    }
}

/**
 * Labels up to the bottom of the stack (RFC 3032).  What is behind them is not said: IP shows
 * itself by its header; Ethernet pseudo-wires have a control word (RFC 4448) or not.
 */
enum nta_layer nta_layer_mpls(struct nta_cursor *c)
{
    enum
    {
        BOTTOM_OF_STACK = 0x01,
        LABEL_SHIFT = 12,
        CONTROL_WORD_LEN = 4,
        NIBBLE_CHANNEL = 1 /* a message between the routers (RFC 4385) */
    };

    const uint8_t *label = NULL;

    do {
        label = nta_reader_take(&c->r, 4);
        if (!label)
            return nta_layer_dry(c);
    } while (!(label[2] & BOTTOM_OF_STACK));
    nta_layer_network(c, NTA_PACKET_NETWORK_MPLS, nta_at_be32(label) >> LABEL_SHIFT);

    if (nta_layer_looks_ip(c))
        return LAYER_IP;
    if (nta_layer_looks_ethernet(c, CONTROL_WORD_LEN) && nta_reader_peek(&c->r) >> 4 == 0) {
        nta_reader_skip(&c->r, CONTROL_WORD_LEN);
        return LAYER_ETHERNET;
    }
    if (nta_layer_looks_ethernet(c, 0))
        return LAYER_ETHERNET;
    if (nta_reader_left(&c->r) == 0)
        return nta_layer_dry(c);
    switch (nta_reader_peek(&c->r) >> 4) {
    case 4: return LAYER_IPV4; /* cut, or wrong: its layer says which */
    case 6: return LAYER_IPV6;
    case NIBBLE_CHANNEL: return LAYER_END;
    default: return nta_layer_stop(c, OUTCOME_UNKNOWN);
    }
}

/** RFC 8300: the length counts words of 4, with the 8 bytes of the base. */
enum nta_layer nta_layer_nsh(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 8);

    if (!h)
        return nta_layer_dry(c);
    size_t len = (size_t)(h[1] & 0x3f) * 4;

    if (h[0] >> 6 != 0 || len < 8)
        return nta_layer_stop(c, OUTCOME_BAD);
    if (len > 8 && !nta_reader_take(&c->r, len - 8))
        return nta_layer_dry(c);
    return of_next_protocol(c, h[3]);
}

/** IEEE 802.1AE: readable when the frame is only authenticated. */
enum nta_layer nta_layer_macsec(struct nta_cursor *c)
{
    enum
    {
        TAG_HAS_CHANNEL = 0x20,
        TAG_ENCRYPTED_OR_CHANGED = 0x0c
    };

    const uint8_t *h = nta_reader_take(&c->r, 6);

    if (!h)
        return nta_layer_dry(c);
    if (h[0] & TAG_ENCRYPTED_OR_CHANGED)
        return LAYER_END;
    if (h[0] & TAG_HAS_CHANNEL)
        nta_reader_skip(&c->r, 8);
    uint16_t type = nta_read_be16(&c->r);

    return nta_reader_ok(&c->r) ? nta_layer_of_ethertype(c, type) : nta_layer_dry(c);
}

/** Time stamps of mirroring switches: kind, version and unit, and a clock of 48 or 64 bits. */
enum nta_layer nta_layer_arista(struct nta_cursor *c)
{
    enum
    {
        KIND_TIME = 1,
        UNIT = 0xf0,
        UNIT_48 = 0x20
    };

    const uint8_t *h = nta_reader_take(&c->r, 4);

    if (!h)
        return nta_layer_dry(c);
    if (nta_at_be16(h) != KIND_TIME)
        return LAYER_END;
    nta_reader_skip(&c->r, (h[3] & UNIT) == UNIT_48 ? 6 : 8);
    uint16_t type = nta_read_be16(&c->r);

    return nta_reader_ok(&c->r) ? nta_layer_of_ethertype(c, type) : nta_layer_dry(c);
}

/** IEEE 802.1ah: a service tag, and the customer's frame from its addresses on. */
enum nta_layer nta_layer_backbone(struct nta_cursor *c)
{
    return nta_reader_take(&c->r, 4) ? LAYER_ETHERNET : nta_layer_dry(c);
}

/** RFC 6325 section 3: 6 bytes, the length of the options (in words of 4) across the first two. */
enum nta_layer nta_layer_trill(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 6);

    if (!h)
        return nta_layer_dry(c);
    nta_reader_skip(&c->r, (size_t)((h[0] & 7) << 2 | h[1] >> 6) * 4);
    return nta_reader_ok(&c->r) ? LAYER_ETHERNET : nta_layer_dry(c);
}

enum nta_layer nta_layer_fabricpath(struct nta_cursor *c)
{
    return nta_reader_take(&c->r, 2) ? LAYER_ETHERNET : nta_layer_dry(c);
}

/** RFC 3378: version 3 and 12 bits of zero. */
enum nta_layer nta_layer_etherip(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 2);

    if (!h)
        return nta_layer_dry(c);
    return h[0] >> 4 == 3 ? LAYER_ETHERNET : nta_layer_stop(c, OUTCOME_BAD);
}

/**
 * B.A.T.M.A.N. advanced, version 15 (Linux include/uapi/linux/batadv_packet.h): what stations send
 * each other over a mesh, behind a header whose length its kind says.  Of what is cut in pieces, or
 * two frames in one, nothing is read.
 */
enum nta_layer nta_layer_batman(struct nta_cursor *c)
{
    enum
    {
        VERSION = 15,
        KIND_BROADCAST = 0x01,
        KIND_UNICAST = 0x40,
        KIND_UNICAST_4 = 0x42, /* with who sent it */
    };

    const uint8_t *h = nta_reader_take(&c->r, 10);

    if (!h)
        return nta_layer_dry(c);
    if (h[1] != VERSION)
        return LAYER_END;
    switch (h[0]) {
    case KIND_UNICAST: break;
    case KIND_BROADCAST: nta_reader_skip(&c->r, 4); break;
    case KIND_UNICAST_4: nta_reader_skip(&c->r, 8); break;
    default: return LAYER_END;
    }
    if (!nta_reader_ok(&c->r))
        return nta_layer_dry(c);
    return LAYER_ETHERNET;
}
