/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/pipeline.h"

#include "alert/alert.h"
#include "base/memory/memory.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/confine.h"
#include "base/runtime/log.h"
#include "base/runtime/thread.h"
#include "capture/share/fanout.h"
#include "pipeline/commit/commit.h"
#include "pipeline/limits/threads.h"
#include "pipeline/recorder.h"
#include "pipeline/retain.h"
#include "pipeline/worker.h"
#include "policy/facts.h"
#include "store/ship/ship.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum
{
    WORKERS_MAX = NTA_WORKERS_MAX,
    SOURCES_MAX = NTA_MERGE_SOURCES,
    FLOWS_CHUNK = 64,          ///< A worker takes flows from what is for all, so many at a time,
    STREAM_CHUNK = 256 * 1024, ///< and bytes of streams,
    STATES_CHUNK = 64 * 1024,  ///< and of parsers' states,
    SESSIONS = 2,              ///< of which each has two: for its users, and for what all hear.
    SHIP_DRAIN_S = 5,          ///< At the end, this long for what is left to reach MySQL.
    PATIENCE_S = 300,          ///< At the end, this long for what is open to be recorded.
};

#define JOIN_POLL_NS (5 * NTA_NS_PER_MS)

/** One capture thread. */
struct source
{
    struct nta_pipeline *pipeline;
    struct nta_capture_options options;
    struct nta_dispatch *dispatch;
    struct nta_capture *capture;
    struct nta_thread thread;
    _Atomic bool ended;
    int result;
    struct nta_err err;
};

struct nta_pipeline
{
    struct nta_outlet outlet;
    struct nta_health *health; ///< Borrows; NULL: nobody asks.
    void (*waiting)(void *owner);
    void *waiting_owner;
    bool files;
    struct nta_hash_key key;
    struct nta_owner whose;                        ///< A packet is.
    struct nta_bounds bounds;                      ///< How memory.limit is divided.
    struct nta_budget all_flows, all_stream_bytes; ///< Limits of all workers together.
    struct nta_budget all_states;                  ///< Likewise.
    struct nta_epoch policies;
    struct nta_pseudonyms *names;
    struct nta_wake recorder_wake;
    struct source sources[SOURCES_MAX];     ///< Those of one interface stand side by side.
    size_t n_sources, n_threads;            ///< Of each interface.
    struct nta_fanout fanouts[SOURCES_MAX]; ///< Of each interface, if these are several.
    unsigned cpus[NTA_CPUS_MAX];
    size_t n_cpus;                                ///< 0: threads run on any.
    struct nta_dispatch *dispatches[SOURCES_MAX]; ///< Borrows from `sources`.
    struct nta_worker *workers[WORKERS_MAX];
    struct nta_outbox *outboxes[WORKERS_MAX]; ///< Borrows from `workers`.
    struct nta_thread worker_threads[WORKERS_MAX];
    size_t n_workers;
    struct nta_counters beside; ///< Of who posts on the board.
    struct nta_who_board board;
    struct nta_who_sheet *place; ///< Where all workers begin on it; NULL: nobody has.
    struct nta_recorder *recorder;
    struct nta_thread recorder_thread;
    struct nta_ship *ship;
};

/** And what they have not read yet. */
static void free_workers(struct nta_pipeline *pipeline)
{
    struct nta_who_sheet *places[WORKERS_MAX];
    const size_t n = pipeline->n_workers;

    for (size_t i = 0; i < n; i++)
        places[i] = pipeline->workers[i] ? pipeline->workers[i]->learning.place : pipeline->place;
    if (pipeline->place)
        nta_who_board_done(&pipeline->board, places, n);
    for (size_t i = 0; i < n; i++)
        nta_worker_free(&pipeline->workers[i]);
}

void nta_pipeline_free(struct nta_pipeline **pipeline)
{
    struct nta_pipeline *p = *pipeline;

    if (!p)
        return;
    for (size_t i = 0; i < p->n_sources; i++)
        nta_capture_free(&p->sources[i].capture);
    nta_recorder_free(&p->recorder);
    free_workers(p);
    for (size_t i = 0; i < p->n_sources; i++)
        nta_dispatch_free(&p->sources[i].dispatch);
    struct nta_policy *policy = atomic_load(&p->policies.current);

    nta_policy_free(&policy);
    nta_pseudonyms_free(&p->names);
    for (size_t i = 0; i < SOURCES_MAX; i++)
        nta_fanout_done(&p->fanouts[i]);
    free(p);
    *pipeline = NULL;
}

