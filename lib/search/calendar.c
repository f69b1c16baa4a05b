/* SPDX-License-Identifier: Apache-2.0 */
#include "search/calendar.h"

#include "base/clock.h"

#include <stdbool.h>

struct tm nta_calendar_local(int64_t ns)
{
    time_t seconds = (time_t)(ns / NTA_NS_PER_S) - (ns % NTA_NS_PER_S < 0);
    struct tm tm = {0};

    (void)localtime_r(&seconds, &tm);
    return tm;
}

int64_t nta_calendar_time(struct tm *tm)
{
    tm->tm_isdst = -1;
    return (int64_t)mktime(tm) * NTA_NS_PER_S;
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
