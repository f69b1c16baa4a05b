/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/order.h"
#include "unit.h"

#define S INT64_C(1000000000)

static void it_begins_as_the_clocks_time_and_goes_on_with_it(void **state)
{
    struct nta_order order = {0};

    (void)state;
    assert_int_equal(nta_order_at(&order, 5 * S), 5 * S);
    assert_int_equal(nta_order_step(&order, 100 * S), 100 * S);
    assert_int_equal(nta_order_step(&order, 103 * S), 103 * S);
    assert_int_equal(nta_order_at(&order, 101 * S), 101 * S);
    assert_int_equal(nta_order_at(&order, 110 * S), 110 * S);
    assert_int_equal(order.order_ns, 103 * S);
}

static void what_is_a_little_late_is_not_before_what_came(void **state)
{
    struct nta_order order = {0};

    (void)state;
    (void)nta_order_step(&order, 100 * S);
    assert_int_equal(nta_order_step(&order, 95 * S), 100 * S);
    assert_int_equal(nta_order_step(&order, 101 * S), 101 * S);
}

static void a_clock_that_is_set_back_goes_on_from_there(void **state)
{
    struct nta_order order = {0};

    (void)state;
    (void)nta_order_step(&order, 1000 * S);
    assert_int_equal(nta_order_step(&order, 10 * S), 1000 * S);
    assert_int_equal(nta_order_step(&order, 13 * S), 1003 * S);
    assert_int_equal(nta_order_at(&order, 14 * S), 1004 * S);
}

static void two_clocks_in_turns_make_time_go_on_once(void **state)
{
    struct nta_order order = {0};

    (void)state;
    (void)nta_order_step(&order, 1000 * S);
    assert_int_equal(nta_order_step(&order, 4600 * S), 4600 * S); /* a pause, or another clock */
    for (int64_t i = 1; i < 100; i++) {
        assert_int_equal(nta_order_step(&order, (1000 + i) * S), (4600 + i) * S);
        assert_int_equal(nta_order_step(&order, (4600 + i) * S), (4600 + i) * S);
    }
    /* a third, which goes on alone */
    assert_int_equal(nta_order_step(&order, 50 * S), 4699 * S);
    assert_int_equal(nta_order_step(&order, 52 * S), 4701 * S);
    assert_int_equal(nta_order_step(&order, 4702 * S), 4702 * S);
}

static void wild_times_never_lead_back(void **state)
{
    static const int64_t times[] = {0, INT64_MAX, INT64_MIN, -1, 5, INT64_MAX, 1, INT64_MIN, 2};
    struct nta_order order = {0};
    int64_t last = INT64_MIN;

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        const int64_t now = nta_order_step(&order, times[i % 9]);

        assert_true(now >= last);
        (void)nta_order_at(&order, times[(i * 5) % 9]);
        last = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_begins_as_the_clocks_time_and_goes_on_with_it),
        cmocka_unit_test(what_is_a_little_late_is_not_before_what_came),
        cmocka_unit_test(a_clock_that_is_set_back_goes_on_from_there),
        cmocka_unit_test(two_clocks_in_turns_make_time_go_on_once),
        cmocka_unit_test(wild_times_never_lead_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
