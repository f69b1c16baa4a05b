/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/recorder.h"

#include "alert/alert.h"
#include "base/memory/memory.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/runtime/thread.h"
#include "base/text.h"
#include "pipeline/committer.h"
#include "pipeline/due.h"
#include "pipeline/emit.h"
#include "store/ship/ship.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum
{
    /** Batches in memory, of 1 MiB of records each: what an outage of the store fills. */
    N_CLOSED = 32,
    N_SPARE = NTA_N_CLASSES, ///< Of these, for what comes when the end waits for the store.
    N_WARM = 6,              ///< Their memory is kept.
    N_HURRIED = 4, ///< Closed when they are due; with as many on their way, the next is filled.
    LOW_NICE = 5   ///< Of the first thread of files: a third of the share of others.
};

/** What is done now and then; see `timers`. */
enum timer
{
    TIMER_LOSS_LOG,
    TIMER_STORED,
    TIMER_ALERTER,
    TIMER_LOSS,
    TIMER_STORE,
    N_TIMERS
};

#define IDLE_NS (20 * NTA_NS_PER_MS)
#define SLOW_NS (2 * NTA_NS_PER_S)

struct nta_recorder
{
    struct nta_recorder_options options;
    struct nta_counters counters;
    struct nta_committer *committer; ///< NULL: records are not kept.
    struct nta_packer *packer;       ///< Owned.
    struct nta_ship *ship;           ///< Borrows; NULL: none.
    struct nta_closed closed[N_CLOSED];
    struct nta_closed *idle[N_CLOSED]; ///< Those that are nobody's.
    size_t n_idle;
    struct nta_closed *going[N_CLOSED]; ///< On their way, a ring: the oldest first.
    size_t first_going, n_going;
    struct nta_closed *open[NTA_N_CLASSES]; ///< Those being filled; NULL: none.
    struct nta_due due;                     ///< When each is to be closed.
    /** Times of the workers' records, for the records of files; 0: there are none yet. */
    int64_t first_wall_ns, last_wall_ns;
    /** When the function of that row was last called; 0: never, so that it is at once. */
    int64_t ran_mono_ns[N_TIMERS];
    struct nta_loss_log losses;
    _Atomic int64_t stored_ns; ///< Wall time; what came before it is stored.
    _Atomic uint64_t policy;   ///< Stamp of the one in force; 0: none.
    /** What the program says of itself, until the recorder comes to it. */
    struct nta_own_records own_records;
    struct nta_batch heard; ///< The same in hand.
    bool is_slow;           ///< A commit takes long, which was said.
    _Atomic bool is_draining, finish;
    struct nta_emit emit;
};

void nta_recorder_free(struct nta_recorder **recorder)
{
    if (!*recorder)
        return;
    nta_loss_log_done(&(*recorder)->losses);
    nta_committer_free(&(*recorder)->committer);
    for (size_t i = 0; i < N_CLOSED; i++) {
        nta_batch_done(&(*recorder)->closed[i].batch);
        nta_packed_done(&(*recorder)->closed[i].packed);
    }
    nta_packer_free(&(*recorder)->packer);
    nta_own_records_done(&(*recorder)->own_records);
    nta_batch_done(&(*recorder)->heard);
    nta_emit_done(&(*recorder)->emit);
    free(*recorder);
    *recorder = NULL;
}

static int open_store(struct nta_recorder *recorder, struct nta_err *err)
{
    const struct nta_commit_options commit_options = {
        .outlet = recorder->options.outlet,
        .health = recorder->options.health,
        .live = !recorder->options.files,
    };
    const struct nta_retain_options retain_options = {
        .policy = recorder->options.retain,
        .store_path = recorder->options.outlet->store_path,
        .health = recorder->options.health,
    };
    struct nta_committer_options options = {
        .wake = recorder->options.wake,
        .health = recorder->options.health,
        .n_batches = N_CLOSED,
        .files = recorder->options.files,
    };
    NTA_AUTO(nta_commit_close) struct nta_commit *commit = NULL;
    NTA_AUTO(nta_retain_free) struct nta_retain *retain = NULL;
    int r = nta_commit_open(&commit_options, &commit, err);

    if (r == 0)
        r = nta_retain_new(&retain_options, &retain, err);
    if (r < 0)
        return r;
    options.commit = commit;
    options.retain = retain;
    r = nta_packer_new(&recorder->packer);
    if (r < 0)
        return nta_err_sys(err, r, "recorder");
    r = nta_committer_new(&options, &recorder->committer, err);
    if (r == 0) {
        recorder->emit.sensor = nta_commit_sensor(commit);
        commit = NULL; /* taken */
        retain = NULL;
    }
    return r;
}

