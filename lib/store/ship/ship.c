/* SPDX-License-Identifier: Apache-2.0 */
#include "store/ship/ship.h"

#include "base/hash.h"
#include "base/memory/memory.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/runtime/thread.h"
#include "store/ship/ship_round.h"
#include "store/walk.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAUSE_MIN_NS (1 * NTA_NS_PER_S)
#define PAUSE_MAX_NS (60 * NTA_NS_PER_S)
#define SLOW_NS      (2 * NTA_NS_PER_S)
#define LOOK_NS      (10 * NTA_NS_PER_S) /* without a call to wake */

struct nta_ship
{
    struct nta_ship_options options;
    struct nta_thread thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_woken, is_stopping; ///< Under the lock, as the next.
    int64_t deadline_ns;        ///< Monotonic; when stopping.
    atomic_bool is_connected;

    /* the thread's own */
    struct nta_shipment shipment;
    struct nta_hash_key jitter;
    unsigned n_failures;  ///< Since the last success.
    int reported;         ///< The error of the outage that was logged, 0: none is going on.
    int64_t out_since_ns; ///< Monotonic.
};

/** Sleep until `is_woken` (if `on_wake`), the stop, or `wait_ns` from now. */
static void sleep_for(struct nta_ship *ship, int64_t wait_ns, bool on_wake)
{
    int64_t until_ns = nta_clock_mono_ns() + wait_ns;
    struct timespec until;
    bool was_stopping;
    int result = 0;

    (void)pthread_mutex_lock(&ship->lock);
    was_stopping = ship->is_stopping;
    if (was_stopping && until_ns > ship->deadline_ns)
        until_ns = ship->deadline_ns;
    until = (struct timespec){.tv_sec = (time_t)(until_ns / NTA_NS_PER_S),
                              .tv_nsec = (long)(until_ns % NTA_NS_PER_S)};
    while (result == 0 && ship->is_stopping == was_stopping && !(on_wake && ship->is_woken))
        result = pthread_cond_timedwait(&ship->changed, &ship->lock, &until);
    if (on_wake)
        ship->is_woken = false;
    (void)pthread_mutex_unlock(&ship->lock);
}

static bool is_stopping(struct nta_ship *ship, bool *ret_is_late)
{
    bool stopping;

    (void)pthread_mutex_lock(&ship->lock);
    stopping = ship->is_stopping;
    *ret_is_late = stopping && nta_clock_mono_ns() >= ship->deadline_ns;
    (void)pthread_mutex_unlock(&ship->lock);
    return stopping;
}

static uint64_t count_waiting(struct nta_ship *ship)
{
    const struct nta_store_query query = {.sensor = ship->options.sensor,
                                          .from_number = ship->shipment.acked + 1};
    uint64_t n_waiting = 0;

    if (ship->shipment.journal)
        (void)nta_store_count(ship->shipment.journal, &query, &n_waiting, NULL);
    return n_waiting;
}

static void report_failure(struct nta_ship *ship, int result, const struct nta_err *err)
{
    if (ship->reported == 0)
        ship->out_since_ns = nta_clock_mono_ns();
    nta_health_set(ship->options.health, NTA_CAUSE_MYSQL, err->text);
    if (ship->reported == result)
        return; /* once for each reason */
    ship->reported = result;
    if (!ship->options.health) /* which says so itself */
        nta_log_warning("records stay in the journal and are sent later: %s", err->text);
}

static void report_success(struct nta_ship *ship, uint64_t n_shipped)
{
    nta_health_set(ship->options.health, NTA_CAUSE_MYSQL, NULL);
    if (ship->reported != 0)
        nta_log_notice("MySQL takes records again after %" PRId64 " s; %" PRIu64
                       " batches were waiting",
                       (nta_clock_mono_ns() - ship->out_since_ns) / NTA_NS_PER_S,
                       n_shipped + count_waiting(ship));
    ship->reported = 0;
    ship->n_failures = 0;
}

/**
 * 1 s, then double up to 60 s, each a quarter more or less, so that many sensors do not come back
 * together.
 */
static int64_t get_pause(const struct nta_ship *ship)
{
    unsigned doublings = ship->n_failures < 8 ? ship->n_failures - 1 : 7;
    int64_t pause_ns = PAUSE_MIN_NS << doublings;
    uint64_t random =
        nta_hash_words(&ship->jitter, ship->n_failures, (uint64_t)nta_clock_mono_ns());

    if (pause_ns > PAUSE_MAX_NS)
        pause_ns = PAUSE_MAX_NS;
    return pause_ns * 3 / 4 + (int64_t)(random % (uint64_t)(pause_ns / 2));
}

