/* SPDX-License-Identifier: Apache-2.0 */
/* Times in words people use. */
#include "base/clock.h"
#include "query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t unit_ns(const char *unit)
{
    static const struct
    {
        const char *name;
        int64_t seconds;
    } units[] = {{"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(unit, units[i].name) == 0)
            return units[i].seconds * NTA_NS_PER_S;
    }
    return 0;
}

/** "-2h", "90m": that long before now. */
static bool parse_age(const char *text, int64_t now_ns, int64_t *ret_ns)
{
    char *end = NULL;
    const char *number = text[0] == '-' ? text + 1 : text;
    unsigned long long n = strtoull(number, &end, 10);
    int64_t unit = end > number ? unit_ns(end) : 0;

    if (unit == 0 || n > (unsigned long long)(now_ns / unit))
        return false;
    *ret_ns = now_ns - (int64_t)n * unit;
    return true;
}

/** Midnight of the local day that is `days` before today. */
static int64_t midnight(int64_t now_ns, int days)
{
    time_t now = (time_t)(now_ns / NTA_NS_PER_S);
    struct tm tm;

    (void)localtime_r(&now, &tm);
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    tm.tm_mday -= days;
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm) * NTA_NS_PER_S;
}

/** Decimals of a second behind the seconds: gives the nanoseconds and moves on. */
static int64_t parse_fraction(const char **text)
{
    int64_t ns = 0, digit = NTA_NS_PER_S;

    if (**text != '.')
        return 0;
    for ((*text)++; **text >= '0' && **text <= '9'; (*text)++) {
        digit /= 10;
        ns += (**text - '0') * digit;
    }
    return ns;
}

/** What stands behind the time: nothing (local), Z, or +hh:mm. */
static bool apply_zone(const char *zone, struct tm *tm, time_t *ret_seconds)
{
    int hours, minutes, used = 0;

    if (zone[0] == '\0') {
        tm->tm_isdst = -1;
        *ret_seconds = mktime(tm);
        return true;
    }
    *ret_seconds = timegm(tm);
    if (strcmp(zone, "Z") == 0 || strcmp(zone, "z") == 0)
        return true;
    // NOLINTNEXTLINE(cert-err34-c): two digits at most
    if (sscanf(zone + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 || zone[1 + used] != '\0' ||
        (zone[0] != '+' && zone[0] != '-'))
        return false;
    *ret_seconds -= (zone[0] == '-' ? -1 : 1) * ((time_t)hours * 3600 + (time_t)minutes * 60);
    return true;
}

static bool parse_stamp(const char *text, int64_t *ret_ns)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%d", &tm);
    int64_t fraction = 0;
    time_t seconds;

    if (!rest)
        return false;
    if (*rest == 'T' || *rest == ' ') {
        const char *clock = rest + 1;

        rest = strptime(clock, "%H:%M:%S", &tm);
        if (!rest)
            rest = strptime(clock, "%H:%M", &tm);
        if (!rest)
            return false;
        fraction = parse_fraction(&rest);
    }
    if (!apply_zone(rest, &tm, &seconds))
        return false;
    *ret_ns = (int64_t)seconds * NTA_NS_PER_S + fraction;
    return true;
}

int nta_query_time(const char *text, int64_t now_ns, int64_t *ret_ns, struct nta_err *err)
{
    if (strcmp(text, "now") == 0)
        *ret_ns = now_ns;
    else if (strcmp(text, "today") == 0)
        *ret_ns = midnight(now_ns, 0);
    else if (strcmp(text, "yesterday") == 0)
        *ret_ns = midnight(now_ns, 1);
    else if (!parse_age(text, now_ns, ret_ns) && !parse_stamp(text, ret_ns))
        return nta_err_set(err, -EINVAL,
                           "\"%.60s\" is not a time: use 2026-01-31, 2026-01-31T12:00:00Z, "
                           "yesterday, today, or an age as 2h or 3d",
                           text);
    return 0;
}
