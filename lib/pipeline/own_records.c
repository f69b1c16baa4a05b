/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/own_records.h"

#include "base/runtime/clock.h"

#include <assert.h>

#define ASKED_NS (60 * NTA_NS_PER_S) /* nobody asks later what became of his */

void nta_own_records_init(struct nta_own_records *own_records)
{
    *own_records = (struct nta_own_records){0};
    (void)pthread_mutex_init(&own_records->lock, NULL);
    nta_batch_init(&own_records->batch);
    nta_batch_be_secret(&own_records->batch);
}

void nta_own_records_done(struct nta_own_records *own_records)
{
    (void)pthread_mutex_destroy(&own_records->lock);
    nta_batch_done(&own_records->batch);
}

uint64_t nta_own_records_add(struct nta_own_records *own_records, const struct nta_record *record)
{
    assert(nta_record_class(record) == NTA_CLASS_LOG);
    (void)pthread_mutex_lock(&own_records->lock);
    own_records->is_rare |= record->event != NTA_RECORD_LOSS && record->event != NTA_RECORD_CANARY;
    if (nta_batch_add(&own_records->batch, record) < 0)
        own_records->n_dropped++;
    const uint64_t number = ++own_records->n_all;

    atomic_store_explicit(&own_records->any, true, memory_order_release);
    (void)pthread_mutex_unlock(&own_records->lock);
    return number;
}

uint64_t nta_own_records_count(struct nta_own_records *own_records)
{
    (void)pthread_mutex_lock(&own_records->lock);
    const uint64_t n = own_records->n_all;

    (void)pthread_mutex_unlock(&own_records->lock);
    return n;
}

void nta_own_records_settle(struct nta_own_records *own_records, uint64_t up_to, bool is_stored,
                            int64_t mono_ns)
{
    struct nta_own_settled *settled = &own_records->settled;

    (void)pthread_mutex_lock(&own_records->lock);
    if (!is_stored) {
        if (!settled->lost_from || mono_ns - own_records->lost_mono_ns > ASKED_NS)
            settled->lost_from = settled->up_to + 1;
        settled->lost_to = up_to;
        own_records->lost_mono_ns = mono_ns;
    }
    settled->up_to = up_to;
    (void)pthread_mutex_unlock(&own_records->lock);
}

struct nta_own_settled nta_own_records_settled(struct nta_own_records *own_records)
{
    (void)pthread_mutex_lock(&own_records->lock);
    const struct nta_own_settled settled = own_records->settled;

    (void)pthread_mutex_unlock(&own_records->lock);
    return settled;
}

bool nta_own_records_take(struct nta_own_records *own_records, struct nta_batch *batch,
                          struct nta_own_taken *ret_taken)
{
    struct nta_batch empty = *batch;

    /* asked often, and nearly always in vain */
    if (!atomic_load_explicit(&own_records->any, memory_order_acquire))
        return false;
    (void)pthread_mutex_lock(&own_records->lock);
    *batch = own_records->batch;
    own_records->batch = empty;
    *ret_taken =
        (struct nta_own_taken){own_records->n_all, own_records->n_dropped, own_records->is_rare};
    own_records->n_dropped = 0;
    own_records->is_rare = false;
    atomic_store_explicit(&own_records->any, false, memory_order_relaxed);
    (void)pthread_mutex_unlock(&own_records->lock);
    return true;
}
