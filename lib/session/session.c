/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between flows and protocols: asks each protocol whether the first bytes are its own, then feeds
 * the one that said yes, and carries out what it asks for (skip, done, hand over, swap).  A
 * connection that nobody recognises, or whose parser is done, is opaque: its packets are counted
 * and its bytes are not looked at.
 */
#include "session/session.h"

#include "base/own.h"
#include "session/observe.h"
#include "session/report.h"
#include "session/sctp.h"
#include "session/transfer.h"
#include "session/websocket.h"

enum
{
    PROBE_MAX = 4096,  ///< A protocol that is not sure after this many bytes is not it.
    HANDOVERS_MAX = 4, ///< In a row that take no byte.
    DATAGRAM_TRIES = 4 ///< Datagrams that may be strange before a flow is given up.
};

/**
 * Client and server of a flow changed places (nta_flow_ops): all that is kept of its connection by
 * direction does, too.  Nothing else may turn any of it, or one part would be forgotten.  The
 * association of SCTP and the log of packets go by an order of the ends that stays.
 */
static void on_turned(void *owner, struct nta_flow *flow)
{
    const struct nta_session session = nta_session_of(owner, flow);
    struct nta_conn *conn = session.conn;

    if (!conn)
        return;
    NTA_TURN(conn->sides);
    if (conn->websocket)
        NTA_TURN(conn->websocket->sides);
    if (conn->state && !session.parts->parser_turned)
        conn->proto->turn(conn->state);
    nta_transfers_turned(&session);
    nta_observe_turned(&session);
}

/** The running parser says that the sides are the wrong way round: so are those of its call. */
static void apply_swap(struct nta_session *session)
{
    struct nta_proto_io *io = &session->io;

    if (!io->swap)
        return;
    session->parts->parser_turned = true;
    nta_flows_swap(session->parts->flows, session->flow);
    session->parts->parser_turned = false;
    io->client_port = session->flow->client_port;
    io->server_port = session->flow->server_port;
    io->side = io->side == NTA_FROM_CLIENT ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
    io->swap = false;
}

static void on_emit(void *owner, const struct nta_event *event)
{
    struct nta_session *session = owner;

    apply_swap(session);
    nta_flow_settle(session->flow);
    nta_count(&session->parts->counters, NTA_COUNTER_MESSAGES, 1);
    nta_observe_event(session, event);
}

static size_t proto_index(const struct nta_proto *proto)
{
    size_t i = 0;

    while (nta_protos[i] != proto)
        i++;
    return i;
}

static void release_state(struct nta_session_parts *parts, struct nta_conn *conn)
{
    if (conn->state)
        nta_pool_give(&parts->states[proto_index(conn->proto)], conn->state);
    conn->state = NULL;
    conn->proto = NULL;
}

/**
 * Nothing more is read of this connection: what is pending is told, then the parser's state goes
 * back.
 */
static void make_opaque(struct nta_session *session)
{
    struct nta_conn *conn = session->conn;

    if (conn->proto && conn->proto->end)
        conn->proto->end(conn->state, &session->io);
    release_state(session->parts, conn);
    nta_pool_give(&session->parts->websockets, conn->websocket);
    conn->websocket = NULL;
    conn->phase = NTA_CONN_OPAQUE;
    nta_observe_decided(session);
    nta_watch_quiet(session->parts->watch, session->flow, nta_conn_is_encrypted(conn));
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
        nta_count(&parts->counters, NTA_COUNTER_STATE_LIMIT, 1);
        return NULL;
    }
    *ret_swapped = nta_transfers_opened(session);
    nta_observe_opened(session);
    return session->conn;
}

/** Start a call: false if the connection needs none. */
static bool session_begin(struct nta_session *session, void *owner, struct nta_flow *flow,
                          enum nta_dir dir, int64_t wall_ns)
{
    bool swapped;

    session->parts = owner;
    session->flow = flow;
    if (!get_conn(session, &swapped) || session->conn->phase == NTA_CONN_OPAQUE)
        return false;
    session->io = (struct nta_proto_io){
        .side = (dir == NTA_DIR_UP) != swapped ? NTA_FROM_CLIENT : NTA_FROM_SERVER,
        .wall_ns = wall_ns,
        .client_port = flow->client_port,
        .server_port = flow->server_port,
        .is_stream = flow->ip_proto == 6 || flow->ip_proto == NTA_PACKET_PROTO_SCTP,
        .expected_by = (enum nta_app)session->conn->expected_by,
        .wants_content = session->parts->policy->hashes,
        .emit = on_emit,
        .owner = session,
    };
    return true;
}

static bool start_parser(struct nta_session *session, size_t i)
{
    struct nta_conn *conn = session->conn;

    conn->state = nta_pool_take(&session->parts->states[i]);
    if (!conn->state) {
        nta_count(&session->parts->counters, NTA_COUNTER_STATE_LIMIT, 1);
        return false;
    }
    conn->proto = nta_protos[i];
    if (conn->proto->settles_sides)
        nta_flow_settle(session->flow);
    if (conn->proto->app != NTA_APP_NONE || !conn->websocket)
        conn->app = (uint8_t)conn->proto->app;
    conn->phase = NTA_CONN_PARSING;
    return true;
}

