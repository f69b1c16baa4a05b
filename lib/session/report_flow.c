/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a whole connection, or of a slice of a long one. */
#include "base/own.h"
#include "base/scratch.h"
#include "session/report.h"
#include "session/role/resolvers.h"
#include "session/transfer_report.h"

/**
 * A connection whose content is not seen counts as a download when the server sent this much: more
 * than a TLS handshake with its certificates, less than anything worth fetching.
 */
enum
{
    DOWNLOAD_LEAST_BYTES = 16384
};

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
    record->gaps = now[up].gap_bytes > sides[up].reported.gap_bytes ||
                   now[down].gap_bytes > sides[down].reported.gap_bytes;
}

/** There was something since the last slice, if it only was that a hole stays one. */
static bool has_news(const struct nta_flow *flow, const struct nta_conn *conn)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(conn->sides); i++) {
        const struct nta_flow_side *now = &flow->sides[i], *told = &conn->sides[i].reported;

        if (now->packets != told->packets || now->bytes != told->bytes ||
            now->gap_bytes != told->gap_bytes)
            return true;
    }
    return false;
}

/** Lookups and requests say more than the flow that carried them. */
static bool is_reported_elsewhere(const struct nta_flow *flow, const struct nta_conn *conn)
{
    bool is_datagrams = conn->app == NTA_APP_NETBIOS &&
                        (flow->client_port == 138 || flow->server_port == 138); /* hold content */

    return flow->ip_proto == 17 && !is_datagrams &&
           nta_app_has((enum nta_app)conn->app, NTA_TRAIT_LOOKUP);
}

/**
 * The records of its requests say what was downloaded; while it goes on (`end` false) and is read,
 * those that are still to come do, with all the bytes of slices that were told before them.
 */
static bool has_requests(const struct nta_conn *conn, bool end)
{
    const enum nta_app app = (enum nta_app)conn->app;

    return nta_app_has(app, NTA_TRAIT_PER_REQUEST) || conn->expected_by || conn->files_reported ||
           (!end && conn->phase != NTA_CONN_OPAQUE && nta_app_has(app, NTA_TRAIT_REQUESTS));
}

/**
 * What it moved has records of requests, or will have: of a listing there is none, and what could
 * not be read has none.
 */
static bool is_told(const struct nta_session *session, const struct nta_transfer_slot *slot,
                    bool end)
{
    const struct nta_conn *conn = session->conn;

    if (nta_app_has((enum nta_app)conn->app, NTA_TRAIT_PER_REQUEST) ||
        (!session->parts->policy->requests && !nta_conn_forbidden(conn)))
        return false;
    return conn->expected_by ? !slot || slot->path_len > 0 : has_requests(conn, end);
}

/** Connections that were recognised, and of which no more than that can be told. */
static void count_unread(const struct nta_session *session, enum nta_app service)
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
        if (unread[i].app == (enum nta_app)session->conn->app || unread[i].app == service)
            nta_count(&session->parts->counters, unread[i].counter, 1);
}

/**
 * What was done over the connection.  Where records of requests tell, this one says no more than
 * that it was there; where content is not seen, a handshake is none.
 */
static void fill_act(const struct nta_conn *conn, bool end, struct nta_record *record)
{
    const bool is_large =
        record->down.bytes >= DOWNLOAD_LEAST_BYTES || record->up.bytes >= DOWNLOAD_LEAST_BYTES;

    if (!conn->outer_flow && !has_requests(conn, end) && is_large)
        nta_report_content(record, NTA_RULE_BYTES);
    else if (!conn->outer_flow && !nta_conn_is_encrypted(conn) && conn->app != NTA_APP_OPENVPN &&
             record->down.bytes > 0 && record->seen >= NTA_SEEN_ANSWERED)
        record->seen = NTA_SEEN_DELIVERED;
}

/** When this slice began: where the one before ended, or later, if it was quiet then. */
static int64_t begin_of(const struct nta_flow *flow, const struct nta_conn *conn)
{
    int64_t begin_ns;

    if (!conn->reported_wall_ns)
        return flow->first_wall_ns;
    if (__builtin_sub_overflow(flow->last_wall_ns, nta_flow_slice_ns(flow), &begin_ns) ||
        begin_ns < conn->reported_wall_ns + NTA_NS_PER_S) /* the table's clock is its own */
        return conn->reported_wall_ns;
    return begin_ns;
}

void nta_report_flow(const struct nta_session *session, bool end)
{
    const struct nta_flow *flow = session->flow;
    struct nta_conn *conn = session->conn;
    struct nta_record record = {.event = NTA_RECORD_FLOW};
    const struct nta_transfer_slot *slot =
        nta_transfers_of_content(&session->parts->transfers, session->flow);
    const struct nta_conn_hit *hit = nta_conn_forbidden(conn);
    NTA_SCRATCH char addr_text[NTA_ADDR_TEXT_SIZE], url[NTA_TRANSFER_URL_SIZE];

    record.service = nta_resolvers_service(flow, conn);
    if (end)
        count_unread(session, record.service);
    if (conn->reported_wall_ns && !has_news(flow, conn))
        return; /* all of it is told */
    bool is_kept =
        conn->outer_flow ? session->parts->policy->outer_flows : session->parts->policy->flows;

    if (is_reported_elsewhere(flow, conn) || (!is_kept && !hit))
        return;
    record.time_ns = begin_of(flow, conn);
    record.end_ns = flow->last_wall_ns;
    nta_report_fill(session, addr_text, &record);
    nta_report_match(session, &record, hit);
    nta_report_link(flow, &record);
    fill_bytes(flow, conn, nta_session_ends(session).user_is_client, &record);
    record.mid_stream = flow->ip_proto == 6 && !flow->saw_syn;
    if (slot)
        nta_report_transfer_content(session, slot, url, &record);
    record.told = is_told(session, slot, end);
    record.download =
        hit && !hit->weak && !has_requests(conn, end) && record.down.bytes >= DOWNLOAD_LEAST_BYTES;
    fill_act(conn, end, &record);
    nta_report_put(session, &record);
    if (!end) {
        conn->reported_wall_ns = flow->last_wall_ns;
        for (size_t i = 0; i < NTA_N_ELEMENTS(conn->sides); i++)
            conn->sides[i].reported = flow->sides[i];
    }
}
