/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The local calendar (of the environment variable TZ), for times in words. */

#include <stdint.h>
#include <time.h>

enum
{
    NTA_CALENDAR_WEEK = 7
};

/** The local time of `ns`, without what is behind the second. */
struct tm nta_calendar_local(int64_t ns);

/** A local time, whatever it says of summer time and beyond what fields hold, put right and made nanoseconds. */
int64_t nta_calendar_time(struct tm *tm);

/** Of a month (0 to 11). */
int nta_calendar_days(int year, int month);

/** So many months back, on the same day or the month's last. */
void nta_calendar_months_back(struct tm *tm, int n);

void nta_calendar_midnight(struct tm *tm);

/** Days since Monday. */
int nta_calendar_weekday(const struct tm *tm);
