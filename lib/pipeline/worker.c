/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/worker.h"

#include "base/memory/memory.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "flow/flow.h"
#include "packets/watch.h"

#include <errno.h>
#include <stdlib.h>

/** An idle worker looks this often whether its open chunk is old. */
#define IDLE_NS (50 * NTA_NS_PER_MS)

enum
{
    PREFETCH_AHEAD = 16, ///< Packets between loading a flow's bucket and using it.
    FRAGMENT_DATAGRAMS = 4096,
    FRAGMENT_BYTES = 16 * 1024 * 1024,
};

void nta_worker_free(struct nta_worker **worker)
{
    struct nta_worker *w = *worker;

    if (!w)
        return;
    nta_session_parts_done(&w->parts);
    nta_fragments_free(&w->fragments);
    nta_outbox_done(&w->outbox);
    free(w);
    *worker = NULL;
}

/** A record was made: into the outbox. */
static void put(void *owner, const struct nta_record *record)
{
    struct nta_worker *worker = owner;

    nta_outbox_add(&worker->outbox, record, worker->mono_ns, &worker->parts.counters);
}

static int init(struct nta_worker *worker, const struct nta_worker_options *options,
                struct nta_err *err)
{
    const struct nta_fragment_options fragment = {
        .n_datagrams = FRAGMENT_DATAGRAMS,
        .bytes = FRAGMENT_BYTES,
    };
    struct nta_session_options session = options->session;

    session.put = put;
    session.owner = worker;
    const struct nta_outbox_options outbox = {
        .wake = options->recorder_wake,
        .patient = options->files,
        .is_one = !options->is_stored,
    };
    int r = nta_outbox_init(&worker->outbox, &outbox, err);

    if (r == 0)
        r = nta_session_parts_init(&worker->parts, &session, err);
    return r < 0 ? r
                 : nta_fragments_new(&fragment, &worker->parts.counters, &worker->fragments, err);
}

int nta_worker_new(const struct nta_worker_options *options, struct nta_worker **ret_worker,
                   struct nta_err *err)
{
    NTA_AUTO(nta_worker_free)
    struct nta_worker *worker = nta_memory_new(sizeof(*worker), _Alignof(struct nta_worker));

    if (!worker)
        return nta_err_sys(err, -ENOMEM, "worker");
    *worker = (struct nta_worker){
        .dispatches = options->dispatches,
        .n_dispatches = options->n_dispatches,
        .policies = options->policies,
        .index = options->index,
        .files = options->files,
        .decode.key = options->session.key,
    };
    worker->decode.counters = &worker->parts.counters;
    worker->decode.unknowns = &worker->unknowns;
    worker->decode.outer_packets = &worker->outer_packets;
    int r = init(worker, options, err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < worker->n_dispatches; i++)
        nta_dispatch_set_wake(worker->dispatches[i], worker->index, &worker->wake);
    *ret_worker = NTA_TAKE(worker);
    return 0;
}

/** Its flow, and the log of packets that may prove something. */
static inline void take_whole(struct nta_worker *worker, const struct nta_packet *packet,
                              const uint8_t *bytes)
{
    struct nta_flow *flow = nta_flows_packet(worker->parts.flows, packet, bytes);

    if (__builtin_expect(packet->kind == NTA_PACKET_OUTER, 0))
        nta_session_outer_flow(&worker->parts, flow, (enum nta_tunnel)packet->tunnel);
    if (flow && nta_watch_wants(worker->parts.watch, flow))
        nta_watch_take(worker->parts.watch, flow, packet, bytes, nta_conn_is_lookup(flow));
}

/**
 * Those of a datagram put together: it is of the worker that its outermost addresses belong to, and
 * so are they.
 */
static void take_outer_packets(struct nta_worker *worker, const uint8_t *bytes)
{
    for (uint32_t i = 0; i < worker->outer_packets.n; i++)
        take_whole(worker, &worker->outer_packets.packets[i], bytes);
    worker->outer_packets.n = 0;
}

/** Go on as if it had come in one piece. */
static void take_datagram(struct nta_worker *worker, struct nta_packet *packet,
                          const uint8_t *bytes)
{
    const uint8_t *at = bytes;

    nta_decode_datagram(&worker->decode, bytes, packet);
    do {
        take_outer_packets(worker, bytes);
        if (packet->kind != NTA_PACKET_OTHER && packet->kind != NTA_PACKET_FRAGMENT)
            take_whole(worker, packet, at);
        at = nta_decode_next(&worker->decode, bytes, packet);
    } while (at);
}

/** Datagrams of which no more will come: their beginnings may say enough. */
static void expire_fragments(struct nta_worker *worker, int64_t wall_ns)
{
    struct nta_packet packet;
    struct nta_span datagram;

    while (nta_fragments_expire(worker->fragments, wall_ns, &packet, &datagram))
        take_datagram(worker, &packet, datagram.ptr);
}

