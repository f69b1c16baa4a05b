/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tunnels over UDP.  A port proves nothing: each is opened only if its header is exactly as it must
 * be and what is inside looks like what it should be; else the packet stays the UDP packet it is.
 */
#include "decode/layer.h"

/** Tunnels whose answers come from their port, too. */
static enum nta_layer of_either_port(uint16_t port)
{
    switch (port) {
    case 1701: return LAYER_L2TP;   /* RFC 2661 */
    case 2152: return LAYER_GTPU;   /* 3GPP TS 29.281 */
    case 3544: return LAYER_TEREDO; /* RFC 4380 */
    case 5072: return LAYER_AYIYA;  /* draft-massar-v6ops-ayiya */
    case 5247: return LAYER_CAPWAP; /* RFC 5415 section 4.4.2 */
    case 12222: return LAYER_LWAPP; /* RFC 5412 section 3.1.1 */
    default: return LAYER_END;
    }
}

enum nta_layer nta_layer_of_ports(uint16_t src_port, uint16_t dst_port)
{
    switch (dst_port) {
    case 4341: return LAYER_LISP;     /* RFC 9300 */
    case 4754: return LAYER_GRE_UDP;  /* RFC 8086 */
    case 4789:                        /* RFC 7348 */
    case 4790:                        /* VXLAN-GPE */
    case 8472: return LAYER_VXLAN;    /* Linux' default */
    case 6080: return LAYER_GUE;      /* draft-ietf-intarea-gue */
    case 6081: return LAYER_GENEVE;   /* RFC 8926 */
    case 6635: return LAYER_MPLS_UDP; /* RFC 7510 */
    case 37008: return LAYER_TZSP;
    default: break;
    }
    enum nta_layer layer = of_either_port(dst_port);

    return layer != LAYER_END ? layer : of_either_port(src_port);
}

static enum nta_layer not_one(struct nta_cursor *c)
{
    return nta_layer_stop(c, OUTCOME_OTHER);
}

static enum nta_layer ip_or_nothing(struct nta_cursor *c)
{
    return nta_layer_looks_ip(c) ? LAYER_IP : not_one(c);
}

static enum nta_layer ethernet_or_nothing(struct nta_cursor *c)
{
    return nta_layer_looks_ethernet(c, 0) ? LAYER_ETHERNET : not_one(c);
}

/**
 * Flags, group policy, network, and in the generic extension the next protocol
 * (draft-ietf-nvo3-vxlan-gpe).  Reserved bits are to be ignored (RFC 7348 section 5), but make it
 * less sure: what follows must be Ethernet then.
 */
enum nta_layer nta_layer_vxlan(struct nta_cursor *c)
{
    enum
    {
        FLAG_NETWORK = 0x08,
        FLAG_NEXT_PROTOCOL = 0x04,
        FLAG_GROUP = 0x80,
        NEXT_NSH = 4,
    };

    const uint8_t *h = nta_reader_take(&c->r, 8);

    if (!h || !(h[0] & FLAG_NETWORK))
        return not_one(c);
    nta_layer_network(c, NTA_PACKET_NETWORK_VNI, nta_at_be32(h + 4) >> 8);
    /* some senders name the next protocol without the flag that says so */
    if (nta_layer_looks_ethernet(c, 0))
        return LAYER_ETHERNET;
    if (h[0] & ~(FLAG_NETWORK | FLAG_NEXT_PROTOCOL | FLAG_GROUP))
        return not_one(c);
    return h[3] == NEXT_NSH ? LAYER_NSH : ip_or_nothing(c);
}

enum nta_layer nta_layer_geneve(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 8);

    /* version 0, six reserved bits, a reserved byte */
    if (!h || h[0] >> 6 != 0 || (h[1] & 0x3f) || h[7] != 0)
        return not_one(c);
    if (!nta_reader_take(&c->r, (size_t)(h[0] & 0x3f) * 4))
        return not_one(c);
    nta_layer_network(c, NTA_PACKET_NETWORK_VNI, nta_at_be32(h + 4) >> 8);
    uint16_t type = nta_at_be16(h + 2);

    if (type == ETHERTYPE_TEB)
        return ethernet_or_nothing(c);
    return nta_layer_of_ethertype(c, type);
}

/**
 * Extension headers: a length in words of 4, the type of the next one in the last byte (TS 29.281
 * section 5.2).
 */
static bool skip_gtpu_extensions(struct nta_reader *r, uint8_t next)
{
    while (next != 0) {
        size_t len = (size_t)nta_read_u8(r) * 4;

        if (len == 0)
            return false;
        const uint8_t *rest = nta_reader_take(r, len - 1);

        if (!rest)
            return false;
        next = rest[len - 2];
    }
    return nta_reader_ok(r);
}

