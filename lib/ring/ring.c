/* SPDX-License-Identifier: Apache-2.0 */
#include "ring/ring.h"

#include <errno.h>
#include <stdlib.h>

int nta_ring_init(struct nta_ring *ring, size_t n_slots)
{
    size_t size = 1;

    while (size < n_slots && size <= SIZE_MAX / 2 / sizeof(*ring->slots))
        size *= 2;
    *ring = (struct nta_ring){.mask = size - 1};
    ring->slots = size < n_slots ? NULL : calloc(size, sizeof(*ring->slots));
    return ring->slots ? 0 : -ENOMEM;
}

void nta_ring_done(struct nta_ring *ring)
{
    if (!ring)
        return;
    free(ring->slots);
    ring->slots = NULL;
}

bool nta_ring_push(struct nta_ring *ring, void *item)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

    /* unsigned difference: right also when the indices have wrapped */
    if (tail - ring->head_seen > ring->mask) {
        ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
        if (tail - ring->head_seen > ring->mask)
            return false;
    }
    ring->slots[tail & ring->mask] = item;
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    return true;
}

void *nta_ring_pop(struct nta_ring *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    void *item;

    if (head == ring->tail_seen) {
        ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
        if (head == ring->tail_seen)
            return NULL;
    }
    item = ring->slots[head & ring->mask];
    /* release: the slot has been read before the producer may fill it again */
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return item;
}

size_t nta_ring_len(const struct nta_ring *ring)
{
    /* head first: it never passes the tail that is read after it */
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    uint64_t len = atomic_load_explicit(&ring->tail, memory_order_acquire) - head;

    /* a watcher that was interrupted between the two loads may see more than there is space for */
    return len > ring->mask ? (size_t)ring->mask + 1 : (size_t)len;
}
