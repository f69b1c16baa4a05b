/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/recorder.h"

#include "alert/alert.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/own.h"
#include "store/ship.h"
#include "store/store.h"
#include "vault/vault.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    ID_SIZE = 80,
    SENSOR_TEXT_SIZE = 2 * NTA_SENSOR_ID_LEN + 1
};

#define IDLE_NS      (20 * NTA_NS_PER_MS)
#define PEAK_NS      NTA_NS_PER_S
#define LOSS_NS      (60 * NTA_NS_PER_S)
#define HEAD_NS      (3600 * NTA_NS_PER_S)
#define RETRY_MAX_NS (30 * NTA_NS_PER_S)

struct nta_recorder
{
    struct nta_recorder_options options;
    struct nta_counters counters;
    struct nta_store *store;   ///< NULL: records are not kept.
    struct nta_sealer *sealer; ///< NULL without a store.
    struct nta_ship *ship;     ///< Borrows; NULL: none.
    struct nta_batch batch;
    int64_t opened_mono_ns;        ///< When the batch got its first record.
    int64_t due_mono_ns;           ///< When it is to be closed.
    int64_t last_wall_ns;          ///< Newest time of a record, for the loss record of files.
    int64_t head_mono_ns;          ///< When the chain's head is told next; 0: with the first batch.
    int64_t loss_mono_ns;          ///< When the last loss record was made.
    int64_t loss_from_ns;          ///< Wall time it reached to.
    uint64_t lost[NTA_N_COUNTERS]; ///< What it said.
    int64_t peak_mono_ns;          ///< When the worst second was last looked for.
    pthread_mutex_t peak_lock;     ///< Guards `peak`, taken once a second and by who asks.
    struct nta_peak peak;
    char sensor[SENSOR_TEXT_SIZE];
    _Atomic bool finish;
    _Atomic uint64_t last; ///< Number of the last committed batch.
    int result;
    struct nta_err err;
};

void nta_recorder_free(struct nta_recorder **recorder)
{
    if (!*recorder)
        return;
    (void)pthread_mutex_destroy(&(*recorder)->peak_lock);
    nta_sealer_free(&(*recorder)->sealer);
    nta_store_close(&(*recorder)->store);
    nta_batch_done(&(*recorder)->batch);
    free(*recorder);
    *recorder = NULL;
}

static int open_store(struct nta_recorder *recorder, struct nta_err *err)
{
    const struct nta_outlet *outlet = recorder->options.outlet;
    uint8_t sensor[NTA_SENSOR_ID_LEN], previous[NTA_HASH_LEN];
    uint64_t number;
    int r = nta_sealer_new(outlet->keys_dir, &recorder->sealer, err);

    if (r < 0)
        return r;
    r = nta_store_open_sqlite(outlet->store_path, true, &recorder->store, err);
    if (r < 0)
        return r;
    nta_sealer_get_sensor(recorder->sealer, sensor);
    r = nta_store_last(recorder->store, sensor, &number, previous, err);
    if (r < 0)
        return r;
    nta_sealer_continue(recorder->sealer, number + 1, previous);
    atomic_store_explicit(&recorder->last, number, memory_order_relaxed);
    (void)nta_hex_text(sensor, sizeof(sensor), recorder->sensor);
    return 0;
}

int nta_recorder_new(const struct nta_recorder_options *options, struct nta_recorder **ret_recorder,
                     struct nta_err *err)
{
    NTA_AUTO(nta_recorder_free)
    struct nta_recorder *recorder = aligned_alloc(64, sizeof(*recorder));

    if (!recorder)
        return nta_err_sys(err, -ENOMEM, "recorder");
    memset(recorder, 0, sizeof(*recorder));
    recorder->options = *options;
    (void)pthread_mutex_init(&recorder->peak_lock, NULL);
    nta_batch_init(&recorder->batch);
    recorder->loss_mono_ns = nta_clock_mono_ns();
    recorder->loss_from_ns = options->files ? 0 : nta_clock_wall_ns();
    if (options->outlet->store_path) {
        int r = open_store(recorder, err);

        if (r < 0)
            return r;
    }
    *ret_recorder = NTA_TAKE(recorder);
    return 0;
}

