/* SPDX-License-Identifier: Apache-2.0 */
/* Words to times, from a fixed now, in zones with and without summer time. */
#include "base/runtime/clock.h"
#include "search/when.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CENTRAL "CET-1CEST,M3.5.0,M10.5.0/3" /* UTC+1, in summer UTC+2 */

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
    assert_int_equal(moment.earlier_ns, moment.later_ns);
    return moment.earlier_ns;
}

/** Wednesday, 25 November 2026, 14:30:15 in Leuven. */
#define NOW "2026-11-25T13:30:15Z"

struct row
{
    const char *words, *expected; ///< Expected in UTC; NULL: refused.
};

static void check(const char *now, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct nta_err err = {0};
        char buf[NTA_TIME_TEXT_SIZE];
        struct nta_moment moment = {.earlier_ns = -1};
        int r = nta_when(rows[i].words, at(now), &moment, &err);
        int64_t ns = moment.earlier_ns;

        if (!rows[i].expected) {
            if (r != -EINVAL || ns != -1 || !err.text[0])
                fail_msg("\"%s\" should be refused", rows[i].words);
            continue;
        }
        if (r != 0 || ns != at(rows[i].expected) || moment.later_ns != ns || moment.is_missing)
            fail_msg("\"%s\" is %s, not %s", rows[i].words, r ? err.text : nta_clock_text(ns, buf),
                     rows[i].expected);
    }
}

#define CHECK(now, rows) check((now), (rows), sizeof(rows) / sizeof((rows)[0]))

static void days_begin_at_local_midnight(void **state)
{
    static const struct row rows[] = {
        {"now", NOW},
        {"today", "2026-11-24T23:00:00Z"},
        {"Yesterday", "2026-11-23T23:00:00Z"},
        {"tomorrow", "2026-11-25T23:00:00Z"},
        {"midnight", "2026-11-24T23:00:00Z"},
        {"noon", "2026-11-25T11:00:00Z"},
        {"yesterday 14:00", "2026-11-24T13:00:00Z"},
        {"yesterday noon", "2026-11-24T11:00:00Z"},
        {"14:00", "2026-11-25T13:00:00Z"},
        {"9:05:07.5", "2026-11-25T08:05:07.5Z"},
        {"today 24:00", "2026-11-25T23:00:00Z"},
    };

    (void)state;
    zone(CENTRAL);
    CHECK(NOW, rows);
}

static void weekdays_are_the_latest_ones(void **state)
{
    static const struct row rows[] = {
        {"monday", "2026-11-22T23:00:00Z"},
        {"mon", "2026-11-22T23:00:00Z"},
        {"WEDNESDAY", "2026-11-24T23:00:00Z"}, /* today */
        {"last wednesday", "2026-11-17T23:00:00Z"},
        {"last monday", "2026-11-22T23:00:00Z"},
        {"thu", "2026-11-18T23:00:00Z"},
        {"sunday 23:59", "2026-11-22T22:59:00Z"},
    };

    (void)state;
    zone(CENTRAL);
    CHECK(NOW, rows);
}

static void periods_begin_where_the_calendar_says(void **state)
{
    static const struct row rows[] = {
        {"this week", "2026-11-22T23:00:00Z"},  {"last week", "2026-11-15T23:00:00Z"},
        {"last-week", "2026-11-15T23:00:00Z"},  {"last_week", "2026-11-15T23:00:00Z"},
        {"this month", "2026-10-31T23:00:00Z"}, {"last month", "2026-09-30T22:00:00Z"},
        {"this year", "2025-12-31T23:00:00Z"},  {"last year", "2024-12-31T23:00:00Z"},
        {"last hour", "2026-11-25T12:00:00Z"},  {"this hour", "2026-11-25T13:00:00Z"},
        {"last day", "2026-11-23T23:00:00Z"},
    };

    (void)state;
    zone(CENTRAL);
    CHECK(NOW, rows);
}

