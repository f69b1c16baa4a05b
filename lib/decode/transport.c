/* SPDX-License-Identifier: Apache-2.0 */
/* TCP (RFC 9293), UDP (RFC 768) and the common header of SCTP (RFC 9260). */
#include "decode/at.h"
#include "decode/checksum.h"
#include "decode/decode.h"
#include "decode/layer.h"

static void set_transport(struct nta_cursor *c, enum nta_packet_kind kind, const uint8_t *h)
{
    struct nta_packet *packet = c->packet;

    packet->kind = (unsigned)kind & NTA_PACKET_KIND_BITS;
    packet->src_port = nta_at_be16(h);
    packet->dst_port = nta_at_be16(h + 2);
    nta_layer_payload(c);
}

enum nta_layer nta_layer_tcp(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 20);

    if (!h)
        return nta_layer_fail(c, nta_layer_dry(c));
    size_t options_len = (size_t)(h[12] >> 4) * 4 - 20;

    if (h[12] >> 4 < 5 || options_len > nta_layer_wire_left(c))
        return nta_layer_fail(c, nta_layer_stop(c, OUTCOME_BAD));
    /* a snap length may cut inside the options: no payload is here then, but its length is known */
    size_t left = nta_reader_left(&c->r);
    size_t here = options_len < left ? options_len : left;

    nta_reader_skip(&c->r, here);
    set_transport(c, NTA_PACKET_TCP, h);
    c->packet->payload_wire_len -= (uint32_t)(options_len - here);
    c->packet->tcp_seq = nta_at_be32(h + 4);
    c->packet->tcp_ack = nta_at_be32(h + 8);
    c->packet->tcp_flags = h[13];
    /* one segment of each connection tells whether checksums are filled in */
    if ((h[13] & NTA_TCP_SYN) && c->wire_end == (uint64_t)(c->r.end - c->r.base) &&
        !nta_checksum_tcp_holds(&c->packet->src, &c->packet->dst, h, (size_t)(c->r.end - h)))
        nta_layer_checksum_wrong(c);
    return LAYER_END;
}

/* Those of the UDP tunnels; GRE's layer says its own. */
static const uint8_t tunnels[N_LAYERS] = {
    [LAYER_IP] = NTA_TUNNEL_TEREDO, /* on any port */
    [LAYER_TEREDO] = NTA_TUNNEL_TEREDO, [LAYER_VXLAN] = NTA_TUNNEL_VXLAN,
    [LAYER_GENEVE] = NTA_TUNNEL_GENEVE, [LAYER_GTPU] = NTA_TUNNEL_GTP,
    [LAYER_TZSP] = NTA_TUNNEL_TZSP,     [LAYER_L2TP] = NTA_TUNNEL_L2TP,
    [LAYER_AYIYA] = NTA_TUNNEL_AYIYA,   [LAYER_MPLS_UDP] = NTA_TUNNEL_MPLS,
    [LAYER_CAPWAP] = NTA_TUNNEL_CAPWAP, [LAYER_LISP] = NTA_TUNNEL_LISP,
    [LAYER_GUE] = NTA_TUNNEL_GUE,       [LAYER_FOU] = NTA_TUNNEL_FOU,
    [LAYER_LWAPP] = NTA_TUNNEL_LWAPP,
};

/** A port of DHCP (RFC 2131 section 4.1) or DHCPv6 (RFC 8415 section 7.2). */
static bool is_dhcp(uint16_t port)
{
    return (uint16_t)(port - 67) <= 1 || (uint16_t)(port - 546) <= 1;
}

enum nta_layer nta_layer_udp(struct nta_cursor *c)
{
    size_t start = nta_reader_offset(&c->r);
    const uint8_t *h = nta_reader_take(&c->r, 8);

    if (!h)
        return nta_layer_fail(c, nta_layer_dry(c));
    uint16_t len = nta_at_be16(h + 4);

