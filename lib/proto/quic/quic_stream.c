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

/* Copy the parts of [begin, end) that no range covers. */
static void copy_new(struct nta_quic_stream *stream, size_t begin, size_t end, const uint8_t *bytes)
{
    size_t at = begin;

    for (size_t i = 0; i < stream->n_ranges && at < end; i++) {
        size_t covered = stream->ranges[i].begin, covered_end = stream->ranges[i].end;

        if (covered_end <= at)
            continue;
        if (covered > at) {
            size_t stop = covered < end ? covered : end;

            memcpy(stream->bytes + at, bytes + (at - begin), stop - at);
        }
        at = covered_end;
    }
    if (at < end)
        memcpy(stream->bytes + at, bytes + (at - begin), end - at);
}

/* Add [begin, end) to the ranges, joining those it touches; nothing happens if there is no space for one more. */
static void add_range(struct nta_quic_stream *stream, size_t begin, size_t end)
{
    size_t first = 0, n = stream->n_ranges;

    while (first < n && stream->ranges[first].end < begin)
        first++;

    size_t last = first; /* one past those that are joined */

    while (last < n && stream->ranges[last].begin <= end) {
        begin = stream->ranges[last].begin < begin ? stream->ranges[last].begin : begin;
        end = stream->ranges[last].end > end ? stream->ranges[last].end : end;
        last++;
    }
    if (first == last && n == NTA_QUIC_RANGES_MAX)
        return;
    memmove(&stream->ranges[first + 1], &stream->ranges[last],
            (n - last) * sizeof(stream->ranges[0]));
    stream->ranges[first].begin = (uint16_t)begin;
    stream->ranges[first].end = (uint16_t)end;
    stream->n_ranges = (uint16_t)(n - (last - first) + 1);
}

void nta_quic_stream_put(struct nta_quic_stream *stream, uint64_t offset, struct nta_span piece)
{
    if (offset >= NTA_QUIC_STREAM_SIZE || piece.len == 0)
        return;

    size_t begin = (size_t)offset, buf = NTA_QUIC_STREAM_SIZE - begin;
    size_t end = begin + (piece.len < buf ? piece.len : buf);

    /* without a range, bytes in a hole are nobody's and may be written over */
    copy_new(stream, begin, end, piece.ptr);
    add_range(stream, begin, end);
}

struct nta_span nta_quic_stream_head(const struct nta_quic_stream *stream)
{
    size_t len = stream->n_ranges > 0 && stream->ranges[0].begin == 0 ? stream->ranges[0].end : 0;

    return (struct nta_span){.ptr = stream->bytes, .len = len};
}

/* Most of a first packet is padding: eight bytes at a time. */
static void skip_padding(struct nta_reader *r)
{
    const struct nta_span rest = nta_reader_rest(r);
    uint64_t word = 0;
    size_t len = 0;

    for (; rest.len - len >= sizeof(word); len += sizeof(word)) {
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

static void read_crypto(struct nta_quic_stream *stream, struct nta_reader *r)
{
    uint64_t offset = nta_read_varint(r), len = nta_read_varint(r);
    struct nta_span piece = nta_read_span(r, len <= SIZE_MAX ? (size_t)len : SIZE_MAX);

    if (nta_reader_ok(r))
        nta_quic_stream_put(stream, offset, piece);
}

/* Frames until the reader ends; false at one that does not belong here. */
static bool read_ietf(struct nta_quic_stream *stream, struct nta_reader *r)
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

/* Of Google's frames only those that a client's first packets begin with; what stands behind another is not known. */
static bool read_google(struct nta_quic_stream *stream, struct nta_reader *r)
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

enum nta_parse nta_quic_stream_frames(struct nta_quic_stream *stream, struct nta_span payload,
                                      bool has_google_frames)
{
    struct nta_reader r = nta_reader_of(payload.ptr, payload.len);
    bool ok = has_google_frames ? read_google(stream, &r) : read_ietf(stream, &r);

    return ok ? NTA_PARSE_OK : NTA_PARSE_BAD;
}
