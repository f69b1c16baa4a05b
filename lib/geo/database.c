/* SPDX-License-Identifier: Apache-2.0 */
#include "geo/database.h"

#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/runtime/clock.h"
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

enum
{
    FRONT_BITS = 16
};

/** The largest on sale have half a gigabyte; all of it is copied into memory. */
#define DATABASE_MAX_BYTES (UINT64_C(2) << 30)

/** Where a walk through the tree has come to. */
struct spot
{
    uint32_t number; ///< Of a node; or where data stands.
    uint8_t type;    ///< MMDB_RECORD_TYPE_…
};

struct nta_geo_database
{
    char *path;
    uint64_t bytes;
    MMDB_s mmdb;
    bool open;
    /** Where the first 16 bits of an IPv4 address lead: most of the way is then behind it. */
    struct spot *front;
};

/** A path into a record's maps and arrays, as MMDB_aget_value wants it. */
typedef const char *const field_path[5];

void nta_geo_database_close(struct nta_geo_database **database)
{
    if (!*database)
        return;
    if ((*database)->open)
        MMDB_close(&(*database)->mmdb);
    free((*database)->front);
    free((*database)->path);
    free(*database);
    *database = NULL;
}

/** Copy the file into sealed memory: what happens to the file from now on does not matter. */
static int copy_file(const char *shown, const char *path, uint64_t *ret_bytes, struct nta_err *err)
{
    NTA_AUTO_FD int from = nta_plainfile_open(path, DATABASE_MAX_BYTES, 0, err);
    NTA_AUTO_FD int to = -1;
    struct stat st;

    if (from < 0)
        return from;
    if (fstat(from, &st) < 0)
        return nta_err_sys(err, -errno, "%s", shown);
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

    get_text(entry, path, &code);
    if (code.len == 2)
        memcpy(place->country_code, code.ptr, 2);
}

static void get_position(MMDB_entry_s *entry, field_path lat_path, field_path lon_path,
                         struct nta_place *place)
{
    double lat, lon;

    if (!get_double(entry, lat_path, &lat) || !get_double(entry, lon_path, &lon) ||
        fabs(lat) > 90 || fabs(lon) > 180)
        return;
    place->lat = lat;
    place->lon = lon;
    place->has_position = true;
}

/**
 * GeoLite2, GeoIP2, DB-IP: nested maps with names by language; also the ASN, ISP and Enterprise
 * kinds. The registered country is left out: it says where a provider has its seat, not where the
 * address is.
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
    get_position(entry, lat, lon, place);
    place->accuracy_km = place->has_position ? get_number(entry, radius) : 0;
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

/** One bit further. */
static struct spot step(const MMDB_s *mmdb, struct spot spot, unsigned bit)
{
    MMDB_search_node_s node;

    if (spot.type != MMDB_RECORD_TYPE_SEARCH_NODE)
        return spot;
    if (MMDB_read_node(mmdb, spot.number, &node) != MMDB_SUCCESS)
        return (struct spot){.type = MMDB_RECORD_TYPE_INVALID};
    uint8_t type = bit ? node.right_record_type : node.left_record_type;
    uint64_t child = bit ? node.right_record : node.left_record;
    uint32_t offset = bit ? node.right_record_entry.offset : node.left_record_entry.offset;

    return (struct spot){
        .number = type == MMDB_RECORD_TYPE_DATA ? offset : (uint32_t)child,
        .type = type,
    };
}

/**
 * Where IPv4 begins: at the root, or behind 96 zero bits (MaxMind DB file format, "IPv4 addresses
 * in an IPv6 tree").
 */
static struct spot ipv4_root(const MMDB_s *mmdb)
{
    struct spot spot = {.type = MMDB_RECORD_TYPE_SEARCH_NODE};

    for (int i = 0; mmdb->metadata.ip_version == 6 && i < 96; i++)
        spot = step(mmdb, spot, 0);
    return spot;
}

/** Bit by bit for all addresses at once: level by level, from back to front, in place. */
static int make_front(struct nta_geo_database *database)
{
    struct spot *front = malloc(sizeof(*front) << FRONT_BITS);

    if (!front)
        return -ENOMEM;
    front[0] = ipv4_root(&database->mmdb);
    for (size_t n = 1; n < 1U << FRONT_BITS; n *= 2) {
        for (size_t i = n; i-- > 0;) {
            struct spot spot = front[i];

            front[2 * i + 1] = step(&database->mmdb, spot, 1);
            front[2 * i] = step(&database->mmdb, spot, 0);
        }
    }
    database->front = front;
    return 0;
}

static bool locate_v4(const struct nta_geo_database *database, const uint8_t bytes[4],
                      uint32_t *ret_offset)
{
    uint32_t addr =
        (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    struct spot spot = database->front[addr >> (32 - FRONT_BITS)];

    for (int bit = 31 - FRONT_BITS; bit >= 0 && spot.type == MMDB_RECORD_TYPE_SEARCH_NODE; bit--)
        spot = step(&database->mmdb, spot, addr >> bit & 1);
    *ret_offset = spot.number;
    return spot.type == MMDB_RECORD_TYPE_DATA;
}

bool nta_geo_database_is_blank(const struct nta_geo_database *database, const struct nta_addr *addr)
{
    if (!nta_addr_is_v4(addr))
        return database->mmdb.metadata.ip_version == 4;
    return database->front[addr->bytes[12] << 8 | addr->bytes[13]].type == MMDB_RECORD_TYPE_EMPTY;
}

bool nta_geo_database_locate(const struct nta_geo_database *database, const struct nta_addr *addr,
                             uint32_t *ret_offset)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    int error = 0;

    if (nta_addr_is_v4(addr))
        return locate_v4(database, addr->bytes + 12, ret_offset);
    if (database->mmdb.metadata.ip_version == 4)
        return false;
    memcpy(&v6.sin6_addr, addr->bytes, sizeof(v6.sin6_addr));
    MMDB_lookup_result_s result =
        MMDB_lookup_sockaddr(&database->mmdb, (const struct sockaddr *)&v6, &error);

    *ret_offset = result.entry.offset;
    return error == MMDB_SUCCESS && result.found_entry;
}

void nta_geo_database_read(const struct nta_geo_database *database, uint32_t offset,
                           struct nta_place *place)
{
    MMDB_entry_s entry = {.mmdb = &database->mmdb, .offset = offset};

    if (is_flat(&entry))
        fill_flat(&entry, place);
    else
        fill_nested(&entry, place);
}

/**
 * libmaxminddb checks structure as it reads; what it leaves to us is whether the file can hold its
 * own tree.
 */
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
    r = make_front(database);
    if (r < 0)
        return nta_err_sys(err, r, "%s", shown);
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

struct nta_span nta_geo_database_content(const struct nta_geo_database *database)
{
    return (struct nta_span){database->mmdb.file_content, (size_t)database->mmdb.file_size};
}
