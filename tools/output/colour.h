/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether what goes to the terminal is coloured. */

#include "base/err.h"
#include "base/own.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define NTA_STYLE_PLAIN "\033[0m"

enum nta_colour
{
    NTA_COLOUR_AUTO, ///< On a terminal, unless NO_COLOR is set or TERM is "dumb".
    NTA_COLOUR_ALWAYS,
    NTA_COLOUR_NEVER
};

/** "auto", "always", "never"; NULL: "always".  0, or -EINVAL with a sentence. */
int nta_colour_parse(const char *text, enum nta_colour *ret_colour, struct nta_err *err);

/**
 * Are colours to be used on this stream?  AUTO: on a terminal that is not "dumb" (see
 * nta_cmd_colour()).
 */
bool nta_colour_wanted(enum nta_colour colour, FILE *stream);

/**
 * What begins text about something of this severity (record/names.h), and NTA_STYLE_PLAIN ends:
 * critical and high red, medium yellow, low cyan; of a severity that nobody set `otherwise`.  What
 * is known weakly is yellow at most: it accuses nobody.
 */
const char *nta_colour_of_severity(uint8_t severity, bool is_weak, const char *otherwise);

/** True if this stream should be coloured: a terminal, and NO_COLOR is not set. */
bool nta_cmd_colour(FILE *stream);
