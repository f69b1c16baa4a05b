/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between flows and protocols: which connection a call of the flow table is about, what of it is to
 * be read, and its end.  A connection that nobody recognises, or whose parser is done, is opaque:
 * its packets are counted and its bytes are not looked at.
 */
#include "session/session.h"

#include "base/own.h"
#include "flow/owner.h"
#include "session/call.h"
#include "session/download.h"
#include "session/inside/portless.h"
#include "session/inside/sctp.h"
#include "session/inside/websocket.h"
#include "session/observe.h"
#include "session/quic.h"
#include "session/read/datagram.h"
#include "session/read/other.h"
#include "session/read/stream.h"
#include "session/report.h"
#include "session/role/doubt.h"
#include "session/role/echo.h"
#include "session/transfer.h"

/**
 * Client and server of a flow changed places (nta_flow_ops): all that is kept of its connection by
 * direction does, too.  Nothing else may turn any of it, or one part would be forgotten.  The
 * association of SCTP and the log of packets go by an order of the ends that stays.
 */
static void on_turned(void *owner, struct nta_flow *flow)
{
    const struct nta_session session = nta_session_of(owner, flow);
    struct nta_conn *conn = session.conn;

    nta_fed_begin(&session.parts->fed, session.parts->fed.flow);
    if (!conn)
        return;
    session.parts->has_rated_user = false;
    NTA_TURN(conn->sides);
    if (conn->websocket)
        NTA_TURN(conn->websocket->sides);
    if (conn->state && !session.parts->parser_turned)
        conn->proto->turn(conn->state);
    nta_transfers_turned(&session);
    nta_observe_turned(&session);
}

/**
 * The connection of a flow, made at its first sight; NULL at the limit.  `ret_swapped`: its sides
 * were swapped now.
 */
static struct nta_conn *get_conn(struct nta_session *session, bool *ret_swapped)
{
    struct nta_session_parts *parts = session->parts;
    struct nta_flow *flow = session->flow;

    *ret_swapped = false;
    session->conn = flow->conn;
    if (session->conn)
        return session->conn;
    session->conn = flow->conn = nta_pool_take(&parts->conns);
    if (!session->conn) {
        nta_flow_note_limit(flow, NTA_FLOW_LIMIT_STATE, &parts->counters);
        return NULL;
    }
    *ret_swapped = nta_transfers_opened(session);
    nta_doubt_note_user(session);
    nta_observe_opened(session);
    return session->conn;
}

/** Start a call: false if the connection needs none. */
static bool session_begin(struct nta_session *session, void *owner, struct nta_flow *flow,
                          enum nta_dir dir, int64_t wall_ns)
{
    bool swapped;

    session->parts = owner;
    session->parts->rated_flow = session->flow = flow;
    session->parts->has_rated_user = false;
    session->first = NULL;
    if (!get_conn(session, &swapped) || session->conn->phase == NTA_CONN_OPAQUE)
        return false;
    nta_call_open(session, (dir == NTA_DIR_UP) != swapped ? NTA_FROM_CLIENT : NTA_FROM_SERVER,
                  wall_ns);
    return true;
}

/** Bytes are shown of a direction that nobody knew: they begin anew. */
static void look_once_more(struct nta_conn *conn, enum nta_dir dir)
{
    if (!conn || !conn->sides[dir].refused)
        return;
    conn->sides[dir].refused = false;
    if (conn->phase == NTA_CONN_OPAQUE)
        conn->phase = NTA_CONN_PROBING;
}

static struct nta_taken on_data(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                struct nta_span bytes, int64_t wall_ns)
{
    struct nta_session session;

    look_once_more(flow->conn, dir);
    if (!session_begin(&session, owner, flow, dir, wall_ns))
        return (struct nta_taken){.consumed = bytes.len, .stop = true};
    if (flow->ip_proto == 6) {
        session.at = nta_flows_at(session.parts->flows);
        session.first = bytes.ptr;
    }
    return nta_read_stream(&session, bytes);
}

static bool on_gap(void *owner, struct nta_flow *flow, enum nta_dir dir, uint64_t len)
{
    struct nta_session session;

    if (!session_begin(&session, owner, flow, dir, flow->last_wall_ns))
        return false;
    session.io.at.known = flow->ip_proto == 6 && !session.conn->websocket;
    session.io.at.seq = nta_flows_at(session.parts->flows).seq;
    session.conn->limited |=
        session.parts->packet && (session.parts->packet->flags & NTA_PACKET_CUT);
    return nta_read_stream_gap(&session, len);
}

static void read_datagram(struct nta_session *session, enum nta_dir dir, struct nta_span bytes)
{
    const struct nta_flow *flow = session->flow;

    session->io.cut = nta_flows_at(session->parts->flows).cut;
    session->conn->limited |= session->io.cut > 0;
    if (nta_packet_is_icmp(flow->ip_proto) || flow->ip_proto == NTA_PACKET_PROTO_ESP) {
        if (nta_portless_packet(session, bytes))
            nta_observe_decided(session);
        return;
    }
    if (flow->ip_proto == NTA_PACKET_PROTO_SCTP) {
        nta_sctp_packet(session, dir, bytes, &nta_session_ops);
        return;
    }
    nta_read_datagram(session, bytes);
}

