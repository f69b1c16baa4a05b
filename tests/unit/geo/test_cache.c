/* SPDX-License-Identifier: Apache-2.0 */
#include "geo/cache.h"
#include "unit.h"

#define DEMO NTA_TEST_SOURCE_DIR "/tests/data/demo/"

static struct nta_geo *open_databases(const char *const *paths, size_t n_paths, const char *sites)
{
    struct nta_geo *geo = NULL;
    struct nta_err err = {0};

    if (nta_geo_open(paths, n_paths, sites, &geo, &err) != 0)
        fail_msg("%s", err.text);
    return geo;
}

static struct nta_geo_cache *new_cache(void)
{
    const struct nta_hash_key key = {1, 2};
    struct nta_geo_cache *cache = NULL;

    assert_int_equal(nta_geo_cache_new(&key, &cache), 0);
    return cache;
}

static void assert_same_span(struct nta_span a, struct nta_span b)
{
    assert_int_equal(a.len, b.len);
    if (a.len)
        assert_memory_equal(a.ptr, b.ptr, a.len);
}

static void assert_same_place(const struct nta_place *a, const struct nta_place *b)
{
    assert_same_span(a->city, b->city);
    assert_same_span(a->region, b->region);
    assert_same_span(a->postal, b->postal);
    assert_same_span(a->country, b->country);
    assert_same_span(a->as_org, b->as_org);
    assert_same_span(a->site, b->site);
    assert_string_equal(a->country_code, b->country_code);
    assert_int_equal(a->has_position, b->has_position);
    assert_memory_equal(&a->lat, &b->lat, sizeof(a->lat));
    assert_memory_equal(&a->lon, &b->lon, sizeof(a->lon));
    assert_int_equal(a->accuracy_km, b->accuracy_km);
    assert_int_equal(a->asn, b->asn);
}

/** The networks of the databases, their neighbours, private ones, and others all over the space. */
static struct nta_addr sample(uint32_t i)
{
    static const uint8_t nets[][3] = {{192, 0, 2}, {198, 51, 100}, {203, 0, 113},
                                      {10, 1, 0},  {192, 0, 3},    {198, 51, 99}};
    static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8};
    uint32_t mixed = i * 2654435761U;
    uint8_t v4[4] = {(uint8_t)(mixed >> 24), (uint8_t)(mixed >> 16), (uint8_t)(mixed >> 8),
                     (uint8_t)mixed};
    struct nta_addr addr;

    if (i % 8 == 7) {
        addr = nta_addr_v6(v6);
        addr.bytes[15] = (uint8_t)(i >> 3);
        return addr;
    }
    if (i % 8 < 6)
        memcpy(v4, nets[i % 8], sizeof(nets[0]));
    return nta_addr_v4(v4);
}

static void compare(const char *sites)
{
    const char *const paths[] = {DEMO "flat.mmdb", DEMO "city.mmdb", DEMO "asn.mmdb"};
    struct nta_geo *geo = open_databases(paths, 3, sites);
    struct nta_geo_cache *cache = new_cache();
    size_t n_known = 0;

    for (uint32_t i = 0; i < 40000; i++) { /* more than it has space for, and each once more */
        struct nta_addr addr = sample(i % 20000);
        struct nta_place place;

        n_known += nta_geo_find(geo, &addr, &place);
        assert_same_place(nta_geo_cache_find(cache, geo, &addr), &place);
    }
    assert_true(n_known > 1000);
    nta_geo_cache_free(&cache);
    nta_geo_free(&geo);
}

static void a_cache_gives_what_a_lookup_gives(void **state)
{
    (void)state;
    compare(NULL);
    compare(DEMO "sites.conf");
}

static void after_a_reload_nothing_old_is_given(void **state)
{
    const char *const first[] = {DEMO "city.mmdb"}, *const second[] = {DEMO "asn.mmdb"};
    struct nta_geo *geo = open_databases(first, 1, NULL);
    struct nta_geo_cache *cache = new_cache();
    struct nta_addr addr;

    (void)state;
    assert_int_equal(nta_addr_parse("198.51.100.7", 12, &addr), 0);
    assert_int_equal(nta_geo_cache_find(cache, geo, &addr)->postal.len, 3);
    nta_geo_free(&geo);
    geo = open_databases(second, 1, NULL); /* perhaps at the same address in memory */
    const struct nta_place *place = nta_geo_cache_find(cache, geo, &addr);

    assert_int_equal(place->postal.len, 0);
    assert_int_equal(place->asn, 64497);
    nta_geo_cache_free(&cache);
    nta_geo_free(&geo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cache_gives_what_a_lookup_gives),
        cmocka_unit_test(after_a_reload_nothing_old_is_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
