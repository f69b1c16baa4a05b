/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/clock.h"
#include "signs/rate.h"
#include "unit.h"

static void it_is_what_came_between_two_looks(void **state)
{
    struct nta_rate rate = {0};
    struct nta_source_state now = {.received = 1000, .bytes = 100000};

    (void)state;
    nta_rate_take(&rate, &now, 10 * NTA_NS_PER_S);
    assert_true(rate.packets_s == 0); /* since when is not known */
    now.received = 1500;
    now.bytes = 150000;
    nta_rate_take(&rate, &now, 12 * NTA_NS_PER_S);
    assert_true(rate.packets_s == 250 && rate.bits_s == 200000);
    now.received = 1600;
    nta_rate_take(&rate, &now, 12 * NTA_NS_PER_S + 1); /* too soon for a rate */
    assert_true(rate.packets_s == 250);
    assert_int_equal(rate.last.received, 1600);
    nta_rate_take(&rate, &now, 13 * NTA_NS_PER_S);
    assert_true(rate.packets_s == 100);
}

static void what_is_lost_is_lost_anywhere_on_the_way(void **state)
{
    const struct nta_source_state source = {.lost_kernel = 1, .lost_card = 2, .lost_ring = 4};

    (void)state;
    assert_int_equal(nta_rate_lost(&source), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_came_between_two_looks),
        cmocka_unit_test(what_is_lost_is_lost_anywhere_on_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
