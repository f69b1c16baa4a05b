/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/second.h"

#include "flow/doubt.h"
#include "flow/holding.h"
#include "flow/reading.h"
#include "flow/stream.h"
#include "flow/urgent.h"

#include <string.h>

enum
{
    LOOKS_MAX = 8,  ///< Of them that something is done about.
    TRIES_MAX = 48, ///< Of a reading: then nobody wants to know more of it.
};

static bool is_heard(const struct nta_flow_entry *entry, const struct nta_flow_stream *sender)
{
    return entry->shown.sides[1 - nta_flow_dir(entry, sender)].packets > 0;
}

/** What was shown in the place of `copy` is void, and that is shown instead. */
static void exchange(const struct nta_flows *flows, const struct nta_flow_entry *entry,
                     struct nta_flow_copy *copy)
{
    struct nta_flow_copy *shown = nta_flow_reading_newest(flows, entry);

    for (int i = 0; shown && i < NTA_FLOW_COPIES_MAX; i++) {
        if (shown->stream == copy->stream && shown->kind == NTA_FLOW_COPY_SHOWN &&
            nta_seq_ahead(copy->place, shown->place) > 0 &&
            nta_seq_ahead(nta_flow_copy_end(shown), copy->seq) > 0)
            shown->kind = NTA_FLOW_COPY_GONE;
        shown = nta_flow_copies_before(flows->copies, shown);
    }
    copy->kind = NTA_FLOW_COPY_SHOWN;
}

/** The owner goes over to another reading of the stream: what it was shown is void. */
static void restart(struct nta_flows *flows, struct nta_flow_entry *entry,
                    struct nta_flow_stream *stream, struct nta_flow_piece piece)
{
    const enum nta_dir dir = nta_flow_dir(entry, stream);
    struct nta_flow_side *side = &entry->shown.sides[dir];
    struct nta_flow_stream *other = nta_flow_stream_other(entry, stream);
    const int32_t ahead = nta_seq_ahead(piece.seq + piece.len, stream->next_seq);

    /* what lies behind comes yet; where it ends before, the stream goes on from there */
    if (ahead > 0) {
        piece.len -= (uint32_t)ahead < piece.len ? (uint32_t)ahead : piece.len;
        piece.wire_len = piece.len;
    } else if (side->gap_bytes == 0 && side->bytes >= (uint64_t) - (int64_t)ahead) {
        side->bytes -= (uint64_t) - (int64_t)ahead;
        stream->next_seq = piece.seq + piece.len;
    }
    nta_flow_stream_drop_kept(flows, entry, stream);
    stream->stopped = stream->again = false;
    stream->skip = 0;
    if (entry->shown.sides[1 - dir].bytes == 0)
        other->stopped = other->again = false;
    if (piece.len > 0)
        nta_flow_stream_show(flows, entry, stream, piece);
}

/** Something changed since it was asked about; if so, that is noted. */
static bool has_news(const struct nta_flow_stream *stream, struct nta_flow_copy *copy, uint32_t len,
                     enum nta_flow_likely likely)
{
    if (copy->asked == len && copy->asked_as == likely && copy->asked_at == stream->next_seq)
        return false;
    copy->asked = len;
    copy->asked_as = (uint8_t)likely;
    copy->asked_at = stream->next_seq;
    return true;
}

static void ask(struct nta_flows *flows, struct nta_flow_entry *entry,
                struct nta_flow_stream *stream, struct nta_flow_copy *copy,
                enum nta_flow_likely likely)
{
    struct nta_flow_piece piece;

    copy->is_done |= ++copy->n_tries >= TRIES_MAX || likely == NTA_FLOW_LIKELY_SURE;
    if (!flows->ops->other || !nta_flow_reading_of(flows, stream, entry, copy, &piece) ||
        !has_news(stream, copy, piece.len, likely))
        return;
    flows->at = (struct nta_flow_at){.seq = piece.seq, .ack = piece.ack, .has_ack = piece.has_ack};
    switch (flows->ops->other(flows->owner, &entry->shown, nta_flow_dir(entry, stream),
                              (struct nta_span){piece.ptr, piece.len}, likely)) {
    case NTA_FLOW_VERDICT_MORE: break;
    case NTA_FLOW_VERDICT_DONE: copy->is_done = true; break;
    case NTA_FLOW_VERDICT_TAKE:
        copy->is_done = true;
        exchange(flows, entry, copy);
        restart(flows, entry, stream, piece);
        break;
    }
}

