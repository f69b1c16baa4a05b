/* SPDX-License-Identifier: Apache-2.0 */
#include "geo/geo.h"

#include "base/own.h"
#include "geo/inside.h"
#include "geo/locations.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum
{
    FILES_MAX = 64
};

struct nta_geo
{
    uint64_t number; ///< See inside.h.
    struct nta_geo_database *databases[FILES_MAX];
    size_t n_databases;
    struct nta_geo_locations *sites; ///< NULL: none.
};

void nta_geo_free(struct nta_geo **geo)
{
    if (!*geo)
        return;
    for (size_t i = 0; i < (*geo)->n_databases; i++)
        nta_geo_database_close(&(*geo)->databases[i]);
    nta_geo_locations_free(&(*geo)->sites);
    free(*geo);
    *geo = NULL;
}

int nta_geo_open(const char *const *paths, size_t n_paths, const char *sites_path,
                 struct nta_geo **ret_geo, struct nta_err *err)
{
    static _Atomic uint64_t last_number;
    NTA_AUTO(nta_geo_free) struct nta_geo *geo = calloc(1, sizeof(*geo));
    int r;

    if (!geo)
        return nta_err_sys(err, -ENOMEM, "geo");
    geo->number = atomic_fetch_add(&last_number, 1) + 1;
    if (n_paths > FILES_MAX)
        return nta_err_set(err, -E2BIG, "more than %d geo databases", FILES_MAX);
    for (size_t i = 0; i < n_paths; i++) {
        r = nta_geo_database_open(paths[i], &geo->databases[i], err);
        if (r < 0)
            return r;
        geo->n_databases = i + 1;
    }
    if (sites_path && sites_path[0]) {
        r = nta_geo_locations_load(sites_path, &geo->sites, err);
        if (r < 0)
            return r;
    }
    *ret_geo = NTA_TAKE(geo);
    return 0;
}

uint64_t nta_geo_number(const struct nta_geo *geo)
{
    return geo->number;
}

bool nta_geo_is_blank(const struct nta_geo *geo, const struct nta_addr *addr)
{
    for (size_t i = 0; i < geo->n_databases; i++) {
        if (!nta_geo_database_is_blank(geo->databases[i], addr))
            return false;
    }
    return !geo->sites;
}

static void add_text(struct nta_span *text, struct nta_span more)
{
    if (text->len == 0)
        *text = more;
}

/** Fields that are still empty from another file; the radius belongs to the position. */
static void add_place(struct nta_place *place, const struct nta_place *more)
{
    add_text(&place->city, more->city);
    add_text(&place->region, more->region);
    add_text(&place->postal, more->postal);
    add_text(&place->country, more->country);
    add_text(&place->as_org, more->as_org);
    if (!place->country_code[0])
        memcpy(place->country_code, more->country_code, sizeof(place->country_code));
    if (!place->has_position && more->has_position) {
        place->has_position = true;
        place->lat = more->lat;
        place->lon = more->lon;
        place->accuracy_km = more->accuracy_km;
    }
    if (place->asn == 0)
        place->asn = more->asn;
}

static bool find_itself(const struct nta_geo *geo, struct nta_geo_records *records,
                        const struct nta_addr *addr, struct nta_place *ret_place)
{
    bool known = false;
    uint32_t offset;

    *ret_place = (struct nta_place){0};
    if (geo->sites && nta_geo_locations_find(geo->sites, addr, ret_place))
        return true; /* the admin knows better than any database */
    for (size_t i = 0; i < geo->n_databases; i++) {
        struct nta_place read = {0};
        const struct nta_place *more = &read;

        if (!nta_geo_database_locate(geo->databases[i], addr, &offset))
            continue;
        if (records)
            more = nta_geo_records_read(records, geo->number, geo->databases[i], i, offset);
        else
            nta_geo_database_read(geo->databases[i], offset, &read);
        add_place(ret_place, more);
        known = true;
    }
    return known;
}

bool nta_geo_find_with(const struct nta_geo *geo, struct nta_geo_records *records,
                       const struct nta_addr *addr, struct nta_place *ret_place)
{
    struct nta_addr v4;

    return find_itself(geo, records, addr, ret_place) ||
           (nta_addr_inside(addr, &v4) && find_itself(geo, records, &v4, ret_place));
}

bool nta_geo_find(const struct nta_geo *geo, const struct nta_addr *addr,
                  struct nta_place *ret_place)
{
    return nta_geo_find_with(geo, NULL, addr, ret_place);
}

size_t nta_geo_n_files(const struct nta_geo *geo)
{
    return geo->n_databases;
}

void nta_geo_get_info(const struct nta_geo *geo, size_t i, struct nta_geo_info *ret_info)
{
    nta_geo_database_get_info(geo->databases[i], ret_info);
}

struct nta_span nta_geo_content(const struct nta_geo *geo, size_t i)
{
    return nta_geo_database_content(geo->databases[i]);
}