/**
 * Ask each protocol.  OK: the parser is started; MORE: perhaps with more bytes; OTHER: nobody's.
 */
static enum nta_parse recognise(struct nta_session *session, struct nta_span first)
{
    enum nta_parse verdict = NTA_PARSE_OTHER;

    for (size_t i = 0; nta_protos[i]; i++) {
        const struct nta_proto *proto = nta_protos[i];

        if (!(session->io.is_stream ? proto->over_tcp : proto->over_udp))
            continue;
        if (session->io.expected_by && session->io.expected_by != proto->app)
            continue; /* it was said what this is: content may look like anything */
        switch (proto->probe(&session->io, first)) {
        case NTA_PARSE_OK: return start_parser(session, i) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
        case NTA_PARSE_MORE: verdict = NTA_PARSE_MORE; break;
        case NTA_PARSE_OTHER:
        case NTA_PARSE_BAD: break;
        }
    }
    return verdict == NTA_PARSE_MORE && first.len >= PROBE_MAX ? NTA_PARSE_OTHER : verdict;
}

static void clear_wishes(struct nta_proto_io *io)
{
    io->skip = 0;
    io->done = io->done_both = io->handover = io->framed = io->swap = false;
}

/**
 * What follows lies in frames.  False: no more of them can be followed; those inside frames are
 * not.
 */
static bool begin_frames(struct nta_session_parts *parts, struct nta_conn *conn)
{
    if (conn->websocket)
        return false;
    conn->websocket = nta_pool_take(&parts->websockets);
    if (!conn->websocket)
        nta_count(&parts->counters, NTA_COUNTER_STATE_LIMIT, 1);
    conn->app = NTA_APP_WEBSOCKET;
    return conn->websocket != NULL;
}

/**
 * What follows is another protocol inside this one (CONNECT, STARTTLS, WebSocket): names in it, if
 * any, are the ones that count.
 */
static void hand_over(struct nta_session *session)
{
    struct nta_conn *conn = session->conn;

    release_state(session->parts, conn);
    conn->handed_over = true;
    conn->phase = NTA_CONN_PROBING;
    conn->sides[0].refused = conn->sides[1].refused = false;
    nta_observe_decided(session);
    conn->outer = true;
}

/** Feed the parser once.  True: `taken` is final.  False: handed over, look at the rest anew. */
static bool feed(struct nta_session *session, struct nta_span bytes, struct nta_taken *taken)
{
    struct nta_conn *conn = session->conn;
    struct nta_proto_io *io = &session->io;
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    clear_wishes(io);
    enum nta_parse verdict = conn->proto->feed(conn->state, io, &r);

    apply_swap(session);
    taken->consumed += nta_reader_offset(&r);
    taken->skip = io->skip;
    if (verdict == NTA_PARSE_BAD)
        nta_count(&session->parts->counters, NTA_COUNTER_PROTO_BAD, 1);
    if (verdict == NTA_PARSE_BAD || verdict == NTA_PARSE_OTHER || io->done_both) {
        make_opaque(session);
        taken->stop = true;
        return true;
    }
    if (io->handover && io->framed && !begin_frames(session->parts, conn)) {
        make_opaque(session);
        taken->stop = true;
        return true;
    }
    if (io->handover) {
        hand_over(session);
        return false;
    }
    taken->stop = io->done;
    return true;
}

/** Nobody knows these bytes: give this direction up, and the connection when both are. */
static void refuse(struct nta_session *session)
{
    struct nta_conn_side *sides = session->conn->sides;

    sides[session->io.side].refused = true;
    if (sides[0].refused && sides[1].refused)
        make_opaque(session);
}

/** Show bytes to the protocols, up to where they turn out to lie in frames. */
static struct nta_taken show(struct nta_session *session, struct nta_span bytes)
{
    const bool framed = session->conn->websocket != NULL;
    struct nta_taken taken = {0};
    unsigned n_idle =
        0; /* handed over without a byte taken: two protocols could do that for ever */

    while (taken.consumed < bytes.len && framed == (session->conn->websocket != NULL)) {
        const size_t before = taken.consumed;
        const struct nta_span rest = {bytes.ptr + before, bytes.len - before};

        if (n_idle > HANDOVERS_MAX) {
            refuse(session);
            taken.stop = true;
            return taken;
        }

        if (session->conn->phase == NTA_CONN_PROBING) {
            enum nta_parse verdict = recognise(session, rest);

            if (verdict == NTA_PARSE_MORE)
                return taken;
            if (verdict != NTA_PARSE_OK) {
                refuse(session);
                taken.stop = true;
                return taken;
            }
        }
        if (feed(session, rest, &taken))
            break;
        n_idle = taken.consumed > before ? 0 : n_idle + 1;
    }
    return taken;
}

