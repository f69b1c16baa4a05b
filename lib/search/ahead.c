/* SPDX-License-Identifier: Apache-2.0 */
#include "search/ahead.h"

#include "base/clock.h"
#include "base/own.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum
{
    N_SLOTS = 4,
    WAIT_MS = 100,
    STOP = 1
};

/** A batch on its way: sealed, then opened. */
struct slot
{
    struct nta_ahead_batch batch;
    struct nta_buf bytes; ///< Header, signature, tokens and body behind each other,
    size_t lens[4];       ///< so long.
};

struct nta_ahead
{
    struct nta_ahead_options options;
    struct nta_store_watch watch;
    struct slot slots[N_SLOTS];
    pthread_t walker, opener;
    bool walker_runs, opener_runs;
    pthread_mutex_t opener_lock; ///< For the opener: keys come while batches are opened.
    pthread_mutex_t lock;        ///< For all that follows.
    pthread_cond_t changed;      ///< One of these was.
    size_t n_fetched, n_given,
        n_taken;  ///< Slots filled, of these opened, of these given back: slot i % N_SLOTS.
    bool is_lent; ///< Slot n_taken is with the caller.
    bool is_walked, is_over; ///< Nothing more is fetched; nothing more comes.
    int result;              ///< Of the walk, and
    struct nta_err err;      ///< why.
};

static bool is_stopped(const struct nta_ahead *ahead)
{
    return atomic_load_explicit(&ahead->watch.stop, memory_order_relaxed);
}

/** A slot that is not in use, or NULL: stop. */
static struct slot *wait_for_slot(struct nta_ahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
    while (ahead->n_fetched - ahead->n_taken == N_SLOTS && !is_stopped(ahead))
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    (void)pthread_mutex_unlock(&ahead->lock);
    return is_stopped(ahead) ? NULL : &ahead->slots[ahead->n_fetched % N_SLOTS];
}

/** Count one more and say so. */
static void count(struct nta_ahead *ahead, size_t *counter)
{
    (void)pthread_mutex_lock(&ahead->lock);
    (*counter)++;
    (void)pthread_cond_broadcast(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->lock);
}

static void set(struct nta_ahead *ahead, bool *flag)
{
    (void)pthread_mutex_lock(&ahead->lock);
    *flag = true;
    (void)pthread_cond_broadcast(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->lock);
}

/* ---- the walker ---- */

static int on_batch(void *owner, const struct nta_stored *stored, const struct nta_verdict *verdict,
                    struct nta_err *err)
{
    struct nta_ahead *ahead = owner;
    const struct nta_sealed *sealed = &stored->sealed;
    const struct nta_span parts[] = {sealed->header, sealed->signature, sealed->tokens,
                                     sealed->body};
    struct slot *slot = wait_for_slot(ahead);

    if (!slot)
        return STOP;
    nta_buf_clear(&slot->bytes);
    for (size_t i = 0; i < NTA_N_ELEMENTS(parts); i++) {
        nta_buf_put(&slot->bytes, parts[i].ptr, parts[i].len);
        slot->lens[i] = parts[i].len;
    }
    if (slot->bytes.failed)
        return nta_err_sys(err, -ENOMEM, "search");
    slot->batch.header = stored->header;
    slot->batch.verdict = *verdict;
    count(ahead, &ahead->n_fetched);
    return 0;
}

static void *walk(void *owner)
{
    struct nta_ahead *ahead = owner;
    const struct nta_stores_walk all = {
        .chain = ahead->options.chain,
        .opener = ahead->options.opener,
        .opener_lock = &ahead->opener_lock,
        .marks = ahead->options.marks,
        .watch = &ahead->watch,
        .with_tokens = ahead->options.with_tokens,
        .wants = ahead->options.wants,
        .wants_owner = ahead->options.owner,
        .each = on_batch,
        .owner = ahead,
    };
    int result = nta_stores_each(ahead->options.stores, &all, &ahead->err);

    ahead->result = result < 0 ? result : 0; /* read when this thread has ended */
    set(ahead, &ahead->is_walked);
    nta_store_thread_done();
    return NULL;
}

/* ---- the opener ---- */

/** The next that is fetched and not opened; NULL: there is none, and none comes. */
static struct slot *wait_for_sealed(struct nta_ahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
    while (ahead->n_given == ahead->n_fetched && !ahead->is_walked && !is_stopped(ahead))
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    bool is_there = ahead->n_given < ahead->n_fetched && !is_stopped(ahead);

    (void)pthread_mutex_unlock(&ahead->lock);
    return is_there ? &ahead->slots[ahead->n_given % N_SLOTS] : NULL;
}

