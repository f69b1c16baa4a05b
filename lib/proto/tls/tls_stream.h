/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The first bytes of a handshake that comes in pieces, as CRYPTO frames of QUIC and fragments of
 * DTLS are: in any order, overlapping, with holes, put together.
 *
 * Bounded: NTA_TLS_STREAM_SIZE bytes and NTA_TLS_RANGES_MAX separate pieces; what does not fit is
 * left out.  Where pieces overlap, the bytes that came first stand.  Plain memory, zero is the
 * start.
 */

#include "base/bytes.h"

#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_TLS_STREAM_SIZE = 6144,
    NTA_TLS_RANGES_MAX = 48,
};

struct nta_tls_stream
{
    uint16_t n_ranges;

    struct
    {
        uint16_t begin, end;
    } ranges[NTA_TLS_RANGES_MAX]; ///< Sorted, with holes between them.

    uint8_t bytes[NTA_TLS_STREAM_SIZE];
};

/** Put a piece in its place. */
void nta_tls_stream_put(struct nta_tls_stream *stream, uint64_t offset, struct nta_span piece);

/** The stream from its first byte to its first hole; borrows. */
struct nta_span nta_tls_stream_head(const struct nta_tls_stream *stream);
