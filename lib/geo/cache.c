/* SPDX-License-Identifier: Apache-2.0 */
#include "geo/cache.h"

#include "base/memory/area.h"
#include "base/own.h"
#include "geo/inside.h"

#include <errno.h>
#include <stdlib.h>

enum
{
    N_ADDRS = 4096,
    N_RECORDS = 4096
};

struct by_addr
{
    uint64_t geo; ///< Number of the nta_geo; 0: empty.
    struct nta_addr addr;
    struct nta_place place;
};

struct by_record
{
    uint64_t geo; ///< As above.
    uint32_t file, offset;
    struct nta_place place;
};

struct nta_geo_cache
{
    struct nta_hash_key key;
    struct by_addr addrs[N_ADDRS];
    struct by_record records[N_RECORDS];
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

const struct nta_place *nta_geo_cache_record(struct nta_geo_cache *cache, const struct nta_geo *geo,
                                             size_t file, uint32_t offset)
{
    uint64_t number = nta_geo_number(geo);
    /* offsets are no user's choice: spread by a multiplication, files apart */
    size_t i = ((offset + (uint32_t)file) * UINT32_C(0x9e3779b9) >> 16) % N_RECORDS;
    struct by_record *record = &cache->records[i];

    if (record->geo != number || record->file != file || record->offset != offset) {
        *record = (struct by_record){.geo = number, .file = (uint32_t)file, .offset = offset};
        nta_geo_database_read(nta_geo_database(geo, file), offset, &record->place);
    }
    return &record->place;
}

const struct nta_place *nta_geo_cache_find(struct nta_geo_cache *cache, const struct nta_geo *geo,
                                           const struct nta_addr *addr)
{
    static const struct nta_place nowhere;

    if (nta_geo_is_blank(geo, addr))
        return &nowhere;
    uint64_t hash = nta_hash_bytes(&cache->key, addr->bytes, sizeof(addr->bytes));
    struct by_addr *slot = &cache->addrs[hash % N_ADDRS];

    if (slot->geo != nta_geo_number(geo) || !nta_addr_equal(&slot->addr, addr)) {
        (void)nta_geo_find_with(geo, cache, addr, &slot->place);
        slot->addr = *addr;
        slot->geo = nta_geo_number(geo);
    }
    return &slot->place;
}
