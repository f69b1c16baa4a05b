/* SPDX-License-Identifier: Apache-2.0 */
#include "search/words/calendar.h"

#include "base/runtime/clock.h"

#include <stdio.h>

enum
{
    DAY_S = 86400
};

struct tm nta_calendar_local(int64_t ns)
{
    time_t seconds = (time_t)(ns / NTA_NS_PER_S) - (ns % NTA_NS_PER_S < 0);
    struct tm tm = {0};

    (void)localtime_r(&seconds, &tm);
    return tm;
}

/** Seconds east of Greenwich at that time. */
static int64_t offset_at(int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm = {0};

    (void)localtime_r(&time, &tm);
    return tm.tm_gmtoff;
}

/**
 * The first second with the offset that `high` has and `low` has not; there is one change between
 * them.
 */
static int64_t change_between(int64_t low, int64_t high)
{
    int64_t after = offset_at(high);

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (offset_at(middle) == after)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/**
 * mktime() gives one of two moments without saying so, and zones change their offset without a
 * change of summer time, too: so both offsets, that of the day before and that of the day after,
 * are tried.
 */
struct nta_moment nta_calendar_moment(struct tm *tm)
{
    int64_t named = timegm(tm); /* puts the fields right, too */
    int64_t before = offset_at(named - DAY_S), after = offset_at(named + DAY_S);
    bool is_before = offset_at(named - before) == before;
    bool is_after = offset_at(named - after) == after;
    int64_t earlier = named - (before > after ? before : after);
    int64_t later = named - (before > after ? after : before);
    struct nta_moment moment = {.is_missing = !is_before && !is_after};

    if (moment.is_missing)
        earlier = later = change_between(named - DAY_S, named + DAY_S);
    else if (!is_before || !is_after)
        earlier = later = named - (is_before ? before : after);
    moment.earlier_ns = nta_calendar_ns(earlier);
    moment.later_ns = nta_calendar_ns(later);
    return moment;
}

int64_t nta_calendar_time(struct tm *tm)
{
    return nta_calendar_moment(tm).earlier_ns;
}

/** True if the offset changes near that day of UTC; asked for each line that is shown. */
static bool has_change(int64_t day)
{
    static _Thread_local int64_t known_day = INT64_MIN;
    static _Thread_local bool known;

    if (day != known_day)
        known = offset_at((day - 1) * DAY_S) != offset_at((day + 2) * DAY_S);
    known_day = day;
    return known;
}

bool nta_calendar_is_twice(int64_t ns, char ret_offset[NTA_CALENDAR_OFFSET_SIZE])
{
    int64_t seconds = ns / NTA_NS_PER_S - (ns % NTA_NS_PER_S < 0);

    if (!has_change(seconds / DAY_S - (seconds % DAY_S < 0)))
        return false;
    struct tm tm = nta_calendar_local(ns);
    int64_t offset = tm.tm_gmtoff, minutes = (offset < 0 ? -offset : offset) / 60;
    struct nta_moment moment = nta_calendar_moment(&tm);

    if (moment.earlier_ns == moment.later_ns)
        return false;
    (void)snprintf(ret_offset, NTA_CALENDAR_OFFSET_SIZE, "%c%02u:%02u", offset < 0 ? '-' : '+',
                   (unsigned)(minutes / 60) % 100, (unsigned)(minutes % 60));
    return true;
}

int nta_calendar_days(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month] + (month == 1 && is_leap);
}

void nta_calendar_months_back(struct tm *tm, int n)
{
    int months = tm->tm_year * 12 + tm->tm_mon - n;
    int last;

    tm->tm_mon = (months % 12 + 12) % 12;
    tm->tm_year = (months - tm->tm_mon) / 12;
    last = nta_calendar_days(tm->tm_year + 1900, tm->tm_mon);
    if (tm->tm_mday > last)
        tm->tm_mday = last;
}

void nta_calendar_midnight(struct tm *tm)
{
    tm->tm_hour = tm->tm_min = tm->tm_sec = 0;
}

int nta_calendar_weekday(const struct tm *tm)
{
    return (tm->tm_wday + NTA_CALENDAR_WEEK - 1) % NTA_CALENDAR_WEEK;
}
