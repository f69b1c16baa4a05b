/* SPDX-License-Identifier: Apache-2.0 */
#include "search/period.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "search/when.h"
#include "search/words/calendar.h"
#include "search/words/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum
{
    DAY_MIN = 24 * 60,
    AGE_SIZE = 64
};

/** How long a period is, in units of the calendar. */
struct length
{
    int seconds, days, months;
};

/** "2026-10", "2026": its begin. */
static bool take_month(const char *text, struct tm *ret_begin, struct length *ret_length)
{
    struct nta_words words;
    int year, month = 1;

    if (!nta_words_of(text, &words) || !nta_words_number(&words, 4, 9998, &year) || year < 1970)
        return false;
    *ret_length = (struct length){.months = 12};
    if (nta_words_char(&words, '-')) {
        if (!nta_words_number(&words, 2, 12, &month) || month == 0)
            return false;
        ret_length->months = 1;
    }
    *ret_begin = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = 1};
    return nta_words_end(&words);
}

/** What "this" or "last" stands before; else a day. */
static struct length length_of(const char *text)
{
    static const struct
    {
        const char *unit;
        struct length length;
    } rows[] = {
        {"hour", {.seconds = 3600}},
        {"week", {.days = NTA_CALENDAR_WEEK}},
        {"month", {.months = 1}},
        {"year", {.months = 12}},
    };
    struct nta_words words;

    if (nta_words_of(text, &words) &&
        (nta_words_take(&words, "last") || nta_words_take(&words, "this")))
        for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++)
            if (nta_words_take(&words, rows[i].unit))
                return rows[i].length;
    return (struct length){.days = 1};
}

static int refuse(const char *text, struct nta_err *err)
{
    char shown[128];

    return nta_err_set(err, -EINVAL,
                       "\"%s\" is no day, week, month or year: use today, yesterday, monday, "
                       "2026-11-20, \"last week\", \"this month\", 2026-10 or 2026",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(text)));
}

int nta_period(const char *text, int64_t now_ns, int64_t ret_window_ns[2], struct nta_err *err)
{
    struct nta_moment begin = {0};
    struct nta_err ignored;
    struct length length;
    struct tm tm;

    if (take_month(text, &tm, &length)) {
        begin = nta_calendar_moment(&tm);
    } else {
        if (nta_when(text, now_ns, &begin, &ignored) < 0)
            return refuse(text, err);
        length = length_of(text);
        if (length.seconds == 0 && begin.earlier_ns != nta_when_begin("day", begin.earlier_ns))
            return refuse(text, err); /* a moment of a day */
        tm = nta_calendar_local(begin.earlier_ns);
        if (length.seconds == 0) /* a day without a midnight begins later, and ends at the next */
            nta_calendar_midnight(&tm);
    }
    int64_t end_ns = begin.earlier_ns + length.seconds * NTA_NS_PER_S;

    tm.tm_mday += length.days;
    tm.tm_mon += length.months;
    if (length.seconds == 0)
        end_ns = nta_calendar_moment(&tm).earlier_ns; /* where the next one begins */
    if (begin.earlier_ns >= end_ns)                   /* beyond the last moment there is */
        return refuse(text, err);
    ret_window_ns[0] = begin.earlier_ns;
    ret_window_ns[1] = end_ns;
    return 0;
}

int nta_period_last(const char *text, int64_t now_ns, int64_t ret_window_ns[2], struct nta_err *err)
{
    char age[AGE_SIZE], shown[128];
    struct nta_moment begin;
    struct nta_err ignored;
    const int len = snprintf(age, sizeof(age), "-%s", text);

    /* with a sign it can be nothing but an age */
    if (len < 0 || len >= AGE_SIZE || text[0] == '-' || nta_when(age, now_ns, &begin, &ignored) < 0)
        return nta_err_set(err, -EINVAL,
                           "\"%s\" is no length of time: use 90m, 2h, 7d, 2w or \"3 months\"",
                           nta_text_escape_to(shown, sizeof(shown), nta_span_of(text)));
    ret_window_ns[0] = begin.earlier_ns;
    ret_window_ns[1] = now_ns;
    return 0;
}

static bool take_minutes(struct nta_words *words, int *ret_minutes)
{
    int hour, minute;

    if (!nta_words_number(words, 2, 24, &hour) || !nta_words_char(words, ':') ||
        !nta_words_number(words, 2, 59, &minute))
        return false;
    *ret_minutes = 60 * hour + minute;
    return *ret_minutes <= DAY_MIN;
}

int nta_period_daily(const char *text, int ret_minutes[2], struct nta_err *err)
{
    int minutes[2] = {0};
    struct nta_words words;
    char shown[128];

    if (nta_words_of(text, &words) && take_minutes(&words, &minutes[0])) {
        nta_words_blank(&words);
        if (nta_words_char(&words, '-')) {
            nta_words_blank(&words);
            if (take_minutes(&words, &minutes[1]) && nta_words_end(&words) &&
                minutes[0] != minutes[1]) {
                ret_minutes[0] = minutes[0];
                ret_minutes[1] = minutes[1];
                return 0;
            }
        }
    }
    return nta_err_set(err, -EINVAL, "\"%s\" is no time of the day: use 08:00-16:00",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(text)));
}

bool nta_period_daily_has(const int minutes[2], int64_t wall_ns)
{
    const struct tm tm = nta_calendar_local(wall_ns);
    const int now = 60 * tm.tm_hour + tm.tm_min;

    return minutes[0] < minutes[1] ? now >= minutes[0] && now < minutes[1]
                                   : now >= minutes[0] || now < minutes[1];
}
