/* SPDX-License-Identifier: Apache-2.0 */
/* Days that are held for an incident, as heads say it; who asks for it is e2e.retention. */
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

static int say(struct nta_holds *holds, uint64_t batch, int64_t first, int64_t last, bool released)
{
    struct nta_err err = {0};
    struct nta_hold_saying saying = {
        .hold = {.batch = batch, .record = 2, .first_day = first, .last_day = last},
        .is_released = released,
        .actor = nta_span_of("ann"),
        .text = nta_span_of("case 17"),
    };

    return nta_commit_note_hold(sensor.commit, &saying, holds, &err);
}

/** What a start would find. */
static void read_holds(struct nta_holds *ret_holds)
{
    NTA_AUTO(nta_day_notes_done) struct nta_day_notes notes = {.n = 0};
    struct nta_err err = {0};

    assert_int_equal(nta_commit_read_notes(sensor.commit, &notes, &err), 0);
    assert_int_equal(nta_holds_take(ret_holds, &notes, &err), 0);
}

static void what_heads_say_is_held_until_it_is_released(void **state)
{
    NTA_AUTO(nta_holds_done) struct nta_holds holds = {.n = 0}, read = {.n = 0};

    (void)state;
    assert_int_equal(say(&holds, 1, 100, 101, false), 0); /* 2 */
    assert_int_equal(say(&holds, 1, 103, 103, false), 0); /* 3: more of the same incident */
    read_holds(&read);
    assert_int_equal(read.n, 2);
    assert_memory_equal(read.all, holds.all, 2 * sizeof(*read.all));
    for (int64_t day = 99; day <= 104; day++) {
        const bool held = day == 100 || day == 101 || day == 103;

        assert_int_equal(nta_holds_keep(&read, NTA_CLASS_EVIDENCE, day, UINT64_MAX), held);
        assert_int_equal(nta_holds_keep(&read, NTA_CLASS_LOG, day, UINT64_MAX), held);
        assert_false(nta_holds_keep(&read, NTA_CLASS_TRAFFIC, day, UINT64_MAX));
        assert_false(nta_holds_keep(&read, NTA_CLASS_WHO, day, UINT64_MAX));
        assert_false(nta_holds_keep(&read, NTA_CLASS_EVIDENCE, day, 2)); /* noted by then */
    }
    assert_int_equal(nta_holds_find(&read, 1, 2)->noted, 3);
    assert_null(nta_holds_find(&read, 2, 2));
    assert_true(nta_holds_cover(&read, &(struct nta_hold){1, 2, 100, 100, 0}));
    assert_true(nta_holds_cover(&read, &(struct nta_hold){1, 2, 103, 103, 0}));
    assert_false(nta_holds_cover(&read, &(struct nta_hold){1, 2, 101, 103, 0}));
    assert_false(nta_holds_cover(&read, &(struct nta_hold){1, 3, 100, 100, 0}));
    assert_int_equal(say(&holds, 1, 0, 0, true), 0); /* 4: both */
    assert_int_equal(holds.n, 0);
    sensor_close(&sensor);
    sensor_open(&sensor); /* which seals nothing */
    read_holds(&read);
    assert_int_equal(read.n, 0);
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    assert_int_equal(heads.heads[2].note.kind, NTA_HEADER_NOTE_HOLD);
    assert_int_equal(heads.heads[2].note.reason, NTA_HOLD_HELD);
    assert_int_equal(heads.heads[3].note.reason, NTA_HOLD_RELEASED);
    assert_int_equal(heads.heads[3].header.class, NTA_CLASS_LOG);
    sensor_holds(&sensor, 4);
}

static void there_is_a_bound(void **state)
{
    static struct nta_hold all[NTA_HOLDS_MAX];
    struct nta_holds holds = {.all = all, .n = NTA_HOLDS_MAX, .size = NTA_HOLDS_MAX};

    (void)state;
    assert_int_equal(say(&holds, 1, 100, 101, false), -E2BIG);
    assert_int_equal(holds.n, NTA_HOLDS_MAX);
    assert_int_equal(nta_commit_last(sensor.commit), 1); /* nothing is said */
    all[7] = (struct nta_hold){.batch = 1, .record = 2};
    assert_int_equal(say(&holds, 1, 100, 101, true), 0); /* which makes space */
    assert_int_equal(holds.n, NTA_HOLDS_MAX - 1);
    assert_int_equal(say(&holds, 1, 100, 101, false), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_heads_say_is_held_until_it_is_released, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(there_is_a_bound, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
