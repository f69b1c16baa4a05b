/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A segment is old, next, early, or from nowhere near.  What is next goes on to the owner from the
 * packet itself; what is early is held, and each byte that is passed on may set held ones free.
 */
#include "flow/stream.h"

#include "base/runtime/clock.h"
#include "flow/doubt.h"
#include "flow/holding.h"
#include "flow/reading.h"

#include <string.h>

enum
{
    /** No receive window in use is larger, so no segment is further off unless acknowledged. */
    NEAR = 1 << 24,
    FAR = 1 << 29, ///< Further, forward and backward cannot be told apart with certainty.
    /** Packets behind an acknowledged hole that may be mere reordering in the capture. */
    PATIENCE = 4,
    PATIENCE_TICKS = 954, ///< One second: 954 times 2^20 ns.
    WAITING_MAX = 15,     ///< What the number of them goes up to.
    OUTSIDE_MAX = 8,      ///< So many packets in a row from nowhere near: it is us who are wrong.
};

/** A block for `need` kept bytes, with those that are kept already in it.  False: no memory. */
static bool make_space(struct nta_flows *flows, struct nta_flow_entry *entry,
                       struct nta_flow_stream *stream, size_t need)
{
    uint32_t block = stream->kept_block;

    if (!block) {
        stream->kept_block = nta_flow_hold_block(flows, entry, need);
        return stream->kept_block != 0;
    }
    size_t size = nta_flow_block_size(&flows->memory, block);
    uint8_t *first = nta_flow_block_ptr(&flows->memory, block);
    struct nta_span kept = {first + stream->kept_off, stream->kept_len};

    if (stream->kept_off + need <= size)
        return true;
    if (need <= size) {
        memmove(first, kept.ptr, kept.len);
    } else {
        block = nta_flow_grow_block(flows, entry, block, kept, need);
        if (!block)
            return false;
        stream->kept_block = block;
    }
    stream->kept_off = 0;
    return true;
}

/** `len` bytes from `seq` on were never seen, or are given up: say so. */
static void report_gap(struct nta_flows *flows, struct nta_flow_entry *entry,
                       struct nta_flow_stream *stream, uint32_t seq, uint32_t len)
{
    enum nta_dir dir = nta_flow_dir(entry, stream);

    nta_flow_stream_drop_kept(flows, entry, stream);
    flows->at = (struct nta_flow_at){.seq = seq};
    if (!flows->ops->gap(flows->owner, &entry->shown, dir, len))
        nta_flow_stream_stop(flows, entry, stream);
}

/**
 * Bytes the owner left, with those of `piece` behind them in one piece; `left`: they are what it
 * left.  False: there is no memory and the
 * direction is stopped, or the flow's limit is reached and all of them are given up.
 */
static bool keep(struct nta_flows *flows, struct nta_flow_entry *entry,
                 struct nta_flow_stream *stream, struct nta_flow_piece piece, bool left)
{
    const struct nta_span bytes = {piece.ptr, piece.len};

    if (entry->held_bytes + bytes.len > flows->stream_flow_bytes) {
        nta_flow_note_limit(&entry->shown, NTA_FLOW_LIMIT_STREAM, flows->counters);
        report_gap(flows, entry, stream, left ? piece.seq + piece.len : piece.seq,
                   left ? 0 : piece.len);
        return false;
    }
    if (!make_space(flows, entry, stream, stream->kept_len + bytes.len)) {
        nta_flow_note_limit(&entry->shown, NTA_FLOW_LIMIT_STREAMS, flows->counters);
        nta_flow_stream_stop(flows, entry, stream);
        return false;
    }
    memcpy(nta_flow_block_ptr(&flows->memory, stream->kept_block) + stream->kept_off +
               stream->kept_len,
           bytes.ptr, bytes.len);
    stream->kept_len += (uint32_t)bytes.len;
    entry->held_bytes += (uint32_t)bytes.len;
    return true;
}

/** The owner took `n` of the kept bytes. */
static void unkeep(struct nta_flows *flows, struct nta_flow_entry *entry,
                   struct nta_flow_stream *stream, size_t n)
{
    if (n == stream->kept_len) {
        nta_flow_stream_drop_kept(flows, entry, stream);
        return;
    }
    stream->kept_off += (uint32_t)n;
    stream->kept_len -= (uint32_t)n;
    entry->held_bytes -= (uint32_t)n;
}

