/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One open database file; see geo.h.  Internal to the module. */

#include "geo/geo.h"

struct nta_geo_database; ///< Opaque.

int nta_geo_database_open(const char *path, struct nta_geo_database **ret_database,
                          struct nta_err *err);
void nta_geo_database_close(struct nta_geo_database **database);

/** Add what this database knows to the fields of `place` that are still empty.  True if it knows the address. */
bool nta_geo_database_find(const struct nta_geo_database *database, const struct nta_addr *addr,
                           struct nta_place *place);

void nta_geo_database_get_info(const struct nta_geo_database *database,
                               struct nta_geo_info *ret_info);