int nta_recorder_new(const struct nta_recorder_options *options, struct nta_recorder **ret_recorder,
                     struct nta_err *err)
{
    NTA_AUTO(nta_recorder_free)
    struct nta_recorder *recorder =
        nta_memory_new(sizeof(*recorder), _Alignof(struct nta_recorder));

    if (!recorder)
        return nta_err_sys(err, -ENOMEM, "recorder");
    recorder->options = *options;
    nta_emit_init(&recorder->emit, &(struct nta_emit_options){
                                       .outlet = options->outlet,
                                       .counters = &recorder->counters,
                                       .names = options->names,
                                       .policies = options->policies,
                                   });
    recorder->due =
        (struct nta_due){.batch_ns = options->batch_ns, .alert_ns = options->alert_batch_ns};
    nta_loss_log_init(&recorder->losses, &options->losses,
                      options->files ? 0 : nta_clock_wall_ns());
    for (size_t i = 0; i < N_CLOSED; i++) {
        nta_batch_init(&recorder->closed[i].batch);
        nta_batch_be_secret(&recorder->closed[i].batch);
        recorder->idle[recorder->n_idle++] = &recorder->closed[N_CLOSED - 1 - i];
    }
    nta_own_records_init(&recorder->own_records);
    nta_batch_init(&recorder->heard);
    nta_batch_be_secret(&recorder->heard);
    recorder->ran_mono_ns[TIMER_LOSS] = nta_clock_mono_ns();
    recorder->stored_ns = nta_clock_wall_ns();
    if (options->outlet->store_path) {
        int r = open_store(recorder, err);

        if (r < 0)
            return r;
    }
    *ret_recorder = NTA_TAKE(recorder);
    return 0;
}

/* ---- what leaves ---- */

static void give_back(struct nta_recorder *recorder, struct nta_closed *closed)
{
    /* what an outage filled is not kept for ever */
    if (recorder->n_idle >= N_WARM) {
        nta_batch_done(&closed->batch);
        nta_packed_done(&closed->packed);
    } else {
        nta_batch_clear(&closed->batch);
        nta_packed_clear(&closed->packed);
    }
    closed->n_emitted = 0;
    closed->emit_mono_ns = 0;
    closed->began_wall_ns = 0;
    closed->n_own = 0;
    closed->is_last = false;
    recorder->idle[recorder->n_idle++] = closed;
}

/** Its alerts leave now, but for those that have. */
static void emit_unstored(struct nta_recorder *recorder, struct nta_closed *closed)
{
    nta_emit_unstored(&recorder->emit, &closed->batch, closed->n_emitted);
    closed->n_emitted = closed->batch.n_records;
    closed->emit_mono_ns = 0;
}

/** It is stored, or it never will be. */
static void settle(struct nta_recorder *recorder, struct nta_closed *closed)
{
    if (!closed->number)
        emit_unstored(recorder, closed);
    nta_emit_fates(&recorder->emit, &closed->batch, closed->n_emitted, closed->number);
    if (closed->number)
        nta_emit_stored(&recorder->emit, &closed->batch, closed->number, closed->n_emitted);
    if (closed->number && recorder->ship)
        nta_ship_wake(recorder->ship);
    if (closed->n_own)
        nta_own_records_settle(&recorder->own_records, closed->n_own, closed->number > 0,
                               nta_clock_mono_ns());
    give_back(recorder, closed);
}

