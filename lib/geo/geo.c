/* SPDX-License-Identifier: Apache-2.0 */
#include "geo/geo.h"

#include "base/own.h"
#include "geo/database.h"
#include "geo/sites.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    FILES_MAX = 64
};

struct nta_geo
{
    struct nta_geo_database *databases[FILES_MAX];
    size_t n_databases;
    struct nta_geo_sites *sites; ///< NULL: none.
};

void nta_geo_free(struct nta_geo **geo)
{
    if (!*geo)
        return;
    for (size_t i = 0; i < (*geo)->n_databases; i++)
        nta_geo_database_close(&(*geo)->databases[i]);
    nta_geo_sites_free(&(*geo)->sites);
    free(*geo);
    *geo = NULL;
}

int nta_geo_open(const char *const *paths, size_t n_paths, const char *sites_path,
                 struct nta_geo **ret_geo, struct nta_err *err)
{
    NTA_AUTO(nta_geo_free) struct nta_geo *geo = calloc(1, sizeof(*geo));
    int r;

    if (!geo)
        return nta_err_sys(err, -ENOMEM, "geo");
    if (n_paths > FILES_MAX)
        return nta_err_set(err, -E2BIG, "more than %d geo databases", FILES_MAX);
    for (size_t i = 0; i < n_paths; i++) {
        r = nta_geo_database_open(paths[i], &geo->databases[i], err);
        if (r < 0)
            return r;
        geo->n_databases = i + 1;
    }
    if (sites_path && sites_path[0]) {
        r = nta_geo_sites_load(sites_path, &geo->sites, err);
        if (r < 0)
            return r;
    }
    *ret_geo = NTA_TAKE(geo);
    return 0;
}

bool nta_geo_find(const struct nta_geo *geo, const struct nta_addr *addr,
                  struct nta_place *ret_place)
{
    bool known = false;

    *ret_place = (struct nta_place){0};
    if (geo->sites && nta_geo_sites_find(geo->sites, addr, ret_place))
        return true; /* the admin knows better than any database */
    for (size_t i = 0; i < geo->n_databases; i++)
        known = nta_geo_database_find(geo->databases[i], addr, ret_place) || known;
    return known;
}

size_t nta_geo_n_files(const struct nta_geo *geo)
{
    return geo->n_databases;
}

void nta_geo_get_info(const struct nta_geo *geo, size_t i, struct nta_geo_info *ret_info)
{
    nta_geo_database_get_info(geo->databases[i], ret_info);
}
