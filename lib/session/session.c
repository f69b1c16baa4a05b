/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between flows and protocols: asks each protocol whether the first bytes are its own, then feeds
 * the one that said yes, and carries out what it asks for (skip, done, hand over, swap).  A
 * connection that nobody recognises, or whose parser is done, is opaque: its packets are counted
 * and its bytes are not looked at.
 */
#include "session/session.h"

#include "base/own.h"
#include "flow/owner.h"
#include "proto/tls/stun.h"
#include "session/call.h"
#include "session/download.h"
#include "session/inside/portless.h"
#include "session/inside/sctp.h"
#include "session/inside/websocket.h"
#include "session/observe.h"
#include "session/other.h"
#include "session/quic.h"
#include "session/report.h"
#include "session/role/doubt.h"
#include "session/role/echo.h"
#include "session/transfer.h"

enum
{
    PROBE_MAX = 4096,   ///< A protocol that is not sure after this many bytes is not it.
    HANDOVERS_MAX = 4,  ///< In a row that take no byte.
    DATAGRAM_TRIES = 4, ///< Datagrams that may be strange before a flow is given up.
    REFUSALS_MAX = 32,  ///< Of parsers on one stream.
    AGAIN_MAX = 4,      ///< Times that a direction is looked at after nobody knew it.
    /** Of a side, before the other one has spoken the same protocol; see drop_unread(). */
    UNREAD_MAX = 64 * 1024,
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

/** Is the connection what its parser is for?  Or what was said before, or stands around it. */
static bool names_app(const struct nta_conn *conn)
{
    if (conn->proto->app == NTA_APP_NONE)
        return !conn->websocket && !conn->app_stays;
    return conn->proto->is_beside ? !conn->app_stays : !nta_conn_keeps_app(conn);
}

static bool start_parser(struct nta_session *session, size_t i)
{
    struct nta_conn *conn = session->conn;

    if (session->io.is_stream) {
        conn->state = nta_call_take(session, &session->parts->states[i], &conn->holder);
        if (!conn->state) {
            conn->limited = true;
            return false;
        }
    }
    session->io.extra = NULL;
    session->io.memo = 0;
    conn->proto = nta_protos[i];
    conn->sides[session->io.side ^ 1].waited_len = conn->sides[session->io.side ^ 1].left;
    if (conn->proto->settles_sides)
        nta_flow_settle(session->flow);
    if (names_app(conn))
        conn->app = (uint8_t)conn->proto->app;
    conn->phase = NTA_CONN_PARSING;
    return true;
}

/** Is it this protocol's? */
static enum nta_parse ask(struct nta_session *session, const struct nta_proto *proto,
                          struct nta_span first)
{
    session->io.shared = nta_call_shared(session->parts, proto);
    return proto->probe(&session->io, first);
}

/**
 * Ask each protocol.  OK: the parser is started; MORE: perhaps with more bytes; OTHER: nobody's.
 */
static enum nta_parse recognise(struct nta_session *session, struct nta_span first)
{
    enum nta_parse verdict = NTA_PARSE_OTHER;

    if (session->io.expected_by && !nta_observe_announced(session, first))
        session->io.expected_by = NTA_APP_NONE;
    for (size_t i = 0; nta_protos[i]; i++) {
        const struct nta_proto *proto = nta_protos[i];

        if (!(session->io.is_stream ? proto->over_tcp : proto->over_udp))
            continue;
        if (session->io.expected_by && session->io.expected_by != proto->app)
            continue; /* it was said what this is: content may look like anything */
        switch (ask(session, proto, first)) {
        case NTA_PARSE_OK: return start_parser(session, i) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
        case NTA_PARSE_MORE: verdict = NTA_PARSE_MORE; break;
        case NTA_PARSE_OTHER:
        case NTA_PARSE_BAD: break;
        }
    }
    if (verdict != NTA_PARSE_MORE || first.len < PROBE_MAX)
        return verdict;
    session->conn->limited = true;
    return NTA_PARSE_OTHER;
}

static void clear_wishes(struct nta_proto_io *io)
{
    io->skip = 0;
    io->idle = io->done = io->done_both = io->handover = io->quoted = io->framed = io->swap = false;
    io->limited = false;
}

/**
 * What follows is another protocol inside this one (CONNECT, STARTTLS, WebSocket): names in it, if
 * any, are the ones that count.
 */
static void hand_over(struct nta_session *session)
{
    struct nta_conn *conn = session->conn;
    const bool is_nobodys = conn->proto == nta_protos[NTA_PROTO_PLACE_fallback];

    nta_call_release(session->parts, conn);
    conn->handed_over = true;
    conn->is_relayed |= !is_nobodys; /* which is only the talk before TLS */
    conn->may_quote |= session->io.quoted;
    conn->app_stays = false;
    conn->phase = NTA_CONN_PROBING;
    for (size_t i = 0; i < NTA_N_ELEMENTS(conn->sides); i++) {
        struct nta_conn_side *side = &conn->sides[i];

        side->skip = side->unread = 0;
        side->gave_up = NULL;
        side->refused = side->took = side->done = false;
    }
    if (!is_nobodys) /* what it heard is less than what begins now will say */
        nta_observe_decided(session);
    conn->outer = true;
}

/** Would `proto` take these bytes for its own? */
static bool claims(struct nta_session *session, const struct nta_proto *proto,
                   struct nta_span bytes)
{
    const enum nta_parse verdict = ask(session, proto, bytes);