enum nta_layer nta_layer_gtpu(struct nta_cursor *c)
{
    enum
    {
        VERSION_1_NOT_PRIME = 0x30, /* and the reserved bit 0 */
        FLAG_EXTENSION = 0x04,
        FLAGS_OPTIONAL = 0x07, /* any of the three brings all three fields */
        TYPE_PDU = 0xff,
    };

    const uint8_t *h = nta_reader_take(&c->r, 8);

    if (!h || (h[0] & 0xf8) != VERSION_1_NOT_PRIME || h[1] != TYPE_PDU)
        return not_one(c);
    nta_layer_cut(c, nta_reader_offset(&c->r) + nta_at_be16(h + 2));
    nta_layer_network(c, NTA_PACKET_NETWORK_TEID, nta_at_be32(h + 4));
    if (h[0] & FLAGS_OPTIONAL) {
        const uint8_t *optional = nta_reader_take(&c->r, 4);

        if (!optional || !skip_gtpu_extensions(&c->r, h[0] & FLAG_EXTENSION ? optional[3] : 0))
            return not_one(c);
    }
    return ip_or_nothing(c);
}

/** Frames of a sniffer elsewhere: tags of type, length, value up to the end tag, then the frame. */
enum nta_layer nta_layer_tzsp(struct nta_cursor *c)
{
    enum
    {
        TYPE_RECEIVED = 0,
        TYPE_TRANSMIT = 1,
        TAG_PADDING = 0,
        TAG_END = 1,
        FRAME_ETHERNET = 0x01,
        FRAME_WLAN = 0x12,
        FRAME_PRISM = 0x77,
        FRAME_AVS = 0x7f,
    };

    const uint8_t *h = nta_reader_take(&c->r, 4);
    uint8_t tag = TAG_PADDING;

    if (!h || h[0] != 1 || (h[1] != TYPE_RECEIVED && h[1] != TYPE_TRANSMIT))
        return not_one(c);
    do {
        tag = nta_read_u8(&c->r);
        if (tag != TAG_PADDING && tag != TAG_END)
            nta_reader_skip(&c->r, nta_read_u8(&c->r));
    } while (tag != TAG_END && nta_reader_ok(&c->r));
    if (!nta_reader_ok(&c->r))
        return not_one(c);
    switch (nta_at_be16(h + 2)) {
    case FRAME_ETHERNET: return ethernet_or_nothing(c);
    case FRAME_WLAN: return LAYER_WLAN;
    case FRAME_PRISM:
    case FRAME_AVS: return LAYER_PRISM;
    default: return not_one(c);
    }
}

/** RFC 4380 section 5.1.1: authentication and origin may stand before the IPv6 packet. */
enum nta_layer nta_layer_teredo(struct nta_cursor *c)
{
    enum
    {
        AUTHENTICATION = 1,
        ORIGIN = 0
    };

    struct nta_reader peek = c->r;

    if (nta_read_be16(&peek) == AUTHENTICATION) {
        size_t id_len = nta_read_u8(&peek);
        size_t auth_len = nta_read_u8(&peek);

        nta_reader_skip(&peek, id_len + auth_len + 9); /* nonce, confirmation */
        c->r = peek;
    }
    peek = c->r;
    if (nta_reader_left(&peek) > 0 && nta_read_be16(&peek) == ORIGIN)
        nta_reader_skip(&c->r, 8);
    peek = c->r;
    return nta_read_u8(&peek) >> 4 == 6 ? ip_or_nothing(c) : not_one(c);
}

enum nta_layer nta_layer_mpls_udp(struct nta_cursor *c)
{
    return nta_layer_mpls(c);
}

enum nta_layer nta_layer_gre_udp(struct nta_cursor *c)
{
    return nta_layer_gre(c);
}

/** Identity and signature have lengths of their own; then the packet. */
enum nta_layer nta_layer_ayiya(struct nta_cursor *c)
{
    enum
    {
        OPERATION = 0x0f,
        FORWARD = 1,
        NEXT_IPV6 = 41
    };

    const uint8_t *h = nta_reader_take(&c->r, 8);

    if (!h || (h[2] & OPERATION) != FORWARD || h[3] != NEXT_IPV6)
        return not_one(c);
    if (!nta_reader_take(&c->r, ((size_t)1 << (h[0] >> 4)) + (size_t)(h[1] >> 4) * 4))
        return not_one(c);
    return ip_or_nothing(c);
}

/** RFC 9300 section 5.1: flags and a nonce, then the instance's id, if a flag says so; IP. */
enum nta_layer nta_layer_lisp(struct nta_cursor *c)
{
    enum
    {
        FLAG_INSTANCE = 0x08
    };

    const uint8_t *h = nta_reader_take(&c->r, 8);

    if (!h)
        return not_one(c);
    if (h[0] & FLAG_INSTANCE)
        nta_layer_network(c, NTA_PACKET_NETWORK_VNI, nta_at_be32(h + 4) >> 8);
    return ip_or_nothing(c);
}

