/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/health.h"
#include "base/text.h"
#include "names.h"
#include "unit.h"

#include <pthread.h>

static struct nta_health_state states[NTA_N_CAUSES];

static void each_cause_has_a_name_and_a_sentence_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NTA_N_CAUSES; i++) {
        const struct nta_cause_info *info = &nta_cause_infos[i];

        assert_true(info->name[0] && info->sentence[0]);
        assert_int_equal(strspn(info->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(info->name));
        for (unsigned k = 0; k < i; k++) {
            assert_string_not_equal(info->name, nta_cause_infos[k].name);
            assert_string_not_equal(info->sentence, nta_cause_infos[k].sentence);
        }
    }
    assert_true(nta_cause_infos[NTA_CAUSE_STORE].is_bad);
    assert_false(nta_cause_infos[NTA_CAUSE_CARRIER].is_bad);
}

static void nobody_is_told_without_a_table(void **state)
{
    (void)state;
    nta_health_set(NULL, NTA_CAUSE_STORE, "disk full");
    nta_health_set(NULL, NTA_CAUSE_STORE, NULL);
}

static void a_cause_is_on_from_its_setting_to_its_clearing(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();
    int64_t before = nta_clock_wall_ns();

    (void)state;
    assert_int_equal(nta_health_get(health, states), 0);
    assert_int_equal(nta_health_n_bad(states), 0);
    nta_health_set(health, NTA_CAUSE_STORE, "disk full");
    assert_int_equal(nta_health_get(health, states), 1);
    assert_true(nta_health_is(health, NTA_CAUSE_STORE));
    assert_false(nta_health_is(health, NTA_CAUSE_DISK));
    assert_int_equal(nta_health_n_bad(states), 1);
    int64_t since = states[NTA_CAUSE_STORE].since_wall_ns;

    assert_true(since >= before && since <= nta_clock_wall_ns());
    assert_string_equal(states[NTA_CAUSE_STORE].detail, "disk full");
    nta_health_set(health, NTA_CAUSE_STORE, "read-only file system"); /* worse, not anew */
    assert_int_equal(nta_health_get(health, states), 2);
    assert_int_equal(states[NTA_CAUSE_STORE].since_wall_ns, since);
    assert_int_equal(states[NTA_CAUSE_STORE].n_times, 1);
    assert_int_equal(states[NTA_CAUSE_STORE].n_details, 2);
    nta_health_set(health, NTA_CAUSE_STORE, NULL);
    assert_int_equal(nta_health_get(health, states), 3);
    assert_false(states[NTA_CAUSE_STORE].on);
    assert_true(states[NTA_CAUSE_STORE].since_wall_ns >= since);
    assert_true(states[NTA_CAUSE_STORE].lasted_ns > 0);
    assert_int_equal(nta_health_n_bad(states), 0);
}

static void what_is_said_twice_is_no_change(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();

    (void)state;
    nta_health_set(health, NTA_CAUSE_MYSQL, NULL);
    assert_int_equal(nta_health_get(health, states), 0);
    nta_health_set(health, NTA_CAUSE_MYSQL, "away");
    nta_health_set(health, NTA_CAUSE_MYSQL, "away");
    assert_int_equal(nta_health_get(health, states), 1);
    nta_health_set(health, NTA_CAUSE_MYSQL, NULL);
    nta_health_set(health, NTA_CAUSE_MYSQL, NULL);
    nta_health_set(health, NTA_CAUSE_MYSQL, "away");
    assert_int_equal(nta_health_get(health, states), 3);
    assert_int_equal(states[NTA_CAUSE_MYSQL].n_times, 2); /* the gap is seen afterwards */
}

static void a_warning_is_not_bad(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();

    (void)state;
    nta_health_set(health, NTA_CAUSE_CARRIER, "eth0");
    (void)nta_health_get(health, states);
    assert_true(states[NTA_CAUSE_CARRIER].on);
    assert_int_equal(nta_health_n_bad(states), 0);
}

