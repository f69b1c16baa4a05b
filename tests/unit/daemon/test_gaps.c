/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "signs/gaps.h"
#include "unit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/** Records that were told, a line each. */
static char told[4096];
static uint64_t n_told;

/** What is kept for the next start. */
static uint8_t kept[64 * 1024];
static size_t kept_len;
static unsigned n_keeps;

static uint64_t emit(void *owner, const struct nta_record *record)
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
    for (size_t i = 0; i < record->n_losses; i++) {
        len = strlen(told);
        (void)snprintf(told + len, sizeof(told) - len, "  %.*s %" PRIu64 "\n",
                       (int)record->losses[i].reason.len,
                       (const char *)record->losses[i].reason.ptr, record->losses[i].n);
    }
    return ++n_told;
}

static bool keeps = true;

static bool keep(void *owner, struct nta_span bytes)
{
    assert_ptr_equal(owner, told);
    assert_true(bytes.len <= sizeof(kept));
    if (bytes.len > 0)
        memcpy(kept, bytes.ptr, bytes.len);
    kept_len = bytes.len;
    n_keeps++;
    return keeps;
}

static const struct nta_gaps_calls calls = {emit, keep, told};

struct gaps_kit
{
    char dir[32], store[64], state[64];
};

static void kit_open(struct gaps_kit *kit)
{
    *kit = (struct gaps_kit){.dir = "/tmp/nta-gaps-XXXXXX"};
    n_told = 0;
    kept_len = 0;
    assert_non_null(mkdtemp(kit->dir));
    (void)snprintf(kit->store, sizeof(kit->store), "%s/journal.db", kit->dir);
    (void)snprintf(kit->state, sizeof(kit->state), "%s/watch.state", kit->dir);
}

static void kit_close(const struct gaps_kit *kit)
{
    (void)unlink(kit->state);
    assert_int_equal(rmdir(kit->dir), 0);
}

static int begin(struct nta_gaps *gaps, const struct gaps_kit *kit, int64_t sealed_ns,
                 int64_t wall_ns)
{
    static uint8_t before[sizeof(kept)];
    const struct nta_span bytes = {before, kept_len};

    memcpy(before, kept, kept_len);
    *gaps = (struct nta_gaps){.calls = calls, .sealed_ns = sealed_ns};
    told[0] = '\0';
    return nta_gaps_start(gaps, kit->store, bytes, wall_ns);
}

static void assert_start(struct nta_gaps *gaps, const struct gaps_kit *kit, int64_t wall_ns,
                         const char *expected)
{
    assert_int_equal(begin(gaps, kit, 0, wall_ns), 0);
    assert_string_equal(told, expected);
}

static void look(struct nta_gaps *gaps, int64_t s, bool fails, uint64_t lost, const char *expected)
{
    const struct nta_gaps_look seen = {
        .wall_ns = s * 1000000000,
        .mono_ns = s * 1000000000,
        .store_fails = fails,
        .n_unstored = lost,
        .stored_ns = s * 1000000000,
        .n_told = n_told,
        .n_stored = n_told,
    };

    told[0] = '\0';
    nta_gaps_look(gaps, &seen);
    assert_string_equal(told, expected);
}

static void a_start_tells_how_the_last_one_ended(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;
    const struct nta_gaps_look end = {.wall_ns = 700, .n_told = 100, .n_stored = 100};

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 100, "start 100 0-0  \n"); /* nothing is known of before */
    nta_gaps_done(&gaps);                                /* killed */
    assert_start(&gaps, &kit, 500, "gap 100 100-500 killed \nstart 500 100-0  \n");
    told[0] = '\0';
    nta_gaps_stop(&gaps, &end);
    nta_gaps_end(&gaps, &end);
    assert_string_equal(told, "stop 700 0-0  \n");
    assert_start(&gaps, &kit, 900, "gap 700 700-900 stopped \nstart 900 700-0  \n");
    nta_gaps_done(&gaps);
    /* the clock was set back: no gap ends before it begins */
    kept_len = 0;
    assert_start(&gaps, &kit, 50, "gap 50 50-50 killed \nstart 50 900-0  \n");
    nta_gaps_done(&gaps);
    kit_close(&kit);
}

