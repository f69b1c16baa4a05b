/* SPDX-License-Identifier: Apache-2.0 */
/* Link types of libpcap, and the headers that only captures have (tcpdump.org/linktypes.html). */
#include "base/own.h"
#include "decode/layer.h"

/** Address families in captured headers; IPv6 has another number on each system. */
enum
{
    FAMILY_IPV4 = 2,
    FAMILY_IPV6_LINUX = 10,
    FAMILY_IPV6_BSD = 24,
    FAMILY_IPV6_FREEBSD = 28,
    FAMILY_IPV6_DARWIN = 30,
};

struct link_row
{
    uint16_t link_type; ///< libpcap's DLT_… number.
    uint8_t layer;
};

/* libpcap's headers stay out of this module; most frequent first */
static const struct link_row link_rows[] = {
    {1, LAYER_ETHERNET},         /* EN10MB */
    {113, LAYER_COOKED},         /* LINUX_SLL */
    {276, LAYER_COOKED_V2},      /* LINUX_SLL2 */
    {12, LAYER_IP},              /* RAW, here */
    {14, LAYER_IP},              /* RAW, OpenBSD */
    {101, LAYER_IP},             /* RAW, in files */
    {228, LAYER_IPV4},           /* IPV4 */
    {229, LAYER_IPV6},           /* IPV6 */
    {0, LAYER_LOOPBACK},         /* NULL */
    {108, LAYER_LOOPBACK},       /* LOOP */
    {9, LAYER_PPP},              /* PPP */
    {50, LAYER_PPP},             /* PPP_SERIAL */
    {51, LAYER_PPPOE},           /* PPP_ETHER */
    {166, LAYER_PPP_DIRECTION},  /* PPP_PPPD */
    {204, LAYER_PPP_DIRECTION},  /* PPP_WITH_DIR */
    {104, LAYER_PPP},            /* C_HDLC */
    {107, LAYER_FRAME_RELAY},    /* FRELAY */
    {105, LAYER_WLAN},           /* IEEE802_11 */
    {127, LAYER_RADIOTAP},       /* IEEE802_11_RADIO */
    {119, LAYER_PRISM},          /* PRISM_HEADER */
    {163, LAYER_PRISM},          /* IEEE802_11_RADIO_AVS */
    {10, LAYER_FDDI},            /* FDDI */
    {11, LAYER_LLC},             /* ATM_RFC1483, here */
    {100, LAYER_LLC},            /* ATM_RFC1483, in files */
    {117, LAYER_PFLOG},          /* PFLOG */
    {192, LAYER_PPI},            /* PPI */
    {219, LAYER_MPLS},           /* MPLS */
    {239, LAYER_NFLOG},          /* NFLOG */
    {242, LAYER_IPOIB},          /* IPOIB */
    {258, LAYER_PKTAP},          /* PKTAP */
    {281, LAYER_BROADCOM},       /* DSA_TAG_BRCM: a switch's port to its processor */
    {282, LAYER_BROADCOM_FIRST}, /* DSA_TAG_BRCM_PREPEND */
    {284, LAYER_MARVELL},        /* DSA_TAG_DSA */
    {285, LAYER_MARVELL_TYPED},  /* DSA_TAG_EDSA */
    {226, LAYER_IPNET},          /* IPNET */
    {8, LAYER_SLIP},             /* SLIP */
    {149, LAYER_PKTAP},          /* USER2: PKTAP, of older macOS */
};

static_assert(NTA_N_ELEMENTS(link_rows) < 64, "struct nta_packet has six bits for it");

uint8_t nta_link_find(uint32_t link_type)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(link_rows); i++)
        if (link_rows[i].link_type == link_type)
            return (uint8_t)(i + 1);
    return 0;
}

enum nta_layer nta_layer_of_row(uint8_t link)
{
    return link ? link_rows[link - 1].layer : LAYER_UNKNOWN;
}