static void a_detail_is_bounded_and_printable_whatever_it_is(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();
    char hostile[100000];

    (void)state;
    for (size_t i = 0; i < sizeof(hostile); i++)
        hostile[i] = (char)(1 + i * 7 % 255);
    hostile[sizeof(hostile) - 1] = '\0';
    for (size_t at = 0; at < 600; at++) {
        nta_health_set(health, NTA_CAUSE_RELOAD, hostile + at);
        (void)nta_health_get(health, states);
        const char *detail = states[NTA_CAUSE_RELOAD].detail;
        size_t len = strlen(detail);

        assert_true(len < NTA_HEALTH_DETAIL_SIZE && len > NTA_HEALTH_DETAIL_SIZE - 24);
        assert_string_equal(detail + len - 3, "...");
        assert_int_equal(nta_text_cut(nta_span_of(detail), len), len);
        for (size_t i = 0; i < len; i++)
            assert_true((unsigned char)detail[i] >= 0x20 && detail[i] != 0x7f);
    }
}

/** For each cause, as `nta status` and the log show it. */
static void each_cause_is_shown_with_its_detail(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();

    (void)state;
    for (unsigned i = 0; i < NTA_N_CAUSES; i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
        char expected[600];

        nta_health_set(health, (enum nta_cause)i, "a\nb \\x0a");
        (void)nta_health_get(health, states);
        nta_health_put(&out, (enum nta_cause)i, &states[i]);
        (void)snprintf(expected, sizeof(expected), "%s: a\\x0ab \\x0a",
                       nta_cause_infos[i].sentence);
        assert_true(nta_span_equal(nta_buf_span(&out), nta_span_of(expected)));
        nta_health_set(health, (enum nta_cause)i, "");
        (void)nta_health_get(health, states);
        nta_buf_clear(&out);
        nta_health_put(&out, (enum nta_cause)i, &states[i]);
        assert_true(nta_span_equal(nta_buf_span(&out), nta_span_of(nta_cause_infos[i].sentence)));
    }
}

enum
{
    N_THREADS = 8,
    N_FLIPS = 1000
};

struct flipper
{
    struct nta_health *health;
    enum nta_cause cause;
    pthread_t thread;
};

static void *flip(void *arg)
{
    struct flipper *flipper = arg;
    char detail[64];

    for (unsigned i = 0; i < N_FLIPS; i++) {
        (void)snprintf(detail, sizeof(detail), "%08u %08u", i, i);
        nta_health_set(flipper->health, flipper->cause, detail);
        nta_health_set(flipper->health, flipper->cause, NULL);
    }
    return NULL;
}

static void threads_that_flip_are_seen_whole_and_none_is_missed(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();
    struct flipper flippers[N_THREADS];
    uint64_t generation = 0, seen = 0;

    (void)state;
    for (size_t i = 0; i < N_THREADS; i++) {
        flippers[i] = (struct flipper){.health = health, .cause = (enum nta_cause)i};
        assert_int_equal(pthread_create(&flippers[i].thread, NULL, flip, &flippers[i]), 0);
    }
    while (generation < UINT64_C(2) * N_THREADS * N_FLIPS) {
        unsigned a, b;

        seen = nta_health_get(health, states);
        assert_true(seen >= generation);
        generation = seen;
        for (size_t i = 0; i < N_THREADS; i++)
            if (states[i].n_times)
                assert_true(sscanf(states[i].detail, "%u %u", &a, &b) == 2 && a == b); // NOLINT
    }
    for (size_t i = 0; i < N_THREADS; i++)
        (void)pthread_join(flippers[i].thread, NULL);
    assert_int_equal(nta_health_get(health, states), 2 * N_THREADS * N_FLIPS);
    for (size_t i = 0; i < N_THREADS; i++) {
        assert_false(states[i].on);
        assert_int_equal(states[i].n_times, N_FLIPS);
    }
}

#define CAUSE_NAME(i) ((i) < NTA_N_CAUSES ? nta_cause_infos[i].name : "")

static void each_cause_has_a_name_of_its_own(void **state)
{
    (void)state;
    NAMES_ARE_TOTAL(CAUSE_NAME, 0, NTA_N_CAUSES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cause_has_a_name_of_its_own),
        cmocka_unit_test(each_cause_has_a_name_and_a_sentence_of_its_own),
        cmocka_unit_test(nobody_is_told_without_a_table),
        cmocka_unit_test(a_cause_is_on_from_its_setting_to_its_clearing),
        cmocka_unit_test(what_is_said_twice_is_no_change),
        cmocka_unit_test(a_warning_is_not_bad),
        cmocka_unit_test(a_detail_is_bounded_and_printable_whatever_it_is),
        cmocka_unit_test(each_cause_is_shown_with_its_detail),
        cmocka_unit_test(threads_that_flip_are_seen_whole_and_none_is_missed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
