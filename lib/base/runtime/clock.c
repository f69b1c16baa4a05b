/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/clock.h"

#include <stdio.h>
#include <sys/timex.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;

    (void)clock_gettime(id, &ts); /* cannot fail for these */
    return ts.tv_sec * NTA_NS_PER_S + ts.tv_nsec;
}

int64_t nta_clock_wall_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t nta_clock_mono_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t nta_clock_boot_ns(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

bool nta_clock_is_synchronised(uint32_t *ret_error_ms)
{
    struct timex timex = {0}; /* asks, and sets nothing */
    int state = adjtimex(&timex);

    *ret_error_ms = timex.esterror > 0 ? (uint32_t)((timex.esterror + 500) / 1000) : 0;
    return state >= 0 && state != TIME_ERROR && !(timex.status & STA_UNSYNC);
}

/**
 * `offset` seconds east of UTC are in what is written, `zone` says so.  A remainder of what is
 * before 1970 is negative in C.
 */
static void put_text(char text[NTA_TIME_TEXT_SIZE], int64_t wall_ns, int offset, const char *zone)
{
    const int64_t rest = wall_ns % NTA_NS_PER_S, ns = rest < 0 ? rest + NTA_NS_PER_S : rest;
    const time_t seconds = (time_t)(wall_ns / NTA_NS_PER_S) - (rest < 0) + offset;
    struct tm tm;

    if (!gmtime_r(&seconds, &tm))
        tm = (struct tm){.tm_year = 70, .tm_mday = 1};
    (void)snprintf(text, NTA_TIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%09d%s",
                   tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                   (int)ns, zone);
}

const char *nta_clock_text(int64_t wall_ns, char text[NTA_TIME_TEXT_SIZE])
{
    put_text(text, wall_ns, 0, "Z");
    return text;
}

const char *nta_clock_text_local(int64_t wall_ns, char text[NTA_TIME_TEXT_SIZE])
{
    const time_t seconds = (time_t)(wall_ns / NTA_NS_PER_S) - (wall_ns % NTA_NS_PER_S < 0);
    struct tm tm = {0};
    char zone[16];

    (void)localtime_r(&seconds, &tm);
    /* RFC 3339 has no seconds in it, and old zones have: the moment stays the same */
    const int minutes = (int)(tm.tm_gmtoff / 60), size = minutes < 0 ? -minutes : minutes;

    (void)snprintf(zone, sizeof(zone), "%c%02d:%02d", minutes < 0 ? '-' : '+', size / 60 % 100,
                   size % 60);
    put_text(text, wall_ns, minutes * 60, zone);
    return text;
}
