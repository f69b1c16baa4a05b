/* SPDX-License-Identifier: Apache-2.0 */
#include "search/inspect.h"

#include "base/own.h"
#include "base/runtime/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum
{
    KEPT_BYTES = 1024 * 1024 ///< Of a place that is free.
};

/** A batch as it was put, and what was found out of it. */
struct place
{
    struct nta_inspected inspected;
    struct nta_buf bytes; ///< Header, signature, tokens and body behind each other,
    size_t lens[4];       ///< so long.
    int result;           ///< -ENOMEM.
    bool is_done;
};

struct worker
{
    struct nta_inspection *inspection;
    struct nta_opener *opener; ///< Owned.
    struct nta_thread thread;
};

struct nta_inspection
{
    struct nta_wrapped_keys *ring;
    const struct nta_opener *lender;
    nta_inspected_fn *each;
    void *owner;
    struct place places[NTA_INSPECT_PLACES];    ///< The i-th is at i % NTA_INSPECT_PLACES.
    struct worker workers[NTA_INSPECT_THREADS]; ///< The first is whoever puts.
    size_t n_bytes;                             ///< Of those that are put and not told.
    pthread_mutex_t lock;                       ///< For what follows, and `is_done` of each.
    pthread_cond_t put, done;                   ///< One was.
    size_t n_put, n_begun, n_told; ///< `n_put` and `n_told` are changed by whoever puts.
    bool stop;
};

static struct place *place_of(struct nta_inspection *inspection, size_t i)
{
    return &inspection->places[i % NTA_INSPECT_PLACES];
}

/* ---- one batch ---- */

/** Keys are made while batches are opened. */
static int borrow_key(struct worker *worker, const uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    struct nta_inspection *inspection = worker->inspection;

    if (nta_opener_has_key(worker->opener, id))
        return 0;
    nta_wrapped_keys_lock(inspection->ring);
    const int r = nta_opener_lend(inspection->lender, id, worker->opener);

    nta_wrapped_keys_unlock(inspection->ring);
    return r;
}

static struct nta_sealed sealed_of(const struct place *place)
{
    struct nta_sealed sealed;
    struct nta_span *parts[] = {&sealed.header, &sealed.signature, &sealed.tokens, &sealed.body};
    size_t offset = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(parts); i++) {
        *parts[i] = (struct nta_span){.ptr = place->bytes.ptr + offset, .len = place->lens[i]};
        offset += place->lens[i];
    }
    return sealed;
}

/** 0, or -ENOMEM. */
static int inspect(struct worker *worker, struct place *place)
{
    struct nta_inspected *inspected = &place->inspected;
    const struct nta_sealed sealed = sealed_of(place);
    struct nta_err ignored;
    int r = borrow_key(worker, inspected->header.data_key);

    inspected->has_key = r == 0;
    inspected->is_open = false;
    nta_batch_clear(&inspected->batch);
    if (r == 0)
        r = nta_opener_open(worker->opener, &sealed, &inspected->batch, &ignored);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    inspected->is_open = true;
    r = nta_opener_check_records(worker->opener, &sealed, &inspected->batch);
    if (r >= 0)
        inspected->values = (enum nta_values_check)r;
    return r < 0 ? r : 0;
}

/** The oldest that nobody has begun.  With the lock, which is given back meanwhile. */
static void work(struct worker *worker)
{
    struct nta_inspection *inspection = worker->inspection;
    struct place *place = place_of(inspection, inspection->n_begun++);

    (void)pthread_mutex_unlock(&inspection->lock);
    place->result = inspect(worker, place);
    (void)pthread_mutex_lock(&inspection->lock);
    place->is_done = true;
    (void)pthread_cond_signal(&inspection->done); /* whoever puts alone waits for that */
}

static void *help(void *owner)
{
    struct worker *worker = owner;
    struct nta_inspection *inspection = worker->inspection;

    (void)pthread_mutex_lock(&inspection->lock);
    while (!inspection->stop) {
        if (inspection->n_begun < inspection->n_put)
            work(worker);
        else
            (void)pthread_cond_wait(&inspection->put, &inspection->lock);
    }
    (void)pthread_mutex_unlock(&inspection->lock);
    return NULL;
}

/* ---- the order ---- */

/** The oldest, once it is done. */
static struct place *wait_for_oldest(struct nta_inspection *inspection)
{
    struct place *place = place_of(inspection, inspection->n_told);

    (void)pthread_mutex_lock(&inspection->lock);
    while (!place->is_done) {
        if (inspection->n_begun < inspection->n_put)
            work(&inspection->workers[0]);
        else
            (void)pthread_cond_wait(&inspection->done, &inspection->lock);
    }
    (void)pthread_mutex_unlock(&inspection->lock);
    return place;
}

