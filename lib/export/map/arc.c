/* SPDX-License-Identifier: Apache-2.0 */
#include "export/map/arc.h"

#include <math.h>
#include <string.h>

#define RADIANS  (M_PI / 180)
#define EARTH_KM 6371.0088
#define RISE     0.1  ///< Of an arc's length.
#define SMALL    1e-9 ///< Radians: less than a centimetre.

struct vector
{
    double x, y, z;
};

static struct vector vector_of(double lat, double lon)
{
    double flat = cos(lat * RADIANS);

    return (struct vector){flat * cos(lon * RADIANS), flat * sin(lon * RADIANS),
                           sin(lat * RADIANS)};
}

static double angle_between(struct vector a, struct vector b)
{
    const struct vector cross = {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
                                 a.x * b.y - a.y * b.x};

    return atan2(sqrt(cross.x * cross.x + cross.y * cross.y + cross.z * cross.z),
                 a.x * b.x + a.y * b.y + a.z * b.z);
}

/** Where the great circle through two points near each other crosses the date line. */
static double crossing(const struct nta_point *a, const struct nta_point *b, double part)
{
    double width = sin((b->lon - a->lon) * RADIANS);
    double rise = tan(a->lat * RADIANS) * sin((b->lon - 180) * RADIANS) +
                  tan(b->lat * RADIANS) * sin((180 - a->lon) * RADIANS);

    if (fabs(width) < SMALL || fabs(a->lat) > 89.9 || fabs(b->lat) > 89.9)
        return a->lat + part * (b->lat - a->lat);
    return atan(rise / width) / RADIANS;
}

/**
 * Append a point; where the step there crosses the date line, end the piece on it and begin
 * another.
 */
static size_t append(struct nta_point *points, size_t n, struct nta_point next)
{
    next.begins = n == 0;
    /* on the date line itself both signs are right: take the other point's */
    if (n && fabs(next.lon) > 180 - SMALL)
        next.lon = copysign(180, points[n - 1].lon);
    else if (n && points[n - 1].begins && fabs(points[n - 1].lon) > 180 - SMALL)
        points[n - 1].lon = copysign(180, next.lon);
    if (n && fabs(next.lon - points[n - 1].lon) > 180) {
        const struct nta_point last = points[n - 1];
        double side = last.lon > 0 ? 180 : -180;
        double part = (side - last.lon) / (next.lon + 2 * side - last.lon);

        points[n++] = (struct nta_point){
            .lon = side,
            .lat = crossing(&last, &next, part),
            .altitude_km = last.altitude_km + part * (next.altitude_km - last.altitude_km)};
        points[n] = points[n - 1];
        points[n].lon = -side;
        points[n++].begins = true;
    }
    points[n++] = next;
    return n;
}

/**
 * The direction in which to leave `a` for `b`: at right angles to `a`.  Between opposite ends, to
 * the north.
 */
static struct vector heading(struct vector a, struct vector b)
{
    struct vector v = b;

    for (int i = 0; i < 3; i++) {
        double along = a.x * v.x + a.y * v.y + a.z * v.z;
        const struct vector rest = {v.x - along * a.x, v.y - along * a.y, v.z - along * a.z};
        double size = sqrt(rest.x * rest.x + rest.y * rest.y + rest.z * rest.z);

        if (size > SMALL)
            return (struct vector){rest.x / size, rest.y / size, rest.z / size};
        v = i == 0 ? (struct vector){0, 0, 1} : (struct vector){1, 0, 0};
    }
    return v;
}

size_t nta_arc(double lat1, double lon1, double lat2, double lon2, double step_degrees,
               struct nta_point ret_points[NTA_ARC_POINTS])
{
    struct vector a = vector_of(lat1, lon1), b = vector_of(lat2, lon2), v = heading(a, b);
    double angle = angle_between(a, b);
    size_t n = 0, steps = (size_t)fmax(1, ceil(angle / (fmax(step_degrees, 3) * RADIANS)));

    for (size_t i = 0; i <= steps; i++) {
        double t = (double)i / (double)steps, k = cos(t * angle), m = sin(t * angle);
        const struct vector p = {k * a.x + m * v.x, k * a.y + m * v.y, k * a.z + m * v.z};

        n = append(ret_points, n,
                   (struct nta_point){
                       .lon = atan2(p.y, p.x) / RADIANS,
                       .lat = atan2(p.z, sqrt(p.x * p.x + p.y * p.y)) / RADIANS,
                       .altitude_km = 4 * t * (1 - t) * RISE * angle * EARTH_KM,
                   });
    }
    return n;
}

/** A ring with longitudes that go on behind the date line. */
struct ring
{
    struct nta_point points[NTA_CIRCLE_STEPS + 4];
    size_t n;
};

/** The part of a ring on one side of a meridian. */
static struct ring cut(const struct ring *ring, double at, bool keep_above)
{
    struct ring out = {.n = 0};

    for (size_t i = 0; i < ring->n; i++) {
        const struct nta_point a = ring->points[i], b = ring->points[(i + 1) % ring->n];
        bool has_a = keep_above ? a.lon >= at : a.lon <= at;
        bool has_b = keep_above ? b.lon >= at : b.lon <= at;

        if (has_a)
            out.points[out.n++] = a;
        if (has_a != has_b)
            out.points[out.n++] = (struct nta_point){
                .lon = at, .lat = a.lat + (b.lat - a.lat) * (at - a.lon) / (b.lon - a.lon)};
    }
    return out;
}

/** Append a ring, moved by `shift`, closed. */
static size_t close_ring(struct nta_point *points, size_t n, const struct ring *ring, double shift)
{
    if (ring->n < 3)
        return n;
    for (size_t i = 0; i <= ring->n; i++) {
        points[n] = ring->points[i % ring->n];
        points[n].lon += shift;
        points[n++].begins = i == 0;
    }
    return n;
}

size_t nta_circle(double lat, double lon, double radius_km,
                  struct nta_point ret_points[NTA_CIRCLE_POINTS])
{
    double reach = radius_km / EARTH_KM;
    struct ring ring = {.n = NTA_CIRCLE_STEPS};
    size_t n;

    if (fabs(lat) * RADIANS + reach >= M_PI / 2 - 0.01)
        return 0;
    for (size_t i = 0; i < NTA_CIRCLE_STEPS; i++) {
        double bearing = -2 * M_PI * (double)i / (double)NTA_CIRCLE_STEPS; /* against the clock */
        double y =
            asin(sin(lat * RADIANS) * cos(reach) + cos(lat * RADIANS) * sin(reach) * cos(bearing));
        double x = atan2(sin(bearing) * sin(reach) * cos(lat * RADIANS),
                         cos(reach) - sin(lat * RADIANS) * sin(y));

        ring.points[i] = (struct nta_point){.lon = lon + x / RADIANS, .lat = y / RADIANS};
    }
    const struct ring east = cut(&ring, 180, true), west = cut(&ring, -180, false);

    ring = cut(&ring, 180, false);
    ring = cut(&ring, -180, true);
    n = close_ring(ret_points, 0, &ring, 0);
    n = close_ring(ret_points, n, &east, -360);
    return close_ring(ret_points, n, &west, 360);
}