/** Keep the first failure. */
static void fail(struct nta_recorder *recorder, int r, const struct nta_err *err)
{
    if (recorder->result == 0) {
        recorder->result = r;
        recorder->err = *err;
    }
}

static int make_key(struct nta_recorder *recorder, int64_t wall_ns, struct nta_err *err)
{
    struct nta_wrapped_key key;
    int r;

    if (!nta_sealer_wants_key(recorder->sealer, wall_ns))
        return 0;
    r = nta_sealer_new_key(recorder->sealer, wall_ns, &key, err);
    return r < 0 ? r : nta_store_put_key(recorder->store, &key, err);
}

/** The chain's head, once an hour, live: whoever keeps the log elsewhere is a witness that nothing was cut off. */
static void tell_head(struct nta_recorder *recorder, const struct nta_stored *stored)
{
    int64_t mono_ns = nta_clock_mono_ns();
    uint8_t hash[NTA_HASH_LEN];
    char text[NTA_HEX_SIZE(NTA_HASH_LEN)];

    if (recorder->options.files || (recorder->head_mono_ns && mono_ns < recorder->head_mono_ns))
        return;
    recorder->head_mono_ns = mono_ns + HEAD_NS;
    nta_header_hash(&stored->sealed, hash);
    nta_log_notice("chain head of sensor %s: batch %llu, %s", recorder->sensor,
                   (unsigned long long)stored->header.number,
                   nta_hex_text(hash, sizeof(hash), text));
}

/** Seal and store the batch once; the chain moves on only if the store has it. */
static int try_commit(struct nta_recorder *recorder, uint64_t *ret_number, struct nta_err *err)
{
    struct nta_stored stored;
    int r = make_key(recorder, nta_clock_wall_ns(), err);

    if (r < 0)
        return r;
    r = nta_sealer_seal(recorder->sealer, &recorder->batch, &stored.sealed, &stored.header, err);
    if (r < 0)
        return r;
    r = nta_store_put_batches(recorder->store, &stored, 1, err);
    if (r < 0)
        return r;
    nta_sealer_commit(recorder->sealer);
    tell_head(recorder, &stored);
    *ret_number = stored.header.number;
    nta_count(&recorder->counters, NTA_COUNTER_BATCHES, 1);
    nta_count(&recorder->counters, NTA_COUNTER_BATCH_BYTES,
              stored.sealed.header.len + stored.sealed.tokens.len + stored.sealed.body.len);
    return 0;
}

/** Until it is stored; reading files, or when the program ends, one failure is final. */
static bool store_batch(struct nta_recorder *recorder, uint64_t *ret_number)
{
    struct nta_err err = {0};
    int64_t pause_ns = NTA_NS_PER_S / 4;
    bool said = false;

    for (;;) {
        int r = try_commit(recorder, ret_number, &err);

        if (r == 0) {
            if (said)
                nta_log_notice("records are stored again");
            atomic_store_explicit(&recorder->last, *ret_number, memory_order_relaxed);
            return true;
        }
        nta_count(&recorder->counters, NTA_COUNTER_STORE_ERRORS, 1);
        if (recorder->options.files ||
            atomic_load_explicit(&recorder->finish, memory_order_relaxed)) {
            fail(recorder, r, &err);
            return false;
        }
        if (!said)
            nta_log_error("records cannot be stored, trying on: %s", err.text);
        said = true;
        uint32_t key = nta_wake_prepare(recorder->options.wake);

        nta_wake_sleep(recorder->options.wake, key, pause_ns);
        pause_ns = pause_ns < RETRY_MAX_NS / 2 ? pause_ns * 2 : RETRY_MAX_NS;
    }
}

/** Tell alerter and listener of each record that they want, in order; `number` 0: not stored. */
static void announce(struct nta_recorder *recorder, uint64_t number)
{
    const struct nta_outlet *outlet = recorder->options.outlet;
    char id[ID_SIZE] = "";

    if (!outlet->each && !(outlet->alerter && recorder->batch.has_alert))
        return;
    for (size_t i = 0; i < recorder->batch.n_records; i++) {
        unsigned note = nta_batch_note(&recorder->batch, i);
        bool to_each = outlet->each && (!outlet->matches_only || (note & NTA_NOTE_MATCH));
        bool to_alerter = outlet->alerter && (note & NTA_NOTE_ALERT);
        struct nta_span cbor = nta_batch_record(&recorder->batch, i);

        if (number && (to_each || to_alerter))
            (void)snprintf(id, sizeof(id), "%s-%llu-%zu", recorder->sensor,
                           (unsigned long long)number, i);
        if (to_each)
            outlet->each(outlet->owner, id, cbor);
        if (to_alerter)
            nta_alert_post(outlet->alerter, id, cbor);
    }
}

