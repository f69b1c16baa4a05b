/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What geo.c and cache.c share.  Internal to the module. */

#include "geo/cache.h"
#include "geo/database.h"

/** Never 0, never that of another nta_geo of this process. */
uint64_t nta_geo_number(const struct nta_geo *geo);

/** Database `file` (< n_files).  Borrows from `geo`. */
const struct nta_geo_database *nta_geo_database(const struct nta_geo *geo, size_t file);

/** True if nothing is known of addresses like this one, as of most private ones; false says nothing. */
bool nta_geo_is_blank(const struct nta_geo *geo, const struct nta_addr *addr);

/** nta_geo_find() that decodes a record only if `cache` (NULL: none) has not got it. */
bool nta_geo_find_with(const struct nta_geo *geo, struct nta_geo_cache *cache,
                       const struct nta_addr *addr, struct nta_place *ret_place);

/** The record at `offset` of a file, decoded; borrows until the next call. */
const struct nta_place *nta_geo_cache_record(struct nta_geo_cache *cache, const struct nta_geo *geo,
                                             size_t file, uint32_t offset);
