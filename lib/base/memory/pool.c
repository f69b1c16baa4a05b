/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/pool.h"

#include "base/memory/area.h"

#include <errno.h>
#include <string.h>

int nta_pool_init(struct nta_pool *pool, size_t object_size, size_t n_max)
{
    size_t size = (object_size + 15) & ~(size_t)15;

    *pool = (struct nta_pool){.object_size = size, .n_max = n_max};
    if (size == 0 || n_max == 0 || n_max > SIZE_MAX / size)
        return -EINVAL;
    pool->area = nta_area_new(size * n_max, NTA_AREA_GROWS);
    if (!pool->area)
        return -errno;
    return 0;
}

void nta_pool_done(struct nta_pool *pool)
{
    nta_area_free(pool->area, pool->object_size * pool->n_max);
    *pool = (struct nta_pool){0};
}

void *nta_pool_take_part(struct nta_pool *pool, size_t n_zeroed)
{
    void *object = pool->free_list;

    if (object) {
        memcpy(&pool->free_list, object, sizeof(void *));
    } else {
        if (pool->n_touched == pool->n_max)
            return NULL;
        object = pool->area + pool->n_touched * pool->object_size;
        pool->n_touched++;
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
    memcpy(object, &pool->free_list, sizeof(void *));
    pool->free_list = object;
    pool->n_used--;
}
