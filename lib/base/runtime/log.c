/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/log.h"

#include "base/prose.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static void to_terminal(enum nta_log_level level, const char *text)
{
    const char *mark = "";
    const char *end = "";

    if (isatty(STDERR_FILENO)) {
        mark = level <= NTA_LOG_ERROR ? "\033[31m" : level == NTA_LOG_WARNING ? "\033[33m" : "";
        end = mark[0] ? "\033[0m" : "";
    }
    flockfile(stderr);
    (void)fputs(mark, stderr);
    (void)nta_prose_write(stderr, nta_span_of(text));
    (void)fprintf(stderr, "%s\n", end);
    funlockfile(stderr);
}

static nta_log_sink_fn *sink = to_terminal;

void nta_log_to(nta_log_sink_fn *new_sink)
{
    sink = new_sink ? new_sink : to_terminal;
}

void nta_log(enum nta_log_level level, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    (void)nta_text_vprintf_to(text, sizeof(text), format, args);
    va_end(args);
    sink(level, text);
}