enum nta_gap_reason nta_pipeline_gap_reason(enum nta_sight sight)
{
    static const enum nta_gap_reason reasons[] = {
        [NTA_SIGHT_GONE] = NTA_GAP_REASON_INTERFACE,
        [NTA_SIGHT_RENAMED] = NTA_GAP_REASON_RENAMED,
        [NTA_SIGHT_DOWN] = NTA_GAP_REASON_DOWN,
        [NTA_SIGHT_NO_CARRIER] = NTA_GAP_REASON_CARRIER,
    };

    return reasons[sight];
}

/** Interfaces, or what is read as one of them. */
static size_t count_interfaces(const struct nta_pipeline *pipeline)
{
    return pipeline->n_sources / pipeline->n_threads;
}

/** A time in which nothing could be seen of an interface is over: the capture's thread. */
static void tell_absence(void *owner, const struct nta_absence *absence)
{
    const struct nta_pipeline *pipeline = owner;
    const struct nta_record_log log = {
        .reason = (uint8_t)nta_pipeline_gap_reason(absence->sight),
        .interface = nta_span_of(absence->interface),
        .from_ns = absence->from_ns,
        .to_ns = absence->to_ns,
    };
    const struct nta_record record = {
        .event = NTA_RECORD_GAP,
        .time_ns = log.from_ns,
        .end_ns = log.to_ns,
        .log = &log,
    };

    (void)nta_recorder_emit(pipeline->recorder, &record);
}

static int open_source(struct nta_pipeline *pipeline, const struct nta_pipeline_options *options,
                       size_t i, struct nta_err *err)
{
    const size_t interface = i / pipeline->n_threads;
    struct source *source = &pipeline->sources[i];

    source->pipeline = pipeline;
    source->options = options->sources[interface];
    source->options.key = pipeline->key;
    source->options.source = (uint8_t)i;
    source->options.canary = options->canary;
    source->options.is_confined = true;
    source->options.is_merged = options->n_sources * pipeline->n_threads > 1;
    source->options.whose = &pipeline->whose;
    source->options.buffer_bytes = pipeline->bounds.buffer_bytes;
    source->options.follows = i % pipeline->n_threads > 0;
    if (pipeline->n_threads > 1)
        source->options.fanout = &pipeline->fanouts[interface];
    if (!options->files && !source->options.follows) {
        source->options.tell_absence = tell_absence;
        source->options.owner = pipeline;
    }
    int r = nta_dispatch_new((uint32_t)i, (uint32_t)pipeline->n_workers,
                             (uint32_t)pipeline->bounds.blocks, &source->dispatch, err);

    if (r < 0)
        return r;
    pipeline->dispatches[i] = source->dispatch;
    return nta_capture_open(&source->options, source->dispatch, &source->capture, err);
}

static int open_sources(struct nta_pipeline *pipeline, const struct nta_pipeline_options *options,
                        struct nta_err *err)
{
    const size_t n = options->n_sources * pipeline->n_threads;
    int r = 0;

    if (n > SOURCES_MAX)
        return nta_err_set(err, -E2BIG, "more than %d threads for interfaces", SOURCES_MAX);
    for (size_t i = 0; i < n && r == 0; i++) {
        pipeline->n_sources = i + 1;
        r = open_source(pipeline, options, i, err);
    }
    return r;
}

/** What each worker gets of what is for all. */
static struct nta_session_options share_of(struct nta_pipeline *pipeline,
                                           const struct nta_config *config)
{
    const struct nta_bounds *bounds = &pipeline->bounds;

    return (struct nta_session_options){
        .whose = &pipeline->whose,
        .key = pipeline->key,
        .flow =
            {
                .n_flows = bounds->flows,
                .all_flows = &pipeline->all_flows,
                .all_stream_bytes = &pipeline->all_stream_bytes,
                .stream_flow_bytes =
                    nta_smaller(config->flow.stream_flow_bytes, bounds->stream_bytes),
                .stream_all_bytes = bounds->stream_bytes,
                .tcp_idle_ns = config->flow.tcp_idle_ns,
                .udp_idle_ns = config->flow.udp_idle_ns,
                .long_flow_ns = config->flow.long_flow_ns,
            },
        .all_states = &pipeline->all_states,
        .keep_bytes = bounds->packets_bytes / pipeline->n_workers,
        .hash_bytes = bounds->hash_bytes / pipeline->n_workers,
        .keep_window_ns = config->alert.window_ns,
    };
}

