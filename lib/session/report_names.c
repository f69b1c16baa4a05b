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

/** The address that a message is about, the most certain first. */
static const struct nta_addr *leased(const struct nta_dhcp *dhcp)
{
    static const struct nta_addr none = {0};

    if (!nta_addr_equal(&dhcp->given, &none))
        return &dhcp->given;
    return nta_addr_equal(&dhcp->had, &none) ? &dhcp->requested : &dhcp->had;
}

void nta_report_dhcp(const struct nta_session *session, const struct nta_dhcp *dhcp)
{
    static const struct nta_addr none = {0};
    struct nta_record record = {.event = NTA_RECORD_LEASE, .time_ns = session->io.wall_ns};

    nta_report_ends(session, &record);
    nta_report_side(session, true, &record.user);
    nta_report_side(session, false, &record.peer);
    record.user.addr = *leased(dhcp);
    record.user.place =
        *nta_geo_cache_find(session->parts->places, session->parts->policy->geo, &record.user.addr);
    record.user.has_mac = dhcp->has_mac;
    memcpy(record.user.mac, dhcp->mac, sizeof(record.user.mac));
    record.user.name = dhcp->name;
    record.user.source = nta_span_of("dhcp");
    if (!nta_addr_equal(&dhcp->server, &none))
        record.peer.addr = dhcp->server;
    record.app = NTA_APP_DHCP;
    record.method = nta_span_of(nta_dhcp_type_name(dhcp->type));
    if (dhcp->type == NTA_DHCP_ACK && dhcp->lease_s > 0)
        record.end_ns = record.time_ns + dhcp->lease_s * NTA_NS_PER_S;
    nta_report_put(session, &record);
}

void nta_report_station(const struct nta_session *session, const struct nta_station *station)
{
    const struct nta_flow *flow = session->flow;
    bool from_client = session->io.side == NTA_FROM_CLIENT;
    struct nta_record record = {.event = NTA_RECORD_LEASE, .time_ns = session->io.wall_ns};

    nta_report_ends(session, &record);
    nta_report_side(session, from_client, &record.user);
    nta_report_side(session, !from_client, &record.peer);
    record.user.has_mac = flow->has_macs;
    memcpy(record.user.mac, from_client ? flow->client_mac : flow->server_mac,
           sizeof(record.user.mac));
    record.user.name = station->name;
    record.user.source = nta_span_of("netbios");
    record.peer.name = station->other;
    record.app = NTA_APP_NETBIOS;
    nta_report_put(session, &record);
}