static void close_batch(struct nta_recorder *recorder)
{
    uint64_t number = 0;

    if (recorder->batch.n_records == 0)
        return;
    if (!recorder->store || store_batch(recorder, &number))
        announce(recorder, number);
    if (number && recorder->ship)
        nta_ship_wake(recorder->ship);
    nta_batch_clear(&recorder->batch);
}

/** The batch has something now: when is it to be closed? */
static void set_due(struct nta_recorder *recorder, bool was_empty, int64_t mono_ns)
{
    if (was_empty) {
        recorder->opened_mono_ns = mono_ns;
        recorder->due_mono_ns = mono_ns + recorder->options.batch_ns;
    }
    if (recorder->batch.has_alert) {
        int64_t due = mono_ns + recorder->options.alert_batch_ns;

        if (due < recorder->due_mono_ns)
            recorder->due_mono_ns = due;
    }
}

static void take_sheaf(struct nta_recorder *recorder, const struct nta_batch *sheaf,
                       int64_t mono_ns)
{
    bool was_empty = recorder->batch.n_records == 0;
    int r = nta_batch_join(&recorder->batch, sheaf);

    if (r == -E2BIG && !was_empty) {
        close_batch(recorder);
        was_empty = true;
        r = nta_batch_join(&recorder->batch, sheaf);
    }
    if (r < 0) {
        nta_count(&recorder->counters, NTA_COUNTER_RECORD_DROP, sheaf->n_records);
        return;
    }
    if (sheaf->last_ns > recorder->last_wall_ns)
        recorder->last_wall_ns = sheaf->last_ns;
    set_due(recorder, was_empty, mono_ns);
}

static bool take_round(struct nta_recorder *recorder)
{
    bool any = false;

    for (size_t i = 0; i < recorder->options.n_workers; i++) {
        struct nta_outbox *outbox = &recorder->options.workers[i]->outbox;
        struct nta_batch *sheaf = nta_outbox_take(outbox);

        if (!sheaf)
            continue;
        any = true;
        take_sheaf(recorder, sheaf, nta_clock_mono_ns());
        nta_outbox_give_back(outbox, sheaf);
    }
    return any;
}

/** What the sensor did not see since the last time, by reason.  Live, "nothing" is a statement, too. */
static void record_loss(struct nta_recorder *recorder, int64_t mono_ns)
{
    struct nta_record_loss losses[NTA_N_COUNTERS];
    int64_t now = recorder->options.files ? recorder->last_wall_ns : nta_clock_wall_ns();
    struct nta_record record = {
        .event = NTA_RECORD_LOSS,
        .time_ns = recorder->loss_from_ns ? recorder->loss_from_ns : now,
        .end_ns = now,
        .losses = losses,
    };

    for (unsigned i = 0; i < NTA_N_COUNTERS; i++) {
        if (!nta_counter_infos[i].is_loss)
            continue;
        uint64_t n = recorder->options.counted(recorder->options.owner, (enum nta_counter)i);
        const char *name = nta_counter_infos[i].name;

        if (n > recorder->lost[i])
            losses[record.n_losses++] = (struct nta_record_loss){
                .reason = {(const uint8_t *)name, strlen(name)},
                .n = n - recorder->lost[i],
            };
        recorder->lost[i] = n;
    }
    recorder->loss_mono_ns = mono_ns;
    recorder->loss_from_ns = now;
    if (record.n_losses == 0 && recorder->options.files)
        return;
    bool was_empty = recorder->batch.n_records == 0;

    if (nta_batch_add(&recorder->batch, &record) == -E2BIG) {
        close_batch(recorder);
        was_empty = true;
        (void)nta_batch_add(&recorder->batch, &record);
    }
    nta_count(&recorder->counters, NTA_COUNTER_RECORDS, 1);
    set_due(recorder, was_empty, mono_ns);
}

