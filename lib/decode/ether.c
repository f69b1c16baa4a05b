/* SPDX-License-Identifier: Apache-2.0 */
/* Ethernet, its types and tags, and LLC/SNAP (IEEE 802.3, 802.1Q, 802.2). */
#include "base/own.h"
#include "decode/layer.h"

enum
{
    LENGTH_MAX = 1500,  ///< A type field up to here is a length (IEEE 802.3).
    TYPE_MIN = 0x600,   ///< From here on it is a type.
    TAGS_MAX = 16,      ///< Tags of one frame that are followed.
    VLAN_ID = 0xfff,    ///< Bits of the tag that are the VLAN.
    TYPE_VLAN = 0x8100, ///< 802.1Q.
    TYPE_PROVIDER = 0x88a8,
    TYPE_PROVIDER_OLD = 0x9100, ///< With 0x9200 and 0x9300: tags of vendors, before 802.1ad.
    TYPE_VN_TAG = 0x8926,       ///< Cisco's 802.1Qbh tag: 4 bytes and the next type.
    TYPE_METADATA = 0x8909,     ///< Cisco's security group tag: 6 bytes and the next type.
    TYPE_EXTENSION = 0x893f,    ///< Tag of 802.1BR, of extended bridges: likewise.
    TYPE_REDUNDANCY = 0x892f,   ///< HSR's (IEC 62439-3): path, size, number; and the next type.
};

struct type_row
{
    uint16_t type;
    uint8_t layer; ///< LAYER_END: known, and carries no IP.
};

static const struct type_row type_rows[] = {
    {ETHERTYPE_IPV4, LAYER_IPV4},
    {ETHERTYPE_IPV6, LAYER_IPV6},
    {0x0806, LAYER_ARP},             /* ARP */
    {0x8864, LAYER_PPPOE},           /* PPPoE session */
    {0x8847, LAYER_MPLS},            /* MPLS unicast */
    {0x8848, LAYER_MPLS},            /* MPLS multicast, or with upstream label (RFC 5332) */
    {ETHERTYPE_TEB, LAYER_ETHERNET}, /* in Geneve, GRE */
    {0x880b, LAYER_PPP},             /* PPP (RFC 7042) */
    {0x88e5, LAYER_MACSEC},          /* MACsec */
    {0x88e7, LAYER_BACKBONE},        /* 802.1ah */
    {0x22f3, LAYER_TRILL},           /* TRILL */
    {0x4305, LAYER_BATMAN},          /* B.A.T.M.A.N. advanced */
    {0x8903, LAYER_FABRICPATH},      /* Cisco FabricPath */
    {0x894f, LAYER_NSH},             /* network service header */
    {0xd28b, LAYER_ARISTA},          /* time stamps of mirroring switches */
    {0x8863, LAYER_END},             /* PPPoE discovery */
    {0x88cc, LAYER_END},             /* LLDP */
    {0x8809, LAYER_END},             /* LACP, OAM */
    {0x888e, LAYER_END},             /* EAPOL */
    {0x88c7, LAYER_END},             /* 802.11i pre-authentication */
    {0x8902, LAYER_END},             /* CFM */
    {0x88f5, LAYER_END},             /* MVRP */
    {0x88f6, LAYER_END},             /* MMRP */
    {0x88f7, LAYER_END},             /* PTP */
    {0x8940, LAYER_END},             /* edge control */
    {0x8808, LAYER_END},             /* pause */
    {0x8035, LAYER_END},             /* RARP */
    {0x9000, LAYER_END},             /* loopback test */
    {0x8137, LAYER_END},             /* IPX */
    {0x809b, LAYER_END},             /* AppleTalk */
    {0x80f3, LAYER_END},             /* AppleTalk ARP */
    {0x6001, LAYER_END},             /* DEC MOP */
    {0x6002, LAYER_END},             /* DEC MOP console */
    {0x6003, LAYER_END},             /* DECnet */
    {0x886f, LAYER_END},             /* Microsoft NLB */
    {0x8899, LAYER_END},             /* Realtek loop detection */
    {0x88a2, LAYER_END},             /* ATA over Ethernet */
    {0x8892, LAYER_END},             /* PROFINET */
    {0x88a4, LAYER_END},             /* EtherCAT */
    {0x88b8, LAYER_END},             /* GOOSE */
    {0x88ba, LAYER_END},             /* sampled values */
    {0x88e1, LAYER_END},             /* HomePlug AV */
    {0x8912, LAYER_END},             /* HomePlug, vendors */
    {0x893a, LAYER_END},             /* IEEE 1905 */
    {0x8906, LAYER_END},             /* FCoE */
    {0x8914, LAYER_END},             /* FCoE initialisation */
    {0x8915, LAYER_END},             /* RoCE */
    {0x22f0, LAYER_END},             /* AVTP */
    {0x88ca, LAYER_END},             /* TIPC */
    {0x2000, LAYER_END},             /* CDP, in HDLC and GRE */
    {0x8035, LAYER_END},             /* SLARP, in HDLC */
    {0x2001, LAYER_END},             /* NHRP, in GRE */
    {0x00fe, LAYER_END},             /* OSI, in GRE */
    {0xfefe, LAYER_END},             /* OSI, in HDLC */
};

