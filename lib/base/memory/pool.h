/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Objects of one size, up to a hard limit, for the packet path.
 *
 * The address space for all of them is reserved at init and becomes memory when an object is first
 * used, so taking one never calls the allocator and an idle pool costs next to nothing.  Given
 * objects are reused last in, first out, those of the lowest slab first (slabs.h), and what a flood
 * left empty goes back with nta_pool_trim().  One thread.
 */

#include "base/memory/area.h"
#include "base/memory/slabs.h"

#include <stddef.h>
#include <stdint.h>

struct nta_pool
{
    uint8_t *area; ///< Owned mapping.
    size_t area_bytes;
    size_t object_size; ///< Rounded up to 16.
    size_t n_max;       ///< Hard limit.
    size_t n_used;      ///< Objects in use now.
    struct nta_slabs slabs;
};

/** Reserve space for `n_max` objects of at most 256 KiB.  0 or negative errno. */
int nta_pool_init(struct nta_pool *pool, size_t object_size, size_t n_max);

/**
 * The first slabs, of `n_bytes` together or less, and of what `warm` has left, are memory from now
 * on, and stay it.
 */
void nta_pool_warm(struct nta_pool *pool, struct nta_warm *warm, size_t n_bytes);

/** Unmaps; objects in use become invalid.  A zeroed pool is fine. */
void nta_pool_done(struct nta_pool *pool);

/** A zeroed object, or NULL at the limit. */
void *nta_pool_take(struct nta_pool *pool);

/** One whose first `n_zeroed` bytes are zero, the rest is anything; or NULL at the limit. */
void *nta_pool_take_part(struct nta_pool *pool, size_t n_zeroed);

/** `object` came from this pool; NULL is allowed. */
void nta_pool_give(struct nta_pool *pool, void *object);

/**
 * Give memory back that was not used since the last call.  Every few seconds: what is taken and
 * given all the time stays.
 */
void nta_pool_trim(struct nta_pool *pool);
