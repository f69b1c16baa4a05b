/* SPDX-License-Identifier: Apache-2.0 */
#include "geo/cache.h"

#include "base/memory/area.h"
#include "base/own.h"
#include "geo/inside.h"

#include <errno.h>
#include <stdlib.h>

enum
{
    N_ADDRS = 4096
};

struct by_addr
{
    uint64_t geo; ///< Number of the nta_geo; 0: empty.
    struct nta_addr addr;
    struct nta_place place;
};

struct nta_geo_cache
{
    struct nta_hash_key key;
    struct by_addr addrs[N_ADDRS];
    struct nta_geo_records records;
};

int nta_geo_cache_new(const struct nta_hash_key *key, struct nta_geo_cache **ret_cache)
{
    struct nta_geo_cache *cache = nta_area_new(sizeof(*cache), NTA_AREA_HOT);

    if (!cache)
        return -ENOMEM;
    cache->key = *key;
    *ret_cache = cache;
    return 0;
}

void nta_geo_cache_free(struct nta_geo_cache **cache)
{
    nta_area_free(*cache, sizeof(**cache));
    *cache = NULL;
}

const struct nta_place *nta_geo_cache_find(struct nta_geo_cache *cache, const struct nta_geo *geo,
                                           const struct nta_addr *addr)
{
    static const struct nta_place nowhere;

    struct nta_addr v4;

    if (nta_geo_is_blank(geo, addr) && !nta_addr_inside(addr, &v4))
        return &nowhere;
    uint64_t hash = nta_hash_bytes(&cache->key, addr->bytes, sizeof(addr->bytes));
    struct by_addr *slot = &cache->addrs[hash % N_ADDRS];

    if (slot->geo != nta_geo_number(geo) || !nta_addr_equal(&slot->addr, addr)) {
        (void)nta_geo_find_with(geo, &cache->records, addr, &slot->place);
        slot->addr = *addr;
        slot->geo = nta_geo_number(geo);
    }
    return &slot->place;
}
