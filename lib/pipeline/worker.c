/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/worker.h"

#include "base/memory/memory.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/thread.h"
#include "decode/service.h"
#include "flow/flow.h"
#include "packets/watch.h"

#include <errno.h>
#include <stdlib.h>

/** An idle worker looks this often whether its open chunk is old. */
#define IDLE_NS (50 * NTA_NS_PER_MS)
/** So often memory is given back that was not used in all that time. */
#define TRIM_NS (5 * NTA_NS_PER_S)

enum
{
    PREFETCH_AHEAD = 16, ///< Packets between loading a flow's bucket and using it.
    ROUND_PACKETS = 512, ///< At least, if there are so many, under one policy.
    LISTENER_FLOWS = 4096,
    LISTENER_STREAM_BYTES = 1 << 20,
};

void nta_worker_free(struct nta_worker **worker)
{
    struct nta_worker *w = *worker;

    if (!w)
        return;
    nta_session_parts_done(&w->listener);
    nta_session_parts_done(&w->parts);
    nta_who_free(&w->learning.table);
    nta_buf_done(&w->learning.lines);
    nta_outbox_done(&w->outbox);
    free(w);
    *worker = NULL;
}

static void add(struct nta_worker *worker, const struct nta_record *record)
{
    nta_outbox_add(&worker->outbox, record, worker->mono_ns, &worker->parts.counters);
}

/** Who the pseudonyms in `hidden` are. */
static void put_openings(struct nta_worker *worker, const struct nta_record *record,
                         const struct nta_record *hidden)
{
    for (unsigned of_peer = 0; of_peer < 2; of_peer++) {
        const struct nta_record *opening = nta_hide_opening(&worker->hide, record, hidden, of_peer);

        if (opening)
            add(worker, opening);
    }
}

/** A record was made: into the outbox, with as much of who it was as the policy wants. */
static void put(void *owner, const struct nta_record *record)
{
    struct nta_worker *worker = owner;
    const struct nta_policy *policy = worker->parts.policy;
    const bool is_full = policy->record_naming == NTA_NAMING_FULL;
    const struct nta_record *hidden = NULL;

    if (!is_full)
        hidden = nta_hide_record(&worker->hide, policy, policy->record_naming, record);
    else if (record->event == NTA_RECORD_ALERT && policy->alert_naming != NTA_NAMING_FULL)
        hidden = nta_hide_record(&worker->hide, policy, policy->alert_naming, record);
    if (hidden)
        put_openings(worker, record, hidden); /* before an alert, with which they leave */
    if (is_full || hidden)
        add(worker, is_full ? record : hidden);
}

/** What tells who has an address is little, whatever a network's size. */
static int init_listener(struct nta_worker *worker, const struct nta_session_options *session,
                         struct nta_err *err)
{
    struct nta_session_options listener = *session;

    listener.listens = true;
    listener.keep_bytes = listener.hash_bytes = 0;
    listener.flow.n_flows = LISTENER_FLOWS;
    listener.flow.stream_all_bytes = LISTENER_STREAM_BYTES;
    listener.flow.all_flows = listener.flow.all_stream_bytes = NULL;
    return nta_session_parts_init(&worker->listener, &listener, err);
}

static int init(struct nta_worker *worker, const struct nta_worker_options *options,
                struct nta_err *err)
{
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
        r = nta_who_new(options->n_bindings, &session.key, &worker->learning.table, err);
    if (r < 0)
        return r;
    session.who = worker->learning.table;
    r = nta_session_parts_init(&worker->parts, &session, err);
    if (r < 0)
        return r;
    nta_session_parts_warm(&worker->parts, &(struct nta_warm){options->warm_bytes});
    return init_listener(worker, &session, err);
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
        .learning = {.board = options->board,
                     .place = options->place,
                     .tells = options->index == 0},
        .decode.key = options->session.key,
        .hide.names = options->names,
    };
    worker->decode.counters = &worker->parts.counters;
    worker->decode.unknowns = &worker->unknowns;
    int r = init(worker, options, err);

    if (r < 0)
        return r;
    nta_merge_init(&worker->merge, worker->dispatches, worker->n_dispatches, worker->index,
                   &worker->parts.counters);
    for (size_t i = 0; i < worker->n_dispatches; i++)
        nta_dispatch_set_wake(worker->dispatches[i], worker->index, &worker->wake);
    *ret_worker = NTA_TAKE(worker);
    return 0;
}

/** Its flow, and the log of packets that may prove something. */
static inline void take_whole(struct nta_worker *worker, const struct nta_packet *packet,
                              const uint8_t *bytes)
{
    worker->parts.packet = packet;
    worker->parts.packet_bytes = bytes;
    struct nta_flow *flow = nta_flows_packet(worker->parts.flows, packet, bytes);

    worker->parts.packet = NULL;
    if (__builtin_expect(packet->kind == NTA_PACKET_OUTER, 0))
        nta_session_outer_flow(&worker->parts, flow, (enum nta_tunnel)packet->tunnel);
    if (flow && nta_watch_wants(worker->parts.watch, flow))
        nta_watch_take(worker->parts.watch, flow, packet, bytes, nta_conn_is_lookup(flow));
}

