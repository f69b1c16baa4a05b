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

static int say_of(struct nta_holds *holds, uint64_t batch, int64_t first, int64_t last,
                  bool released, bool of_who)
{
    struct nta_err err = {0};
    struct nta_hold_saying saying = {
        .hold =
            {.batch = batch, .record = 2, .first_day = first, .last_day = last, .of_who = of_who},
        .is_released = released,
        .actor = nta_span_of("ann"),
        .text = nta_span_of("case 17"),
    };

    return nta_commit_note_hold(sensor.commit, &saying, holds, &err);
}

static int say(struct nta_holds *holds, uint64_t batch, int64_t first, int64_t last, bool released)
{
    return say_of(holds, batch, first, last, released, false);
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
    for (size_t i = 0; i < read.n; i++) {
        assert_true(nta_holds_cover(&holds, &read.all[i]));
        assert_true(nta_holds_cover(&read, &holds.all[i]));
        assert_int_equal(read.all[i].noted, holds.all[i].noted);
    }
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
    assert_true(nta_holds_cover(&read, &(struct nta_hold){1, 2, 100, 100, 0, false}));
    assert_true(nta_holds_cover(&read, &(struct nta_hold){1, 2, 103, 103, 0, false}));
    assert_false(nta_holds_cover(&read, &(struct nta_hold){1, 2, 101, 103, 0, false}));
    assert_false(nta_holds_cover(&read, &(struct nta_hold){1, 3, 100, 100, 0, false}));
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
    for (size_t i = 1; i <= 3; i++) /* none can be left out of a case and not be missed */
        assert_true(heads.heads[i].header.has_next);
    sensor_holds(&sensor, 4);
}

/** As somebody with rights on the tables would. */
static void change_tables(const char *sql)
{
    char script[512];

    sensor_close(&sensor);
    (void)snprintf(script, sizeof(script), "python3 -c '%s' \"%s\"",
                   "import sqlite3, sys; d = sqlite3.connect(\"journal.db\"); "
                   "d.executescript(sys.argv[1]); d.commit()",
                   sql);
    sensor_shell(&sensor, script);
    sensor_open(&sensor);
}

static void what_nobody_signed_releases_nothing_and_destroys_nothing(void **state)
{
    const int64_t today = nta_day_of(nta_clock_wall_ns());
    const struct nta_store_day day = {
        .class = NTA_CLASS_TRAFFIC, .day = today - 3, .n_batches = 1, .last = 1};
    NTA_AUTO(nta_holds_done) struct nta_holds holds = {.n = 0}, read = {.n = 0};
    NTA_AUTO(nta_day_notes_done) struct nta_day_notes notes = {.n = 0};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(say(&holds, 1, 100, 101, false), 0); /* 2 */
    assert_int_equal(say(&holds, 1, 0, 0, true), 0);      /* 3 */
    assert_int_equal(nta_commit_note_destroyed(sensor.commit, &day, 1, NTA_DELETE_AGE,
                                               nta_span_of("ntad"), &err),
                     0); /* 4 */
    assert_int_equal(sensor_put(&sensor), 5);
    assert_int_equal(nta_commit_read_notes(sensor.commit, &notes, &err), 0);
    assert_int_equal(notes.n, 3);
    change_tables("UPDATE head SET signature = zeroblob(64) WHERE number IN (3, 4)");
    assert_int_equal(nta_commit_read_notes(sensor.commit, &notes, &err), 0);
    assert_int_equal(notes.n, 1);
    assert_int_equal(notes.all[0].number, 2);
    read_holds(&read);
    assert_true(nta_holds_keep(&read, NTA_CLASS_EVIDENCE, 100, UINT64_MAX));
}

static void a_column_hides_no_hold(void **state)
{
    NTA_AUTO(nta_holds_done) struct nta_holds holds = {.n = 0}, read = {.n = 0};

    (void)state;
    assert_int_equal(say(&holds, 1, 100, 101, false), 0);
    assert_int_equal(sensor_put(&sensor), 3);
    change_tables("UPDATE head SET marks = 0");
    read_holds(&read);
    assert_true(nta_holds_keep(&read, NTA_CLASS_EVIDENCE, 100, UINT64_MAX));
}

static void a_key_that_is_not_adopted_holds_too(void **state)
{
    NTA_AUTO(nta_holds_done) struct nta_holds holds = {.n = 0}, read = {.n = 0};

    (void)state;
    assert_int_equal(sensor_put(&sensor), 2);
    sensor_close(&sensor);
    sensor_shell(&sensor, "rm -f state/signing.*");
    sensor_open(&sensor); /* under a key made now */
    assert_int_equal(sensor.commit->unadopted.n, 1);
    const int64_t number = (int64_t)nta_commit_last(sensor.commit) + 1;

    assert_int_equal(say(&holds, 1, 100, 101, false), 0);
    sensor_close(&sensor);
    sensor_open(&sensor);
    read_holds(&read);
    assert_int_equal(read.n, 1);
    assert_int_equal(read.all[0].noted, number);
}

