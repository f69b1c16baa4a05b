/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clocks of one program: preloaded, it adds the seconds that stand in the file NTA_TEST_STEP to
 * CLOCK_REALTIME, and those behind them to every clock, as if so much time had passed.  With
 * NTA_TEST_SYNCHRONISED (1 or 0) the system says that its clock is, or is not.  No clock of the
 * machine is touched.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/* NOLINTBEGIN(concurrency-mt-unsafe): nobody sets the environment */

static void read_step(long *wall_s, long *all_s)
{
    const char *path = getenv("NTA_TEST_STEP");
    FILE *file = path ? fopen(path, "re") : NULL;
    char text[64] = "", *end = text;

    if (file) {
        (void)!fgets(text, sizeof(text), file);
        (void)fclose(file);
    }
    *wall_s = strtol(text, &end, 10);
    *all_s = strtol(end, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
    int r = (int)syscall(SYS_clock_gettime, id, ts);
    long wall_s, all_s;

    if (r != 0 || (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC && id != CLOCK_BOOTTIME))
        return r;
    read_step(&wall_s, &all_s);
    ts->tv_sec += all_s + (id == CLOCK_REALTIME ? wall_s : 0);
    return 0;
}

int adjtimex(struct timex *timex)
{
    const char *said = getenv("NTA_TEST_SYNCHRONISED");
    int state = (int)syscall(SYS_adjtimex, timex);

    if (!said)
        return state;
    timex->status = *said == '1' ? 0 : STA_UNSYNC;
    return *said == '1' ? TIME_OK : TIME_ERROR;
}

/* NOLINTEND(concurrency-mt-unsafe) */
