/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/hours.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static struct nta_hours of(const char *text)
{
    struct nta_hours hours = {0};
    struct nta_err err = {0};

    if (nta_hours_parse(text, &hours, &err) < 0)
        fail_msg("\"%s\": %s", text, err.text);
    return hours;
}

static void refuses(const char *text, const char *words)
{
    struct nta_hours hours = {.n = 5};
    struct nta_err err = {0};

    assert_int_equal(nta_hours_parse(text, &hours, &err), -EINVAL);
    assert_int_equal(hours.n, 5);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

/** "Tue 07:59" */
static bool have(const char *text, const char *when)
{
    static const char names[] = "SunMonTueWedThuFriSat";
    const struct nta_hours hours = of(text);
    char day[4] = {when[0], when[1], when[2], '\0'};
    const unsigned hour = (unsigned)strtoul(when + 4, NULL, 10);

    return nta_hours_have(&hours, (unsigned)(strstr(names, day) - names) / 3,
                          hour * 60 + (unsigned)strtoul(when + 7, NULL, 10));
}

static void days_and_hours_begin_and_end_where_they_say(void **state)
{
    static const struct
    {
        const char *hours, *when;
        bool in;
    } rows[] = {
        {"Mon-Fri 08:00-16:00", "Mon 07:59", false},
        {"Mon-Fri 08:00-16:00", "Mon 08:00", true},
        {"Mon-Fri 08:00-16:00", "Fri 15:59", true},
        {"Mon-Fri 08:00-16:00", "Fri 16:00", false},
        {"Mon-Fri 08:00-16:00", "Sat 12:00", false},
        {"Mon-Fri 08:00-16:00", "Sun 12:00", false},
        {"08:00-16:00", "Sun 12:00", true},
        {"08:00-16:00", "Sun 16:00", false},
        {"Mon-Fri 08:00-12:00, 13:00-16:00", "Tue 12:30", false},
        {"Mon-Fri 08:00-12:00, 13:00-16:00", "Tue 13:00", true},
        {"Mon-Fri 08:00-12:00, 13:00-16:00", "Sat 13:00", false},
        {"Mon, Wed 08:00-12:00", "Mon 08:00", true},
        {"Mon, Wed 08:00-12:00", "Tue 08:00", false},
        {"Mon, Wed 08:00-12:00", "Mon 12:00", false},
        {"Mon 08:00-09:00, Wed 10:00-11:00", "Wed 08:30", false},
        {"Mon 08:00-09:00, Wed 10:00-11:00", "Wed 10:30", true},
        {"Fri-Mon 10:00-11:00", "Sun 10:00", true},
        {"Fri-Mon 10:00-11:00", "Thu 10:00", false},
        {"sunday  9:00 - 24:00", "Sun 23:59", true},
        {"sunday  9:00 - 24:00", "Mon 00:00", false},
        {"Sat 00:00-24:00", "Sat 00:00", true},
        {"Mon-Sun 00:00-24:00", "Wed 03:00", true},
        /* over midnight: the day is the one on which it begins */
        {"Fri 22:00-06:00", "Fri 21:59", false},
        {"Fri 22:00-06:00", "Fri 22:00", true},
        {"Fri 22:00-06:00", "Sat 05:59", true},
        {"Fri 22:00-06:00", "Sat 06:00", false},
        {"Fri 22:00-06:00", "Fri 05:00", false},
        {"Fri 22:00-06:00", "Sat 22:00", false},
        {"Sat 22:00-06:00", "Sun 03:00", true},
        {"Sun 22:00-00:00", "Sun 23:59", true},
        {"Sun 22:00-00:00", "Mon 00:00", false},
        {"22:00-06:00", "Sun 00:00", true},
        {"22:00-06:00", "Sun 12:00", false},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        if (have(rows[i].hours, rows[i].when) != rows[i].in)
            fail_msg("\"%s\" and %s", rows[i].hours, rows[i].when);
    }
}

static void hours_are_the_clocks_on_the_wall_also_when_it_is_set(void **state)
{
    static const struct
    {
        const char *zone, *hours;
        int64_t unix_s;
        bool in;
    } rows[] = {
        /* Brussels, 2026-10-25: 02:00 to 03:00 happens twice (00:00Z to 02:00Z) */
        {"Europe/Brussels", "Sun 02:00-03:00", 1792886399, false},
        {"Europe/Brussels", "Sun 02:00-03:00", 1792886400, true},
        {"Europe/Brussels", "Sun 02:00-03:00", 1792889999, true},
        {"Europe/Brussels", "Sun 02:00-03:00", 1792890000, true},
        {"Europe/Brussels", "Sun 02:00-03:00", 1792893599, true},
        {"Europe/Brussels", "Sun 02:00-03:00", 1792893600, false},
        /* and 2026-03-29 goes from 02:00 to 03:00 at once (01:00Z) */
        {"Europe/Brussels", "Sun 02:00-03:00", 1774745999, false},
        {"Europe/Brussels", "Sun 02:00-03:00", 1774746000, false},
        {"Europe/Brussels", "Sun 01:59-02:30", 1774745999, true},
        {"Europe/Brussels", "Sun 01:59-03:01", 1774746000, true},
        /* a night of seven hours: Saturday 22:00 to 06:00 is 21:00Z to 04:00Z */
        {"Europe/Brussels", "Sat 22:00-06:00", 1774731599, false},
        {"Europe/Brussels", "Sat 22:00-06:00", 1774731600, true},
        {"Europe/Brussels", "Sat 22:00-06:00", 1774756799, true},
        {"Europe/Brussels", "Sat 22:00-06:00", 1774756800, false},
        /* 08:00 is 08:00 on both sides of a change: Friday 2026-03-27 and Monday 2026-03-30 */
        {"Europe/Brussels", "Mon-Fri 08:00-16:00", 1774594800, true},
        {"Europe/Brussels", "Mon-Fri 08:00-16:00", 1774594799, false},
        {"Europe/Brussels", "Mon-Fri 08:00-16:00", 1774850400, true},
        {"Europe/Brussels", "Mon-Fri 08:00-16:00", 1774850399, false},
        /* half an hour: Lord Howe, 2026-04-05, 01:30 to 02:00 twice (14:30Z to 15:30Z) */
        {"Australia/Lord_Howe", "Sun 01:30-02:00", 1775313000, true},
        {"Australia/Lord_Howe", "Sun 01:30-02:00", 1775316599, true},
        {"Australia/Lord_Howe", "Sun 01:30-02:00", 1775316600, false},
        /* the day is the zone's: Monday 00:00 in Kolkata is Sunday 18:30Z */
        {"Asia/Kolkata", "Mon 00:00-01:00", 1774808999, false},
        {"Asia/Kolkata", "Mon 00:00-01:00", 1774809000, true},
        {"America/New_York", "Sun 02:00-03:00", 1772953200, false},
        {"UTC", "Thu 00:00-00:01", 0, true},
        {"UTC", "Wed 23:59-24:00", -1, true},
    };

    const char *before = getenv("TZ");

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        const struct nta_hours hours = of(rows[i].hours);

        setenv("TZ", rows[i].zone, 1);
        tzset();
        if (nta_hours_at(&hours, rows[i].unix_s * NTA_NS_PER_S) != rows[i].in)
            fail_msg("%s, \"%s\" at %lld", rows[i].zone, rows[i].hours, (long long)rows[i].unix_s);
    }
    before ? setenv("TZ", before, 1) : unsetenv("TZ");
    tzset();
}

