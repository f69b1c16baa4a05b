/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The local calendar (of the environment variable TZ), for times in words. */

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum
{
    NTA_CALENDAR_WEEK = 7,
    NTA_CALENDAR_OFFSET_SIZE = 8, ///< "+02:00" and NUL.
};

/**
 * What a local time names.  Where clocks are set back it names two moments, and where they are set
 * forward none.
 */
struct nta_moment
{
    int64_t earlier_ns, later_ns; ///< The same but in such an hour.
    /** There was no such time: both are the moment at which the clocks were set forward. */
    bool is_missing;
};

/**
 * Nanoseconds of so many seconds since 1970; what is too far away for them, from the year 2262 on,
 * is the last moment there is.
 */
static inline int64_t nta_calendar_ns(int64_t seconds)
{
    int64_t ns;

    return !__builtin_mul_overflow(seconds, INT64_C(1000000000), &ns) ? ns
           : seconds < 0                                              ? INT64_MIN
                                                                      : INT64_MAX;
}

/** The local time of `ns`, without what is behind the second. */
struct tm nta_calendar_local(int64_t ns);

/**
 * What a local time names, whatever it says of summer time and beyond what fields hold; its fields
 * are put right.
 */
struct nta_moment nta_calendar_moment(struct tm *tm);

/** The earlier moment of it. */
int64_t nta_calendar_time(struct tm *tm);

/**
 * True if the local time of `ns` stands for another moment, too; then the offset that tells them
 * apart, as "+02:00".
 */
bool nta_calendar_is_twice(int64_t ns, char ret_offset[NTA_CALENDAR_OFFSET_SIZE]);

/** Of a month (0 to 11). */
int nta_calendar_days(int year, int month);

/** So many months back, on the same day or the month's last. */
void nta_calendar_months_back(struct tm *tm, int n);

/** The same day at 00:00:00. */
void nta_calendar_midnight(struct tm *tm);

/** Days since Monday. */
int nta_calendar_weekday(const struct tm *tm);
