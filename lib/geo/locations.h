/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The site table: where private addresses are.  A text file, one prefix a line:
 *
 *     # prefix          place name          city     country  latitude longitude
 *     10.1.0.0/16,      Leuven office,      Leuven,  BE,      50.8792,  4.7009
 *     10.2.3.0/24,      Ghent warehouse
 *
 * Cells are separated by commas; all behind the name may be left out.  The longest prefix that
 * covers an address decides.  Internal to the module.
 */

#include "base/addr.h"
#include "base/err.h"
#include "geo/place.h"

struct nta_geo_locations; ///< Opaque, immutable.

/** 0, or negative errno with "file:line: reason". */
int nta_geo_locations_load(const char *path, struct nta_geo_locations **ret_sites,
                           struct nta_err *err);
/** Takes NULL too; places that were found borrow from it. */
void nta_geo_locations_free(struct nta_geo_locations **sites);

/**
 * The place of the longest prefix that has the address; false, and `ret_place` untouched, if there
 * is none.
 */
bool nta_geo_locations_find(const struct nta_geo_locations *sites, const struct nta_addr *addr,
                            struct nta_place *ret_place);
