/* SPDX-License-Identifier: Apache-2.0 */

/* Contents go by class and day, in slices; heads stay. */

#include "store/scene.h"
#include "store/writer.h"

#include <errno.h>
#include <sys/stat.h>

static const struct nta_store_query all = {.sensor = NULL};

/** Batches `from` to `to` of a class, sealed on a day. */
static void put_day(struct scene *scene, enum nta_class class, int64_t day, uint64_t from,
                    uint64_t to)
{
    for (uint64_t i = from; i <= to; i++)
        assert_int_equal(
            scene_put(scene, &(struct sample_plan){.sensor = 1,
                                                   .number = i,
                                                   .first_ns = day * SAMPLE_DAY_NS + (int64_t)i,
                                                   .class = class,
                                                   .body_len = 20000}),
            0);
}

static int next_day(struct scene *scene, enum nta_class class, int64_t after,
                    struct nta_store_day *ret_day)
{
    return nta_store_next_day(scene->store, scene_sensor, class, after, ret_day, &scene->err);
}

static void days_are_found_in_their_order(void **state)
{
    struct scene *scene = *state;
    struct nta_store_day day;

    put_day(scene, NTA_CLASS_TRAFFIC, 20001, 1, 3);
    put_day(scene, NTA_CLASS_TRAFFIC, 19990, 4, 5); /* its clock went back */
    put_day(scene, NTA_CLASS_WHO, 20002, 6, 6);
    assert_int_equal(next_day(scene, NTA_CLASS_TRAFFIC, INT64_MIN, &day), 1);
    assert_int_equal(day.day, 19990);
    assert_int_equal(day.class, NTA_CLASS_TRAFFIC);
    assert_int_equal(day.n_batches, 2);
    assert_int_equal(day.last, 5);
    assert_int_equal(next_day(scene, NTA_CLASS_TRAFFIC, 19990, &day), 1);
    assert_int_equal(day.day, 20001);
    assert_int_equal(day.n_batches, 3);
    assert_int_equal(day.first, 1);
    assert_int_equal(day.last, 3);
    assert_int_equal(next_day(scene, NTA_CLASS_TRAFFIC, 20001, &day), 0);
    assert_int_equal(next_day(scene, NTA_CLASS_EVIDENCE, INT64_MIN, &day), 0);
    assert_int_equal(next_day(scene, NTA_CLASS_WHO, 0, &day), 1);
    assert_int_equal(day.day, 20002);
}

static void a_day_goes_in_slices_and_its_heads_stay(void **state)
{
    struct scene *scene = *state;
    struct nta_store_day day;
    uint64_t bytes;
    int n_slices = 0, r;

    put_day(scene, NTA_CLASS_TRAFFIC, 20001, 1, 300);
    put_day(scene, NTA_CLASS_EVIDENCE, 20001, 301, 301);
    put_day(scene, NTA_CLASS_TRAFFIC, 20002, 302, 303);
    assert_int_equal(next_day(scene, NTA_CLASS_TRAFFIC, INT64_MIN, &day), 1);
    assert_int_equal(nta_store_weigh_day(scene->store, scene_sensor, &day, &bytes, &scene->err), 0);
    assert_in_range(bytes, UINT64_C(300) * 20000, UINT64_C(300) * 100000);
    day.last = 290; /* what came behind the note stays */
    do {
        r = nta_store_drop_day(scene->store, scene_sensor, &day, &scene->err);
        n_slices++;
    } while (r == 1);
    assert_int_equal(r, 0);
    assert_true(n_slices > 2);
    assert_int_equal(next_day(scene, NTA_CLASS_TRAFFIC, INT64_MIN, &day), 1);
    assert_int_equal(day.day, 20001);
    assert_int_equal(day.n_batches, 10);
    scene_collect(scene, &all);
    assert_int_equal(scene->seen.n, 303);
    assert_true(scene->seen.is_chain);
    assert_int_equal(scene->seen.n_faulty, 290);
    assert_int_equal(scene->seen.faults, NTA_ROW_ABSENT);
    assert_int_equal(nta_store_drop_day(scene->store, scene_sensor, &day, &scene->err), 0);
    assert_int_equal(next_day(scene, NTA_CLASS_TRAFFIC, INT64_MIN, &day), 1);
    assert_int_equal(day.day, 20002);
    assert_int_equal(next_day(scene, NTA_CLASS_EVIDENCE, INT64_MIN, &day), 1);
}

