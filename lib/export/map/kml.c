/* SPDX-License-Identifier: Apache-2.0 */
/* The KML document: its folders and what stands in them. */
#include "export/map/kml.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "export/map/kml_parts.h"
#include "export/map/pick.h"
#include "export/map/xml.h"
#include "record/counted.h"

#include <errno.h>
#include <inttypes.h>

enum
{
    ARC_STEP = 3,        ///< Degrees.
    ARC_STEP_COARSE = 8, ///< For what is not an incident.
    UNPLACED_MAX = 500,
    TOUR_STOPS = 60,
    NAME_SIZE = 2 * NTA_LABEL_SIZE
};

static void put_head(struct nta_kml *kml, bool is_2_2)
{
    nta_buf_printf(&kml->text,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<kml xmlns=\"http://www.opengis.net/kml/%s\" "
                   "xmlns:gx=\"http://www.google.com/kml/ext/2.2\">\n<Document>\n",
                   is_2_2 ? "2.2" : "2.3");
}

static void put_summary(struct nta_kml *kml)
{
    const struct nta_view_about *about = kml->about;
    const struct nta_tally_sum *all = &kml->view->all;
    struct nta_buf *out = &kml->text;
    char begin[NTA_TIME_TEXT_SIZE], end[NTA_TIME_TEXT_SIZE];

    nta_buf_puts(out, "<name>");
    nta_xml_text(out, nta_span_of(about->title ? about->title : "Network map"));
    nta_buf_puts(out, "</name>\n<open>1</open>\n<description><![CDATA[<p>");
    if (all->base.first_ns)
        nta_buf_printf(out, "%s to %s. ", nta_clock_text(all->base.first_ns, begin),
                       nta_clock_text(all->base.last_ns, end));
    if (about->question && about->question[0]) {
        nta_xml_shown(out, about->question);
        nta_buf_puts(out, ". ");
    }
    nta_buf_printf(
        out, "%" PRIu64 " records, %zu incidents, %" PRIu64 " records without a place.</p><p>",
        all->base.n, nta_tally_count(kml->view->tables[NTA_VIEW_INCIDENTS]), kml->view->n_unplaced);
    if (about->proof_text)
        nta_xml_shown(out, about->proof_text);
    if (nta_view_lacks(kml->view)) {
        nta_buf_puts(out, "</p><p>");
        nta_xml_shown(out, nta_view_lacks(kml->view));
    }
    nta_buf_puts(out, "</p><p>Outlines of countries: Natural Earth.</p>]]></description>\n");
    nta_kml_styles(kml);
}

/** What a placemark's name says: the site, or the place of other traffic. */
static void put_name(struct nta_kml *kml, const struct nta_tally_entry *entry,
                     const struct nta_record *sample)
{
    bool is_match = entry->sample.rank >= NTA_VIEW_RANK_MATCH;
    char label[NTA_LABEL_SIZE];

    nta_buf_puts(&kml->text, entry->sum.base.n_unverified ? "<name>UNVERIFIED: " : "<name>");
    if (is_match && sample->site.len)
        nta_xml_text(&kml->text, sample->site);
    else
        nta_xml_shown(&kml->text, nta_view_place_label(&sample->peer.place, label));
    nta_buf_puts(&kml->text, "</name>\n");
}

/** The line from where the user is to where the server is. */
static void put_arc(struct nta_kml *kml, const struct nta_record *sample, double lat, double lon,
                    double step)
{
    struct nta_point points[NTA_ARC_POINTS];
    double home_lat, home_lon;

    if (nta_spot_kind(&sample->user.place) != NTA_SPOT_POINT ||
        !nta_spot_position(&sample->user.place, &home_lat, &home_lon))
        return;
    nta_kml_line(kml, points, nta_arc(home_lat, home_lon, lat, lon, step, points));
}

