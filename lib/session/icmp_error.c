/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams that an ICMP error gives back (RFC 792, RFC 4443): where the sensor did not see the
 * datagram itself, because it went another way, the quotation still tells which name was looked up.
 * It is hearsay, so it names no address, and a match on it is weak.  Counted with the ICMP packet
 * that it is part of, never as a flow.
 */
#include "base/own.h"
#include "proto/dns/dns.h"
#include "proto/dns/dns_probe.h"
#include "session/lookup.h"
#include "session/session.h"

#include <stdalign.h>
#include <string.h>

enum
{
    PROTO_ICMP = 1,
    PROTO_ICMPV6 = 58,
    PROTO_UDP = 17,
    ERROR_LEN = 8, ///< In front of the quotation.
    HEADER_V4 = 20,
    HEADER_V6 = 40,
};

static bool is_error(uint8_t ip_proto, uint8_t type)
{
    if (ip_proto == PROTO_ICMPV6)
        return type >= 1 && type <= 4;
    /* destination unreachable, source quench, redirect, time exceeded, parameter problem */
    return ip_proto == PROTO_ICMP &&
           (type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
}

/**
 * The quoted packet begins with a whole IP header that says UDP: anything else is not worth
 * decoding.
 */
static bool is_udp(struct nta_span datagram)
{
    if (datagram.len > HEADER_V6 && datagram.ptr[0] >> 4 == 6)
        return datagram.ptr[6] == PROTO_UDP;
    return datagram.len > HEADER_V4 && datagram.ptr[0] >> 4 == 4 && datagram.ptr[9] == PROTO_UDP;
}

/**
 * Decode what `packet`, an ICMP error, quotes.  True: a UDP datagram that went to who complains
 * about it.
 */
static bool decode_datagram(const struct nta_decode *outer, const struct nta_packet *packet,
                            struct nta_span datagram, struct nta_packet *inner)
{
    if (!is_udp(datagram))
        return false;
    *inner = *packet;
    inner->cap_len = inner->wire_len = (uint32_t)datagram.len;
    struct nta_decode decode = *outer;

    decode.outer_packets = NULL; /* hearsay, too */
    nta_decode_datagram(&decode, datagram.ptr, inner);
    return inner->kind == NTA_PACKET_UDP && nta_addr_equal(&inner->src, &packet->dst) &&
           nta_addr_equal(&inner->dst, &packet->src);
}

static void on_emit(void *owner, const struct nta_event *event)
{
    struct nta_session *session = owner;

    session->io.swap = false; /* the ports have told the sides */
    if (event->kind == NTA_EVENT_DNS_LOOKUP)
        nta_lookup_hearsay(session, event->app, event->dns);
}

/** The flow that the datagram would have been of. */
static struct nta_flow flow_of(const struct nta_packet *inner, bool from_client)
{
    struct nta_flow flow = {
        .client = from_client ? inner->src : inner->dst,
        .server = from_client ? inner->dst : inner->src,
        .client_port = from_client ? inner->src_port : inner->dst_port,
        .server_port = from_client ? inner->dst_port : inner->src_port,
        .ip_proto = PROTO_UDP,
        .first_wall_ns = inner->wall_ns,
        .last_wall_ns = inner->wall_ns,
    };

    for (size_t dir = 0; dir < 2; dir++) /* who sent it is all the same */
        memcpy(flow.sides[dir].vlan, inner->vlan, sizeof(inner->vlan));
    return flow;
}

static void read_dns(struct nta_session_parts *parts, const struct nta_packet *inner,
                     struct nta_span payload)
{
    alignas(max_align_t) uint8_t state[NTA_PROTO_STATE_MAX] = {0};
    bool from_client = nta_dns_port(inner->dst_port);
    struct nta_flow flow = flow_of(inner, from_client);
    struct nta_session session = nta_session_of(parts, &flow);
    struct nta_reader r = nta_reader_of(payload.ptr, payload.len);

    session.io = (struct nta_proto_io){
        .side = from_client ? NTA_FROM_CLIENT : NTA_FROM_SERVER,
        .wall_ns = inner->wall_ns,
        .client_port = flow.client_port,
        .server_port = flow.server_port,
        .emit = on_emit,
        .owner = &session,
    };
    if (!from_client && !nta_dns_port(inner->src_port))
        return;
    if (nta_proto_dns.probe(&session.io, payload) != NTA_PARSE_OK)
        return;
    (void)nta_proto_dns.feed(state, &session.io, &r);
    nta_proto_dns.end(state, &session.io);
}

void nta_icmp_error_packet(struct nta_session_parts *parts, const struct nta_decode *decode,
                           const struct nta_packet *packet, const uint8_t *bytes)
{
    struct nta_reader r = nta_reader_of(bytes + packet->payload_off, packet->payload_len);
    uint8_t type = nta_read_u8(&r);
    struct nta_packet inner;

    nta_reader_skip(&r, ERROR_LEN - 1);
    if (!is_error(packet->ip_proto, type) || !nta_reader_ok(&r))
        return;
    const struct nta_span datagram = nta_read_span(&r, nta_reader_left(&r));

    if (!decode_datagram(decode, packet, datagram, &inner) || nta_flows_knows(parts->flows, &inner))
        return;
    read_dns(parts, &inner, (struct nta_span){datagram.ptr + inner.payload_off, inner.payload_len});
}
