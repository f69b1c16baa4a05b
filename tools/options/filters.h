/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The options that say which records: the same in every subcommand that looks through what is kept (records, alerts,
 * stats, map, report, console, packets).  options.h takes them off the command line.
 *
 *     static const struct option known[] = { NTA_FILTER_OPTIONS, {"json", ...}, {NULL, 0, NULL, 0} };
 *     static const struct nta_options options = { .known = known, .letters = NTA_FILTER_LETTERS "jh", ... };
 *     ... nta_options_parse(&options, &filters, ...); nta_filters_open(&filters, &search, ...);
 *     ... nta_filters_done(&filters);
 */

#include "base/err.h"
#include "search/search.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

/** Letterless options have numbers from here on; a subcommand's own begin at NTA_OPT_OWN. */
enum
{
    NTA_OPT_CATEGORY = 256,
    NTA_OPT_APP,
    NTA_OPT_GRADE,
    NTA_OPT_BYTES,
    NTA_OPT_TYPE,
    NTA_OPT_EVENT,
    NTA_OPT_MATCHED,
    NTA_OPT_DOWNLOADS,
    NTA_OPT_UTC,
    NTA_OPT_UNVERIFIED,
    NTA_OPT_QUIET,
    NTA_OPT_OWN
};

#define NTA_FILTER_LETTERS "S:U:u:s:l:C:d:c:k:"

#define NTA_FILTER_OPTIONS                                                                         \
    {"since", required_argument, NULL, 'S'}, {"until", required_argument, NULL, 'U'},              \
        {"user", required_argument, NULL, 'u'}, {"site", required_argument, NULL, 's'},            \
        {"list", required_argument, NULL, 'l'},                                                    \
        {"category", required_argument, NULL, NTA_OPT_CATEGORY},                                   \
        {"country", required_argument, NULL, 'C'}, {"app", required_argument, NULL, NTA_OPT_APP},  \
        {"grade", required_argument, NULL, NTA_OPT_GRADE},                                         \
        {"bytes-above", required_argument, NULL, NTA_OPT_BYTES},                                   \
        {"type", required_argument, NULL, NTA_OPT_TYPE},                                           \
        {"event", required_argument, NULL, NTA_OPT_EVENT},                                         \
        {"matched", no_argument, NULL, NTA_OPT_MATCHED},                                           \
        {"downloads", no_argument, NULL, NTA_OPT_DOWNLOADS},                                       \
        {"utc", no_argument, NULL, NTA_OPT_UTC}, {"store", required_argument, NULL, 'd'},          \
        {"key", required_argument, NULL, 'k'},                                                     \
        {"unverified", no_argument, NULL, NTA_OPT_UNVERIFIED},                                     \
        {"quiet", no_argument, NULL, NTA_OPT_QUIET},                                               \
    {                                                                                              \
        "config", required_argument, NULL, 'c'                                                     \
    }

/** The paragraph of the help that tells of them. */
#define NTA_FILTER_HELP                                                                            \
    "which records (all that is said must be true of one):\n"                                      \
    "  -S, --since TIME      today, yesterday, monday, \"last week\", 2h, 14:00,\n"                \
    "                        2026-11-20, \"2026-11-20 14:00\", 2026-11-20T14:00:00Z;\n"            \
    "                        local unless it says so\n"                                            \
    "  -U, --until TIME      before then\n"                                                        \
    "  -u, --user WHO        address, network (10.0.0.0/24), MAC address, host name\n"             \
    "                        or login\n"                                                           \
    "  -s, --site NAME       a site and its subdomains\n"                                          \
    "  -l, --list NAME       matches of this list\n"                                               \
    "      --category NAME   matches of lists of this category\n"                                  \
    "  -C, --country CODE    servers in this country (two letters)\n"                              \
    "      --app NAME        application protocol: tls, quic, http, dns, ...\n"                    \
    "      --grade GRADE     how well the site is known: strong, likely, weak;\n"                  \
    "                        likely+ is that and better\n"                                         \
    "      --bytes-above N   more bytes, both ways together: 500k, 10M, 2G\n"                      \
    "      --type TYPE       file type: video, pdf, application/zip\n"                             \
    "      --event EVENT     flow, request, lookup, alert, packets, loss, lease,\n"                \
    "                        canary; several with commas\n"                                        \
    "      --matched         only what a list forbids\n"                                           \
    "      --downloads       only what counts as a download from a forbidden site\n"               \
    "      --utc             times in UTC, in what you say and what is shown\n"                    \
    "  -d, --store DIR       the folder of `nta read --store`; default: what\n"                    \
    "                        ntad.conf names\n"                                                    \
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"                  \
    "  -k, --key KEY         trust this sensor (nta-sensor-...) and no other; can be\n"            \
    "                        said again; default: those of sensors.pub in the key\n"               \
    "                        folder\n"                                                             \
    "      --unverified      show what does not hold, too, and mark it\n"                          \
    "      --quiet           do not say how far the chain was checked, if all holds\n"             \
    "Exit status: 0 done, and what was read holds; 1 something does not hold, or is\n"             \
    "missing in what was made; 2 wrong usage; 3 could not run.\n"

enum
{
    NTA_FILTERS_KEYS = 64 ///< --key, at most.
};

struct nta_filters
{
    struct nta_query query;
    const char *dir, *config; ///< For nta_filters_open(), as the next three.
    const char *keys[NTA_FILTERS_KEYS];
    size_t n_keys;
    bool unverified;
    bool quiet;                ///< For nta_proof_conclude().
    const char *since, *until; ///< As given; read when all options are, since --utc may come later.
};

/** Take an option that is one of these.  0: taken, 1: not one of these, -EINVAL with the sentence in `err`. */
int nta_filters_take(struct nta_filters *filters, int option, char *argument, struct nta_err *err);

/** After the last option: make times of words.  0, or -EINVAL with the sentence in `err`. */
int nta_filters_finish(struct nta_filters *filters, int64_t now_ns, struct nta_err *err);

/** nta_search_open() with what they say. */
int nta_filters_open(const struct nta_filters *filters, struct nta_search **ret_search,
                     struct nta_err *err);

/** How far the search is, on a terminal's standard error (see nta_progress_show()). */
void nta_filters_progress(const struct nta_search_state *state);

/**
 * What is to be said at the end of a search, on standard error, and the exit status: what does not hold (nta_proof_conclude()), and
 * how far it came if it was stopped (then the program ends by that signal, unless that is how it `ends_so`).
 */
int nta_filters_conclude(const struct nta_filters *filters, struct nta_search *search,
                         const struct nta_search_state *state, bool ends_so);

/** Free what they own. */
void nta_filters_done(struct nta_filters *filters);