static void another_sensors_contents_stay(void **state)
{
    struct scene *scene = *state;
    const uint8_t other[NTA_SENSOR_ID_LEN] = {2};
    struct nta_store_day day;

    put_day(scene, NTA_CLASS_TRAFFIC, 20001, 1, 3);
    day = (struct nta_store_day){.class = NTA_CLASS_TRAFFIC, .day = 20001, .last = UINT64_MAX};
    assert_int_equal(nta_store_drop_day(scene->store, other, &day, &scene->err), 0);
    assert_int_equal(
        nta_store_next_day(scene->store, other, NTA_CLASS_TRAFFIC, 0, &day, &scene->err), 0);
    assert_int_equal(next_day(scene, NTA_CLASS_TRAFFIC, 0, &day), 1);
    assert_int_equal(day.n_batches, 3);
}

static void what_is_used_grows_and_shrinks(void **state)
{
    struct scene *scene = *state;
    struct nta_store_day day;
    uint64_t empty, full, after;
    struct stat before, file;
    int r;

    assert_int_equal(nta_store_used(scene->store, 0, &empty, &scene->err), 0);
    for (uint64_t i = 1; i <= 300; i++)
        assert_int_equal(scene_put(scene, &(struct sample_plan){.sensor = 1,
                                                                .number = i,
                                                                .first_ns = (int64_t)i,
                                                                .body_len = 400000}),
                         0);
    assert_int_equal(nta_store_used(scene->store, 0, &full, &scene->err), 0);
    assert_true(full - empty > UINT64_C(300) * 400000);
    assert_int_equal(stat(scene->path, &before), 0);
    assert_int_equal(next_day(scene, NTA_CLASS_TRAFFIC, INT64_MIN, &day), 1);
    do
        r = nta_store_drop_day(scene->store, scene_sensor, &day, &scene->err);
    while (r == 1);
    assert_int_equal(r, 0);
    assert_int_equal(nta_store_used(scene->store, 0, &after, &scene->err), 0);
    assert_true(after < full / 2);
    nta_store_close(&scene->store);
    assert_int_equal(stat(scene->path, &file), 0);
    assert_true(file.st_size < before.st_size * 3 / 4);
    assert_int_equal(nta_store_open_sqlite(scene->path, false, &scene->store, &scene->err), 0);
    assert_int_equal(nta_store_used(scene->store, 0, &after, &scene->err), 0);
}

static uint64_t size_of_log(const struct scene *scene)
{
    char path[512];
    struct stat status;

    (void)snprintf(path, sizeof(path), "%s-wal", scene->path);
    return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/** The log's largest size while batches of 100 KB come. */
static uint64_t largest_log(struct scene *scene, uint64_t from, uint64_t to)
{
    uint64_t largest = 0;

    for (uint64_t i = from; i < to; i++) {
        assert_int_equal(scene_put(scene, &(struct sample_plan){.sensor = 1,
                                                                .number = i,
                                                                .first_ns = (int64_t)i,
                                                                .body_len = 100000}),
                         0);
        if (size_of_log(scene) > largest)
            largest = size_of_log(scene);
    }
    return largest;
}

static void the_log_is_a_part_of_a_small_bound(void **state)
{
    struct scene *scene = *state;
    uint64_t used;

    assert_int_equal(nta_store_used(scene->store, 1 << 20, &used, &scene->err), 0);
    assert_true(largest_log(scene, 1, 150) < 3 << 20);
    assert_int_equal(nta_store_used(scene->store, 10ULL << 30, &used, &scene->err), 0);
    assert_true(largest_log(scene, 150, 300) > 12 << 20);
    /* one that was made while the bound was larger counts, and goes */
    const uint64_t before = used = size_of_log(scene);

    assert_int_equal(nta_store_used(scene->store, 10ULL << 30, &used, &scene->err), 0);
    const uint64_t pages = used;

    assert_int_equal(nta_store_used(scene->store, 1 << 20, &used, &scene->err), 0);
    assert_int_equal(used, pages + before - (2 << 20));
    (void)largest_log(scene, 300, 310);
    assert_true(size_of_log(scene) < 3 << 20);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(days_are_found_in_their_order),      TEST(a_day_goes_in_slices_and_its_heads_stay),
        TEST(another_sensors_contents_stay),      TEST(what_is_used_grows_and_shrinks),
        TEST(the_log_is_a_part_of_a_small_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
