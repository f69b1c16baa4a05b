/* SPDX-License-Identifier: Apache-2.0 */
#include "store/walk_ahead.h"

#include "base/own.h"
#include "base/runtime/thread.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum
{
    HELPERS = 3,
    BACKLOG = 4, ///< For fewer than these nobody is woken, which takes longer than a small row,
    SMALL_BYTES = 16 * 1024, ///< as one is that has no more than that.
    KEPT_BYTES = 1024 * 1024 ///< Of a place that is free.
};

struct nta_walk_ahead
{
    struct nta_walk_slot slots[NTA_AHEAD_ROWS]; ///< The i-th is at i % NTA_AHEAD_ROWS.
    size_t n_bytes;                             ///< Of those that are put and not dropped.
    struct nta_thread helpers[HELPERS];
    pthread_mutex_t lock;             ///< For what follows, and `is_done` of each.
    pthread_cond_t put, done;         ///< One was.
    size_t n_put, n_begun, n_dropped; ///< `n_dropped` and `n_put` are the walking thread's.
    bool stop;
};

static struct nta_walk_slot *slot_of(struct nta_walk_ahead *ahead, size_t i)
{
    return &ahead->slots[i % NTA_AHEAD_ROWS];
}

static void find_out(struct nta_walk_slot *slot)
{
    const struct nta_stored *stored = &slot->stored;
    struct nta_stored_facts *facts = &slot->facts;

    if (stored->faults & NTA_ROW_HEADER)
        return;
    facts->has_tokens = slot->row.has[NTA_PART_TOKENS];
    facts->tokens_hold =
        facts->has_tokens && nta_hash_is(stored->sealed.tokens, stored->header.tokens_hash);
    facts->has_body = slot->row.has[NTA_PART_BODY];
    facts->body_holds =
        facts->has_body && nta_hash_is(stored->sealed.body, stored->header.body_hash);
    facts->is_signed = facts->has_key && nta_header_signed(&stored->sealed, facts->key);
}

/** The oldest that nobody has begun.  With the lock, which is given back meanwhile. */
static void work(struct nta_walk_ahead *ahead)
{
    struct nta_walk_slot *slot = slot_of(ahead, ahead->n_begun++);

    (void)pthread_mutex_unlock(&ahead->lock);
    find_out(slot);
    (void)pthread_mutex_lock(&ahead->lock);
    slot->is_done = true;
    (void)pthread_cond_signal(&ahead->done); /* the walking thread alone waits for that */
}

static void *help(void *owner)
{
    struct nta_walk_ahead *ahead = owner;

    (void)pthread_mutex_lock(&ahead->lock);
    while (!ahead->stop) {
        if (ahead->n_begun < ahead->n_put)
            work(ahead);
        else
            (void)pthread_cond_wait(&ahead->put, &ahead->lock);
    }
    (void)pthread_mutex_unlock(&ahead->lock);
    return NULL;
}

int nta_walk_ahead_start(struct nta_walk_ahead **ret_ahead)
{
    const struct nta_thread_options options = {.name = "nta-hash"};
    struct nta_walk_ahead *ahead = calloc(1, sizeof(*ahead));
    const long n_cpus = sysconf(_SC_NPROCESSORS_ONLN);

    if (!ahead)
        return -ENOMEM;
    (void)pthread_mutex_init(&ahead->lock, NULL);
    (void)pthread_cond_init(&ahead->put, NULL);
    (void)pthread_cond_init(&ahead->done, NULL);
    for (long i = 0; i < HELPERS && i + 1 < n_cpus; i++) /* without them it takes longer */
        (void)nta_thread_start(&options, help, ahead, &ahead->helpers[i]);
    *ret_ahead = ahead;
    return 0;
}

void nta_walk_ahead_free(struct nta_walk_ahead **ahead)
{
    struct nta_walk_ahead *dead = NTA_TAKE(*ahead);

    if (!dead)
        return;
    (void)pthread_mutex_lock(&dead->lock);
    dead->stop = true;
    (void)pthread_cond_broadcast(&dead->put);
    (void)pthread_mutex_unlock(&dead->lock);
    for (size_t i = 0; i < HELPERS; i++)
        nta_thread_join(&dead->helpers[i]);
    for (size_t i = 0; i < NTA_AHEAD_ROWS; i++)
        nta_buf_done(&dead->slots[i].row.bytes);
    (void)pthread_mutex_destroy(&dead->lock);
    (void)pthread_cond_destroy(&dead->put);
    (void)pthread_cond_destroy(&dead->done);
    free(dead);
}

struct nta_walk_slot *nta_walk_ahead_place(struct nta_walk_ahead *ahead)
{
    const size_t n = ahead->n_put - ahead->n_dropped;

    return n == NTA_AHEAD_ROWS || (n > 0 && ahead->n_bytes >= NTA_AHEAD_BYTES)
               ? NULL
               : slot_of(ahead, ahead->n_put);
}

void nta_walk_ahead_put(struct nta_walk_ahead *ahead)
{
    struct nta_walk_slot *slot = slot_of(ahead, ahead->n_put);

    slot->stored.facts = &slot->facts;
    slot->n_bytes = slot->row.bytes.len;
    ahead->n_bytes += slot->n_bytes;
    (void)pthread_mutex_lock(&ahead->lock);
    slot->is_done = false;
    ahead->n_put++;
    if (ahead->n_put - ahead->n_begun >= BACKLOG || slot->n_bytes > SMALL_BYTES)
        (void)pthread_cond_signal(&ahead->put);
    (void)pthread_mutex_unlock(&ahead->lock);
}

struct nta_walk_slot *nta_walk_ahead_front(struct nta_walk_ahead *ahead)
{
    struct nta_walk_slot *slot = slot_of(ahead, ahead->n_dropped);

    if (ahead->n_dropped == ahead->n_put)
        return NULL;
    (void)pthread_mutex_lock(&ahead->lock);
    while (!slot->is_done) {
        if (ahead->n_begun < ahead->n_put)
            work(ahead);
        else
            (void)pthread_cond_wait(&ahead->done, &ahead->lock);
    }
    (void)pthread_mutex_unlock(&ahead->lock);
    return slot;
}

void nta_walk_ahead_drop(struct nta_walk_ahead *ahead)
{
    struct nta_walk_slot *slot = slot_of(ahead, ahead->n_dropped);

    assert(ahead->n_dropped < ahead->n_put);
    ahead->n_bytes -= slot->n_bytes;
    if (slot->row.bytes.size > KEPT_BYTES)
        nta_buf_done(&slot->row.bytes);
    ahead->n_dropped++;
}