/** The file says that it ran until just now, and the last batch is of long ago. */
static void it_is_not_believed_beyond_what_was_sealed(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;

    (void)state;
    kit_open(&kit);
    assert_int_equal(begin(&gaps, &kit, 0, INT64_C(500000000000)), 0);
    nta_gaps_done(&gaps);
    assert_int_equal(begin(&gaps, &kit, INT64_C(100000000000), INT64_C(600000000000)), 0);
    assert_string_equal(told, "gap 160000000000 160000000000-600000000000 killed \n"
                              "start 600000000000 160000000000-0  \n");
    nta_gaps_done(&gaps);
    kept_len = 0;
    assert_int_equal(begin(&gaps, &kit, INT64_C(590000000000), INT64_C(700000000000)), 0);
    assert_string_equal(told, "gap 600000000000 600000000000-700000000000 killed \n"
                              "start 700000000000 600000000000-0  \n");
    nta_gaps_done(&gaps);
    kit_close(&kit);
}

static void it_says_with_each_look_that_it_runs(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 1000000000, "start 1000000000 0-0  \n");
    look(&gaps, 10, false, 0, "");
    look(&gaps, 11, false, 0, "");
    nta_gaps_done(&gaps);
    assert_start(&gaps, &kit, INT64_C(60000000000),
                 "gap 11000000000 11000000000-60000000000 killed \n"
                 "start 60000000000 11000000000-0  \n");
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
    assert_true(begin(&gaps, &kit, 0, 100) < 0);
    assert_string_equal(told, "start 100 0-0  \n"); /* told all the same */
    nta_gaps_done(&gaps);
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

#define S INT64_C(1000000000)

/** A look of second `s` at one interface; `reason` 0: it is fine. */
static struct nta_gaps_look of_interface(int64_t s, uint8_t reason, int64_t from_s,
                                         struct nta_gap *blind)
{
    *blind = (struct nta_gap){
        .reason = (enum nta_gap_reason)reason, .interface = "eth0", .from_ns = from_s * S};
    return (struct nta_gaps_look){
        .wall_ns = s * S,
        .mono_ns = s * S,
        .stored_ns = s * S,
        .n_told = n_told,
        .n_stored = n_told,
        .blind = blind,
        .n_blind = reason != 0,
    };
}

static void a_gap_that_is_open_at_a_kill_is_told_by_the_next_start(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;
    struct nta_gap blind;
    struct nta_gaps_look seen;

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 1 * S, "start 1000000000 0-0  \n");
    look(&gaps, 9, true, 0, "");
    look(&gaps, 10, true, 4, "");
    seen = of_interface(20, NTA_GAP_REASON_DOWN, 12, &blind);
    seen.store_fails = true;
    seen.n_unstored = 4;
    nta_gaps_look(&gaps, &seen);
    nta_gaps_done(&gaps); /* killed */
    assert_start(&gaps, &kit, 60 * S,
                 "gap 10000000000 10000000000-20000000000 store not writable \n"
                 "gap 12000000000 12000000000-20000000000 interface down eth0\n"
                 "gap 20000000000 20000000000-60000000000 killed \n"
                 "start 60000000000 20000000000-0  \n");
    /* and once more by each start until they are stored */
    nta_gaps_done(&gaps);
    assert_start(&gaps, &kit, 70 * S,
                 "gap 10000000000 10000000000-20000000000 store not writable \n"
                 "gap 12000000000 12000000000-20000000000 interface down eth0\n"
                 "gap 20000000000 20000000000-60000000000 killed \n"
                 "gap 60000000000 60000000000-70000000000 killed \n"
                 "start 70000000000 60000000000-0  \n");
    look(&gaps, 71, false, 0, ""); /* all are */
    assert_int_equal(kept_len, 0);
    nta_gaps_done(&gaps);
    assert_start(&gaps, &kit, 80 * S,
                 "gap 71000000000 71000000000-80000000000 killed \n"
                 "start 80000000000 71000000000-0  \n");
    nta_gaps_done(&gaps);
    kit_close(&kit);
}

