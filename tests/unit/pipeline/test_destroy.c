/* SPDX-License-Identifier: Apache-2.0 */
/* What of destroying needs no clock but today's; the rest is e2e.retention. */
#include "base/runtime/clock.h"
#include "heads.h"
#include "pipeline/commit/destroy.h"

#include <errno.h>

static struct sensor sensor;
static struct sensor_heads heads;

static int setup(void **state)
{
    (void)state;
    sensor_init(&sensor);
    sensor.health = nta_health_new();
    sensor_open(&sensor);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sensor_done(&sensor);
    return 0;
}

static void todays_day_is_not_destroyed(void **state)
{
    struct nta_store_day day;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(sensor_put(&sensor), 2);
    assert_int_equal(nta_commit_next_day(sensor.commit, NTA_CLASS_LOG, INT64_MIN, &day, &err), 1);
    assert_int_equal(day.day, nta_day_of(nta_clock_wall_ns()));
    assert_int_equal(nta_commit_note_destroyed(sensor.commit, &day, 1, NTA_DELETE_COMMAND,
                                               nta_span_of("ann"), &err),
                     -EBUSY);
    assert_int_equal(nta_commit_last(sensor.commit), 2);
}

static void days_are_noted_and_what_is_noted_is_found_once_there_is_something(void **state)
{
    const int64_t today = nta_day_of(nta_clock_wall_ns());
    struct nta_store_day days[NTA_DESTROY_MAX];
    struct nta_destroy left[NTA_DESTROY_MAX];
    const struct nta_holds holds = {.n = 0};
    NTA_AUTO(nta_day_notes_done) struct nta_day_notes notes = {.n = 0};
    struct nta_err err = {0};
    size_t n = 1;

    (void)state;
    for (int i = 0; i < NTA_DESTROY_MAX; i++)
        days[i] = (struct nta_store_day){
            .class = NTA_CLASS_TRAFFIC, .day = today - 1 - i, .n_batches = 5, .last = 1};
    assert_int_equal(nta_commit_note_destroyed(sensor.commit, days, NTA_DESTROY_MAX, NTA_DELETE_AGE,
                                               nta_span_of("ntad"), &err),
                     0);
    assert_int_equal(nta_commit_last(sensor.commit), 2);
    assert_int_equal(nta_commit_read_notes(sensor.commit, &notes, &err), 0);
    assert_int_equal(notes.n, NTA_DESTROY_MAX);
    assert_int_equal(nta_commit_find_noted(sensor.commit, &notes, &holds, left, &n, &err), 0);
    assert_int_equal(n, 0); /* none of these days has contents */
    left[0] = (struct nta_destroy){.day = days[0]};
    assert_int_equal(nta_commit_destroy(sensor.commit, &left[0], &err), 1);
    assert_true(left[0].keys_gone);
    assert_int_equal(nta_commit_destroy(sensor.commit, &left[0], &err), 0);
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    assert_int_equal(heads.heads[1].note.kind, NTA_HEADER_NOTE_DELETED);
    assert_int_equal(heads.heads[1].note.class, NTA_CLASS_TRAFFIC);
    assert_int_equal(heads.heads[1].note.day, today - 1);
    assert_int_equal(heads.heads[1].note.n_batches, 5);
    assert_int_equal(heads.heads[1].note.reason, NTA_DELETE_AGE);
    assert_int_equal(heads.heads[1].header.n_records, NTA_DESTROY_MAX);
    sensor_holds(&sensor, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(todays_day_is_not_destroyed, setup, teardown),
        cmocka_unit_test_setup_teardown(
            days_are_noted_and_what_is_noted_is_found_once_there_is_something, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
