/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/blind.h"
#include "unit.h"

static void a_second_is_blind_if_anything_was_lost_in_it(void **state)
{
    struct nta_blind blind = {{0}, {0}};

    (void)state;
    nta_blind_add(&blind, 0, 1, 0, false);
    nta_blind_add(&blind, 0, 1, 7, false);
    nta_blind_add(&blind, 0, 1, 7, false); /* nothing more */
    nta_blind_add(&blind, 0, 3, 8, false); /* looked at late: any of the three */
    nta_blind_add(&blind, 1, 2, 0, true);
    assert_int_equal(nta_blind_take(&blind, 0), 4);
    assert_int_equal(nta_blind_take(&blind, 0), 0);
    nta_blind_add(&blind, 0, 1, 8, false); /* totals stay as they were */
    assert_int_equal(nta_blind_take(&blind, 0), 0);
    assert_int_equal(nta_blind_take(&blind, 1), 2);
}

static void a_source_too_many_is_passed_over(void **state)
{
    struct nta_blind blind = {{0}, {0}};

    (void)state;
    nta_blind_add(&blind, NTA_BLIND_SOURCES, 1, 1, true);
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
