/* SPDX-License-Identifier: Apache-2.0 */
#include "output/fail.h"

#include "base/own.h"
#include "base/prose.h"
#include "output/colour.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

int nta_cmd_answer(const struct nta_buf *answer, bool is_prose, int status)
{
    const struct nta_span text = nta_buf_span(answer);

    if (answer->failed)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    const bool is_written = is_prose ? nta_prose_write(stdout, text)
                                     : fwrite(text.ptr, 1, text.len, stdout) == text.len;

    if (!is_written || fflush(stdout) != 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(errno));
    return status;
}

int nta_cmd_usage(const char *command)
{
    (void)fprintf(stderr, "Try 'nta %s --help'.\n", command);
    return NTA_EXIT_USAGE;
}
