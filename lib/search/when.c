/* SPDX-License-Identifier: Apache-2.0 */
#include "search/when.h"

#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum
{
    WORDS_SIZE = 80,
    N_MAX = 1000000, ///< No age counts more units than that.
    DAYS_OF_WEEK = 7
};

/* ---- the calendar ---- */

static struct tm local_of(int64_t ns)
{
    time_t seconds = (time_t)(ns / NTA_NS_PER_S) - (ns % NTA_NS_PER_S < 0);
    struct tm tm = {0};

    (void)localtime_r(&seconds, &tm);
    return tm;
}

/** The broken-down local time, whatever it says of summer time, put right and made a time. */
static int64_t time_of(struct tm *tm)
{
    tm->tm_isdst = -1;
    return (int64_t)mktime(tm) * NTA_NS_PER_S;
}

static int days_of_month(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month] + (month == 1 && is_leap);
}

/** So many months back, on the same day or the month's last. */
static void months_back(struct tm *tm, int n)
{
    int months = tm->tm_year * 12 + tm->tm_mon - n;
    int last;

    tm->tm_mon = (months % 12 + 12) % 12;
    tm->tm_year = (months - tm->tm_mon) / 12;
    last = days_of_month(tm->tm_year + 1900, tm->tm_mon);
    if (tm->tm_mday > last)
        tm->tm_mday = last;
}

static void to_midnight(struct tm *tm)
{
    tm->tm_hour = tm->tm_min = tm->tm_sec = 0;
}

/** Days since Monday. */
static int weekday_of(const struct tm *tm)
{
    return (tm->tm_wday + DAYS_OF_WEEK - 1) % DAYS_OF_WEEK;
}

/* ---- reading words ---- */

/** What is being read: lower case, one blank between words. */
struct words
{
    char text[WORDS_SIZE];
    const char *pos;
};

/** What a byte of the text is in `words`: lower case, a blank for "_" and for "-" between letters. */
static char plain(const char *pos, char before)
{
    bool is_dash = *pos == '-' && isalpha((unsigned char)before) && isalpha((unsigned char)pos[1]);

    if (is_dash || *pos == '_' || isspace((unsigned char)*pos))
        return ' ';
    return (char)tolower((unsigned char)*pos);
}

/** False: too long, or with bytes that no time has. */
static bool take_words(const char *text, struct words *words)
{
    size_t len = 0;
    char before = '\0';

    *words = (struct words){.pos = words->text};
    for (; *text; text++) {
        char c = plain(text, before);

        if (len + 1 == WORDS_SIZE || !isprint((unsigned char)c))
            return false;
        if (c != ' ' || (len && before != ' '))
            words->text[len++] = c;
        before = c;
    }
    while (len && words->text[len - 1] == ' ')
        len--;
    words->text[len] = '\0';
    return len > 0;
}

static void skip_blank(struct words *words)
{
    if (*words->pos == ' ')
        words->pos++;
}

static bool at_end(const struct words *words)
{
    return *words->pos == '\0';
}

/** The word is next: passed over, with the blank behind it. */
static bool take_word(struct words *words, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(words->pos, word, len) != 0 || isalnum((unsigned char)words->pos[len]))
        return false;
    words->pos += len;
    skip_blank(words);
    return true;
}

/** One to `n_digits` digits with a value of at most `most`. */
static bool take_number(struct words *words, int n_digits, int most, int *ret_number)
{
    int number = 0, n = 0;

    for (; n < n_digits && isdigit((unsigned char)*words->pos); n++)
        number = number * 10 + (*words->pos++ - '0');
    if (n == 0 || number > most)
        return false;
    *ret_number = number;
    return true;
}

static bool take_char(struct words *words, char c)
{
    if (*words->pos != c)
        return false;
    words->pos++;
    return true;
}

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

static const struct unit *take_unit(struct words *words)
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

static bool take_age(struct words *words, int64_t now_ns, int64_t *ret_ns)
{
    int64_t seconds = 0;
    int months = 0, n;
    struct tm tm;

    (void)take_char(words, '-');
    do {
        const struct unit *unit;

        if (!take_number(words, 7, N_MAX, &n))
            return false;
        skip_blank(words);
        unit = take_unit(words);
        if (!unit)
            return false;
        skip_blank(words);
        if (unit->kind == SECONDS)
            seconds += (int64_t)n * unit->n;
        else
            months += n * unit->n;
    } while (isdigit((unsigned char)*words->pos) && months <= N_MAX);
    (void)take_word(words, "ago");
    if (!at_end(words) || months > 12 * 1000 || seconds > now_ns / NTA_NS_PER_S)
        return false;
    tm = local_of(now_ns);
    months_back(&tm, months);
    *ret_ns = (months ? time_of(&tm) + now_ns % NTA_NS_PER_S : now_ns) - seconds * NTA_NS_PER_S;
    return true;
}

