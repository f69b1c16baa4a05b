/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/blind.h"
#include "unit.h"

static void add(struct nta_blind *blind, size_t source, uint64_t seconds, uint64_t packets,
                int64_t blind_ns)
{
    const struct nta_missed missed = {packets, blind_ns};

    nta_blind_add(blind, source, seconds, &missed);
}

static void a_second_is_blind_if_anything_was_lost_in_it(void **state)
{
    struct nta_blind blind = {0};

    (void)state;
    add(&blind, 0, 1, 0, 0);
    add(&blind, 0, 1, 7, 0);
    add(&blind, 0, 1, 7, 0); /* nothing more */
    add(&blind, 0, 3, 8, 0); /* looked at late: any of the three */
    add(&blind, 1, 2, 0, 1000);
    assert_int_equal(nta_blind_take(&blind, 0), 4);
    assert_int_equal(nta_blind_take(&blind, 0), 0);
    add(&blind, 0, 1, 8, 0); /* totals stay as they were */
    assert_int_equal(nta_blind_take(&blind, 0), 0);
    add(&blind, 1, 1, 0, 1000); /* it is back, and has been since */
    assert_int_equal(nta_blind_take(&blind, 1), 2);
    add(&blind, 1, 1, 0, 1001); /* away for less than the second between two looks */
    assert_int_equal(nta_blind_take(&blind, 1), 1);
}

static void a_source_too_many_is_passed_over(void **state)
{
    struct nta_blind blind = {0};

    (void)state;
    add(&blind, NTA_BLIND_SOURCES, 1, 1, 1);
    assert_int_equal(nta_blind_take(&blind, NTA_BLIND_SOURCES), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_is_blind_if_anything_was_lost_in_it),
        cmocka_unit_test(a_source_too_many_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