enum nta_layer nta_layer_of_link(uint32_t link_type)
{
    return nta_layer_of_row(nta_link_find(link_type));
}

uint16_t nta_decode_link_type(uint8_t link)
{
    enum
    {
        RAW = 12,
        RAW_BSD = 14,
        RAW_FILE = 101,
        ATM = 11,
        ATM_FILE = 100
    };

    uint16_t link_type =
        link && link <= NTA_N_ELEMENTS(link_rows) ? link_rows[link - 1].link_type : RAW_FILE;

    switch (link_type) { /* where programs and files differ */
    case RAW:
    case RAW_BSD: return RAW_FILE;
    case ATM: return ATM_FILE;
    default: return link_type;
    }
}

enum nta_layer nta_layer_ip(struct nta_cursor *c)
{
    if (nta_reader_left(&c->r) == 0)
        return nta_layer_dry(c);
    switch (nta_reader_peek(&c->r) >> 4) {
    case 4: return LAYER_IPV4;
    case 6: return LAYER_IPV6;
    default: return nta_layer_stop(c, OUTCOME_BAD);
    }
}

static enum nta_layer of_family(struct nta_cursor *c, uint32_t family)
{
    switch (family) {
    case FAMILY_IPV4: return LAYER_IPV4;
    case FAMILY_IPV6_LINUX:
    case FAMILY_IPV6_BSD:
    case FAMILY_IPV6_FREEBSD:
    case FAMILY_IPV6_DARWIN: return LAYER_IPV6;
    default: return nta_layer_stop(c, OUTCOME_UNKNOWN);
    }
}

/** NULL and LOOP: the family in the order of whoever captured, or of the network. */
enum nta_layer nta_layer_loopback(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 4);

    if (!h)
        return nta_layer_dry(c);
    const uint32_t big = nta_at_be32(h), little = nta_at_le32(h);
    const uint16_t type = nta_at_be16(h + 2);

    /* some senders put an EtherType behind two bytes of their own */
    if (big > UINT16_MAX && little > UINT16_MAX && nta_layer_looks_ip(c) &&
        (type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6))
        return LAYER_IP;
    return of_family(c, big > UINT16_MAX ? little : big);
}

/**
 * A cooked capture's protocol: an EtherType, or one of Linux' own small numbers (linux/if_ether.h).
 */
static enum nta_layer of_cooked_protocol(struct nta_cursor *c, uint16_t protocol)
{
    enum
    {
        LINUX_802_2 = 4,
        LINUX_LAST = 0x5ff
    };

    if (protocol == LINUX_802_2)
        return LAYER_LLC;
    if (protocol <= LINUX_LAST)
        return LAYER_END;
    return nta_layer_of_ethertype(c, protocol);
}

enum nta_layer nta_layer_cooked(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 16);

    return h ? of_cooked_protocol(c, nta_at_be16(h + 14)) : nta_layer_dry(c);
}

enum nta_layer nta_layer_cooked_v2(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 20);

    return h ? of_cooked_protocol(c, nta_at_be16(h)) : nta_layer_dry(c);
}

/** Attributes of type, length, value, padded to 4; the packet is one of them. */
enum nta_layer nta_layer_nflog(struct nta_cursor *c)
{
    enum
    {
        ATTRIBUTE_PAYLOAD = 9
    };

    const uint8_t *h = nta_reader_take(&c->r, 4);

    if (!h)
        return nta_layer_dry(c);
    while (nta_reader_left(&c->r) > 0) {
        const uint8_t *attribute = nta_reader_take(&c->r, 4);

        if (!attribute)
            return nta_layer_dry(c);
        uint32_t len = nta_at_le16(attribute);

        if (len < 4)
            return nta_layer_stop(c, OUTCOME_BAD);
        if (nta_at_le16(attribute + 2) == ATTRIBUTE_PAYLOAD) {
            nta_layer_cut(c, nta_reader_offset(&c->r) + len - 4);
            return of_family(c, h[0]);
        }
        nta_reader_skip(&c->r, ((len + 3) & ~3U) - 4);
    }
    return LAYER_END;
}

