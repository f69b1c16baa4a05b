/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/clock.h"
#include "unit.h"

#include <stdlib.h>
#include <time.h>

static void assert_text(int64_t wall_ns, const char *expected)
{
    char text[NTA_TIME_TEXT_SIZE];

    assert_string_equal(nta_clock_text(wall_ns, text), expected);
}

static void times_are_shown_in_utc_with_nine_decimals(void **state)
{
    (void)state;
    assert_text(0, "1970-01-01T00:00:00.000000000Z");
    assert_text(INT64_C(1769860800123456789), "2026-01-31T12:00:00.123456789Z");
    assert_text(INT64_C(951782400) * NTA_NS_PER_S, "2000-02-29T00:00:00.000000000Z");
}

static void times_before_1970_count_backwards(void **state)
{
    (void)state;
    assert_text(-1, "1969-12-31T23:59:59.999999999Z");
    assert_text(-NTA_NS_PER_S, "1969-12-31T23:59:59.000000000Z");
}

static void the_ends_of_the_range_have_a_text(void **state)
{
    (void)state;
    assert_text(INT64_MAX, "2262-04-11T23:47:16.854775807Z");
    assert_text(INT64_MIN, "1677-09-21T00:12:43.145224192Z");
}

static void assert_local(const char *zone, int64_t wall_ns, const char *expected)
{
    char text[NTA_TIME_TEXT_SIZE];

    (void)setenv("TZ", zone, 1);
    tzset();
    assert_string_equal(nta_clock_text_local(wall_ns, text), expected);
}

static void local_times_name_their_moment_by_their_offset(void **state)
{
    const int64_t summer = INT64_C(1792889940) * NTA_NS_PER_S; /* both 02:59 in Brussels */

    (void)state;
    assert_local("CET-1CEST,M3.5.0,M10.5.0/3", summer + 7, "2026-10-25T02:59:00.000000007+02:00");
    assert_local("CET-1CEST,M3.5.0,M10.5.0/3", summer + 3600 * NTA_NS_PER_S,
                 "2026-10-25T02:59:00.000000000+01:00");
    assert_local("UTC0", 0, "1970-01-01T00:00:00.000000000+00:00");
    assert_local("NST3:30", 0, "1969-12-31T20:30:00.000000000-03:30");
    assert_local("NPT-5:45", -1, "1970-01-01T05:44:59.999999999+05:45");
    /* an offset with seconds: the text is of the moment, with the minutes that it can say */
    assert_local("LMT-0:17:30", 0, "1970-01-01T00:17:00.000000000+00:17");
    assert_local("EST5", INT64_MIN, "1677-09-20T19:12:43.145224192-05:00");
}

static void clocks_go_forward(void **state)
{
    int64_t mono = nta_clock_mono_ns();

    (void)state;
    assert_true(nta_clock_mono_ns() >= mono);
    assert_true(nta_clock_wall_ns() > INT64_C(1600000000) * NTA_NS_PER_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_shown_in_utc_with_nine_decimals),
        cmocka_unit_test(times_before_1970_count_backwards),
        cmocka_unit_test(the_ends_of_the_range_have_a_text),
        cmocka_unit_test(local_times_name_their_moment_by_their_offset),
        cmocka_unit_test(clocks_go_forward),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
