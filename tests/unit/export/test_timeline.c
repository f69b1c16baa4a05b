/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/clock.h"
#include "export/view/timeline.h"
#include "unit.h"

#define S NTA_NS_PER_S
#define B INT64_C(1700000000)

static struct nta_timeline timeline;
static const struct nta_bin one = {.n = 1, .n_alerts = 2, .n_downloads = 3, .down = 4};

static uint64_t total(void)
{
    uint64_t n = 0;

    for (size_t i = 0; i < NTA_TIMELINE_BINS; i++) {
        n += timeline.bins[i].n;
        assert_int_equal(timeline.bins[i].down, 4 * timeline.bins[i].n);
    }
    return n;
}

/** The bin of a time, by the header's words. */
static uint64_t at(int64_t wall_ns)
{
    int64_t i = (wall_ns - timeline.start_ns) / timeline.step_ns;

    assert_in_range(i, 0, NTA_TIMELINE_BINS - 1);
    return timeline.bins[i].n;
}

static int clear(void **state)
{
    (void)state;
    timeline = (struct nta_timeline){0};
    return 0;
}

static void seconds_at_first(void **state)
{
    (void)state;
    nta_timeline_add(&timeline, (B + 100) * S + 7, &one);
    nta_timeline_add(&timeline, (B + 101) * S, &one);
    assert_int_equal(timeline.step_ns, S);
    assert_int_equal(timeline.start_ns, (B + 100) * S);
    assert_int_equal(at((B + 100) * S), 1);
    assert_int_equal(at((B + 101) * S), 1);
}

static void earlier_times_move_the_start(void **state)
{
    (void)state;
    nta_timeline_add(&timeline, (B + 1000) * S, &one);
    nta_timeline_add(&timeline, (B + 900) * S, &one);
    assert_int_equal(timeline.step_ns, S);
    assert_int_equal(timeline.start_ns, (B + 900) * S);
    assert_int_equal(at((B + 1000) * S), 1);
}

static void a_year_fits_whatever_the_order(void **state)
{
    const int64_t year = INT64_C(365) * 86400;

    (void)state;
    for (int64_t i = 0; i < 5000; i++)
        nta_timeline_add(&timeline, (1700000000 + i * 7919 % 5000 * (year / 5000)) * S, &one);
    assert_int_equal(total(), 5000);
    assert_true(timeline.step_ns * NTA_TIMELINE_BINS / 4 < year * S); /* not coarser than need be */
    assert_int_equal(timeline.start_ns % timeline.step_ns, 0);
}

static void mad_times_are_counted_and_drawn_nowhere(void **state)
{
    (void)state;
    nta_timeline_add(&timeline, (B + 100) * S, &one);
    nta_timeline_add(&timeline, INT64_MAX, &one);
    nta_timeline_add(&timeline, INT64_MIN, &one);
    nta_timeline_add(&timeline, -1, &one);
    nta_timeline_add(&timeline, 0, &one); /* a clock that was not set yet */
    nta_timeline_add(&timeline, (B + 101) * S, &one);
    assert_int_equal(total(), 2);
    assert_int_equal(timeline.n_stray, 4);
    assert_int_equal(timeline.step_ns, S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(seconds_at_first, clear),
        cmocka_unit_test_setup(earlier_times_move_the_start, clear),
        cmocka_unit_test_setup(a_year_fits_whatever_the_order, clear),
        cmocka_unit_test_setup(mad_times_are_counted_and_drawn_nowhere, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