static void heads_are_looked_at_in_steps(void **state)
{
    const struct nta_keys_place place = {sensor.keys, sensor.state};
    NTA_AUTO(nta_day_reader_free) struct nta_day_reader *reader = NULL;
    NTA_AUTO(nta_day_notes_done) struct nta_day_notes notes = {.n = 0};
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    NTA_AUTO(nta_holds_done) struct nta_holds holds = {.n = 0};
    struct nta_day_trust trust;
    struct nta_err err = {0};
    int n_steps = 0, r = 1;

    (void)state;
    for (uint64_t i = 1; i <= 5; i++)
        assert_int_equal(say(&holds, i, 100, 101, false), 0);
    assert_int_equal(nta_day_trust_look(&trust, &place, &err), 0);
    assert_true(trust.has_identity);
    assert_int_equal(nta_day_reader_new(&trust, &reader, &err), 0);
    assert_int_equal(nta_store_open_sqlite(sensor.store, false, &store, &err), 0);
    for (; r == 1; n_steps++)
        r = nta_day_reader_look(reader, store, true, 2, &err);
    assert_int_equal(r, 0);
    assert_int_equal(n_steps, 4); /* of six heads, and nothing behind them */
    assert_int_equal(nta_day_reader_give(reader, &notes, &err), 0);
    assert_int_equal(notes.n, 5);
}

static void without_the_identitys_public_half_the_first_batch_says_who_signs(void **state)
{
    NTA_AUTO(nta_holds_done) struct nta_holds holds = {.n = 0}, read = {.n = 0};

    (void)state;
    assert_int_equal(say(&holds, 1, 100, 101, false), 0);
    sensor_shell(&sensor, "mv keys/sensor.pub keys/other");
    read_holds(&read);
    assert_int_equal(read.n, 1);
    assert_int_equal(say(&holds, 1, 0, 0, true), 0);
    change_tables("UPDATE head SET signature = zeroblob(64) WHERE number = 3");
    read_holds(&read);
    assert_int_equal(read.n, 1);
}

/** Who had which address is held by a note of its own, and released with the rest. */
static void who_it_was_is_held_by_itself(void **state)
{
    NTA_AUTO(nta_holds_done) struct nta_holds holds = {.n = 0}, read = {.n = 0};

    (void)state;
    assert_int_equal(say(&holds, 1, 100, 100, false), 0);        /* 2 */
    assert_int_equal(say_of(&holds, 1, 98, 99, false, true), 0); /* 3 */
    read_holds(&read);
    assert_int_equal(read.n, 2);
    assert_true(nta_holds_keep(&read, NTA_CLASS_WHO, 98, UINT64_MAX));
    assert_true(nta_holds_keep(&read, NTA_CLASS_WHO, 99, UINT64_MAX));
    assert_false(nta_holds_keep(&read, NTA_CLASS_WHO, 100, UINT64_MAX));
    assert_false(nta_holds_keep(&read, NTA_CLASS_EVIDENCE, 99, UINT64_MAX));
    assert_false(nta_holds_keep(&read, NTA_CLASS_LOG, 99, UINT64_MAX));
    assert_false(nta_holds_keep(&read, NTA_CLASS_TRAFFIC, 99, UINT64_MAX));
    assert_true(nta_holds_cover(&read, &(struct nta_hold){1, 2, 99, 99, 0, true}));
    assert_false(nta_holds_cover(&read, &(struct nta_hold){1, 2, 100, 100, 0, true}));
    assert_int_equal(say(&holds, 1, 0, 0, true), 0); /* 4: both */
    read_holds(&read);
    assert_int_equal(holds.n + read.n, 0);
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    assert_int_equal(heads.heads[2].note.reason, NTA_HOLD_WHO);
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
        cmocka_unit_test_setup_teardown(what_nobody_signed_releases_nothing_and_destroys_nothing,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_column_hides_no_hold, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_that_is_not_adopted_holds_too, setup, teardown),
        cmocka_unit_test_setup_teardown(heads_are_looked_at_in_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(
            without_the_identitys_public_half_the_first_batch_says_who_signs, setup, teardown),
        cmocka_unit_test_setup_teardown(who_it_was_is_held_by_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(there_is_a_bound, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
