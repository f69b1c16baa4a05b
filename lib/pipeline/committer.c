/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/committer.h"

#include "base/memory/memory.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/runtime/thread.h"
#include "ring/ring.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define TEND_NS      (NTA_NS_PER_S / 2)
#define BUSY_TEND_NS (2 * NTA_NS_PER_S) /* also where batches never end */
#define PAUSE_MIN_NS (NTA_NS_PER_S / 4)
#define PAUSE_MAX_NS (4 * NTA_NS_PER_S)

struct nta_committer
{
    struct nta_committer_options options;
    struct nta_counters counters;
    struct nta_ring todo, back;
    struct nta_wake wake; ///< The thread sleeps on it.
    struct nta_thread thread;
    _Atomic bool is_failing, finish;
    _Atomic int64_t finish_mono_ns;
    int64_t tended_mono_ns; ///< The thread's.
    /* whoever commits */
    bool has_given_up;
    int result;
    struct nta_err err;
};

void nta_committer_free(struct nta_committer **committer)
{
    struct nta_committer *dead = NTA_TAKE(*committer);

    if (!dead)
        return;
    nta_commit_close(&dead->options.commit);
    nta_retain_free(&dead->options.retain);
    nta_ring_done(&dead->todo);
    nta_ring_done(&dead->back);
    free(dead);
}

int nta_committer_new(const struct nta_committer_options *options,
                      struct nta_committer **ret_committer, struct nta_err *err)
{
    struct nta_committer *committer =
        nta_memory_new(sizeof(*committer), _Alignof(struct nta_committer));
    int r = committer ? 0 : -ENOMEM;

    if (committer) {
        committer->options = *options;
        r = nta_ring_init(&committer->todo, options->n_batches);
    }
    if (r == 0)
        r = nta_ring_init(&committer->back, options->n_batches);
    if (r < 0) {
        if (committer) { /* they are the caller's still */
            committer->options.commit = NULL;
            committer->options.retain = NULL;
        }
        nta_committer_free(&committer);
        return nta_err_sys(err, r, "recorder");
    }
    *ret_committer = committer;
    return 0;
}

struct nta_commit *nta_committer_commit(struct nta_committer *committer)
{
    return committer->options.commit;
}

struct nta_retain *nta_committer_retain(struct nta_committer *committer)
{
    return committer->options.retain;
}

/** Say it once: the health table does, or the log. */
static void report_failure(struct nta_committer *committer, const struct nta_err *err)
{
    nta_health_set(committer->options.health, NTA_CAUSE_STORE, err->text);
    if (!committer->options.health && !committer->options.files &&
        !atomic_load_explicit(&committer->is_failing, memory_order_relaxed))
        nta_log_error("records cannot be stored, trying on: %s", err->text);
    atomic_store_explicit(&committer->is_failing, true, memory_order_relaxed);
}

static void report_success(struct nta_committer *committer)
{
    nta_health_set(committer->options.health, NTA_CAUSE_STORE, NULL);
    if (!committer->options.health &&
        atomic_load_explicit(&committer->is_failing, memory_order_relaxed))
        nta_log_notice("records are stored again");
    atomic_store_explicit(&committer->is_failing, false, memory_order_relaxed);
}

/** It will not be stored any more: keep the first reason. */
static void give_up(struct nta_committer *committer, int r, const struct nta_err *err)
{
    if (committer->result == 0) {
        committer->result = r;
        committer->err = *err;
    }
    committer->has_given_up = !committer->options.files;
}

static bool is_late(const struct nta_committer *committer)
{
    return atomic_load_explicit(&committer->finish, memory_order_acquire) &&
           nta_clock_mono_ns() -
                   atomic_load_explicit(&committer->finish_mono_ns, memory_order_relaxed) >=
               NTA_COMMITTER_PATIENCE_NS;
}

/** Sleep for a while, or until the end is asked for; `for_work`: or until something comes. */
static void rest(struct nta_committer *committer, int64_t pause_ns, bool for_work)
{
    int64_t until_ns = nta_clock_mono_ns() + pause_ns, left_ns = pause_ns;

    do {
        uint32_t key = nta_wake_prepare(&committer->wake);

        if ((for_work && nta_ring_len(&committer->todo) > 0) || (!for_work && is_late(committer)))
            return;
        nta_wake_sleep(&committer->wake, key, left_ns);
        left_ns = until_ns - nta_clock_mono_ns();
    } while (!for_work && left_ns > 0 &&
             !atomic_load_explicit(&committer->finish, memory_order_acquire));
}

