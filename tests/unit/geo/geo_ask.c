/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For truth.py: reads "path<TAB>address" lines, answers each with one line of JSON: the place, or
 * the sentence with which the database was refused.
 */
#include "base/buf.h"
#include "base/text.h"
#include "geo/geo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_text(struct nta_buf *out, const char *name, struct nta_span text)
{
    nta_buf_printf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
    nta_text_json(out, text);
}

static void put_place(struct nta_buf *out, const struct nta_place *place, bool known)
{
    nta_buf_puts(out, "{");
    put_text(out, "city", place->city);
    put_text(out, "region", place->region);
    put_text(out, "postal", place->postal);
    put_text(out, "country_name", place->country);
    put_text(out, "country", nta_span_of(place->country_code));
    put_text(out, "org", place->as_org);
    if (place->has_position)
        nta_buf_printf(out, ",\"lat\":%.17g,\"lon\":%.17g,\"km\":%u", place->lat, place->lon,
                       place->accuracy_km);
    nta_buf_printf(out, ",\"asn\":%u,\"known\":%s}", place->asn, known ? "true" : "false");
}

static void answer(const struct nta_geo *geo, const struct nta_err *err, const char *text)
{
    struct nta_buf out = {0};
    struct nta_addr addr;
    struct nta_place place;

    if (!geo) {
        nta_buf_puts(&out, "{\"error\":");
        nta_text_json(&out, nta_span_of(err->text));
        nta_buf_puts(&out, "}");
    } else if (nta_addr_parse(text, strlen(text), &addr) < 0) {
        nta_buf_puts(&out, "{\"error\":\"not an address\"}");
    } else {
        bool known = nta_geo_find(geo, &addr, &place);

        put_place(&out, &place, known);
    }
    nta_buf_put_u8(&out, '\n');
    (void)fwrite(out.ptr, 1, out.len, stdout);
    nta_buf_done(&out);
}

int main(void)
{
    char line[4096], path[4096] = "";
    struct nta_geo *geo = NULL;
    struct nta_err err = {0};

    while (fgets(line, sizeof(line), stdin)) {
        char *tab = strchr(line, '\t');

        line[strcspn(line, "\n")] = '\0';
        if (!tab)
            return EXIT_FAILURE;
        *tab = '\0';
        if (strcmp(path, line) != 0) {
            const char *const paths[] = {line};

            nta_geo_free(&geo);
            (void)snprintf(path, sizeof(path), "%s", line);
            (void)nta_geo_open(paths, 1, NULL, &geo, &err);
        }
        answer(geo, &err, tab + 1);
    }
    nta_geo_free(&geo);
    return EXIT_SUCCESS;
}