    return verdict == NTA_PARSE_OK || verdict == NTA_PARSE_MORE;
}

/**
 * The parser does not go on: the bytes are not its own, or break its form.  That need not be the
 * end, since it may have begun on the word of one side, which can say anything: the other one may
 * have refused just that, and both speak another protocol from now on.  So the rest is recognised
 * anew, as if handed over.  What the same parser would begin with again is passed over.
 */
static bool give_up(struct nta_session *session, struct nta_span rest, struct nta_taken *taken)
{
    struct nta_conn *conn = session->conn;
    const struct nta_proto *proto = conn->proto;
    struct nta_conn_side *other = &conn->sides[session->io.side ^ 1];

    if (!session->io.is_stream || conn->websocket || ++conn->n_tries > REFUSALS_MAX) {
        conn->limited |= conn->n_tries > REFUSALS_MAX;
        nta_call_over(session);
        taken->stop = true;
        return true;
    }
    nta_call_end(session);
    hand_over(session);
    conn->app_stays = true;
    other->gave_up = proto;
    other->waited_len = other->left;
    if (!claims(session, proto, rest))
        return false;
    taken->consumed += rest.len;
    return true;
}

/** What the running parser need not see of its side. */
static void note_unread(struct nta_session *session, bool all_taken, struct nta_taken *taken)
{
    struct nta_conn_side *sides = session->conn->sides, *side = &sides[session->io.side];
    const bool is_sure = sides[session->io.side ^ 1].took || side->unread > UNREAD_MAX;

    side->done |= session->io.done;
    taken->stop = side->done && side->unread > UNREAD_MAX;
    if (!all_taken)
        return;
    if (is_sure)
        taken->skip = session->io.skip;
    else
        side->skip = session->io.skip;
}

/**
 * Pass over what the parser does not want.  True: there was some.  What one side says alone is no
 * reason to have the flow table stop showing it: if the other side refuses what it began, its next
 * bytes count again.
 */
static bool drop_unread(struct nta_session *session, struct nta_span rest, struct nta_taken *taken)
{
    struct nta_conn_side *side = &session->conn->sides[session->io.side];
    const size_t len = side->done ? rest.len : nta_smaller(side->skip, rest.len);

    if (len == 0)
        return false;
    side->skip -= side->done ? 0 : len;
    side->unread += len;
    taken->consumed += len;
    taken->stop = side->done && side->unread > UNREAD_MAX;
    return true;
}

/** Where bytes of the call lie; of what is in frames it is not known. */
static struct nta_proto_at at_bytes(const struct nta_session *session, struct nta_span bytes)
{
    if (!session->first || session->conn->websocket)
        return (struct nta_proto_at){0};
    return (struct nta_proto_at){
        .known = true,
        .has_ack = session->at.has_ack,
        .seq = session->at.seq + (uint32_t)(bytes.ptr - session->first),
        .ack = session->at.ack,
    };
}

/** Feed the parser once.  True: `taken` is final.  False: handed over, look at the rest anew. */
static bool feed(struct nta_session *session, struct nta_span bytes, struct nta_taken *taken)
{
    struct nta_conn *conn = session->conn;
    struct nta_proto_io *io = &session->io;
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    clear_wishes(io);
    conn->holder.used = conn->extra_holder.used = true;
    io->at = at_bytes(session, bytes);
    io->shared = session->flow->any_port ? NULL : nta_call_shared(session->parts, conn->proto);
    enum nta_parse verdict = conn->proto->feed(conn->state, io, &r);

    conn->memo = io->memo;
    conn->limited |= io->limited;
    nta_call_apply_swap(session);
    taken->consumed += nta_reader_offset(&r);
    if (verdict == NTA_PARSE_BAD)
        nta_count(&session->parts->counters, NTA_COUNTER_PROTO_BAD, 1);
    if (verdict == NTA_PARSE_BAD || verdict == NTA_PARSE_OTHER)
        return give_up(session, nta_reader_rest(&r), taken);
    conn->sides[io->side].took |= nta_reader_offset(&r) > 0;
    if (io->done_both || (io->handover && io->framed && !nta_websocket_begin(session))) {
        nta_call_over(session);
        taken->stop = true;
        return true;
    }
    if (io->handover) {
        hand_over(session);
        return false;
    }
    note_unread(session, nta_reader_left(&r) == 0 || io->done, taken);
    return !io->done || nta_reader_left(&r) == 0;
}

/**
 * Nobody knows these bytes: give this direction up, and the connection when both are.  Junk in
 * front of a protocol is not the end of it: what follows when this was acknowledged is looked at.
 */
static void refuse(struct nta_session *session, struct nta_taken *taken)
{
    struct nta_conn_side *sides = session->conn->sides, *side = &sides[session->io.side];

    side->refused = true;
    taken->stop = true;
    taken->again = side->n_again < AGAIN_MAX;
    side->n_again = (uint8_t)(side->n_again + taken->again);
    if (sides[0].refused && sides[1].refused)
        nta_call_over(session);
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
            refuse(session, &taken);
            return taken;
        }
        if (drop_unread(session, rest, &taken))
            continue;
        if (session->conn->phase == NTA_CONN_PROBING) {
            enum nta_parse verdict = recognise(session, rest);

            if (verdict == NTA_PARSE_MORE)
                return taken;
            if (verdict != NTA_PARSE_OK) {
                refuse(session, &taken);
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

    session->conn->memo = session->io.memo;
    nta_call_apply_swap(session);
    return verdict == NTA_PARSE_OK;
}

static void forget_left(struct nta_conn_side *side)
{
    side->left = side->waited_len = 0;
    side->gave_up = NULL;
}

/** The same where bytes before the hole wait, or some of it need not be seen. */
static bool report_gap_behind(struct nta_session *session, uint64_t len)
{
    struct nta_conn_side *side = &session->conn->sides[session->io.side];
    const uint64_t skipped = len < side->skip ? len : side->skip;

    forget_left(side);
    side->skip -= skipped;
    session->io.at.seq += (uint32_t)skipped;
    return side->done || (skipped == len && len > 0) || report_gap(session, len - skipped);
}

/** Do these bytes, of which some waited to be more, go to the parser of what nobody knows? */
static bool is_nobodys(struct nta_session *session, struct nta_span bytes)
{
    if (session->conn->phase == NTA_CONN_PROBING && recognise(session, bytes) != NTA_PARSE_OK)
        return false;
    return session->conn->proto == nta_protos[NTA_PROTO_PLACE_fallback];
}

/**
 * Are these, which waited for a parser that was given up, of no use?  It would begin with them
 * again, or another one has begun that would not.
 */
static bool is_stale(struct nta_session *session, const struct nta_proto *gave_up,
                     struct nta_span waited)
{
    const struct nta_proto *proto = session->conn->proto;

    if (!gave_up)
        return false;
    return claims(session, gave_up, waited) ||
           (proto && proto != nta_protos[NTA_PROTO_PLACE_fallback] &&
            !claims(session, proto, waited));
}

/** Show the next `len` bytes of `bytes` alone.  False: no more of them can be shown so. */
static bool show_part(struct nta_session *session, struct nta_span bytes, size_t len,
                      struct nta_taken *taken)
{
    const struct nta_span part = nta_span_first(nta_span_from(bytes, taken->consumed), len);

    session->conn->sides[session->io.side].skip += taken->skip;
    const struct nta_taken got = show(session, part);

    taken->consumed += got.consumed;
    taken->skip = got.skip;
    taken->stop = got.stop;
    taken->again = got.again;
    return !taken->stop && !session->conn->websocket;
}

/**
 * Show the bytes of a stream.  Those that waited for another parser than the one at work, or for
 * what nobody knows, came before the others and are shown before them: a hello begins a segment.
 */
static struct nta_taken show_stream(struct nta_session *session, struct nta_span bytes)
{
    struct nta_conn *conn = session->conn;
    struct nta_conn_side *side = &conn->sides[session->io.side];
    const struct nta_proto *gave_up = side->gave_up;
    const size_t waited_len = nta_smaller(side->waited_len, bytes.len);
    size_t left = nta_smaller(side->left, bytes.len);
    struct nta_taken taken = {0};

    forget_left(side);
    if (waited_len > 0 && is_stale(session, gave_up, nta_span_first(bytes, waited_len)))
        taken.consumed = waited_len;
    else if (waited_len > 0 && !show_part(session, bytes, waited_len, &taken))
        return taken;
    left -= nta_smaller(left, taken.consumed);
    if (left > 0 && is_nobodys(session, nta_span_from(bytes, taken.consumed)) &&
        !show_part(session, bytes, left, &taken))
        return taken;
    if (show_part(session, bytes, bytes.len, &taken))
        conn->sides[session->io.side].left = (uint32_t)(bytes.len - taken.consumed);
    return taken;
}

/** What lies in frames is read as what does not. */
static const struct nta_websocket_ops in_frames = {.data = show, .gap = report_gap_behind};

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
    struct nta_taken taken = {0};

    look_once_more(flow->conn, dir);
    if (!session_begin(&session, owner, flow, dir, wall_ns))
        return (struct nta_taken){.consumed = bytes.len, .stop = true};
    if (flow->ip_proto == 6) {
        session.at = nta_flows_at(session.parts->flows);
        session.first = bytes.ptr;
    }
    if (!session.conn->websocket)
        taken = show_stream(&session, bytes);
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
    session.io.at.known = flow->ip_proto == 6 && !session.conn->websocket;
    session.io.at.seq = nta_flows_at(session.parts->flows).seq;
    session.conn->limited |=
        session.parts->packet && (session.parts->packet->flags & NTA_PACKET_CUT);
    return session.conn->websocket ? nta_websocket_gap(&session, len, &in_frames)
                                   : report_gap_behind(&session, len);
}

/**
 * One side has told what this is, and no name: it can say anything, so that is no reason yet to
 * look at nothing more.
 */
static bool is_alone(const struct nta_session *session)
{
    const struct nta_conn *conn = session->conn;

    return !conn->sides[session->io.side ^ 1].took && conn->basis < NTA_BASIS_CERT &&
           !conn->hidden && conn->n_tries < DATAGRAM_TRIES;
}

/** What it was stands until there is better: the next datagram is recognised anew. */
static void look_again(struct nta_session *session)
{
    struct nta_conn *conn = session->conn;

    nta_call_end(session);
    nta_call_release(session->parts, conn);
    conn->phase = NTA_CONN_PROBING;
    conn->app_stays = true;
    conn->n_tries++;
    nta_observe_decided(session);
}

/** Who would begin with this datagram, as the parser at work would not; NULL: nobody. */
static const struct nta_proto *find_other(struct nta_session *session, struct nta_span bytes)
{
    if (claims(session, session->conn->proto, bytes))
        return NULL;
    for (size_t i = 0; nta_protos[i]; i++) {
        if (nta_protos[i]->over_udp && ask(session, nta_protos[i], bytes) == NTA_PARSE_OK)
            return nta_protos[i];
    }
    return NULL;
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
    nta_call_lend_state(session);
    io->shared = nta_call_shared(session->parts, conn->proto);
    const enum nta_parse verdict = conn->proto->feed(conn->state, io, &r);

    conn->memo = io->memo;
    if (verdict != NTA_PARSE_OK)
        nta_count(&session->parts->counters, NTA_COUNTER_PROTO_BAD, 1);
    nta_call_apply_swap(session);
    if (verdict != NTA_PARSE_OK && is_alone(session)) {
        look_again(session);
        return false;
    }
    conn->sides[io->side].took = true;
    if (io->done_both && is_alone(session)) {
        look_again(session);
    } else if (io->done_both) {
        nta_call_over(session);
    } else if (io->handover) {
        hand_over(session);
        return false;
    }
    nta_call_keep_state(session);
    return true;
}

/** It may belong to a connection that began on other ports; else more of them may tell. */
static void unknown_datagram(struct nta_session *session, struct nta_span bytes)
{
    const struct nta_quic_known *known = nta_quic_goes_on(session, bytes);

    if (known)
        nta_observe_goes_on(session, known);
    if (known || ++session->conn->n_tries >= DATAGRAM_TRIES)
        nta_call_over(session);
}

/** What is to be read of it: once the first words through a relay were known, what that carries. */
static struct nta_span inside_of(const struct nta_session *session, struct nta_span bytes)
{
    const struct nta_span content =
        session->conn->handed_over ? nta_stun_content(&session->io, bytes) : (struct nta_span){0};

    return content.len > 0 ? content : bytes;
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
    struct nta_span inside = inside_of(session, bytes);

    if (session->conn->phase == NTA_CONN_PARSING && is_alone(session)) {
        const struct nta_proto *other = find_other(session, inside);

        if (other && other->is_beside)
            return;
        if (other)
            look_again(session);
    }
    do {
        inside = inside_of(session, bytes);
        if (session->conn->phase == NTA_CONN_PROBING &&
            recognise(session, inside) != NTA_PARSE_OK) {
            unknown_datagram(session, inside);
            return;
        }
    } while (!feed_datagram(session, inside));
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
        nta_observe_echo(&session, dir, is_read ? inside_of(&session, bytes) : bytes);
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
