/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker is told of others' packets, by copies of them.
 *
 * Datagrams that an ICMP error gives back (RFC 792, RFC 4443): where the sensor did not see the
 * datagram itself, because it went another way, the quotation still tells which name was looked up.
 * It is hearsay, so it names no address, and a match on it is weak.  Told to the owner of what is
 * quoted, counted with the ICMP packet that it is part of, never as a flow.
 *
 * And questions and answers of DNS, told to all (pdns/heard.h).  Each is read alone.
 */
#include "base/scratch.h"
#include "decode/quoted.h"
#include "proto/dns/dns.h"
#include "proto/dns/dns_probe.h"
#include "session/beside/alone.h"
#include "session/lookup.h"
#include "session/session.h"

#include <stdalign.h>
#include <string.h>

static void on_dns(void *owner, const struct nta_event *event)
{
    struct nta_session *session = owner;

    session->io.swap = false;
    if (event->kind == NTA_EVENT_DNS_QUESTION)
        nta_lookup_heard_question(session, event->dns);
    else if (event->kind == NTA_EVENT_DNS_LOOKUP)
        nta_lookup_heard(session, event->app, event->dns);
}

static void on_quoted(void *owner, const struct nta_event *event)
{
    struct nta_session *session = owner;

    session->io.swap = false; /* the ports have told the sides */
    if (event->kind == NTA_EVENT_DNS_LOOKUP)
        nta_lookup_hearsay(session, event->app, event->dns);
}

static void read_dns(struct nta_session_parts *parts, const struct nta_packet *inner,
                     struct nta_span payload, void (*emit)(void *, const struct nta_event *))
{
    NTA_SCRATCH alignas(max_align_t) uint8_t state[NTA_PROTO_STATE_MAX];
    bool from_client = nta_dns_port(inner->dst_port);
    struct nta_flow flow = nta_alone_flow(inner, from_client);
    struct nta_session session = nta_session_of(parts, &flow);
    struct nta_reader r = nta_reader_of(payload.ptr, payload.len);

    memset(state, 0, nta_proto_dns.zeroed);
    session.io = (struct nta_proto_io){
        .side = from_client ? NTA_FROM_CLIENT : NTA_FROM_SERVER,
        .wall_ns = inner->wall_ns,
        .client_port = flow.client_port,
        .server_port = flow.server_port,
        .emit = emit,
        .owner = &session,
    };
    if (!from_client && !nta_dns_port(inner->src_port))
        return;
    if (nta_proto_dns.probe(&session.io, payload) != NTA_PARSE_OK)
        return;
    (void)nta_proto_dns.feed(state, &session.io, &r);
    nta_proto_dns.end(state, &session.io);
}

static void hear_icmp_error(struct nta_session_parts *parts, const struct nta_decode *decode,
                            const struct nta_packet *packet, const uint8_t *bytes)
{
    const uint8_t *datagram;
    struct nta_packet inner;

    if (!nta_decode_quoted(decode, packet, bytes, &inner, &datagram) ||
        nta_flows_knows(parts->flows, &inner))
        return;
    read_dns(parts, &inner, (struct nta_span){datagram + inner.payload_off, inner.payload_len},
             on_quoted);
}

void nta_hearsay_packet(struct nta_session_parts *parts, const struct nta_decode *decode,
                        const struct nta_packet *packet, const uint8_t *bytes)
{
    if (packet->kind == NTA_PACKET_IP)
        hear_icmp_error(parts, decode, packet, bytes);
    else if (packet->kind == NTA_PACKET_UDP && !packet->any_port)
        read_dns(parts, packet, (struct nta_span){bytes + packet->payload_off, packet->payload_len},
                 on_dns);
}
