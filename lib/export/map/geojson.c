/* SPDX-License-Identifier: Apache-2.0 */
#include "export/map/geojson.h"

#include "base/own.h"
#include "base/text.h"
#include "export/map/arc.h"
#include "export/map/pick.h"
#include "export/view/put.h"
#include "incident/detail.h"
#include "record/counted.h"
#include "record/names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum
{
    ARC_STEP = 5 ///< Degrees.
};

struct writer
{
    FILE *out;
    struct nta_view *view;
    const struct nta_view_about *about;
    struct nta_buf text; ///< The feature being written.
    uint64_t n;
    bool failed;
};

static void open_feature(struct writer *writer, const char *kind)
{
    nta_buf_printf(&writer->text, "%s{\"type\":\"Feature\",\"properties\":{\"kind\":\"%s\"",
                   writer->n++ ? ",\n" : "\n", kind);
}

/** Between a feature's properties and its geometry. */
static void open_geometry(struct writer *writer)
{
    nta_buf_puts(&writer->text, "},\"geometry\":");
}

static void close_feature(struct writer *writer)
{
    nta_buf_puts(&writer->text, "}");
    if (writer->text.failed ||
        fwrite(writer->text.ptr, 1, writer->text.len, writer->out) != writer->text.len)
        writer->failed = true;
    nta_buf_clear(&writer->text);
}

/* ---- geometry ---- */

static void put_position(struct nta_buf *out, double lat, double lon)
{
    nta_buf_put_u8(out, '[');
    nta_put_degrees(out, lon);
    nta_buf_put_u8(out, ',');
    nta_put_degrees(out, lat);
    nta_buf_put_u8(out, ']');
}

static void put_point(struct nta_buf *out, double lat, double lon)
{
    nta_buf_puts(out, "{\"type\":\"Point\",\"coordinates\":");
    put_position(out, lat, lon);
    nta_buf_put_u8(out, '}');
}

/** `[[...],[...]]` of a piece; a ring is turned against the clock. */
static void put_piece(struct nta_buf *out, const struct nta_point *points, size_t n, bool is_ring)
{
    double area = 0;

    for (size_t i = 0; i + 1 < n; i++)
        area += points[i].lon * points[i + 1].lat - points[i + 1].lon * points[i].lat;
    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < n; i++) {
        const struct nta_point *point = &points[is_ring && area < 0 ? n - 1 - i : i];

        if (i)
            nta_buf_put_u8(out, ',');
        put_position(out, point->lat, point->lon);
    }
    nta_buf_put_u8(out, ']');
}

/** Pieces as MultiLineString or MultiPolygon. */
static void put_pieces(struct nta_buf *out, const struct nta_point *points, size_t n,
                       bool are_rings)
{
    nta_buf_printf(
        out, "{\"type\":\"%s\",\"coordinates\":", are_rings ? "MultiPolygon" : "MultiLineString");
    for (size_t at = 0, len; at < n; at += len) {
        for (len = 1; at + len < n && !points[at + len].begins; len++)
            ;
        nta_buf_puts(out, at ? "," : "[");
        nta_buf_puts(out, are_rings ? "[" : "");
        put_piece(out, points + at, len, are_rings);
        nta_buf_puts(out, are_rings ? "]" : "");
    }
    nta_buf_puts(out, n ? "]}" : "[]}");
}

static void put_country(struct nta_buf *out, const struct nta_country *country)
{
    struct nta_span rings = country->rings;
    struct nta_buf points = {0};
    struct nta_point point = {0};

    while (nta_country_point(&rings, &point.lon, &point.lat, &point.begins)) {
        point.begins = point.begins || points.len == 0;
        nta_buf_put(&points, &point, sizeof(point));
    }
    put_pieces(out, (const struct nta_point *)(const void *)points.ptr, points.len / sizeof(point),
               true);
    out->failed = out->failed || points.failed;
    nta_buf_done(&points);
}

/* ---- properties ---- */

static void put_sum(struct nta_buf *out, const struct nta_tally_sum *sum)
{
    nta_put_uint(out, "records", sum->base.n);
    nta_put_uint(out, "alerts", sum->n_alerts);
    nta_put_uint(out, "downloads", sum->n_downloads);
    nta_put_uint(out, "bytes", sum->base.down);
    if (sum->base.n_unverified)
        nta_put_uint(out, "unverified", sum->base.n_unverified);
    nta_put_time(out, "first", sum->base.first_ns);
    nta_put_time(out, "last", sum->base.last_ns);
}