enum nta_layer nta_layer_unknown(struct nta_cursor *c, enum nta_unknown_kind kind, uint32_t number)
{
    /* behind a guess the number may be anything */
    if (!c->guessed)
        nta_unknown_add(c->decode->unknowns, kind, number);
    return nta_layer_stop(c, OUTCOME_UNKNOWN);
}

static enum nta_layer find_type(uint16_t type)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(type_rows); i++)
        if (type_rows[i].type == type)
            return type_rows[i].layer;
    return LAYER_UNKNOWN;
}

/** Bytes of the tag that a type announces, the next type not counted; 0: it is no tag. */
static size_t tag_len(uint16_t type)
{
    switch (type) {
    case TYPE_VLAN:
    case TYPE_PROVIDER:
    case TYPE_PROVIDER_OLD:
    case TYPE_PROVIDER_OLD + 0x100:
    case TYPE_PROVIDER_OLD + 0x200: return 2;
    case TYPE_REDUNDANCY:
    case TYPE_VN_TAG: return 4;
    case TYPE_EXTENSION:
    case TYPE_METADATA: return 6;
    default: return 0;
    }
}

void nta_layer_vlan(struct nta_cursor *c, uint16_t tag)
{
    struct nta_packet *packet = c->packet;
    uint16_t id = tag & VLAN_ID;

    if (id == 0)
        return;
    if (c->n_ip == 0 && packet->n_vlan < NTA_PACKET_VLANS)
        packet->vlan[packet->n_vlan++] = id;
    else if (c->n_ip > 0 && c->n_vlan < NTA_PACKET_VLANS)
        c->buf->vlan[c->n_vlan++] = id;
}

/** Behind a tag there may be a length in place of a type, as in an untagged frame. */
static enum nta_layer of_length(struct nta_cursor *c, uint16_t len)
{
    if (len > LENGTH_MAX)
        return nta_layer_stop(c, OUTCOME_BAD);
    nta_layer_cut(c, nta_reader_offset(&c->r) + len);
    return LAYER_LLC;
}

enum nta_layer nta_layer_of_ethertype(struct nta_cursor *c, uint16_t type)
{
    int n_tags = 0;

    for (size_t len = tag_len(type); len > 0; len = tag_len(type)) {
        const uint8_t *tag = nta_reader_take(&c->r, len + 2);

        if (!tag)
            return nta_layer_dry(c);
        if (n_tags++ == TAGS_MAX)
            return nta_layer_stop(c, OUTCOME_DEPTH);
        if (len == 2)
            nta_layer_vlan(c, nta_at_be16(tag));
        type = nta_at_be16(tag + len);
        if (type < TYPE_MIN)
            return of_length(c, type);
    }
    enum nta_layer layer = find_type(type);

    return layer != LAYER_UNKNOWN ? layer : nta_layer_unknown(c, NTA_UNKNOWN_ETHER_TYPE, type);
}

enum nta_layer nta_layer_ethernet(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 14);

    if (!h)
        return nta_layer_dry(c);
    uint16_t type = nta_at_be16(h + 12);

    nta_layer_macs(c, h + 6, h);
    if (__builtin_expect(type == ETHERTYPE_IPV4, 1))
        return LAYER_IPV4;
    return type < TYPE_MIN ? of_length(c, type) : nta_layer_of_ethertype(c, type);
}

/**
 * Ethernet with a switch's own 4 bytes behind the MAC addresses, `before` bytes in front of them.
 * In Marvell's, `vlan` is the bit that says that they replaced an 802.1Q tag and have its VLAN
 * (Linux net/dsa/tag_dsa.c); 0: there is none.
 */
static enum nta_layer tagged_by_switch(struct nta_cursor *c, size_t before, uint8_t vlan)
{
    const uint8_t *h = nta_reader_take(&c->r, 12 + before + 4 + 2);

    if (!h)
        return nta_layer_dry(c);
    const uint8_t *tag = h + 12 + before;
    uint16_t type = nta_at_be16(tag + 4);

    nta_layer_macs(c, h + 6, h);
    if (tag[0] & vlan)
        nta_layer_vlan(c, nta_at_be16(tag + 2));
    return type < TYPE_MIN ? of_length(c, type) : nta_layer_of_ethertype(c, type);
}

enum
{
    MARVELL_TAGGED = 0x20
};

enum nta_layer nta_layer_marvell(struct nta_cursor *c)
{
    return tagged_by_switch(c, 0, MARVELL_TAGGED);
}

/** The same behind an EtherType of its own and 2 bytes reserved. */
enum nta_layer nta_layer_marvell_typed(struct nta_cursor *c)
{
    return tagged_by_switch(c, 4, MARVELL_TAGGED);
}