/** Another reading, of which more can be known now; NULL: none.  `ret_any`: of later ones, too. */
static struct nta_flow_copy *find_due(const struct nta_flows *flows,
                                      const struct nta_flow_entry *entry,
                                      const struct nta_flow_stream *stream, bool *ret_any)
{
    struct nta_flow_copy *copy = nta_flow_reading_newest(flows, entry);

    *ret_any = false;
    for (int i = 0; copy && i < NTA_FLOW_COPIES_MAX;
         i++, copy = nta_flow_copies_before(flows->copies, copy)) {
        if (copy->stream != nta_flow_stream_index(entry, stream))
            continue;
        if (copy->kind == NTA_FLOW_COPY_OTHER && !copy->is_done &&
            copy->look != flows->copies->n_looks)
            return copy;
        *ret_any |= copy->kind == NTA_FLOW_COPY_ASIDE ||
                    (copy->kind == NTA_FLOW_COPY_OTHER &&
                     (!copy->is_done || nta_seq_ahead(nta_flow_copy_end(copy), stream->acked) > 0));
    }
    return NULL;
}

static enum nta_flow_likely likely(const struct nta_flow_stream *stream,
                                   const struct nta_flow_copy *copy)
{
    if (copy->is_unlikely)
        return NTA_FLOW_LIKELY_LESS;
    return nta_seq_ahead(stream->acked, stream->next_seq) >= 0 ? NTA_FLOW_LIKELY_SAID
                                                               : NTA_FLOW_LIKELY_SAME;
}

/** What is there to be said of other readings, now that there is more? */
static void look(struct nta_flows *flows, struct nta_flow_entry *entry,
                 struct nta_flow_stream *stream)
{
    struct nta_flow_copy *copy;
    bool any = true;

    flows->copies->n_looks++;
    for (int i = 0; i < LOOKS_MAX; i++) {
        copy = find_due(flows, entry, stream, &any);
        if (!copy)
            break;
        any = true;
        copy->look = flows->copies->n_looks;
        ask(flows, entry, stream, copy, likely(stream, copy));
    }
    stream->second = any;
}

/**
 * Bytes come that nobody doubts: what waits in their place and says something else is another
 * reading, and is known before they are shown.
 */
static void replace(struct nta_flows *flows, struct nta_flow_entry *entry,
                    struct nta_flow_stream *stream, const struct nta_flow_piece *piece)
{
    struct nta_flow_copy *copy = nta_flow_reading_newest(flows, entry);

    for (int i = 0; copy && i < NTA_FLOW_COPIES_MAX;
         i++, copy = nta_flow_copies_before(flows->copies, copy)) {
        if (copy->stream != nta_flow_stream_index(entry, stream) ||
            copy->kind != NTA_FLOW_COPY_ASIDE || !nta_flow_reading_contradicts(copy, piece))
            continue;
        copy->is_unlikely = true;
        copy->kind = NTA_FLOW_COPY_OTHER;
        nta_count(flows->counters, NTA_COUNTER_STREAM_OTHER, 1);
    }
    look(flows, entry, stream);
}

/** The same bytes wait already. */
static bool waits(const struct nta_flows *flows, const struct nta_flow_entry *entry,
                  const struct nta_flow_stream *stream, const struct nta_flow_piece *piece)
{
    const struct nta_flow_copy *copy = nta_flow_reading_newest(flows, entry);

    for (int i = 0; copy && i < NTA_FLOW_COPIES_MAX;
         i++, copy = nta_flow_copies_before(flows->copies, copy)) {
        if (copy->stream == nta_flow_stream_index(entry, stream) &&
            copy->kind == NTA_FLOW_COPY_ASIDE && copy->seq == piece->seq &&
            copy->len == piece->len &&
            memcmp(nta_flow_copy_bytes(copy), piece->ptr, piece->len) == 0)
            return true;
    }
    return false;
}

/** Let a doubtful segment wait.  False: it cannot. */
static bool set_aside(struct nta_flows *flows, struct nta_flow_entry *entry,
                      struct nta_flow_stream *sender, struct nta_flow_piece piece, uint8_t ttl)
{
    if (piece.len < piece.wire_len ||
        piece.seq - (sender->isn + 1) + piece.len > NTA_FLOW_COPIES_REACH)
        return false;
    if (!sender->second || !waits(flows, entry, sender, &piece)) {
        struct nta_flow_copy *copy =
            nta_flow_reading_copy(flows, entry, sender, piece, NTA_FLOW_COPY_ASIDE);

        if (!copy)
            return false;
        copy->ttl = ttl;
    }
    sender->second = true;
    return true;
}

