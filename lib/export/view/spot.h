/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where something is to be drawn, and how sure that is.
 *
 * Databases give a position even where they know the country only (its middle, which may be a lake
 * or a farm).  Such a place is an area here, never a point.  Whatever draws a map asks this first.
 */

#include "base/bytes.h"
#include "record/record.h"

#include <stddef.h>
#include <stdint.h>

enum nta_spot_kind
{
    NTA_SPOT_NONE,    ///< Neither position nor country.
    NTA_SPOT_COUNTRY, ///< Somewhere in that country.
    NTA_SPOT_POINT,   ///< A place, with a radius if the database gives one.
};

enum
{
    NTA_SPOT_KEY_MAX = 24,
    NTA_SPOT_WIDE_KM = 200, ///< A position less sure than this is no place.
};

/**
 * By this rule: a city, a named site of the admin's own, or a position with a radius of at most
 * NTA_SPOT_WIDE_KM is a point.
 */
enum nta_spot_kind nta_spot_kind(const struct nta_place *place);

/** The key that all records of one spot share: gives its length (0: no spot). */
size_t nta_spot_key(const struct nta_place *place, uint8_t ret_key[NTA_SPOT_KEY_MAX]);

/** Outline of a country; all borrowed from the program itself. */
struct nta_country
{
    struct nta_span name;
    double lat, lon; ///< Where its label stands: inside its largest part.
    /** "lon lat lon lat ...;...": parse with nta_country_point(); may be empty. */
    struct nta_span rings;
};

/** True if the two-letter code is one of a country that we know. */
bool nta_country_find(const char *code, struct nta_country *ret_country);

/**
 * The next point of `rings`.  True: a point, `*ret_new_ring` says that it begins a ring.  False:
 * there is no more.
 */
bool nta_country_point(struct nta_span *rings, double *ret_lon, double *ret_lat,
                       bool *ret_new_ring);

/**
 * Where to draw the spot, or its label: false for NTA_SPOT_NONE, or a country without position that
 * we do not know.
 */
bool nta_spot_position(const struct nta_place *place, double *ret_lat, double *ret_lon);
