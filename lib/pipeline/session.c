/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between flows and protocols: asks each protocol whether the first bytes are its own, then feeds the one that said
 * yes, and carries out what it asks for (skip, done, hand over, swap).  A connection that nobody recognises, or whose
 * parser is done, is opaque: its packets are counted and its bytes are not looked at.
 */
#include "base/own.h"
#include "pipeline/report.h"
#include "pipeline/worker.h"

enum
{
    PROBE_MAX = 4096,  ///< A protocol that is not sure after this many bytes is not it.
    HANDOVERS_MAX = 4, ///< In a row that take no byte.
    DATAGRAM_TRIES = 4 ///< Datagrams that may be strange before a flow is given up.
};

/** One connection in one call. */
struct session
{
    struct nta_worker *worker;
    struct nta_flow *flow;
    struct nta_conn *conn;
    struct nta_proto_io io;
};

/**
 * Client and server of a flow changed places (nta_flow_ops): all that is kept of its connection by direction does, too.
 * Nothing else may turn any of it, or one part would be forgotten.  The association of SCTP and the log of packets go by
 * an order of the ends that stays.
 */
static void on_turned(void *owner, struct nta_flow *flow)
{
    struct nta_worker *worker = owner;
    struct nta_conn *conn = flow->conn;

    if (!conn)
        return;
    NTA_TURN(conn->sides);
    if (conn->websocket)
        NTA_TURN(conn->websocket->sides);
    if (conn->state && !worker->parser_turned)
        conn->proto->turn(conn->state);
    nta_transfers_turned(worker, flow);
    nta_observe_turned(worker, flow);
}

/** The running parser says that the sides are the wrong way round: so are those of its call. */
static void apply_swap(struct nta_worker *worker)
{
    struct nta_proto_io *io = worker->io;

    if (!io->swap)
        return;
    worker->parser_turned = true;
    nta_flows_swap(worker->flows, worker->flow);
    worker->parser_turned = false;
    io->client_port = worker->flow->client_port;
    io->server_port = worker->flow->server_port;
    io->side = io->side == NTA_FROM_CLIENT ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
    io->swap = false;
}

static void on_emit(void *owner, const struct nta_event *event)
{
    struct nta_worker *worker = owner;

    apply_swap(worker);
    nta_flow_settle(worker->flow);
    nta_count(&worker->counters, NTA_COUNTER_MESSAGES, 1);
    nta_observe_event(worker, event);
}

static size_t proto_index(const struct nta_proto *proto)
{
    size_t i = 0;

    while (nta_protos[i] != proto)
        i++;
    return i;
}

static void release_state(struct nta_worker *worker, struct nta_conn *conn)
{
    if (conn->state)
        nta_pool_give(&worker->states[proto_index(conn->proto)], conn->state);
    conn->state = NULL;
    conn->proto = NULL;
}

/** Nothing more is read of this connection: what is pending is told, then the parser's state goes back. */
static void make_opaque(struct session *session)
{
    struct nta_conn *conn = session->conn;

    if (conn->proto && conn->proto->end)
        conn->proto->end(conn->state, &session->io);
    release_state(session->worker, conn);
    nta_pool_give(&session->worker->websockets, conn->websocket);
    conn->websocket = NULL;
    conn->phase = NTA_CONN_OPAQUE;
    nta_observe_decided(session->worker, session->flow);
    nta_keep_quiet(session->worker, session->flow);
}

/** The connection of a flow, made at its first sight; NULL at the limit.  `ret_swapped`: its sides were swapped now. */
static struct nta_conn *get_conn(struct nta_worker *worker, struct nta_flow *flow,
                                 bool *ret_swapped)
{
    *ret_swapped = false;
    if (flow->conn)
        return flow->conn;
    flow->conn = nta_pool_take(&worker->conns);
    if (!flow->conn) {
        nta_count(&worker->counters, NTA_COUNTER_STATE_LIMIT, 1);
        return NULL;
    }
    *ret_swapped = nta_transfers_opened(worker, flow);
    nta_observe_opened(worker, flow);
    return flow->conn;
}

/** Start a call: false if the connection needs none. */
static bool session_begin(struct session *session, void *owner, struct nta_flow *flow,
                          enum nta_dir dir, int64_t wall_ns)
{
    struct nta_worker *worker = owner;
    bool swapped;

