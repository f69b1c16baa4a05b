/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/area.h"
#include "session/state/traits.h"
#include "unit.h"

#define SECOND INT64_C(1000000000)

static struct nta_traits_table *table;

static int setup(void **state)
{
    (void)state;
    table = nta_area_new(sizeof(*table), NTA_AREA_GROWS);
    assert_non_null(table);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nta_area_free(table, sizeof(*table));
    return 0;
}

static void two_values_within_ten_minutes_differ(void **state)
{
    struct nta_trait trait = {0};

    (void)state;
    assert_false(nta_trait_is_recent(&trait, SECOND));
    nta_trait_note(&trait, 0, SECOND);
    assert_false(nta_trait_is_recent(&trait, SECOND));
    nta_trait_note(&trait, 5, SECOND);
    nta_trait_note(&trait, 5, 2 * SECOND);
    assert_true(nta_trait_is_recent(&trait, 2 * SECOND));
    assert_false(nta_trait_differs(&trait, 2 * SECOND));
    nta_trait_note(&trait, 6, 3 * SECOND);
    assert_true(nta_trait_differs(&trait, 3 * SECOND));
    nta_trait_note(&trait, 6, 602 * SECOND);
    assert_true(nta_trait_differs(&trait, 602 * SECOND));
    assert_false(nta_trait_differs(&trait, 603 * SECOND));
    nta_trait_note(&trait, 5, 604 * SECOND); /* back again */
    assert_true(nta_trait_differs(&trait, 604 * SECOND));
    assert_false(nta_trait_differs(&trait, INT64_MIN));
}

static void an_address_in_another_network_is_another_user(void **state)
{
    const struct nta_addr a = {{[15] = 1}}, b = {{[15] = 2}};
    struct nta_traits *traits = nta_traits_get(table, &a, 10, SECOND);

    (void)state;
    nta_trait_note(&traits->system, 1, SECOND);
    assert_ptr_equal(nta_traits_get(table, &a, 10, 2 * SECOND), traits);
    assert_true(nta_traits_get(table, &a, 20, SECOND)->system.values[0] == 0);
    assert_true(nta_traits_get(table, &b, 10, SECOND)->system.values[0] == 0);
}

static void of_too_many_users_who_was_seen_longest_ago_goes(void **state)
{
    struct nta_addr addr = {{0}};

    (void)state;
    for (uint32_t i = 1; i <= 100000; i++) {
        memcpy(addr.bytes, &i, sizeof(i));
        nta_trait_note(&nta_traits_get(table, &addr, 0, i * SECOND)->mac, i, i * SECOND);
        assert_true(nta_traits_get(table, &addr, 0, i * SECOND)->mac.values[0] == i);
    }
}

static void hops_are_counted_from_what_a_system_begins_with(void **state)
{
    (void)state;
    assert_int_equal(nta_traits_hops(64), 64 << 8);
    assert_int_equal(nta_traits_hops(63), 64 << 8 | 1);
    assert_int_equal(nta_traits_hops(128), 128 << 8);
    assert_int_equal(nta_traits_hops(120), 128 << 8 | 8);
    assert_int_equal(nta_traits_hops(255), 255 << 8);
    assert_int_equal(nta_traits_hops(5), 0);
    assert_int_equal(nta_traits_hops(0), 0);
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_values_within_ten_minutes_differ),
        FRESH(an_address_in_another_network_is_another_user),
        FRESH(of_too_many_users_who_was_seen_longest_ago_goes),
        cmocka_unit_test(hops_are_counted_from_what_a_system_begins_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
