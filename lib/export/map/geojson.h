/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A view as one GeoJSON FeatureCollection (RFC 7946): WGS 84, longitude first, nothing crosses the
 * date line, rings against the clock.  Each feature's property `kind` says what it is:
 *
 *   incident   a point; null where the country only, or no place, is known
 *   arc        the way from a user to a server's place
 *   place      a point, or the outline of a country where that is all that is known
 *   accuracy   the circle in which the database says that a place is
 *   home       where users are
 *
 * Written as it comes; sorts the view's tables.
 */

#include "base/err.h"
#include "export/view/view_json.h"

#include <stdio.h>

/** 0; -ENOMEM; or negative errno if writing failed; with `err`. */
int nta_geojson_write(FILE *out, struct nta_view *view, const struct nta_view_about *about,
                      struct nta_err *err);
