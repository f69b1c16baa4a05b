/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a whole connection, or of a slice of a long one. */
#include "base/own.h"
#include "base/scratch.h"
#include "session/download.h"
#include "session/report.h"
#include "session/role/resolvers.h"
#include "session/transfer_report.h"

/** More than handshakes and questions take: so much is sent for its own sake. */
enum
{
    UPLOAD_LEAST_BYTES = 16384
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

/** Connections that were recognised, and of which not all can be told. */
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

    if (session->conn->app == NTA_APP_HTTP2 && !session->conn->limited)
        return;
    for (size_t i = 0; i < NTA_N_ELEMENTS(unread); i++)
        if (unread[i].app == (enum nta_app)session->conn->app || unread[i].app == service)
            nta_count(&session->parts->counters, unread[i].counter, 1);
}

/** Of its content nothing else tells: it is not read, and it is no tunnel. */
static bool is_unread(const struct nta_conn *conn, bool end)
{
    return !conn->outer_flow && !has_requests(conn, end);
}

/**
 * What was done over the connection.  Where records of requests tell, this one says no more than
 * that it was there; where content is not seen, a handshake is none.
 */
static void fill_act(const struct nta_session *session, bool end, struct nta_record *record)
{
    const struct nta_conn *conn = session->conn;
    const bool is_read = !nta_conn_is_encrypted(conn) && conn->app != NTA_APP_OPENVPN;
    const enum nta_rule rule =
        is_unread(conn, end) ? nta_report_rule(session, record) : NTA_RULE_NONE;
    const bool is_upload = is_unread(conn, end) && record->up.bytes >= UPLOAD_LEAST_BYTES &&
                           record->up.bytes > record->down.bytes;

    if (rule != NTA_RULE_NONE || is_upload)
        nta_report_content(record, rule);
    else if (!conn->outer_flow && record->down.bytes > 0 && record->seen >= NTA_SEEN_ANSWERED &&
             (is_read || record->down.bytes >= UPLOAD_LEAST_BYTES))
        record->seen = NTA_SEEN_DELIVERED;
}

uint64_t nta_report_visit_key(const struct nta_session *session)
{
    const struct nta_conn *conn = session->conn;

    return nta_download_key(session, nta_span_of(nta_app_name((enum nta_app)conn->app)),
                            (struct nta_span){(const uint8_t *)conn->site, conn->site_len}, 0);
}

/** What was fetched over a connection that is not read is a part of what its visit brought. */
static void put_download(const struct nta_session *session, bool end, struct nta_record *record,
                         const struct nta_conn_hit *hit)
{
    const struct nta_conn *conn = session->conn;
    const size_t down = nta_session_ends(session).user_is_client ? NTA_DIR_DOWN : NTA_DIR_UP;
    const struct nta_flow_side *side = &session->flow->sides[down];
    const struct nta_download_part part = {
        .key = nta_report_visit_key(session),
        .first = UINT64_MAX,
        .expected = UINT64_MAX,
        .goes_on = !end,
    };

    const uint64_t refused = end ? nta_flow_refused(session->flow, (enum nta_dir)down) : 0;

    record->file.bytes = record->down.bytes - nta_smaller(refused, record->down.bytes);
    record->file.lost =
        nta_smaller(side->gap_bytes - conn->sides[down].reported.gap_bytes, record->file.bytes);
    record->file.no_hash = nta_conn_is_encrypted(conn) ? NTA_NO_HASH_ENCRYPTED : NTA_NO_HASH_UNREAD;
    nta_download_part(session, record, &part, hit);
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

    if (is_reported_elsewhere(flow, conn) ||
        (!is_kept && !hit && !session->parts->policy->downloads))
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
    fill_act(session, end, &record);
    if (is_kept || hit)
        nta_report_put(session, &record);
    if (is_unread(conn, end))
        put_download(session, end, &record, hit);
    if (!end) {
        conn->reported_wall_ns = flow->last_wall_ns;
        for (size_t i = 0; i < NTA_N_ELEMENTS(conn->sides); i++)
            conn->sides[i].reported = flow->sides[i];
    }
}