static void on_datagram(void *owner, struct nta_flow *flow, enum nta_dir dir, struct nta_span bytes,
                        int64_t wall_ns)
{
    struct nta_session session;

    const bool is_read = session_begin(&session, owner, flow, dir, wall_ns);

    if (!session.conn) /* the flow ended to make space for another one */
        return;
    nta_observe_answered(&session);
    nta_quic_opened(&session);
    if (is_read)
        read_datagram(&session, dir, bytes);
    if (!flow->proved)
        nta_observe_echo(&session, dir, is_read ? nta_read_inside(&session, bytes) : bytes);
}

void nta_session_outer_flow(struct nta_session_parts *parts, struct nta_flow *flow,
                            enum nta_tunnel tunnel)
{
    static const uint8_t apps[NTA_N_TUNNELS] = {
#define TUNNEL_APP(symbol) [NTA_TUNNEL_##symbol] = NTA_APP_##symbol,
        NTA_TUNNELS(TUNNEL_APP)
#undef TUNNEL_APP
    };
    struct nta_conn *known = flow->conn;
    struct nta_session session = {0};

    if (known && known->outer_flow)
        return;
    bool is_read = session_begin(&session, parts, flow, NTA_DIR_UP, flow->last_wall_ns);

    if (!session.conn)
        return;
    session.conn->outer_flow = true;
    session.conn->app = apps[tunnel];
    if (is_read)
        nta_call_over(&session);
    session.conn->app = apps[tunnel]; /* what a parser still had to tell was another's */
}

/** Other bytes than those that were shown. */
static enum nta_flow_verdict on_other(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                      struct nta_span bytes, enum nta_flow_likely likely)
{
    struct nta_session session = nta_session_of(owner, flow);
    bool swapped;

    if (!get_conn(&session, &swapped))
        return NTA_FLOW_VERDICT_DONE;
    nta_call_open(&session, (dir == NTA_DIR_UP) != swapped ? NTA_FROM_CLIENT : NTA_FROM_SERVER,
                  flow->last_wall_ns);
    return nta_other_reading(&session, bytes, likely);
}

/** Both sides have said all, and all of it was shown: there is nothing left to wait for. */
static void on_closed(void *owner, struct nta_flow *flow)
{
    struct nta_session session;

    if (session_begin(&session, owner, flow, NTA_DIR_UP, flow->last_wall_ns))
        nta_call_over(&session);
}

static void on_ended(void *owner, struct nta_flow *flow, enum nta_flow_end why)
{
    struct nta_session session = {0};
    struct nta_session_parts *parts = owner;

    (void)why;
    if (session_begin(&session, owner, flow, NTA_DIR_UP, flow->last_wall_ns))
        nta_call_over(&session);
    struct nta_conn *conn = session.conn;

    if (!conn)
        return;
    nta_observe_ended(&session);
    nta_observe_decided(&session);
    nta_watch_ended(parts->watch, flow);
    nta_report_flow(&session, true);
    nta_transfers_ended(&session);
    nta_download_let_go(&session);
    nta_report_held(&session); /* the last that is told of it */
    nta_hits_drop(&parts->hits, conn);
    nta_pool_give(&parts->assocs, conn->assoc);
    nta_pool_give(&parts->contents, conn->content);
    nta_pool_give(&parts->quics, conn->quic);
    nta_pool_give(&parts->pings, conn->pings);
    nta_pool_give(&parts->others, conn->other);
    nta_pool_give(&parts->conns, conn);
    flow->conn = NULL;
    parts->rated_flow = NULL;
}

static void on_active_timeout(void *owner, struct nta_flow *flow)
{
    struct nta_session session = nta_session_of(owner, flow);
    bool swapped;

    if (!get_conn(&session, &swapped))
        return;
    nta_call_name(&session);
    nta_observe_decided(&session);
    nta_report_flow(&session, false);
}

void nta_session_tick(void *owner, int64_t wall_ns)
{
    struct nta_session_parts *parts = owner;
    struct nta_flow *flow;

    while ((flow = nta_hits_due(&parts->hits, wall_ns))) {
        const struct nta_session session = nta_session_of(parts, flow);

        nta_hits_settle(&parts->hits, session.conn);
        nta_observe_decided(&session);
    }
    nta_report_held_due(parts, wall_ns);
    nta_downloads_due(parts, wall_ns);
    nta_report_sums_due(parts, wall_ns);
}

const struct nta_flow_ops nta_session_ops = {
    .data = on_data,
    .gap = on_gap,
    .datagram = on_datagram,
    .closed = on_closed,
    .ended = on_ended,
    .active_timeout = on_active_timeout,
    .passed = nta_session_tick,
    .turned = on_turned,
    .part = nta_quic_part,
    .is_other_machine = nta_doubt_is_other_machine,
    .proved = nta_observe_proved,
    .taken = nta_report_taken,
    .other = on_other,
};

int nta_session_parts_init(struct nta_session_parts *parts,
                           const struct nta_session_options *options, struct nta_err *err)
{
    const struct nta_watch_options watch = {
        .bytes = options->keep_bytes,
        .window_ns = options->keep_window_ns,
        .closed = nta_report_case,
        .owner = parts,
    };

    int r = nta_session_parts_init_tables(parts, options);

    if (r < 0)
        return nta_err_sys(err, r, "tables of a worker");
    r = nta_flows_new(&options->flow, &nta_session_ops, parts, &parts->counters, &parts->flows,
                      err);
    if (r == 0)
        r = nta_watch_new(&watch, &parts->watch, err);
    return r < 0 ? r : nta_section_new(&parts->section, err);
}
