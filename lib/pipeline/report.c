/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what is known of a flow to records: who is the user and who the peer, where both are, and the texts; then into the
 * outbox.  Nothing here decides anything but whether bytes amount to a download.
 */
#include "pipeline/report.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/scratch.h"
#include "base/text.h"
#include "pipeline/resolvers.h"
#include "pipeline/worker.h"

#include <assert.h>
#include <string.h>

/**
 * A connection whose content is not seen counts as a download when the server sent this much: more than a TLS handshake
 * with its certificates, less than anything worth fetching.
 */
enum
{
    DOWNLOAD_LEAST_BYTES = 16384
};

void nta_report_side(struct nta_worker *worker, const struct nta_flow *flow, bool is_client,
                     struct nta_record_side *side)
{
    side->addr = is_client ? flow->client : flow->server;
    side->port = is_client ? flow->client_port : flow->server_port;
    side->place = *nta_geo_cache_find(worker->places, worker->policy->geo, &side->addr);
}

static void set_tags(const struct nta_flow_side *side, struct nta_record_tags *ret_tags)
{
    static_assert(sizeof(ret_tags->ids) == sizeof(side->vlan), "as many as a packet has");

    memcpy(ret_tags->ids, side->vlan, sizeof(ret_tags->ids));
    ret_tags->n = (uint8_t)((side->vlan[0] != 0) + (side->vlan[1] != 0));
}

/** VLAN tags of the user's frames; and of the peer's, if they have others. */
static void fill_tags(const struct nta_flow *flow, bool user_is_client, struct nta_record *record)
{
    const struct nta_flow_side *user = &flow->sides[user_is_client ? NTA_DIR_UP : NTA_DIR_DOWN];
    const struct nta_flow_side *peer = &flow->sides[user_is_client ? NTA_DIR_DOWN : NTA_DIR_UP];

    set_tags(user->packets || !peer->packets ? user : peer, &record->vlan);
    if (!user->packets || !peer->packets || memcmp(user->vlan, peer->vlan, sizeof(user->vlan)) == 0)
        return;
    set_tags(peer, &record->peer.vlan);
    if (record->peer.vlan.n == 0)
        record->peer.vlan.n = 1; /* "0": it has none */
}

void nta_report_ends(struct nta_worker *worker, const struct nta_flow *flow,
                     struct nta_record *record)
{
    struct nta_ends ends = nta_observe_ends(worker->policy, flow);

    nta_report_side(worker, flow, ends.user_is_client, &record->user);
    nta_report_side(worker, flow, !ends.user_is_client, &record->peer);
    record->user.has_mac = flow->has_macs;
    memcpy(record->user.mac, ends.user_is_client ? flow->client_mac : flow->server_mac,
           sizeof(record->user.mac));
    record->ip_proto = flow->ip_proto;
    fill_tags(flow, ends.user_is_client, record);
}

void nta_report_match(struct nta_record *record, const struct nta_conn_hit *hit)
{
    if (!hit)
        return;
    record->match = (struct nta_record_match){
        .list = nta_span_of(hit->list),
        .category = nta_span_of(hit->category),
        .entry = nta_span_of(hit->entry),
        .line = hit->line,
        .kind = hit->kind,
        .severity = hit->severity,
        .weak = hit->weak,
        .shared = nta_span_of(hit->shared),
        .list_sha256 = {hit->list_sha256, sizeof(hit->list_sha256)},
    };
}

static const char *tls_version_name(uint16_t version)
{
    switch (version) {
    case 0x0300: return "SSL 3.0";
    case 0x0301: return "TLS 1.0";
    case 0x0302: return "TLS 1.1";
    case 0x0303: return "TLS 1.2";
    case 0x0304: return "TLS 1.3";
    case 0xfeff: return "DTLS 1.0";
    case 0xfefd: return "DTLS 1.2";
    case 0xfefc: return "DTLS 1.3";
    default: return "";
    }
}

