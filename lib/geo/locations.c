/* SPDX-License-Identifier: Apache-2.0 */
#include "geo/locations.h"

#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    SITES_MAX = 4096,
    LINE_SIZE = 1024,
    FILE_MAX_BYTES = 16 << 20,
    SHOWN_SIZE = 256
};

enum cell
{
    PREFIX,
    NAME,
    CITY,
    COUNTRY,
    LAT,
    LON,
    N_CELLS
};

struct site
{
    struct nta_prefix prefix;
    char *texts; ///< Owned: the line, cells NUL-terminated in it.
    struct nta_place place;
};

struct nta_geo_locations
{
    size_t n;
    struct site sites[SITES_MAX]; ///< Longest prefix first.
};

void nta_geo_locations_free(struct nta_geo_locations **sites)
{
    if (!*sites)
        return;
    for (size_t i = 0; i < (*sites)->n; i++)
        free((*sites)->sites[i].texts);
    free(*sites);
    *sites = NULL;
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t len = strlen(text);

    while (len && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    return text;
}

/**
 * Take a line apart at its commas, in place.  Gives the number of cells, 0 if there are too many.
 */
static size_t split(char *line, char *cells[N_CELLS])
{
    size_t n = 0;

    for (char *rest = line, *cell; (cell = strsep(&rest, ","));) {
        if (n == N_CELLS)
            return 0;
        cells[n++] = trim(cell);
    }
    return n;
}

static bool parse_degrees(const char *text, double limit, double *ret_value)
{
    char *end = NULL;
    double value = strtod(text, &end);

    if (end == text || *end || !isfinite(value) || fabs(value) > limit)
        return false;
    *ret_value = value;
    return true;
}

static int fill_place(char *cells[N_CELLS], size_t n, struct nta_place *place, struct nta_err *err)
{
    if (n < 2 || cells[NAME][0] == '\0')
        return nta_err_set(err, -EINVAL, "a prefix needs the name of its place behind a comma");
    place->site = nta_span_of(cells[NAME]);
    if (n > CITY)
        place->city = nta_span_of(cells[CITY]);
    if (n > COUNTRY && cells[COUNTRY][0]) {
        const char *code = cells[COUNTRY];

        if (strlen(code) != 2 || !isalpha((unsigned char)code[0]) ||
            !isalpha((unsigned char)code[1]))
            return nta_err_set(err, -EINVAL, "the country is two letters, as BE");
        for (size_t i = 0; i < 2; i++)
            place->country_code[i] = (char)toupper((unsigned char)code[i]);
    }
    if (n <= LAT)
        return 0;
    if (n != N_CELLS || !parse_degrees(cells[LAT], 90, &place->lat) ||
        !parse_degrees(cells[LON], 180, &place->lon))
        return nta_err_set(err, -EINVAL, "latitude and longitude are two numbers of degrees");
    place->has_position = true;
    return 0;
}

static int add_line(struct nta_geo_locations *sites, const char *line, struct nta_err *err)
{
    NTA_AUTO_FREE char *texts = strdup(line);
    char *cells[N_CELLS];
    struct site site = {0};

    if (!texts)
        return nta_err_sys(err, -ENOMEM, "site table");
    if (sites->n == SITES_MAX)
        return nta_err_set(err, -E2BIG, "more than %d places", SITES_MAX);
    size_t n = split(texts, cells);

    while (n > CITY && cells[n - 1][0] == '\0')
        n--; /* as spreadsheets write what is left out */
    if (n == 0)
        return nta_err_set(err, -EINVAL, "more than %d cells", N_CELLS);
    int r = nta_prefix_parse(cells[PREFIX], strlen(cells[PREFIX]), &site.prefix, err);

    if (r == 0)
        r = fill_place(cells, n, &site.place, err);
    if (r < 0)
        return r;
    site.texts = NTA_TAKE(texts);
    sites->sites[sites->n++] = site;
    return 0;
}

static int longest_first(const void *a, const void *b)
{
    const struct site *x = a, *y = b;

    return (int)y->prefix.len - (int)x->prefix.len;
}

int nta_geo_locations_load(const char *path, struct nta_geo_locations **ret_sites,
                           struct nta_err *err)
{
    NTA_AUTO(nta_geo_locations_free) struct nta_geo_locations *sites = calloc(1, sizeof(*sites));
    int opened;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, FILE_MAX_BYTES, 0, &opened, err);
    char line[LINE_SIZE], shown[SHOWN_SIZE];

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    if (!file)
        return opened;
    if (!sites)
        return nta_err_sys(err, -ENOMEM, "%s", shown);
    for (unsigned number = 1; fgets(line, sizeof(line), file); number++) {
        if (strlen(line) == sizeof(line) - 1)
            return nta_err_set(err, -EINVAL, "%s:%u: line is too long", shown, number);
        const char *text = trim(line);

        if (text[0] == '\0' || text[0] == '#')
            continue;
        int r = add_line(sites, text, err);

        if (r < 0)
            return nta_err_prefix(err, r, "%s:%u", shown, number);
    }
    if (ferror(file))
        return nta_err_set(err, -EIO, "%s: cannot be read", shown);
    qsort(sites->sites, sites->n, sizeof(sites->sites[0]), longest_first);
    *ret_sites = NTA_TAKE(sites);
    return 0;
}

bool nta_geo_locations_find(const struct nta_geo_locations *sites, const struct nta_addr *addr,
                            struct nta_place *ret_place)
{
    for (size_t i = 0; i < sites->n; i++) {
        if (nta_prefix_has(&sites->sites[i].prefix, addr)) {
            *ret_place = sites->sites[i].place;
            return true;
        }
    }
    return false;
}