static void put_place(struct nta_buf *out, const struct nta_place *place)
{
    char label[NTA_LABEL_SIZE], link[160];

    nta_put_shown(out, "place", nta_view_place_label(place, label));
    nta_put_text(out, "country_code", nta_span_of(place->country_code));
    nta_put_text(out, "as_org", place->as_org);
    if (place->accuracy_km)
        nta_put_uint(out, "accuracy_km", place->accuracy_km);
    if (nta_spot_kind(place) != NTA_SPOT_POINT)
        return;
    (void)snprintf(link, sizeof(link),
                   "https://www.openstreetmap.org/?mlat=%.5f&mlon=%.5f#map=10/%.5f/%.5f",
                   place->lat, place->lon, place->lat, place->lon);
    nta_put_word(out, "openstreetmap", link);
    (void)snprintf(link, sizeof(link), "https://www.google.com/maps/search/?api=1&query=%.5f,%.5f",
                   place->lat, place->lon);
    nta_put_word(out, "google_maps", link);
}

static void put_names(struct nta_buf *out, const struct nta_incident_detail *detail)
{
    nta_put_name(out, "files");
    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < detail->n_files; i++) {
        nta_buf_puts(out, i ? "," : "");
        nta_text_json(out, detail->files[i].file.name);
    }
    nta_buf_put_u8(out, ']');
}

static void put_evidence(struct writer *writer, const struct nta_incident *incident,
                         const struct nta_incident_detail *detail)
{
    const struct nta_record *sample = &detail->sample;
    struct nta_buf *out = &writer->text;

    nta_put_text(out, "list", sample->match.list);
    nta_put_text(out, "category", sample->match.category);
    nta_put_text(out, "entry", sample->match.entry);
    nta_put_word(out, "grade", nta_grade_name((enum nta_grade)incident->grade));
    nta_put_word(out, "severity", nta_record_severity(incident->severity));
    nta_put_word(out, "basis", nta_basis_name(sample->basis));
    nta_put_word(out, "proof", incident->n_unverified ? "broken" : "holds");
    nta_put_word(out, "status", nta_status_name(incident->status));
    nta_put_word(out, "record", detail->sample_id);
}

static void put_numbers(struct nta_buf *out, const struct nta_incident *incident)
{
    nta_put_uint(out, "records", incident->n_records);
    nta_put_uint(out, "alerts", incident->n_alerts);
    nta_put_uint(out, "n_files", incident->n_files);
    nta_put_uint(out, "down", incident->down);
    nta_put_uint(out, "up", incident->up);
    if (incident->n_unverified)
        nta_put_uint(out, "unverified", incident->n_unverified);
    nta_put_time(out, "first", incident->begin_ns);
    nta_put_time(out, "last", incident->end_ns);
}

/* ---- features ---- */

static void put_incident(struct writer *writer, const struct nta_incident *incident,
                         const struct nta_incident_detail *detail)
{
    const struct nta_record *sample = &detail->sample;
    const struct nta_place *place = &sample->peer.place;
    bool is_lookup = nta_record_is_lookup(sample);
    struct nta_buf *out = &writer->text;
    char label[NTA_LABEL_SIZE];

    open_feature(writer, "incident");
    nta_put_word(out, "id", incident->id);
    nta_put_shown(out, "user", nta_view_user_label(sample, label));
    nta_put_text(out, "site", detail->site);
    nta_put_word(out, "act", nta_act_name(incident->act));
    nta_put_text(out, "url", sample->url);
    put_names(out, detail);
    put_evidence(writer, incident, detail);
    put_numbers(out, incident);
    if (is_lookup)
        nta_put_word(out, "place", "asked only");
    else
        put_place(out, place);
    open_geometry(writer);
    if (!is_lookup && nta_spot_kind(place) == NTA_SPOT_POINT)
        put_point(out, place->lat, place->lon);
    else
        nta_buf_puts(out, "null");
    close_feature(writer);
}

static int put_incidents(struct writer *writer, size_t n_max, struct nta_err *err)
{
    struct nta_pick pick;
    int r = nta_pick_incidents(writer->view, n_max, &pick, err);

    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < pick.n; i++) {
        NTA_AUTO(nta_incident_detail_free) struct nta_incident_detail *detail = NULL;

        r = nta_incident_detail_new(writer->view->incidents, pick.items[i].incident, &detail);
        if (r == 0)
            put_incident(writer, pick.items[i].incident, detail);
    }
    nta_pick_done(&pick);
    return r < 0 ? nta_err_sys(err, r, "map") : 0;
}

/** What is not in it by itself stands beside the features (RFC 7946 section 6.1). */
static void put_sum_of_all(struct writer *writer, size_t n_max)
{
    const struct nta_view_incidents sum = nta_view_count_incidents(writer->view);

    (void)fprintf(writer->out,
                  "\"incidents\":%" PRIu64 ",\"incidents_with_a_download\":%" PRIu64
                  ",\"files\":%" PRIu64 ",\"incidents_not_shown\":%" PRIu64
                  ",\"incidents_left_out\":%" PRIu64 ",\"places_left_out\":%" PRIu64 ",",
                  sum.n, sum.n_downloads, sum.n_files, sum.n > n_max ? sum.n - n_max : 0,
                  sum.n_left_out, nta_view_folded_places(writer->view));
}

