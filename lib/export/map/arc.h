/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lines and circles on the globe, in pieces that do not cross the date line (RFC 7946 section
 * 3.1.9).  On a sphere of the Earth's mean radius, which is good to half a per cent.  Pure; no
 * allocation.
 */

#include <stdbool.h>
#include <stddef.h>

struct nta_point
{
    double lon, lat;    ///< Degrees; lon within -180 and 180.
    double altitude_km; ///< Of an arc: how high it stands there.
    bool begins;        ///< First of a piece.
};

enum
{
    NTA_ARC_POINTS = 66,   ///< Most that nta_arc() gives.
    NTA_CIRCLE_STEPS = 24, ///< Corners of a circle.
    NTA_CIRCLE_POINTS = 2 * (NTA_CIRCLE_STEPS + 4),
};

/**
 * The shortest way between two places (great circle), with a point at least every `step_degrees` (3
 * or more) of it; it rises to a tenth of its length.  Between opposite ends of the Earth it goes
 * over the north pole.  Gives the number of points: 2 at least.
 */
size_t nta_arc(double lat1, double lon1, double lat2, double lon2, double step_degrees,
               struct nta_point ret_points[NTA_ARC_POINTS]);

/**
 * Rings around a place, counterclockwise (RFC 7946 section 3.1.6) and closed; two where the circle
 * lies on the date line.  Gives the number of points; 0 where the circle holds a pole.
 */
size_t nta_circle(double lat, double lon, double radius_km,
                  struct nta_point ret_points[NTA_CIRCLE_POINTS]);