static int new_workers(struct nta_pipeline *pipeline, const struct nta_config *config,
                       struct nta_err *err)
{
    const struct nta_bounds *bounds = &pipeline->bounds;
    const size_t n = pipeline->n_workers;

    nta_budget_init(&pipeline->all_flows, bounds->flows, n, FLOWS_CHUNK);
    nta_budget_init(&pipeline->all_stream_bytes, bounds->stream_bytes, n, STREAM_CHUNK);
    nta_budget_init(&pipeline->all_states, bounds->state_bytes, SESSIONS * n, STATES_CHUNK);
    if (nta_who_board_init(&pipeline->board, (unsigned)n, &pipeline->place) < 0)
        return nta_err_sys(err, -ENOMEM, "bindings");
    for (size_t i = 0; i < n; i++) {
        const struct nta_worker_options options = {
            .index = (uint32_t)i,
            .dispatches = pipeline->dispatches,
            .n_dispatches = pipeline->n_sources,
            .policies = &pipeline->policies,
            .recorder_wake = &pipeline->recorder_wake,
            .names = pipeline->names,
            .session = share_of(pipeline, config),
            .n_bindings = bounds->bindings,
            .board = &pipeline->board,
            .place = pipeline->place,
            .warm_bytes = pipeline->files ? 0 : config->memory.warm_bytes / n,
            .files = pipeline->files,
            .is_stored = pipeline->outlet.store_path != NULL,
        };
        int r = nta_worker_new(&options, &pipeline->workers[i], err);

        if (r < 0)
            return r;
        pipeline->outboxes[i] = &pipeline->workers[i]->outbox;
    }
    return 0;
}

static uint64_t counted(const void *owner, enum nta_counter which)
{
    return nta_pipeline_counted(owner, which);
}

static void add_source(struct nta_source_state *state, const struct nta_counters *counters)
{
    state->received += nta_counted(counters, NTA_COUNTER_RECEIVED);
    state->bytes += nta_counted(counters, NTA_COUNTER_RECEIVED_BYTES);
    state->lost_kernel += nta_counted(counters, NTA_COUNTER_DROP_KERNEL);
    state->lost_card += nta_counted(counters, NTA_COUNTER_DROP_INTERFACE);
    state->lost_ring += nta_counted(counters, NTA_COUNTER_DROP_RING);
}

uint64_t nta_pipeline_received(const struct nta_pipeline *pipeline, size_t source)
{
    return nta_counted(nta_capture_counters(pipeline->sources[source].capture),
                       NTA_COUNTER_RECEIVED);
}

uint64_t nta_pipeline_worked(const struct nta_pipeline *pipeline, size_t worker)
{
    return nta_counted(&pipeline->workers[worker]->parts.counters, NTA_COUNTER_WORKED);
}

/* What is seen of it, the first of its threads says. */
void nta_pipeline_get_source(const struct nta_pipeline *pipeline, size_t interface, int64_t mono_ns,
                             struct nta_source_state *ret_state)
{
    const struct source *sources = &pipeline->sources[interface * pipeline->n_threads];
    const struct nta_capture *capture = sources[0].capture;

    const enum nta_sight sight = nta_capture_sight(capture); /* before the rest */

    *ret_state = (struct nta_source_state){
        .sight = sight,
        .blind_since_ns = nta_capture_blind_since(capture),
        .blind_ns = nta_capture_blind_ns(capture, mono_ns),
    };
    for (size_t i = 0; i < pipeline->n_threads; i++)
        add_source(ret_state, nta_capture_counters(sources[i].capture));
}

static const char *missed(const void *owner, size_t i, int64_t mono_ns,
                          struct nta_missed *ret_missed)
{
    const struct nta_pipeline *pipeline = owner;
    struct nta_source_state state;

    nta_pipeline_get_source(pipeline, i, mono_ns, &state);
    *ret_missed =
        (struct nta_missed){.packets = state.lost_kernel + state.lost_card + state.lost_ring,
                            .blind_ns = state.blind_ns};
    return pipeline->sources[i * pipeline->n_threads].options.interface;
}

