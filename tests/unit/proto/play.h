/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The harness of all parser tests: plays bytes to a parser as the stream layer does, and writes
 * what it reports as text, a line for each event.
 *
 * Bytes left unread are shown again with more behind them, skipped bytes are not shown, a side that
 * is done is not shown at all.  Each call gets an exact heap copy, so that sanitizers see a read
 * past its end; and what feed() promises (proto/parser.h) is asserted of each.
 *
 * play_begin(), then play_data(), play_stream(), play_gap(), then play_end() for the log, and
 * play_done().  play_said() is the log so far.  play_call() is one call of feed() and its verdict,
 * with nothing done about it.
 */

#include "play_events.h"
#include "play_state.h"

static inline void play_begin(struct nta_play *play, const struct nta_proto *proto, bool is_stream,
                              uint16_t server_port)
{
    *play = (struct nta_play){.proto = proto,
                              .io = {.wall_ns = 1,
                                     .client_port = 40000,
                                     .server_port = server_port,
                                     .is_stream = is_stream,
                                     .emit = play_emit,
                                     .lend = play_lend}};
    play_clear(play);
    play_surround(play);
    assert(proto->state_size <= NTA_PROTO_STATE_MAX);
}

/* A new flow of the same kind. */
static inline void play_again(struct nta_play *play)
{
    const struct nta_proto_io io = play->io;

    play_done(play);
    play_begin(play, play->proto, io.is_stream, io.server_port);
}

/* The parser's wishes are in play->io: make them so. */
static inline void play_obey(struct nta_play *play, unsigned side)
{
    if (play->io.swap) {
        struct nta_buf kept = play->kept[0];
        uint64_t skip = play->skip[0];

        assert(!play->swapped);
        play->swapped = true;
        play->kept[0] = play->kept[1];
        play->kept[1] = kept;
        play->skip[0] = play->skip[1];
        play->skip[1] = skip;
        NTA_TURN(play->io.lost);
        side ^= 1;
    }
    assert(play->io.skip == 0 || play->kept[side].len == 0);
    play->skip[side] = play->io.skip;
    play->done[side] |= play->io.done || play->io.done_both;
    play->done[side ^ 1] |= play->io.done_both;
    play->handover |= play->io.handover;
}

static inline void play_prepare(struct nta_play *play, unsigned side)
{
    play->io.side = side ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
    play->io.skip = 0;
    play->io.idle = play->io.done = play->io.done_both = play->io.handover = play->io.framed =
        play->io.swap = false;
    play->io.owner = play;
    play->n_calls++;
}

static inline bool play_over(const struct nta_play *play, unsigned side)
{
    return play->done[side] || play->handover || play->last == NTA_PARSE_BAD ||
           play->last == NTA_PARSE_OTHER;
}

/* The verdict of the last call agrees with what it left unread. */
static inline void play_check(const struct nta_play *play)
{
    assert(play->last != NTA_PARSE_OK || play->n_left == 0 || play->io.done || play->io.done_both ||
           play->io.handover);
    assert(play->last != NTA_PARSE_MORE || play->n_left > 0 || !play->io.is_stream);
}

/*
 * One call with these bytes.  A stream's that are left unread are kept for the next one; wishes are
 * in play->io.
 */
static inline enum nta_parse play_call(struct nta_play *play, unsigned side, struct nta_span bytes)
{
    uint8_t *copy = malloc(bytes.len ? bytes.len : 1);

    assert(copy);
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    play_prepare(play, side);
    struct nta_reader r = nta_reader_of(copy, bytes.len);
    const enum nta_parse verdict = play->proto->feed(play->state, &play->io, &r);
    const struct nta_span left = nta_reader_rest(&r);

    play->n_left = left.len;
    if (play->io.idle)
        play_clear(play);
    nta_buf_clear(&play->kept[side]);
    if (play->io.is_stream)
        nta_buf_put(&play->kept[side], left.ptr, left.len);
    free(copy);
    return verdict;
}

/*
 * One segment, or one datagram.  `side` is that of the flow: 0 the one first taken for the client.
 */
static inline void play_data(struct nta_play *play, unsigned side, const void *data, size_t len)
{
    const uint8_t *bytes = data;

    side ^= play->swapped;
    struct nta_buf *kept = &play->kept[side];
    size_t jump = play->skip[side] < len ? (size_t)play->skip[side] : len;

    play->skip[side] -= jump;
    if (play_over(play, side) || (jump == len && len > 0))
        return;
    nta_buf_put(kept, bytes + jump, len - jump);
    play->last = play_call(play, side, nta_buf_span(kept));
    play_check(play);
    if (!play->io.is_stream)
        play->last = NTA_PARSE_OK;
    play_obey(play, side);
}

/* A stream in segments of `step` bytes; gives the last verdict. */
static inline enum nta_parse play_stream(struct nta_play *play, unsigned side,
                                         struct nta_span bytes, size_t step)
{
    while (bytes.len > 0) {
        const struct nta_span piece = nta_span_first(bytes, step);

        play_data(play, side, piece.ptr, piece.len);
        bytes = nta_span_from(bytes, piece.len);
    }
    return play->last;
}

/* `len` bytes of one side are not seen; those that lie in skipped bytes are not spoken of. */
static inline void play_gap(struct nta_play *play, unsigned side, uint64_t len)
{
    side ^= play->swapped;
    uint64_t jump = play->skip[side] < len ? play->skip[side] : len;

    play->skip[side] -= jump;
    play->io.lost[side] += (uint32_t)len;
    if (play_over(play, side) || jump == len)
        return;
    play->io.at.seq += (uint32_t)jump;
    nta_buf_clear(&play->kept[side]);
    play_prepare(play, side);
    play->last = play->proto->gap(play->state, &play->io, len - jump);
    play_obey(play, side);
}

/* End the flow; gives the log, owned by the play. */
static inline const char *play_end(struct nta_play *play)
{
    play_prepare(play, 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(play->skip); i++)
        play->io.unskipped[i] = play->skip[i];
    if (play->proto->end)
        play->proto->end(play->state, &play->io);
    return play_said(play);
}

static inline enum nta_parse play_probe(const struct nta_play *play, unsigned side,
                                        const void *data, size_t len)
{
    struct nta_proto_io io = play->io;
    uint8_t *copy = malloc(len ? len : 1);
    enum nta_parse verdict;

    assert(copy);
    if (len > 0)
        memcpy(copy, data, len);
    io.side = side ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
    verdict = play->proto->probe(&io, (struct nta_span){.ptr = copy, .len = len});
    free(copy);
    return verdict;
}