    session->worker = worker;
    session->flow = flow;
    session->conn = get_conn(worker, flow, &swapped);
    if (!session->conn || session->conn->phase == NTA_CONN_OPAQUE)
        return false;
    session->io = (struct nta_proto_io){
        .side = (dir == NTA_DIR_UP) != swapped ? NTA_FROM_CLIENT : NTA_FROM_SERVER,
        .wall_ns = wall_ns,
        .client_port = flow->client_port,
        .server_port = flow->server_port,
        .is_stream = flow->ip_proto == 6 || flow->ip_proto == NTA_PACKET_PROTO_SCTP,
        .expected_by = (enum nta_app)session->conn->expected_by,
        .emit = on_emit,
        .owner = worker,
    };
    worker->flow = flow;
    worker->io = &session->io;
    return true;
}

static bool start_parser(struct session *session, size_t i)
{
    struct nta_conn *conn = session->conn;

    conn->state = nta_pool_take(&session->worker->states[i]);
    if (!conn->state) {
        nta_count(&session->worker->counters, NTA_COUNTER_STATE_LIMIT, 1);
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

/** Ask each protocol.  OK: the parser is started; MORE: perhaps with more bytes; OTHER: nobody's. */
static enum nta_parse recognise(struct session *session, struct nta_span first)
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

/** What follows lies in frames.  False: no more of them can be followed; those inside frames are not. */
static bool begin_frames(struct nta_worker *worker, struct nta_conn *conn)
{
    if (conn->websocket)
        return false;
    conn->websocket = nta_pool_take(&worker->websockets);
    if (!conn->websocket)
        nta_count(&worker->counters, NTA_COUNTER_STATE_LIMIT, 1);
    conn->app = NTA_APP_WEBSOCKET;
    return conn->websocket != NULL;
}

/**
 * What follows is another protocol inside this one (CONNECT, STARTTLS, WebSocket): names in it, if any, are the ones
 * that count.
 */
static void hand_over(struct session *session)
{
    struct nta_conn *conn = session->conn;

    release_state(session->worker, conn);
    conn->handed_over = true;
    conn->phase = NTA_CONN_PROBING;
    conn->sides[0].refused = conn->sides[1].refused = false;
    nta_observe_decided(session->worker, session->flow);
    conn->outer = true;
}

/** Feed the parser once.  True: `taken` is final.  False: handed over, look at the rest anew. */
static bool feed(struct session *session, struct nta_span bytes, struct nta_taken *taken)
{
    struct nta_conn *conn = session->conn;
    struct nta_proto_io *io = &session->io;
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    clear_wishes(io);
    enum nta_parse verdict = conn->proto->feed(conn->state, io, &r);

    apply_swap(session->worker);
    taken->consumed += nta_reader_offset(&r);
    taken->skip = io->skip;
    if (verdict == NTA_PARSE_BAD)
        nta_count(&session->worker->counters, NTA_COUNTER_PROTO_BAD, 1);
    if (verdict == NTA_PARSE_BAD || verdict == NTA_PARSE_OTHER || io->done_both) {
        make_opaque(session);
        taken->stop = true;
        return true;
    }
    if (io->handover && io->framed && !begin_frames(session->worker, conn)) {
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
static void refuse(struct session *session)
{
    struct nta_conn_side *sides = session->conn->sides;

    sides[session->io.side].refused = true;
    if (sides[0].refused && sides[1].refused)
        make_opaque(session);
}

/** Show bytes to the protocols, up to where they turn out to lie in frames. */
static struct nta_taken show(struct session *session, struct nta_span bytes)
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

static struct nta_taken on_data(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                struct nta_span bytes, int64_t wall_ns)
{
    struct session session;
    struct nta_taken taken = {0};

    if (!session_begin(&session, owner, flow, dir, wall_ns))
        return (struct nta_taken){.consumed = bytes.len, .stop = true};
    if (!session.conn->websocket)
        taken = show(&session, bytes);
    if (!session.conn->websocket || taken.stop)
        return taken;
    const struct nta_span frames = {bytes.ptr + taken.consumed, bytes.len - taken.consumed};
    struct nta_taken of_frames = nta_websocket_data(
        owner, flow, session.io.side == NTA_FROM_CLIENT ? NTA_DIR_UP : NTA_DIR_DOWN, frames,
        wall_ns);

    of_frames.consumed += taken.consumed;
    return of_frames;
}

struct nta_taken nta_session_inside(struct nta_worker *worker, struct nta_flow *flow,
                                    enum nta_dir *dir, struct nta_span bytes, int64_t wall_ns)
{
    struct session session;

    if (!session_begin(&session, worker, flow, *dir, wall_ns))
        return (struct nta_taken){.consumed = bytes.len, .stop = true};
    struct nta_taken taken = show(&session, bytes);

    *dir = session.io.side == NTA_FROM_CLIENT ? NTA_DIR_UP : NTA_DIR_DOWN;
    return taken;
}

static bool report_gap(struct session *session, uint64_t len)
{
    const struct nta_proto *proto = session->conn->proto;

    if (session->conn->phase == NTA_CONN_PROBING)
        return true; /* what follows may still begin a message */
    if (!proto->gap)
        return false;
    enum nta_parse verdict = proto->gap(session->conn->state, &session->io, len);

    apply_swap(session->worker);
    return verdict == NTA_PARSE_OK;
}

static bool on_gap(void *owner, struct nta_flow *flow, enum nta_dir dir, uint64_t len)
{
    struct session session;

    if (!session_begin(&session, owner, flow, dir, flow->last_wall_ns))
        return false;
    if (session.conn->websocket)
        return nta_websocket_gap(
            owner, flow, session.io.side == NTA_FROM_CLIENT ? NTA_DIR_UP : NTA_DIR_DOWN, len);
    return report_gap(&session, len);
}

bool nta_session_inside_gap(struct nta_worker *worker, struct nta_flow *flow, enum nta_dir dir,
                            uint64_t len)
{
    struct session session;

    return session_begin(&session, worker, flow, dir, flow->last_wall_ns) &&
           report_gap(&session, len);
}

/** One datagram for the parser.  False: handed over, look at it anew (STUN does so, to DTLS, which never does). */
static bool feed_datagram(struct session *session, struct nta_span bytes)
{
    struct nta_conn *conn = session->conn;
    struct nta_proto_io *io = &session->io;
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    clear_wishes(io);
    if (conn->proto->feed(conn->state, io, &r) != NTA_PARSE_OK)
        nta_count(&session->worker->counters, NTA_COUNTER_PROTO_BAD, 1);
    apply_swap(session->worker);
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
    struct session session;

    if (!session_begin(&session, owner, flow, dir, wall_ns))
        return;
    if (flow->ip_proto == NTA_PACKET_PROTO_SCTP) {
        nta_sctp_packet(owner, flow, dir, bytes, wall_ns);
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

void nta_session_outer_flow(struct nta_worker *worker, struct nta_flow *flow,
                            enum nta_tunnel tunnel)
{
    static const uint8_t apps[NTA_N_TUNNELS] = {
#define TUNNEL_APP(symbol) [NTA_TUNNEL_##symbol] = NTA_APP_##symbol,
        NTA_TUNNELS(TUNNEL_APP)
#undef TUNNEL_APP
    };
    struct nta_conn *known = flow->conn;
    struct session session;

    if (known && known->outer_flow)
        return;
    bool is_read = session_begin(&session, worker, flow, NTA_DIR_UP, flow->last_wall_ns);

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
    struct session session;
    struct nta_worker *worker = owner;

    (void)why;
    if (session_begin(&session, owner, flow, NTA_DIR_UP, flow->last_wall_ns))
        make_opaque(&session);
    struct nta_conn *conn = flow->conn;

    if (!conn)
        return;
    nta_observe_ended(worker, flow);
    nta_observe_decided(worker, flow);
    nta_keep_ended(worker, flow);
    nta_report_flow(worker, flow, true);
    nta_transfers_ended(worker, flow);
    nta_pool_give(&worker->hits, conn->hit);
    nta_pool_give(&worker->assocs, conn->assoc);
    nta_pool_give(&worker->conns, conn);
    flow->conn = NULL;
}

static void on_active_timeout(void *owner, struct nta_flow *flow)
{
    struct nta_worker *worker = owner;
    bool swapped;

    if (!get_conn(worker, flow, &swapped))
        return;
    nta_observe_decided(worker, flow);
    nta_report_flow(worker, flow, false);
}

const struct nta_flow_ops nta_session_ops = {
    .data = on_data,
    .gap = on_gap,
    .datagram = on_datagram,
    .ended = on_ended,
    .active_timeout = on_active_timeout,
    .turned = on_turned,
};