static void handle_failure(struct nta_ship *ship, int result, int64_t took_ns,
                           const struct nta_err *err)
{
    bool is_late, was_connected = atomic_exchange(&ship->is_connected, false);

    nta_count(&ship->shipment.counters, NTA_COUNTER_SHIP_ERRORS, 1);
    ship->shipment.is_agreed = false;
    /* a connection that the server ended while it was idle: no outage yet; one that hangs is one */
    if (was_connected && result == -ENOTCONN && took_ns < SLOW_NS)
        return;
    ship->n_failures++;
    report_failure(ship, result, err);
    sleep_for(ship, is_stopping(ship, &is_late) ? PAUSE_MIN_NS : get_pause(ship), false);
}

static void *run(void *owner)
{
    struct nta_ship *ship = owner;
    bool is_late;

    while (!(is_stopping(ship, &is_late) && is_late)) {
        struct nta_err err = {0};
        bool stopping = is_stopping(ship, &is_late);
        int64_t began_ns = nta_clock_mono_ns();
        int result = nta_ship_round(&ship->shipment, &err);

        if (result < 0) {
            handle_failure(ship, result, nta_clock_mono_ns() - began_ns, &err);
            continue;
        }
        atomic_store(&ship->is_connected, true);
        report_success(ship, result > 0 ? ship->shipment.parcel.n_batches : 0);
        if (result > 0)
            continue;
        if (stopping)
            break; /* told to stop before this look, and nothing is left */
        sleep_for(ship, LOOK_NS, true);
    }
    nta_store_close(&ship->shipment.mysql);
    nta_store_thread_done();
    return NULL;
}

static void ship_free(struct nta_ship **ship)
{
    struct nta_ship *dead = NTA_TAKE(*ship);

    if (!dead)
        return;
    nta_shipment_done(&dead->shipment);
    (void)pthread_cond_destroy(&dead->changed);
    (void)pthread_mutex_destroy(&dead->lock);
    free(dead);
}

int nta_ship_start(const struct nta_ship_options *options, struct nta_ship **ret_ship,
                   struct nta_err *err)
{
    /* the counters want a cache line of their own */
    NTA_AUTO(ship_free)
    struct nta_ship *ship = nta_memory_new(sizeof(*ship), _Alignof(struct nta_ship));
    pthread_condattr_t attributes;
    int result;

    if (!ship)
        return nta_err_set(err, -ENOMEM, "out of memory");
    ship->options = *options;
    ship->shipment.options = &ship->options;
    ship->shipment.kept = options->kept;
    ship->shipment.had = options->acked;
    (void)pthread_mutex_init(&ship->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&ship->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    result = nta_hash_key_random(&ship->jitter);
    if (result < 0)
        return nta_err_sys(err, result, "cannot start the shipper");
    result = nta_store_open_sqlite(options->journal_path, true, &ship->shipment.journal, err);
    if (result < 0)
        return result;
    result = nta_thread_start(&(struct nta_thread_options){.name = "nta-ship"}, run, ship,
                              &ship->thread);
    if (result < 0)
        return nta_err_sys(err, result, "cannot start the shipper");
    *ret_ship = NTA_TAKE(ship);
    return 0;
}

void nta_ship_wake(struct nta_ship *ship)
{
    int64_t none = 0;

    /* also while no server is reached, so that the lag grows from the first batch that waits */
    (void)atomic_compare_exchange_strong(&ship->shipment.oldest_ns, &none, nta_clock_wall_ns());
    (void)pthread_mutex_lock(&ship->lock);
    ship->is_woken = true;
    (void)pthread_cond_signal(&ship->changed);
    (void)pthread_mutex_unlock(&ship->lock);
}

void nta_ship_stop(struct nta_ship **ship, int64_t drain_ns)
{
    NTA_AUTO(ship_free) struct nta_ship *dead = NTA_TAKE(*ship);

    if (!dead)
        return;
    (void)pthread_mutex_lock(&dead->lock);
    dead->is_stopping = true;
    dead->deadline_ns = nta_clock_mono_ns() + drain_ns;
    (void)pthread_cond_signal(&dead->changed);
    (void)pthread_mutex_unlock(&dead->lock);
    nta_thread_join(&dead->thread);
}

const struct nta_counters *nta_ship_counters(const struct nta_ship *ship)
{
    return &ship->shipment.counters;
}

int64_t nta_ship_lag_ns(const struct nta_ship *ship, int64_t wall_ns)
{
    int64_t oldest_ns = atomic_load_explicit(&ship->shipment.oldest_ns, memory_order_relaxed);

    return oldest_ns != 0 && wall_ns > oldest_ns ? wall_ns - oldest_ns : 0;
}

bool nta_ship_connected(const struct nta_ship *ship)
{
    return atomic_load(&ship->is_connected);
}
