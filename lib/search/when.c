/* SPDX-License-Identifier: Apache-2.0 */
#include "search/when.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "search/words/calendar.h"
#include "search/words/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum
{
    N_MAX = 1000000 ///< No age counts more units than that.
};

/* ---- ages: "2h", "-90m", "1d12h", "3 weeks ago" ---- */

enum unit_kind
{
    SECONDS,
    MONTHS
};

struct unit
{
    const char *names; ///< Each with a blank behind it.
    enum unit_kind kind;
    int n; ///< Seconds or months.
};

static const struct unit units[] = {
    {"s sec secs second seconds ", SECONDS, 1},
    {"m min mins minute minutes ", SECONDS, 60},
    {"h hour hours ", SECONDS, 3600},
    {"d day days ", SECONDS, 86400},
    {"w week weeks ", SECONDS, 604800},
    {"month months ", MONTHS, 1},
    {"y year years ", MONTHS, 12},
};

static const struct unit *take_unit(struct nta_words *words)
{
    char name[16];
    size_t len = 0;

    while (isalpha((unsigned char)words->pos[len]) && len + 2 < sizeof(name)) {
        name[len] = words->pos[len];
        len++;
    }
    if (len == 0 || isalpha((unsigned char)words->pos[len]))
        return NULL;
    name[len] = ' ';
    name[len + 1] = '\0';
    for (size_t i = 0; i < NTA_N_ELEMENTS(units); i++) {
        const char *found = strstr(units[i].names, name);

        if (found && (found == units[i].names || found[-1] == ' ')) {
            words->pos += len;
            return &units[i];
        }
    }
    return NULL;
}

/** One moment, whatever the clocks say. */
static struct nta_moment moment_of(int64_t ns)
{
    return (struct nta_moment){.earlier_ns = ns, .later_ns = ns};
}

/** The last moment there is stays that. */
static int64_t sum_of(int64_t a, int64_t b)
{
    int64_t sum;

    return !__builtin_add_overflow(a, b, &sum) ? sum : a < 0 ? INT64_MIN : INT64_MAX;
}

static void shift(struct nta_moment *moment, int64_t ns)
{
    moment->earlier_ns = sum_of(moment->earlier_ns, ns);
    moment->later_ns = sum_of(moment->later_ns, ns);
}

static bool take_age(struct nta_words *words, int64_t now_ns, struct nta_moment *ret_moment)
{
    int64_t seconds = 0;
    int months = 0, n;
    struct tm tm;

    (void)nta_words_char(words, '-');
    do {
        const struct unit *unit;

        if (!nta_words_number(words, 7, N_MAX, &n))
            return false;
        nta_words_blank(words);
        unit = take_unit(words);
        if (!unit)
            return false;
        nta_words_blank(words);
        if (unit->kind == SECONDS)
            seconds += (int64_t)n * unit->n;
        else
            months += n * unit->n;
    } while (isdigit((unsigned char)*words->pos) && months <= N_MAX);
    (void)nta_words_take(words, "ago");
    if (!nta_words_end(words) || months > 12 * 1000 || seconds > now_ns / NTA_NS_PER_S)
        return false;
    tm = nta_calendar_local(now_ns);
    nta_calendar_months_back(&tm, months);
    *ret_moment = moment_of(now_ns);
    if (months) {
        *ret_moment = nta_calendar_moment(&tm);
        shift(ret_moment, now_ns % NTA_NS_PER_S);
    }
    shift(ret_moment, -seconds * NTA_NS_PER_S);
    return true;
}

/* ---- clocks and days ---- */

/** "14:00", "9:30:05.25", "noon", "midnight" into the day that `tm` is. */
static bool take_clock(struct nta_words *words, struct tm *tm, int64_t *ret_fraction_ns)
{
    int64_t digit = NTA_NS_PER_S;

    *ret_fraction_ns = 0;
    tm->tm_sec = tm->tm_min = 0;
    tm->tm_hour = 12;
    if (nta_words_take(words, "noon"))
        return true;
    tm->tm_hour = 0;
    if (nta_words_take(words, "midnight"))
        return true;
    if (!nta_words_number(words, 2, 24, &tm->tm_hour) || !nta_words_char(words, ':') ||
        !nta_words_number(words, 2, 59, &tm->tm_min))
        return false;
    if (nta_words_char(words, ':')) {
        if (!nta_words_number(words, 2, 60, &tm->tm_sec))
            return false;
        if (nta_words_char(words, '.') || nta_words_char(words, ',')) {
            for (; isdigit((unsigned char)*words->pos); words->pos++) {
                digit /= 10;
                *ret_fraction_ns += (*words->pos - '0') * digit;
            }
        }
    }
    return tm->tm_hour < 24 || (tm->tm_min == 0 && tm->tm_sec == 0 && *ret_fraction_ns == 0);
}

