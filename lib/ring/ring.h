/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Single-producer single-consumer ring of pointers.
 *
 * Two indices that only grow, each written by one side with release and read by the other with
 * acquire; each side keeps a copy of the other's index and reads the shared one only when the copy
 * says full (or empty).  A slot is index modulo the size, a power of two.  Never allocates after
 * init, never locks, never waits: full and empty are answers.  Pushing hands the pointed-to memory
 * over to the consumer.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_ring
{
    /* producer's line */
    _Alignas(64) _Atomic uint64_t tail; ///< Next slot to fill; written by the producer.
    uint64_t head_seen;                 ///< Producer's copy of head.
    /* consumer's line */
    _Alignas(64) _Atomic uint64_t head; ///< Next slot to empty; written by the consumer.
    uint64_t tail_seen;                 ///< Consumer's copy of tail.
    /* read by both, written once */
    _Alignas(64) uint64_t mask; ///< Size - 1.
    void **slots;               ///< Owned.
};

/** Space for at least `n_slots` pointers (rounded up to a power of two).  0 or -ENOMEM. */
int nta_ring_init(struct nta_ring *ring, size_t n_slots);

/** Frees the slots, not what they point to.  NULL-safe, zeroed rings too. */
void nta_ring_done(struct nta_ring *ring);

/** Producer: false if full. */
bool nta_ring_push(struct nta_ring *ring, void *item);

/** Consumer: NULL if empty. */
void *nta_ring_pop(struct nta_ring *ring);

/** Either side, or a watcher: how many are in it, about. */
size_t nta_ring_len(const struct nta_ring *ring);
