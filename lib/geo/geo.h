/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Address -> place: libmaxminddb behind a few calls, and the site table for private addresses.
 *
 * A database file is copied into private memory when it is opened (and checked there), so a file
 * that is replaced or cut in place harms nobody.  Understood: MaxMind's schema (GeoLite2/GeoIP2
 * City, Country, ASN, ISP, Enterprise; DB-IP's in the same schema) and the flat schema of
 * ip-location-db; which one is found out from the data.  Several files add up: the first that knows
 * a field gives it.
 *
 * Immutable after opening; any number of threads may look up.  Lookups allocate nothing.
 */

#include "base/addr.h"
#include "base/err.h"
#include "geo/info.h"
#include "geo/place.h"

#include <stddef.h>

struct nta_geo; ///< Opaque.

/**
 * Open `n_paths` databases and the site table `sites_path` (NULL: none).  0, or negative errno with
 * a sentence that names the file (and the line, for the site table); then nothing is open.
 */
int nta_geo_open(const char *const *paths, size_t n_paths, const char *sites_path,
                 struct nta_geo **ret_geo, struct nta_err *err);
/** Takes NULL too; places that were found borrow from it. */
void nta_geo_free(struct nta_geo **geo);

/** Fill `ret_place` (zeroed first).  True if anything is known. */
bool nta_geo_find(const struct nta_geo *geo, const struct nta_addr *addr,
                  struct nta_place *ret_place);

/** How many databases are open. */
size_t nta_geo_n_files(const struct nta_geo *geo);
/** What database `i` (< n_files) says of itself.  Borrows from `geo`. */
void nta_geo_get_info(const struct nta_geo *geo, size_t i, struct nta_geo_info *ret_info);

/** All bytes of database `i` (< n_files) as they were opened.  Borrows from `geo`. */
struct nta_span nta_geo_content(const struct nta_geo *geo, size_t i);
