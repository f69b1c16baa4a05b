/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of a KML document: text, styles, balloons, geometry. */
#include "export/map/kml_parts.h"

#include "base/own.h"
#include "base/text.h"
#include "export/map/xml.h"
#include "record/counted.h"
#include "record/names.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void nta_kml_flush(struct nta_kml *kml)
{
    if (kml->text.failed || fwrite(kml->text.ptr, 1, kml->text.len, kml->out) != kml->text.len)
        kml->failed = true;
    nta_buf_clear(&kml->text);
}

void nta_kml_text(struct nta_kml *kml, const char *tag, const char *shown)
{
    nta_buf_printf(&kml->text, "<%s>", tag);
    nta_xml_shown(&kml->text, shown);
    nta_buf_printf(&kml->text, "</%s>\n", tag);
}

void nta_kml_open_folder(struct nta_kml *kml, const char *shown_name, bool is_visible)
{
    nta_buf_puts(&kml->text, "<Folder>");
    nta_kml_text(kml, "name", shown_name);
    if (!is_visible)
        nta_buf_puts(&kml->text, "<visibility>0</visibility>\n");
}

void nta_kml_close_folder(struct nta_kml *kml)
{
    nta_buf_puts(&kml->text, "</Folder>\n");
    nta_kml_flush(kml);
}

void nta_kml_id(const struct nta_incident *incident, char buf[NTA_KML_ID_SIZE])
{
    (void)snprintf(buf, NTA_KML_ID_SIZE, "i%s", incident->id);
}

/* ---- styles ---- */

static const struct
{
    const char *name, *colour; ///< As KML has it: blue, green, red.
    double width;
    const char *means;
} styles[] = {{"strong", "1e26b3", 2.5, "strong evidence: the site was named where it counts"},
              {"likely", "005ca3", 2, "likely: it was named, and less surely"},
              {"weak", "826b5d", 1.5, "weak: a hint by address alone, which accuses nobody"},
              {"plain", "a87f2f", 1, "traffic that no list forbids; not drawn until it is ticked"}};

enum
{
    N_STYLES = NTA_N_ELEMENTS(styles)
};

void nta_kml_styles(struct nta_kml *kml)
{
    for (size_t i = 0; i < N_STYLES; i++) {
        const char *colour = styles[i].colour;

        nta_buf_printf(
            &kml->text,
            "<Style id=\"%s\"><IconStyle><color>ff%s</color><scale>%s</scale></IconStyle>"
            "<LabelStyle><scale>0.8</scale></LabelStyle>"
            "<LineStyle><color>b0%s</color><width>%.1f</width></LineStyle>"
            "<PolyStyle><color>40%s</color></PolyStyle>"
            "<BalloonStyle><text>$[description]</text></BalloonStyle></Style>\n"
            /* no icon: a country is an area with a label, never a pin */
            "<Style id=\"%s-area\"><IconStyle><scale>0</scale></IconStyle>"
            "<LabelStyle><color>ff%s</color><scale>0.9</scale></LabelStyle>"
            "<LineStyle><color>b0%s</color><width>%.1f</width></LineStyle>"
            "<PolyStyle><color>50%s</color></PolyStyle>"
            "<BalloonStyle><text>$[description]</text></BalloonStyle></Style>\n",
            styles[i].name, colour, i < 3 ? "1.0" : "0.6", colour, styles[i].width, colour,
            styles[i].name, colour, colour, styles[i].width, colour);
    }
    nta_buf_puts(&kml->text, "<Style id=\"home\"><IconStyle><color>ff303030</color><scale>0.9"
                             "</scale></IconStyle></Style>\n");
    nta_kml_flush(kml);
}