/**
 * Generic UDP encapsulation (draft-ietf-intarea-gue section 3): version 0 has a header with the
 * protocol's number and fields of its own, version 1 is an IP packet and nothing else.
 */
enum nta_layer nta_layer_gue(struct nta_cursor *c)
{
    enum
    {
        FLAG_CONTROL = 0x20,
        WORDS = 0x1f,
        PROTO_IPV4 = 4,
        PROTO_IPV6 = 41,
        PROTO_GRE = 47,
        PROTO_ETHERNET = 143,
    };

    if (nta_reader_left(&c->r) > 0 && nta_reader_peek(&c->r) >> 6 == 1)
        return ip_or_nothing(c);
    const uint8_t *h = nta_reader_take(&c->r, 4);

    if (!h || h[0] >> 6 != 0 || (h[0] & FLAG_CONTROL) ||
        !nta_reader_take(&c->r, (size_t)(h[0] & WORDS) * 4))
        return not_one(c);
    switch (h[1]) {
    case PROTO_IPV4:
    case PROTO_IPV6: return ip_or_nothing(c);
    case PROTO_GRE: return LAYER_GRE;
    case PROTO_ETHERNET: return ethernet_or_nothing(c);
    default: return not_one(c);
    }
}

/**
 * A frame of 802.11.  Some controllers send the two bytes of its frame control the other way round;
 * of these the first one has the type, whose lowest two bits are zero, and the second one says
 * whether the frame comes from a station or goes to one, which sets one of them.
 */
static enum nta_layer wlan_or_nothing(struct nta_cursor *c)
{
    enum
    {
        VERSION_BITS = 3 /* of 802.11's frame control */
    };

    const struct nta_span frame = nta_reader_rest(&c->r);

    if (frame.len < 2)
        return not_one(c);
    c->is_swapped = (frame.ptr[0] & VERSION_BITS) != 0;
    return frame.ptr[c->is_swapped] & VERSION_BITS ? not_one(c) : LAYER_WLAN;
}

/**
 * Data of access points and their controller (RFC 5415 section 4.3, RFC 5416 section 4): frames of
 * 802.11, or of 802.3.
 */
enum nta_layer nta_layer_capwap(struct nta_cursor *c)
{
    enum
    {
        HEAD_WORDS_MIN = 2,
        BINDING_80211 = 1,
        FLAG_NATIVE = 0x100, /* in the binding's own form; else 802.3 */
        FLAG_FRAGMENT = 0x80,
        FLAG_KEEP_ALIVE = 0x08,
    };

    const uint8_t *h = nta_reader_take(&c->r, 8);
    const uint32_t head = h ? nta_at_be32(h) : 0;
    const uint32_t words = head >> 19 & 31, binding = head >> 9 & 31;

    /* preamble: version 0, and in clear */
    if (!h || head >> 24 != 0 || words < HEAD_WORDS_MIN || (head & FLAG_KEEP_ALIVE))
        return not_one(c);
    if ((head & FLAG_FRAGMENT) && nta_at_be16(h + 6) >> 3 != 0)
        return not_one(c); /* a later one */
    if (!nta_reader_take(&c->r, (size_t)(words - HEAD_WORDS_MIN) * 4))
        return not_one(c);
    if (!(head & FLAG_NATIVE))
        return ethernet_or_nothing(c);
    return binding == BINDING_80211 ? wlan_or_nothing(c) : not_one(c);
}

/**
 * The same before CAPWAP (RFC 5412 section 3.2): 6 bytes, in front of which some access points say
 * whom they mean by his MAC address.  The length of what follows tells which.
 */
enum nta_layer nta_layer_lwapp(struct nta_cursor *c)
{
    enum
    {
        HEAD_LEN = 6,
        ADDRESS_LEN = 6,
        FLAGS_NOT_DATA = 0xc4, /* version 0; control */
        FLAG_FRAGMENT = 0x02,
        FLAG_NOT_LAST = 0x01, /* of a fragmented frame */
    };

    const struct nta_span all = nta_reader_rest(&c->r);
    const uint64_t wire_len = nta_layer_wire_left(c);
    size_t at = 0;

    while (at <= ADDRESS_LEN && all.len >= at + HEAD_LEN) {
        const uint8_t *h = all.ptr + at;
        const bool is_later = (h[0] & FLAG_FRAGMENT) && !(h[0] & FLAG_NOT_LAST);

        if (!(h[0] & FLAGS_NOT_DATA) && !is_later &&
            at + HEAD_LEN + nta_at_be16(h + 2) == wire_len) {
            nta_reader_skip(&c->r, at + HEAD_LEN);
            return wlan_or_nothing(c);
        }
        at += ADDRESS_LEN;
    }
    return not_one(c);
}
