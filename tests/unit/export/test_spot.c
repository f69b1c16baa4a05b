/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "export/view/spot.h"
#include "unit.h"

static void a_city_is_a_point(void **state)
{
    const struct nta_place place = {.city = nta_span_of("Ghent"),
                                    .country_code = "BE",
                                    .has_position = true,
                                    .lat = 51.05,
                                    .lon = 3.72};

    (void)state;
    assert_int_equal(nta_spot_kind(&place), NTA_SPOT_POINT);
}

static void the_middle_of_a_country_is_no_point(void **state)
{
    struct nta_place place = {
        .country_code = "US", .has_position = true, .lat = 37.751, .lon = -97.822};
    double lat, lon;

    (void)state;
    assert_int_equal(nta_spot_kind(&place), NTA_SPOT_COUNTRY);
    place.accuracy_km = 1000;
    assert_int_equal(nta_spot_kind(&place), NTA_SPOT_COUNTRY);
    place.city = nta_span_of("Wichita"); /* a name does not help against such a radius */
    assert_int_equal(nta_spot_kind(&place), NTA_SPOT_COUNTRY);
    assert_true(nta_spot_position(&place, &lat, &lon));
    assert_true(lat != place.lat || lon != place.lon); /* the label's place, not the database's */
}

static void a_small_radius_is_a_point_without_a_name(void **state)
{
    const struct nta_place place = {.has_position = true, .lat = 1, .lon = 2, .accuracy_km = 20};

    (void)state;
    assert_int_equal(nta_spot_kind(&place), NTA_SPOT_POINT);
}

static void the_admins_own_site_is_a_point(void **state)
{
    const struct nta_place place = {
        .site = nta_span_of("Leuven office"), .has_position = true, .lat = 50.9, .lon = 4.7};

    (void)state;
    assert_int_equal(nta_spot_kind(&place), NTA_SPOT_POINT);
}

static void nothing_known_is_nowhere(void **state)
{
    const struct nta_place none = {0},
                           wild = {
                               .has_position = true, .lat = 91, .lon = 0, .city = nta_span_of("x")};
    uint8_t key[NTA_SPOT_KEY_MAX];
    double lat, lon;

    (void)state;
    assert_int_equal(nta_spot_kind(&none), NTA_SPOT_NONE);
    assert_int_equal(nta_spot_kind(&wild), NTA_SPOT_NONE);
    assert_int_equal(nta_spot_key(&none, key), 0);
    assert_false(nta_spot_position(&wild, &lat, &lon));
}

static void one_spot_one_key(void **state)
{
    struct nta_place a = {.city = nta_span_of("Ghent"),
                          .country_code = "BE",
                          .has_position = true,
                          .lat = 51.05,
                          .lon = 3.72};
    struct nta_place b = a,
                     belgium = {.country_code = "BE", .has_position = true, .lat = 50.8, .lon = 4};
    uint8_t key_a[NTA_SPOT_KEY_MAX], key_b[NTA_SPOT_KEY_MAX];

    (void)state;
    b.asn = 64496; /* of no matter */
    assert_int_equal(nta_spot_key(&a, key_a), nta_spot_key(&b, key_b));
    assert_memory_equal(key_a, key_b, nta_spot_key(&a, key_a));
    b.lon = 3.73;
    (void)nta_spot_key(&b, key_b);
    assert_memory_not_equal(key_a, key_b, nta_spot_key(&a, key_a));
    size_t len = nta_spot_key(&belgium, key_a);

    belgium.lat = 51; /* where in it the database puts it is of no matter */
    assert_int_equal(nta_spot_key(&belgium, key_b), len);
    assert_memory_equal(key_a, key_b, len);
}

/** Crossings of a ray to the east with the country's outline: odd is inside. */
static bool is_inside(struct nta_span rings, double lat, double lon)
{
    double x, y, last_x = 0, last_y = 0;
    bool is_new, inside = false, first = true;

    while (nta_country_point(&rings, &x, &y, &is_new)) {
        if (!first && !is_new && (last_y > lat) != (y > lat) &&
            lon < (x - last_x) * (lat - last_y) / (y - last_y) + last_x)
            inside = !inside;
        last_x = x;
        last_y = y;
        first = false;
    }
    return inside;
}

static void labels_stand_inside_their_countries(void **state)
{
    static const char *const codes[] = {"BE", "US", "RU", "CA", "FJ", "SG", "MT",
                                        "NL", "NO", "CL", "ID", "JP", "XK", "FR"};
    struct nta_country country;

    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_true(nta_country_find(codes[i], &country));
        assert_true(country.name.len > 0 && country.rings.len > 0);
        assert_true(is_inside(country.rings, country.lat, country.lon));
    }
    assert_false(nta_country_find("ZZ", &country));
    assert_false(nta_country_find("", &country));
}

static void outlines_are_closed_and_on_the_globe(void **state)
{
    struct nta_country country;
    double x, y, first_x = 0, first_y = 0, last_x = 0, last_y = 0;
    bool is_new, begun = false;

    (void)state;
    assert_true(nta_country_find("RU", &country));
    struct nta_span rings = country.rings;

    while (nta_country_point(&rings, &x, &y, &is_new)) {
        assert_true(x >= -180 && x <= 180 && y >= -90 && y <= 90);
        if (is_new || !begun) {
            assert_true(!begun || (first_x == last_x && first_y == last_y));
            first_x = x;
            first_y = y;
        } else {
            assert_true(x - last_x < 180 && last_x - x < 180); /* not across the date line */
        }
        begun = true;
        last_x = x;
        last_y = y;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_city_is_a_point),
        cmocka_unit_test(the_middle_of_a_country_is_no_point),
        cmocka_unit_test(a_small_radius_is_a_point_without_a_name),
        cmocka_unit_test(the_admins_own_site_is_a_point),
        cmocka_unit_test(nothing_known_is_nowhere),
        cmocka_unit_test(one_spot_one_key),
        cmocka_unit_test(labels_stand_inside_their_countries),
        cmocka_unit_test(outlines_are_closed_and_on_the_globe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
