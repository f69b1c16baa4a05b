/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the flow module: bytes of a stream on their way. */

#include <stdbool.h>
#include <stdint.h>

/** Part of a TCP payload: `len` bytes captured of `wire_len`. */
struct nta_flow_piece
{
    uint32_t seq;
    const uint8_t *ptr; ///< Borrowed for the call.
    uint32_t len, wire_len;
    uint32_t ack; ///< The segment's, if it has one.
    bool has_ack;
    bool dark;   ///< All of it was captured, and nothing kept: it need not be shown.
    bool urgent; ///< One byte, which is not among those that are read.
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
