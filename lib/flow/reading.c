/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/reading.h"

#include <string.h>

/** A copy up to number `end` is part of it, above those that came before. */
static void add(struct nta_flow_reading *reading, uint32_t first, const struct nta_flow_copy *copy,
                uint32_t end)
{
    const uint32_t off = copy->seq - first;

    if (nta_seq_ahead(end, copy->seq) <= 0 || off > NTA_FLOW_COPIES_REACH ||
        copy->len > NTA_FLOW_COPIES_REACH - off)
        return; /* or the stream's first number was another one then */
    reading->copies[reading->n] = copy;
    reading->ends[reading->n++] = end;
    memcpy(reading->bytes + off, nta_flow_copy_bytes(copy), end - copy->seq);
}

/** May it stand beside the copy, up to that number?  What was shown earlier, only before it. */
static bool belongs(const struct nta_flow_copy *other, const struct nta_flow_copy *copy,
                    enum nta_flow_copy_kind kind, uint32_t *ret_end)
{
    const bool is_later = nta_seq_ahead(other->place, copy->place) > 0;

    *ret_end = nta_flow_copy_end(other);
    if (other == copy || other->kind != kind || other->stream != copy->stream)
        return false;
    if (kind == NTA_FLOW_COPY_OTHER)
        return other->is_unlikely == copy->is_unlikely;
    if (!is_later && nta_seq_ahead(*ret_end, copy->seq) > 0)
        *ret_end = copy->seq;
    return true;
}

/** All of a kind, the newest above the others. */
static void add_kind(struct nta_flow_reading *reading, const struct nta_flow_copy *const *all,
                     size_t n, uint32_t first, const struct nta_flow_copy *copy,
                     enum nta_flow_copy_kind kind)
{
    uint32_t end;

    while (n-- > 0) {
        if (belongs(all[n], copy, kind, &end))
            add(reading, first, all[n], end);
    }
}

/** Behind the last number from `from` on without a break. */
static uint32_t find_end(const struct nta_flow_reading *reading, uint32_t from)
{
    uint32_t end = from;

    for (size_t i = 0; i < reading->n; i++) {
        if (nta_seq_ahead(reading->copies[i]->seq, end) > 0 ||
            nta_seq_ahead(reading->ends[i], end) <= 0)
            continue;
        end = reading->ends[i];
        i = SIZE_MAX; /* those before may go on there */
    }
    return end;
}

bool nta_flow_reading_of(const struct nta_flows *flows, const struct nta_flow_stream *stream,
                         const struct nta_flow_entry *entry, const struct nta_flow_copy *copy,
                         struct nta_flow_piece *ret_piece)
{
    struct nta_flow_reading *reading = flows->reading;
    const struct nta_flow_copy *all[NTA_FLOW_COPIES_MAX];
    const uint32_t first = stream->isn + 1;
    uint32_t from = first;
    size_t n = 0;

    if (nta_seq_ahead(copy->seq, stream->next_seq) > 0)
        return false; /* what is before it is still to come */
    all[0] = nta_flow_reading_newest(flows, entry);
    while (all[n] && ++n < NTA_FLOW_COPIES_MAX)
        all[n] = nta_flow_copies_before(flows->copies, all[n - 1]);
    reading->n = 0;
    add_kind(reading, all, n, first, copy, NTA_FLOW_COPY_SHOWN);
    add_kind(reading, all, n, first, copy, NTA_FLOW_COPY_OTHER);
    if (reading->n == NTA_FLOW_COPIES_MAX)
        return false;
    add(reading, first, copy, nta_flow_copy_end(copy));
    if (nta_seq_ahead(find_end(reading, from), copy->seq) <= 0)
        from = copy->seq; /* the beginning is not known any more */
    const uint32_t off = from - first, len = find_end(reading, from) - from;

    if (len == 0 || off > NTA_FLOW_COPIES_REACH || len > NTA_FLOW_COPIES_REACH - off)
        return false;
    *ret_piece = (struct nta_flow_piece){.seq = from,
                                         .ptr = reading->bytes + off,
                                         .len = len,
                                         .wire_len = len,
                                         .ack = copy->ack,
                                         .has_ack = copy->has_ack};
    return true;
}

/** Other bytes at the numbers that both have? */
static bool differ(uint32_t seq, const uint8_t *bytes, uint32_t len,
                   const struct nta_flow_piece *piece)
{
    const uint32_t begin = nta_seq_ahead(piece->seq, seq) > 0 ? piece->seq : seq;
    const int32_t ends[2] = {nta_seq_ahead(seq + len, begin),
                             nta_seq_ahead(piece->seq + piece->len, begin)};
    const int32_t n = ends[0] < ends[1] ? ends[0] : ends[1];

    return n > 0 &&
           memcmp(bytes + (begin - seq), piece->ptr + (begin - piece->seq), (size_t)n) != 0;
}

bool nta_flow_reading_contradicts(const struct nta_flow_copy *copy,
                                  const struct nta_flow_piece *piece)
{
    return differ(copy->seq, nta_flow_copy_bytes(copy), copy->len, piece);
}

bool nta_flow_reading_differs(const struct nta_flows *flows, const struct nta_flow_entry *entry,
                              const struct nta_flow_stream *stream,
                              const struct nta_flow_piece *piece)
{
    const struct nta_flow_copy *copy = nta_flow_reading_newest(flows, entry);
    const uint8_t index = nta_flow_stream_index(entry, stream);

    for (int i = 0; copy && i < NTA_FLOW_COPIES_MAX; i++) {
        if (copy->stream == index && copy->kind == NTA_FLOW_COPY_SHOWN &&
            nta_flow_reading_contradicts(copy, piece))
            return true;
        copy = nta_flow_copies_before(flows->copies, copy);
    }
    for (uint32_t id = stream->early; id; id = flows->segments[id].next) {
        const struct nta_flow_segment *held = &flows->segments[id];

        if (held->block &&
            differ(held->seq, nta_flow_block_ptr(&flows->memory, held->block), held->len, piece))
            return true;
    }
    return false;
}
