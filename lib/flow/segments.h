/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: segments of one direction that wait for earlier ones.
 */

#include "flow/entry.h"

/** Part of a TCP payload: `len` bytes captured of `wire_len`. */
struct nta_flow_piece
{
    uint32_t seq;
    const uint8_t *ptr; ///< Borrowed for the call.
    uint32_t len, wire_len;
    uint32_t ack; ///< The segment's, if it has one.
    bool has_ack;
    bool dark; ///< All of it was captured, and nothing kept: it need not be shown.
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

/** Hold a piece that is early.  False: no space; what had space is held. */
bool nta_flow_segments_hold(struct nta_flows *flows, struct nta_flow_entry *entry,
                            struct nta_flow_stream *stream, struct nta_flow_piece piece);
