/* SPDX-License-Identifier: Apache-2.0 */
/* Records of what tells names: lookups of DNS and its kin, leases of DHCP, names of stations. */
#include "base/runtime/clock.h"
#include "base/text.h"
#include "session/report.h"

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

void nta_report_binding(const struct nta_session *session, const struct nta_event *event)
{
    const struct nta_binding *binding = event->binding;
    struct nta_record record = {.event = NTA_RECORD_LEASE, .time_ns = session->io.wall_ns};

    nta_report_ends(session, &record);
    nta_report_side(session, !binding->of_server, &record.user);
    nta_report_side(session, binding->of_server, &record.peer);
    record.user.addr = binding->prefix.addr;
    record.user.ipv4 = (struct nta_addr){0};
    (void)nta_addr_inside(&record.user.addr, &record.user.ipv4);
    record.user.place =
        *nta_geo_cache_find(session->parts->places, session->parts->policy->geo, &record.user.addr);
    record.user.has_mac = binding->has_mac;
    memcpy(record.user.mac, binding->mac, sizeof(record.user.mac));
    record.user.name = binding->name;
    record.user.login = binding->login;
    record.user.source = nta_span_of(nta_binding_source_name(binding->source));
    record.binding.client_id = binding->client_id;
    record.binding.circuit = binding->circuit;
    record.binding.state = nta_span_of(nta_binding_state_name(binding->state));
    if (is_given(&binding->by))
        record.peer.addr = binding->by;
    record.peer.name = binding->other;
    record.app = event->app;
    record.method = binding->message;
    record.end_ns = end_of(binding, record.time_ns);
    nta_report_put(session, &record);
}
