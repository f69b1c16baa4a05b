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
    N_SLOTS = 3,
    WAIT_MS = 100,
    STOP = 1
};

struct nta_ahead
{
    struct nta_ahead_options options;
    struct nta_store_watch watch;
    struct nta_ahead_batch slots[N_SLOTS];
    pthread_t thread;
    bool is_started;
    pthread_mutex_t lock;        ///< For all that follows.
    pthread_cond_t given, taken; ///< A slot was filled, or the walk ended; a slot came back.
    size_t n_given, n_taken;     ///< Slots filled, and of these given back: slot i % N_SLOTS.
    bool is_lent;                ///< Slot n_taken is with the caller.
    bool is_over;                ///< Nothing more comes.
    int result;                  ///< Of the walk, and
    struct nta_err err;          ///< why.
};

static bool is_stopped(const struct nta_ahead *ahead)
{
    return atomic_load_explicit(&ahead->watch.stop, memory_order_relaxed);
}

/** A slot that is not in use, or NULL: stop. */
static struct nta_ahead_batch *wait_for_slot(struct nta_ahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
    while (ahead->n_given - ahead->n_taken == N_SLOTS && !is_stopped(ahead))
        (void)pthread_cond_wait(&ahead->taken, &ahead->lock);
    (void)pthread_mutex_unlock(&ahead->lock);
    return is_stopped(ahead) ? NULL : &ahead->slots[ahead->n_given % N_SLOTS];
}

/** 0, and the slot stays free, if it does not open: that is said. */
static int on_batch(void *owner, const struct nta_stored *stored, const struct nta_verdict *verdict,
                    struct nta_err *err)
{
    struct nta_ahead *ahead = owner;
    struct nta_ahead_batch *slot = wait_for_slot(ahead);
    struct nta_err trouble;

    (void)err;
    if (!slot)
        return STOP;
    if (nta_opener_read(ahead->options.opener, &stored->sealed, &slot->batch, &trouble) < 0) {
        if (verdict->shows)
            nta_chain_say(ahead->options.chain, NTA_FINDING_OPENED, &stored->header, NULL);
        return 0;
    }
    slot->header = stored->header;
    slot->verdict = *verdict;
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->n_given++;
    (void)pthread_cond_signal(&ahead->given);
    (void)pthread_mutex_unlock(&ahead->lock);
    return 0;
}

static void *walk(void *owner)
{
    struct nta_ahead *ahead = owner;
    const struct nta_stores_walk all = {
        .chain = ahead->options.chain,
        .opener = ahead->options.opener,
        .marks = ahead->options.marks,
        .watch = &ahead->watch,
        .with_tokens = ahead->options.with_tokens,
        .wants = ahead->options.wants,
        .wants_owner = ahead->options.owner,
        .each = on_batch,
        .owner = ahead,
    };
    int result = nta_stores_each(ahead->options.stores, &all, &ahead->err);

    (void)pthread_mutex_lock(&ahead->lock);
    ahead->result = result < 0 ? result : 0;
    ahead->is_over = true;
    (void)pthread_cond_signal(&ahead->given);
    (void)pthread_mutex_unlock(&ahead->lock);
    nta_store_thread_done();
    return NULL;
}

/** The thread, with signals left to the caller's. */
static int start_thread(struct nta_ahead *ahead)
{
    sigset_t all, before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&ahead->thread, NULL, walk, ahead);

    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    ahead->is_started = r == 0;
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
        nta_batch_init(&ahead->slots[i].batch);
    (void)pthread_mutex_init(&ahead->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&ahead->given, &monotonic);
    (void)pthread_cond_init(&ahead->taken, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    int r = start_thread(ahead);

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
    (void)pthread_cond_signal(&ahead->taken);
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
        r = pthread_cond_timedwait(&ahead->given, &ahead->lock, &until);
    if (ahead->n_given > ahead->n_taken) {
        slot = &ahead->slots[ahead->n_taken % N_SLOTS];
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
    (void)pthread_cond_signal(&dead->taken);
    (void)pthread_mutex_unlock(&dead->lock);
    if (dead->is_started)
        (void)pthread_join(dead->thread, NULL);
    result = dead->result;
    if (result < 0 && err)
        *err = dead->err;
    for (size_t i = 0; i < N_SLOTS; i++)
        nta_batch_done(&dead->slots[i].batch);
    (void)pthread_mutex_destroy(&dead->lock);
    (void)pthread_cond_destroy(&dead->given);
    (void)pthread_cond_destroy(&dead->taken);
    free(dead);
    return result;
}
