/* SPDX-License-Identifier: Apache-2.0 */
#include "output/fail.h"

#include "output/term.h"

#include <stdarg.h>
#include <stdio.h>

int nta_cmd_fail(int status, const char *format, ...)
{
    bool colour = nta_cmd_colour(stderr);
    va_list args;

    (void)fprintf(stderr, "%snta: ", colour ? "\033[31m" : "");
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputs(colour ? "\033[0m\n" : "\n", stderr);
    return status;
}

int nta_cmd_usage(const char *command)
{
    (void)fprintf(stderr, "Try 'nta %s --help'.\n", command);
    return NTA_EXIT_USAGE;
}