static int new_recorder(struct nta_pipeline *pipeline, const struct nta_config *config,
                        struct nta_err *err)
{
    const struct nta_retain_policy retain = nta_retain_policy_of(config);
    const struct nta_recorder_options options = {
        .outboxes = pipeline->outboxes,
        .n_outboxes = pipeline->n_workers,
        .wake = &pipeline->recorder_wake,
        .outlet = &pipeline->outlet,
        .names = pipeline->names,
        .policies = &pipeline->policies,
        .batch_ns = config->record.batch_ns,
        .alert_batch_ns = config->record.alert_batch_ns,
        .health = pipeline->health,
        .retain = pipeline->files ? NULL : &retain,
        .files = pipeline->files,
        .losses =
            {
                .counted = counted,
                .missed = missed,
                .n_sources = pipeline->files ? 0 : count_interfaces(pipeline),
                .owner = pipeline,
            },
    };

    return nta_recorder_new(&options, &pipeline->recorder, err);
}

int nta_pipeline_new(const struct nta_pipeline_options *options, struct nta_policy *policy,
                     struct nta_pipeline **ret_pipeline, struct nta_err *err)
{
    NTA_AUTO(nta_pipeline_free)
    struct nta_pipeline *pipeline =
        nta_memory_new(sizeof(*pipeline), _Alignof(struct nta_pipeline));

    if (!pipeline)
        return nta_err_sys(err, -ENOMEM, "pipeline");
    nta_epoch_init(&pipeline->policies, NULL);
    pipeline->outlet = options->outlet;
    pipeline->health = options->health;
    pipeline->waiting = options->waiting;
    pipeline->waiting_owner = options->waiting_owner;
    pipeline->files = options->files;
    pipeline->n_threads = options->files ? 1 : options->config->capture.threads;
    const size_t n_sources = options->n_sources * pipeline->n_threads;

    pipeline->n_workers = nta_threads_choose_workers(options->config, n_sources);
    for (size_t i = 0; i < SOURCES_MAX; i++)
        nta_fanout_init(&pipeline->fanouts[i]);
    int r = nta_hash_key_random(&pipeline->key);

    if (r < 0)
        return nta_err_sys(err, r, "random numbers");
    if (!options->files)
        r = nta_threads_choose_cpus(options->config, pipeline->cpus, &pipeline->n_cpus, err);
    if (r < 0)
        return r;
    nta_owner_init(&pipeline->whose, &pipeline->key, options->config->network.home,
                   options->config->network.n_home);
    r = nta_bounds_make(options->config, pipeline->n_workers, n_sources, !options->files,
                        &pipeline->bounds, err);
    if (r == 0)
        r = nta_pseudonyms_new(&pipeline->names, err);
    if (r == 0)
        r = open_sources(pipeline, options, err);
    if (r == 0)
        r = new_workers(pipeline, options->config, err);
    if (r == 0)
        r = new_recorder(pipeline, options->config, err);
    if (r < 0)
        return r;
    nta_epoch_init(&pipeline->policies, policy);
    *ret_pipeline = NTA_TAKE(pipeline);
    return 0;
}

static void *run_source(void *arg)
{
    struct source *source = arg;

    source->result = nta_capture_run(source->capture, &source->err);
    atomic_store_explicit(&source->ended, true, memory_order_release);
    return NULL;
}

static void *run_worker(void *worker)
{
    (void)nta_confine(NTA_CONFINED_COMPUTES);
    return nta_worker_run(worker);
}

static int start_thread(struct nta_thread *thread, const char *name, unsigned cpu,
                        void *(*run)(void *), void *arg)
{
    return nta_thread_start(
        &(struct nta_thread_options){.name = name, .cpu = cpu, .is_watched = true}, run, arg,
        thread);
}

/** Of those that capture, then the workers, each has the next of capture.cpus. */
static unsigned cpu_of(const struct nta_pipeline *pipeline, size_t thread)
{
    return pipeline->n_cpus ? pipeline->cpus[thread % pipeline->n_cpus] + 1 : 0;
}

static void *run_recorder(void *arg)
{
    struct nta_pipeline *pipeline = arg;
    struct nta_thread low = {0};

    if (pipeline->files)
        (void)start_thread(&low, "nta-rec-low", 0, nta_recorder_run_low, pipeline->recorder);
    nta_thread_join(&low);
    return nta_recorder_run(pipeline->recorder);
}