/** What is known of the connection's site and protocol; `addr_text` is space for an address as the site. */
static void fill_conn(const struct nta_conn *conn, char addr_text[NTA_ADDR_TEXT_SIZE],
                      struct nta_record *record)
{
    record->app = (enum nta_app)conn->app;
    record->basis = (enum nta_basis)conn->basis;
    record->agrees = conn->agrees;
    record->disagrees = conn->disagrees;
    record->carrier = conn->outer_flow;
    record->hidden = conn->hidden;
    record->shared = conn->guess;
    record->alpn = nta_span_of(conn->alpn);
    record->ja4 = nta_span_of(conn->ja4);
    record->issuer = nta_span_of(conn->issuer);
    record->tls_version = nta_span_of(tls_version_name(conn->tls_version));
    record->site = (struct nta_span){(const uint8_t *)conn->site, conn->site_len};
    if (conn->basis <= NTA_BASIS_ADDRESS) {
        record->basis = NTA_BASIS_ADDRESS;
        record->site = nta_span_of(nta_addr_text(&record->peer.addr, addr_text));
    }
}

static void fill_software(const struct nta_worker *worker, const struct nta_flow *flow,
                          struct nta_record *record)
{
    const struct nta_conn *conn = flow->conn;
    const size_t user =
        nta_observe_ends(worker->policy, flow).user_is_client ? NTA_DIR_UP : NTA_DIR_DOWN;

    record->user.software = nta_span_of(conn->sides[user].software);
    record->peer.software = nta_span_of(conn->sides[1 - user].software);
}

void nta_report_fill(struct nta_worker *worker, const struct nta_flow *flow,
                     char addr_text[NTA_ADDR_TEXT_SIZE], struct nta_record *record)
{
    nta_report_ends(worker, flow, record);
    fill_conn(flow->conn, addr_text, record);
    fill_software(worker, flow, record);
}

/** A visit of the daemon's own (capture/canary.h): to a name below one that nobody else knows. */
static bool is_canary(const struct nta_policy *policy, struct nta_span site)
{
    size_t len = strlen(policy->canary);

    return len > 0 && site.len > len + 1 && site.ptr[site.len - len - 1] == '.' &&
           memcmp(site.ptr + site.len - len, policy->canary, len) == 0;
}

/** Of such a visit nothing is kept but that it was found; it is no user's alert. */
static void put_canary(struct nta_worker *worker, const struct nta_record *found)
{
    const struct nta_record record = {
        .event = NTA_RECORD_CANARY,
        .time_ns = found->time_ns,
        .app = found->app,
        .site = found->site,
        .basis = found->basis,
        .match = found->match,
    };

    if (found->event == NTA_RECORD_ALERT)
        nta_outbox_add(&worker->outbox, &record, worker->mono_ns, &worker->counters);
}

void nta_report_link(const struct nta_flow *flow, struct nta_record *record)
{
    if (record->match.list.len)
        record->about = nta_keep_about(flow);
}

void nta_report_put_alert(struct nta_worker *worker, struct nta_record *record,
                          const struct nta_conn_hit *hit)
{
    nta_report_link(worker->flow, record);
    nta_report_put(worker, record);
    if (!is_canary(worker->policy, record->site))
        nta_keep_alert(worker, record, hit);
}

void nta_report_put(struct nta_worker *worker, const struct nta_record *record)
{
    if (is_canary(worker->policy, record->site)) {
        put_canary(worker, record);
        return;
    }
    if (record->event == NTA_RECORD_ALERT)
        nta_count(&worker->counters, NTA_COUNTER_ALERTS, 1);
    nta_outbox_add(&worker->outbox, record, worker->mono_ns, &worker->counters);
}

/** The flow's bytes since its last slice, from the user's point of view. */
static void fill_bytes(const struct nta_flow *flow, const struct nta_conn *conn,
                       bool user_is_client, struct nta_record *record)
{
    const struct nta_flow_side *now = flow->sides;
    const struct nta_conn_side *sides = conn->sides;
    size_t up = user_is_client ? NTA_DIR_UP : NTA_DIR_DOWN;
    size_t down = 1 - up;

    record->up.bytes = now[up].bytes - sides[up].reported.bytes;
    record->up.packets = now[up].packets - sides[up].reported.packets;
    record->down.bytes = now[down].bytes - sides[down].reported.bytes;
    record->down.packets = now[down].packets - sides[down].reported.packets;
    record->one_way = now[up].packets == 0 || now[down].packets == 0;
    record->gaps = now[up].gap_bytes > 0 || now[down].gap_bytes > 0;
}