/** Its first byte is its length without padding; the address family stands behind it. */
enum nta_layer nta_layer_pflog(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 4);

    if (!h)
        return nta_layer_dry(c);
    size_t len = ((size_t)h[0] + 3) & ~(size_t)3;

    if (len < 4)
        return nta_layer_stop(c, OUTCOME_BAD);
    if (!nta_reader_take(&c->r, len - 4))
        return nta_layer_dry(c);
    return of_family(c, h[1]);
}

/** A header that names the link type behind it, and how long it is itself. */
static enum nta_layer of_inner_link(struct nta_cursor *c, uint32_t left_of_header,
                                    uint32_t link_type)
{
    enum nta_layer layer = nta_layer_of_link(link_type);

    if (!nta_reader_take(&c->r, left_of_header))
        return nta_layer_dry(c);
    if (layer == LAYER_UNKNOWN)
        return nta_layer_unknown(c, NTA_UNKNOWN_LINK_TYPE, link_type);
    return layer;
}

enum nta_layer nta_layer_ppi(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 8);

    if (!h)
        return nta_layer_dry(c);
    uint32_t len = nta_at_le16(h + 2);

    if (h[0] != 0 || len < 8)
        return nta_layer_stop(c, OUTCOME_BAD);
    return of_inner_link(c, len - 8, nta_at_le32(h + 4));
}

enum nta_layer nta_layer_pktap(struct nta_cursor *c)
{
    enum
    {
        RECORD_PACKET = 1
    };

    const uint8_t *h = nta_reader_take(&c->r, 12);

    if (!h)
        return nta_layer_dry(c);
    uint32_t len = nta_at_le32(h);

    if (len < 12)
        return nta_layer_stop(c, OUTCOME_BAD);
    if (nta_at_le32(h + 4) != RECORD_PACKET)
        return LAYER_END;
    return of_inner_link(c, len - 12, nta_at_le32(h + 8));
}

/**
 * Solaris: version, family in its own numbers, then zones and interfaces (snoop's ipnet headers).
 */
enum nta_layer nta_layer_ipnet(struct nta_cursor *c)
{
    enum
    {
        SOLARIS_IPV6 = 26
    };

    const uint8_t *h = nta_reader_take(&c->r, 24);

    if (!h)
        return nta_layer_dry(c);
    return h[1] == SOLARIS_IPV6 ? LAYER_IPV6 : of_family(c, h[1]);
}

/**
 * 16 bytes that only captures have: direction, then a compressed header if the packet had one (RFC
 * 1144; not undone).
 */
enum nta_layer nta_layer_slip(struct nta_cursor *c)
{
    enum
    {
        COMPRESSED = 0x80
    };

    const uint8_t *h = nta_reader_take(&c->r, 16);

    if (!h)
        return nta_layer_dry(c);
    return h[1] & COMPRESSED ? nta_layer_stop(c, OUTCOME_UNKNOWN) : LAYER_IP;
}

/** InfiniBand: a 40-byte global routing header, then EtherType and 2 bytes reserved (RFC 4391). */
enum nta_layer nta_layer_ipoib(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 44);

    return h ? nta_layer_of_ethertype(c, nta_at_be16(h + 40)) : nta_layer_dry(c);
}

/**
 * Frame control, two addresses (their bit order depends on who captured, so they are not kept),
 * LLC.
 */
enum nta_layer nta_layer_fddi(struct nta_cursor *c)
{
    enum
    {
        FRAME_KIND = 0xf0,
        FRAME_LLC = 0x50
    };

    const uint8_t *h = nta_reader_take(&c->r, 13);

    if (!h)
        return nta_layer_dry(c);
    return (h[0] & FRAME_KIND) == FRAME_LLC ? LAYER_LLC : LAYER_END;
}
