/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one thread remembers of lookups: places by address, and decoded records by where they stand
 * in their file, since a city has one record and many addresses.  Both are direct-mapped tables of
 * fixed size; the newer entry stays.
 *
 * A place borrows its texts from the databases.  Each nta_geo has a number of its own, never given
 * twice, which every entry carries: after a reload nothing old is found, and nothing has to be
 * cleared.
 */

#include "base/hash.h"
#include "geo/geo.h"

struct nta_geo_cache; ///< Opaque; one thread's.

/** `key` keeps addresses off the wire from choosing where they collide.  0 or -ENOMEM. */
int nta_geo_cache_new(const struct nta_hash_key *key, struct nta_geo_cache **ret_cache);
/** Takes NULL too. */
void nta_geo_cache_free(struct nta_geo_cache **cache);

/** As nta_geo_find(); nothing known is a place without fields.  Borrows until the next call. */
const struct nta_place *nta_geo_cache_find(struct nta_geo_cache *cache, const struct nta_geo *geo,
                                           const struct nta_addr *addr);
