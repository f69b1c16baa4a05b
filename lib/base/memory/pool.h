/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Objects of one size, up to a hard limit, for the packet path.
 *
 * The address space for all of them is reserved at init and becomes memory when an object is first
 * used, so taking one never calls the allocator and an idle pool costs next to nothing.  Given
 * objects are reused last in, first out.  One thread.
 */

#include <stddef.h>
#include <stdint.h>

struct nta_pool
{
    uint8_t *area;      ///< Owned mapping.
    size_t object_size; ///< Rounded up to 16.
    size_t n_max;       ///< Hard limit.
    size_t n_touched;   ///< Objects that were ever used.
    size_t n_used;      ///< Objects in use now.
    void *free_list;    ///< Linked through the objects' first bytes.
};

/** Reserve space for `n_max` objects.  0 or negative errno. */
int nta_pool_init(struct nta_pool *pool, size_t object_size, size_t n_max);

/** Unmaps; objects in use become invalid.  A zeroed pool is fine. */
void nta_pool_done(struct nta_pool *pool);

/** A zeroed object, or NULL at the limit. */
void *nta_pool_take(struct nta_pool *pool);

/** One whose first `n_zeroed` bytes are zero, the rest is anything; or NULL at the limit. */
void *nta_pool_take_part(struct nta_pool *pool, size_t n_zeroed);

/** `object` came from this pool; NULL is allowed. */
void nta_pool_give(struct nta_pool *pool, void *object);
