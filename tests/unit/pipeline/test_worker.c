/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "pipeline/limits/threads.h"
#include "unit.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

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

/** Those of capture.cpus that are there for us, each once. */
static void only_processors_that_they_may_run_on_count(void **state)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    struct nta_err err = {0};
    cpu_set_t ours;
    size_t one = 0;
    char text[64];

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(ours), &ours), 0);
    while (!CPU_ISSET(one, &ours))
        one++;
    assert_int_equal(nta_threads_count_cores(""), CPU_COUNT(&ours));
    (void)snprintf(text, sizeof(text), "%zu", one);
    assert_int_equal(nta_threads_count_cores(text), 1);
    (void)snprintf(text, sizeof(text), "%zu,%zu,%zu-%zu", one, one, one, one);
    assert_int_equal(nta_threads_count_cores(text), 1);
    assert_int_equal(nta_threads_count_cores("1023"), 1); /* refused where it is opened */
    assert_int_equal(nta_config_new(&config, &err), 0);
    free(config->capture.cpus);
    config->capture.cpus = strdup(text);
    config->capture.workers = 0;
    assert_int_equal(nta_threads_choose_workers(config, 64), 1);
    config->capture.workers = 3;
    assert_int_equal(nta_threads_choose_workers(config, 64), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_as_are_asked_for),
        cmocka_unit_test(by_itself_no_more_than_help),
        cmocka_unit_test(only_processors_that_they_may_run_on_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
