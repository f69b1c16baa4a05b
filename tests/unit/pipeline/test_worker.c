/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "pipeline/limits/threads.h"
#include "unit.h"

static void as_many_as_are_asked_for(void **state)
{
    (void)state;
    assert_int_equal(nta_workers_for(1, 64, 1), 1);
    assert_int_equal(nta_workers_for(16, 2, 1), 16);
}

static void by_itself_no_more_than_help(void **state)
{
    static const struct
    {
        size_t n_cores, n_sources, n_workers;
    } rows[] = {{0, 1, 1}, {1, 1, 1}, {2, 1, 1},  {3, 1, 2},      {16, 1, 2},
                {2, 3, 1}, {4, 3, 3}, {16, 3, 6}, {128, 64, 127}, {8, 0, 2}};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++)
        assert_int_equal(nta_workers_for(0, rows[i].n_cores, rows[i].n_sources), rows[i].n_workers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_as_are_asked_for),
        cmocka_unit_test(by_itself_no_more_than_help),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
