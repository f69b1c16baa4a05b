/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How a command ends: its exit status, its answer, and the sentence for what went wrong. */

#include "base/buf.h"

#include <stdbool.h>

/** Exit statuses, the same for every subcommand. */
enum
{
    NTA_EXIT_OK = 0,      ///< Done.
    NTA_EXIT_INPUT = 1,   ///< Done, but something was wrong with the input; said on stderr.
    NTA_EXIT_USAGE = 2,   ///< Wrong usage.
    NTA_EXIT_FAILURE = 3, ///< Could not run.
};

/** "nta: text" on stderr, red on a terminal; gives `status`. */
int nta_cmd_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * The whole answer on standard output, broken into lines for people if it `is_prose`.  Gives
 * `status`; NTA_EXIT_FAILURE if it could not be written, which was said.
 */
int nta_cmd_answer(const struct nta_buf *answer, bool is_prose, int status);

/** After getopt said '?': gives NTA_EXIT_USAGE and points to --help. */
int nta_cmd_usage(const char *command);
