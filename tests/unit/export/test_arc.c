/* SPDX-License-Identifier: Apache-2.0 */
#include "export/map/arc.h"
#include "unit.h"

#include <math.h>

#define RADIANS (M_PI / 180)

/** By the haversine formula, which arc.c does not use. */
static double distance_km(double lat1, double lon1, double lat2, double lon2)
{
    double a = pow(sin((lat2 - lat1) * RADIANS / 2), 2) +
               cos(lat1 * RADIANS) * cos(lat2 * RADIANS) * pow(sin((lon2 - lon1) * RADIANS / 2), 2);

    return 2 * 6371.0088 * asin(sqrt(fmin(1, a)));
}

static void check_on_globe(const struct nta_point *points, size_t n)
{
    assert_true(points[0].begins);
    for (size_t i = 0; i < n; i++) {
        assert_true(points[i].lon >= -180 && points[i].lon <= 180);
        assert_true(points[i].lat >= -90 && points[i].lat <= 90);
        if (!points[i].begins)
            assert_true(fabs(points[i].lon - points[i - 1].lon) <= 180);
    }
}

static void known_distances_are_right(void **state)
{
    struct nta_point points[NTA_ARC_POINTS];
    size_t n = nta_arc(50.8792, 4.7009, 1.2897, 103.8501, 3, points); /* Leuven, Singapore */
    double length = 0;

    (void)state;
    check_on_globe(points, n);
    for (size_t i = 1; i < n; i++)
        length += distance_km(points[i - 1].lat, points[i - 1].lon, points[i].lat, points[i].lon);
    assert_true(fabs(length - 10550) < 50); /* as atlases have it */
    assert_true(fabs(length - distance_km(50.8792, 4.7009, 1.2897, 103.8501)) < 5);
    assert_true(fabs(points[0].lat - 50.8792) < 1e-9 && fabs(points[n - 1].lon - 103.8501) < 1e-9);
    assert_true(points[0].altitude_km < 1e-6 && points[n / 2].altitude_km > 900);
}

static void an_arc_over_the_date_line_is_in_two_pieces(void **state)
{
    struct nta_point points[NTA_ARC_POINTS];
    size_t n = nta_arc(35.7, 139.7, 37.3, -121.9, 3, points), n_pieces = 0; /* Tokyo, San Jose */

    (void)state;
    check_on_globe(points, n);
    for (size_t i = 0; i < n; i++)
        n_pieces += points[i].begins;
    assert_int_equal(n_pieces, 2);
    for (size_t i = 1; i < n; i++) {
        if (!points[i].begins)
            continue;
        assert_true(points[i - 1].lon == 180 && points[i].lon == -180);
        assert_true(points[i].lat == points[i - 1].lat);
    }
}

static void every_pair_of_places_fits(void **state)
{
    struct nta_point points[NTA_ARC_POINTS];

    (void)state;
    for (int lat1 = -90; lat1 <= 90; lat1 += 15) {
        for (int lon1 = -180; lon1 <= 180; lon1 += 30) {
            for (int lat2 = -90; lat2 <= 90; lat2 += 15) {
                for (int lon2 = -180; lon2 <= 180; lon2 += 30) {
                    size_t n = nta_arc(lat1, lon1, lat2, lon2, 3, points);

                    assert_in_range(n, 2, NTA_ARC_POINTS);
                    check_on_globe(points, n);
                    assert_true(distance_km(points[0].lat, points[0].lon, lat1, lon1) < 1);
                    assert_true(distance_km(points[n - 1].lat, points[n - 1].lon, lat2, lon2) < 1);
                }
            }
        }
    }
}

static double area(const struct nta_point *points, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i + 1 < n; i++)
        sum += points[i].lon * points[i + 1].lat - points[i + 1].lon * points[i].lat;
    return sum / 2;
}

static void a_circle_keeps_its_distance(void **state)
{
    struct nta_point points[NTA_CIRCLE_POINTS];
    size_t n = nta_circle(50.8792, 4.7009, 100, points);

    (void)state;
    assert_int_equal(n, NTA_CIRCLE_STEPS + 1);
    for (size_t i = 0; i < n; i++)
        assert_true(fabs(distance_km(50.8792, 4.7009, points[i].lat, points[i].lon) - 100) < 0.1);
    assert_true(points[0].lon == points[n - 1].lon && points[0].lat == points[n - 1].lat);
    assert_true(area(points, n) > 0); /* against the clock */
}

static void a_circle_on_the_date_line_is_two_rings(void **state)
{
    static const double lons[] = {179.9, -179.9, 180, -180};
    struct nta_point points[NTA_CIRCLE_POINTS];

    (void)state;
    for (size_t i = 0; i < sizeof(lons) / sizeof(lons[0]); i++) {
        size_t n = nta_circle(-17, lons[i], 50, points), begin = 0, n_rings = 0;

        check_on_globe(points, n);
        for (size_t k = 1; k <= n; k++) {
            if (k < n && !points[k].begins)
                continue;
            assert_true(points[begin].lon == points[k - 1].lon &&
                        points[begin].lat == points[k - 1].lat);
            assert_true(area(points + begin, k - begin) > 0);
            begin = k;
            n_rings++;
        }
        assert_int_equal(n_rings, 2);
    }
}

static void a_circle_around_a_pole_is_left_out(void **state)
{
    struct nta_point points[NTA_CIRCLE_POINTS];

    (void)state;
    assert_int_equal(nta_circle(89.9, 0, 100, points), 0);
    assert_int_equal(nta_circle(-90, 0, 1, points), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_distances_are_right),
        cmocka_unit_test(an_arc_over_the_date_line_is_in_two_pieces),
        cmocka_unit_test(every_pair_of_places_fits),
        cmocka_unit_test(a_circle_keeps_its_distance),
        cmocka_unit_test(a_circle_on_the_date_line_is_two_rings),
        cmocka_unit_test(a_circle_around_a_pole_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
