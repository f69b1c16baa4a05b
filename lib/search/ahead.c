/* SPDX-License-Identifier: Apache-2.0 */
#include "search/ahead.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/thread.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum
{
    N_SEALED = 2 * NTA_STORES_GROUP, ///< So that one group is fetched while the other is opened.
    N_OPENED = 3,
    WAIT_MS = 100,
    STOP = 1
};

/** A batch as it was fetched. */
struct sealed
{
    struct nta_header header;
    struct nta_verdict verdict;
    bool is_dropped;      ///< It was not proved.
    struct nta_buf bytes; ///< Header, signature, tokens and body behind each other,
    size_t lens[4];       ///< so long.
};

struct nta_ahead
{
    struct nta_ahead_options options;
    struct nta_store_watch watch;
    struct sealed sealed[N_SEALED];
    struct nta_ahead_batch opened[N_OPENED];
    struct nta_thread walker, opener;
    pthread_mutex_t lock;   ///< For all that follows.
    pthread_cond_t changed; ///< One of these was.
    /* of sealed batches, i % N_SEALED: fetched; of these proved, or not; of these opened, or
     * dropped */
    size_t n_fetched, n_settled, n_done;
    /* of opened batches, i % N_OPENED: opened; of these given back */
    size_t n_given, n_taken;
    bool is_lent;            ///< The opened batch n_taken is with the caller.
    bool is_walked, is_over; ///< Nothing more is fetched; nothing more comes.
    int result;              ///< Of the walk, and
    struct nta_err err;      ///< why.
};

static bool is_stopped(const struct nta_ahead *ahead)
{
    return atomic_load_explicit(&ahead->watch.stop, memory_order_relaxed);
}

/** A place that is not in use, or NULL: stop. */
static struct sealed *wait_for_place(struct nta_ahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
    while (ahead->n_fetched - ahead->n_done == N_SEALED && !is_stopped(ahead))
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    (void)pthread_mutex_unlock(&ahead->lock);
    return is_stopped(ahead) ? NULL : &ahead->sealed[ahead->n_fetched % N_SEALED];
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
    const struct nta_sealed *from = &stored->sealed;
    const struct nta_span parts[] = {from->header, from->signature, from->tokens, from->body};
    struct nta_buf other;
    struct sealed *sealed = wait_for_place(ahead);

    (void)err;
    if (!sealed)
        return STOP;
    for (size_t i = 0; i < NTA_N_ELEMENTS(parts); i++)
        sealed->lens[i] = parts[i].len;
    other = sealed->bytes; /* the walk goes on with the buffer that was here */
    sealed->bytes = *stored->bytes;
    *stored->bytes = other;
    sealed->header = stored->header;
    sealed->verdict = *verdict;
    sealed->is_dropped = false;
    if (verdict->ticket == 0) { /* proved, and so is all before it: or nobody asked for that */
        assert(ahead->n_settled == ahead->n_fetched);
        count(ahead, &ahead->n_settled);
    }
    count(ahead, &ahead->n_fetched);
    return 0;
}

/** A ticket of which no batch was given (its body did not hold) is none of ours. */
static void on_settled(void *owner, uint64_t ticket, bool is_signed)
{
    struct nta_ahead *ahead = owner;
    struct sealed *sealed = &ahead->sealed[ahead->n_settled % N_SEALED];

    if (ahead->n_settled == ahead->n_fetched || sealed->verdict.ticket != ticket)
        return;
    sealed->is_dropped = !is_signed;
    count(ahead, &ahead->n_settled);
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
        .tokens = ahead->options.tokens,
        .narrows = ahead->options.narrows,
        .wants = ahead->options.wants,
        .wants_owner = ahead->options.owner,
        .each = on_batch,
        .settled = on_settled,
        .owner = ahead,
    };
    int result = nta_stores_each(ahead->options.stores, &all, &ahead->err);

    ahead->result = result < 0 ? result : 0; /* read when this thread has ended */
    set(ahead, &ahead->is_walked);
    nta_store_thread_done();
    return NULL;
}

/* ---- the opener ---- */

/**
 * The next that is proved and not opened, once there is a place for it; NULL: there is none, and
 * none comes.
 */
