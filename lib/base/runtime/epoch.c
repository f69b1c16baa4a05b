/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/epoch.h"

#include <time.h>

void nta_epoch_init(struct nta_epoch *epoch, void *first)
{
    atomic_init(&epoch->current, first);
    atomic_init(&epoch->generation, 1);
    for (size_t i = 0; i < NTA_EPOCH_READERS; i++)
        atomic_init(&epoch->slots[i].entered, 0);
}

/*
 * The slot must be seen as taken before the pointer is read, and the writer must read the slots
 * after the swap: both sides store, then load the other's variable, which needs sequential
 * consistency.
 */
void *nta_epoch_enter(struct nta_epoch *epoch, size_t slot)
{
    uint64_t generation = atomic_load_explicit(&epoch->generation, memory_order_seq_cst);

    atomic_store_explicit(&epoch->slots[slot].entered, generation, memory_order_seq_cst);
    return atomic_load_explicit(&epoch->current, memory_order_seq_cst);
}

void nta_epoch_leave(struct nta_epoch *epoch, size_t slot)
{
    atomic_store_explicit(&epoch->slots[slot].entered, 0, memory_order_release);
}

static bool is_inside_before(struct nta_epoch *epoch, size_t slot, uint64_t generation)
{
    uint64_t entered = atomic_load_explicit(&epoch->slots[slot].entered, memory_order_seq_cst);

    return entered != 0 && entered < generation;
}

void *nta_epoch_publish(struct nta_epoch *epoch, void *next)
{
    const struct timespec pause = {.tv_nsec = 200000};
    void *old = atomic_exchange_explicit(&epoch->current, next, memory_order_seq_cst);
    uint64_t generation =
        atomic_fetch_add_explicit(&epoch->generation, 1, memory_order_seq_cst) + 1;

    for (size_t slot = 0; slot < NTA_EPOCH_READERS; slot++) {
        while (is_inside_before(epoch, slot, generation))
            (void)nanosleep(&pause, NULL);
    }
    return old;
}