/** False: the store is at its bound, which leaves no room for a batch of this class. */
static bool has_room(struct nta_committer *committer, const struct nta_closed *closed)
{
    const struct nta_retain *retain = committer->options.retain;

    if (!retain || nta_retain_takes(retain, closed->batch.class))
        return true;
    nta_count(&committer->counters, NTA_COUNTER_RECORD_FULL, closed->batch.n_records);
    return false;
}

void nta_committer_store(struct nta_committer *committer, struct nta_closed *closed)
{
    const struct nta_commit_batch batch = {
        .records = &closed->batch, .packed = &closed->packed, .is_last = closed->is_last};
    struct nta_committed committed = {0};
    struct nta_err err = {0};
    int64_t pause_ns = PAUSE_MIN_NS;

    closed->number = 0;
    if (!has_room(committer, closed))
        return;
    while (!committer->has_given_up) {
        int r = nta_commit_try(committer->options.commit, &batch, &committed, &err);

        if (r == 0) {
            report_success(committer);
            if (committer->options.retain)
                nta_retain_took(committer->options.retain, committed.n_bytes);
            closed->number = committed.number;
            nta_count(&committer->counters, NTA_COUNTER_BATCHES, 1);
            nta_count(&committer->counters, NTA_COUNTER_BATCH_BYTES, committed.n_bytes);
            nta_count(&committer->counters, NTA_COUNTER_RECORD_STORED, closed->batch.n_records);
            return;
        }
        nta_count(&committer->counters, NTA_COUNTER_STORE_ERRORS, 1);
        report_failure(committer, &err);
        if (committer->options.files || is_late(committer)) {
            give_up(committer, r, &err);
            break;
        }
        rest(committer, pause_ns, false);
        pause_ns = pause_ns < PAUSE_MAX_NS / 2 ? pause_ns * 2 : PAUSE_MAX_NS;
    }
    nta_count(&committer->counters, NTA_COUNTER_RECORD_LOST, closed->batch.n_records);
}

/** What is to be seen to beside the batches; gives when next. */
static int64_t tend(struct nta_committer *committer)
{
    int64_t pause_ns = TEND_NS;

    nta_commit_tend(committer->options.commit);
    if (committer->options.retain)
        pause_ns = nta_retain_tend(committer->options.retain, committer->options.commit);
    committer->tended_mono_ns = nta_clock_mono_ns();
    return pause_ns < TEND_NS ? pause_ns : TEND_NS;
}

static void *run(void *arg)
{
    struct nta_committer *committer = arg;
    bool finishing = false;
    int64_t pause_ns;

    for (;;) {
        struct nta_closed *closed = nta_ring_pop(&committer->todo);

        nta_thread_wait(); /* mostly for a disk */
        if (closed) {
            nta_committer_store(committer, closed);
            (void)nta_ring_push(&committer->back, closed); /* as large as the other */
            nta_wake_signal(committer->options.wake);
            if (nta_clock_mono_ns() - committer->tended_mono_ns < BUSY_TEND_NS)
                continue;
        }
        if (finishing && !closed)
            break;
        pause_ns = tend(committer);
        /* one more look after the flag was seen: all was handed over before it was set */
        finishing = atomic_load_explicit(&committer->finish, memory_order_acquire);
        if (!finishing && pause_ns > 0)
            rest(committer, pause_ns, true);
    }
    return NULL;
}

int nta_committer_start(struct nta_committer *committer)
{
    return nta_thread_start(
        &(struct nta_thread_options){.name = "nta-committer", .is_watched = true}, run, committer,
        &committer->thread);
}

void nta_committer_push(struct nta_committer *committer, struct nta_closed *closed)
{
    (void)nta_ring_push(&committer->todo, closed); /* never more than n_batches are about */
    nta_wake_signal(&committer->wake);
}

struct nta_closed *nta_committer_pop(struct nta_committer *committer)
{
    return nta_ring_pop(&committer->back);
}

bool nta_committer_is_failing(const struct nta_committer *committer)
{
    return atomic_load_explicit(&committer->is_failing, memory_order_relaxed);
}

void nta_committer_finish(struct nta_committer *committer)
{
    atomic_store_explicit(&committer->finish_mono_ns, nta_clock_mono_ns(), memory_order_relaxed);
    atomic_store_explicit(&committer->finish, true, memory_order_release);
    nta_wake_signal(&committer->wake);
}

void nta_committer_join(struct nta_committer *committer)
{
    nta_thread_join(&committer->thread);
}

int nta_committer_result(const struct nta_committer *committer, struct nta_err *err)
{
    if (committer->result < 0 && err)
        *err = committer->err;
    return committer->result;
}

const struct nta_counters *nta_committer_counters(const struct nta_committer *committer)
{
    return &committer->counters;
}