static int start_threads(struct nta_pipeline *pipeline)
{
    int r = nta_recorder_start(pipeline->recorder);

    if (r == 0)
        r = start_thread(&pipeline->recorder_thread, "nta-recorder", 0, run_recorder, pipeline);

    if (r < 0)
        return r;
    for (size_t i = 0; i < pipeline->n_workers; i++) {
        r = start_thread(&pipeline->worker_threads[i], "nta-worker",
                         cpu_of(pipeline, pipeline->n_sources + i), run_worker,
                         pipeline->workers[i]);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < pipeline->n_sources; i++) {
        struct source *source = &pipeline->sources[i];

        r = start_thread(&source->thread, "nta-capture", cpu_of(pipeline, i), run_source, source);
        if (r < 0)
            return r;
    }
    return 0;
}

/** Tell of a policy that is to come into force, and stamp it; one without facts is not told of. */
static void tell_policy(struct nta_pipeline *pipeline, struct nta_policy *policy)
{
    struct nta_log_interface interfaces[SOURCES_MAX];
    char links[SOURCES_MAX][NTA_CAPTURE_LINK_SIZE];
    struct nta_policy_surroundings surroundings = {
        .interfaces = interfaces,
        .wall_ns = nta_clock_wall_ns(),
    };
    struct nta_policy_record record;

    for (size_t i = 0; i < pipeline->n_sources; i++) {
        const struct source *source = &pipeline->sources[i];

        if ((!source->options.interface && !source->options.filter) || source->options.follows)
            continue;
        interfaces[surroundings.n_interfaces++] = (struct nta_log_interface){
            .name = nta_span_of(source->options.interface ? source->options.interface : "files"),
            .link = nta_span_of(nta_capture_link(source->capture, links[i])),
            .filter = nta_span_of(source->options.filter),
        };
    }
    int r = nta_policy_describe(policy, &surroundings, &record);

    if (r == 0)
        (void)nta_recorder_emit(pipeline->recorder, &record.record);
    else if (r != -ENODATA)
        nta_log_error("the policy's record cannot be made: out of memory");
    nta_recorder_set_policy(pipeline->recorder, policy->stamp);
}

int nta_pipeline_start(struct nta_pipeline *pipeline, struct nta_err *err)
{
    struct nta_commit *commit = nta_recorder_commit(pipeline->recorder);

    if (pipeline->outlet.mysql) {
        struct nta_ship_options options = *pipeline->outlet.mysql;

        options.health = pipeline->health;
        options.acknowledged = commit ? nta_commit_acknowledged : NULL;
        options.owner = commit;
        options.kept = commit ? nta_commit_kept(commit) : 0;
        options.acked = commit ? nta_commit_acked(commit) : 0;
        if (commit)
            nta_commit_get_sensor(commit, options.sensor);
        int r = nta_ship_start(&options, &pipeline->ship, err);

        if (r < 0)
            return r;
        nta_recorder_set_ship(pipeline->recorder, pipeline->ship);
    }
    tell_policy(pipeline, atomic_load(&pipeline->policies.current));
    int r = start_threads(pipeline);

    return r < 0 ? nta_err_sys(err, r, "cannot start a thread") : 0;
}

bool nta_pipeline_running(const struct nta_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->n_sources; i++) {
        if (pipeline->sources[i].thread.is_started &&
            !atomic_load_explicit(&pipeline->sources[i].ended, memory_order_acquire))
            return true;
    }
    return false;
}

void nta_pipeline_stop(struct nta_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->n_sources; i++)
        nta_capture_stop(pipeline->sources[i].capture);
}

/** What is open when capture ends is recorded, however slow the store is; but not for ever. */
struct waiting
{
    struct nta_pipeline *pipeline;
    int64_t began_ns, reported_ns;
    bool hurried;
};

static void while_waiting(struct waiting *waiting)
{
    struct nta_pipeline *pipeline = waiting->pipeline;
    int64_t now_ns = nta_clock_mono_ns();

    if (pipeline->waiting && now_ns - waiting->reported_ns >= NTA_NS_PER_S) {
        pipeline->waiting(pipeline->waiting_owner);
        waiting->reported_ns = now_ns;
    }
    if (waiting->hurried || pipeline->files ||
        now_ns - waiting->began_ns < PATIENCE_S * NTA_NS_PER_S)
        return;
    waiting->hurried = true;
    nta_log_error("after %d s the store has still not taken all: what is left is lost", PATIENCE_S);
    for (size_t i = 0; i < pipeline->n_workers; i++)
        nta_outbox_hurry(pipeline->outboxes[i]);
    nta_recorder_hurry(pipeline->recorder);
}

