/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One direction's bytes in order.  stream.c decides what is shown when, segments.c holds what came early, holding.c
 * takes and gives back the memory of both.
 */

#include "flow/entry.h"

/** Part of a TCP payload: `len` bytes captured of `wire_len`. */
struct nta_flow_piece
{
    uint32_t seq;
    const uint8_t *ptr; ///< Borrowed for the call.
    uint32_t len, wire_len;
};

/** Drop the first `n` of the piece's numbers. */
static inline void nta_flow_piece_advance(struct nta_flow_piece *piece, uint32_t n)
{
    uint32_t of_captured = n < piece->len ? n : piece->len;

    piece->seq += n;
    if (of_captured)
        piece->ptr += of_captured; /* there may be no pointer */
    piece->len -= of_captured;
    piece->wire_len -= n;
}

/** Where a number lies, seen from what is next. */
enum nta_flow_place
{
    NTA_FLOW_PLACE_NEAR,    ///< Old, next, or early.
    NTA_FLOW_PLACE_AHEAD,   ///< Too far ahead to be believed at once.
    NTA_FLOW_PLACE_NOWHERE, ///< Not of this stream's numbers.
};

/** stream.c: take one segment, wire_len > 0, of a started stream. */
void nta_flow_stream_take(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *stream, struct nta_flow_piece piece);
/** stream.c: where a sequence number lies, seen from what is next. */
enum nta_flow_place nta_flow_stream_place(const struct nta_flow_stream *stream, uint32_t seq);
/** stream.c: so many packets came from elsewhere that the next one of them will be believed. */
bool nta_flow_stream_is_lost(const struct nta_flow_stream *stream);
/** stream.c: the other side has everything before `ack`. */
void nta_flow_stream_acked(struct nta_flow_stream *stream, uint32_t ack);
/** stream.c: give up holes that the other side has acknowledged, if there was time for mere reordering. */
void nta_flow_stream_check(struct nta_flows *flows, struct nta_flow_entry *entry,
                           struct nta_flow_stream *stream);
/** stream.c: the stream ends: give up every hole, and what is missing up to its FIN or to what was acknowledged. */
void nta_flow_stream_finish(struct nta_flows *flows, struct nta_flow_entry *entry,
                            struct nta_flow_stream *stream);

/** segments.c: hold a piece that is early.  False: no space; what had space is held. */
bool nta_flow_segments_hold(struct nta_flows *flows, struct nta_flow_entry *entry,
                            struct nta_flow_stream *stream, struct nta_flow_piece piece);
/** segments.c: take the first segment out; the caller releases its block. */
struct nta_flow_segment nta_flow_segments_pop(struct nta_flows *flows, struct nta_flow_entry *entry,
                                              struct nta_flow_stream *stream);

/** holding.c: a block for the flow; if there is none, flows that took memory longest ago lose theirs.  0: none. */
uint32_t nta_flow_hold_block(struct nta_flows *flows, struct nta_flow_entry *entry, size_t size);
/** holding.c: the flow needs this block no more. */
void nta_flow_release_block(struct nta_flows *flows, struct nta_flow_entry *entry, uint32_t block);
/** holding.c: a block of `size` with the `len` bytes at `off` of `block`, which is released; or 0, nothing changed. */
uint32_t nta_flow_grow_block(struct nta_flows *flows, struct nta_flow_entry *entry, uint32_t block,
                             struct nta_span bytes, size_t size);
/** holding.c: a segment, zeroed; 0: none. */
uint32_t nta_flow_hold_segment(struct nta_flows *flows, struct nta_flow_entry *entry);
/** holding.c: the flow needs this segment no more. */
void nta_flow_release_segment(struct nta_flows *flows, struct nta_flow_entry *entry, uint32_t id);
/** holding.c: show nothing more of this direction and free its bytes. */
void nta_flow_stream_stop(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *stream);
/** holding.c: drop the bytes the owner left. */
void nta_flow_stream_drop_kept(struct nta_flows *flows, struct nta_flow_entry *entry,
                               struct nta_flow_stream *stream);
/** holding.c: give back all memory of both directions. */
void nta_flow_stream_release(struct nta_flows *flows, struct nta_flow_entry *entry);
