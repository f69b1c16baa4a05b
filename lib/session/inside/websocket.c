/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections whose bytes are frames of WebSocket: what binary messages carry is joined and shown
 * to the parsers as the bytes of a stream of their own, so that a tunnel through WebSocket says
 * what is inside.
 *
 * Nothing of it is kept here: frames whose content a parser left are left to the stream, and come
 * again with more behind them.  A WebSocket inside a WebSocket is not followed.
 */
#include "proto/websocket.h"

#include "session/inside/websocket.h"

enum
{
    /**
     * So much that a parser left is joined again with every segment.  Of more than this, an eighth
     * more has to come before: else frames of a byte each would all be joined anew for every one.
     */
    LEFT_MAX = 2048,
    LEFT_PART = 8,
};

bool nta_websocket_begin(const struct nta_session *session)
{
    struct nta_session_parts *parts = session->parts;
    struct nta_conn *conn = session->conn;

    if (conn->websocket)
        return false;
    conn->websocket = nta_pool_take(&parts->websockets);
    if (!conn->websocket)
        nta_flow_note_limit(session->flow, NTA_FLOW_LIMIT_STATE, &parts->counters);
    conn->app = NTA_APP_WEBSOCKET;
    return conn->websocket != NULL;
}

static const struct nta_taken stop = {.stop = true};

/** Of the session's side; a parser that turns the sides turns it, too. */
static struct nta_websocket_side *side_of(const struct nta_session *session)
{
    const enum nta_dir dir = session->io.side == NTA_FROM_CLIENT ? NTA_DIR_UP : NTA_DIR_DOWN;

    return &session->conn->websocket->sides[dir];
}

/** What the frames at `r` carry, once.  True: the same again, there may be more. */
static bool show(struct nta_session *session, struct nta_reader *r,
                 const struct nta_websocket_ops *ops, struct nta_taken *taken)
{
    struct nta_session_parts *parts = session->parts;
    struct nta_websocket_side *side = side_of(session);
    const struct nta_websocket_side before = *side;
    const struct nta_reader from = *r;
    struct nta_taken inside = {0};
    struct nta_span inner;
    enum nta_parse verdict = nta_websocket_join(side, r, parts->buf, sizeof(parts->buf), &inner);

    if (inner.len > 0) {
        inside = ops->data(session, inner);
        if (inside.stop) {
            *taken = stop;
            return false;
        }
        side = side_of(session);
        side->skip = inside.skip;
    }
    if (inside.consumed < inner.len) { /* the same frames, as far as their content was taken */
        const bool full = inner.len == sizeof(parts->buf);

        *side = before;
        *r = from;
        (void)nta_websocket_join(side, r, parts->buf, inside.consumed, &inner);
        taken->stop = full && inside.consumed == 0;
        return full && inside.consumed > 0;
    }
    if (verdict == NTA_PARSE_BAD)
        nta_count(&parts->counters, NTA_COUNTER_PROTO_BAD, 1);
    taken->stop = verdict == NTA_PARSE_BAD || verdict == NTA_PARSE_OTHER;
    return verdict == NTA_PARSE_OK && nta_reader_left(r) > 0;
}

struct nta_taken nta_websocket_data(struct nta_session *session, struct nta_span bytes,
                                    const struct nta_websocket_ops *inside)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    struct nta_taken taken = {0};

    if (bytes.len < side_of(session)->wanted) {
        side_of(session)->unread = bytes.len;
        return taken;
    }
    while (show(session, &r, inside, &taken))
        ;
    if (taken.stop)
        return taken;
    struct nta_websocket_side *side = side_of(session);

    taken.consumed = nta_reader_offset(&r);
    side->unread = nta_reader_left(&r);
    side->wanted = side->unread > LEFT_MAX ? side->unread + side->unread / LEFT_PART : 0;
    taken.skip = side->unread == 0 ? nta_websocket_jump(side) : 0;
    return taken;
}

bool nta_websocket_gap(struct nta_session *session, uint64_t len,
                       const struct nta_websocket_ops *inside)
{
    uint64_t inner_len;

    side_of(session)->wanted = 0;
    if (!nta_websocket_lose(side_of(session), len, &inner_len))
        return false;
    return (inner_len == 0 && len > 0) || inside->gap(session, inner_len);
}