/** "Z", "+01:00", "-0530"; nothing: local.  Makes the time. */
static bool take_zone(struct nta_words *words, struct tm *tm, struct nta_moment *ret_moment)
{
    int hours, minutes, sign = *words->pos == '-' ? -1 : 1;
    struct tm as_given = *tm;

    nta_words_blank(words);
    if (nta_words_end(words)) {
        *ret_moment = nta_calendar_moment(tm);
        return true;
    }
    *ret_moment = moment_of(nta_calendar_ns((int64_t)timegm(&as_given)));
    if (nta_words_take(words, "z") || nta_words_take(words, "utc"))
        return true;
    sign = *words->pos == '-' ? -1 : 1;
    if (!nta_words_char(words, '+') && !nta_words_char(words, '-'))
        return false;
    if (!nta_words_number(words, 2, 23, &hours))
        return false;
    (void)nta_words_char(words, ':');
    if (!nta_words_number(words, 2, 59, &minutes))
        return false;
    shift(ret_moment, -sign * ((int64_t)hours * 3600 + (int64_t)minutes * 60) * NTA_NS_PER_S);
    return true;
}

/** "2026-11-20" and what may stand behind it. */
static bool take_stamp(struct nta_words *words, struct nta_moment *ret_moment)
{
    struct tm tm = {0};
    int64_t fraction_ns = 0;
    int year, month;

    if (!nta_words_number(words, 4, 9999, &year) || year < 1970 || !nta_words_char(words, '-') ||
        !nta_words_number(words, 2, 12, &month) || month == 0 || !nta_words_char(words, '-') ||
        !nta_words_number(words, 2, nta_calendar_days(year, month - 1), &tm.tm_mday) ||
        tm.tm_mday == 0)
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    if ((nta_words_char(words, 't') || nta_words_char(words, ' ')) &&
        !take_clock(words, &tm, &fraction_ns))
        return false;
    if (!take_zone(words, &tm, ret_moment))
        return false;
    shift(ret_moment, ret_moment->is_missing ? 0 : fraction_ns);
    return true;
}

static bool take_weekday(struct nta_words *words, int *ret_weekday)
{
    static const char *const names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};

    for (int i = 0; i < NTA_CALENDAR_WEEK; i++) {
        char brief[4] = {names[i][0], names[i][1], names[i][2], '\0'};

        if (nta_words_take(words, names[i]) || nta_words_take(words, brief)) {
            *ret_weekday = i;
            return true;
        }
    }
    return false;
}

static bool take_period(struct nta_words *words, bool is_last, struct tm *tm)
{
    nta_calendar_midnight(tm);
    if (nta_words_take(words, "day")) {
        tm->tm_mday -= is_last;
    } else if (nta_words_take(words, "week")) {
        tm->tm_mday -= nta_calendar_weekday(tm) + (is_last ? NTA_CALENDAR_WEEK : 0);
    } else if (nta_words_take(words, "month")) {
        tm->tm_mday = 1;
        tm->tm_mon -= is_last;
    } else if (nta_words_take(words, "year")) {
        tm->tm_mday = 1;
        tm->tm_mon = 0;
        tm->tm_year -= is_last;
    } else {
        return false;
    }
    return true;
}

/** A day by name: its midnight into `tm`, which is now. */
static bool take_day(struct nta_words *words, struct tm *tm)
{
    bool is_last = nta_words_take(words, "last");
    int weekday;

    if (take_weekday(words, &weekday)) {
        int back = (nta_calendar_weekday(tm) - weekday + NTA_CALENDAR_WEEK) % NTA_CALENDAR_WEEK;

        nta_calendar_midnight(tm);
        tm->tm_mday -= back == 0 && is_last ? NTA_CALENDAR_WEEK : back;
        return true;
    }
    if (is_last || nta_words_take(words, "this"))
        return take_period(words, is_last, tm);
    nta_calendar_midnight(tm);
    if (nta_words_take(words, "yesterday"))
        tm->tm_mday--;
    else if (nta_words_take(words, "tomorrow"))
        tm->tm_mday++;
    else
        return nta_words_take(words, "today");
    return true;
}

/**
 * "this hour", "last hour": counted back from now, since an hour of this name may have been before.
 */
static bool take_hour(struct nta_words *words, int64_t now_ns, struct nta_moment *ret_moment)
{
    struct tm tm = nta_calendar_local(now_ns);
    bool is_last = nta_words_take(words, "last");
    int64_t seconds = tm.tm_min * 60 + tm.tm_sec + (is_last ? 3600 : 0);

    if ((!is_last && !nta_words_take(words, "this")) || !nta_words_take(words, "hour") ||
        !nta_words_end(words))
        return false;
    *ret_moment = moment_of((now_ns / NTA_NS_PER_S - seconds) * NTA_NS_PER_S);
    return true;
}

static bool take_day_and_clock(struct nta_words *words, int64_t now_ns,
                               struct nta_moment *ret_moment)
{
    struct tm tm = nta_calendar_local(now_ns);
    struct nta_words start = *words;
    int64_t fraction_ns = 0;

    if (take_hour(words, now_ns, ret_moment))
        return true;
    words->pos = start.pos;
    if (!take_day(words, &tm)) {
        words->pos = start.pos;
        tm = nta_calendar_local(now_ns);
    }
    if (!nta_words_end(words) && !take_clock(words, &tm, &fraction_ns))
        return false;
    *ret_moment = nta_calendar_moment(&tm);
    shift(ret_moment, ret_moment->is_missing ? 0 : fraction_ns);
    return nta_words_end(words);
}

