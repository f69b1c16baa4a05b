/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What cache.c asks of geo.c.  Internal to the module. */

#include "geo/records.h"

struct nta_geo;

/** Never 0, never that of another nta_geo of this process. */
uint64_t nta_geo_number(const struct nta_geo *geo);

/**
 * True if nothing is known of addresses like this one, as of most private ones; false says nothing.
 */
bool nta_geo_is_blank(const struct nta_geo *geo, const struct nta_addr *addr);

/** nta_geo_find() that decodes a record only if `records` (NULL: none) have not got it. */
bool nta_geo_find_with(const struct nta_geo *geo, struct nta_geo_records *records,
                       const struct nta_addr *addr, struct nta_place *ret_place);
