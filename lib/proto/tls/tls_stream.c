/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls_stream.h"

#include <string.h>

/* Copy the parts of [begin, end) that no range covers. */
static void copy_new(struct nta_tls_stream *stream, size_t begin, size_t end, const uint8_t *bytes)
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

/*
 * Add [begin, end) to the ranges, joining those it touches; nothing happens if there is no space
 * for one more.
 */
static void add_range(struct nta_tls_stream *stream, size_t begin, size_t end)
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
    if (first == last && n == NTA_TLS_RANGES_MAX)
        return;
    memmove(&stream->ranges[first + 1], &stream->ranges[last],
            (n - last) * sizeof(stream->ranges[0]));
    stream->ranges[first].begin = (uint16_t)begin;
    stream->ranges[first].end = (uint16_t)end;
    stream->n_ranges = (uint16_t)(n - (last - first) + 1);
}

void nta_tls_stream_put(struct nta_tls_stream *stream, uint64_t offset, struct nta_span piece)
{
    if (offset >= NTA_TLS_STREAM_SIZE || piece.len == 0)
        return;

    size_t begin = (size_t)offset, space = NTA_TLS_STREAM_SIZE - begin;
    size_t end = begin + nta_smaller(piece.len, space);

    /* without a range, bytes in a hole are nobody's and may be written over */
    copy_new(stream, begin, end, piece.ptr);
    add_range(stream, begin, end);
}

struct nta_span nta_tls_stream_head(const struct nta_tls_stream *stream)
{
    size_t len = stream->n_ranges > 0 && stream->ranges[0].begin == 0 ? stream->ranges[0].end : 0;

    return (struct nta_span){.ptr = stream->bytes, .len = len};
}