static bool report_gap(struct nta_session *session, uint64_t len)
{
    const struct nta_proto *proto = session->conn->proto;

    if (session->conn->phase == NTA_CONN_PROBING)
        return true; /* what follows may still begin a message */
    if (!proto->gap)
        return false;
    enum nta_parse verdict = proto->gap(session->conn->state, &session->io, len);

    apply_swap(session);
    return verdict == NTA_PARSE_OK;
}

/** What lies in frames is read as what does not. */
static const struct nta_websocket_ops in_frames = {.data = show, .gap = report_gap};

static struct nta_taken on_data(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                struct nta_span bytes, int64_t wall_ns)
{
    struct nta_session session;
    struct nta_taken taken = {0};

    if (!session_begin(&session, owner, flow, dir, wall_ns))
        return (struct nta_taken){.consumed = bytes.len, .stop = true};
    if (!session.conn->websocket)
        taken = show(&session, bytes);
    if (!session.conn->websocket || taken.stop)
        return taken;
    const struct nta_span frames = {bytes.ptr + taken.consumed, bytes.len - taken.consumed};
    struct nta_taken of_frames = nta_websocket_data(&session, frames, &in_frames);

    of_frames.consumed += taken.consumed;
    return of_frames;
}

static bool on_gap(void *owner, struct nta_flow *flow, enum nta_dir dir, uint64_t len)
{
    struct nta_session session;

    if (!session_begin(&session, owner, flow, dir, flow->last_wall_ns))
        return false;
    return session.conn->websocket ? nta_websocket_gap(&session, len, &in_frames)
                                   : report_gap(&session, len);
}

/**
 * One datagram for the parser.  False: handed over, look at it anew (STUN does so, to DTLS, which
 * never does).
 */
static bool feed_datagram(struct nta_session *session, struct nta_span bytes)
{
    struct nta_conn *conn = session->conn;
    struct nta_proto_io *io = &session->io;
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    clear_wishes(io);
    if (conn->proto->feed(conn->state, io, &r) != NTA_PARSE_OK)
        nta_count(&session->parts->counters, NTA_COUNTER_PROTO_BAD, 1);
    apply_swap(session);
    if (io->done_both) {
        make_opaque(session);
    } else if (io->handover) {
        hand_over(session);
        return false;
    }
    return true;
}

static void on_datagram(void *owner, struct nta_flow *flow, enum nta_dir dir, struct nta_span bytes,
                        int64_t wall_ns)
{
    struct nta_session session;

    if (!session_begin(&session, owner, flow, dir, wall_ns))
        return;
    if (flow->ip_proto == NTA_PACKET_PROTO_SCTP) {
        nta_sctp_packet(&session, dir, bytes, &nta_session_ops);
        return;
    }
    do {
        if (session.conn->phase == NTA_CONN_PROBING && recognise(&session, bytes) != NTA_PARSE_OK) {
            if (++session.conn->n_tries >= DATAGRAM_TRIES)
                make_opaque(&session);
            return;
        }
    } while (!feed_datagram(&session, bytes));
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
    struct nta_session session;

    if (known && known->outer_flow)
        return;
    bool is_read = session_begin(&session, parts, flow, NTA_DIR_UP, flow->last_wall_ns);

    if (!session.conn)
        return;
    session.conn->outer_flow = true;
    session.conn->app = apps[tunnel];
    if (is_read)
        make_opaque(&session);
    session.conn->app = apps[tunnel]; /* what a parser still had to tell was another's */
}

static void on_ended(void *owner, struct nta_flow *flow, enum nta_flow_end why)
{
    struct nta_session session;
    struct nta_session_parts *parts = owner;

    (void)why;
    if (session_begin(&session, owner, flow, NTA_DIR_UP, flow->last_wall_ns))
        make_opaque(&session);
    struct nta_conn *conn = session.conn;

    if (!conn)
        return;
    nta_observe_ended(&session);
    nta_observe_decided(&session);
    nta_watch_ended(parts->watch, flow);
    nta_report_flow(&session, true);
    nta_transfers_ended(&session);
    nta_pool_give(&parts->hits, conn->hit);
    nta_pool_give(&parts->assocs, conn->assoc);
    nta_pool_give(&parts->contents, conn->content);
    nta_pool_give(&parts->conns, conn);
    flow->conn = NULL;
}

static void on_active_timeout(void *owner, struct nta_flow *flow)
{
    struct nta_session session = nta_session_of(owner, flow);
    bool swapped;

    if (!get_conn(&session, &swapped))
        return;
    nta_observe_decided(&session);
    nta_report_flow(&session, false);
}

const struct nta_flow_ops nta_session_ops = {
    .data = on_data,
    .gap = on_gap,
    .datagram = on_datagram,
    .ended = on_ended,
    .active_timeout = on_active_timeout,
    .turned = on_turned,
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