/**
 * Batches are waiting for the store: the next is not closed before it is full, however urgent what
 * is in it.  Otherwise ten alerts a second would fill memory with nearly empty ones within seconds
 * of an outage.
 */
static bool must_fill(const struct nta_recorder *recorder)
{
    return recorder->committer && !recorder->options.files && recorder->n_going >= N_HURRIED;
}

/** A commit that hangs has not failed yet, and is no better. */
static void watch_store(struct nta_recorder *recorder)
{
    struct nta_health *health = recorder->options.health;
    char detail[96];

    if (recorder->n_going > 0 && !recorder->is_slow) {
        int64_t ns = nta_clock_mono_ns() - recorder->going[recorder->first_going]->pushed_mono_ns;

        if (ns < SLOW_NS || nta_committer_is_failing(recorder->committer))
            return;
        (void)snprintf(detail, sizeof(detail), "a commit has taken more than %lld s: is it locked?",
                       (long long)(SLOW_NS / NTA_NS_PER_S));
        nta_health_set(health, NTA_CAUSE_STORE, detail);
        recorder->is_slow = true;
    }
}

static bool take_settled(struct nta_recorder *recorder)
{
    struct nta_closed *closed;
    bool any = false;

    while (recorder->committer && !recorder->options.files &&
           (closed = nta_committer_pop(recorder->committer))) {
        recorder->first_going = (recorder->first_going + 1) % N_CLOSED;
        recorder->n_going--;
        settle(recorder, closed);
        any = true;
    }
    if (any && recorder->is_slow) {
        recorder->is_slow = false;
        if (!nta_committer_is_failing(recorder->committer))
            nta_health_set(recorder->options.health, NTA_CAUSE_STORE, NULL);
    }
    return any;
}

/** Alerts leave in time, whatever the store does. */
static void emit_due(struct nta_recorder *recorder, int64_t mono_ns)
{
    for (size_t i = 0; i < recorder->n_going; i++) {
        struct nta_closed *closed = recorder->going[(recorder->first_going + i) % N_CLOSED];

        /* the committer only reads the batch */
        if (closed->emit_mono_ns && mono_ns >= closed->emit_mono_ns)
            emit_unstored(recorder, closed);
    }
    /* what is open and due is closed already, but for what must fill, or has to pause */
    for (size_t i = 0; i < NTA_N_CLASSES; i++) {
        struct nta_closed *open = recorder->open[i];

        if (open && open->emit_mono_ns && mono_ns >= open->emit_mono_ns)
            emit_unstored(recorder, open);
    }
}

static bool has_open(const struct nta_recorder *recorder, enum nta_class class)
{
    return recorder->open[class] && recorder->open[class]->batch.n_records > 0;
}

static void close_batch(struct nta_recorder *recorder, enum nta_class class)
{
    struct nta_closed *closed = recorder->open[class];

    if (!has_open(recorder, class))
        return;
    recorder->open[class] = NULL;
    nta_due_closed(&recorder->due, class, nta_clock_mono_ns());
    if (!recorder->committer) {
        nta_emit_stored(&recorder->emit, &closed->batch, closed->number, closed->n_emitted);
        give_back(recorder, closed);
    } else if (recorder->options.files) {
        nta_committer_store(recorder->committer, closed);
        settle(recorder, closed);
    } else {
        /* one that cannot be packed now is packed when it is sealed */
        (void)nta_packer_pack(recorder->packer, &closed->batch, &closed->packed);
        recorder->going[(recorder->first_going + recorder->n_going++) % N_CLOSED] = closed;
        closed->pushed_mono_ns = nta_clock_mono_ns();
        nta_committer_push(recorder->committer, closed);
    }
}

/* ---- what comes in ---- */

/** In the order in which the last ones are closed. */
static const enum nta_class stored_classes[] = {NTA_CLASS_EVIDENCE, NTA_CLASS_TRAFFIC,
                                                NTA_CLASS_WHO, NTA_CLASS_LOG};

