/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/worker.h"

#include "base/memory/memory.h"
#include "base/own.h"
#include "base/runtime/clock.h"

#include <errno.h>
#include <stdlib.h>

/** An idle worker looks this often whether its open chunk is old. */
#define IDLE_NS (50 * NTA_NS_PER_MS)

enum
{
    PREFETCH_AHEAD = 16,               ///< Packets between loading a flow's bucket and using it.
    STATE_BYTES = 64 * 1024 * 1024,    ///< Parser states of one protocol, at most.
    HITS_MAX = 65536,                  ///< Forbidden connections at a time.
    ASSOCS_MAX = 16384,                ///< SCTP associations whose content is read.
    WEBSOCKETS_MAX = 65536,            ///< Connections whose frames are looked into.
    FRAGMENT_DATAGRAMS = 4096,         ///<
    FRAGMENT_BYTES = 16 * 1024 * 1024, ///<
};

void nta_worker_free(struct nta_worker **worker)
{
    struct nta_worker *w = *worker;

    if (!w)
        return;
    nta_flows_free(&w->flows);
    nta_fragments_free(&w->fragments);
    nta_pool_done(&w->conns);
    nta_pool_done(&w->hits);
    nta_pool_done(&w->assocs);
    nta_pool_done(&w->websockets);
    for (size_t i = 0; i < NTA_WORKER_PROTOS; i++)
        nta_pool_done(&w->states[i]);
    nta_transfers_done(&w->transfers);
    nta_geo_cache_free(&w->places);
    nta_outbox_done(&w->outbox);
    nta_keep_free(&w->keep);
    free(w);
    *worker = NULL;
}

/** A pool of parser states for each protocol, each bounded in bytes and by the number of flows. */
static int init_states(struct nta_worker *worker, size_t n_flows)
{
    for (size_t i = 0; nta_protos[i]; i++) {
        size_t size = nta_protos[i]->state_size ? nta_protos[i]->state_size : 1;
        size_t n = STATE_BYTES / size;
        int r = i < NTA_WORKER_PROTOS
                    ? nta_pool_init(&worker->states[i], size, n < n_flows ? n : n_flows)
                    : -E2BIG;

        if (r < 0)
            return r;
    }
    return 0;
}

static int init_tables(struct nta_worker *worker, const struct nta_worker_options *options,
                       struct nta_err *err)
{
    const struct nta_fragment_options fragment = {
        .n_datagrams = FRAGMENT_DATAGRAMS,
        .bytes = FRAGMENT_BYTES,
    };
    size_t n_flows = options->flow.n_flows;
    int r = nta_pool_init(&worker->conns, sizeof(struct nta_conn), n_flows);

    if (r == 0)
        r = nta_pool_init(&worker->hits, sizeof(struct nta_conn_hit), HITS_MAX);
    if (r == 0)
        r = nta_pool_init(&worker->assocs, sizeof(struct nta_assoc), ASSOCS_MAX);
    if (r == 0)
        r = nta_pool_init(&worker->websockets, sizeof(struct nta_websocket), WEBSOCKETS_MAX);
    if (r == 0)
        r = init_states(worker, n_flows);
    if (r == 0)
        r = nta_transfers_init(&worker->transfers);
    if (r == 0)
        r = nta_geo_cache_new(&options->key, &worker->places);
    if (r < 0)
        return nta_err_sys(err, r, "tables of a worker");
    r = nta_flows_new(&options->flow, &nta_session_ops, worker, &worker->counters, &worker->flows,
                      err);
    if (r < 0)
        return r;
    return nta_fragments_new(&fragment, &worker->counters, &worker->fragments, err);
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
        .sites = options->sites,
        .index = options->index,
        .files = options->files,
        .decode.key = options->key,
    };
    worker->decode.counters = &worker->counters;
    worker->decode.unknowns = &worker->unknowns;
    worker->decode.outer_packets = &worker->outer_packets;
    int r = nta_outbox_init(&worker->outbox, options->recorder_wake, options->files, err);

    if (r == 0)
        r = init_tables(worker, options, err);
    if (r == 0)
        r = nta_keep_new(options->keep_bytes, options->keep_window_ns, &worker->keep, err);
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
    struct nta_flow *flow = nta_flows_packet(worker->flows, packet, bytes);

    if (__builtin_expect(packet->kind == NTA_PACKET_OUTER, 0))
        nta_session_outer_flow(worker, flow, (enum nta_tunnel)packet->tunnel);
    if (worker->keep->log.area && flow && !(*nta_flow_mark(flow) & NTA_KEEP_NOTHING))
        nta_keep_take(worker, flow, packet, bytes);
}

/** Those of a datagram put together: it is of the worker that its outermost addresses belong to, and so are they. */
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
    if (packet->kind == NTA_PACKET_FRAGMENT) {
        take_fragment(worker, packet, bytes);
    } else if (packet->kind != NTA_PACKET_OTHER) {
        take_whole(worker, packet, bytes);
        if (packet->kind == NTA_PACKET_IP)
            nta_icmp_error_packet(worker, packet, bytes);
    }
}

/** Packet `i` is taken soon: entries, flows and payloads come from far away, each is asked for in its time. */
static void prefetch(struct nta_worker *worker, const struct nta_block *block,
                     const struct nta_packet *packets, uint32_t i)
{
    uint32_t n = block->n_packets;

    if (i + 2 * PREFETCH_AHEAD < n)
        __builtin_prefetch(&packets[i + 2 * PREFETCH_AHEAD]);
    if (i + PREFETCH_AHEAD < n)
        nta_flows_prefetch(worker->flows, &packets[i + PREFETCH_AHEAD]);
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

    worker->policy = nta_epoch_enter(worker->policies, worker->index);
    worker->mono_ns = nta_clock_mono_ns();
    for (uint32_t i = 0; i < n && i < PREFETCH_AHEAD; i++)
        nta_flows_prefetch(worker->flows, &packets[i]);
    for (uint32_t i = 0; i < n; i++) {
        prefetch(worker, block, packets, i);
        take_packet(worker, &packets[i], nta_block_bytes(block, &packets[i]));
    }
    int64_t wall_ns = n ? packets[n - 1].wall_ns : block->now_wall_ns;

    if (!worker->files && block->now_wall_ns > wall_ns)
        wall_ns = block->now_wall_ns;
    nta_flows_tick(worker->flows, wall_ns);
    nta_keep_tick(worker, wall_ns);
    expire_fragments(worker, wall_ns);
    nta_outbox_flush(&worker->outbox, worker->mono_ns, false);
    nta_epoch_leave(worker->policies, worker->index);
}

/** One round over the captures.  `n_open` counts those that have not ended.  False: nothing was there. */
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
    worker->policy = nta_epoch_enter(worker->policies, worker->index);
    worker->mono_ns = nta_clock_mono_ns();
    nta_outbox_be_patient(&worker->outbox);
    expire_fragments(worker, NTA_FRAGMENTS_END);
    nta_flows_drain(worker->flows);
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