    /* 0: longer than the field can say (RFC 2675), or left to the network card */
    if (len != 0 && len < 8)
        return nta_layer_fail(c, nta_layer_stop(c, OUTCOME_BAD));
    if (len != 0)
        nta_layer_cut(c, start + len);
    set_transport(c, NTA_PACKET_UDP, h);
    if (is_dhcp(c->packet->src_port) || is_dhcp(c->packet->dst_port))
        c->packet->flags |= NTA_PACKET_LINK;

    enum nta_layer tunnel = nta_layer_of_ports(c->packet->src_port, c->packet->dst_port);

    if (tunnel == LAYER_END) {
        tunnel = nta_layer_of_payload(c);
        c->any_port |= tunnel != LAYER_END;
    }
    if (__builtin_expect(tunnel != LAYER_END, 0)) {
        c->guessed = true;
        c->tunnel = tunnels[tunnel];
        c->buf->outer = *c->packet;
    }
    return tunnel;
}

/** A packet too short for its ports stays what its IP header said: counted by addresses. */
enum nta_layer nta_layer_sctp(struct nta_cursor *c)
{
    const uint8_t *h = nta_reader_take(&c->r, 12);

    if (!h)
        return nta_layer_dry(c);
    set_transport(c, NTA_PACKET_IP, h);
    return LAYER_END;
}

enum
{
    IP4_LEAST = 20,
    IP6_LEN = 40,
    TCP_LEAST = 20,
    OPTION_END = 0,
    OPTION_NOTHING = 1,
    OPTION_MD5 = 19,
    OPTION_SIGNED = 29,
};

/**
 * Where the TCP header begins; 0: not among the bytes, or behind extension headers, which nobody
 * needs to know so well.
 */
static uint32_t find_header(const struct nta_packet *packet, const uint8_t *bytes)
{
    const uint8_t *ip = bytes + packet->l3_off;
    uint32_t at = packet->l3_off;

    if (packet->payload_off < at + IP4_LEAST + TCP_LEAST)
        return 0;
    if (ip[0] >> 4 == 4)
        at += (ip[0] & 15U) * 4;
    else if (ip[0] >> 4 == 6 && packet->payload_off >= at + IP6_LEN + TCP_LEAST && ip[6] == 6)
        at += IP6_LEN;
    else
        return 0;
    /* what was found there before must still be, and end where the payload begins */
    if (at + TCP_LEAST > packet->payload_off ||
        at + (uint32_t)(bytes[at + 12] >> 4) * 4 != packet->payload_off ||
        nta_at_be32(bytes + at + 4) != packet->tcp_seq)
        return 0;
    return at;
}

static bool is_signed(const uint8_t *options, uint32_t len)
{
    for (uint32_t i = 0; i < len && options[i] != OPTION_END;) {
        if (options[i] == OPTION_NOTHING) {
            i++;
            continue;
        }
        if (options[i] == OPTION_MD5 || options[i] == OPTION_SIGNED)
            return true;
        if (i + 1 >= len || options[i + 1] < 2)
            return false;
        i += options[i + 1];
    }
    return false;
}

bool nta_segment_read(const struct nta_packet *packet, const uint8_t *bytes,
                      struct nta_segment *ret_segment)
{
    const uint32_t at = find_header(packet, bytes);

    if (!at)
        return false;
    const uint8_t *ip = bytes + packet->l3_off, *tcp = bytes + at;

    *ret_segment = (struct nta_segment){
        .ttl = ip[0] >> 4 == 4 ? ip[8] : ip[7],
        .has_md5 = is_signed(tcp + TCP_LEAST, packet->payload_off - at - TCP_LEAST),
        .urgent = tcp[13] & NTA_TCP_URG ? nta_at_be16(tcp + 18) : 0,
    };
    return true;
}

enum nta_segment_sum nta_segment_sum(const struct nta_packet *packet, const uint8_t *bytes)
{
    const uint32_t at = find_header(packet, bytes);

    if (!at || packet->payload_len != packet->payload_wire_len)
        return NTA_SEGMENT_SUM_UNKNOWN;
    return nta_checksum_tcp_holds(&packet->src, &packet->dst, bytes + at,
                                  packet->payload_off - at + packet->payload_len)
               ? NTA_SEGMENT_SUM_RIGHT
               : NTA_SEGMENT_SUM_WRONG;
}