/** A part of a datagram: when it is whole, decode it. */
static void take_fragment(struct nta_worker *worker, const struct nta_packet *part,
                          const uint8_t *bytes)
{
    struct nta_packet whole = *part;
    struct nta_span datagram;

    expire_fragments(worker, part->wall_ns);
    if (!nta_fragments_push(worker->fragments, part, bytes, &datagram))
        return;
    whole.cap_len = whole.wire_len = (uint32_t)datagram.len;
    take_datagram(worker, &whole, datagram.ptr);
}

static void take_packet(struct nta_worker *worker, const struct nta_packet *packet,
                        const uint8_t *bytes)
{
    nta_session_tick(&worker->parts, packet->wall_ns);
    if (packet->kind == NTA_PACKET_FRAGMENT) {
        take_fragment(worker, packet, bytes);
    } else if (packet->kind != NTA_PACKET_OTHER) {
        take_whole(worker, packet, bytes);
        if (packet->kind == NTA_PACKET_IP)
            nta_icmp_error_packet(&worker->parts, &worker->decode, packet, bytes);
    }
}

/**
 * Packet `i` is taken soon: entries, flows and payloads come from far away, each is asked for in
 * its time.
 */
static void prefetch(struct nta_worker *worker, const struct nta_block *block,
                     const struct nta_packet *packets, uint32_t i)
{
    uint32_t n = block->n_packets;

    if (i + 2 * PREFETCH_AHEAD < n)
        __builtin_prefetch(&packets[i + 2 * PREFETCH_AHEAD]);
    if (i + PREFETCH_AHEAD < n)
        nta_flows_prefetch(worker->parts.flows, &packets[i + PREFETCH_AHEAD]);
    if (i + PREFETCH_AHEAD / 2 < n) {
        const struct nta_packet *packet = &packets[i + PREFETCH_AHEAD / 2];

        __builtin_prefetch(nta_block_bytes(block, packet) + packet->payload_off);
    }
}

/** One block under one policy. */
static void take_block(struct nta_worker *worker, struct nta_block *block)
{
    const struct nta_packet *packets = nta_block_packets(block);
    uint32_t n = block->n_packets;

    worker->parts.policy = nta_epoch_enter(worker->policies, worker->index);
    worker->mono_ns = nta_clock_mono_ns();
    for (uint32_t i = 0; i < n && i < PREFETCH_AHEAD; i++)
        nta_flows_prefetch(worker->parts.flows, &packets[i]);
    for (uint32_t i = 0; i < n; i++) {
        prefetch(worker, block, packets, i);
        take_packet(worker, &packets[i], nta_block_bytes(block, &packets[i]));
    }
    int64_t wall_ns = n ? packets[n - 1].wall_ns : block->now_wall_ns;

    if (!worker->files && block->now_wall_ns > wall_ns)
        wall_ns = block->now_wall_ns;
    nta_flows_tick(worker->parts.flows, wall_ns);
    nta_session_tick(&worker->parts, wall_ns);
    nta_watch_tick(worker->parts.watch, wall_ns);
    expire_fragments(worker, wall_ns);
    nta_outbox_flush(&worker->outbox, worker->mono_ns, false);
    nta_epoch_leave(worker->policies, worker->index);
}

/**
 * One round over the captures.  `n_open` counts those that have not ended.  False: nothing was
 * there.
 */
static bool take_round(struct nta_worker *worker, size_t *n_open)
{
    bool any = false;

    for (size_t i = 0; i < worker->n_dispatches; i++) {
        struct nta_block *block = nta_dispatch_take(worker->dispatches[i], worker->index);

        if (!block)
            continue;
        any = true;
        take_block(worker, block);
        if (block->flags & NTA_BLOCK_LAST)
            (*n_open)--;
        nta_dispatch_give_back(worker->dispatches[i], worker->index, block);
    }
    return any;
}

static void drain(struct nta_worker *worker)
{
    worker->parts.policy = nta_epoch_enter(worker->policies, worker->index);
    worker->mono_ns = nta_clock_mono_ns();
    nta_outbox_be_patient(&worker->outbox);
    expire_fragments(worker, NTA_FRAGMENTS_END);
    nta_flows_drain(worker->parts.flows);
    nta_outbox_flush(&worker->outbox, worker->mono_ns, true);
    nta_epoch_leave(worker->policies, worker->index);
}

void *nta_worker_run(void *self)
{
    struct nta_worker *worker = self;
    size_t n_open = worker->n_dispatches;

    while (n_open > 0) {
        if (take_round(worker, &n_open))
            continue;
        nta_outbox_flush(&worker->outbox, nta_clock_mono_ns(), false);
        (void)nta_dispatch_wait_any(worker->dispatches, worker->n_dispatches, worker->index,
                                    &worker->wake, IDLE_NS);
    }
    drain(worker);
    return NULL;
}