static void ages_count_back_from_now(void **state)
{
    static const struct row rows[] = {
        {"2h", "2026-11-25T11:30:15Z"},          {"-2h", "2026-11-25T11:30:15Z"},
        {"2h ago", "2026-11-25T11:30:15Z"},      {"2 hours ago", "2026-11-25T11:30:15Z"},
        {"90m", "2026-11-25T12:00:15Z"},         {"1d12h", "2026-11-24T01:30:15Z"},
        {"1d 12h", "2026-11-24T01:30:15Z"},      {"3d", "2026-11-22T13:30:15Z"},
        {"2 weeks ago", "2026-11-11T13:30:15Z"}, {"15 s", "2026-11-25T13:30:00Z"},
        {"1 month ago", "2026-10-25T13:30:15Z"}, {"1y", "2025-11-25T13:30:15Z"},
    };

    (void)state;
    zone(CENTRAL);
    CHECK(NOW, rows);
}

static void stamps_are_local_unless_they_say_a_zone(void **state)
{
    static const struct row rows[] = {
        {"2026-11-20", "2026-11-19T23:00:00Z"},
        {"2026-11-20 14:00", "2026-11-20T13:00:00Z"},
        {"2026-11-20T14:00:05", "2026-11-20T13:00:05Z"},
        {"2026-07-20 14:00", "2026-07-20T12:00:00Z"},
        {"2026-11-20T14:00:00+01:00", "2026-11-20T13:00:00Z"},
        {"2026-11-20T14:00:00-05:30", "2026-11-20T19:30:00Z"},
        {"2026-11-20t14:00:00z", "2026-11-20T14:00:00Z"},
        {"2026-11-20 14:00 utc", "2026-11-20T14:00:00Z"},
        {"2024-02-29", "2024-02-28T23:00:00Z"},
        {"@1795788000", "2026-11-27T14:00:00Z"},
    };

    (void)state;
    zone(CENTRAL);
    CHECK(NOW, rows);
}

static void the_clock_goes_forward_and_back(void **state)
{
    /* 29 March 2026: 02:00 becomes 03:00; 25 October 2026: 03:00 becomes 02:00 */
    static const struct row spring[] = {
        {"today", "2026-03-28T23:00:00Z"},
        {"tomorrow", "2026-03-29T22:00:00Z"}, /* 23 hours later */
        {"yesterday", "2026-03-27T23:00:00Z"},
        {"12:00", "2026-03-29T10:00:00Z"},
        {"24h", "2026-03-28T10:00:00Z"},
    };
    static const struct row autumn[] = {
        {"today", "2026-10-24T22:00:00Z"},
        {"tomorrow", "2026-10-25T23:00:00Z"}, /* 25 hours later */
        {"04:00", "2026-10-25T03:00:00Z"},
        {"last week", "2026-10-11T22:00:00Z"},
    };

    (void)state;
    zone(CENTRAL);
    CHECK("2026-03-29T10:00:00Z", spring);
    CHECK("2026-10-25T10:00:00Z", autumn);
}

#define BRUSSELS  "Europe/Brussels"
#define LORD_HOWE "Australia/Lord_Howe" /* UTC+10:30, in summer UTC+11 */

/** What a local time names that is there twice, or never (then both are the same). */
struct double_row
{
    const char *zone, *now, *words, *earlier, *later;
    bool is_missing;
};

static void check_doubles(const struct double_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct double_row *row = &rows[i];
        struct nta_moment moment = {0};
        struct nta_err err = {0};

        zone(row->zone);
        if (nta_when(row->words, at(row->now), &moment, &err) < 0 ||
            moment.earlier_ns != at(row->earlier) || moment.later_ns != at(row->later) ||
            moment.is_missing != row->is_missing)
            fail_msg("%s, \"%s\": %lld to %lld (%s)", row->zone, row->words,
                     (long long)moment.earlier_ns, (long long)moment.later_ns, err.text);
    }
}