static void join_patiently(struct waiting *waiting, struct nta_thread *thread)
{
    const struct timespec nap = {.tv_nsec = JOIN_POLL_NS};

    if (waiting->pipeline->files) {
        nta_thread_join(thread);
        return;
    }
    while (!nta_thread_has_ended(thread)) {
        while_waiting(waiting);
        (void)nanosleep(&nap, NULL);
    }
}

/** First to last stage: each has given all it had before the next one is told to end. */
int nta_pipeline_join(struct nta_pipeline *pipeline, struct nta_err *err)
{
    int result = 0;

    for (size_t i = 0; i < pipeline->n_sources; i++) {
        struct source *source = &pipeline->sources[i];

        if (!source->thread.is_started) {
            nta_dispatch_end(source->dispatch, 0); /* a start that failed half-way */
            continue;
        }
        nta_thread_join(&source->thread);
        if (source->result < 0 && result == 0) {
            result = source->result;
            *err = source->err;
        }
    }
    struct waiting waiting = {.pipeline = pipeline, .began_ns = nta_clock_mono_ns()};

    nta_recorder_drain(pipeline->recorder);
    for (size_t i = 0; i < pipeline->n_workers; i++)
        join_patiently(&waiting, &pipeline->worker_threads[i]);
    if (pipeline->recorder_thread.is_started) {
        nta_recorder_finish(pipeline->recorder);
        join_patiently(&waiting, &pipeline->recorder_thread);
    }
    pipeline->outlet.alerter = NULL; /* nothing is posted any more: its owner may stop it */
    int r = nta_recorder_result(pipeline->recorder, err);

    if (pipeline->ship)
        nta_ship_stop(&pipeline->ship, SHIP_DRAIN_S * NTA_NS_PER_S);
    nta_recorder_end(pipeline->recorder);
    return r < 0 ? r : result;
}

void nta_pipeline_ask(struct nta_pipeline *pipeline, uint64_t ticket)
{
    for (size_t i = 0; i < pipeline->n_sources; i++)
        nta_capture_ask(pipeline->sources[i].capture, ticket);
}

void nta_pipeline_set_policy(struct nta_pipeline *pipeline, struct nta_policy *policy)
{
    uint64_t running = nta_pipeline_policy(pipeline)->generation;

    if (policy->generation <= running)
        policy->generation = running + 1;
    tell_policy(pipeline, policy);
    struct nta_policy *old = nta_epoch_publish(&pipeline->policies, policy);

    nta_policy_free(&old);
}

struct nta_who_board *nta_pipeline_board(struct nta_pipeline *pipeline)
{
    return &pipeline->board;
}

void nta_pipeline_save_who(struct nta_pipeline *pipeline)
{
    nta_learning_ask(&pipeline->workers[0]->learning);
}

struct nta_span nta_pipeline_saved_who(struct nta_pipeline *pipeline)
{
    return nta_learning_take(&pipeline->workers[0]->learning);
}

void nta_pipeline_put_who(const struct nta_pipeline *pipeline, int64_t wall_ns, struct nta_buf *out)
{
    nta_learning_put(&pipeline->workers[0]->learning, wall_ns, out);
}

uint64_t nta_pipeline_emit(struct nta_pipeline *pipeline, const struct nta_record *record)
{
    return nta_recorder_emit(pipeline->recorder, record);
}

void nta_pipeline_get_stored(struct nta_pipeline *pipeline, struct nta_pipeline_stored *ret_stored)
{
    const struct nta_own_settled settled = nta_recorder_own_settled(pipeline->recorder);

    *ret_stored = (struct nta_pipeline_stored){
        .n_emitted = nta_recorder_own(pipeline->recorder),
        .n_emitted_stored = settled.up_to,
        .lost_from = settled.lost_from,
        .lost_to = settled.lost_to,
        .until_ns = nta_recorder_stored_until(pipeline->recorder),
    };
}

