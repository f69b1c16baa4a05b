/* SPDX-License-Identifier: Apache-2.0 */
#include "output/term.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "output/pager.h"
#include "search/words/calendar.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- widths ---- */

/**
 * Bytes of as many whole characters as fit into `width`; the columns they take into `ret_width`.
 */
static size_t fitting(struct nta_span shown, size_t width, size_t *ret_width)
{
    size_t at = 0, used = 0, n;

    while (at < shown.len) {
        size_t one = nta_width_of_one(shown.ptr + at, shown.len - at, &n);

        if (used + one > width)
            break;
        used += one;
        at += n;
    }
    *ret_width = used;
    return at;
}

static void put_blanks(struct nta_buf *out, size_t n)
{
    nta_buf_printf(out, "%*s", (int)n, "");
}

void nta_put_cell(struct nta_buf *out, struct nta_span shown, size_t width, bool right)
{
    size_t used, len = fitting(shown, width, &used);
    bool is_cut = len < shown.len;

    if (is_cut)
        len = fitting(shown, width ? width - 1 : 0, &used);
    size_t rest = width - used - (is_cut && width);

    if (right)
        put_blanks(out, rest);
    if (len)
        nta_buf_put(out, shown.ptr, len);
    if (is_cut && width)
        nta_buf_puts(out, "…");
    if (!right)
        put_blanks(out, rest);
}

/** Bytes from which on as many whole characters as fit into `width` are the last ones. */
static size_t fitting_end(struct nta_span shown, size_t width, size_t *ret_width)
{
    size_t all = nta_width_of(shown), at = 0, n;

    while (at < shown.len && all > width) {
        all -= nta_width_of_one(shown.ptr + at, shown.len - at, &n);
        at += n;
    }
    *ret_width = all;
    return at;
}

void nta_put_cell_middle(struct nta_buf *out, struct nta_span shown, size_t width)
{
    size_t before, behind;

    if (width < 4 || nta_width_of(shown) <= width) {
        nta_put_cell(out, shown, width, false);
        return;
    }
    const size_t at = fitting_end(shown, (width - 1) * 2 / 3, &behind);
    const size_t len = fitting(shown, width - 1 - behind, &before);

    nta_buf_put(out, shown.ptr, len);
    nta_buf_puts(out, "…");
    nta_buf_put(out, shown.ptr + at, shown.len - at);
    put_blanks(out, width - 1 - before - behind);
}

void nta_put_more(struct nta_buf *out, struct nta_more more)
{
    nta_buf_puts(out, more.at_least && more.n ? "and at least " : "and ");
    if (more.n || !more.at_least)
        nta_buf_printf(out, "%" PRIu64 " ", more.n);
    nta_buf_puts(out, "more");
    if (more.what)
        nta_buf_printf(out, " %s", more.what);
    if (more.behind)
        nta_buf_printf(out, ", %s", more.behind);
    if (more.how)
        nta_buf_printf(out, "; all: %s", more.how);
}

void nta_put_size(struct nta_buf *out, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double value = (double)bytes;
    size_t i = 0;

    for (; value >= 1023.95 && i + 1 < NTA_N_ELEMENTS(units); i++)
        value /= 1024;
    nta_buf_printf(out, i ? "%.1f %s" : "%.0f %s", value, units[i]);
}

void nta_put_local_time(struct nta_buf *out, int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NTA_NS_PER_S) - (wall_ns % NTA_NS_PER_S < 0);
    char text[40], offset[NTA_CALENDAR_OFFSET_SIZE];
    struct tm tm;

    if (localtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) > 0)
        nta_buf_puts(out, text);
    if (nta_calendar_is_twice(wall_ns, offset))
        nta_buf_puts(out, offset);
}

/* ---- Ctrl-C ---- */

static volatile sig_atomic_t is_stopped;

static void on_stop(int number)
{
    (void)number;
    is_stopped = 1;
}

const volatile sig_atomic_t *nta_catch_stop(void)
{
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND};

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
    return &is_stopped;
}

/* ---- progress ---- */

static int64_t progress_ns; ///< When it was written last; 0: there is none.

void nta_progress_show(const char *format, ...)
{
    int64_t now_ns = nta_clock_mono_ns();
    va_list args;

    if (nta_pager_runs() || now_ns - progress_ns < 100 * NTA_NS_PER_MS || !isatty(STDERR_FILENO))
        return;
    progress_ns = now_ns;
    (void)fputs("\r\033[K", stderr);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fflush(stderr);
}

void nta_progress_wipe(void)
{
    if (progress_ns)
        (void)fputs("\r\033[K", stderr);
    progress_ns = 0;
}