/** Who captures told it; main only sees that it is over. */
static void a_gap_that_was_told_is_kept_until_it_is_stored(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;
    struct nta_gap blind;
    struct nta_gaps_look seen;

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 1 * S, "start 1000000000 0-0  \n");
    seen = of_interface(10, NTA_GAP_REASON_DOWN, 8, &blind);
    nta_gaps_look(&gaps, &seen);
    told[0] = '\0';
    n_told++;
    seen = of_interface(11, 0, 0, &blind);
    seen.n_stored = n_told - 1;
    nta_gaps_look(&gaps, &seen);
    assert_string_equal(told, "");
    assert_true(kept_len > 0);
    const unsigned n_before = n_keeps;

    nta_gaps_look(&gaps, &seen);
    assert_int_equal(n_keeps, n_before); /* written only when it changes */
    keeps = false;
    seen.n_stored = n_told;
    nta_gaps_look(&gaps, &seen);
    assert_int_equal(n_keeps, n_before + 1);
    keeps = true;
    nta_gaps_look(&gaps, &seen);
    assert_int_equal(n_keeps, n_before + 2); /* again, until it is written */
    nta_gaps_look(&gaps, &seen);
    assert_int_equal(n_keeps, n_before + 2);
    assert_int_equal(kept_len, 0);
    /* another reason is another gap, told by who captures, too */
    seen = of_interface(12, NTA_GAP_REASON_DOWN, 12, &blind);
    nta_gaps_look(&gaps, &seen);
    seen = of_interface(14, NTA_GAP_REASON_INTERFACE, 13, &blind);
    seen.n_told++; /* not stored yet */
    nta_gaps_look(&gaps, &seen);
    nta_gaps_done(&gaps);
    assert_start(&gaps, &kit, 20 * S,
                 "gap 12000000000 12000000000-14000000000 interface down eth0\n"
                 "gap 13000000000 13000000000-14000000000 interface gone eth0\n"
                 "gap 14000000000 14000000000-20000000000 killed \n"
                 "start 20000000000 14000000000-0  \n");
    nta_gaps_done(&gaps);
    kit_close(&kit);
}

/** A loss that no record had yet when it was killed. */
static void losses_are_told_by_the_next_start(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;
    const struct nta_record_loss lost[] = {{nta_span_of("capture.drop.kernel"), 40}};
    struct nta_record losses = {.event = NTA_RECORD_LOSS,
                                .time_ns = 5 * S,
                                .end_ns = 10 * S,
                                .losses = lost,
                                .n_losses = 1};
    struct nta_gaps_look seen = {
        .wall_ns = 10 * S, .mono_ns = 10 * S, .stored_ns = 10 * S, .losses = &losses};

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 1 * S, "start 1000000000 0-0  \n");
    nta_gaps_look(&gaps, &seen);
    nta_gaps_done(&gaps);
    assert_start(&gaps, &kit, 20 * S,
                 "loss 5000000000 0-0  \n  capture.drop.kernel 40\n"
                 "gap 10000000000 10000000000-20000000000 killed \n"
                 "start 20000000000 10000000000-0  \n");
    look(&gaps, 21, false, 0, ""); /* stored */
    assert_int_equal(kept_len, 0);
    losses.time_ns = 21 * S;
    seen.wall_ns = seen.mono_ns = seen.stored_ns = 30 * S;
    nta_gaps_look(&gaps, &seen);
    seen.wall_ns = seen.mono_ns = seen.stored_ns = 40 * S;
    seen.losses = NULL; /* a record told them, which is not stored */
    seen.n_told = n_told + 1;
    seen.n_stored = n_told;
    nta_gaps_look(&gaps, &seen);
    assert_true(kept_len > 0);
    nta_gaps_stop(&gaps, &seen);
    seen.n_told++;
    seen.n_stored = seen.n_told;
    nta_gaps_end(&gaps, &seen);
    assert_int_equal(kept_len, 0);
    kit_close(&kit);
}