static void none_at_all_is_always(void **state)
{
    const struct nta_hours none = {0};

    (void)state;
    assert_true(nta_hours_have(&none, 3, 700));
    assert_true(nta_hours_at(&none, 0));
}

static void what_is_wrong_is_said_with_what_would_be_right(void **state)
{
    (void)state;
    refuses("", "Mon-Fri 08:00-16:00");
    refuses("Mon-Fri", "days at the end have no hours");
    refuses("Mon 08:00-09:00, Tue", "days at the end have no hours");
    refuses("Mon 08:00-09:00,", "between two commas");
    refuses("Mo-Fri 08:00-16:00", "\"Mo\" is no day; days are Mon, Tue, Wed, Thu, Fri, Sat, Sun; "
                                  "the nearest is \"Mon\"");
    refuses("Mon-Fir 08:00-16:00", "the nearest is \"Fri\"");
    refuses("Mon 8-16", "\"8-16\" are no hours; write them as 08:00-16:00");
    refuses("Mon 08:00", "are no hours");
    refuses("Mon 08:60-09:00", "are no hours");
    refuses("Mon 08:00-24:01", "are no hours");
    refuses("Mon 24:00-08:00", "are no hours");
    refuses("Mon 08:00-16:00 Tue 09:00-10:00", "are no hours");
    refuses("Mon 08:00-16:00\nTue", "are no hours");
    refuses("Mon 08:00-08:00", "the whole day is 00:00-24:00");
    refuses("Mon 08.00-16.00", "are no hours");
}

static void spans_are_bounded(void **state)
{
    char text[1024] = "";
    struct nta_hours hours;
    struct nta_err err;

    (void)state;
    for (int i = 0; i < NTA_HOURS_MAX; i++)
        strcat(text, i ? ",08:00-09:00" : "08:00-09:00");
    assert_int_equal(nta_hours_parse(text, &hours, &err), 0);
    assert_int_equal(hours.n, NTA_HOURS_MAX);
    strcat(text, ",08:00-09:00");
    refuses(text, "more than 32 spans");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_hours_begin_and_end_where_they_say),
        cmocka_unit_test(hours_are_the_clocks_on_the_wall_also_when_it_is_set),
        cmocka_unit_test(none_at_all_is_always),
        cmocka_unit_test(what_is_wrong_is_said_with_what_would_be_right),
        cmocka_unit_test(spans_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
