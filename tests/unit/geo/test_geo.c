/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "geo/geo.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEMO NTA_TEST_SOURCE_DIR "/tests/data/demo/"

enum
{
    PATH_SIZE = 256
};

static void assert_span(struct nta_span got, const char *expected)
{
    assert_int_equal(got.len, strlen(expected));
    if (got.len)
        assert_memory_equal(got.ptr, expected, got.len);
}

static struct nta_geo *open_two(const char *first, const char *second)
{
    const char *const paths[] = {first, second};
    struct nta_geo *geo = NULL;
    struct nta_err err = {0};

    if (nta_geo_open(paths, second ? 2 : 1, NULL, &geo, &err) != 0)
        fail_msg("%s", err.text);
    return geo;
}

static struct nta_place place_of(const struct nta_geo *geo, const char *text)
{
    struct nta_addr addr;
    struct nta_place place;

    assert_int_equal(nta_addr_parse(text, strlen(text), &addr), 0);
    (void)nta_geo_find(geo, &addr, &place);
    return place;
}

/** Give the sentence with which a file is refused. */
static const char *refused(const char *path)
{
    static struct nta_err err;
    const char *const paths[] = {path};
    struct nta_geo *geo = NULL;

    err.text[0] = '\0';
    assert_true(nta_geo_open(paths, 1, NULL, &geo, &err) < 0);
    assert_null(geo);
    if (!strstr(err.text, path))
        fail_msg("\"%s\" does not name %s", err.text, path);
    return err.text;
}

static size_t slurp(const char *path, char *bytes, size_t size)
{
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    size_t len = fread(bytes, 1, size, file);

    assert_int_equal(fclose(file), 0);
    return len;
}

