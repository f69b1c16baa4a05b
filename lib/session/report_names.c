/* SPDX-License-Identifier: Apache-2.0 */
/* Records of what tells names: lookups of DNS and its kin, leases of DHCP, names of stations. */
#include "base/runtime/clock.h"
#include "base/text.h"
#include "decode/service.h"
#include "session/report.h"
#include "session/who/bindings.h"

#include <string.h>

static void fill_lookup(const struct nta_session *session, enum nta_app app,
                        const struct nta_dns_lookup *dns, struct nta_span site,
                        struct nta_record *record)
{
    record->time_ns = dns->asked_wall_ns ? dns->asked_wall_ns : session->io.wall_ns;
    nta_report_ends(session, record);
    nta_report_opening(session, record);
    record->seen = dns->answered ? NTA_SEEN_ANSWERED : NTA_SEEN_CLAIMED;
    /* an answer that nobody was seen to ask for proves no question, nor does a peer's question */
    if (dns->asked_wall_ns && nta_session_ends(session).user_is_client)
        record->act = NTA_ACT_ASKED;
    record->app = app;
    record->site = site;
    record->basis = site.len ? NTA_BASIS_DNS : NTA_BASIS_NONE;
    record->asked = true;
    record->query_type = dns->type;
}

/** What a forbidden lookup carried; over TCP the flow's record says that. */
static void fill_bytes(const struct nta_session *session, const struct nta_dns_lookup *dns,
                       const struct nta_conn_hit *hit, struct nta_record *record)
{
    const bool user_is_client = nta_session_ends(session).user_is_client;

    if (!hit || session->flow->ip_proto == 6)
        return;
    record->up.bytes = user_is_client ? dns->question_len : dns->answer_len;
    record->down.bytes = user_is_client ? dns->answer_len : dns->question_len;
    record->up.packets = record->up.bytes > 0;
    record->down.packets = record->down.bytes > 0;
}

void nta_report_lookup(const struct nta_session *session, enum nta_app app,
                       const struct nta_dns_lookup *dns, struct nta_span site,
                       const struct nta_conn_hit *hit)
{
    struct nta_record record = {.event = NTA_RECORD_LOOKUP};
    struct nta_record_answer answers[NTA_RECORD_ANSWERS];
    size_t n = dns->n_answers < NTA_RECORD_ANSWERS ? dns->n_answers : NTA_RECORD_ANSWERS;

    fill_lookup(session, app, dns, site, &record);
    for (size_t i = 0; i < n; i++) {
        answers[i] = (struct nta_record_answer){
            .type = dns->answers[i].type,
            .ttl_s = dns->answers[i].ttl_s,
            .addr = dns->answers[i].addr,
            .target = dns->answers[i].target,
        };
    }
    record.end_ns = dns->answered ? session->io.wall_ns : 0;
    record.answered = dns->answered;
    record.rcode = dns->rcode;
    record.answers = answers;
    record.n_answers = n;
    fill_bytes(session, dns, hit, &record);
    nta_report_match(session, &record, hit);
    nta_report_link(session->flow, &record);
    nta_report_put(session, &record);
}

void nta_report_lookup_alert(const struct nta_session *session, enum nta_app app,
                             const struct nta_dns_lookup *dns, struct nta_span site,
                             const struct nta_conn_hit *hit)
{
    struct nta_record record = {.event = NTA_RECORD_ALERT};

    fill_lookup(session, app, dns, site, &record);
    nta_report_match(session, &record, hit);
    nta_report_put_alert(session, &record, hit);
}

static bool is_given(const struct nta_addr *addr)
{
    static const struct nta_addr none = {0};

    return !nta_addr_equal(addr, &none);
}

/** A claim has no end: nobody gave the address. */
static int64_t end_of(const struct nta_binding *binding, int64_t time_ns)
{
    const bool holds = binding->state == NTA_BINDING_BEGIN || binding->state == NTA_BINDING_RENEW;

    return holds && binding->valid_s > 0 ? time_ns + binding->valid_s * NTA_NS_PER_S : 0;
}