enum nta_layer nta_layer_broadcom(struct nta_cursor *c)
{
    return tagged_by_switch(c, 0, 0);
}

/** The 4 bytes come before the frame. */
enum nta_layer nta_layer_broadcom_first(struct nta_cursor *c)
{
    return nta_reader_take(&c->r, 4) ? LAYER_ETHERNET : nta_layer_dry(c);
}

enum nta_layer nta_layer_snap(struct nta_cursor *c)
{
    enum
    {
        ORGANISATION_ETHERNET = 0,
        ORGANISATION_BRIDGE_TUNNEL = 0x0000f8, /* IEEE 802.1H */
        ORGANISATION_802_1 = 0x0080c2,         /* RFC 2427, RFC 2684 */
        BRIDGED_WITH_FCS = 1,
        BRIDGED = 7,
    };

    uint32_t organisation = nta_read_be24(&c->r);
    uint16_t protocol = nta_read_be16(&c->r);

    if (!nta_reader_ok(&c->r))
        return nta_layer_dry(c);
    switch (organisation) {
    case ORGANISATION_ETHERNET:
    case ORGANISATION_BRIDGE_TUNNEL: return nta_layer_of_ethertype(c, protocol);
    case ORGANISATION_802_1:
        if (protocol != BRIDGED && protocol != BRIDGED_WITH_FCS)
            return LAYER_END;
        /* ATM pads to an even boundary, frame relay does not */
        if (!nta_layer_looks_ethernet(c, 0) && nta_layer_looks_ethernet(c, 2))
            nta_reader_skip(&c->r, 2);
        return LAYER_ETHERNET;
    default: return LAYER_END; /* a vendor's own: CDP, DTP, PVST */
    }
}

enum nta_layer nta_layer_llc(struct nta_cursor *c)
{
    enum
    {
        SAP_IP = 0x06,
        SAP_SNAP = 0xaa,
        SAP_OSI = 0xfe,
        CONTROL_UI = 0x03,
    };

    const uint8_t *h = nta_reader_take(&c->r, 3);

    if (!h)
        return nta_layer_dry(c);
    if (h[2] != CONTROL_UI || h[0] != h[1])
        return LAYER_END;
    switch (h[0]) {
    case SAP_SNAP: return nta_layer_snap(c);
    case SAP_IP: return LAYER_IPV4;
    default: return LAYER_END; /* spanning tree, IS-IS, NetBIOS, IPX */
    }
}

static bool looks_ipv4(struct nta_reader r, uint64_t wire_left)
{
    const uint8_t *h = nta_reader_take(&r, 20);

    if (!h)
        return false;
    size_t header_len = (size_t)(h[0] & 0x0f) * 4;
    size_t total_len = nta_at_be16(h + 2);

    return h[0] >> 4 == 4 && header_len >= 20 &&
           (total_len == 0 || (total_len >= header_len && total_len <= wire_left));
}

static bool looks_ipv6(struct nta_reader r, uint64_t wire_left)
{
    const uint8_t *h = nta_reader_take(&r, 40);

    return h && h[0] >> 4 == 6 && nta_at_be16(h + 4) + UINT64_C(40) <= wire_left;
}

bool nta_layer_looks_ip(const struct nta_cursor *c)
{
    uint64_t wire_left = nta_layer_wire_left(c);

    return looks_ipv4(c->r, wire_left) || looks_ipv6(c->r, wire_left);
}

bool nta_layer_looks_ethernet(const struct nta_cursor *c, size_t skip)
{
    struct nta_reader r = c->r;
    uint64_t wire_left = nta_layer_wire_left(c);
    const uint8_t *h = nta_reader_take(&r, skip + 14);

    if (!h || wire_left < skip + 14)
        return false;
    uint16_t type = nta_at_be16(h + skip + 12);

    wire_left -= skip + 14;
    if (type == ETHERTYPE_IPV4)
        return looks_ipv4(r, wire_left);
    if (type == ETHERTYPE_IPV6)
        return looks_ipv6(r, wire_left);
    if (type < TYPE_MIN)
        return type >= 3 && type <= wire_left;
    return tag_len(type) > 0 || find_type(type) != LAYER_UNKNOWN;
}

void nta_layer_macs(struct nta_cursor *c, const uint8_t *src, const uint8_t *dst)
{
    if (__builtin_expect(c->n_ip > 0, 0)) {
        if (!c->has_macs) {
            memcpy(c->buf->src_mac, src, sizeof(c->buf->src_mac));
            memcpy(c->buf->dst_mac, dst, sizeof(c->buf->dst_mac));
        }
        c->has_macs = true;
        return;
    }
    memcpy(c->packet->src_mac, src, sizeof(c->packet->src_mac));
    memcpy(c->packet->dst_mac, dst, sizeof(c->packet->dst_mac));
    c->packet->flags |= NTA_PACKET_MACS;
}