/** A second is over: was it the worst? */
static void look_for_peak(struct nta_recorder *recorder, int64_t mono_ns)
{
    const struct nta_recorder_options *options = &recorder->options;
    uint64_t ring = options->counted(options->owner, NTA_COUNTER_DROP_RING);
    uint64_t lost = ring + options->counted(options->owner, NTA_COUNTER_DROP_KERNEL) +
                    options->counted(options->owner, NTA_COUNTER_DROP_INTERFACE);
    uint64_t seen = options->counted(options->owner, NTA_COUNTER_RECEIVED) - ring;

    recorder->peak_mono_ns = mono_ns;
    (void)pthread_mutex_lock(&recorder->peak_lock);
    bool worst = nta_peak_take(&recorder->peak, nta_clock_wall_ns(), lost, seen);
    const struct nta_peak peak = recorder->peak;

    (void)pthread_mutex_unlock(&recorder->peak_lock);
    if (worst)
        nta_log_notice("the worst second so far: %llu of %llu packets were lost",
                       (unsigned long long)peak.lost, (unsigned long long)(peak.lost + peak.seen));
}

/** Sleep until a sheaf comes, something is due, or the end is near. */
static void rest(struct nta_recorder *recorder)
{
    uint32_t key = nta_wake_prepare(recorder->options.wake);

    /* what was said before the wake was prepared would wake nobody */
    if (!take_round(recorder) && !atomic_load_explicit(&recorder->finish, memory_order_acquire))
        nta_wake_sleep(recorder->options.wake, key, IDLE_NS);
}

/** Take what is there and do what is due; false if nothing was there. */
static bool turn(struct nta_recorder *recorder)
{
    bool any = take_round(recorder);
    int64_t mono_ns = nta_clock_mono_ns();

    if (!recorder->options.files && mono_ns - recorder->peak_mono_ns >= PEAK_NS)
        look_for_peak(recorder, mono_ns);
    if (!recorder->options.files && mono_ns - recorder->loss_mono_ns >= LOSS_NS)
        record_loss(recorder, mono_ns);
    if (recorder->batch.n_records > 0 && mono_ns >= recorder->due_mono_ns)
        close_batch(recorder);
    return any;
}

static bool is_behind(const struct nta_recorder *recorder)
{
    for (size_t i = 0; i < recorder->options.n_workers; i++)
        if (nta_outbox_is_short(&recorder->options.workers[i]->outbox))
            return true;
    return false;
}

void *nta_recorder_run_idly(void *self)
{
    struct nta_recorder *recorder = self;
    const struct sched_param none = {0};

    (void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &none); /* a refusal does not matter */
    while (!is_behind(recorder) && !atomic_load_explicit(&recorder->finish, memory_order_acquire))
        if (!turn(recorder))
            rest(recorder);
    return NULL;
}

void *nta_recorder_run(void *self)
{
    struct nta_recorder *recorder = self;
    bool finishing = false;

    for (;;) {
        if (turn(recorder))
            continue;
        if (finishing)
            break;
        /* one more round after the flag was seen: all was handed over before it was set */
        finishing = atomic_load_explicit(&recorder->finish, memory_order_acquire);
        if (!finishing)
            rest(recorder);
    }
    record_loss(recorder, nta_clock_mono_ns());
    close_batch(recorder);
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

int nta_recorder_result(const struct nta_recorder *recorder, struct nta_err *err)
{
    if (recorder->result < 0 && err)
        *err = recorder->err;
    return recorder->result;
}

const struct nta_counters *nta_recorder_counters(const struct nta_recorder *recorder)
{
    return &recorder->counters;
}

struct nta_peak nta_recorder_peak(struct nta_recorder *recorder)
{
    (void)pthread_mutex_lock(&recorder->peak_lock);
    struct nta_peak peak = recorder->peak;

    (void)pthread_mutex_unlock(&recorder->peak_lock);
    return peak;
}

uint64_t nta_recorder_last(const struct nta_recorder *recorder)
{
    return atomic_load_explicit(&recorder->last, memory_order_relaxed);
}