/** Idle ones that are kept for other classes: an outage full of traffic leaves each of them one. */
static size_t count_kept(const struct nta_recorder *recorder, enum nta_class class)
{
    size_t n = 0;

    for (size_t i = 0; recorder->committer && i < NTA_N_ELEMENTS(stored_classes); i++)
        n += stored_classes[i] != class && stored_classes[i] != NTA_CLASS_TRAFFIC &&
             !recorder->open[stored_classes[i]];
    return n;
}

/** False: all are on their way, but for those that are kept for others. */
static bool be_open(struct nta_recorder *recorder, enum nta_class class)
{
    if (!recorder->open[class] && recorder->n_idle > count_kept(recorder, class))
        recorder->open[class] = recorder->idle[--recorder->n_idle];
    return recorder->open[class] != NULL;
}

/** The batch has something now: when is it to be closed, and when must its alerts have left? */
static void set_due(struct nta_recorder *recorder, const struct nta_due_added *added,
                    int64_t mono_ns)
{
    struct nta_closed *open = recorder->open[added->class];

    nta_due_add(&recorder->due, added, mono_ns);
    if (added->is_first)
        open->began_wall_ns = nta_clock_wall_ns();
    if (added->has_alert && !open->emit_mono_ns) {
        /* half of the time for others to come along, half for the commit; a turn before the end */
        int64_t due = mono_ns + recorder->options.alert_batch_ns / 2;
        int64_t emit = mono_ns + recorder->options.alert_batch_ns - IDLE_NS;

        open->emit_mono_ns = emit > due ? emit : due;
    }
}

/**
 * No space and no time: what nobody will store is counted, and its alerts are told all the same.
 */
static void drop_chunk(struct nta_recorder *recorder, const struct nta_batch *chunk)
{
    nta_count(&recorder->counters, NTA_COUNTER_RECORD_DROP, chunk->n_records);
    nta_emit_unstored(&recorder->emit, chunk, 0);
    if (recorder->committer)
        nta_emit_fates(&recorder->emit, chunk, chunk->n_records, 0);
}

/** False: it is dropped. */
static bool take_chunk(struct nta_recorder *recorder, const struct nta_batch *chunk, bool is_rare,
                       int64_t mono_ns)
{
    const enum nta_class class = recorder->committer ? chunk->class : NTA_CLASS_NONE;
    struct nta_due_added added = {
        .class = class, .is_first = true, .has_alert = chunk->has_alert, .is_rare = is_rare};
    int r = -EAGAIN;

    if (be_open(recorder, class)) {
        added.is_first = recorder->open[class]->batch.n_records == 0;
        r = nta_batch_join(&recorder->open[class]->batch, chunk);
    }
    if (r == -E2BIG && !added.is_first) {
        close_batch(recorder, class);
        added.is_first = true;
        r = be_open(recorder, class) ? nta_batch_join(&recorder->open[class]->batch, chunk)
                                     : -EAGAIN;
    }
    if (r < 0) {
        drop_chunk(recorder, chunk);
        return false;
    }
    set_due(recorder, &added, mono_ns);
    return true;
}

static void note_times(struct nta_recorder *recorder, const struct nta_batch *chunk)
{
    if (!recorder->first_wall_ns || chunk->first_time_ns < recorder->first_wall_ns)
        recorder->first_wall_ns = chunk->first_time_ns;
    if (chunk->last_time_ns > recorder->last_wall_ns)
        recorder->last_wall_ns = chunk->last_time_ns;
}

/** At the end nothing is dropped for a store that is merely slow: the workers wait. */
static bool must_wait(const struct nta_recorder *recorder)
{
    return recorder->n_idle < N_SPARE && recorder->committer &&
           atomic_load_explicit(&recorder->is_draining, memory_order_relaxed) &&
           !nta_committer_is_failing(recorder->committer);
}

static bool take_round(struct nta_recorder *recorder)
{
    bool any = take_settled(recorder);

    for (size_t i = 0; i < recorder->options.n_outboxes && !must_wait(recorder); i++) {
        struct nta_outbox *outbox = recorder->options.outboxes[i];
        struct nta_batch *chunk = nta_outbox_take(outbox);

        if (!chunk)
            continue;
        any = true;
        note_times(recorder, chunk);
        (void)take_chunk(recorder, chunk, false, nta_clock_mono_ns());
        nta_outbox_give_back(outbox, chunk);
    }
    return any;
}