static const struct sealed *wait_for_proved(struct nta_ahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
    while (!is_stopped(ahead) && (ahead->n_given - ahead->n_taken == N_OPENED ||
                                  (ahead->n_done == ahead->n_settled && !ahead->is_walked)))
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    bool is_there = ahead->n_done < ahead->n_settled && !is_stopped(ahead);

    (void)pthread_mutex_unlock(&ahead->lock);
    return is_there ? &ahead->sealed[ahead->n_done % N_SEALED] : NULL;
}

/** A batch that does not open is empty: that is said. */
static void open_sealed(struct nta_ahead *ahead, const struct sealed *from,
                        struct nta_ahead_batch *ret_opened)
{
    const struct nta_finding_at at = {.sensor = from->header.sensor, .number = from->header.number};
    struct nta_sealed sealed;
    struct nta_span *parts[] = {&sealed.header, &sealed.signature, &sealed.tokens, &sealed.body};
    struct nta_err trouble;
    size_t offset = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(parts); i++) {
        *parts[i] = (struct nta_span){.ptr = from->bytes.ptr + offset, .len = from->lens[i]};
        offset += from->lens[i];
    }
    ret_opened->header = from->header;
    ret_opened->verdict = from->verdict;
    struct nta_wrapped_keys *wrapped = ahead->options.stores->wrapped;

    nta_wrapped_keys_lock(wrapped); /* keys and tokens are made while batches are opened */
    const bool has_key = nta_opener_has_key(ahead->options.opener, from->header.data_key);
    int r = nta_opener_read(ahead->options.opener, &sealed, &ret_opened->batch, &trouble);

    nta_wrapped_keys_unlock(wrapped);
    if (r < 0 && from->verdict.shows)
        nta_findings_add(ahead->options.stores->findings,
                         has_key ? NTA_FINDING_OPENED : NTA_FINDING_KEY_CLOSED, &at, NULL);
}

static void *open_all(void *owner)
{
    struct nta_ahead *ahead = owner;
    const struct sealed *sealed;

    while ((sealed = wait_for_proved(ahead))) {
        bool is_dropped = sealed->is_dropped;

        if (!is_dropped)
            open_sealed(ahead, sealed, &ahead->opened[ahead->n_given % N_OPENED]);
        count(ahead, &ahead->n_done);
        if (!is_dropped)
            count(ahead, &ahead->n_given);
    }
    set(ahead, &ahead->is_over);
    return NULL;
}

static int start_threads(struct nta_ahead *ahead)
{
    const struct nta_thread_options opening = {.name = "nta-open", .takes_sigbus = true};
    const struct nta_thread_options walking = {.name = "nta-walk", .takes_sigbus = true};
    int r = nta_thread_start(&opening, open_all, ahead, &ahead->opener);

    return r < 0 ? r : nta_thread_start(&walking, walk, ahead, &ahead->walker);
}

int nta_ahead_start(const struct nta_ahead_options *options, struct nta_ahead **ret_ahead,
                    struct nta_err *err)
{
    struct nta_ahead *ahead = calloc(1, sizeof(*ahead));
    pthread_condattr_t monotonic;

    if (!ahead)
        return nta_err_sys(err, -ENOMEM, "search");
    ahead->options = *options;
    for (size_t i = 0; i < N_OPENED; i++)
        nta_batch_init(&ahead->opened[i].batch);
    (void)pthread_mutex_init(&ahead->lock, NULL);
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
    const struct nta_ahead_batch *opened = NULL;
    int r = 0;

    (void)pthread_mutex_lock(&ahead->lock);
    give_back(ahead);
    while (ahead->n_given == ahead->n_taken && !ahead->is_over && r == 0)
        r = pthread_cond_timedwait(&ahead->changed, &ahead->lock, &until);
    if (ahead->n_given > ahead->n_taken) {
        opened = &ahead->opened[ahead->n_taken % N_OPENED];
        ahead->is_lent = true;
    }
    *ret_waiting = !opened && !ahead->is_over;
    (void)pthread_mutex_unlock(&ahead->lock);
    return opened;
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
    nta_thread_join(&dead->walker);
    nta_thread_join(&dead->opener);
    result = dead->result;
    if (result < 0 && err)
        *err = dead->err;
    for (size_t i = 0; i < N_OPENED; i++)
        nta_batch_done(&dead->opened[i].batch);
    for (size_t i = 0; i < N_SEALED; i++)
        nta_buf_done(&dead->sealed[i].bytes);
    (void)pthread_mutex_destroy(&dead->lock);
    (void)pthread_cond_destroy(&dead->changed);
    free(dead);
    return result;
}
