/* SPDX-License-Identifier: Apache-2.0 */

/* The shipper without a server; with one, see tests/e2e/mariadb.sh. */

#include "base/own.h"
#include "base/runtime/log.h"
#include "store/fixture.h"
#include "store/ship/ship.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

/* cmocka needs the ones above first */
#include <cmocka.h>

static atomic_int n_lines;

static void count_line(enum nta_log_level level, const char *text)
{
    (void)level;
    if (strstr(text, "records stay in the journal") && !strstr(text, "sesame"))
        (void)atomic_fetch_add(&n_lines, 1);
}

/** A journal with three batches, and a shipper to a server that is not there. */
struct scene
{
    char folder[64], path[96];
    struct nta_store *store;
    struct nta_ship *ship;
    struct nta_ship_options options;
    struct sample sample;
    struct nta_err err;
};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    if (!scene)
        return -1;
    *state = scene;
    (void)snprintf(scene->folder, sizeof(scene->folder), "/tmp/nta-ship-XXXXXX");
    if (!mkdtemp(scene->folder))
        return -1;
    (void)snprintf(scene->path, sizeof(scene->path), "%s/journal.db", scene->folder);
    if (nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err) < 0)
        return -1;
    for (uint64_t i = 1; i <= 3; i++) {
        sample_make(&scene->sample,
                    &(struct sample_plan){.sensor = 1, .number = i, .body_len = 1000}, NULL);
        if (nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err) < 0)
            return -1;
    }
    scene->options = (struct nta_ship_options){
        .journal_path = scene->path,
        .mysql = {.hosts = "/nowhere/mysql.sock",
                  .user = "nta",
                  .password = "sesame",
                  .database = "nta",
                  .timeout_s = 1},
    };
    memset(scene->options.sensor, 1, NTA_SENSOR_ID_LEN);
    atomic_store(&n_lines, 0);
    nta_log_to(count_line);
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    DIR *folder = opendir(scene->folder);
    const struct dirent *entry;

    nta_ship_stop(&scene->ship, 0);
    nta_store_close(&scene->store);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread a folder */
    while (folder && (entry = readdir(folder)))
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        (void)closedir(folder);
    (void)rmdir(scene->folder);
    free(scene);
    nta_log_to(NULL);
    return 0;
}

static void wait_for_errors(const struct scene *scene, uint64_t n)
{
    const struct nta_counters *counters = nta_ship_counters(scene->ship);

    for (int i = 0; i < 500 && nta_counted(counters, NTA_COUNTER_SHIP_ERRORS) < n; i++)
        (void)usleep(10000);
    assert_true(nta_counted(counters, NTA_COUNTER_SHIP_ERRORS) >= n);
}

static void an_unreachable_server_is_no_failure_and_is_said_once(void **state)
{
    struct scene *scene = *state;
    struct nta_store_size size;

    assert_int_equal(nta_ship_start(&scene->options, &scene->ship, &scene->err), 0);
    wait_for_errors(scene, 2);
    assert_int_equal(atomic_load(&n_lines), 1);
    assert_false(nta_ship_connected(scene->ship));
    assert_int_equal(nta_ship_lag_ns(scene->ship, nta_clock_wall_ns()), 0);
    nta_ship_wake(scene->ship);
    assert_true(nta_ship_lag_ns(scene->ship, nta_clock_wall_ns() + NTA_NS_PER_S) >= NTA_NS_PER_S);
    nta_ship_stop(&scene->ship, 0);
    assert_null(scene->ship);
    assert_int_equal(nta_store_measure(scene->store, &size, &scene->err), 0);
    assert_int_equal(size.n_batches, 3);
}

static void waking_does_not_hurry_an_outage(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(nta_ship_start(&scene->options, &scene->ship, &scene->err), 0);
    wait_for_errors(scene, 1);
    for (int i = 0; i < 200; i++)
        nta_ship_wake(scene->ship);
    (void)usleep(100000);
    assert_int_equal(nta_counted(nta_ship_counters(scene->ship), NTA_COUNTER_SHIP_ERRORS), 1);
}

static void stopping_in_an_outage_takes_as_long_as_it_may(void **state)
{
    struct scene *scene = *state;
    int64_t start_ns;

    assert_int_equal(nta_ship_start(&scene->options, &scene->ship, &scene->err), 0);
    wait_for_errors(scene, 1);
    start_ns = nta_clock_mono_ns();
    nta_ship_stop(&scene->ship, NTA_NS_PER_S * 3 / 2);
    assert_in_range(nta_clock_mono_ns() - start_ns, NTA_NS_PER_S * 7 / 5, NTA_NS_PER_S * 4);
    assert_int_equal(nta_ship_start(&scene->options, &scene->ship, &scene->err), 0);
    start_ns = nta_clock_mono_ns();
    nta_ship_stop(&scene->ship, 0);
    assert_in_range(nta_clock_mono_ns() - start_ns, 0, NTA_NS_PER_S * 2);
}

static void a_journal_that_cannot_be_opened_is_said(void **state)
{
    struct scene *scene = *state;

    scene->options.journal_path = "/nowhere/journal.db";
    assert_int_equal(nta_ship_start(&scene->options, &scene->ship, &scene->err), -ENOENT);
    assert_null(scene->ship);
    assert_non_null(strstr(scene->err.text, "/nowhere/journal.db"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(an_unreachable_server_is_no_failure_and_is_said_once),
        TEST(waking_does_not_hurry_an_outage),
        TEST(stopping_in_an_outage_takes_as_long_as_it_may),
        TEST(a_journal_that_cannot_be_opened_is_said),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