/* ---- what the program says of itself ---- */

uint64_t nta_recorder_emit(struct nta_recorder *recorder, const struct nta_record *record)
{
    struct nta_record stamped = *record;

    if (!stamped.policy && stamped.event != NTA_RECORD_POLICY)
        stamped.policy = atomic_load_explicit(&recorder->policy, memory_order_relaxed);
    return nta_own_records_add(&recorder->own_records, &stamped);
}

void nta_recorder_set_policy(struct nta_recorder *recorder, uint64_t stamp)
{
    atomic_store_explicit(&recorder->policy, stamp, memory_order_relaxed);
}

/** Into the batch that is open, with all others. */
static void take_own_records(struct nta_recorder *recorder, int64_t mono_ns)
{
    const enum nta_class class = recorder->committer ? NTA_CLASS_LOG : NTA_CLASS_NONE;
    struct nta_batch *heard = &recorder->heard;
    struct nta_own_taken taken;

    /* without space it waits where it is: few words, that say what was lost */
    if (!be_open(recorder, class) || !nta_own_records_take(&recorder->own_records, heard, &taken))
        return;
    if (taken.n_dropped)
        nta_count(&recorder->counters, NTA_COUNTER_RECORD_DROP, taken.n_dropped);
    if (heard->n_records) {
        nta_count(&recorder->counters, NTA_COUNTER_RECORDS, heard->n_records);
        if (take_chunk(recorder, heard, taken.is_rare, mono_ns))
            recorder->open[class]->n_own = taken.n_all;
    }
    nta_batch_clear(heard);
}

/** Batches that are not where they should be. */
static void emit_missing(struct nta_recorder *recorder)
{
    struct nta_commit_loss loss;

    while (recorder->committer &&
           nta_commit_take_loss(nta_committer_commit(recorder->committer), &loss)) {
        const struct nta_record_loss losses[] = {
            {nta_span_of(loss.first_reason), loss.first},
            {nta_span_of(loss.last_reason), loss.last},
        };

        const struct nta_record record = {
            .event = NTA_RECORD_LOSS,
            .time_ns = nta_clock_wall_ns(),
            .losses = losses,
            .n_losses = loss.last_reason ? 2 : 1,
        };

        (void)nta_recorder_emit(recorder, &record);
    }
}

/**
 * What the sensor did not see since the last time, by reason.  Live, "nothing" is a statement, too.
 */
static void record_loss(struct nta_recorder *recorder)
{
    const bool files = recorder->options.files;
    struct nta_losses_told losses;
    struct nta_record_log log;
    struct nta_record record;

    nta_loss_log_take(&recorder->losses, files ? recorder->last_wall_ns : nta_clock_wall_ns(),
                      &losses);
    nta_losses_record(&losses, &log, &record);
    if (losses.n_losses > 0 || !files)
        (void)nta_recorder_emit(recorder, &record);
}

static void look_for_losses(struct nta_recorder *recorder)
{
    nta_loss_log_second(&recorder->losses);
}

/** Up to when is all stored?  What waits began to be filled at some time. */
static void note_stored(struct nta_recorder *recorder)
{
    int64_t until_ns = nta_clock_wall_ns();

    for (size_t i = 0; i < N_CLOSED; i++) {
        const struct nta_closed *closed = &recorder->closed[i];

        if (closed->began_wall_ns && closed->began_wall_ns < until_ns)
            until_ns = closed->began_wall_ns;
    }
    atomic_store_explicit(&recorder->stored_ns, until_ns, memory_order_relaxed);
}

static void watch_alerter(struct nta_recorder *recorder)
{
    if (recorder->options.outlet->alerter)
        nta_alerter_watch(recorder->options.outlet->alerter, nta_clock_mono_ns());
}

