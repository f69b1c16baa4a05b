/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One open database file; see geo.h.  Internal to the module. */

#include "base/addr.h"
#include "base/err.h"
#include "geo/info.h"
#include "geo/place.h"

struct nta_geo_database; ///< Opaque.

/**
 * Open a MaxMind DB file by a private copy.  0, or negative errno with a sentence that names the
 * file.
 */
int nta_geo_database_open(const char *path, struct nta_geo_database **ret_database,
                          struct nta_err *err);
/** Takes NULL too; places that were read borrow from it. */
void nta_geo_database_close(struct nta_geo_database **database);

/** Where the record of an address stands; false if there is none. */
bool nta_geo_database_locate(const struct nta_geo_database *database, const struct nta_addr *addr,
                             uint32_t *ret_offset);

/** True if nothing near this address has a record, which is quick to see; false says nothing. */
bool nta_geo_database_is_blank(const struct nta_geo_database *database,
                               const struct nta_addr *addr);

/** Fill `place`, which is empty, from the record at an offset that was located. */
void nta_geo_database_read(const struct nta_geo_database *database, uint32_t offset,
                           struct nta_place *place);

/** What the file says of itself.  Borrows from the database. */
void nta_geo_database_get_info(const struct nta_geo_database *database,
                               struct nta_geo_info *ret_info);

/** All its bytes. */
struct nta_span nta_geo_database_content(const struct nta_geo_database *database);
