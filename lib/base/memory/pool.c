/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first slab is what lies in small pages, each other one a large page; an object lies in one
 * slab, so what an emptied slab gives back is nobody else's.
 */
#include "base/memory/pool.h"

#include <errno.h>
#include <string.h>

int nta_pool_init(struct nta_pool *pool, size_t object_size, size_t n_max)
{
    const size_t size = (object_size + 15) & ~(size_t)15;

    *pool = (struct nta_pool){.object_size = size, .n_max = n_max};
    if (size == 0 || size > NTA_AREA_SMALL || n_max == 0 || n_max > SIZE_MAX / 2 / size)
        return -EINVAL;
    int r = nta_slabs_init(&pool->slabs, n_max, (uint32_t)(NTA_AREA_SMALL / size),
                           (uint32_t)(NTA_AREA_LARGE / size));

    if (r < 0)
        return r;
    pool->area_bytes = pool->slabs.n_slabs == 1
                           ? size * n_max
                           : NTA_AREA_SMALL + (pool->slabs.n_slabs - 1) * NTA_AREA_LARGE;
    pool->area = nta_area_new(pool->area_bytes, NTA_AREA_GROWS);
    if (pool->area)
        return 0;
    r = -errno;
    nta_pool_done(pool);
    return r;
}

void nta_pool_done(struct nta_pool *pool)
{
    nta_area_free(pool->area, pool->area_bytes);
    nta_slabs_done(&pool->slabs);
    *pool = (struct nta_pool){0};
}

static uint8_t *slab_at(const struct nta_pool *pool, size_t number)
{
    return number == 0 ? pool->area : pool->area + NTA_AREA_SMALL + (number - 1) * NTA_AREA_LARGE;
}

static size_t slab_of(const struct nta_pool *pool, const void *object)
{
    const size_t off = (size_t)((const uint8_t *)object - pool->area);

    return (off + NTA_AREA_LARGE - NTA_AREA_SMALL) / NTA_AREA_LARGE;
}

void *nta_pool_take_part(struct nta_pool *pool, size_t n_zeroed)
{
    const size_t number = nta_slabs_take(&pool->slabs);

    if (number == NTA_SLAB_NONE)
        return NULL;
    struct nta_slab *slab = &pool->slabs.slabs[number];
    uint8_t *object = slab_at(pool, number);

    if (slab->free) {
        object += (slab->free - 1) * pool->object_size;
        memcpy(&slab->free, object, sizeof(slab->free));
    } else {
        object += nta_slabs_touch(&pool->slabs, number) * pool->object_size;
    }
    pool->n_used++;
    /* a fresh one is zero already; but a page that is read before it is written costs two faults,
     * and all other threads a flush of their translations */
    return memset(object, 0, n_zeroed);
}

void *nta_pool_take(struct nta_pool *pool)
{
    return nta_pool_take_part(pool, pool->object_size);
}

void nta_pool_give(struct nta_pool *pool, void *object)
{
    if (!object)
        return;
    const size_t number = slab_of(pool, object);
    struct nta_slab *slab = &pool->slabs.slabs[number];
    const size_t off = (size_t)((uint8_t *)object - slab_at(pool, number));

    memcpy(object, &slab->free, sizeof(slab->free));
    slab->free = (uint32_t)(off / pool->object_size) + 1;
    nta_slabs_give(&pool->slabs, number);
    pool->n_used--;
}

/** Where a slab ends, counted from the area's first byte. */
static size_t slab_end(const struct nta_pool *pool, size_t number)
{
    const size_t end = (size_t)(slab_at(pool, number + 1) - pool->area);

    return end < pool->area_bytes ? end : pool->area_bytes;
}

void nta_pool_warm(struct nta_pool *pool, struct nta_warm *warm, size_t n_bytes)
{
    const size_t n =
        nta_area_warm(warm, pool->area, n_bytes < pool->area_bytes ? n_bytes : pool->area_bytes);

    while (pool->slabs.n_warm < pool->slabs.n_slabs && slab_end(pool, pool->slabs.n_warm) <= n)
        pool->slabs.n_warm++;
}

void nta_pool_trim(struct nta_pool *pool)
{
    struct nta_slabs *slabs = &pool->slabs;

    for (size_t i = nta_slabs_next_idle(slabs, 0); i != NTA_SLAB_NONE;
         i = nta_slabs_next_idle(slabs, i + 1)) {
        const size_t begin = (size_t)(slab_at(pool, i) - pool->area);

        nta_area_rest(pool->area + begin, slab_end(pool, i) - begin);
    }
}
