/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/said.h"

void nta_said_init(struct nta_said *said)
{
    *said = (struct nta_said){0};
    (void)pthread_mutex_init(&said->lock, NULL);
    nta_batch_init(&said->batch);
}

void nta_said_done(struct nta_said *said)
{
    (void)pthread_mutex_destroy(&said->lock);
    nta_batch_done(&said->batch);
}

void nta_said_add(struct nta_said *said, const struct nta_record *record)
{
    (void)pthread_mutex_lock(&said->lock);
    if (nta_batch_add(&said->batch, record) < 0)
        said->n_unsaid++;
    atomic_store_explicit(&said->any, true, memory_order_release);
    (void)pthread_mutex_unlock(&said->lock);
}

bool nta_said_take(struct nta_said *said, struct nta_batch *batch, uint64_t *ret_n_unsaid)
{
    struct nta_batch empty = *batch;

    /* asked often, and nearly always in vain */
    if (!atomic_load_explicit(&said->any, memory_order_acquire))
        return false;
    (void)pthread_mutex_lock(&said->lock);
    *batch = said->batch;
    said->batch = empty;
    *ret_n_unsaid = said->n_unsaid;
    said->n_unsaid = 0;
    atomic_store_explicit(&said->any, false, memory_order_relaxed);
    (void)pthread_mutex_unlock(&said->lock);
    return true;
}
