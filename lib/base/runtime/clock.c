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

const char *nta_clock_text(int64_t wall_ns, char text[NTA_TIME_TEXT_SIZE])
{
    int64_t ns = wall_ns % NTA_NS_PER_S;
    time_t seconds = (time_t)(wall_ns / NTA_NS_PER_S);
    struct tm tm;

    if (ns < 0) { /* before 1970: the remainder is negative in C */
        ns += NTA_NS_PER_S;
        seconds--;
    }
    if (!gmtime_r(&seconds, &tm))
        tm = (struct tm){.tm_year = 70, .tm_mday = 1};
    (void)snprintf(text, NTA_TIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ",
                   tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                   (int)ns);
    return text;
}