/** Live; a period of 0: each turn.  What was lost is said when the first period is over. */
static const struct
{
    int64_t period_ns;
    void (*run)(struct nta_recorder *recorder);
} timers[N_TIMERS] = {
    [TIMER_LOSS_LOG] = {NTA_NS_PER_S, look_for_losses},
    [TIMER_STORED] = {NTA_NS_PER_S, note_stored},
    [TIMER_ALERTER] = {NTA_NS_PER_S, watch_alerter},
    [TIMER_LOSS] = {60 * NTA_NS_PER_S, record_loss},
    [TIMER_STORE] = {0, watch_store},
};

static void run_timers(struct nta_recorder *recorder, int64_t mono_ns)
{
    for (size_t i = 0; i < N_TIMERS; i++) {
        if (mono_ns - recorder->ran_mono_ns[i] < timers[i].period_ns)
            continue;
        recorder->ran_mono_ns[i] = mono_ns;
        timers[i].run(recorder);
    }
}

/** Chunks are left: those that wait for a slow store, at the end. */
static bool has_more(const struct nta_recorder *recorder)
{
    for (size_t i = 0; i < recorder->options.n_outboxes; i++)
        if (nta_outbox_has_full(recorder->options.outboxes[i]))
            return true;
    return false;
}

/** Sleep until a chunk comes, something is due, or the end is near. */
static void rest(struct nta_recorder *recorder)
{
    uint32_t key = nta_wake_prepare(recorder->options.wake);

    /* what was said before the wake was prepared would wake nobody */
    if (!take_round(recorder) &&
        (!atomic_load_explicit(&recorder->finish, memory_order_acquire) || has_more(recorder)))
        nta_wake_sleep(recorder->options.wake, key, IDLE_NS);
}

static void close_due(struct nta_recorder *recorder, int64_t mono_ns)
{
    for (unsigned class = 0; class < NTA_N_CLASSES; class ++)
        if (has_open(recorder, (enum nta_class) class) && !must_fill(recorder) &&
            nta_due_is(&recorder->due, (enum nta_class) class, mono_ns))
            close_batch(recorder, (enum nta_class) class);
}

/** All that is open; the last of the run is told so, and is of the log if anything of that is. */
static void close_all(struct nta_recorder *recorder)
{
    enum nta_class last = NTA_CLASS_NONE;

    for (size_t i = 0; i < NTA_N_ELEMENTS(stored_classes); i++)
        if (has_open(recorder, stored_classes[i]))
            last = stored_classes[i];
    if (has_open(recorder, last))
        recorder->open[last]->is_last = true;
    close_batch(recorder, NTA_CLASS_NONE);
    for (size_t i = 0; i < NTA_N_ELEMENTS(stored_classes); i++)
        close_batch(recorder, stored_classes[i]);
}

/** Take what is there and do what is due; false if nothing was there. */
static bool turn(struct nta_recorder *recorder)
{
    nta_thread_beat();
    bool any = take_round(recorder);
    int64_t mono_ns = nta_clock_mono_ns();

    if (!recorder->options.files)
        run_timers(recorder, mono_ns);
    emit_missing(recorder);
    if (!recorder->options.files) /* else at the end, behind what they are about */
        take_own_records(recorder, mono_ns);
    close_due(recorder, mono_ns);
    emit_due(recorder, mono_ns);
    return any;
}

static bool is_behind(const struct nta_recorder *recorder)
{
    for (size_t i = 0; i < recorder->options.n_outboxes; i++)
        if (nta_outbox_is_short(recorder->options.outboxes[i]))
            return true;
    return false;
}

void *nta_recorder_run_low(void *self)
{
    struct nta_recorder *recorder = self;

    /* a lower share, no idle one: who waits for the end of this thread waits as long as others are
     * busy */
    nta_thread_be_nice(LOW_NICE);
    while (!is_behind(recorder) && !atomic_load_explicit(&recorder->finish, memory_order_acquire))
        if (!turn(recorder))
            rest(recorder);
    return NULL;
}