void nta_flow_stream_show(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *stream, struct nta_flow_piece piece)
{
    struct nta_span bytes = {piece.ptr, piece.len};
    bool kept = stream->kept_len > 0;

    flows->at = (struct nta_flow_at){
        .seq = piece.seq - stream->kept_len, .ack = piece.ack, .has_ack = piece.has_ack};
    if (kept) {
        if (!keep(flows, entry, stream, piece, false))
            return;
        bytes = (struct nta_span){nta_flow_block_ptr(&flows->memory, stream->kept_block) +
                                      stream->kept_off,
                                  stream->kept_len};
    }
    struct nta_taken taken = flows->ops->data(flows->owner, &entry->shown,
                                              nta_flow_dir(entry, stream), bytes, flows->wall_ns);

    if (taken.stop) {
        nta_flow_stream_stop(flows, entry, stream);
        stream->again = taken.again;
        return;
    }
    if (taken.consumed >= bytes.len) {
        stream->skip = taken.skip;
        taken.consumed = bytes.len;
    }
    if (kept) {
        unkeep(flows, entry, stream, taken.consumed);
    } else if (taken.consumed < bytes.len) {
        piece.wire_len = piece.len;
        nta_flow_piece_advance(&piece, (uint32_t)taken.consumed);
        (void)keep(flows, entry, stream, piece, true);
    }
}

static void count_gap(struct nta_flows *flows, struct nta_flow_entry *entry,
                      const struct nta_flow_stream *stream, uint32_t len)
{
    struct nta_flow_side *side = &entry->shown.sides[nta_flow_dir(entry, stream)];

    side->gap_bytes =
        len < UINT32_MAX - side->gap_bytes ? side->gap_bytes + (uint32_t)len : UINT32_MAX;
    nta_count(flows->counters, NTA_COUNTER_STREAM_GAP, 1);
    nta_count(flows->counters, NTA_COUNTER_STREAM_GAP_BYTES, len);
}

static uint32_t use_skip(struct nta_flow_stream *stream, uint32_t len)
{
    uint32_t n = stream->skip < len ? (uint32_t)stream->skip : len;

    stream->skip -= n;
    return n;
}

/**
 * What need not be shown of the piece goes by.  What the snap length cut off of it is a hole:
 * nobody will send it in a form that we can see.
 */
static void skip_piece(struct nta_flows *flows, struct nta_flow_entry *entry,
                       struct nta_flow_stream *stream, struct nta_flow_piece *piece)
{
    const uint32_t n = use_skip(stream, piece->wire_len);

    if (n > piece->len && !piece->dark)
        count_gap(flows, entry, stream, n - piece->len);
    nta_flow_piece_advance(piece, n);
}

/** The next bytes of the stream: `wire_len` of them, of which `len` are there. */
static void pass_on(struct nta_flows *flows, struct nta_flow_entry *entry,
                    struct nta_flow_stream *stream, struct nta_flow_piece piece)
{
    stream->next_seq += piece.wire_len;
    entry->shown.sides[nta_flow_dir(entry, stream)].bytes += piece.wire_len;
    if (stream->again && stream->acked == piece.seq)
        stream->stopped = stream->again = false;
    if (stream->stopped)
        return;
    if (piece.urgent) {
        (void)use_skip(stream, piece.wire_len);
        return;
    }
    skip_piece(flows, entry, stream, &piece);
    if (piece.len > 0) {
        (void)nta_flow_reading_copy(flows, entry, stream, piece, NTA_FLOW_COPY_SHOWN);
        nta_flow_stream_show(flows, entry, stream, piece);
        nta_flow_piece_advance(&piece, piece.len);
        skip_piece(flows, entry, stream, &piece);
    }
    if (piece.wire_len > 0 && !stream->stopped) {
        count_gap(flows, entry, stream, piece.wire_len);
        report_gap(flows, entry, stream, piece.seq, piece.wire_len);
    }
}

/** Pass on held segments that have become next. */
static void drain(struct nta_flows *flows, struct nta_flow_entry *entry,
                  struct nta_flow_stream *stream)
{
    while (stream->early && flows->segments[stream->early].seq == stream->next_seq) {
        struct nta_flow_segment segment = nta_flow_segments_pop(flows, entry, stream);
        struct nta_flow_piece piece = {.seq = segment.seq,
                                       .wire_len = segment.len,
                                       .ack = segment.ack,
                                       .has_ack = segment.has_ack,
                                       .dark = !segment.block,
                                       .urgent = segment.urgent};

        if (segment.block) {
            piece.ptr = nta_flow_block_ptr(&flows->memory, segment.block);
            piece.len = segment.len;
        }
        pass_on(flows, entry, stream, piece);
        nta_flow_release_block(flows, entry, segment.block);
    }
    if (!stream->early)
        stream->n_waiting = 0;
}

