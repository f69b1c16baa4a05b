/* SPDX-License-Identifier: Apache-2.0 */
/* The KML document: its folders and what stands in them. */
#include "export/map/kml.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "export/map/kml_parts.h"
#include "export/map/pick.h"
#include "export/map/xml.h"
#include "incident/say/say.h"
#include "record/counted.h"

#include <errno.h>
#include <inttypes.h>

enum
{
    ARC_STEP = 3,        ///< Degrees.
    ARC_STEP_COARSE = 8, ///< For what is not an incident.
    UNPLACED_MAX = 500,
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

/** How much of what there is, and what of it the map does not show. */
static void put_count(struct nta_kml *kml)
{
    const struct nta_view_incidents sum = nta_view_count_incidents(kml->view);
    const uint64_t n_max = kml->about->n_rows ? kml->about->n_rows : NTA_VIEW_ROWS;
    struct nta_buf *out = &kml->text;

    nta_buf_printf(
        out,
        "%" PRIu64 " records; %" PRIu64 " incidents, %" PRIu64 " of them with a download, %" PRIu64
        " files; %" PRIu64 " records without a place.",
        kml->view->all.base.n, sum.n, sum.n_downloads, sum.n_files, kml->view->n_unplaced);
    if (sum.n > n_max)
        nta_buf_printf(out, " The %" PRIu64 " weightiest incidents are drawn.", n_max);
    if (sum.n_left_out)
        nta_buf_printf(out, " At least %" PRIu64 " lighter ones were left out.", sum.n_left_out);
    if (nta_view_folded_places(kml->view))
        nta_buf_printf(out, " %" PRIu64 " places found no space; the heaviest are drawn.",
                       nta_view_folded_places(kml->view));
    nta_buf_puts(out, "</p><p>");
}

static void put_said(struct nta_kml *kml)
{
    NTA_AUTO(nta_buf_done) struct nta_buf said = {0};

    if (!kml->view->incidents)
        return;
    nta_incidents_say(&said, kml->view->incidents, NTA_LANGUAGE_EN, "");
    nta_buf_put_u8(&said, 0);
    if (!said.failed)
        nta_xml_shown(&kml->text, (const char *)said.ptr);
    nta_buf_puts(&kml->text, "</p><p>");
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
        nta_buf_printf(out, "%s to %s. ", nta_kml_time(all->base.first_ns, begin),
                       nta_kml_time(all->base.last_ns, end));
    if (about->question && about->question[0]) {
        nta_xml_shown(out, about->question);
        nta_buf_puts(out, ". ");
    }
    put_said(kml);
    put_count(kml);
    if (about->proof_text)
        nta_xml_shown(out, about->proof_text);
    if (nta_view_lacks(kml->view)) {
        nta_buf_puts(out, "</p><p>");
        nta_xml_shown(out, nta_view_lacks(kml->view));
    }
    nta_buf_puts(out, "</p><p>Outlines of countries: Natural Earth.</p>]]></description>\n");
    nta_kml_styles(kml);
}

/** What an incident's placemark is called. */
static void put_name(struct nta_kml *kml, const struct nta_incident *incident,
                     const struct nta_incident_detail *detail)
{
    nta_buf_puts(&kml->text, incident->n_unverified ? "<name>UNVERIFIED: " : "<name>");
    nta_xml_text(&kml->text, detail->site);
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

/** Of one user with one place, what no list forbids: nothing if that has no place. */
static void put_traffic(struct nta_kml *kml, const struct nta_tally_entry *entry,
                        const struct nta_record *sample)
{
    const struct nta_place *place = &sample->peer.place;
    char label[NTA_LABEL_SIZE];
    double lat, lon;

    if (nta_record_is_lookup(sample) || !nta_spot_position(place, &lat, &lon))
        return;
    nta_buf_puts(&kml->text, entry->sum.base.n_unverified ? "<Placemark><name>UNVERIFIED: "
                                                          : "<Placemark><name>");
    nta_xml_shown(&kml->text, nta_view_place_label(place, label));
    nta_buf_puts(&kml->text, "</name>\n<visibility>0</visibility>\n");
    nta_kml_balloon(kml, entry, place);
    nta_kml_time_span(kml, entry->sum.base.first_ns, entry->sum.base.last_ns);
    nta_buf_printf(&kml->text, "<styleUrl>#plain%s</styleUrl>\n<MultiGeometry>",
                   nta_spot_kind(place) != NTA_SPOT_POINT ? "-area" : "");
    nta_kml_point(kml, lat, lon);
    put_arc(kml, sample, lat, lon, ARC_STEP_COARSE);
    nta_buf_puts(&kml->text, "</MultiGeometry></Placemark>\n");
    nta_kml_flush(kml);
}

/** One that has a place. */
static int put_incident(struct nta_kml *kml, const struct nta_incident *incident)
{
    NTA_AUTO(nta_incident_detail_free) struct nta_incident_detail *detail = NULL;
    char id[NTA_KML_ID_SIZE];
    double lat, lon;

    if (nta_incident_detail_new(kml->view->incidents, incident, &detail) < 0)
        return -ENOMEM;
    const struct nta_place *place = &detail->sample.peer.place;

    if (!nta_kml_position(&detail->sample, &lat, &lon))
        return 0;
    nta_kml_id(incident, id);
    nta_buf_printf(&kml->text, "<Placemark id=\"%s\">", id);
    put_name(kml, incident, detail);
    nta_kml_incident_balloon(kml, incident, detail, place);
    nta_kml_time_span(kml, incident->begin_ns, incident->end_ns);
    nta_buf_printf(&kml->text, "<styleUrl>#%s%s</styleUrl>\n<MultiGeometry>",
                   nta_grade_name((enum nta_grade)incident->grade),
                   nta_spot_kind(place) != NTA_SPOT_POINT ? "-area" : "");
    nta_kml_point(kml, lat, lon);
    put_arc(kml, &detail->sample, lat, lon, ARC_STEP);
    nta_buf_puts(&kml->text, "</MultiGeometry></Placemark>\n");
    nta_kml_flush(kml);
    return 0;
}

static void get_sample(const struct nta_kml *kml, const struct nta_pick_item *item,
                       struct nta_record *ret_sample)
{
    char id[NTA_INCIDENT_ID_SIZE];

    *ret_sample = (struct nta_record){.time_ns = 0};
    if (item->incident)
        nta_incident_sample(kml->view->incidents, item->incident, &kml->view->buf, ret_sample, id);
    else
        (void)nta_view_sample(kml->view, &item->entry->sample, ret_sample);
}

static int put_users(struct nta_kml *kml, size_t n_max, struct nta_err *err)
{
    struct nta_pick pick;
    int r = nta_pick_by_user(kml->view, n_max, &pick, err);

    if (r < 0)
        return r;
    nta_kml_open_folder(kml, "By user", true);
    for (size_t i = 0; r == 0 && i < pick.n; i++) {
        const struct nta_pick_item *item = &pick.items[i];
        const bool begins = i == 0 || !nta_pick_same_user(item - 1, item);
        const bool site_goes_on = i && nta_pick_same_site(item - 1, item);
        char label[NTA_LABEL_SIZE];
        struct nta_record sample;

        get_sample(kml, item, &sample);
        if (i && item[-1].incident && !site_goes_on)
            nta_kml_close_folder(kml);
        if (begins && i)
            nta_kml_close_folder(kml);
        if (begins)
            nta_kml_open_folder(kml, nta_view_user_label(&sample, label), true);
        if (item->incident && !site_goes_on)
            nta_kml_open_folder(kml, item->site, true);
        if (item->incident)
            r = put_incident(kml, item->incident);
        else
            put_traffic(kml, item->entry, &sample);
    }
    if (pick.n && pick.items[pick.n - 1].incident)
        nta_kml_close_folder(kml);
    if (pick.n)
        nta_kml_close_folder(kml);
    nta_kml_close_folder(kml);
    nta_pick_done(&pick);
    return r < 0 ? nta_err_sys(err, r, "map") : 0;
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
    nta_kml_balloon(kml, entry, place);
    nta_kml_time_span(kml, entry->sum.base.first_ns, entry->sum.base.last_ns);
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

/** One that cannot be drawn, as a feature without geometry.  1: it can. */
static int put_without_place(struct nta_kml *kml, const struct nta_incident *incident)
{
    NTA_AUTO(nta_incident_detail_free) struct nta_incident_detail *detail = NULL;
    double lat, lon;

    if (nta_incident_detail_new(kml->view->incidents, incident, &detail) < 0)
        return -ENOMEM;
    if (nta_kml_position(&detail->sample, &lat, &lon))
        return 1;
    nta_buf_puts(&kml->text, "<Placemark>");
    put_name(kml, incident, detail);
    nta_kml_incident_balloon(kml, incident, detail, NULL);
    nta_kml_time_span(kml, incident->begin_ns, incident->end_ns);
    nta_buf_puts(&kml->text, "</Placemark>\n");
    nta_kml_flush(kml);
    return 0;
}

/** The weightiest of these, and how many records there are like them. */
static int put_unplaced(struct nta_kml *kml, size_t n_max, struct nta_err *err)
{
    const struct nta_incidents *incidents = kml->view->incidents;
    const size_t n_all = incidents ? nta_incidents_count(incidents) : 0;
    size_t n = 0, n_seen = 0;
    char name[NAME_SIZE];
    int r = 0;

    (void)snprintf(name, sizeof(name), "Without a place (%" PRIu64 " records)",
                   kml->view->n_unplaced);
    nta_kml_open_folder(kml, name, true);
    nta_buf_puts(&kml->text, "<description>The database knows no place for these servers, or the "
                             "name was looked up only.</description>\n");
    for (size_t i = 0; r >= 0 && i < n_all && n < UNPLACED_MAX && n_seen < n_max; i++) {
        if (!nta_incidents_get(incidents, i)->fits)
            continue;
        n_seen++;
        r = put_without_place(kml, nta_incidents_get(incidents, i));
        n += r == 0;
    }
    nta_kml_close_folder(kml);
    return r < 0 ? nta_err_sys(err, r, "map") : 0;
}

int nta_kml_write(FILE *out, struct nta_view *view, const struct nta_kml_options *options,
                  struct nta_err *err)
{
    struct nta_kml kml = {.out = out, .view = view, .about = options->about};
    size_t n_max = options->about->n_rows ? options->about->n_rows : NTA_VIEW_ROWS;

    put_head(&kml, options->is_2_2);
    put_summary(&kml);
    nta_kml_legend(&kml);
    int r = put_users(&kml, n_max, err);

    put_lists(&kml);
    put_places(&kml, NTA_VIEW_PLACES, "Places", false);
    put_places(&kml, NTA_VIEW_HOMES, "Users' places", true);
    if (r == 0)
        r = put_unplaced(&kml, n_max, err);
    nta_kml_tour(&kml, n_max);
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