/** It repeats what was not acknowledged yet, in other words: another reading. */
static void note_other(struct nta_flows *flows, struct nta_flow_entry *entry,
                       struct nta_flow_stream *sender, struct nta_flow_piece piece,
                       bool is_unlikely)
{
    const int32_t acked = nta_seq_ahead(sender->acked, piece.seq);

    if (acked > 0)
        nta_flow_piece_advance(&piece,
                               (uint32_t)acked < piece.wire_len ? (uint32_t)acked : piece.wire_len);
    if (piece.len == 0 || !nta_flow_reading_differs(flows, entry, sender, &piece))
        return;
    struct nta_flow_copy *copy =
        nta_flow_reading_copy(flows, entry, sender, piece, NTA_FLOW_COPY_OTHER);

    if (!copy)
        return;
    nta_count(flows->counters, NTA_COUNTER_STREAM_OTHER, 1);
    copy->is_unlikely = is_unlikely;
    sender->second = true;
    look(flows, entry, sender);
}

/** What waits and begins the next bytes: what ends where the acknowledgement does, if any. */
static struct nta_flow_copy *find_next(const struct nta_flows *flows,
                                       const struct nta_flow_entry *entry,
                                       const struct nta_flow_stream *stream)
{
    struct nta_flow_copy *copy = nta_flow_reading_newest(flows, entry), *best = NULL;

    for (int i = 0; copy && i < NTA_FLOW_COPIES_MAX;
         i++, copy = nta_flow_copies_before(flows->copies, copy)) {
        const bool begins = nta_seq_ahead(copy->seq, stream->next_seq) <= 0 &&
                            nta_seq_ahead(nta_flow_copy_end(copy), stream->next_seq) > 0;

        if (copy->stream != nta_flow_stream_index(entry, stream) ||
            copy->kind != NTA_FLOW_COPY_ASIDE || !begins)
            continue;
        if (!best || nta_flow_copy_end(best) != stream->acked)
            best = copy;
    }
    return best;
}

/** Show what waits, up to what was acknowledged, or `all` of it. */
static void fill(struct nta_flows *flows, struct nta_flow_entry *entry,
                 struct nta_flow_stream *stream, bool all)
{
    struct nta_flow_copy *copy;

    while ((all || nta_seq_ahead(stream->acked, stream->next_seq) > 0) &&
           (copy = find_next(flows, entry, stream))) {
        const struct nta_flow_piece piece = {.seq = copy->seq,
                                             .ptr = flows->reading->bytes,
                                             .len = copy->len,
                                             .wire_len = copy->len,
                                             .ack = copy->ack,
                                             .has_ack = copy->has_ack};

        memcpy(flows->reading->bytes, nta_flow_copy_bytes(copy), copy->len);
        copy->kind = NTA_FLOW_COPY_GONE;
        if (!all)
            nta_flow_doubt_wrong(stream, copy->ttl);
        nta_flow_stream_take(flows, entry, stream, piece);
    }
    look(flows, entry, stream);
}

/** Does an acknowledgement end inside a segment that was shown? */
static bool is_inside_shown(const struct nta_flows *flows, const struct nta_flow_entry *entry,
                            const struct nta_flow_stream *stream, uint32_t seq)
{
    const struct nta_flow_copy *copy = nta_flow_reading_newest(flows, entry);
    bool is_inside = false;

    for (int i = 0; copy && i < NTA_FLOW_COPIES_MAX;
         i++, copy = nta_flow_copies_before(flows->copies, copy)) {
        if (copy->stream != nta_flow_stream_index(entry, stream) ||
            copy->kind != NTA_FLOW_COPY_SHOWN)
            continue;
        if (nta_flow_copy_end(copy) == seq)
            return false;
        is_inside |= !copy->is_joined && nta_seq_ahead(seq, copy->seq) > 0 &&
                     nta_seq_ahead(nta_flow_copy_end(copy), seq) > 0;
    }
    return is_inside;
}