static void spill(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void scratch(char path[PATH_SIZE], const char *name)
{
    (void)snprintf(path, PATH_SIZE, "%s/geo-%d-%s", NTA_TEST_BINARY_DIR, (int)getpid(), name);
}

static void databases_add_up(void **state)
{
    struct nta_geo *geo = open_two(DEMO "city.mmdb", DEMO "asn.mmdb");
    struct nta_place place = place_of(geo, "198.51.100.7");

    (void)state;
    assert_span(place.city, "Reykjav\xc3\xadk");
    assert_span(place.region, "Capital Region");
    assert_span(place.postal, "101");
    assert_span(place.country, "Iceland");
    assert_string_equal(place.country_code, "IS");
    assert_true(place.has_position);
    assert_true(place.lat > 64.14 && place.lat < 64.15 && place.lon < -21.94);
    assert_int_equal(place.accuracy_km, 20);
    assert_int_equal(place.asn, 64497);
    assert_span(place.as_org, "Example Far Hosting");
    assert_int_equal(nta_geo_n_files(geo), 2);
    nta_geo_free(&geo);
    assert_null(geo);
}

static void an_address_in_no_network_is_not_known(void **state)
{
    struct nta_geo *geo = open_two(DEMO "city.mmdb", DEMO "asn.mmdb");
    struct nta_addr addr;
    struct nta_place place, empty = {0};

    (void)state;
    memset(&place, 0xff, sizeof(place));
    assert_int_equal(nta_addr_parse("10.0.0.1", 8, &addr), 0);
    assert_false(nta_geo_find(geo, &addr, &place));
    assert_int_equal(place.city.len, empty.city.len);
    assert_int_equal(place.asn, 0);
    assert_false(place.has_position);
    nta_geo_free(&geo);
}

static void what_was_opened_is_reported(void **state)
{
    struct nta_geo *geo = open_two(DEMO "city.mmdb", DEMO "flat.mmdb");
    struct nta_geo_info info;

    (void)state;
    nta_geo_get_info(geo, 0, &info);
    assert_string_equal(info.path, DEMO "city.mmdb");
    assert_string_equal(info.type, "GeoLite2-City");
    assert_int_equal(info.ip_version, 6);
    assert_true(info.built_wall_ns > INT64_C(1700000000000000000));
    nta_geo_get_info(geo, 1, &info);
    assert_int_equal(info.ip_version, 4);
    nta_geo_free(&geo);
}

static void a_flat_database_is_understood(void **state)
{
    struct nta_geo *geo = open_two(DEMO "flat.mmdb", NULL);
    struct nta_place place = place_of(geo, "192.0.2.80");

    (void)state;
    assert_span(place.city, "Utrecht");
    assert_span(place.region, "Utrecht");
    assert_span(place.postal, "3511");
    assert_string_equal(place.country_code, "NL");
    assert_true(place.has_position);
    assert_true(place.lat > 52.09 && place.lat < 52.1 && place.lon > 5.12 && place.lon < 5.13);
    nta_geo_free(&geo);
}

static void the_first_database_that_knows_a_field_gives_it(void **state)
{
    struct nta_geo *geo = open_two(DEMO "flat.mmdb", DEMO "city.mmdb");
    struct nta_place place = place_of(geo, "192.0.2.80");

    (void)state;
    assert_span(place.city, "Utrecht");
    assert_span(place.country, "Netherlands"); /* the flat one has codes only */
    assert_true(place.lat > 52.09 && place.lat < 52.1);
    assert_int_equal(place.accuracy_km, 0); /* the radius belongs to the position */
    place = place_of(geo, "192.0.2.200");
    assert_span(place.city, "Amsterdam");
    nta_geo_free(&geo);
}

static void ipv6_is_not_known_to_an_ipv4_database(void **state)
{
    struct nta_geo *geo = open_two(DEMO "flat.mmdb", NULL);
    struct nta_place place = place_of(geo, "2001:db8::1");

    (void)state;
    assert_int_equal(place.city.len, 0);
    place = place_of(
        geo, "::c000:250"); /* the same bits as 192.0.2.80 at the end, but another address */
    assert_int_equal(place.city.len, 0);
    place = place_of(geo, "::ffff:192.0.2.80");
    assert_span(place.city, "Utrecht");
    nta_geo_free(&geo);
}

static void what_happens_to_the_file_later_changes_nothing(void **state)
{
    char path[PATH_SIZE], bytes[8192];
    size_t len = slurp(DEMO "city.mmdb", bytes, sizeof(bytes));

    (void)state;
    scratch(path, "later.mmdb");
    spill(path, bytes, len);
    struct nta_geo *geo = open_two(path, NULL);

    memset(bytes, 0xff, len);
    spill(path, bytes, len); /* same inode, garbage */
    assert_span(place_of(geo, "198.51.100.7").city, "Reykjav\xc3\xadk");
    assert_int_equal(truncate(path, 10), 0);
    assert_span(place_of(geo, "203.0.113.9").city, "Singapore");
    assert_int_equal(unlink(path), 0);
    assert_span(place_of(geo, "2001:db8::80").city, "Amsterdam");
    nta_geo_free(&geo);
}

static void what_is_no_database_is_refused_with_a_sentence(void **state)
{
    char path[PATH_SIZE];

    (void)state;
    assert_non_null(strstr(refused("/nonexistent/x.mmdb"), "No such file"));
    assert_non_null(strstr(refused("/tmp"), "not a file"));
    assert_non_null(strstr(refused(DEMO "demo.pcap"), "not a geo database"));
    scratch(path, "empty.mmdb");
    spill(path, "", 0);
    (void)refused(path);
    assert_int_equal(unlink(path), 0);
    scratch(path, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_non_null(strstr(refused(path), "not a file")); /* at once: nobody writes into it */
    assert_int_equal(unlink(path), 0);
}

/** Cut at each length: a sentence or, where only data is missing, answers, but never a crash. */
static void a_file_cut_anywhere_harms_nobody(void **state)
{
    char path[PATH_SIZE], bytes[8192];
    size_t len = slurp(DEMO "city.mmdb", bytes, sizeof(bytes));

    (void)state;
    scratch(path, "cut.mmdb");
    for (size_t n = 0; n < len; n += 7) {
        spill(path, bytes, n);
        (void)refused(path); /* the metadata stands at the end */
        spill(path, bytes + n, len - n);
        const char *const paths[] = {path};
        struct nta_geo *geo = NULL;

        if (nta_geo_open(paths, 1, NULL, &geo, NULL) == 0)
            (void)place_of(geo, "198.51.100.7");
        nta_geo_free(&geo);
    }
    assert_int_equal(unlink(path), 0);
}

static void one_broken_file_of_two_leaves_nothing_open(void **state)
{
    const char *const paths[] = {DEMO "city.mmdb", DEMO "sites.conf"};
    struct nta_geo *geo = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_true(nta_geo_open(paths, 2, NULL, &geo, &err) < 0);
    assert_null(geo);
    assert_non_null(strstr(err.text, "sites.conf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(databases_add_up),
        cmocka_unit_test(an_address_in_no_network_is_not_known),
        cmocka_unit_test(what_was_opened_is_reported),
        cmocka_unit_test(a_flat_database_is_understood),
        cmocka_unit_test(the_first_database_that_knows_a_field_gives_it),
        cmocka_unit_test(ipv6_is_not_known_to_an_ipv4_database),
        cmocka_unit_test(what_happens_to_the_file_later_changes_nothing),
        cmocka_unit_test(what_is_no_database_is_refused_with_a_sentence),
        cmocka_unit_test(a_file_cut_anywhere_harms_nobody),
        cmocka_unit_test(one_broken_file_of_two_leaves_nothing_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
