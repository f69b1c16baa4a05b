/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A view for Google Earth and others: OGC KML 2.3 (12-007r2), with a tour in Google's gx namespace.
 *
 * Folders: the legend, by user (a folder for each listed site, each incident with the record that
 * shows it, and the user's other traffic), by list, places with their circles or countries, users'
 * places, what has no place.  Lines are great circles; each incident has its time span, in UTC;
 * times that are read are local with their offset.  Text is written as it comes, so memory
 * does not grow with the file.  Sorts the view's tables.
 */

#include "base/err.h"
#include "export/view/view_json.h"

#include <stdio.h>

struct nta_kml_options
{
    const struct nta_view_about *about;
    bool is_2_2; ///< In the namespace of KML 2.2, for programs that know no later one.
};

/** 0; -ENOMEM; or negative errno if writing failed; with `err`. */
int nta_kml_write(FILE *out, struct nta_view *view, const struct nta_kml_options *options,
                  struct nta_err *err);

/**
 * A file that lets Google Earth load `href` again every so many seconds.  0, or negative errno with
 * `err`.
 */
int nta_kml_write_link(FILE *out, const char *title, const char *href, unsigned every_s,
                       bool is_2_2, struct nta_err *err);

/**
 * Pack a KML file as `path`, a KMZ (zip), replacing it when it is whole.  Takes `kml`.  0, or -EIO
 * with `err`.
 */
int nta_kmz_pack(FILE *kml, const char *path, struct nta_err *err);