/** What is on its way comes back, stored or lost. */
static void wait_for_committer(struct nta_recorder *recorder)
{
    if (!recorder->committer || recorder->options.files)
        return;
    nta_committer_finish(recorder->committer);
    nta_thread_wait();
    while (recorder->n_going > 0) {
        uint32_t key = nta_wake_prepare(recorder->options.wake);

        if (!take_settled(recorder))
            nta_wake_sleep(recorder->options.wake, key, IDLE_NS);
        emit_due(recorder, nta_clock_mono_ns());
    }
    nta_committer_join(recorder->committer);
}

/** All files are read: what is said of that comes last, with the time of the reading. */
static void end_files(struct nta_recorder *recorder)
{
    const struct nta_record_log log = {.from_ns = recorder->first_wall_ns,
                                       .to_ns = recorder->last_wall_ns};
    const struct nta_record record = {
        .event = NTA_RECORD_STOP, .time_ns = nta_clock_wall_ns(), .log = &log};

    if (recorder->options.files && atomic_load(&recorder->policy))
        (void)nta_recorder_emit(recorder, &record);
}

void *nta_recorder_run(void *self)
{
    struct nta_recorder *recorder = self;
    bool finishing = false;

    for (;;) {
        if (turn(recorder))
            continue;
        if (finishing && !has_more(recorder))
            break;
        /* one more round after the flag was seen: all was handed over before it was set */
        finishing = atomic_load_explicit(&recorder->finish, memory_order_acquire);
        if (!finishing || has_more(recorder))
            rest(recorder);
    }
    emit_missing(recorder);
    record_loss(recorder);
    end_files(recorder);
    take_own_records(recorder, nta_clock_mono_ns());
    close_all(recorder);
    wait_for_committer(recorder);
    return NULL;
}

void nta_recorder_finish(struct nta_recorder *recorder)
{
    atomic_store_explicit(&recorder->finish, true, memory_order_release);
    nta_wake_signal(recorder->options.wake);
}

void nta_recorder_set_ship(struct nta_recorder *recorder, struct nta_ship *ship)
{
    recorder->ship = ship;
}

int nta_recorder_start(struct nta_recorder *recorder)
{
    return recorder->committer && !recorder->options.files
               ? nta_committer_start(recorder->committer)
               : 0;
}

void nta_recorder_drain(struct nta_recorder *recorder)
{
    atomic_store_explicit(&recorder->is_draining, true, memory_order_relaxed);
}

void nta_recorder_hurry(struct nta_recorder *recorder)
{
    atomic_store_explicit(&recorder->is_draining, false, memory_order_relaxed);
}

void nta_recorder_end(struct nta_recorder *recorder)
{
    if (recorder->committer)
        nta_commit_end(nta_committer_commit(recorder->committer));
}

struct nta_commit *nta_recorder_commit(struct nta_recorder *recorder)
{
    return recorder->committer ? nta_committer_commit(recorder->committer) : NULL;
}

struct nta_retain *nta_recorder_retain(struct nta_recorder *recorder)
{
    return recorder->committer ? nta_committer_retain(recorder->committer) : NULL;
}

int nta_recorder_result(const struct nta_recorder *recorder, struct nta_err *err)
{
    return recorder->committer ? nta_committer_result(recorder->committer, err) : 0;
}

uint64_t nta_recorder_counted(const struct nta_recorder *recorder, enum nta_counter which)
{
    uint64_t n = nta_counted(&recorder->counters, which);

    return recorder->committer ? n + nta_counted(nta_committer_counters(recorder->committer), which)
                               : n;
}

struct nta_loss_log *nta_recorder_losses(struct nta_recorder *recorder)
{
    return &recorder->losses;
}

int64_t nta_recorder_stored_until(const struct nta_recorder *recorder)
{
    return atomic_load_explicit(&recorder->stored_ns, memory_order_relaxed);
}

struct nta_own_settled nta_recorder_own_settled(struct nta_recorder *recorder)
{
    return nta_own_records_settled(&recorder->own_records);
}

uint64_t nta_recorder_own(struct nta_recorder *recorder)
{
    return nta_own_records_count(&recorder->own_records);
}

uint64_t nta_recorder_last(const struct nta_recorder *recorder)
{
    return recorder->committer ? nta_commit_last(nta_committer_commit(recorder->committer)) : 0;
}