/** Another reading that the acknowledgement ends with; NULL. */
static struct nta_flow_copy *find_sure(const struct nta_flows *flows,
                                       const struct nta_flow_entry *entry,
                                       const struct nta_flow_stream *stream)
{
    struct nta_flow_copy *copy = nta_flow_reading_newest(flows, entry);

    for (int i = 0; copy && i < NTA_FLOW_COPIES_MAX;
         i++, copy = nta_flow_copies_before(flows->copies, copy)) {
        if (copy->stream == nta_flow_stream_index(entry, stream) &&
            copy->kind == NTA_FLOW_COPY_OTHER && nta_flow_copy_end(copy) == stream->acked)
            return is_inside_shown(flows, entry, stream, stream->acked) ? copy : NULL;
    }
    return NULL;
}

void nta_flow_second_acked(struct nta_flows *flows, struct nta_flow_entry *entry,
                           struct nta_flow_stream *stream)
{
    struct nta_flow_copy *copy = find_sure(flows, entry, stream);

    if (copy)
        ask(flows, entry, stream, copy, NTA_FLOW_LIKELY_SURE);
    fill(flows, entry, stream, false);
}

uint32_t nta_flow_second_end(const struct nta_flows *flows, const struct nta_flow_entry *entry,
                             const struct nta_flow_stream *stream)
{
    const struct nta_flow_copy *copy = nta_flow_reading_newest(flows, entry);
    uint32_t end = stream->next_seq;

    for (int i = 0; copy && i < NTA_FLOW_COPIES_MAX;
         i++, copy = nta_flow_copies_before(flows->copies, copy)) {
        if (copy->stream == nta_flow_stream_index(entry, stream) &&
            copy->kind == NTA_FLOW_COPY_ASIDE && nta_seq_ahead(nta_flow_copy_end(copy), end) > 0)
            end = nta_flow_copy_end(copy);
    }
    return end;
}

/** Nothing more will be done about what is left: nobody misses it. */
static void forget(const struct nta_flows *flows, const struct nta_flow_entry *entry,
                   struct nta_flow_stream *stream)
{
    struct nta_flow_copy *copy = nta_flow_reading_newest(flows, entry);

    for (int i = 0; copy && i < NTA_FLOW_COPIES_MAX;
         i++, copy = nta_flow_copies_before(flows->copies, copy)) {
        if (copy->stream != nta_flow_stream_index(entry, stream))
            continue;
        copy->is_done = true;
        if (copy->kind == NTA_FLOW_COPY_ASIDE)
            copy->kind = NTA_FLOW_COPY_GONE;
    }
    stream->second = false;
}

void nta_flow_second_finish(struct nta_flows *flows, struct nta_flow_entry *entry)
{
    for (size_t i = 0; i < 2; i++) {
        struct nta_flow_stream *stream = &entry->streams[i];

        if (stream->second)
            fill(flows, entry, stream, true);
        if (stream->second)
            forget(flows, entry, stream);
    }
}

/** Will any of it be shown? */
static bool is_wanted(const struct nta_flow_stream *sender, const struct nta_flow_piece *piece)
{
    return !sender->stopped && sender->skip < piece->wire_len;
}

void nta_flow_second_take(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *sender, const struct nta_packet *packet,
                          const uint8_t *bytes, struct nta_flow_piece piece)
{
    const struct nta_flow_stream *other = nta_flow_stream_other(entry, sender);
    const bool is_near = nta_flow_second_is_near(sender, &piece);
    const bool heard = is_heard(entry, sender), is_syn = (packet->tcp_flags & NTA_TCP_SYN) != 0;
    const bool is_old = nta_seq_ahead(sender->next_seq, piece.seq) > 0;
    struct nta_segment segment = {0};
    const bool is_known = nta_segment_read(packet, bytes, &segment);
    bool doubted = false;

    if (is_near && (heard || is_syn) && (is_old || is_wanted(sender, &piece)))
        doubted = nta_flow_doubt_is(sender, other, packet, is_known ? &segment : NULL, bytes);
    if (doubted && nta_seq_ahead(piece.seq + piece.wire_len, sender->next_seq) > 0 &&
        set_aside(flows, entry, sender, piece, segment.ttl))
        return;
    if (!heard && sender->second && nta_seq_ahead(piece.seq, sender->next_seq) > 0)
        fill(flows, entry, sender, true);
    if (is_near && (is_old || sender->early))
        note_other(flows, entry, sender, piece, doubted);
    if (sender->second)
        replace(flows, entry, sender, &piece);
    nta_flow_urgent_take(flows, entry, sender, piece, segment.urgent);
    if (sender->second)
        look(flows, entry, sender);
}
