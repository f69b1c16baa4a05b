/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who holds stream memory.  Flows that hold some stand in a list, in the order in which they last
 * took any; when there is no more, the first of them loses what it holds and is not shown any
 * further.
 */
#include "flow/holding.h"

#include "flow/keep/list.h"

#include <string.h>

enum
{
    MAX_VICTIMS = 8 ///< For one request: memory can be in too small blocks however many go.
};

static void note_hold(struct nta_flows *flows, struct nta_flow_entry *entry)
{
    uint32_t id = nta_flow_id(flows, entry);

    if (entry->n_holds++)
        nta_flow_list_remove(&flows->holding, flows->holders, id);
    nta_flow_list_append(&flows->holding, flows->holders, id);
}

static void note_release(struct nta_flows *flows, struct nta_flow_entry *entry)
{
    assert(entry->n_holds > 0);
    if (--entry->n_holds == 0)
        nta_flow_list_remove(&flows->holding, flows->holders, nta_flow_id(flows, entry));
}

/**
 * The flow other than `entry` that took memory longest ago loses it.  False: nobody else has any.
 */
static bool rob_oldest(struct nta_flows *flows, const struct nta_flow_entry *entry)
{
    uint32_t id = flows->holding.first;

    if (id == nta_flow_id(flows, entry))
        id = flows->holders[id].next;
    if (!id)
        return false;
    struct nta_flow_entry *victim = &flows->entries[id];

    nta_flow_note_limit(&victim->shown, NTA_FLOW_LIMIT_STREAMS, flows->counters);
    nta_flow_stream_release(flows, victim);
    victim->streams[0].stopped = true;
    victim->streams[1].stopped = true;
    return true;
}

uint32_t nta_flow_hold_block(struct nta_flows *flows, struct nta_flow_entry *entry, size_t size)
{
    uint32_t block = nta_flow_block_new(&flows->memory, size);

    for (int i = 0; !block && i < MAX_VICTIMS && rob_oldest(flows, entry); i++)
        block = nta_flow_block_new(&flows->memory, size);
    if (block)
        note_hold(flows, entry);
    return block;
}

void nta_flow_release_block(struct nta_flows *flows, struct nta_flow_entry *entry, uint32_t block)
{
    if (!block)
        return;
    nta_flow_block_free(&flows->memory, block);
    note_release(flows, entry);
}

uint32_t nta_flow_grow_block(struct nta_flows *flows, struct nta_flow_entry *entry, uint32_t block,
                             struct nta_span bytes, size_t size)
{
    uint32_t grown = nta_flow_hold_block(flows, entry, size);

    if (!grown)
        return 0;
    memcpy(nta_flow_block_ptr(&flows->memory, grown), bytes.ptr, bytes.len);
    nta_flow_release_block(flows, entry, block);
    return grown;
}

uint32_t nta_flow_hold_segment(struct nta_flows *flows, struct nta_flow_entry *entry)
{
    if (!flows->free_segment && flows->n_segments_touched == flows->n_segments &&
        !rob_oldest(flows, entry))
        return 0;
    uint32_t id = flows->free_segment;

    if (id)
        flows->free_segment = flows->segments[id].next;
    else if (flows->n_segments_touched < flows->n_segments)
        id = ++flows->n_segments_touched;
    else
        return 0; /* who was robbed held blocks only */
    flows->segments[id] = (struct nta_flow_segment){0};
    note_hold(flows, entry);
    return id;
}

void nta_flow_release_segment(struct nta_flows *flows, struct nta_flow_entry *entry, uint32_t id)
{
    flows->segments[id].next = flows->free_segment;
    flows->free_segment = id;
    note_release(flows, entry);
}

struct nta_flow_segment nta_flow_segments_pop(struct nta_flows *flows, struct nta_flow_entry *entry,
                                              struct nta_flow_stream *stream)
{
    uint32_t id = stream->early;
    struct nta_flow_segment segment = flows->segments[id];

    stream->early = segment.next;
    stream->n_early--;
    if (segment.block)
        entry->held_bytes -= segment.len;
    nta_flow_release_segment(flows, entry, id);
    return segment;
}

void nta_flow_stream_drop_kept(struct nta_flows *flows, struct nta_flow_entry *entry,
                               struct nta_flow_stream *stream)
{
    entry->held_bytes -= stream->kept_len;
    nta_flow_release_block(flows, entry, stream->kept_block);
    stream->kept_block = stream->kept_off = stream->kept_len = 0;
}

void nta_flow_stream_stop(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *stream)
{
    nta_flow_stream_drop_kept(flows, entry, stream);
    stream->stopped = true;
    stream->skip = 0;
    /* that the early bytes were there stays known, for an exact count */
    for (uint32_t id = stream->early; id; id = flows->segments[id].next) {
        struct nta_flow_segment *segment = &flows->segments[id];

        if (segment->block)
            entry->held_bytes -= segment->len;
        nta_flow_release_block(flows, entry, segment->block);
        segment->block = 0;
    }
}

void nta_flow_stream_release(struct nta_flows *flows, struct nta_flow_entry *entry)
{
    for (size_t i = 0; i < 2 && entry->n_holds; i++) {
        struct nta_flow_stream *stream = &entry->streams[i];

        nta_flow_stream_drop_kept(flows, entry, stream);
        while (stream->early) {
            struct nta_flow_segment segment = nta_flow_segments_pop(flows, entry, stream);

            nta_flow_release_block(flows, entry, segment.block);
        }
    }
}