/** An incident, or other traffic of one user with one place: false if it has no place. */
static bool put_user_item(struct nta_kml *kml, const struct nta_tally_entry *entry,
                          const struct nta_record *sample)
{
    const struct nta_place *place = &sample->peer.place;
    bool is_match = entry->sample.rank >= NTA_VIEW_RANK_MATCH;
    bool is_area = nta_spot_kind(place) != NTA_SPOT_POINT;
    double lat, lon;
    char id[NTA_KML_ID_SIZE];

    if (nta_record_is_lookup(sample) || !nta_spot_position(place, &lat, &lon))
        return false;
    nta_kml_id(entry, id);
    if (is_match)
        nta_buf_printf(&kml->text, "<Placemark id=\"%s\">", id);
    else
        nta_buf_puts(&kml->text, "<Placemark>");
    put_name(kml, entry, sample);
    nta_buf_puts(&kml->text, is_match ? "" : "<visibility>0</visibility>\n");
    nta_kml_balloon(kml, entry, is_match ? sample : NULL, place);
    nta_kml_time_span(kml, &entry->sum);
    nta_buf_printf(&kml->text, "<styleUrl>#%s%s</styleUrl>\n<MultiGeometry>",
                   nta_kml_style(entry, sample), is_area ? "-area" : "");
    nta_kml_point(kml, lat, lon);
    put_arc(kml, sample, lat, lon, is_match ? ARC_STEP : ARC_STEP_COARSE);
    nta_buf_puts(&kml->text, "</MultiGeometry></Placemark>\n");
    nta_kml_flush(kml);
    return true;
}

static int put_users(struct nta_kml *kml, size_t n_max, struct nta_err *err)
{
    struct nta_pick pick;
    int r = nta_pick_by_user(kml->view, n_max, &pick, err);

    if (r < 0)
        return r;
    nta_kml_open_folder(kml, "By user", true);
    for (size_t i = 0; i < pick.n; i++) {
        const struct nta_tally_entry *entry = pick.items[i];
        bool begins = i == 0 || !nta_pick_same_user(pick.items[i - 1], entry);
        struct nta_record sample = {.time_ns = 0};
        char label[NTA_LABEL_SIZE];

        (void)nta_view_sample(kml->view, &entry->sample, &sample);
        if (begins && i)
            nta_kml_close_folder(kml);
        if (begins)
            nta_kml_open_folder(kml, nta_view_user_label(&sample, label), true);
        (void)put_user_item(kml, entry, &sample);
    }
    if (pick.n)
        nta_kml_close_folder(kml);
    nta_kml_close_folder(kml);
    nta_pick_done(&pick);
    return 0;
}

/** A place as a point with its circle, or as a country with a label. */
static void put_place(struct nta_kml *kml, const struct nta_tally_entry *entry,
                      const struct nta_place *place, const char *style, bool is_visible)
{
    bool is_area = nta_spot_kind(place) != NTA_SPOT_POINT;
    struct nta_country country;
    char label[NTA_LABEL_SIZE];
    double lat, lon;

    if (!nta_spot_position(place, &lat, &lon))
        return;
    nta_buf_puts(&kml->text, "<Placemark>");
    nta_kml_text(kml, "name", nta_view_place_label(place, label));
    nta_buf_puts(&kml->text, is_visible ? "" : "<visibility>0</visibility>\n");
    nta_kml_balloon(kml, entry, NULL, place);
    nta_kml_time_span(kml, &entry->sum);
    nta_buf_printf(&kml->text, "<styleUrl>#%s%s</styleUrl>\n<MultiGeometry>", style,
                   is_area ? "-area" : "");
    nta_kml_point(kml, lat, lon);
    if (is_area && nta_country_find(place->country_code, &country))
        nta_kml_country(kml, &country);
    else if (place->accuracy_km)
        nta_kml_circle(kml, lat, lon, place->accuracy_km);
    nta_buf_puts(&kml->text, "</MultiGeometry></Placemark>\n");
    nta_kml_flush(kml);
}

