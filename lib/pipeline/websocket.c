/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections whose bytes are frames of WebSocket: what binary messages carry is joined and shown to the parsers as the
 * bytes of a stream of their own, so that a tunnel through WebSocket says what is inside.
 *
 * Nothing of it is kept here: frames whose content a parser left are left to the stream, and come again with more behind
 * them.  A WebSocket inside a WebSocket is not followed.
 */
#include "proto/websocket.h"

#include "pipeline/worker.h"

static const struct nta_taken stop = {.stop = true};

/** What the frames at `r` carry, once.  True: the same again, there may be more. */
static bool show(struct nta_worker *worker, struct nta_flow *flow, enum nta_dir *dir,
                 struct nta_reader *r, int64_t wall_ns, struct nta_taken *taken)
{
    struct nta_conn *conn = flow->conn;
    struct nta_websocket_side *side = &conn->websocket->sides[*dir];
    const struct nta_websocket_side before = *side;
    const struct nta_reader from = *r;
    struct nta_taken inside = {0};
    struct nta_span inner;
    enum nta_parse verdict = nta_websocket_join(side, r, worker->buf, sizeof(worker->buf), &inner);

    if (inner.len > 0) {
        inside = nta_session_inside(worker, flow, dir, inner, wall_ns);
        if (inside.stop) {
            *taken = stop;
            return false;
        }
        side = &conn->websocket->sides[*dir];
        side->skip = inside.skip;
    }
    if (inside.consumed < inner.len) { /* the same frames, as far as their content was taken */
        const bool full = inner.len == sizeof(worker->buf);

        *side = before;
        *r = from;
        (void)nta_websocket_join(side, r, worker->buf, inside.consumed, &inner);
        taken->stop = full && inside.consumed == 0;
        return full && inside.consumed > 0;
    }
    if (verdict == NTA_PARSE_BAD)
        nta_count(&worker->counters, NTA_COUNTER_PROTO_BAD, 1);
    taken->stop = verdict == NTA_PARSE_BAD || verdict == NTA_PARSE_OTHER;
    return verdict == NTA_PARSE_OK && nta_reader_left(r) > 0;
}

struct nta_taken nta_websocket_data(struct nta_worker *worker, struct nta_flow *flow,
                                    enum nta_dir dir, struct nta_span bytes, int64_t wall_ns)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    struct nta_taken taken = {0};

    while (show(worker, flow, &dir, &r, wall_ns, &taken))
        ;
    if (taken.stop)
        return taken;
    struct nta_websocket_side *side = &((struct nta_conn *)flow->conn)->websocket->sides[dir];

    taken.consumed = nta_reader_offset(&r);
    side->unread = nta_reader_left(&r);
    taken.skip = side->unread == 0 ? nta_websocket_jump(side) : 0;
    return taken;
}

bool nta_websocket_gap(struct nta_worker *worker, struct nta_flow *flow, enum nta_dir dir,
                       uint64_t len)
{
    struct nta_websocket_side *side = &((struct nta_conn *)flow->conn)->websocket->sides[dir];
    uint64_t inner_len;

    if (!nta_websocket_lose(side, len, &inner_len))
        return false;
    return inner_len == 0 || nta_session_inside_gap(worker, flow, dir, inner_len);
}