/** A swatch of each colour beside its words, and a feature each for the list of places. */
void nta_kml_legend(struct nta_kml *kml)
{
    struct nta_buf *out = &kml->text;

    nta_kml_open_folder(kml, "Legend", true);
    nta_buf_puts(out, "<description><![CDATA[<table>");
    for (size_t i = 0; i < N_STYLES; i++) {
        const char *colour = styles[i].colour;

        nta_buf_printf(out, "<tr><td bgcolor=\"#%.2s%.2s%.2s\">&#160;&#160;</td><td>%s</td></tr>",
                       colour + 4, colour + 2, colour, styles[i].means);
    }
    nta_buf_puts(out, "<tr><td bgcolor=\"#303030\">&#160;&#160;</td><td>where users are</td></tr>"
                      "</table><p>Lines go from users to servers. An area instead of a point: only "
                      "the country is known.</p>]]></description>\n");
    for (size_t i = 0; i < N_STYLES; i++) {
        nta_buf_puts(out, "<Placemark>");
        nta_kml_text(kml, "name", styles[i].means);
        nta_buf_printf(out, "<styleUrl>#%s</styleUrl></Placemark>\n", styles[i].name);
    }
    nta_kml_close_folder(kml);
}

const char *nta_kml_style(const struct nta_tally_entry *entry, const struct nta_record *sample)
{
    return entry->sample.rank >= NTA_VIEW_RANK_MATCH ? nta_grade_name(nta_record_grade(sample))
                                                     : "plain";
}

/* ---- balloons ---- */

void nta_kml_row(struct nta_buf *out, const char *name, struct nta_span text)
{
    if (text.len == 0)
        return;
    nta_buf_printf(out, "<tr><td>%s</td><td>", name);
    nta_xml_text(out, text);
    nta_buf_puts(out, "</td></tr>");
}

void nta_kml_number(struct nta_buf *out, const char *name, uint64_t value)
{
    if (value)
        nta_buf_printf(out, "<tr><td>%s</td><td>%" PRIu64 "</td></tr>", name, value);
}

void nta_kml_place(struct nta_buf *out, const struct nta_place *place)
{
    char label[NTA_LABEL_SIZE];

    nta_buf_puts(out, "<tr><td>place</td><td>");
    nta_xml_shown(out, nta_view_place_label(place, label));
    if (place->accuracy_km)
        nta_buf_printf(out, ", within about %" PRIu32 " km", place->accuracy_km);
    nta_buf_puts(out, "</td></tr>");
}

/** Links to public maps, by coordinates; nothing is fetched before somebody follows them. */
void nta_kml_links(struct nta_buf *out, const struct nta_place *place)
{
    if (nta_spot_kind(place) != NTA_SPOT_POINT)
        return;
    nta_buf_printf(out,
                   "<p><a href=\"https://www.openstreetmap.org/?mlat=%.5f&amp;mlon=%.5f"
                   "#map=10/%.5f/%.5f\">OpenStreetMap</a> "
                   "<a href=\"https://www.google.com/maps/search/?api=1&amp;query=%.5f,%.5f\">"
                   "Google Maps</a></p>",
                   place->lat, place->lon, place->lat, place->lon, place->lat, place->lon);
}

void nta_kml_balloon(struct nta_kml *kml, const struct nta_tally_entry *entry,
                     const struct nta_place *place)
{
    struct nta_buf *out = &kml->text;

    nta_buf_puts(out, "<description><![CDATA[<table>");
    nta_kml_place(out, place);
    nta_kml_number(out, "records", entry->sum.base.n);
    nta_kml_number(out, "UNVERIFIED, of these", entry->sum.base.n_unverified);
    nta_kml_number(out, "alerts", entry->sum.n_alerts);
    nta_kml_number(out, "records of downloads", entry->sum.n_downloads);
    nta_kml_number(out, "bytes received", entry->sum.base.down);
    nta_kml_number(out, "bytes sent", entry->sum.base.up);
    nta_buf_puts(out, "</table>");
    nta_kml_links(out, place);
    nta_buf_puts(out, "]]></description>\n");
}

const char *nta_kml_time(int64_t wall_ns, char text[NTA_TIME_TEXT_SIZE])
{
    const size_t seconds_end = 19, zone = 29; /* in "2026-01-31T13:00:00.123456789+01:00" */

    (void)nta_clock_text_local(wall_ns, text);
    text[10] = ' ';
    memmove(text + seconds_end, text + zone, strlen(text + zone) + 1);
    return text;
}

