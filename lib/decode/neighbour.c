/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stations of a link tell each other about addresses and is no flow: ARP (RFC 826); and the
 * messages of ICMPv6 that are neighbour discovery (RFC 4861).  Only marked here (NTA_PACKET_LINK):
 * proto/ reads them.
 */
#include "decode/layer.h"

enum
{
    ARP_LEN = 28, ///< Of Ethernet and IPv4; other kinds are nobody's.
    HOP_LIMIT_OFF = 7,
    NEVER_FORWARDED = 255, ///< The hop limit of a message that no router has passed on.
    SOLICITATION = 135,
    ADVERTISEMENT = 136,
};

/**
 * A frame of a tunnel is told apart from the packet that carried it, as one with an IP header would
 * be.
 */
enum nta_layer nta_layer_arp(struct nta_cursor *c)
{
    static const uint8_t head[] = {0, 1, 8, 0, 6, 4};
    const size_t start = nta_reader_offset(&c->r);
    struct nta_reader r = c->r;
    const uint8_t *h = nta_reader_take(&r, ARP_LEN);

    if (!h || memcmp(h, head, sizeof(head)) != 0 || start > UINT16_MAX)
        return LAYER_END;
    if (c->n_ip++ > 0)
        nta_layer_outer_packet(c, start, 0);
    struct nta_packet *packet = c->packet;

    packet->kind = NTA_PACKET_OTHER;
    packet->flags |= NTA_PACKET_LINK;
    packet->src = packet->dst = (struct nta_addr){0};
    packet->src_port = packet->dst_port = 0;
    packet->ip_proto = 0;
    packet->l3_off = (uint16_t)start;
    nta_layer_narrow(c, start + ARP_LEN);
    nta_layer_payload(c);
    c->guessed = false;
    return LAYER_END;
}

enum nta_layer nta_layer_icmpv6(struct nta_cursor *c)
{
    const uint8_t *ip = c->r.base + c->packet->l3_off;
    struct nta_reader r = c->r;
    const uint8_t type = nta_read_u8(&r);

    if ((type == SOLICITATION || type == ADVERTISEMENT) && !nta_addr_is_v4(&c->packet->src) &&
        ip[HOP_LIMIT_OFF] == NEVER_FORWARDED)
        c->packet->flags |= NTA_PACKET_LINK;
    return LAYER_END;
}
