/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The CRYPTO stream of a connection's start (RFC 9000 sections 7.5 and 19.6): frames of one packet after another, in
 * any order, overlapping, with holes, put together into the first bytes of the stream.
 *
 * Bounded: NTA_QUIC_STREAM_SIZE bytes and NTA_QUIC_RANGES_MAX separate pieces; what does not fit is left out.  Where
 * frames overlap, the bytes that came first stand.  Plain memory, zero is the start.
 */

#include "base/bytes.h"
#include "base/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_QUIC_STREAM_SIZE = 6144,
    NTA_QUIC_RANGES_MAX = 48,
};

struct nta_quic_stream
{
    uint16_t n_ranges;

    struct
    {
        uint16_t begin, end;
    } ranges[NTA_QUIC_RANGES_MAX]; ///< Sorted, with holes between them.

    uint8_t bytes[NTA_QUIC_STREAM_SIZE];
};

/** Put a piece in its place. */
void nta_quic_stream_put(struct nta_quic_stream *stream, uint64_t offset, struct nta_span piece);

/** The stream from its first byte to its first hole; borrows. */
struct nta_span nta_quic_stream_head(const struct nta_quic_stream *stream);

/**
 * Put the CRYPTO frames of an opened Initial packet in their places.  Other frames are passed over.  OK; BAD at a
 * frame that an Initial packet cannot hold or that is cut off (those before it count).
 */
enum nta_parse nta_quic_stream_frames(struct nta_quic_stream *stream, struct nta_span payload,
                                      bool has_google_frames);
