/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tunnels over UDP on ports of somebody's choice.  No port helps here, so every header must be
 * exactly as it must be, that of the packet inside, too, and the packet as long as the datagram: by
 * chance that does not happen.  But anybody can make such a datagram.  So what is inside is only
 * claimed (any_port), and the other datagrams on these ports are read as if it were none.
 */
#include "decode/checksum.h"
#include "decode/layer.h"

enum
{
    IP4_LEN = 20,
    IP6_LEN = 40,
    ETHERNET_LEN = 14,
    TUNNEL_LEN = 8, ///< VXLAN, and Geneve without options.

    PROTO_ICMP = 1,
    PROTO_IPV4 = 4,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_IPV6 = 41,
    PROTO_ICMP6 = 58,
    PROTO_NOTHING = 59,
};

static bool is_prefix(const uint8_t *address, const char *prefix, size_t len)
{
    return memcmp(address, prefix, len) == 0;
}

/** What Teredo clients and relays send each other (RFC 4380 sections 2.6 and 5.2). */
static bool is_teredo(const uint8_t *address)
{
    return is_prefix(address, "\x20\x01\0\0", 4);
}

/** Of one machine, or made up for the link (RFC 4291 section 2.4, RFC 4193). */
static bool is_usual(const uint8_t *address)
{
    return address[0] >> 5 == 1 || address[0] >> 1 == 0x7e || is_prefix(address, "\xfe\x80", 2);
}

/** An IPv4 packet of `wire_len` bytes that has hops left and whose checksum holds. */
static bool is_ipv4(struct nta_span bytes, uint64_t wire_len)
{
    const uint8_t *h = bytes.ptr;

    return bytes.len >= IP4_LEN && h[0] == 0x45 && nta_at_be16(h + 2) == wire_len && h[8] > 0 &&
           nta_checksum_holds(nta_checksum_add(0, h, IP4_LEN));
}

/** An IPv6 packet of `wire_len` bytes that has hops left. */
static bool is_ipv6(struct nta_span bytes, uint64_t wire_len)
{
    return bytes.len >= IP6_LEN && bytes.ptr[0] >> 4 == 6 && bytes.ptr[7] > 0 &&
           nta_at_be16(bytes.ptr + 4) + (uint64_t)IP6_LEN == wire_len;
}

static bool is_tcp(struct nta_span bytes, uint64_t wire_len)
{
    const size_t len = (size_t)(bytes.ptr[12] >> 4) * 4;

    return len >= 20 && len <= wire_len;
}

/**
 * May `bytes`, of `wire_len` on the wire, be what `proto` says?  One of those that tunnels carry:
 * TCP, UDP, ICMP, a packet of either version, or nothing, as Teredo has it.
 */
static bool is_usual_proto(uint8_t proto, struct nta_span bytes, uint64_t wire_len)
{
    static const uint8_t lens[] = {
        [PROTO_ICMP] = 8, [PROTO_IPV4] = IP4_LEN, [PROTO_TCP] = 20,
        [PROTO_UDP] = 8,  [PROTO_IPV6] = IP6_LEN, [PROTO_ICMP6] = 4,
    };

    if (proto == PROTO_NOTHING)
        return wire_len == 0;
    if (proto >= sizeof(lens) || lens[proto] == 0 || wire_len < lens[proto])
        return false;
    if (bytes.len < lens[proto])
        return bytes.len < wire_len; /* the capture does not have it */
    switch (proto) {
    case PROTO_TCP: return is_tcp(bytes, wire_len);
    case PROTO_UDP: return nta_at_be16(bytes.ptr + 4) == wire_len;
    case PROTO_IPV4: return is_ipv4(bytes, wire_len);
    case PROTO_IPV6: return is_ipv6(bytes, wire_len);
    default: return true;
    }
}

/** Of a fragment, the protocol is all that says something. */
static bool is_usual_ipv4(struct nta_span bytes, uint64_t wire_len)
{
    const bool is_fragment = nta_at_be16(bytes.ptr + 6) & 0x3fff;
    const uint8_t proto = bytes.ptr[9];

    if (is_fragment)
        return proto == PROTO_ICMP || proto == PROTO_TCP || proto == PROTO_UDP;
    return is_usual_proto(proto, nta_span_from(bytes, IP4_LEN), wire_len - IP4_LEN);
}

/** An IP packet and nothing else: Linux calls it foo over UDP. */
static enum nta_layer of_ip(struct nta_span bytes, uint64_t wire_len)
{
    if (is_ipv4(bytes, wire_len))
        return is_usual_ipv4(bytes, wire_len) ? LAYER_FOU : LAYER_END;
    if (!is_ipv6(bytes, wire_len) ||
        !is_usual_proto(bytes.ptr[6], nta_span_from(bytes, IP6_LEN), wire_len - IP6_LEN))
        return LAYER_END;
    const uint8_t *src = bytes.ptr + 8, *dst = bytes.ptr + 24;

    if (is_teredo(src) || is_teredo(dst))
        return LAYER_IP;
    return is_usual(src) && is_usual(dst) ? LAYER_FOU : LAYER_END;
}

/** VXLAN (RFC 7348), or Geneve without options (RFC 8926): 8 bytes that say no more than a VNI. */
static enum nta_layer of_vni(struct nta_span bytes, uint64_t wire_len)
{
    const size_t head = TUNNEL_LEN + ETHERNET_LEN;

    if (bytes.len < head + IP4_LEN || bytes.ptr[7] != 0)
        return LAYER_END;
    const uint32_t first = nta_at_be32(bytes.ptr);
    const uint16_t type = nta_at_be16(bytes.ptr + TUNNEL_LEN + 12);
    const struct nta_span packet = nta_span_from(bytes, head);
    const bool is_whole = (type == ETHERTYPE_IPV4 && is_ipv4(packet, wire_len - head)) ||
                          (type == ETHERTYPE_IPV6 && is_ipv6(packet, wire_len - head));

    if (!is_whole)
        return LAYER_END;
    if (first == 0x08000000)
        return LAYER_VXLAN;
    return first == ETHERTYPE_TEB ? LAYER_GENEVE : LAYER_END;
}

enum nta_layer nta_layer_of_payload(const struct nta_cursor *c)
{
    const struct nta_span bytes = nta_reader_rest(&c->r);
    const uint64_t wire_len = nta_layer_wire_left(c);

    if (bytes.len < IP4_LEN)
        return LAYER_END;
    switch (bytes.ptr[0]) {
    case 0x00:
    case 0x08: return of_vni(bytes, wire_len);
    default:
        return bytes.ptr[0] == 0x45 || bytes.ptr[0] >> 4 == 6 ? of_ip(bytes, wire_len) : LAYER_END;
    }
}

enum nta_layer nta_layer_fou(struct nta_cursor *c)
{
    return nta_layer_looks_ip(c) ? LAYER_IP : nta_layer_stop(c, OUTCOME_OTHER);
}
