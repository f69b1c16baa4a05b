/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files that write KML share.  Private to kml*.c.
 */

#include "base/buf.h"
#include "base/runtime/clock.h"
#include "export/map/arc.h"
#include "export/view/view_json.h"
#include "incident/detail.h"

#include <stdio.h>

struct nta_kml
{
    FILE *out;
    struct nta_view *view;
    const struct nta_view_about *about;
    bool failed;
    struct nta_buf text; ///< The feature being written.
};

/** Write what is in `text` and forget it. */
void nta_kml_flush(struct nta_kml *kml);

/** Begin a folder; its name is escaped here. */
void nta_kml_open_folder(struct nta_kml *kml, const char *shown_name, bool is_visible);
/** End the folder and write it. */
void nta_kml_close_folder(struct nta_kml *kml);

/** `<TAG>` escaped text `</TAG>`. */
void nta_kml_text(struct nta_kml *kml, const char *tag, const char *shown);

/** A row of a balloon's table: a text; nothing if it is empty. */
void nta_kml_row(struct nta_buf *out, const char *name, struct nta_span text);
/** A row with a number; nothing if it is 0. */
void nta_kml_number(struct nta_buf *out, const char *name, uint64_t value);
/** The row that says where it is. */
void nta_kml_place(struct nta_buf *out, const struct nta_place *place);
/** Links to public maps, by coordinates; nothing is fetched before somebody follows them. */
void nta_kml_links(struct nta_buf *out, const struct nta_place *place);

/** Description with a table of sums. */
void nta_kml_balloon(struct nta_kml *kml, const struct nta_tally_entry *entry,
                     const struct nta_place *place);

/**
 * Description with all about an incident: files, names, evidence; `place` NULL: it has none
 * (kml_incident.c).
 */
void nta_kml_incident_balloon(struct nta_kml *kml, const struct nta_incident *incident,
                              const struct nta_incident_detail *detail,
                              const struct nta_place *place);

/** "2026-01-31 13:00:00+01:00", local with its offset, for who reads it. */
const char *nta_kml_time(int64_t wall_ns, char text[NTA_TIME_TEXT_SIZE]);

/** From the first to the last time, in UTC; nothing if there is none. */
void nta_kml_time_span(struct nta_kml *kml, int64_t first_ns, int64_t last_ns);

/** Geometry, each one element. */
void nta_kml_point(struct nta_kml *kml, double lat, double lon);
/** A line through `n` points, in pieces that a viewer can draw. */
void nta_kml_line(struct nta_kml *kml, const struct nta_point *points, size_t n);
/** A circle on the ground as polygons. */
void nta_kml_circle(struct nta_kml *kml, double lat, double lon, double radius_km);
/** The borders of a country as polygons. */
void nta_kml_country(struct nta_kml *kml, const struct nta_country *country);

/** Styles of the document; and the one of an entry: "strong", "likely", "weak", "plain". */
void nta_kml_styles(struct nta_kml *kml);
/** A folder that says what they mean. */
void nta_kml_legend(struct nta_kml *kml);
/** The style of an entry: "strong", "likely", "weak" for a match by its grade, else "plain". */
const char *nta_kml_style(const struct nta_tally_entry *entry, const struct nta_record *sample);

/** The id of an incident's placemark: an XML name that is the same whenever the map is made. */
enum
{
    NTA_KML_ID_SIZE = NTA_INCIDENT_ID_SIZE + 1
};

/** Write the id of an incident's placemark. */
void nta_kml_id(const struct nta_incident *incident, char buf[NTA_KML_ID_SIZE]);

/** Where an incident is drawn: false for a lookup, or if the place is not known. */
bool nta_kml_position(const struct nta_record *sample, double *ret_lat, double *ret_lon);

/**
 * The tour through the weightiest incidents, in the order in which all tables have them
 * (kml_tour.c); nothing if none has a place.
 */
void nta_kml_tour(struct nta_kml *kml, size_t n_max);
