/* SPDX-License-Identifier: Apache-2.0 */
#include "geo/database.h"

#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

struct nta_geo_database
{
    char *path;
    uint64_t bytes;
    MMDB_s mmdb;
    bool open;
};

/** A path into a record's maps and arrays, as MMDB_aget_value wants it. */
typedef const char *const field_path[5];

void nta_geo_database_close(struct nta_geo_database **database)
{
    if (!*database)
        return;
    if ((*database)->open)
        MMDB_close(&(*database)->mmdb);
    free((*database)->path);
    free(*database);
    *database = NULL;
}

/** Copy the file into sealed memory: what happens to the file from now on does not matter. */
static int copy_file(const char *shown, const char *path, uint64_t *ret_bytes, struct nta_err *err)
{
    NTA_AUTO_FD int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    NTA_AUTO_FD int to = -1;
    struct stat st;

    if (from < 0 || fstat(from, &st) < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    if (!S_ISREG(st.st_mode))
        return nta_err_set(err, -EINVAL, "%s: not a file", shown);
    to = memfd_create("nta-geo", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (to < 0)
        return nta_err_sys(err, -errno, "%s: no memory for a copy", shown);
    for (off_t done = 0; done < st.st_size;) {
        ssize_t n = sendfile(to, from, NULL, (size_t)(st.st_size - done));

        if (n < 0)
            return nta_err_sys(err, -errno, "%s", shown);
        if (n == 0)
            return nta_err_set(err, -EINVAL, "%s: became shorter while it was read", shown);
        done += n;
    }
    if (fcntl(to, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
        return nta_err_sys(err, -errno, "%s: sealing its copy", shown);
    *ret_bytes = (uint64_t)st.st_size;
    int fd = to;

    to = -1;
    return fd;
}

static bool get(MMDB_entry_s *entry, field_path path, MMDB_entry_data_s *ret_data)
{
    return MMDB_aget_value(entry, ret_data, path) == MMDB_SUCCESS && ret_data->has_data;
}

static void get_text(MMDB_entry_s *entry, field_path path, struct nta_span *text)
{
    MMDB_entry_data_s data;

    if (text->len == 0 && get(entry, path, &data) && data.type == MMDB_DATA_TYPE_UTF8_STRING)
        *text = (struct nta_span){(const uint8_t *)data.utf8_string, data.data_size};
}

static bool get_double(MMDB_entry_s *entry, field_path path, double *ret_value)
{
    MMDB_entry_data_s data;

    if (!get(entry, path, &data))
        return false;
    if (data.type == MMDB_DATA_TYPE_DOUBLE)
        *ret_value = data.double_value;
    else if (data.type == MMDB_DATA_TYPE_FLOAT)
        *ret_value = (double)data.float_value;
    else
        return false;
    return isfinite(*ret_value);
}

static uint32_t get_number(MMDB_entry_s *entry, field_path path)
{
    MMDB_entry_data_s data;

    if (!get(entry, path, &data))
        return 0;
    if (data.type == MMDB_DATA_TYPE_UINT16)
        return data.uint16;
    return data.type == MMDB_DATA_TYPE_UINT32 ? data.uint32 : 0;
}

static void get_code(MMDB_entry_s *entry, field_path path, struct nta_place *place)
{
    struct nta_span code = {0};

    if (place->country_code[0])
        return;
    get_text(entry, path, &code);
    if (code.len == 2)
        memcpy(place->country_code, code.ptr, 2);
}

static void get_position(MMDB_entry_s *entry, field_path lat_path, field_path lon_path,
                         struct nta_place *place)
{
    double lat, lon;

    if (place->has_position || !get_double(entry, lat_path, &lat) ||
        !get_double(entry, lon_path, &lon) || fabs(lat) > 90 || fabs(lon) > 180)
        return;
    place->lat = lat;
    place->lon = lon;
    place->has_position = true;
}

/**
 * GeoLite2, GeoIP2, DB-IP: nested maps with names by language; also the ASN, ISP and Enterprise kinds.
 * The registered country is left out: it says where a provider has its seat, not where the address is.
 */
static void fill_nested(MMDB_entry_s *entry, struct nta_place *place)
{
    static field_path city = {"city", "names", "en"}, region = {"subdivisions", "0", "names", "en"},
                      country = {"country", "names", "en"}, code = {"country", "iso_code"},
                      postal = {"postal", "code"}, lat = {"location", "latitude"},
                      lon = {"location", "longitude"}, radius = {"location", "accuracy_radius"},
                      asn = {"autonomous_system_number"}, org = {"autonomous_system_organization"},
                      deep_asn = {"traits", "autonomous_system_number"},
                      deep_org = {"traits", "autonomous_system_organization"};

    get_text(entry, city, &place->city);
    get_text(entry, region, &place->region);
    get_text(entry, postal, &place->postal);
    get_text(entry, country, &place->country);
    get_code(entry, code, place);
    if (!place->has_position) {
        get_position(entry, lat, lon, place);
        place->accuracy_km = place->has_position ? get_number(entry, radius) : 0;
    }
    if (place->asn == 0)
        place->asn = get_number(entry, asn);
    if (place->asn == 0)
        place->asn = get_number(entry, deep_asn);
    get_text(entry, org, &place->as_org);
    get_text(entry, deep_org, &place->as_org);
}

/** ip-location-db: one flat map. */
static void fill_flat(MMDB_entry_s *entry, struct nta_place *place)
{
    static field_path city = {"city"}, region = {"state1"}, postal = {"postcode"},
                      code = {"country_code"}, lat = {"latitude"}, lon = {"longitude"},
                      asn = {"autonomous_system_number"}, org = {"autonomous_system_organization"};

    get_text(entry, city, &place->city);
    get_text(entry, region, &place->region);
    get_text(entry, postal, &place->postal);
    get_code(entry, code, place);
    get_position(entry, lat, lon, place);
    if (place->asn == 0)
        place->asn = get_number(entry, asn);
    get_text(entry, org, &place->as_org);
}

/** Flat records have texts at the top where nested ones have maps. */
static bool is_flat(MMDB_entry_s *entry)
{
    static field_path code = {"country_code"}, city = {"city"};
    MMDB_entry_data_s data;

    if (get(entry, code, &data))
        return data.type == MMDB_DATA_TYPE_UTF8_STRING;
    return get(entry, city, &data) && data.type == MMDB_DATA_TYPE_UTF8_STRING;
}

static bool lookup(const struct nta_geo_database *database, const struct nta_addr *addr,
                   MMDB_entry_s *ret_entry)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const struct sockaddr *name = (const struct sockaddr *)&v6;
    int error = 0;

    if (nta_addr_is_v4(addr)) {
        memcpy(&v4.sin_addr, addr->bytes + 12, sizeof(v4.sin_addr));
        name = (const struct sockaddr *)&v4;
    } else {
        if (database->mmdb.metadata.ip_version == 4)
            return false;
        memcpy(&v6.sin6_addr, addr->bytes, sizeof(v6.sin6_addr));
    }
    MMDB_lookup_result_s result = MMDB_lookup_sockaddr(&database->mmdb, name, &error);

    *ret_entry = result.entry;
    return error == MMDB_SUCCESS && result.found_entry;
}

bool nta_geo_database_find(const struct nta_geo_database *database, const struct nta_addr *addr,
                           struct nta_place *place)
{
    MMDB_entry_s entry;

    if (!lookup(database, addr, &entry))
        return false;
    if (is_flat(&entry))
        fill_flat(&entry, place);
    else
        fill_nested(&entry, place);
    return true;
}

/** libmaxminddb checks structure as it reads; what it leaves to us is whether the file can hold its own tree. */
static int check(const struct nta_geo_database *database, const char *shown, struct nta_err *err)
{
    const MMDB_metadata_s *metadata = &database->mmdb.metadata;
    uint64_t tree = (uint64_t)metadata->node_count * metadata->record_size / 4;

    if (metadata->node_count == 0 || tree > database->bytes)
        return nta_err_set(err, -EINVAL, "%s: cut off or broken: its tree of %u nodes does not fit",
                           shown, metadata->node_count);
    if (!metadata->database_type)
        return nta_err_set(err, -EINVAL, "%s: does not say what it is", shown);
    return 0;
}

int nta_geo_database_open(const char *path, struct nta_geo_database **ret_database,
                          struct nta_err *err)
{
    NTA_AUTO(nta_geo_database_close)
    struct nta_geo_database *database = calloc(1, sizeof(*database));
    char shown[256], copy_path[64];

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    if (database)
        database->path = strdup(path);
    if (!database || !database->path)
        return nta_err_sys(err, -ENOMEM, "%s", shown);
    NTA_AUTO_FD int copy = copy_file(shown, path, &database->bytes, err);

    if (copy < 0)
        return copy;
    (void)snprintf(copy_path, sizeof(copy_path), "/proc/self/fd/%d", copy);
    int status = MMDB_open(copy_path, MMDB_MODE_MMAP, &database->mmdb);

    if (status != MMDB_SUCCESS)
        return nta_err_set(err, -EINVAL, "%s: not a geo database: %s", shown,
                           MMDB_strerror(status));
    database->open = true;
    int r = check(database, shown, err);

    if (r < 0)
        return r;
    *ret_database = NTA_TAKE(database);
    return 0;
}

void nta_geo_database_get_info(const struct nta_geo_database *database,
                               struct nta_geo_info *ret_info)
{
    const MMDB_metadata_s *metadata = &database->mmdb.metadata;
    uint64_t latest = INT64_MAX / NTA_NS_PER_S;

    *ret_info = (struct nta_geo_info){
        .path = database->path,
        .type = metadata->database_type,
        .built_wall_ns =
            (int64_t)(metadata->build_epoch < latest ? metadata->build_epoch : 0) * NTA_NS_PER_S,
        .bytes = database->bytes,
        .ip_version = metadata->ip_version,
    };
}