/** Lookups and requests say more than the flow that carried them. */
static bool is_reported_elsewhere(const struct nta_flow *flow, const struct nta_conn *conn)
{
    bool is_datagrams = conn->app == NTA_APP_NETBIOS &&
                        (flow->client_port == 138 || flow->server_port == 138); /* hold content */

    return flow->ip_proto == 17 && !is_datagrams &&
           nta_app_has((enum nta_app)conn->app, NTA_TRAIT_LOOKUP);
}

/** The records of its requests say what was downloaded. */
static bool has_requests(const struct nta_conn *conn)
{
    return nta_app_has((enum nta_app)conn->app, NTA_TRAIT_PER_REQUEST) || conn->expected_by ||
           conn->files_reported;
}

/** Connections that were recognised, and of which no more than that can be told. */
static void count_unread(struct nta_worker *worker, const struct nta_conn *conn,
                         enum nta_app service)
{
    static const struct
    {
        enum nta_app app;
        enum nta_counter counter;
    } unread[] = {
        {NTA_APP_HTTP2, NTA_COUNTER_HTTP2},
        {NTA_APP_DOT, NTA_COUNTER_DOT},
        {NTA_APP_DOH, NTA_COUNTER_DOH},
        {NTA_APP_DOQ, NTA_COUNTER_DOQ},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(unread); i++)
        if (unread[i].app == (enum nta_app)conn->app || unread[i].app == service)
            nta_count(&worker->counters, unread[i].counter, 1);
}

void nta_report_flow(struct nta_worker *worker, const struct nta_flow *flow, bool end)
{
    struct nta_conn *conn = flow->conn;
    struct nta_record record = {.event = NTA_RECORD_FLOW};
    const struct nta_transfer_slot *slot = nta_transfers_of_content(worker, flow);
    const struct nta_conn_hit *hit = nta_conn_forbidden(conn);
    NTA_SCRATCH char addr_text[NTA_ADDR_TEXT_SIZE], url[NTA_TRANSFER_URL_SIZE];

    record.service = nta_resolvers_service(flow, conn);
    if (end)
        count_unread(worker, conn, record.service);
    bool is_kept = conn->outer_flow ? worker->policy->outer_flows : worker->policy->flows;

    if (is_reported_elsewhere(flow, conn) || (!is_kept && !hit))
        return;
    record.time_ns = conn->reported_wall_ns ? conn->reported_wall_ns : flow->first_wall_ns;
    record.end_ns = flow->last_wall_ns;
    nta_report_fill(worker, flow, addr_text, &record);
    nta_report_match(&record, hit);
    nta_report_link(flow, &record);
    fill_bytes(flow, conn, nta_observe_ends(worker->policy, flow).user_is_client, &record);
    record.mid_stream = flow->ip_proto == 6 && !flow->saw_syn;
    if (slot)
        nta_report_transfer_content(worker, slot, url, &record);
    record.download =
        hit && !hit->weak && !has_requests(conn) && record.down.bytes >= DOWNLOAD_LEAST_BYTES;
    nta_report_put(worker, &record);
    if (!end) {
        conn->reported_wall_ns = flow->last_wall_ns;
        for (size_t i = 0; i < NTA_N_ELEMENTS(conn->sides); i++)
            conn->sides[i].reported = flow->sides[i];
    }
}

void nta_report_alert(struct nta_worker *worker, const struct nta_conn_hit *hit)
{
    const struct nta_flow *flow = worker->flow;
    struct nta_record record = {.event = NTA_RECORD_ALERT};
    char addr_text[NTA_ADDR_TEXT_SIZE];

    record.time_ns = flow->last_wall_ns;
    nta_report_fill(worker, flow, addr_text, &record);
    nta_report_match(&record, hit);
    nta_report_put_alert(worker, &record, hit);
}

void nta_report_packets(struct nta_worker *worker, const struct nta_case *c,
                        struct nta_span section, int64_t first_wall_ns, int64_t last_wall_ns)
{
    struct nta_record record = {
        .event = NTA_RECORD_PACKETS,
        .time_ns = first_wall_ns,
        .end_ns = last_wall_ns,
        .packets = section,
    };
    char addr_text[NTA_ADDR_TEXT_SIZE];

    nta_report_fill(worker, c->flow, addr_text, &record);
    record.site = (struct nta_span){(const uint8_t *)c->site, c->site_len};
    record.basis = c->basis;
    nta_report_match(&record, &c->hit);
    nta_report_link(c->flow, &record);
    nta_report_put(worker, &record);
}
