/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The command line of a subcommand that looks through what is kept (records, alerts, stats, map,
 * report, console, packets): the filters that all of them have, its own options, --help, and what
 * is said of a wrong one.
 */

#include "base/err.h"
#include "options/filters.h"

#include <getopt.h>
#include <stdint.h>

/** What one subcommand has of its own; all of it static. */
struct nta_options
{
    const char *command;        ///< Its name.
    const struct option *known; ///< NTA_FILTER_OPTIONS, its own, the end.
    const char *letters;        ///< NTA_FILTER_LETTERS, its own, "h".
    const char *help;
    void (*print_help)(const void *owner); ///< Instead of `help`.
    int n_arguments;                       ///< Arguments that are no options, at most.

    /**
     * Take an option (its argument is in `optarg`).  0: taken, 1: not one of its own, -EINVAL with
     * the sentence.
     */
    int (*take)(void *owner, int option, struct nta_err *err);

    /**
     * After the last one: does it fit together?  0, or -EINVAL with the sentence.  NULL: it always
     * does.
     */
    int (*check)(void *owner, char **arguments, int n_arguments, struct nta_err *err);
};

/**
 * Take all that the command line says into `filters` and, by `options->take`, into `owner`.  -1: go
 * on; else the status to exit with, all being said.
 */
int nta_options_parse(const struct nta_options *options, struct nta_filters *filters, void *owner,
                      int argc, char **argv);

/** Read a number from `min` to `max`; `name` is the option.  0, or -EINVAL with the sentence. */
int nta_options_number(const char *name, const char *text, uint64_t min, uint64_t max,
                       uint64_t *ret_number, struct nta_err *err);
