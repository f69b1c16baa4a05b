/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments that wait for earlier ones: a short list in sequence order, without overlaps.  Bytes
 * that follow a held segment without a hole join it, so one hole in a stream costs one segment, not
 * one a packet.
 */
#include "flow/segments.h"

#include "flow/holding.h"

#include <string.h>

enum
{
    MAX_SEGMENTS = 64 ///< A direction.
};

static bool within_flow_limit(const struct nta_flows *flows, const struct nta_flow_entry *entry,
                              uint32_t len)
{
    return len <= flows->stream_flow_bytes && entry->held_bytes <= flows->stream_flow_bytes - len;
}

/** The piece goes on where segment `id` ends, and is of the same sort: join them. */
static bool append_to(struct nta_flows *flows, struct nta_flow_entry *entry, uint32_t id,
                      const struct nta_flow_piece *piece)
{
    struct nta_flow_segment *segment = &flows->segments[id];
    size_t len = (size_t)segment->len + piece->wire_len;

    if (!piece->ptr) {
        segment->len += piece->wire_len;
        return true;
    }
    if (len > nta_flow_block_size(&flows->memory, segment->block)) {
        struct nta_span bytes = {nta_flow_block_ptr(&flows->memory, segment->block), segment->len};
        uint32_t grown = nta_flow_grow_block(flows, entry, segment->block, bytes, len);

        if (!grown)
            return false;
        segment->block = grown;
    }
    memcpy(nta_flow_block_ptr(&flows->memory, segment->block) + segment->len, piece->ptr,
           piece->len);
    segment->len += piece->len;
    entry->held_bytes += piece->len;
    return true;
}

/** Put a piece that overlaps nothing behind segment `prev` (0: first). */
static bool insert(struct nta_flows *flows, struct nta_flow_entry *entry,
                   struct nta_flow_stream *stream, uint32_t prev,
                   const struct nta_flow_piece *piece)
{
    if (piece->ptr && !within_flow_limit(flows, entry, piece->len))
        return false;
    if (prev) {
        const struct nta_flow_segment *before = &flows->segments[prev];

        if (before->seq + before->len == piece->seq && !before->block == !piece->ptr &&
            !before->urgent && !piece->urgent)
            return append_to(flows, entry, prev, piece);
    }
    uint32_t id = stream->n_early < MAX_SEGMENTS ? nta_flow_hold_segment(flows, entry) : 0;

    if (!id)
        return false;
    struct nta_flow_segment *segment = &flows->segments[id];

    if (piece->ptr) {
        segment->block = nta_flow_hold_block(flows, entry, piece->len);
        if (!segment->block) {
            nta_flow_release_segment(flows, entry, id);
            return false;
        }
        memcpy(nta_flow_block_ptr(&flows->memory, segment->block), piece->ptr, piece->len);
        entry->held_bytes += piece->len;
    }
    uint32_t *link = prev ? &flows->segments[prev].next : &stream->early;

    segment->seq = piece->seq;
    segment->len = piece->wire_len;
    segment->ack = piece->ack;
    segment->has_ack = piece->has_ack;
    segment->urgent = piece->urgent;
    segment->next = *link;
    *link = id;
    if (stream->n_early++ == 0)
        stream->early_since = nta_flow_ticks(flows);
    return true;
}

/** Hold the parts of the piece that no held segment has; the bytes that came first stand. */
static bool hold_parts(struct nta_flows *flows, struct nta_flow_entry *entry,
                       struct nta_flow_stream *stream, struct nta_flow_piece piece)
{
    uint32_t prev = 0;
    uint32_t next = stream->early;

    while (piece.wire_len > 0) {
        while (next && nta_seq_ahead(flows->segments[next].seq, piece.seq) <= 0) {
            prev = next;
            next = flows->segments[next].next;
        }
        const struct nta_flow_segment *before = &flows->segments[prev];
        int32_t covered = prev ? nta_seq_ahead(before->seq + before->len, piece.seq) : 0;
        uint32_t n = piece.wire_len;

        if (covered > 0) {
            n = (uint32_t)covered < n ? (uint32_t)covered : n;
        } else {
            struct nta_flow_piece part = piece;

            if (next && flows->segments[next].seq - piece.seq < n)
                n = flows->segments[next].seq - piece.seq;
            part.len = part.wire_len = n;
            if (!insert(flows, entry, stream, prev, &part))
                return false;
        }
        nta_flow_piece_advance(&piece, n);
    }
    return true;
}

bool nta_flow_segments_hold(struct nta_flows *flows, struct nta_flow_entry *entry,
                            struct nta_flow_stream *stream, struct nta_flow_piece piece)
{
    uint64_t ahead = piece.seq - stream->next_seq;
    uint64_t dark = stream->skip > ahead ? stream->skip - ahead : 0;

    if (piece.urgent)
        return hold_parts(flows, entry, stream, piece);
    /* what will not be shown is not kept: only that it was there */
    if (stream->stopped || dark > piece.wire_len)
        dark = piece.wire_len;
    if (!stream->stopped && dark > piece.len) /* what was not captured stays a hole, as below */
        dark = piece.len;
    if (dark > 0) {
        struct nta_flow_piece unseen = {.seq = piece.seq,
                                        .wire_len = (uint32_t)dark,
                                        .ack = piece.ack,
                                        .has_ack = piece.has_ack};

        if (!hold_parts(flows, entry, stream, unseen))
            return false;
        nta_flow_piece_advance(&piece, (uint32_t)dark);
    }
    /* bytes that were not captured stay a hole */
    piece.wire_len = piece.len;
    return hold_parts(flows, entry, stream, piece);
}