/** A batch that does not open is empty: that is said. */
static void open_slot(struct nta_ahead *ahead, struct slot *slot)
{
    const struct nta_finding_at at = {.sensor = slot->batch.header.sensor,
                                      .number = slot->batch.header.number};
    struct nta_sealed sealed;
    struct nta_span *parts[] = {&sealed.header, &sealed.signature, &sealed.tokens, &sealed.body};
    struct nta_err trouble;
    size_t offset = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(parts); i++) {
        *parts[i] = (struct nta_span){.ptr = slot->bytes.ptr + offset, .len = slot->lens[i]};
        offset += slot->lens[i];
    }
    (void)pthread_mutex_lock(&ahead->opener_lock);
    int r = nta_opener_read(ahead->options.opener, &sealed, &slot->batch.batch, &trouble);

    (void)pthread_mutex_unlock(&ahead->opener_lock);
    if (r < 0 && slot->batch.verdict.shows)
        nta_findings_add(ahead->options.stores->findings, NTA_FINDING_OPENED, &at, NULL);
}

static void *open_all(void *owner)
{
    struct nta_ahead *ahead = owner;
    struct slot *slot;

    while ((slot = wait_for_sealed(ahead))) {
        open_slot(ahead, slot);
        count(ahead, &ahead->n_given);
    }
    set(ahead, &ahead->is_over);
    return NULL;
}

/** The threads, with signals left to the caller's. */
static int start_threads(struct nta_ahead *ahead)
{
    sigset_t all, before;

    (void)sigfillset(&all);
    (void)sigdelset(&all, SIGBUS); /* of a mapped file that somebody cut: it has to be told */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&ahead->opener, NULL, open_all, ahead);

    ahead->opener_runs = r == 0;
    if (r == 0)
        r = pthread_create(&ahead->walker, NULL, walk, ahead);
    ahead->walker_runs = ahead->opener_runs && r == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

int nta_ahead_start(const struct nta_ahead_options *options, struct nta_ahead **ret_ahead,
                    struct nta_err *err)
{
    struct nta_ahead *ahead = calloc(1, sizeof(*ahead));
    pthread_condattr_t monotonic;

    if (!ahead)
        return nta_err_sys(err, -ENOMEM, "search");
    ahead->options = *options;
    for (size_t i = 0; i < N_SLOTS; i++)
        nta_batch_init(&ahead->slots[i].batch.batch);
    (void)pthread_mutex_init(&ahead->lock, NULL);
    (void)pthread_mutex_init(&ahead->opener_lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&ahead->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    int r = start_threads(ahead);

    if (r < 0) {
        (void)nta_ahead_stop(&ahead, NULL);
        return nta_err_sys(err, r, "search: a thread");
    }
    *ret_ahead = ahead;
    return 0;
}

static void give_back(struct nta_ahead *ahead)
{
    if (!ahead->is_lent)
        return;
    ahead->is_lent = false;
    ahead->n_taken++;
    (void)pthread_cond_broadcast(&ahead->changed);
}

const struct nta_ahead_batch *nta_ahead_next(struct nta_ahead *ahead, bool *ret_waiting)
{
    int64_t until_ns = nta_clock_mono_ns() + WAIT_MS * NTA_NS_PER_MS;
    const struct timespec until = {.tv_sec = until_ns / NTA_NS_PER_S,
                                   .tv_nsec = until_ns % NTA_NS_PER_S};
    const struct nta_ahead_batch *slot = NULL;
    int r = 0;

    (void)pthread_mutex_lock(&ahead->lock);
    give_back(ahead);
    while (ahead->n_given == ahead->n_taken && !ahead->is_over && r == 0)
        r = pthread_cond_timedwait(&ahead->changed, &ahead->lock, &until);
    if (ahead->n_given > ahead->n_taken) {
        slot = &ahead->slots[ahead->n_taken % N_SLOTS].batch;
        ahead->is_lent = true;
    }
    *ret_waiting = !slot && !ahead->is_over;
    (void)pthread_mutex_unlock(&ahead->lock);
    return slot;
}

uint64_t nta_ahead_passed(const struct nta_ahead *ahead)
{
    return atomic_load_explicit(&ahead->watch.n_batches, memory_order_relaxed);
}

int nta_ahead_stop(struct nta_ahead **ahead, struct nta_err *err)
{
    struct nta_ahead *dead = NTA_TAKE(*ahead);
    int result;

    if (!dead)
        return 0;
    (void)pthread_mutex_lock(&dead->lock);
    atomic_store_explicit(&dead->watch.stop, true, memory_order_relaxed);
    (void)pthread_cond_broadcast(&dead->changed);
    (void)pthread_mutex_unlock(&dead->lock);
    if (dead->walker_runs)
        (void)pthread_join(dead->walker, NULL);
    if (dead->opener_runs)
        (void)pthread_join(dead->opener, NULL);
    result = dead->result;
    if (result < 0 && err)
        *err = dead->err;
    for (size_t i = 0; i < N_SLOTS; i++) {
        nta_batch_done(&dead->slots[i].batch.batch);
        nta_buf_done(&dead->slots[i].bytes);
    }
    (void)pthread_mutex_destroy(&dead->lock);
    (void)pthread_cond_destroy(&dead->changed);
    (void)pthread_mutex_destroy(&dead->opener_lock);
    free(dead);
    return result;
}
