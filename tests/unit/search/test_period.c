/* SPDX-License-Identifier: Apache-2.0 */
/* Periods in words, from a fixed now, where clocks change and where not. */
#include "base/runtime/clock.h"
#include "search/period.h"
#include "search/when.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define CENTRAL "CET-1CEST,M3.5.0,M10.5.0/3" /* UTC+1, in summer UTC+2 */
/** Wednesday, 25 November 2026, 14:30:15 in Leuven. */
#define NOW "2026-11-25T13:30:15Z"

static void zone(const char *tz)
{
    (void)setenv("TZ", tz, 1);
    tzset();
}

static int64_t at(const char *rfc3339)
{
    struct nta_moment moment = {.earlier_ns = -1};
    struct nta_err err = {0};

    assert_int_equal(nta_when(rfc3339, 0, &moment, &err), 0);
    return moment.earlier_ns;
}

struct row
{
    const char *words, *from, *to; ///< Expected in UTC; NULL: refused.
};

typedef int period_fn(const char *text, int64_t now_ns, int64_t ret_window_ns[2],
                      struct nta_err *err);

static void check(period_fn *period, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char from[NTA_TIME_TEXT_SIZE], to[NTA_TIME_TEXT_SIZE];
        int64_t window_ns[2] = {-1, -1};
        struct nta_err err = {0};
        const int r = period(rows[i].words, at(NOW), window_ns, &err);

        if (!rows[i].from) {
            if (r != -EINVAL || window_ns[0] != -1 || !err.text[0])
                fail_msg("\"%s\" should be refused", rows[i].words);
            continue;
        }
        if (r != 0 || window_ns[0] != at(rows[i].from) || window_ns[1] != at(rows[i].to))
            fail_msg("\"%s\" is %s to %s, not %s to %s", rows[i].words,
                     r ? err.text : nta_clock_text(window_ns[0], from),
                     nta_clock_text(window_ns[1], to), rows[i].from, rows[i].to);
    }
}

#define CHECK(period, rows) check((period), (rows), sizeof(rows) / sizeof((rows)[0]))

static void a_period_has_a_begin_and_an_end(void **state)
{
    static const struct row rows[] = {
        {"yesterday", "2026-11-23T23:00:00Z", "2026-11-24T23:00:00Z"},
        {"Monday", "2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z"},
        {"last month", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
        {"last-month", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
        {"this week", "2026-11-22T23:00:00Z", "2026-11-29T23:00:00Z"},
        {"last week", "2026-11-15T23:00:00Z", "2026-11-22T23:00:00Z"},
        {"last year", "2024-12-31T23:00:00Z", "2025-12-31T23:00:00Z"},
        {"2026-10", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
        {"2026-12", "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z"},
        {"2024", "2023-12-31T23:00:00Z", "2024-12-31T23:00:00Z"},
        {"last hour", "2026-11-25T12:00:00Z", "2026-11-25T13:00:00Z"},
        {"2026-02-28", "2026-02-27T23:00:00Z", "2026-02-28T23:00:00Z"},
        {"yesterday 14:00", NULL, NULL},
        {"now", NULL, NULL},
        {"2h", NULL, NULL},
        {"2026-13", NULL, NULL},
        {"2026-00", NULL, NULL},
        {"2026-10-", NULL, NULL},
        {"1969", NULL, NULL},
        {"9998-12", NULL, NULL}, /* later than nanoseconds can say */
        {"2300", NULL, NULL},
        {"", NULL, NULL},
        {"last", NULL, NULL},
    };

    (void)state;
    zone(CENTRAL);
    CHECK(nta_period, rows);
}

static void a_day_on_which_clocks_change_is_whole(void **state)
{
    static const struct row rows[] = {
        {"2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"}, /* 23 hours */
        {"2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"}, /* 25 hours */
        {"2026-03", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"},
    };

    (void)state;
    zone(CENTRAL);
    CHECK(nta_period, rows);
}

static void the_last_days_end_now(void **state)
{
    static const struct row rows[] = {
        {"7d", "2026-11-18T13:30:15Z", NOW},
        {"90m", "2026-11-25T12:00:15Z", NOW},
        {"2 weeks", "2026-11-11T13:30:15Z", NOW},
        {"1 month", "2026-10-25T13:30:15Z", NOW},
        {"-7d", NULL, NULL},
        {"7", NULL, NULL},
        {"yesterday", NULL, NULL},
        {"2026-11-20", NULL, NULL},
        {"", NULL, NULL},
    };

    (void)state;
    zone(CENTRAL);
    CHECK(nta_period_last, rows);
}

static bool has(const char *daily, const char *moment)
{
    struct nta_err err = {0};
    int minutes[2];

    assert_int_equal(nta_period_daily(daily, minutes, &err), 0);
    return nta_period_daily_has(minutes, at(moment));
}

static void lessons_are_on_the_school_s_own_clock(void **state)
{
    (void)state;
    zone(CENTRAL);
    assert_false(has("08:00-16:00", "2026-11-25T06:59:59Z"));
    assert_true(has("08:00-16:00", "2026-11-25T07:00:00Z"));
    assert_true(has("08:00-16:00", "2026-11-25T14:59:59Z"));
    assert_false(has("08:00-16:00", "2026-11-25T15:00:00Z"));
    assert_true(has("8:00 - 16:00", "2026-07-25T06:00:00Z")); /* in summer */
    assert_true(has("22:00-6:00", "2026-11-25T23:30:00Z"));   /* over midnight */
    assert_true(has("22:00-6:00", "2026-11-25T04:59:00Z"));
    assert_false(has("22:00-6:00", "2026-11-25T05:00:00Z"));
    assert_true(has("00:00-24:00", "2026-11-25T05:00:00Z"));
}

static void what_is_no_time_of_a_day_is_refused(void **state)
{
    static const char *const texts[] = {"",      "8-16",        "08:00",       "08:00-08:00",
                                        "25:00", "08:00-24:01", "08:00-16:60", "08:00-16:00 x"};
    struct nta_err err = {0};
    int minutes[2] = {-1, -1};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(nta_period_daily(texts[i], minutes, &err), -EINVAL);
    assert_int_equal(minutes[0], -1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_period_has_a_begin_and_an_end),
        cmocka_unit_test(a_day_on_which_clocks_change_is_whole),
        cmocka_unit_test(the_last_days_end_now),
        cmocka_unit_test(lessons_are_on_the_school_s_own_clock),
        cmocka_unit_test(what_is_no_time_of_a_day_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
