/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "signs/gaps.h"
#include "unit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/** Records that were told, a line each. */
static char told[1024];

static void emit(void *owner, const struct nta_record *record)
{
    const struct nta_record_log *log = record->log;
    size_t len = strlen(told);

    assert_ptr_equal(owner, told);
    (void)snprintf(told + len, sizeof(told) - len,
                   "%s %" PRId64 " %" PRId64 "-%" PRId64 " %s %.*s\n",
                   nta_record_event_name(record->event), record->time_ns, log ? log->from_ns : 0,
                   log ? log->to_ns : 0, log ? nta_gap_reason_name(log->reason) : "",
                   log ? (int)log->interface.len : 0,
                   log && log->interface.len ? (const char *)log->interface.ptr : "");
}

struct gaps_kit
{
    char dir[32], store[64], state[64];
};

static void kit_open(struct gaps_kit *kit)
{
    *kit = (struct gaps_kit){.dir = "/tmp/nta-gaps-XXXXXX"};
    assert_non_null(mkdtemp(kit->dir));
    (void)snprintf(kit->store, sizeof(kit->store), "%s/journal.db", kit->dir);
    (void)snprintf(kit->state, sizeof(kit->state), "%s/watch.state", kit->dir);
}

static void kit_close(const struct gaps_kit *kit)
{
    (void)unlink(kit->state);
    assert_int_equal(rmdir(kit->dir), 0);
}

static void assert_start(struct nta_gaps *gaps, const struct gaps_kit *kit, int64_t wall_ns,
                         const char *expected)
{
    *gaps = (struct nta_gaps){.emit = emit, .owner = told};
    told[0] = '\0';
    assert_int_equal(nta_gaps_start(gaps, kit->store, wall_ns), 0);
    assert_string_equal(told, expected);
}

static void look(struct nta_gaps *gaps, int64_t s, bool fails, uint64_t lost, const char *expected)
{
    const struct nta_gaps_look seen = {
        .wall_ns = s * 1000000000,
        .mono_ns = s * 1000000000,
        .store_fails = fails,
        .n_unstored = lost,
    };

    told[0] = '\0';
    nta_gaps_look(gaps, &seen);
    assert_string_equal(told, expected);
}

static void a_start_tells_how_the_last_one_ended(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;
    const struct nta_gaps_look end = {.wall_ns = 700};

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 100, "start 100 0-0  \n"); /* nothing is known of before */
    nta_gaps_done(&gaps);                                /* killed */
    assert_start(&gaps, &kit, 500, "gap 100 100-500 killed \nstart 500 100-0  \n");
    told[0] = '\0';
    nta_gaps_stop(&gaps, &end);
    assert_string_equal(told, "stop 700 0-0  \n");
    nta_gaps_done(&gaps);
    assert_start(&gaps, &kit, 900, "gap 700 700-900 stopped \nstart 900 700-0  \n");
    nta_gaps_done(&gaps);
    /* the clock was set back: no gap ends before it begins */
    assert_start(&gaps, &kit, 50, "gap 50 50-50 killed \nstart 50 900-0  \n");
    nta_gaps_done(&gaps);
    kit_close(&kit);
}

/** The file says that it ran until just now, and the last batch is of long ago. */
static void it_is_not_believed_beyond_what_was_sealed(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps = {.emit = emit, .owner = told};

    (void)state;
    kit_open(&kit);
    assert_int_equal(nta_gaps_start(&gaps, kit.store, INT64_C(500000000000)), 0);
    nta_gaps_done(&gaps);
    gaps = (struct nta_gaps){.emit = emit, .owner = told, .sealed_ns = INT64_C(100000000000)};
    told[0] = '\0';
    assert_int_equal(nta_gaps_start(&gaps, kit.store, INT64_C(600000000000)), 0);
    assert_string_equal(told, "gap 160000000000 160000000000-600000000000 killed \n"
                              "start 600000000000 160000000000-0  \n");
    nta_gaps_done(&gaps);
    gaps = (struct nta_gaps){.emit = emit, .owner = told, .sealed_ns = INT64_C(590000000000)};
    told[0] = '\0';
    assert_int_equal(nta_gaps_start(&gaps, kit.store, INT64_C(700000000000)), 0);
    assert_string_equal(told, "gap 600000000000 600000000000-700000000000 killed \n"
                              "start 700000000000 600000000000-0  \n");
    nta_gaps_done(&gaps);
    kit_close(&kit);
}

static void it_says_every_few_seconds_that_it_runs(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 1000000000, "start 1000000000 0-0  \n");
    look(&gaps, 10, false, 0, "");
    look(&gaps, 14, false, 0, ""); /* too soon */
    nta_gaps_done(&gaps);
    assert_start(&gaps, &kit, INT64_C(60000000000),
                 "gap 10000000000 10000000000-60000000000 killed \n"
                 "start 60000000000 10000000000-0  \n");
    nta_gaps_done(&gaps);
    kit_close(&kit);
}

static void a_state_that_is_not_understood_says_nothing(void **state)
{
    static const char *const texts[] = {
        "", "nta-watch 1 running 5\n",
        "nta-watch 1 dancing 5                                          \n",
        "nta-watch 2 running 5                                          \n",
        "nta-watch 1 running x                                          \n"};
    struct gaps_kit kit;
    struct nta_gaps gaps;

    (void)state;
    kit_open(&kit);
    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++) {
        FILE *file = fopen(kit.state, "we");

        assert_non_null(file);
        assert_true(fputs(texts[i], file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_start(&gaps, &kit, 100, "start 100 0-0  \n");
        nta_gaps_done(&gaps);
    }
    assert_int_equal(unlink(kit.state), 0);
    assert_int_equal(symlink("/dev/null", kit.state), 0); /* not followed */
    gaps = (struct nta_gaps){.emit = emit, .owner = told};
    told[0] = '\0';
    assert_true(nta_gaps_start(&gaps, kit.store, 100) < 0);
    assert_string_equal(told, "start 100 0-0  \n"); /* told all the same */
    kit_close(&kit);
}

static void a_store_is_told_when_it_is_back(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 1, "start 1 0-0  \n");
    look(&gaps, 10, true, 0, ""); /* fails, but nothing is lost yet */
    look(&gaps, 11, true, 5, "");
    look(&gaps, 12, true, 9, "");
    look(&gaps, 13, false, 9, "gap 11000000000 11000000000-13000000000 store not writable \n");
    look(&gaps, 14, false, 12, ""); /* lost for another reason */
    look(&gaps, 15, true, 13, "");
    const struct nta_gaps_look end = {.wall_ns = 16000000000};

    told[0] = '\0';
    nta_gaps_stop(&gaps, &end);
    assert_string_equal(told, "gap 15000000000 15000000000-16000000000 store not writable \n"
                              "stop 16000000000 0-0  \n");
    nta_gaps_done(&gaps);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_tells_how_the_last_one_ended),
        cmocka_unit_test(it_is_not_believed_beyond_what_was_sealed),
        cmocka_unit_test(it_says_every_few_seconds_that_it_runs),
        cmocka_unit_test(a_state_that_is_not_understood_says_nothing),
        cmocka_unit_test(a_store_is_told_when_it_is_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