static void a_time_that_is_there_twice_gives_both(void **state)
{
    static const struct double_row rows[] = {
        {BRUSSELS, NOW, "2026-10-25 02:00", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", false},
        {BRUSSELS, NOW, "2026-10-25 02:30:05.5", "2026-10-25T00:30:05.5Z", "2026-10-25T01:30:05.5Z",
         false},
        {BRUSSELS, NOW, "2026-10-25 02:59:59", "2026-10-25T00:59:59Z", "2026-10-25T01:59:59Z",
         false},
        {BRUSSELS, NOW, "2026-10-25 01:59:59", "2026-10-24T23:59:59Z", "2026-10-24T23:59:59Z",
         false},
        {BRUSSELS, NOW, "2026-10-25 03:00", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z", false},
        {BRUSSELS, NOW, "2026-10-25 02:30+01:00", "2026-10-25T01:30:00Z", "2026-10-25T01:30:00Z",
         false},
        {BRUSSELS, "2026-10-26T10:00:00Z", "yesterday 02:30", "2026-10-25T00:30:00Z",
         "2026-10-25T01:30:00Z", false},
        {BRUSSELS, NOW, "1 month ago", "2026-10-25T13:30:15Z", "2026-10-25T13:30:15Z", false},
        {BRUSSELS, "2026-11-25T01:30:00Z", "1 month ago", "2026-10-25T00:30:00Z",
         "2026-10-25T01:30:00Z", false},
        {LORD_HOWE, NOW, "2026-04-05 01:30", "2026-04-04T14:30:00Z", "2026-04-04T15:00:00Z", false},
        {LORD_HOWE, NOW, "2026-04-05 01:59:59", "2026-04-04T14:59:59Z", "2026-04-04T15:29:59Z",
         false},
        {LORD_HOWE, NOW, "2026-04-05 01:29:59", "2026-04-04T14:29:59Z", "2026-04-04T14:29:59Z",
         false},
        {LORD_HOWE, NOW, "2026-04-05 02:00", "2026-04-04T15:30:00Z", "2026-04-04T15:30:00Z", false},
        /* midnight twice; a change of offset without summer time: of years whose law is settled */
        {"America/Havana", NOW, "2024-11-03", "2024-11-03T04:00:00Z", "2024-11-03T05:00:00Z",
         false},
        {"Europe/Moscow", NOW, "2014-10-26 01:30", "2014-10-25T21:30:00Z", "2014-10-25T22:30:00Z",
         false},
    };

    (void)state;
    check_doubles(rows, sizeof(rows) / sizeof(rows[0]));
}

static void a_time_that_never_was_is_when_the_clocks_went_forward(void **state)
{
    static const struct double_row rows[] = {
        {BRUSSELS, NOW, "2026-03-29 02:30", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", true},
        {BRUSSELS, NOW, "2026-03-29 02:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", true},
        {BRUSSELS, NOW, "2026-03-29 02:59:59.9", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z",
         true},
        {BRUSSELS, NOW, "2026-03-29 03:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", false},
        {BRUSSELS, NOW, "2026-03-29 01:59:59", "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z",
         false},
        {LORD_HOWE, NOW, "2026-10-04 02:15", "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z", true},
        {LORD_HOWE, NOW, "2026-10-04 02:30", "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z", false},
    };

    (void)state;
    check_doubles(rows, sizeof(rows) / sizeof(rows[0]));
}

static void an_hour_is_counted_back_from_now(void **state)
{
    static const struct row second[] = {{"this hour", "2026-10-25T01:00:00Z"},
                                        {"last hour", "2026-10-25T00:00:00Z"}};
    static const struct row first[] = {{"this hour", "2026-10-25T00:00:00Z"},
                                       {"last hour", "2026-10-24T23:00:00Z"}};

    (void)state;
    zone(BRUSSELS);
    CHECK("2026-10-25T01:30:00Z", second);
    CHECK("2026-10-25T00:30:00Z", first);
}

static void times_shown_of_such_an_hour_need_their_offset(void **state)
{
    static const struct
    {
        const char *zone, *at, *offset; /* NULL: needs none */
    } rows[] = {
        {BRUSSELS, "2026-10-24T23:59:59Z", NULL},
        {BRUSSELS, "2026-10-25T00:00:00Z", "+02:00"},
        {BRUSSELS, "2026-10-25T00:59:59Z", "+02:00"},
        {BRUSSELS, "2026-10-25T01:00:00Z", "+01:00"},
        {BRUSSELS, "2026-10-25T01:59:59Z", "+01:00"},
        {BRUSSELS, "2026-10-25T02:00:00Z", NULL},
        {BRUSSELS, "2026-03-29T01:00:00Z", NULL},
        {BRUSSELS, NOW, NULL},
        {LORD_HOWE, "2026-04-04T14:29:59Z", NULL},
        {LORD_HOWE, "2026-04-04T14:30:00Z", "+11:00"},
        {LORD_HOWE, "2026-04-04T15:00:00Z", "+10:30"},
        {LORD_HOWE, "2026-04-04T15:30:00Z", NULL},
        {"America/St_Johns", "2026-11-01T04:00:00Z", "-02:30"},
        {"UTC0", "2026-10-25T00:00:00Z", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char offset[NTA_CALENDAR_OFFSET_SIZE] = "";
        int64_t ns = at(rows[i].at);

        zone(rows[i].zone);
        (void)nta_calendar_is_twice(0, offset); /* what is remembered is of another day */
        bool is_twice = nta_calendar_is_twice(ns, offset);

        if (is_twice != (rows[i].offset != NULL) || (is_twice && strcmp(offset, rows[i].offset)))
            fail_msg("%s in %s: \"%s\"", rows[i].at, rows[i].zone, offset);
    }
}

static void other_zones_have_other_days(void **state)
{
    static const struct row east[] = {{"today", "2026-11-25T12:15:00Z"}};
    static const struct row utc[] = {{"today", "2026-11-25T00:00:00Z"},
                                     {"monday", "2026-11-23T00:00:00Z"}};

    (void)state;
    zone("EAST-11:45");
    CHECK(NOW, east);
    zone("UTC0");
    CHECK(NOW, utc);
}

static void nonsense_is_refused(void **state)
{
    static const struct row rows[] = {
        {"", NULL},
        {" ", NULL},
        {"soon", NULL},
        {"2x", NULL},
        {"2", NULL},
        {"h", NULL},
        {"25:00", NULL},
        {"24:01", NULL},
        {"12:60", NULL},
        {"2026-13-01", NULL},
        {"2026-02-30", NULL},
        {"2026-11-20T", NULL},
        {"2026-1", NULL},
        {"0000-01-01", NULL},
        {"2026-11-20 14:00 CET", NULL},
        {"yesterdays", NULL},
        {"yesterday x", NULL},
        {"last", NULL},
        {"monday 9", NULL},
        {"\033[31m", NULL},
        {"99999999999999h", NULL},
        {"@", NULL},
        {"@-5", NULL},
        {"@99999999999999999999", NULL},
        {"2000y", NULL},
        {"2h ago later", NULL},
        {"2026-11-20+01:00:00", NULL},
    };
    char longest[4096];

    (void)state;
    zone(CENTRAL);
    CHECK(NOW, rows);
    memset(longest, '1', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    CHECK(NOW, ((const struct row[]){{longest, NULL}}));
}

static void check_before(const char *words, const char *from, const char *to, const char *was_from,
                         const char *was_to)
{
    const int64_t window[2] = {at(from), at(to)};
    int64_t before[2] = {0};
    struct nta_err err = {0};

    assert_int_equal(nta_when_before(words, window, before, &err), 0);
    assert_int_equal(before[0], at(was_from));
    assert_int_equal(before[1], at(was_to));
}

static void windows_move_back_by_the_calendar(void **state)
{
    const int64_t window[2] = {0, 1};
    int64_t before[2] = {0};
    struct nta_err err = {0};

    (void)state;
    zone(CENTRAL);
    check_before("last-week", "2026-11-22T23:00:00Z", NOW, "2026-11-15T23:00:00Z",
                 "2026-11-18T13:30:15Z");
    /* over the end of summer time: midnight stays midnight */
    check_before("last week", "2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z",
                 "2026-10-18T22:00:00Z", "2026-10-19T22:00:00Z");
    check_before("last month", "2026-03-30T22:00:00Z", "2026-03-31T10:00:00Z",
                 "2026-02-27T23:00:00Z", "2026-02-28T11:00:00Z");
    zone(BRUSSELS); /* into the hour that was there twice: all of it */
    check_before("yesterday", "2026-10-26T01:00:00Z", "2026-10-26T01:30:00Z",
                 "2026-10-25T00:00:00Z", "2026-10-25T01:30:00Z");
    zone(CENTRAL);
    check_before("yesterday", "2026-11-24T23:00:00Z", NOW, "2026-11-23T23:00:00Z",
                 "2026-11-24T13:30:15Z");
    check_before("before", "2026-11-25T13:00:00Z", "2026-11-25T13:30:00Z", "2026-11-25T12:30:00Z",
                 "2026-11-25T13:00:00Z");
    assert_int_equal(nta_when_before("next week", window, before, &err), -EINVAL);
}

static void what_is_too_far_away_is_the_last_moment(void **state)
{
    static const char *const words[] = {"9999-12-31", "9999-12-31T23:59:59.999Z", "2263-01-01",
                                        "9999-12-31T23:59:59-12:00"};

    (void)state;
    zone(CENTRAL);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct nta_moment moment = {0};
        struct nta_err err = {0};

        assert_int_equal(nta_when(words[i], at(NOW), &moment, &err), 0);
        assert_true(moment.earlier_ns == INT64_MAX && moment.later_ns == INT64_MAX);
    }
}

static void a_window_to_the_end_of_a_long_month_has_all_of_a_short_one(void **state)
{
    (void)state;
    zone("UTC0");
    check_before("last-month", "2026-10-01T00:00:00Z", "2026-10-31T10:00:00Z",
                 "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z");
    check_before("last-month", "2026-03-01T00:00:00Z", "2026-03-29T00:00:00Z",
                 "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z");
    check_before("last-month", "2026-03-01T00:00:00Z", "2026-03-28T10:00:00Z",
                 "2026-02-01T00:00:00Z", "2026-02-28T10:00:00Z");
}

static void beginnings(void **state)
{
    (void)state;
    zone(CENTRAL);
    assert_int_equal(nta_when_begin("day", at(NOW)), at("2026-11-24T23:00:00Z"));
    assert_int_equal(nta_when_begin("week", at(NOW)), at("2026-11-22T23:00:00Z"));
    assert_int_equal(nta_when_begin("month", at(NOW)), at("2026-10-31T23:00:00Z"));
    assert_int_equal(nta_when_begin("year", at(NOW)), at("2025-12-31T23:00:00Z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_begin_at_local_midnight),
        cmocka_unit_test(weekdays_are_the_latest_ones),
        cmocka_unit_test(periods_begin_where_the_calendar_says),
        cmocka_unit_test(ages_count_back_from_now),
        cmocka_unit_test(stamps_are_local_unless_they_say_a_zone),
        cmocka_unit_test(the_clock_goes_forward_and_back),
        cmocka_unit_test(a_time_that_is_there_twice_gives_both),
        cmocka_unit_test(a_time_that_never_was_is_when_the_clocks_went_forward),
        cmocka_unit_test(an_hour_is_counted_back_from_now),
        cmocka_unit_test(times_shown_of_such_an_hour_need_their_offset),
        cmocka_unit_test(other_zones_have_other_days),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(windows_move_back_by_the_calendar),
        cmocka_unit_test(what_is_too_far_away_is_the_last_moment),
        cmocka_unit_test(a_window_to_the_end_of_a_long_month_has_all_of_a_short_one),
        cmocka_unit_test(beginnings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