void nta_pipeline_peek_losses(struct nta_pipeline *pipeline, int64_t wall_ns,
                              struct nta_losses_told *ret_losses)
{
    nta_loss_log_peek(nta_recorder_losses(pipeline->recorder), wall_ns, ret_losses);
}

int64_t nta_pipeline_sealed_before(const struct nta_pipeline *pipeline)
{
    const struct nta_commit *commit = nta_recorder_commit(pipeline->recorder);

    return commit ? nta_commit_sealed_before(commit) : 0;
}

const char *nta_pipeline_sensor(const struct nta_pipeline *pipeline)
{
    const struct nta_commit *commit = nta_recorder_commit(pipeline->recorder);

    return commit ? nta_commit_sensor(commit) : "";
}

const struct nta_policy *nta_pipeline_policy(const struct nta_pipeline *pipeline)
{
    return atomic_load_explicit(&pipeline->policies.current, memory_order_acquire);
}

struct nta_retain *nta_pipeline_retain(struct nta_pipeline *pipeline)
{
    return nta_recorder_retain(pipeline->recorder);
}

void nta_pipeline_count(struct nta_pipeline *pipeline, enum nta_counter which, uint64_t n)
{
    nta_count(&pipeline->beside, which, n);
}

const struct nta_bounds *nta_pipeline_bounds(const struct nta_pipeline *pipeline)
{
    return &pipeline->bounds;
}

int nta_pipeline_bounds_for(const struct nta_config *config, struct nta_bounds *ret_bounds,
                            struct nta_err *err)
{
    const size_t n_sources = config->capture.n_interfaces * config->capture.threads;

    return nta_bounds_make(config, nta_threads_choose_workers(config, n_sources), n_sources, true,
                           ret_bounds, err);
}

uint64_t nta_pipeline_counted(const struct nta_pipeline *pipeline, enum nta_counter which)
{
    uint64_t sum = nta_counted(&pipeline->beside, which);

    for (size_t i = 0; i < pipeline->n_sources; i++)
        sum += nta_counted(nta_capture_counters(pipeline->sources[i].capture), which);
    for (size_t i = 0; i < pipeline->n_workers; i++)
        sum += nta_counted(&pipeline->workers[i]->parts.counters, which);
    if (pipeline->recorder)
        sum += nta_recorder_counted(pipeline->recorder, which);
    if (pipeline->ship)
        sum += nta_counted(nta_ship_counters(pipeline->ship), which);
    if (pipeline->outlet.alerter)
        sum += nta_counted(nta_alerter_counters(pipeline->outlet.alerter), which);
    return sum;
}

void nta_pipeline_each_unknown(const struct nta_pipeline *pipeline,
                               void (*each)(void *owner, const char *kind, uint32_t number,
                                            uint64_t n),
                               void *owner)
{
    struct nta_unknowns sum = {0};

    for (size_t i = 0; i < pipeline->n_sources; i++)
        nta_unknowns_join(&sum, nta_capture_unknowns(pipeline->sources[i].capture));
    for (size_t i = 0; i < pipeline->n_workers; i++)
        nta_unknowns_join(&sum, &pipeline->workers[i]->unknowns);
    nta_unknowns_each(&sum, each, owner);
}

void nta_pipeline_progress(const struct nta_pipeline *pipeline, uint64_t *ret_done,
                           uint64_t *ret_all)
{
    *ret_done = *ret_all = 0;
    for (size_t i = 0; i < pipeline->n_sources; i++) {
        uint64_t done, all;

        nta_capture_progress(pipeline->sources[i].capture, &done, &all);
        *ret_done += done;
        *ret_all += all;
    }
}

void nta_pipeline_get_state(const struct nta_pipeline *pipeline, int64_t wall_ns,
                            struct nta_pipeline_state *ret_state)
{
    *ret_state = (struct nta_pipeline_state){
        .n_workers = pipeline->n_workers,
        .n_sources = pipeline->n_sources,
        .n_interfaces = count_interfaces(pipeline),
        .last_batch = nta_recorder_last(pipeline->recorder),
        .ships = pipeline->ship != NULL,
    };
    nta_loss_log_get_worst(nta_recorder_losses(pipeline->recorder), &ret_state->worst_second,
                           ret_state->worst_losses);
    if (pipeline->ship) {
        ret_state->connected = nta_ship_connected(pipeline->ship);
        ret_state->lag_ns = nta_ship_lag_ns(pipeline->ship, wall_ns);
    }
}