/* ---- clocks and days ---- */

/** "14:00", "9:30:05.25", "noon", "midnight" into the day that `tm` is. */
static bool take_clock(struct words *words, struct tm *tm, int64_t *ret_fraction_ns)
{
    int64_t digit = NTA_NS_PER_S;

    *ret_fraction_ns = 0;
    tm->tm_sec = tm->tm_min = 0;
    tm->tm_hour = 12;
    if (take_word(words, "noon"))
        return true;
    tm->tm_hour = 0;
    if (take_word(words, "midnight"))
        return true;
    if (!take_number(words, 2, 24, &tm->tm_hour) || !take_char(words, ':') ||
        !take_number(words, 2, 59, &tm->tm_min))
        return false;
    if (take_char(words, ':')) {
        if (!take_number(words, 2, 60, &tm->tm_sec))
            return false;
        if (take_char(words, '.') || take_char(words, ',')) {
            for (; isdigit((unsigned char)*words->pos); words->pos++) {
                digit /= 10;
                *ret_fraction_ns += (*words->pos - '0') * digit;
            }
        }
    }
    return tm->tm_hour < 24 || (tm->tm_min == 0 && tm->tm_sec == 0 && *ret_fraction_ns == 0);
}

/** "Z", "+01:00", "-0530"; nothing: local.  Makes the time. */
static bool take_zone(struct words *words, struct tm *tm, int64_t *ret_ns)
{
    int hours, minutes, sign = *words->pos == '-' ? -1 : 1;
    struct tm as_given = *tm;

    skip_blank(words);
    if (at_end(words)) {
        *ret_ns = time_of(tm);
        return true;
    }
    *ret_ns = (int64_t)timegm(&as_given) * NTA_NS_PER_S;
    if (take_word(words, "z") || take_word(words, "utc"))
        return true;
    sign = *words->pos == '-' ? -1 : 1;
    if (!take_char(words, '+') && !take_char(words, '-'))
        return false;
    if (!take_number(words, 2, 23, &hours))
        return false;
    (void)take_char(words, ':');
    if (!take_number(words, 2, 59, &minutes))
        return false;
    *ret_ns -= sign * ((int64_t)hours * 3600 + (int64_t)minutes * 60) * NTA_NS_PER_S;
    return true;
}

/** "2026-11-20" and what may stand behind it. */
static bool take_stamp(struct words *words, int64_t *ret_ns)
{
    struct tm tm = {0};
    int64_t fraction_ns = 0;
    int year, month;

    if (!take_number(words, 4, 9999, &year) || year < 1970 || !take_char(words, '-') ||
        !take_number(words, 2, 12, &month) || month == 0 || !take_char(words, '-') ||
        !take_number(words, 2, days_of_month(year, month - 1), &tm.tm_mday) || tm.tm_mday == 0)
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    if ((take_char(words, 't') || take_char(words, ' ')) && !take_clock(words, &tm, &fraction_ns))
        return false;
    if (!take_zone(words, &tm, ret_ns))
        return false;
    *ret_ns += fraction_ns;
    return true;
}

static bool take_weekday(struct words *words, int *ret_weekday)
{
    static const char *const names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};

    for (int i = 0; i < DAYS_OF_WEEK; i++) {
        char brief[4] = {names[i][0], names[i][1], names[i][2], '\0'};

        if (take_word(words, names[i]) || take_word(words, brief)) {
            *ret_weekday = i;
            return true;
        }
    }
    return false;
}

static bool take_period(struct words *words, bool is_last, struct tm *tm)
{
    if (take_word(words, "hour")) {
        tm->tm_min = tm->tm_sec = 0;
        tm->tm_hour -= is_last;
        return true;
    }
    to_midnight(tm);
    if (take_word(words, "day")) {
        tm->tm_mday -= is_last;
    } else if (take_word(words, "week")) {
        tm->tm_mday -= weekday_of(tm) + (is_last ? DAYS_OF_WEEK : 0);
    } else if (take_word(words, "month")) {
        tm->tm_mday = 1;
        tm->tm_mon -= is_last;
    } else if (take_word(words, "year")) {
        tm->tm_mday = 1;
        tm->tm_mon = 0;
        tm->tm_year -= is_last;
    } else {
        return false;
    }
    return true;
}