/**
 * The first hole will not be filled, or not up to `seq`, whichever comes first; go on behind it.
 */
static void pass_hole(struct nta_flows *flows, struct nta_flow_entry *entry,
                      struct nta_flow_stream *stream, uint32_t seq, bool is_counted)
{
    if (stream->early && nta_seq_ahead(flows->segments[stream->early].seq, seq) < 0)
        seq = flows->segments[stream->early].seq;
    nta_flow_edge_hole(entry, stream, seq);
    uint32_t len = seq - stream->next_seq;
    uint32_t unseen = use_skip(stream, len);

    stream->next_seq = seq;
    if (is_counted) {
        entry->shown.sides[nta_flow_dir(entry, stream)].bytes += len;
        count_gap(flows, entry, stream, len);
    }
    if (unseen < len && !stream->stopped)
        report_gap(flows, entry, stream, seq - (len - unseen), len - unseen);
    drain(flows, entry, stream);
}

static void give_up(struct nta_flows *flows, struct nta_flow_entry *entry,
                    struct nta_flow_stream *stream, uint32_t seq)
{
    pass_hole(flows, entry, stream, seq, true);
}

/** Drop what we have had already.  True if there was any. */
static bool cut_old(const struct nta_flow_stream *stream, struct nta_flow_piece *piece)
{
    uint32_t old = stream->next_seq - piece->seq;

    if (nta_seq_ahead(stream->next_seq, piece->seq) <= 0)
        return false;
    nta_flow_piece_advance(piece, old < piece->wire_len ? old : piece->wire_len);
    return true;
}

/**
 * The segment that was the last one in order, once more, faster than any sender repeats: the
 * capture shows it twice.
 */
static bool came_twice(const struct nta_flows *flows, const struct nta_flow_stream *stream,
                       const struct nta_flow_piece *piece)
{
    return piece->wire_len > 0 && piece->seq + piece->wire_len == stream->next_seq &&
           flows->since_ns >= 0 && flows->since_ns < NTA_NS_PER_MS;
}

/** In order from its first number on, or old: pass on what is new, and between it what is held. */
static void take_next(struct nta_flows *flows, struct nta_flow_entry *entry,
                      struct nta_flow_stream *stream, struct nta_flow_piece piece)
{
    bool twice = came_twice(flows, stream, &piece);
    bool repeats = cut_old(stream, &piece);

    while (piece.wire_len > 0) {
        struct nta_flow_piece part = piece;

        if (stream->early) {
            uint32_t until_held = flows->segments[stream->early].seq - stream->next_seq;

            part.wire_len = until_held < part.wire_len ? until_held : part.wire_len;
            part.len = part.len < part.wire_len ? part.len : part.wire_len;
        }
        nta_flow_piece_advance(&piece, part.wire_len);
        pass_on(flows, entry, stream, part);
        drain(flows, entry, stream);
        repeats |= cut_old(stream, &piece);
    }
    if (repeats)
        nta_count(flows->counters, NTA_COUNTER_STREAM_OVERLAP, 1);
    if (twice)
        nta_count(flows->counters, NTA_COUNTER_STREAM_TWICE, 1);
}

enum nta_flow_place nta_flow_stream_place(const struct nta_flow_stream *stream, uint32_t seq)
{
    uint32_t ahead = seq - stream->next_seq;
    uint32_t acked = stream->acked - stream->next_seq;

    if (ahead <= NEAR || -ahead <= NEAR || (acked <= FAR && ahead <= acked))
        return NTA_FLOW_PLACE_NEAR;
    return ahead <= FAR ? NTA_FLOW_PLACE_AHEAD : NTA_FLOW_PLACE_NOWHERE;
}

bool nta_flow_stream_is_lost(const struct nta_flow_stream *stream)
{
    return stream->n_outside >= OUTSIDE_MAX;
}

void nta_flow_stream_take(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *stream, struct nta_flow_piece piece)
{
    enum nta_flow_place place = nta_flow_stream_place(stream, piece.seq);

    if (place != NTA_FLOW_PLACE_NEAR) {
        if (stream->n_outside < OUTSIDE_MAX)
            stream->n_outside++;
        if (place == NTA_FLOW_PLACE_NOWHERE || !nta_flow_stream_is_lost(stream))
            return;
        while (nta_seq_ahead(piece.seq, stream->next_seq) > 0)
            give_up(flows, entry, stream, piece.seq);
    }
    stream->n_outside = 0;
    if (nta_seq_ahead(piece.seq, stream->next_seq) > 0) {
        nta_count(flows->counters, NTA_COUNTER_STREAM_REORDER, 1);
        if (stream->n_waiting < WAITING_MAX)
            stream->n_waiting++;
    }
    while (nta_seq_ahead(piece.seq, stream->next_seq) > 0) {
        if (nta_flow_segments_hold(flows, entry, stream, piece)) {
            nta_flow_stream_check(flows, entry, stream);
            return;
        }
        give_up(flows, entry, stream, piece.seq);
    }
    take_next(flows, entry, stream, piece);
}

