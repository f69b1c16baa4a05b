/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which objects of a large area are in use, by slab, so that the memory of whole slabs can go back
 * to the system when a flood is over.
 *
 * An area is cut into slabs of about a large page.  The lowest slab with room is used first, so
 * what lives draws together at the front, and a slab that nobody used since it was asked for the
 * last time is given back, but for the first ones that are to stay memory.  Where objects lie, and
 * where a free one names the next, is the caller's.  Bounds: 20 bytes a slab, taken at init.  One
 * thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NTA_SLAB_NONE SIZE_MAX

struct nta_slab
{
    uint32_t n_max, n_used;
    uint32_t n_touched; ///< The first so many were used since the slab was given back.
    uint32_t free;      ///< First of those that are free again, counted from 1; 0: none.
    bool rested;        ///< Empty since it was asked for the last time.
};

struct nta_slabs
{
    struct nta_slab *slabs; ///< Owned.
    uint64_t *rooms;        ///< Owned; a bit for each slab: it is not full.
    size_t n_slabs, n_words;
    size_t n_warm;    ///< The first so many are never idle: the caller keeps their memory.
    size_t lowest;    ///< No word of `rooms` before it has a bit.
    size_t n_touched; ///< Of all slabs.
};

/**
 * `n_first` objects in the first slab, `n_each` in the others, `n_max` in all; all > 0.  0, or
 * -ENOMEM.
 */
int nta_slabs_init(struct nta_slabs *slabs, size_t n_max, uint32_t n_first, uint32_t n_each);
/** A zeroed one is fine. */
void nta_slabs_done(struct nta_slabs *slabs);

/** One more is in use, in the slab that this gives; NTA_SLAB_NONE: all are. */
static inline size_t nta_slabs_take(struct nta_slabs *slabs)
{
    while (slabs->lowest < slabs->n_words && !slabs->rooms[slabs->lowest])
        slabs->lowest++;
    if (slabs->lowest == slabs->n_words)
        return NTA_SLAB_NONE;
    const size_t number = slabs->lowest * 64 + (size_t)__builtin_ctzll(slabs->rooms[slabs->lowest]);
    struct nta_slab *slab = &slabs->slabs[number];

    slab->rested = false;
    if (++slab->n_used == slab->n_max)
        slabs->rooms[slabs->lowest] &= slabs->rooms[slabs->lowest] - 1;
    return number;
}

/** Where the slab has no free one: the next of its objects that were never touched, from 0. */
static inline uint32_t nta_slabs_touch(struct nta_slabs *slabs, size_t number)
{
    slabs->n_touched++;
    return slabs->slabs[number].n_touched++;
}

/** One of that slab is in use no more. */
static inline void nta_slabs_give(struct nta_slabs *slabs, size_t number)
{
    slabs->slabs[number].n_used--;
    slabs->rooms[number / 64] |= 1ULL << number % 64;
    if (number / 64 < slabs->lowest)
        slabs->lowest = number / 64;
}

/**
 * A slab whose memory the caller gives back now, as nobody used it between the last two rounds of
 * calls; the first from `from` on, NTA_SLAB_NONE: no more in this round, which began with 0.  Its
 * objects count as untouched.
 */
size_t nta_slabs_next_idle(struct nta_slabs *slabs, size_t from);
