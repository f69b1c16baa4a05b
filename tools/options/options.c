/* SPDX-License-Identifier: Apache-2.0 */
#include "options/options.h"

#include "base/runtime/clock.h"
#include "output/fail.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void print_help(const struct nta_options *options, const void *owner)
{
    if (options->print_help)
        options->print_help(owner);
    else
        (void)fputs(options->help, stdout);
}

/** One option: the subcommand's own, or a filter.  1: getopt did not know it, and has said so. */
static int take(const struct nta_options *options, struct nta_filters *filters, void *owner,
                int option, struct nta_err *err)
{
    int r = options->take(owner, option, err);

    return r == 1 ? nta_filters_take(filters, option, optarg, err) : r;
}

static int check(const struct nta_options *options, struct nta_filters *filters, void *owner,
                 char **arguments, int n_arguments, struct nta_err *err)
{
    if (n_arguments > options->n_arguments)
        return nta_err_set(err, -EINVAL, "too many arguments");
    int r = nta_filters_finish(filters, nta_clock_wall_ns(), err);

    return r == 0 && options->check ? options->check(owner, arguments, n_arguments, err) : r;
}

int nta_options_parse(const struct nta_options *options, struct nta_filters *filters, void *owner,
                      int argc, char **argv)
{
    struct nta_err err = {0};
    int option, r = 0;

    while (r == 0 &&
           (option = getopt_long(argc, argv, options->letters, options->known, NULL)) != -1) {
        if (option == 'h') {
            print_help(options, owner);
            return NTA_EXIT_OK;
        }
        r = take(options, filters, owner, option, &err);
    }
    if (r == 0)
        r = check(options, filters, owner, argv + optind, argc - optind, &err);
    if (r < 0)
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text);
    return r ? nta_cmd_usage(options->command) : -1;
}

int nta_options_number(const char *name, const char *text, uint64_t min, uint64_t max,
                       uint64_t *ret_number, struct nta_err *err)
{
    char *end = NULL;

    errno = 0;
    uint64_t number = isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;

    if (!end || *end || errno || number < min || number > max)
        return max == UINT64_MAX
                   ? nta_err_set(err, -EINVAL, "%s: a number from %" PRIu64 " on", name, min)
                   : nta_err_set(err, -EINVAL, "%s: a number from %" PRIu64 " to %" PRIu64, name,
                                 min, max);
    *ret_number = number;
    return 0;
}
