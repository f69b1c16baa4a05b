/* SPDX-License-Identifier: Apache-2.0 */
#include "output/fail.h"

#include "base/own.h"
#include "base/prose.h"
#include "output/term.h"

#include <stdarg.h>
#include <stdio.h>

int nta_cmd_fail(int status, const char *format, ...)
{
    bool colour = nta_cmd_colour(stderr);
    NTA_AUTO_FREE char *text = NULL;
    va_list args;

    (void)fputs(colour ? "\033[31m" : "", stderr);
    va_start(args, format);
    if (vasprintf(&text, format, args) >= 0)
        nta_prose_print(stderr, "nta: %s", text);
    va_end(args);
    (void)fputs(colour ? "\033[0m\n" : "\n", stderr);
    return status;
}

int nta_cmd_usage(const char *command)
{
    (void)fprintf(stderr, "Try 'nta %s --help'.\n", command);
    return NTA_EXIT_USAGE;
}