static bool take_epoch(struct nta_words *words, struct nta_moment *ret_moment)
{
    char *end = NULL;

    if (!nta_words_char(words, '@') || !isdigit((unsigned char)*words->pos))
        return false;
    unsigned long long seconds = strtoull(words->pos, &end, 10);

    words->pos = end;
    if (seconds > (unsigned long long)(INT64_MAX / NTA_NS_PER_S))
        return false;
    *ret_moment = moment_of((int64_t)seconds * NTA_NS_PER_S);
    return true;
}

/** True if the whole text is one of these, each tried from its beginning. */
static bool read_when(struct nta_words *words, int64_t now_ns, struct nta_moment *ret_moment)
{
    if (nta_words_take(words, "now") && nta_words_end(words)) {
        *ret_moment = moment_of(now_ns);
        return true;
    }
    words->pos = words->text;
    if (take_stamp(words, ret_moment) && nta_words_end(words))
        return true;
    words->pos = words->text;
    if (take_age(words, now_ns, ret_moment))
        return true;
    words->pos = words->text;
    if (take_epoch(words, ret_moment) && nta_words_end(words))
        return true;
    words->pos = words->text;
    return take_day_and_clock(words, now_ns, ret_moment);
}

int nta_when(const char *text, int64_t now_ns, struct nta_moment *ret_moment, struct nta_err *err)
{
    struct nta_words words;
    struct nta_moment moment = {0};
    char shown[128];

    if (nta_words_of(text, &words) && read_when(&words, now_ns, &moment)) {
        *ret_moment = moment;
        return 0;
    }
    return nta_err_set(err, -EINVAL,
                       "\"%s\" is not a time: use today, yesterday, monday, \"last week\", 2h, 3d, "
                       "14:00, 2026-11-20, \"2026-11-20 14:00\" or 2026-11-20T14:00:00Z",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(text)));
}

/* ---- windows ---- */

/**
 * Moved back by so many days and months of the local calendar; a window's end, to the later of two
 * moments.  Where a month has no such day it is its last one; with `to_the_end` a window that ends
 * on such a day ends with the month, so that its last day is not lost.
 */
static int64_t moved_back(int64_t ns, int days, int months, bool is_end, bool to_the_end)
{
    struct tm tm = nta_calendar_local(ns);
    const int day = tm.tm_mday;
    int64_t fraction_ns = ns % NTA_NS_PER_S;

    nta_calendar_months_back(&tm, months);
    if (to_the_end && tm.tm_mday < day) {
        tm.tm_mday++;
        nta_calendar_midnight(&tm);
        fraction_ns = 0;
    }
    tm.tm_mday -= days;
    struct nta_moment moment = nta_calendar_moment(&tm);

    return (is_end ? moment.later_ns : moment.earlier_ns) + fraction_ns;
}

/** It begins and ends on the same day of the month. */
static bool is_one_day(const int64_t window_ns[2])
{
    const struct tm from = nta_calendar_local(window_ns[0]), to = nta_calendar_local(window_ns[1]);

    return from.tm_mday == to.tm_mday;
}

int nta_when_before(const char *text, const int64_t window_ns[2], int64_t ret_window_ns[2],
                    struct nta_err *err)
{
    static const struct
    {
        const char *names[3];
        int days, months;
    } steps[] = {
        {{"yesterday", "last day", "day"}, 1, 0},
        {{"last week", "week", "last week"}, NTA_CALENDAR_WEEK, 0},
        {{"last month", "month", "last month"}, 0, 1},
        {{"last year", "year", "last year"}, 0, 12},
    };

    int64_t length_ns = window_ns[1] - window_ns[0];
    struct nta_words words;
    char shown[128];

    if (!nta_words_of(text, &words))
        words = (struct nta_words){.text = ""};
    for (size_t i = 0; i < NTA_N_ELEMENTS(steps); i++) {
        for (size_t k = 0; k < NTA_N_ELEMENTS(steps[i].names); k++) {
            if (strcmp(words.text, steps[i].names[k]) != 0)
                continue;
            ret_window_ns[0] =
                moved_back(window_ns[0], steps[i].days, steps[i].months, false, false);
            ret_window_ns[1] = moved_back(window_ns[1], steps[i].days, steps[i].months, true,
                                          !is_one_day(window_ns));
            return 0;
        }
    }
    if (strcmp(words.text, "before") == 0) {
        ret_window_ns[1] = window_ns[0];
        ret_window_ns[0] = window_ns[0] - length_ns;
        return 0;
    }
    return nta_err_set(err, -EINVAL,
                       "\"%s\" is no earlier time to hold against: use yesterday, last-week, "
                       "last-month, last-year or before",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(text)));
}

int64_t nta_when_begin(const char *unit, int64_t ns)
{
    struct nta_words words;
    struct tm tm = nta_calendar_local(ns);

    if (!nta_words_of(unit, &words) || !take_period(&words, false, &tm))
        return ns;
    return nta_calendar_time(&tm);
}
