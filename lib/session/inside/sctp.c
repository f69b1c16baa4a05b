/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SCTP associations, shown to the parsers as TCP's streams are: the DATA chunks of the first stream
 * that a side uses, in the order of their TSNs.
 *
 * Nothing is held back: what comes again is dropped, what is missing is a hole, and so are bytes
 * that a parser wants to see again with more behind them, which only a head over several chunks
 * needs.  Chunks that no protocol recognises are shown to all of them so often, and no more.
 */
#include "proto/sctp.h"

#include "session/inside/sctp.h"

enum
{
    AHEAD_MAX = 1 << 16, ///< Chunks: more than any receiver's window holds.
    UNKNOWN_MAX = 64,    ///< Chunks in a row that no protocol recognised.
};

/** One call: `sender` tells the directions apart, which a swap turns round. */
struct call
{
    struct nta_session_parts *parts;
    struct nta_flow *flow;
    const struct nta_flow_ops *inside;
    struct nta_assoc *assoc;
    struct nta_addr sender;
    uint16_t sender_port;
    int64_t wall_ns;
};

static enum nta_dir dir_of(const struct call *call)
{
    return nta_addr_equal(&call->flow->client, &call->sender) &&
                   call->flow->client_port == call->sender_port
               ? NTA_DIR_UP
               : NTA_DIR_DOWN;
}

/** A side by its sender's place in an order that no swap changes. */
static struct nta_assoc_side *side_of(const struct call *call)
{
    const struct nta_flow *flow = call->flow;
    bool is_client = dir_of(call) == NTA_DIR_UP;
    const struct nta_addr *other = is_client ? &flow->server : &flow->client;
    uint16_t other_port = is_client ? flow->server_port : flow->client_port;
    int order = memcmp(&call->sender, other, sizeof(*other));

    return &call->assoc->sides[order != 0 ? order > 0 : call->sender_port > other_port];
}

static void lose(const struct call *call, struct nta_assoc_side *side, uint64_t len)
{
    if (!call->inside->gap(call->parts, call->flow, dir_of(call), len))
        side->stopped = true;
}

/** No protocol has recognised this chunk, nor as many before it. */
static bool is_unknown(const struct call *call, struct nta_assoc_side *side)
{
    struct nta_conn *conn = call->flow->conn;

    if (conn->phase != NTA_CONN_PROBING) {
        side->n_unknown = 0;
        return false;
    }
    side->n_unknown++;
    conn->limited |= side->n_unknown > UNKNOWN_MAX;
    return side->n_unknown > UNKNOWN_MAX;
}

static void show(const struct call *call, struct nta_assoc_side *side, struct nta_span bytes)
{
    size_t skipped = side->skip < bytes.len ? (size_t)side->skip : bytes.len;

    side->skip -= skipped;
    bytes.ptr += skipped;
    bytes.len -= skipped;
    if (bytes.len == 0)
        return;
    struct nta_taken taken =
        call->inside->data(call->parts, call->flow, dir_of(call), bytes, call->wall_ns);

    side->stopped |= taken.stop || is_unknown(call, side);
    if (taken.consumed < bytes.len && !taken.stop)
        lose(call, side, bytes.len - taken.consumed);
    else
        side->skip = taken.skip;
}

/**
 * A number that nobody who sees the answers would send: what follows it shows whether the
 * association really is there now.
 */
static bool is_astray(struct nta_assoc_side *side, uint32_t tsn, int32_t ahead)
{
    const bool follows = side->has_astray && tsn == side->astray_tsn + 1;

    if (ahead <= AHEAD_MAX && ahead >= -AHEAD_MAX)
        return false;
    side->has_astray = !follows;
    side->astray_tsn = tsn;
    return !follows;
}

static void take_chunk(const struct call *call, const struct nta_sctp_data *data)
{
    struct nta_assoc_side *side = side_of(call);

    if (!side->started) {
        side->started = true;
        side->stream = data->stream;
        side->next_tsn = data->tsn;
    }
    int32_t ahead = (int32_t)(data->tsn - side->next_tsn);

    if (side->stopped || is_astray(side, data->tsn, ahead) || (ahead < 0 && ahead >= -AHEAD_MAX))
        return;
    side->next_tsn = data->tsn + 1;
    if (ahead != 0) {
        side->skip = 0;
        /* its length is not known, only that there was some */
        lose(call, side, ahead > 0 ? (uint64_t)ahead : 1);
    }
    if (data->stream == side->stream && !side->stopped)
        show(call, side, data->bytes);
}

void nta_sctp_packet(const struct nta_session *session, enum nta_dir dir, struct nta_span chunks,
                     const struct nta_flow_ops *inside)
{
    struct nta_session_parts *parts = session->parts;
    struct nta_flow *flow = session->flow;
    struct nta_conn *conn = session->conn;
    struct nta_reader r = nta_reader_of(chunks.ptr, chunks.len);
    struct nta_sctp_data data;

    if (!conn->assoc)
        conn->assoc = nta_pool_take(&parts->assocs);
    if (!conn->assoc) {
        nta_flow_note_limit(flow, NTA_FLOW_LIMIT_STATE, &parts->counters);
        return;
    }
    const struct call call = {
        .parts = parts,
        .flow = flow,
        .inside = inside,
        .assoc = conn->assoc,
        .sender = dir == NTA_DIR_UP ? flow->client : flow->server,
        .sender_port = dir == NTA_DIR_UP ? flow->client_port : flow->server_port,
        .wall_ns = session->io.wall_ns,
    };

    while (conn->phase != NTA_CONN_OPAQUE && nta_sctp_next(&r, &data) == NTA_PARSE_OK)
        take_chunk(&call, &data);
}