/**
 * What all workers hear is told by the one who owns the packet, where it is heard, and not a second
 * time where the connection is looked at.
 */
static bool is_ours(const struct nta_session_parts *parts)
{
    const struct nta_packet *packet = parts->packet;

    if (parts->listens)
        return !packet || !(packet->flags & NTA_PACKET_HEARSAY);
    return !parts->who || !packet || !nta_packet_tells(packet);
}

/** What a server answers is told each time, what stations say of themselves if it is new. */
static bool is_told(const struct nta_binding *binding, const struct nta_who_news *news)
{
    return news->is_new || binding->source <= NTA_BINDING_DHCPV6; /* in the order of their worth */
}

/** The tags of the message itself: what is sent to all has one flow in all networks. */
static void fill_frame(const struct nta_packet *packet, struct nta_record *record)
{
    if (!packet)
        return;
    record->vlan = (struct nta_record_tags){.n = packet->n_vlan};
    memcpy(record->vlan.ids, packet->vlan, sizeof(record->vlan.ids));
}

static void fill_station(const struct nta_session *session, const struct nta_binding *binding,
                         struct nta_record *record)
{
    record->user.addr = binding->prefix.addr;
    record->user.ipv4 = (struct nta_addr){0};
    (void)nta_addr_inside(&record->user.addr, &record->user.ipv4);
    record->user.place = *nta_geo_cache_find(session->parts->places, session->parts->policy->geo,
                                             &record->user.addr);
    record->user.has_mac = binding->has_mac;
    memcpy(record->user.mac, binding->mac, sizeof(record->user.mac));
    if (is_given(&record->user.addr))
        nta_bindings_join_addr(session, binding->has_mac ? binding->mac : NULL, record);
    record->user.name = binding->name; /* no more than the message says */
    record->user.login = binding->login;
    record->user.source = nta_span_of(nta_binding_source_name(binding->source));
    record->binding.client_id = binding->client_id;
    record->binding.circuit = binding->circuit;
    record->binding.state = nta_span_of(nta_binding_state_name(binding->state));
}

/**
 * A server of somebody's own, outside, accepts whatever account he names: a login is known by
 * servers of the network.
 */
static bool is_outsiders(const struct nta_session *session, const struct nta_binding *binding)
{
    const struct nta_policy *policy = session->parts->policy;
    const struct nta_addr *client = session->io.ends[NTA_FROM_CLIENT].addr;
    const struct nta_addr *server = session->io.ends[NTA_FROM_SERVER].addr;

    return binding->source == NTA_BINDING_NTLM && client && server &&
           nta_policy_is_home(policy, client) && !nta_policy_is_home(policy, server);
}

void nta_report_binding(const struct nta_session *session, const struct nta_event *event)
{
    const struct nta_binding *binding = event->binding;
    struct nta_record record = {.event = NTA_RECORD_LEASE, .time_ns = session->io.wall_ns};
    struct nta_record_conflict conflicts[NTA_BINDINGS_CONFLICTS];
    struct nta_who_news news = {.until_ns = 0};
    char mac[NTA_BINDINGS_MAC_SIZE];
    const bool is_heard = !session->flow->any_port && !is_outsiders(session, binding) &&
                          (session->parts->listens || is_ours(session->parts));
    const bool is_learnt = is_heard && nta_bindings_learn(session, event, &news);

    if (!is_heard || !is_ours(session->parts) || (is_learnt && !is_told(binding, &news)))
        return;
    nta_report_ends(session, &record);
    record.user = (struct nta_record_side){0};
    record.doubts = 0;
    nta_report_side(session, !binding->of_server, &record.user);
    nta_report_side(session, binding->of_server, &record.peer);
    fill_frame(session->parts->packet, &record);
    fill_station(session, binding, &record);
    if (is_learnt)
        nta_bindings_fill_news(&news, conflicts, mac, &record);
    if (is_given(&binding->by))
        record.peer.addr = binding->by;
    record.peer.name = binding->other;
    record.app = event->app;
    record.method = binding->message;
    record.end_ns = end_of(binding, record.time_ns);
    nta_report_put(session, &record);
}