/** From each user to each place. */
static void put_arc(struct writer *writer, const struct nta_tally_entry *entry,
                    const struct nta_record *sample)
{
    struct nta_point points[NTA_ARC_POINTS];
    double lat1, lon1, lat2, lon2;
    char label[NTA_LABEL_SIZE];

    if (nta_spot_kind(&sample->user.place) != NTA_SPOT_POINT ||
        !nta_spot_position(&sample->user.place, &lat1, &lon1) ||
        !nta_spot_position(&sample->peer.place, &lat2, &lon2))
        return;
    open_feature(writer, "arc");
    nta_put_shown(&writer->text, "user", nta_view_user_label(sample, label));
    nta_put_shown(&writer->text, "place", nta_view_place_label(&sample->peer.place, label));
    if (entry->sample.rank >= NTA_VIEW_RANK_MATCH)
        nta_put_word(&writer->text, "grade", nta_grade_name(nta_record_grade(sample)));
    put_sum(&writer->text, &entry->sum);
    open_geometry(writer);
    put_pieces(&writer->text, points, nta_arc(lat1, lon1, lat2, lon2, ARC_STEP, points), false);
    close_feature(writer);
}

static void put_accuracy(struct writer *writer, const struct nta_place *place)
{
    struct nta_point points[NTA_CIRCLE_POINTS];
    size_t n = nta_circle(place->lat, place->lon, place->accuracy_km, points);
    char label[NTA_LABEL_SIZE];

    if (n == 0)
        return;
    open_feature(writer, "accuracy");
    nta_put_shown(&writer->text, "place", nta_view_place_label(place, label));
    nta_put_uint(&writer->text, "accuracy_km", place->accuracy_km);
    open_geometry(writer);
    put_pieces(&writer->text, points, n, true);
    close_feature(writer);
}

static void put_spot(struct writer *writer, const struct nta_tally_entry *entry,
                     const struct nta_place *place, const char *kind)
{
    bool is_point = nta_spot_kind(place) == NTA_SPOT_POINT;
    struct nta_country country;
    double lat, lon;

    open_feature(writer, kind);
    put_place(&writer->text, place);
    put_sum(&writer->text, &entry->sum);
    open_geometry(writer);
    if (is_point && nta_spot_position(place, &lat, &lon))
        put_point(&writer->text, lat, lon);
    else if (nta_country_find(place->country_code, &country) && country.rings.len)
        put_country(&writer->text, &country);
    else
        nta_buf_puts(&writer->text, "null");
    close_feature(writer);
    if (is_point && place->accuracy_km)
        put_accuracy(writer, place);
}

static void put_table(struct writer *writer, enum nta_view_table table)
{
    struct nta_tally *tally = writer->view->tables[table];

    nta_tally_sort(tally);
    for (size_t i = 0; i < nta_tally_count(tally); i++) {
        const struct nta_tally_entry *entry = nta_tally_get(tally, i);
        struct nta_record sample;

        if (!nta_view_sample(writer->view, &entry->sample, &sample))
            continue;
        if (table == NTA_VIEW_USER_PLACES)
            put_arc(writer, entry, &sample);
        else if (table == NTA_VIEW_PLACES)
            put_spot(writer, entry, &sample.peer.place, "place");
        else if (nta_spot_kind(&sample.user.place) == NTA_SPOT_POINT)
            put_spot(writer, entry, &sample.user.place, "home");
    }
}

int nta_geojson_write(FILE *out, struct nta_view *view, const struct nta_view_about *about,
                      struct nta_err *err)
{
    struct writer writer = {.out = out, .view = view, .about = about};

    const size_t n_max = about->n_rows ? about->n_rows : NTA_VIEW_ROWS;

    (void)fputs("{\"type\":\"FeatureCollection\",", out);
    put_sum_of_all(&writer, n_max);
    (void)fputs("\"features\":[", out);
    int r = put_incidents(&writer, n_max, err);

    put_table(&writer, NTA_VIEW_USER_PLACES);
    put_table(&writer, NTA_VIEW_PLACES);
    put_table(&writer, NTA_VIEW_HOMES);
    nta_buf_done(&writer.text);
    (void)fputs("\n]}\n", out);
    if (r == 0 && (writer.failed || fflush(out) != 0 || ferror(out)))
        r = nta_err_sys(err, errno ? -errno : -EIO, "writing the map");
    return r;
}