/** A day by name: its midnight into `tm`, which is now. */
static bool take_day(struct words *words, struct tm *tm)
{
    bool is_last = take_word(words, "last");
    int weekday;

    if (take_weekday(words, &weekday)) {
        int back = (weekday_of(tm) - weekday + DAYS_OF_WEEK) % DAYS_OF_WEEK;

        to_midnight(tm);
        tm->tm_mday -= back == 0 && is_last ? DAYS_OF_WEEK : back;
        return true;
    }
    if (is_last || take_word(words, "this"))
        return take_period(words, is_last, tm);
    to_midnight(tm);
    if (take_word(words, "yesterday"))
        tm->tm_mday--;
    else if (take_word(words, "tomorrow"))
        tm->tm_mday++;
    else
        return take_word(words, "today");
    return true;
}

static bool take_day_and_clock(struct words *words, int64_t now_ns, int64_t *ret_ns)
{
    struct tm tm = local_of(now_ns);
    struct words start = *words;
    int64_t fraction_ns = 0;

    start.pos = words->pos;
    if (!take_day(words, &tm)) {
        words->pos = start.pos;
        tm = local_of(now_ns);
    }
    if (!at_end(words) && !take_clock(words, &tm, &fraction_ns))
        return false;
    *ret_ns = time_of(&tm) + fraction_ns;
    return at_end(words);
}

static bool take_epoch(struct words *words, int64_t *ret_ns)
{
    char *end = NULL;

    if (!take_char(words, '@') || !isdigit((unsigned char)*words->pos))
        return false;
    unsigned long long seconds = strtoull(words->pos, &end, 10);

    words->pos = end;
    if (seconds > (unsigned long long)(INT64_MAX / NTA_NS_PER_S))
        return false;
    *ret_ns = (int64_t)seconds * NTA_NS_PER_S;
    return true;
}

/** True if the whole text is one of these, each tried from its beginning. */
static bool read_when(struct words *words, int64_t now_ns, int64_t *ret_ns)
{
    if (take_word(words, "now") && at_end(words)) {
        *ret_ns = now_ns;
        return true;
    }
    words->pos = words->text;
    if (take_stamp(words, ret_ns) && at_end(words))
        return true;
    words->pos = words->text;
    if (take_age(words, now_ns, ret_ns))
        return true;
    words->pos = words->text;
    if (take_epoch(words, ret_ns) && at_end(words))
        return true;
    words->pos = words->text;
    return take_day_and_clock(words, now_ns, ret_ns);
}

int nta_when(const char *text, int64_t now_ns, int64_t *ret_ns, struct nta_err *err)
{
    struct words words;
    char shown[128];
    int64_t ns;

    if (take_words(text, &words) && read_when(&words, now_ns, &ns)) {
        *ret_ns = ns;
        return 0;
    }
    return nta_err_set(err, -EINVAL,
                       "\"%s\" is not a time: use today, yesterday, monday, \"last week\", 2h, 3d, "
                       "14:00, 2026-11-20, \"2026-11-20 14:00\" or 2026-11-20T14:00:00Z",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(text)));
}

/* ---- windows ---- */

/** Moved back by so many days and months of the local calendar. */
static int64_t moved_back(int64_t ns, int days, int months)
{
    struct tm tm = local_of(ns);

    months_back(&tm, months);
    tm.tm_mday -= days;
    return time_of(&tm) + ns % NTA_NS_PER_S;
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
        {{"last week", "week", "last week"}, DAYS_OF_WEEK, 0},
        {{"last month", "month", "last month"}, 0, 1},
        {{"last year", "year", "last year"}, 0, 12},
    };

    int64_t length_ns = window_ns[1] - window_ns[0];
    struct words words;
    char shown[128];

    if (!take_words(text, &words))
        words = (struct words){.text = ""};
    for (size_t i = 0; i < NTA_N_ELEMENTS(steps); i++) {
        for (size_t k = 0; k < NTA_N_ELEMENTS(steps[i].names); k++) {
            if (strcmp(words.text, steps[i].names[k]) != 0)
                continue;
            for (size_t end = 0; end < 2; end++)
                ret_window_ns[end] = moved_back(window_ns[end], steps[i].days, steps[i].months);
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
    struct words words;
    struct tm tm = local_of(ns);

    if (!take_words(unit, &words) || !take_period(&words, false, &tm))
        return ns;
    return time_of(&tm);
}
