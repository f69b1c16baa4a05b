/* SPDX-License-Identifier: Apache-2.0 */
#include "session/read/stream.h"

#include "base/own.h"
#include "session/call.h"
#include "session/inside/websocket.h"
#include "session/observe.h"
#include "session/read/recognise.h"
#include "session/role/doubt.h"

enum
{
    HANDOVERS_MAX = 4, ///< In a row that take no byte.
    REFUSALS_MAX = 32, ///< Of parsers on one stream.
    AGAIN_MAX = 4,     ///< Times that a direction is looked at after nobody knew it.
    /** Of a side, before the other one has spoken the same protocol; see drop_unread(). */
    UNREAD_MAX = 64 * 1024,
};

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
    nta_recognise_rest(session);
    conn->app_stays = true;
    other->gave_up = proto;
    other->waited_len = other->left;
    if (!nta_recognise_claims(session, proto, rest))
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

    nta_call_clear_wishes(io);
    conn->holder.used = conn->extra_holder.used = true;
    io->at = at_bytes(session, bytes);
    io->shared = session->flow->any_port ? NULL : nta_call_shared(session->parts, conn->proto);
    nta_fed_begin(&session->parts->fed, session->flow);
    enum nta_parse verdict = conn->proto->feed(conn->state, io, &r);

    nta_fed_begin(&session->parts->fed, NULL);
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
        if (conn->app == NTA_APP_SOCKS || conn->app == NTA_APP_STUN || conn->proxies)
            nta_doubt_note_relay(session);
        nta_recognise_rest(session);
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
            enum nta_parse verdict = nta_recognise(session, rest);

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
    if (session->conn->phase == NTA_CONN_PROBING && nta_recognise(session, bytes) != NTA_PARSE_OK)
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
    return nta_recognise_claims(session, gave_up, waited) ||
           (proto && proto != nta_protos[NTA_PROTO_PLACE_fallback] &&
            !nta_recognise_claims(session, proto, waited));
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

struct nta_taken nta_read_stream(struct nta_session *session, struct nta_span bytes)
{
    struct nta_taken taken = {0};

    if (!session->conn->websocket)
        taken = show_stream(session, bytes);
    if (!session->conn->websocket || taken.stop)
        return taken;
    const struct nta_span frames = {bytes.ptr + taken.consumed, bytes.len - taken.consumed};
    struct nta_taken of_frames = nta_websocket_data(session, frames, &in_frames);

    of_frames.consumed += taken.consumed;
    return of_frames;
}

bool nta_read_stream_gap(struct nta_session *session, uint64_t len)
{
    return session->conn->websocket ? nta_websocket_gap(session, len, &in_frames)
                                    : report_gap_behind(session, len);
}
