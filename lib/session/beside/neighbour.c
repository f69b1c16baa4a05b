/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stations of a link say to each other about addresses and is in no flow: messages of ARP and
 * of neighbour discovery, each shown to the parser that knows it, with what that remembers of all.
 */
#include "session/beside/alone.h"
#include "session/call.h"
#include "session/report.h"
#include "session/session.h"

static void on_emit(void *owner, const struct nta_event *event)
{
    const struct nta_session *session = owner;

    nta_count(&session->parts->counters, NTA_COUNTER_MESSAGES, 1);
    if (event->kind == NTA_EVENT_BINDING)
        nta_report_binding(session, event);
}

/** `flow` has no addresses where the packet has none: ARP's are in the message. */
static struct nta_proto_end end_of(const struct nta_flow *flow, const struct nta_addr *addr,
                                   const uint8_t *mac)
{
    return (struct nta_proto_end){.addr = flow->ip_proto ? addr : NULL,
                                  .mac = flow->has_macs ? mac : NULL};
}

void nta_neighbour_packet(struct nta_session_parts *parts, const struct nta_packet *packet,
                          const uint8_t *bytes)
{
    if (packet->kind == NTA_PACKET_UDP)
        return; /* DHCP has flows */
    struct nta_flow flow = nta_alone_flow(packet, true);
    struct nta_session session = nta_session_of(parts, &flow);
    const struct nta_span message = {bytes + packet->payload_off, packet->payload_len};

    session.io = (struct nta_proto_io){
        .side = NTA_FROM_CLIENT,
        .wall_ns = packet->wall_ns,
        .ends = {end_of(&flow, &flow.client, flow.client_mac),
                 end_of(&flow, &flow.server, flow.server_mac)},
        .link = nta_call_link(&flow, NTA_FROM_CLIENT),
        .emit = on_emit,
        .owner = &session,
    };
    for (size_t i = 0; nta_protos[i]; i++) {
        const struct nta_proto *proto = nta_protos[i];
        struct nta_reader r = nta_reader_of(message.ptr, message.len);

        if (!proto->over_link || proto->probe(&session.io, message) != NTA_PARSE_OK)
            continue;
        session.io.shared = parts->shared[i];
        if (proto->feed(parts->state, &session.io, &r) != NTA_PARSE_OK)
            nta_count(&parts->counters, NTA_COUNTER_PROTO_BAD, 1);
        return;
    }
}