void nta_kml_time_span(struct nta_kml *kml, int64_t first_ns, int64_t last_ns)
{
    char begin[NTA_TIME_TEXT_SIZE], end[NTA_TIME_TEXT_SIZE];

    if (first_ns)
        nta_buf_printf(&kml->text, "<TimeSpan><begin>%s</begin><end>%s</end></TimeSpan>\n",
                       nta_clock_text(first_ns, begin), nta_clock_text(last_ns, end));
}

bool nta_kml_position(const struct nta_record *sample, double *ret_lat, double *ret_lon)
{
    return !nta_record_is_lookup(sample) &&
           nta_spot_position(&sample->peer.place, ret_lat, ret_lon);
}

/* ---- geometry ---- */

/** A number with four decimals (11 m), whatever the locale. */
static void put_degrees(struct nta_buf *out, double degrees, char behind)
{
    long long units = llrint(degrees * 1e4);

    nta_buf_printf(out, "%s%lld.%04lld%c", units < 0 ? "-" : "", llabs(units) / 10000,
                   llabs(units) % 10000, behind);
}

static void put_coordinates(struct nta_buf *out, const struct nta_point *points, size_t n)
{
    nta_buf_puts(out, "<coordinates>");
    for (size_t i = 0; i < n; i++) {
        put_degrees(out, points[i].lon, ',');
        put_degrees(out, points[i].lat, ',');
        nta_buf_printf(out, "%.0f ", points[i].altitude_km * 1000);
    }
    nta_buf_puts(out, "</coordinates>");
}

void nta_kml_point(struct nta_kml *kml, double lat, double lon)
{
    const struct nta_point point = {.lat = lat, .lon = lon};

    nta_buf_puts(&kml->text, "<Point>");
    put_coordinates(&kml->text, &point, 1);
    nta_buf_puts(&kml->text, "</Point>\n");
}

/** Points of the piece that begins at `at`. */
static size_t piece_len(const struct nta_point *points, size_t n, size_t at)
{
    size_t len = 1;

    while (at + len < n && !points[at + len].begins)
        len++;
    return len;
}

void nta_kml_line(struct nta_kml *kml, const struct nta_point *points, size_t n)
{
    for (size_t at = 0, len; at < n; at += len) {
        len = piece_len(points, n, at);
        nta_buf_puts(&kml->text, "<LineString><altitudeMode>absolute</altitudeMode>");
        put_coordinates(&kml->text, points + at, len);
        nta_buf_puts(&kml->text, "</LineString>\n");
    }
}

static void put_polygon(struct nta_kml *kml, const struct nta_point *points, size_t n)
{
    nta_buf_puts(&kml->text, "<Polygon><tessellate>1</tessellate><outerBoundaryIs><LinearRing>");
    put_coordinates(&kml->text, points, n);
    nta_buf_puts(&kml->text, "</LinearRing></outerBoundaryIs></Polygon>\n");
}

void nta_kml_circle(struct nta_kml *kml, double lat, double lon, double radius_km)
{
    struct nta_point points[NTA_CIRCLE_POINTS];
    size_t n = nta_circle(lat, lon, radius_km, points);

    for (size_t at = 0, len; at < n; at += len) {
        len = piece_len(points, n, at);
        put_polygon(kml, points + at, len);
    }
}

void nta_kml_country(struct nta_kml *kml, const struct nta_country *country)
{
    struct nta_span rings = country->rings;
    struct nta_buf ring = {0};
    struct nta_point point = {0};

    for (bool more = true; more;) {
        more = nta_country_point(&rings, &point.lon, &point.lat, &point.begins);
        if ((!more || point.begins) && ring.len && !ring.failed) {
            put_polygon(kml, (const struct nta_point *)(const void *)ring.ptr,
                        ring.len / sizeof(point));
            nta_buf_clear(&ring);
        }
        nta_buf_put(&ring, &point, sizeof(point));
    }
    kml->failed = kml->failed || ring.failed;
    nta_buf_done(&ring);
}
