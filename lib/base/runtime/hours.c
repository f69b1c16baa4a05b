/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/hours.h"

#include "base/bytes.h"
#include "base/nearest.h"
#include "base/runtime/clock.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum
{
    N_DAYS = 7,
    ALL_DAYS = 127,
    SHOWN_SIZE = 64,
};

static const char *const day_names[N_DAYS] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};

/** What is being read. */
struct reading
{
    struct nta_hours hours;
    uint8_t days; ///< Those that the next hours are for; 0: none were named yet.
    bool waits;   ///< Days were named, and their hours have not come yet.
    struct nta_err *err;
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static struct nta_span trim(struct nta_span text)
{
    return nta_span_trim_of(text, is_blank);
}

static const char *shown(struct nta_span text, char buf[SHOWN_SIZE])
{
    return nta_text_escape_to(buf, SHOWN_SIZE, text);
}

/** The day's number, or -1. */
static int day_of(struct nta_span word)
{
    for (int i = 0; i < N_DAYS; i++) {
        if ((word.len == 3 || word.len == strlen(day_names[i])) &&
            strncasecmp((const char *)word.ptr, day_names[i], word.len) == 0)
            return i;
    }
    return -1;
}

static int refuse_day(const struct reading *reading, struct nta_span word)
{
    char buf[SHOWN_SIZE];
    struct nta_nearest nearest = {.word = shown(word, buf)};

    nta_nearest_try_all(&nearest, "Mon Tue Wed Thu Fri Sat Sun");
    return nta_err_set(reading->err, -EINVAL,
                       "\"%s\" is no day; days are Mon, Tue, Wed, Thu, Fri, Sat, Sun; the nearest "
                       "is \"%.*s\"",
                       buf, (int)nearest.best_len, nearest.best);
}

/** "Mon" or "Mon-Fri". */
static int take_days(struct reading *reading, struct nta_span text)
{
    const struct nta_span first = trim(nta_span_before(text, '-'));
    const bool is_range = nta_span_has(text, '-');
    const struct nta_span last =
        is_range ? trim(nta_span_from(text, nta_span_find_byte(text, '-') + 1)) : first;
    int from = day_of(first), until = day_of(last);

    if (from < 0 || until < 0)
        return refuse_day(reading, from < 0 ? first : last);
    if (!reading->waits)
        reading->days = 0;
    for (int day = from;; day = (day + 1) % N_DAYS) {
        reading->days |= (uint8_t)(1U << day);
        if (day == until)
            break;
    }
    reading->waits = true;
    return 0;
}

/** "08:00" or "8:00" in minutes, or -1. */
static int minutes_of(struct nta_span text)
{
    const size_t colon = nta_span_find_byte(text, ':');
    unsigned number[2] = {0, 0};

    if (colon == 0 || colon > 2 || text.len != colon + 3)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        if (i == colon)
            continue;
        if (!isdigit(text.ptr[i]))
            return -1;
        number[i > colon] = number[i > colon] * 10 + text.ptr[i] - '0';
    }
    if (number[0] > 24 || number[1] > 59 || (number[0] == 24 && number[1] > 0))
        return -1;
    return (int)(number[0] * 60 + number[1]);
}

/** "08:00-16:00" for the days that are known. */
static int take_hours(struct reading *reading, struct nta_span text)
{
    const size_t dash = nta_span_find_byte(text, '-');
    char buf[SHOWN_SIZE];
    int from = dash < text.len ? minutes_of(trim((struct nta_span){text.ptr, dash})) : -1;
    int until = dash < text.len ? minutes_of(trim(nta_span_from(text, dash + 1))) : -1;

    if (from < 0 || until < 0 || from == NTA_DAY_MINUTES)
        return nta_err_set(reading->err, -EINVAL,
                           "\"%s\" are no hours; write them as 08:00-16:00, up to 24:00",
                           shown(text, buf));
    if (from == until)
        return nta_err_set(reading->err, -EINVAL,
                           "\"%s\" is no time at all; the whole day is 00:00-24:00",
                           shown(text, buf));
    if (reading->hours.n == NTA_HOURS_MAX)
        return nta_err_set(reading->err, -EINVAL, "more than %d spans of hours", NTA_HOURS_MAX);
    reading->hours.spans[reading->hours.n++] =
        (struct nta_hours_span){.days = reading->days ? reading->days : ALL_DAYS,
                                .from = (uint16_t)from,
                                .until = (uint16_t)until};
    reading->waits = false;
    return 0;
}

/** Days, hours, or both: hours begin with a digit. */
static int take_part(struct reading *reading, struct nta_span part)
{
    size_t digit = 0;
    int r = 0;

    if (part.len == 0)
        return nta_err_set(reading->err, -EINVAL,
                           "nothing stands between two commas or at an end; write hours as "
                           "\"Mon-Fri 08:00-16:00\"");
    while (digit < part.len && !isdigit(part.ptr[digit]))
        digit++;
    if (digit > 0)
        r = take_days(reading, trim((struct nta_span){part.ptr, digit}));
    if (r == 0 && digit < part.len)
        r = take_hours(reading, nta_span_from(part, digit));
    return r;
}

int nta_hours_parse(const char *text, struct nta_hours *ret_hours, struct nta_err *err)
{
    struct reading reading = {.err = err};
    struct nta_span rest = nta_span_of(text);
    bool more = true;
    int r = 0;

    while (r == 0 && more) {
        more = nta_span_has(rest, ',');
        r = take_part(&reading, trim(nta_span_take(&rest, ',')));
    }
    if (r < 0)
        return r;
    if (reading.waits)
        return nta_err_set(err, -EINVAL,
                           "days at the end have no hours; write \"Mon 08:00-16:00\", and \"Mon "
                           "00:00-24:00\" for all of a day");
    *ret_hours = reading.hours;
    return 0;
}

bool nta_hours_have(const struct nta_hours *hours, unsigned day, unsigned minute)
{
    const unsigned today = 1U << day, yesterday = 1U << (day + N_DAYS - 1) % N_DAYS;

    for (size_t i = 0; i < hours->n; i++) {
        const struct nta_hours_span *span = &hours->spans[i];
        const bool is_over = span->until < span->from; /* it goes on after midnight */

        if ((span->days & today) && minute >= span->from && (is_over || minute < span->until))
            return true;
        if (is_over && (span->days & yesterday) && minute < span->until)
            return true;
    }
    return hours->n == 0;
}

bool nta_hours_at(const struct nta_hours *hours, int64_t wall_ns)
{
    const int64_t seconds = wall_ns / NTA_NS_PER_S - (wall_ns % NTA_NS_PER_S < 0);
    const time_t time = (time_t)seconds;
    struct tm local;

    if (hours->n == 0)
        return true;
    if (!localtime_r(&time, &local))
        return false;
    return nta_hours_have(hours, (unsigned)local.tm_wday,
                          (unsigned)(local.tm_hour * 60 + local.tm_min));
}