/** What it says of who has an address; before anything is told by it. */
static void listen(struct nta_worker *worker, const struct nta_packet *packet, const uint8_t *bytes)
{
    nta_flows_pass(worker->listener.flows, packet); /* what ends is told without this packet */
    worker->listener.packet = packet;
    if (packet->flags & NTA_PACKET_LINK)
        nta_neighbour_packet(&worker->listener, packet, bytes);
    if (packet->kind == NTA_PACKET_UDP || packet->kind == NTA_PACKET_TCP)
        (void)nta_flows_packet(worker->listener.flows, packet, bytes);
    worker->listener.packet = NULL;
}

static void take_packet(struct nta_worker *worker, const struct nta_packet *packet,
                        const uint8_t *bytes)
{
    const bool tells = nta_packet_tells(packet);

    nta_flows_pass(worker->parts.flows, packet);
    nta_session_tick(&worker->parts, packet->wall_ns);
    if (__builtin_expect(tells, 0))
        listen(worker, packet, bytes);
    if (__builtin_expect(packet->flags & NTA_PACKET_HEARSAY, 0) && tells)
        return;
    if (__builtin_expect(packet->flags & NTA_PACKET_HEARSAY, 0))
        nta_hearsay_packet(&worker->parts, &worker->decode, packet, bytes);
    else if (packet->kind != NTA_PACKET_OTHER)
        take_whole(worker, packet, bytes);
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

static void take_run(struct nta_worker *worker, const struct nta_run *run)
{
    const struct nta_packet *packets = nta_block_packets(run->block);

    for (uint32_t i = 0; run->first == 0 && i < run->end && i < PREFETCH_AHEAD; i++)
        nta_flows_prefetch(worker->parts.flows, &packets[i]);
    for (uint32_t i = run->first; i < run->end; i++) {
        prefetch(worker, run->block, packets, i);
        take_packet(worker, &packets[i], nta_block_bytes(run->block, &packets[i]));
    }
}

/** Live, time goes on also without packets; what other sources hold back is before it. */
static int64_t time_behind(const struct nta_worker *worker, const struct nta_run *run)
{
    const int64_t wall_ns = run->end > run->first
                                ? nta_block_packets(run->block)[run->end - 1].wall_ns
                                : run->block->now_wall_ns;

    if (worker->n_dispatches > 1)
        return run->end > run->first ? wall_ns : wall_ns - NTA_MERGE_HOLD_NS;
    if (!worker->files && run->block->now_wall_ns > wall_ns)
        return run->block->now_wall_ns;
    return wall_ns;
}

static void enter(struct nta_worker *worker)
{
    worker->parts.policy = nta_epoch_enter(worker->policies, worker->index);
    worker->listener.policy = worker->parts.policy;
}

/** Live, what a flood has taken goes back when it is over; what reads a file ends soon. */
static void trim(struct nta_worker *worker)
{
    if (worker->files || worker->mono_ns - worker->trimmed_ns < TRIM_NS)
        return;
    nta_session_parts_trim(&worker->parts);
    nta_session_parts_trim(&worker->listener);
    worker->trimmed_ns = worker->mono_ns;
}

/** Some packets under one policy.  False: there are none. */
static bool take_round(struct nta_worker *worker)
{
    struct nta_run run;
    uint32_t n = 0;
    int64_t wall_ns;

    worker->mono_ns = nta_clock_mono_ns();
    if (!nta_merge_take(&worker->merge, worker->mono_ns, &run))
        return false;
    enter(worker);
    nta_learning_turn(&worker->learning, &worker->parts, run.block->now_wall_ns);
    do {
        take_run(worker, &run);
        n += run.end - run.first;
        wall_ns = time_behind(worker, &run);
    } while (n < ROUND_PACKETS && nta_merge_take(&worker->merge, worker->mono_ns, &run));
    nta_count(&worker->parts.counters, NTA_COUNTER_WORKED, n);
    nta_flows_tick(worker->listener.flows, wall_ns);
    nta_flows_tick(worker->parts.flows, wall_ns);
    nta_session_tick(&worker->parts, wall_ns);
    nta_watch_tick(worker->parts.watch, wall_ns);
    nta_outbox_flush(&worker->outbox, worker->mono_ns, false);
    nta_epoch_leave(worker->policies, worker->index);
    return true;
}

/** No packets, but what is told beside them, and what was made and waits. */
static void take_nothing(struct nta_worker *worker)
{
    enter(worker);
    worker->mono_ns = nta_clock_mono_ns();
    nta_learning_turn(&worker->learning, &worker->parts, nta_clock_wall_ns());
    nta_outbox_flush(&worker->outbox, worker->mono_ns, false);
    nta_epoch_leave(worker->policies, worker->index);
}

static void drain(struct nta_worker *worker)
{
    enter(worker);
    worker->mono_ns = nta_clock_mono_ns();
    nta_outbox_be_patient(&worker->outbox);
    nta_flows_drain(worker->listener.flows);
    nta_flows_drain(worker->parts.flows);
    nta_session_tick(&worker->parts, INT64_MAX);
    nta_outbox_flush(&worker->outbox, worker->mono_ns, true);
    nta_epoch_leave(worker->policies, worker->index);
}

void *nta_worker_run(void *self)
{
    struct nta_worker *worker = self;

    take_nothing(worker); /* what is known already, before the first packet */
    while (!nta_merge_ended(&worker->merge)) {
        nta_thread_beat();
        trim(worker);
        if (take_round(worker))
            continue;
        take_nothing(worker);
        if (!nta_merge_ended(&worker->merge))
            nta_merge_wait(&worker->merge, &worker->wake, IDLE_NS);
    }
    nta_thread_wait(); /* until what is open is told, as fast as the recorder takes it */
    drain(worker);
    return NULL;
}