static int tell_oldest(struct nta_inspection *inspection, struct nta_err *err)
{
    struct place *place = wait_for_oldest(inspection);
    int r = place->result;

    r = r < 0 ? nta_err_sys(err, r, "a batch cannot be opened")
              : inspection->each(inspection->owner, &place->inspected, err);
    inspection->n_bytes -= place->bytes.len;
    nta_buf_clear(&place->bytes);
    if (place->bytes.size > KEPT_BYTES)
        nta_buf_done(&place->bytes);
    inspection->n_told++;
    return r;
}

static bool is_full(const struct nta_inspection *inspection, size_t n_more_bytes)
{
    const size_t n = inspection->n_put - inspection->n_told;

    return n == NTA_INSPECT_PLACES ||
           (n > 0 && inspection->n_bytes + n_more_bytes > NTA_INSPECT_BYTES);
}

/** Its bytes, of which the header's notes are some. */
static void take(struct place *place, const struct nta_stored *row)
{
    const struct nta_sealed *from = &row->sealed;
    const struct nta_span parts[] = {from->header, from->signature, from->tokens, from->body};
    const struct nta_buf other = place->bytes;

    for (size_t i = 0; i < NTA_N_ELEMENTS(parts); i++)
        place->lens[i] = parts[i].len;
    place->bytes = *row->bytes;
    *row->bytes = other;
    place->inspected.header = row->header;
}

int nta_inspect_put(struct nta_inspection *inspection, const struct nta_stored *row,
                    struct nta_err *err)
{
    int r = 0;

    while (r == 0 && is_full(inspection, row->bytes->len))
        r = tell_oldest(inspection, err);
    if (r != 0)
        return r;
    struct place *place = place_of(inspection, inspection->n_put);

    take(place, row);
    inspection->n_bytes += place->bytes.len;
    (void)pthread_mutex_lock(&inspection->lock);
    place->is_done = false;
    inspection->n_put++;
    (void)pthread_cond_signal(&inspection->put);
    (void)pthread_mutex_unlock(&inspection->lock);
    return 0;
}

int nta_inspect_finish(struct nta_inspection *inspection, struct nta_err *err)
{
    int r = 0;

    while (r == 0 && inspection->n_told < inspection->n_put)
        r = tell_oldest(inspection, err);
    return r;
}

/* ---- beginning and end ---- */

/** The first is the caller's; without the others it takes longer. */
static int start_workers(struct nta_inspection *inspection)
{
    const struct nta_thread_options options = {.name = "nta-inspect"};
    const long n_cpus = sysconf(_SC_NPROCESSORS_ONLN);

    for (long i = 0; i < NTA_INSPECT_THREADS && (i == 0 || i < n_cpus); i++) {
        struct worker *worker = &inspection->workers[i];
        int r = nta_opener_new_beside(inspection->lender, &worker->opener);

        worker->inspection = inspection;
        if (r == 0 && i > 0)
            r = nta_thread_start(&options, help, worker, &worker->thread);
        if (r < 0)
            return i == 0 ? r : 0;
    }
    return 0;
}

int nta_inspect_start(struct nta_wrapped_keys *ring, const struct nta_opener *opener,
                      nta_inspected_fn *each, void *owner, struct nta_inspection **ret_inspection,
                      struct nta_err *err)
{
    struct nta_inspection *inspection = calloc(1, sizeof(*inspection));

    if (!inspection)
        return nta_err_sys(err, -ENOMEM, "batches cannot be opened");
    inspection->ring = ring;
    inspection->lender = opener;
    inspection->each = each;
    inspection->owner = owner;
    (void)pthread_mutex_init(&inspection->lock, NULL);
    (void)pthread_cond_init(&inspection->put, NULL);
    (void)pthread_cond_init(&inspection->done, NULL);
    for (size_t i = 0; i < NTA_INSPECT_PLACES; i++)
        nta_batch_init(&inspection->places[i].inspected.batch);
    const int r = start_workers(inspection);

    if (r < 0) {
        nta_inspect_free(&inspection);
        return nta_err_sys(err, r, "batches cannot be opened");
    }
    *ret_inspection = inspection;
    return 0;
}

void nta_inspect_free(struct nta_inspection **inspection)
{
    struct nta_inspection *dead = NTA_TAKE(*inspection);

    if (!dead)
        return;
    (void)pthread_mutex_lock(&dead->lock);
    dead->stop = true;
    (void)pthread_cond_broadcast(&dead->put);
    (void)pthread_mutex_unlock(&dead->lock);
    for (size_t i = 0; i < NTA_INSPECT_THREADS; i++) {
        nta_thread_join(&dead->workers[i].thread);
        nta_opener_free(&dead->workers[i].opener);
    }
    for (size_t i = 0; i < NTA_INSPECT_PLACES; i++) {
        nta_buf_done(&dead->places[i].bytes);
        nta_batch_done(&dead->places[i].inspected.batch);
    }
    (void)pthread_mutex_destroy(&dead->lock);
    (void)pthread_cond_destroy(&dead->put);
    (void)pthread_cond_destroy(&dead->done);
    free(dead);
}
