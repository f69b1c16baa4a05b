/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "signs/clockwatch.h"
#include "unit.h"

#include <stdbool.h>

#define NOON INT64_C(1769860800000000000) /* 2026-01-31T12:00:00Z */

static struct nta_health_state states[NTA_N_CAUSES];

static const struct nta_health_state *clock_of(struct nta_health *health)
{
    (void)nta_health_get(health, states);
    return &states[NTA_CAUSE_CLOCK];
}

static int64_t s(int64_t seconds)
{
    return seconds * NTA_NS_PER_S;
}

static void a_clock_that_runs_or_is_slewed_is_well(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();
    struct nta_clock_watch watch = {0};

    (void)state;
    for (int64_t i = 0; i < 1000; i++) /* a tenth too fast: the most that a kernel slews */
        nta_clock_watch_take(&watch, NOON + s(i) + s(i) / 10, s(100 + i), health);
    nta_clock_watch_take(&watch, watch.wall_ns + s(36000), watch.boot_ns + s(36000), health);
    assert_false(clock_of(health)->on);
}

static void a_step_is_said_from_when_to_when_and_for_a_while(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();
    struct nta_clock_watch watch = {0};

    (void)state;
    nta_clock_watch_take(&watch, NOON, s(100), health);
    nta_clock_watch_take(&watch, NOON + s(3601), s(101), health);
    assert_true(clock_of(health)->on);
    assert_string_equal(clock_of(health)->detail,
                        "from 2026-01-31T12:00:01Z to 2026-01-31T13:00:01Z, 3600 s forward");
    nta_clock_watch_take(&watch, NOON + s(3601 + 599), s(101 + 599), health);
    assert_true(clock_of(health)->on);
    nta_clock_watch_take(&watch, NOON + s(3601 + 600), s(101 + 600), health);
    assert_false(clock_of(health)->on);
    assert_int_equal(clock_of(health)->n_times, 1);
}

static void a_step_back_is_one_and_a_second_one_is_said_anew(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();
    struct nta_clock_watch watch = {0};

    (void)state;
    nta_clock_watch_take(&watch, NOON, s(100), health);
    nta_clock_watch_take(&watch, NOON - s(86400), s(100), health);
    assert_string_equal(clock_of(health)->detail,
                        "from 2026-01-31T12:00:00Z to 2026-01-30T12:00:00Z, 86400 s back");
    nta_clock_watch_take(&watch, NOON + s(300), s(400), health);
    assert_string_equal(clock_of(health)->detail,
                        "from 2026-01-30T12:05:00Z to 2026-01-31T12:05:00Z, 86400 s forward");
    nta_clock_watch_take(&watch, NOON + s(800), s(900), health); /* ten minutes after the last */
    assert_true(clock_of(health)->on);
}

static void two_seconds_are_a_step_and_less_are_none(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();
    struct nta_clock_watch watch = {0};

    (void)state;
    nta_clock_watch_take(&watch, NOON, s(100), health);
    nta_clock_watch_take(&watch, NOON + s(2) - 1, s(100), health);
    assert_false(clock_of(health)->on);
    nta_clock_watch_take(&watch, watch.wall_ns - s(2), s(100), health);
    assert_true(clock_of(health)->on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_that_runs_or_is_slewed_is_well),
        cmocka_unit_test(a_step_is_said_from_when_to_when_and_for_a_while),
        cmocka_unit_test(a_step_back_is_one_and_a_second_one_is_said_anew),
        cmocka_unit_test(two_seconds_are_a_step_and_less_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
