/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/quic_stream.h"

/* Frame types that may be in Initial packets, RFC 9000 section 12.4; and Google's. */
enum
{
    FRAME_PADDING = 0x00,
    FRAME_PING = 0x01,
    FRAME_ACK = 0x02,
    FRAME_ACK_ECN = 0x03,
    FRAME_CRYPTO = 0x06,
    FRAME_CLOSE = 0x1c,
    GOOGLE_PING = 0x07,
    GOOGLE_CRYPTO = 0x08,
};

/* Most of a first packet is padding: eight bytes at a time. */
static void skip_padding(struct nta_reader *r)
{
    const struct nta_span rest = nta_reader_rest(r);
    uint64_t word = 0;
    size_t len = 0;

    for (; rest.ptr && rest.len - len >= sizeof(word); len += sizeof(word)) {
        memcpy(&word, rest.ptr + len, sizeof(word));
        if (word != 0)
            break;
    }
    nta_reader_skip(r, len);
}

/* RFC 9000 section 19.3. */
static void skip_ack(struct nta_reader *r, bool has_ecn)
{
    (void)nta_read_varint(r); /* largest acknowledged */
    (void)nta_read_varint(r); /* delay */

    uint64_t n_ranges = nta_read_varint(r);

    (void)nta_read_varint(r); /* first range */
    for (uint64_t i = 0; i < n_ranges && nta_reader_ok(r); i++) {
        (void)nta_read_varint(r);
        (void)nta_read_varint(r);
    }
    for (unsigned i = 0; has_ecn && i < 3; i++)
        (void)nta_read_varint(r);
}

static void read_crypto(struct nta_tls_stream *stream, struct nta_reader *r)
{
    uint64_t offset = nta_read_varint(r), len = nta_read_varint(r);
    struct nta_span piece = nta_read_span(r, len <= SIZE_MAX ? (size_t)len : SIZE_MAX);

    if (nta_reader_ok(r))
        nta_tls_stream_put(stream, offset, piece);
}

/* Frames until the reader ends; false at one that does not belong here. */
static bool read_ietf(struct nta_tls_stream *stream, struct nta_reader *r)
{
    while (nta_reader_left(r) > 0) {
        uint64_t type = nta_read_varint(r);

        switch (type) {
        case FRAME_PADDING: skip_padding(r); break;
        case FRAME_PING: break;
        case FRAME_ACK:
        case FRAME_ACK_ECN: skip_ack(r, type == FRAME_ACK_ECN); break;
        case FRAME_CRYPTO: read_crypto(stream, r); break;
        case FRAME_CLOSE: nta_reader_skip(r, nta_reader_left(r)); break;
        default: return false;
        }
    }
    return nta_reader_ok(r);
}

/*
 * Of Google's frames only those that a client's first packets begin with; what stands behind
 * another is not known.
 */
static bool read_google(struct nta_tls_stream *stream, struct nta_reader *r)
{
    while (nta_reader_left(r) > 0) {
        switch (nta_read_u8(r)) {
        case FRAME_PADDING: skip_padding(r); break;
        case GOOGLE_PING: break;
        case GOOGLE_CRYPTO: read_crypto(stream, r); break;
        default: return false;
        }
    }
    return nta_reader_ok(r);
}

enum nta_parse nta_quic_stream_frames(struct nta_tls_stream *stream, struct nta_span payload,
                                      bool has_google_frames)
{
    struct nta_reader r = nta_reader_of(payload.ptr, payload.len);
    bool ok = has_google_frames ? read_google(stream, &r) : read_ietf(stream, &r);

    return ok ? NTA_PARSE_OK : NTA_PARSE_BAD;
}