static void put_lists(struct nta_kml *kml)
{
    struct nta_tally *tally = kml->view->tables[NTA_VIEW_LIST_PLACES];
    const struct nta_tally_entry *before = NULL;

    nta_tally_sort_by_key(tally);
    nta_kml_open_folder(kml, "By list", false);
    for (size_t i = 0; i < nta_tally_count(tally); i++) {
        const struct nta_tally_entry *entry = nta_tally_get(tally, i);
        bool begins = !before || !nta_pick_same_list(before, entry);
        struct nta_record sample = {.time_ns = 0};
        char name[NTA_LABEL_SIZE];

        (void)nta_view_sample(kml->view, &entry->sample, &sample);
        if (begins && before)
            nta_kml_close_folder(kml);
        if (begins)
            nta_kml_open_folder(kml, nta_text_escape_to(name, sizeof(name), sample.match.list),
                                false);
        put_place(kml, entry, &sample.peer.place, nta_kml_style(entry, &sample), false);
        before = entry;
    }
    if (before)
        nta_kml_close_folder(kml);
    nta_kml_close_folder(kml);
}

static void put_places(struct nta_kml *kml, enum nta_view_table table, const char *name,
                       bool of_users)
{
    struct nta_tally *tally = kml->view->tables[table];

    nta_tally_sort(tally);
    nta_kml_open_folder(kml, name, true);
    for (size_t i = 0; i < nta_tally_count(tally); i++) {
        const struct nta_tally_entry *entry = nta_tally_get(tally, i);
        struct nta_record sample = {.time_ns = 0};

        (void)nta_view_sample(kml->view, &entry->sample, &sample);
        const char *style = of_users ? "home" : nta_kml_style(entry, &sample);

        if (!of_users || nta_spot_kind(&sample.user.place) == NTA_SPOT_POINT)
            put_place(kml, entry, of_users ? &sample.user.place : &sample.peer.place, style, true);
    }
    nta_kml_close_folder(kml);
}

/**
 * Incidents that cannot be drawn, as features without geometry, and how many records there are like
 * them.
 */
static int put_unplaced(struct nta_kml *kml, size_t n_max, struct nta_err *err)
{
    struct nta_pick pick;
    char name[NAME_SIZE];
    size_t n = 0;
    int r = nta_pick_incidents(kml->view, n_max, &pick, err);

    if (r < 0)
        return r;
    (void)snprintf(name, sizeof(name), "Without a place (%" PRIu64 " records)",
                   kml->view->n_unplaced);
    nta_kml_open_folder(kml, name, true);
    nta_buf_puts(&kml->text, "<description>The database knows no place for these servers, or the "
                             "name was looked up only.</description>\n");
    for (size_t i = 0; i < pick.n && n < UNPLACED_MAX; i++) {
        const struct nta_tally_entry *entry = pick.items[i];
        const struct nta_place nowhere = {.has_position = false};
        struct nta_record sample = {.time_ns = 0};
        double lat, lon;

        (void)nta_view_sample(kml->view, &entry->sample, &sample);
        if (!nta_record_is_lookup(&sample) && nta_spot_position(&sample.peer.place, &lat, &lon))
            continue;
        nta_buf_puts(&kml->text, "<Placemark>");
        put_name(kml, entry, &sample);
        nta_kml_balloon(kml, entry, &sample, &nowhere);
        nta_kml_time_span(kml, &entry->sum);
        nta_buf_puts(&kml->text, "</Placemark>\n");
        n++;
    }
    nta_kml_close_folder(kml);
    nta_pick_done(&pick);
    return 0;
}

/** Show or hide the balloon of a placemark. */
static void put_balloon_update(struct nta_kml *kml, const char *id, bool is_shown)
{
    nta_buf_printf(&kml->text,
                   "<gx:AnimatedUpdate><Update><targetHref/><Change><Placemark targetId=\"%s\">"
                   "<gx:balloonVisibility>%d</gx:balloonVisibility></Placemark></Change></Update>"
                   "</gx:AnimatedUpdate>\n",
                   id, is_shown);
}

