/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "geo/geo.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char path[256];

static void write_table(const char *text)
{
    (void)snprintf(path, sizeof(path), "%s/sites-%d.conf", NTA_TEST_BINARY_DIR, (int)getpid());
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static struct nta_geo *load(const char *text)
{
    struct nta_geo *geo = NULL;
    struct nta_err err = {0};

    write_table(text);
    if (nta_geo_open(NULL, 0, path, &geo, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(unlink(path), 0);
    return geo;
}

/** The table is refused with a sentence that has file:line and `says` in it. */
static void assert_refused(const char *text, unsigned line, const char *says)
{
    struct nta_geo *geo = NULL;
    struct nta_err err = {0};
    char where[300];

    write_table(text);
    (void)snprintf(where, sizeof(where), "%s:%u: ", path, line);
    assert_true(nta_geo_open(NULL, 0, path, &geo, &err) < 0);
    assert_null(geo);
    assert_int_equal(unlink(path), 0);
    if (strncmp(err.text, where, strlen(where)) != 0 || !strstr(err.text, says))
        fail_msg("\"%s\" is not \"%s...%s\"", err.text, where, says);
}

static void assert_site(const struct nta_geo *geo, const char *text, const char *expected)
{
    struct nta_addr addr;
    struct nta_place place;

    assert_int_equal(nta_addr_parse(text, strlen(text), &addr), 0);
    assert_int_equal(nta_geo_find(geo, &addr, &place), expected[0] != '\0');
    assert_int_equal(place.site.len, strlen(expected));
    if (place.site.len)
        assert_memory_equal(place.site.ptr, expected, place.site.len);
}

static void the_longest_prefix_wins_in_any_order(void **state)
{
    struct nta_geo *geo = load("10.0.0.0/8, all\n10.1.2.0/24, room\n10.1.0.0/16, house\n"
                               "10.1.2.3, desk\nfd00:1::/32, six\n");

    (void)state;
    assert_site(geo, "10.1.2.3", "desk");
    assert_site(geo, "10.1.2.4", "room");
    assert_site(geo, "10.1.3.1", "house");
    assert_site(geo, "10.2.0.1", "all");
    assert_site(geo, "11.0.0.1", "");
    assert_site(geo, "fd00:1::9", "six");
    nta_geo_free(&geo);
}

static void spaces_comments_and_empty_lines_are_passed_over(void **state)
{
    struct nta_geo *geo = load(
        "# a comment\n\n  \t\n  10.1.0.0/16 ,  Leuven  office  , Leuven ,BE, 50.8792 , 4.7009 \r\n"
        "10.2.0.0/16,Ghent,,,\n10.3.0.0/16,Aalst,,,,");

    (void)state;
    assert_site(geo, "10.1.9.9", "Leuven  office");
    assert_site(geo, "10.2.9.9", "Ghent");
    assert_site(geo, "10.3.9.9", "Aalst");
    nta_geo_free(&geo);
}

static void all_cells_are_kept(void **state)
{
    struct nta_geo *geo =
        load("10.1.0.0/16,  Leuven \"old\" office #2, Leuven, BE, 50.8792, -4.7009\r\n");
    const uint8_t four[4] = {10, 1, 2, 3};
    struct nta_addr addr = nta_addr_v4(four);
    struct nta_place place;

    (void)state;
    assert_true(nta_geo_find(geo, &addr, &place));
    assert_true(nta_span_equal(place.site, nta_span_of("Leuven \"old\" office #2")));
    assert_true(nta_span_equal(place.city, nta_span_of("Leuven")));
    assert_string_equal(place.country_code, "BE");
    assert_true(place.has_position);
    assert_true(place.lat > 50.879 && place.lat < 50.88 && place.lon < -4.7);
    nta_geo_free(&geo);
}

static void the_table_stands_before_the_databases(void **state)
{
    const char *const databases[] = {NTA_TEST_SOURCE_DIR "/tests/data/demo/city.mmdb"};
    struct nta_geo *geo = NULL;
    struct nta_err err = {0};
    const uint8_t four[4] = {192, 0, 2, 80};
    struct nta_addr addr = nta_addr_v4(four);
    struct nta_place place;

    (void)state;
    write_table("192.0.2.0/24, our own\n");
    assert_int_equal(nta_geo_open(databases, 1, path, &geo, &err), 0);
    assert_int_equal(unlink(path), 0);
    assert_true(nta_geo_find(geo, &addr, &place));
    assert_true(nta_span_equal(place.site, nta_span_of("our own")));
    assert_int_equal(place.city.len, 0);
    nta_geo_free(&geo);
}

static void mistakes_name_file_and_line(void **state)
{
    (void)state;
    assert_refused("# x\n10.0.0.0/33, a\n", 2, "prefix length");
    assert_refused("10.0.0.1/8, a\n", 1, "bits set behind");
    assert_refused("office, 10.0.0.0/8\n", 1, "not an IP address");
    assert_refused("10.0.0.0/8\n", 1, "name of its place");
    assert_refused("10.0.0.0/8, \n", 1, "name of its place");
    assert_refused("10.0.0.0/8, a, b, BEL\n", 1, "two letters");
    assert_refused("10.0.0.0/8, a, b, 12\n", 1, "two letters");
    assert_refused("10.0.0.0/8, a, b, BE, 50\n", 1, "latitude and longitude");
    assert_refused("10.0.0.0/8, a, b, BE, 90.1, 4\n", 1, "latitude and longitude");
    assert_refused("10.0.0.0/8, a, b, BE, 50, -180.5\n", 1, "latitude and longitude");
    assert_refused("10.0.0.0/8, a, b, BE, nan, 4\n", 1, "latitude and longitude");
    assert_refused("10.0.0.0/8, a, b, BE, 5x, 4\n", 1, "latitude and longitude");
    assert_refused("10.0.0.0/8, a, b, BE, 50, 4, more\n", 1, "more than 6 cells");
    assert_refused("10.0.0.0/8, Leuven, the office, Leuven, BE\n", 1,
                   "two letters"); /* a comma in a name */
}

static void a_line_that_is_too_long_is_not_taken_for_two(void **state)
{
    char text[2048];
    size_t len = (size_t)snprintf(text, sizeof(text), "10.0.0.0/8, a");

    (void)state;
    memset(text + len, ' ', 1200);
    (void)snprintf(text + len + 1200, sizeof(text) - len - 1200, "\n");
    assert_refused(text, 1, "too long");
}

static void a_missing_table_is_named(void **state)
{
    struct nta_geo *geo = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_true(nta_geo_open(NULL, 0, "/nonexistent/sites", &geo, &err) < 0);
    assert_non_null(strstr(err.text, "/nonexistent/sites: No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_prefix_wins_in_any_order),
        cmocka_unit_test(spaces_comments_and_empty_lines_are_passed_over),
        cmocka_unit_test(all_cells_are_kept),
        cmocka_unit_test(the_table_stands_before_the_databases),
        cmocka_unit_test(mistakes_name_file_and_line),
        cmocka_unit_test(a_line_that_is_too_long_is_not_taken_for_two),
        cmocka_unit_test(a_missing_table_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