/** The store was at its bound, and took no record of them: the next start tells them. */
static void what_was_told_and_lost_is_told_again(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;
    struct nta_gap blind;
    struct nta_record losses = {.event = NTA_RECORD_LOSS, .time_ns = 5 * S};
    struct nta_gaps_look seen;

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 1 * S, "start 1000000000 0-0  \n");
    seen = of_interface(10, NTA_GAP_REASON_DOWN, 8, &blind);
    seen.losses = &losses;
    nta_gaps_look(&gaps, &seen);
    n_told++;
    seen = of_interface(40, 0, 0, &blind);
    seen.lost_from = seen.lost_to = n_told; /* told, and never stored */
    nta_gaps_look(&gaps, &seen);
    n_told++;
    seen = of_interface(41, 0, 0, &blind); /* a later one is, and the other forgotten */
    nta_gaps_look(&gaps, &seen);
    nta_gaps_stop(&gaps, &seen);
    nta_gaps_end(&gaps, &seen);
    assert_true(kept_len > 0);
    told[0] = '\0';
    assert_int_equal(begin(&gaps, &kit, 0, 50 * S), 0);
    assert_non_null(strstr(told, "loss 5000000000"));
    assert_non_null(strstr(told, "8000000000-40000000000 interface down"));
    nta_gaps_done(&gaps);
    kit_close(&kit);
}

/** What is seen and not stored at a kill was not watched. */
static void a_gap_begins_with_what_is_not_stored(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;
    const struct nta_gaps_look seen = {.wall_ns = 100 * S, .mono_ns = 100 * S, .stored_ns = 70 * S};

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 1 * S, "start 1000000000 0-0  \n");
    nta_gaps_look(&gaps, &seen);
    nta_gaps_done(&gaps);
    assert_start(&gaps, &kit, 110 * S,
                 "gap 70000000000 70000000000-110000000000 killed \n"
                 "start 110000000000 70000000000-0  \n");
    nta_gaps_done(&gaps);
    kit_close(&kit);
}

static void kept_bytes_that_are_cut_off_or_nonsense_do_no_harm(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;
    struct nta_gap blind;
    uint8_t whole[sizeof(kept)];

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 1 * S, "start 1000000000 0-0  \n");
    const struct nta_gaps_look seen = of_interface(10, NTA_GAP_REASON_DOWN, 8, &blind);

    nta_gaps_look(&gaps, &seen);
    nta_gaps_done(&gaps);
    const size_t len = kept_len;

    memcpy(whole, kept, len);
    for (size_t i = 0; i < len; i++) {
        memcpy(kept, whole, len);
        kept_len = i;
        assert_int_equal(begin(&gaps, &kit, 0, 20 * S), 0);
        nta_gaps_done(&gaps);
        memcpy(kept, whole, len);
        kept[i] ^= 0x40;
        kept_len = len;
        assert_int_equal(begin(&gaps, &kit, 0, 20 * S), 0);
        nta_gaps_done(&gaps);
    }
    kit_close(&kit);
}

static void of_too_many_the_oldest_that_were_told_go(void **state)
{
    struct gaps_kit kit;
    struct nta_gaps gaps;
    struct nta_gap blind;
    struct nta_gaps_look seen;

    (void)state;
    kit_open(&kit);
    assert_start(&gaps, &kit, 1 * S, "start 1000000000 0-0  \n");
    for (int64_t s = 2; s < 2 + 3 * NTA_GAPS_KEPT; s++) {
        seen = of_interface(s, NTA_GAP_REASON_DOWN, s, &blind);
        seen.n_stored = 0;
        seen.n_told = (uint64_t)s;
        nta_gaps_look(&gaps, &seen);
    }
    assert_int_equal(gaps.n_kept, NTA_GAPS_KEPT);
    assert_int_equal(gaps.kept[NTA_GAPS_KEPT - 1].number, 0); /* the one that is open */
    nta_gaps_done(&gaps);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_tells_how_the_last_one_ended),
        cmocka_unit_test(it_is_not_believed_beyond_what_was_sealed),
        cmocka_unit_test(it_says_with_each_look_that_it_runs),
        cmocka_unit_test(a_state_that_is_not_understood_says_nothing),
        cmocka_unit_test(a_store_is_told_when_it_is_back),
        cmocka_unit_test(a_gap_that_is_open_at_a_kill_is_told_by_the_next_start),
        cmocka_unit_test(a_gap_that_was_told_is_kept_until_it_is_stored),
        cmocka_unit_test(what_was_told_and_lost_is_told_again),
        cmocka_unit_test(losses_are_told_by_the_next_start),
        cmocka_unit_test(a_gap_begins_with_what_is_not_stored),
        cmocka_unit_test(kept_bytes_that_are_cut_off_or_nonsense_do_no_harm),
        cmocka_unit_test(of_too_many_the_oldest_that_were_told_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