static void put_stop(struct nta_kml *kml, const struct nta_tally_entry *entry, double lat,
                     double lon, bool is_area)
{
    char id[NTA_KML_ID_SIZE];

    nta_kml_id(entry, id);
    nta_buf_printf(&kml->text,
                   "<gx:FlyTo><gx:duration>4</gx:duration><gx:flyToMode>smooth</gx:flyToMode>"
                   "<LookAt><longitude>%.4f</longitude><latitude>%.4f</latitude>"
                   "<altitude>0</altitude><heading>0</heading><tilt>20</tilt><range>%d</range>"
                   "</LookAt></gx:FlyTo>\n",
                   lon, lat, is_area ? 4000000 : 1500000);
    put_balloon_update(kml, id, true);
    nta_buf_puts(&kml->text, "<gx:Wait><gx:duration>4</gx:duration></gx:Wait>\n");
    put_balloon_update(kml, id, false);
    nta_kml_flush(kml);
}

/** A stop for each of the heaviest incidents, in the order of time. */
static int put_tour(struct nta_kml *kml, size_t n_max, struct nta_err *err)
{
    struct nta_pick pick;
    size_t n = 0;
    int r = nta_pick_incidents(kml->view, n_max < TOUR_STOPS ? n_max : TOUR_STOPS, &pick, err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < pick.n; i++) {
        struct nta_record sample = {.time_ns = 0};
        double lat, lon;

        if (!nta_view_sample(kml->view, &pick.items[i]->sample, &sample) ||
            nta_record_is_lookup(&sample) || !nta_spot_position(&sample.peer.place, &lat, &lon))
            continue;
        if (n++ == 0)
            nta_buf_puts(&kml->text,
                         "<gx:Tour><name>Tour through the incidents</name><gx:Playlist>\n");
        put_stop(kml, pick.items[i], lat, lon, nta_spot_kind(&sample.peer.place) != NTA_SPOT_POINT);
    }
    if (n)
        nta_buf_puts(&kml->text, "</gx:Playlist></gx:Tour>\n");
    nta_pick_done(&pick);
    return 0;
}

int nta_kml_write(FILE *out, struct nta_view *view, const struct nta_kml_options *options,
                  struct nta_err *err)
{
    struct nta_kml kml = {.out = out, .view = view, .about = options->about};
    size_t n_max = options->about->n_rows ? options->about->n_rows : NTA_VIEW_ROWS;

    put_head(&kml, options->is_2_2);
    put_summary(&kml);
    int r = put_users(&kml, n_max, err);

    put_lists(&kml);
    put_places(&kml, NTA_VIEW_PLACES, "Places", false);
    put_places(&kml, NTA_VIEW_HOMES, "Users' places", true);
    if (r == 0)
        r = put_unplaced(&kml, n_max, err);
    if (r == 0)
        r = put_tour(&kml, n_max, err);
    nta_buf_puts(&kml.text, "</Document>\n</kml>\n");
    nta_kml_flush(&kml);
    nta_buf_done(&kml.text);
    if (r == 0 && (kml.failed || fflush(out) != 0))
        r = nta_err_sys(err, errno ? -errno : -EIO, "writing the map");
    return r;
}

int nta_kml_write_link(FILE *out, const char *title, const char *href, unsigned every_s,
                       bool is_2_2, struct nta_err *err)
{
    struct nta_kml kml = {.out = out};

    nta_buf_printf(&kml.text,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<kml xmlns=\"http://www.opengis.net/kml/%s\">\n<NetworkLink>\n<name>",
                   is_2_2 ? "2.2" : "2.3");
    nta_xml_text(&kml.text, nta_span_of(title));
    nta_buf_puts(&kml.text, "</name>\n<open>1</open>\n<Link><href>");
    nta_xml_text(&kml.text, nta_span_of(href));
    nta_buf_printf(&kml.text,
                   "</href><refreshMode>onInterval</refreshMode>"
                   "<refreshInterval>%u</refreshInterval></Link>\n</NetworkLink>\n</kml>\n",
                   every_s);
    nta_kml_flush(&kml);
    nta_buf_done(&kml.text);
    return kml.failed || fflush(out) != 0
               ? nta_err_sys(err, errno ? -errno : -EIO, "writing a link")
               : 0;
}