void nta_flow_stream_answered(struct nta_flows *flows, struct nta_flow_entry *entry,
                              struct nta_flow_stream *stream)
{
    while (stream->early && nta_seq_ahead(stream->acked, flows->segments[stream->early].seq) > 0)
        give_up(flows, entry, stream, flows->segments[stream->early].seq);
}

void nta_flow_stream_check(struct nta_flows *flows, struct nta_flow_entry *entry,
                           struct nta_flow_stream *stream)
{
    while (stream->early && nta_seq_ahead(stream->acked, flows->segments[stream->early].seq) >= 0 &&
           (stream->n_waiting >= PATIENCE ||
            nta_flow_ticks(flows) - stream->early_since >= PATIENCE_TICKS))
        give_up(flows, entry, stream, flows->segments[stream->early].seq);
}

bool nta_flow_stream_is_over(const struct nta_flow_stream *stream)
{
    return stream->fin && nta_seq_ahead(stream->next_seq, stream->fin_seq) >= 0;
}

void nta_flow_stream_acked(struct nta_flow_stream *stream, uint32_t ack)
{
    /* one way for long: keep the old number within reach of comparison */
    if (nta_seq_ahead(stream->next_seq, stream->acked) > FAR)
        stream->acked = stream->next_seq - FAR;
    if (nta_seq_ahead(ack, stream->acked) > 0 && nta_seq_ahead(ack, stream->next_seq) <= FAR)
        stream->acked = ack;
}

/**
 * No more will come: give up what is missing before `seq`.  A sequence number alone is a claim.  So
 * where the receiver is heard at all, and does not acknowledge these bytes, nobody has them.
 */
static void end_hole(struct nta_flows *flows, struct nta_flow_entry *entry,
                     struct nta_flow_stream *stream, uint32_t seq)
{
    const bool is_heard = entry->shown.sides[1 - nta_flow_dir(entry, stream)].packets > 0;
    const bool is_proven = !is_heard || nta_seq_ahead(stream->acked, seq) >= 0;

    stream->refused |= !is_proven;
    pass_hole(flows, entry, stream, seq, is_proven);
}

void nta_flow_stream_finish(struct nta_flows *flows, struct nta_flow_entry *entry,
                            struct nta_flow_stream *stream)
{
    while (stream->early)
        end_hole(flows, entry, stream, flows->segments[stream->early].seq);
    uint32_t missing = stream->acked - stream->next_seq;
    uint32_t end_seq = stream->acked;

    if (!stream->started)
        return;
    if (stream->fin) {
        missing = stream->fin_seq - stream->next_seq;
        end_seq = stream->fin_seq;
    } else if (missing == 1) {
        missing = 0; /* a FIN that we did not see takes a number too */
    }
    if (missing > 0 && missing <= NEAR)
        end_hole(flows, entry, stream, end_seq);
}

/** Holes whose bytes were acknowledged are not filled any more. */
static void end_known_holes(struct nta_flows *flows, struct nta_flow_entry *entry,
                            struct nta_flow_stream *stream)
{
    while (stream->early && nta_seq_ahead(stream->acked, flows->segments[stream->early].seq) >= 0)
        end_hole(flows, entry, stream, flows->segments[stream->early].seq);
}

void nta_flow_streams_rest(struct nta_flows *flows, struct nta_flow_entry *entry)
{
    struct nta_flow_stream *up = nta_flow_stream_of(entry, NTA_DIR_UP);
    struct nta_flow_stream *down = nta_flow_stream_other(entry, up);

    end_known_holes(flows, entry, up);
    end_known_holes(flows, entry, down);
}

void nta_flow_streams_finish(struct nta_flows *flows, struct nta_flow_entry *entry)
{
    struct nta_flow_stream *up = nta_flow_stream_of(entry, NTA_DIR_UP);
    struct nta_flow_stream *down = nta_flow_stream_other(entry, up);

    /* what is shown of the first may turn the sides */
    nta_flow_stream_finish(flows, entry, up);
    nta_flow_stream_finish(flows, entry, down);
}
