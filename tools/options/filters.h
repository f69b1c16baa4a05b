/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The options that say which records: the same in every subcommand that looks through what is kept
 * (records, alerts, stats, map, report, console, packets).  options.h takes them off the command
 * line.
 *
 *     static const struct option known[] = { NTA_FILTER_OPTIONS, {"json", ...}, {NULL, 0, NULL, 0}
 *     }; static const struct nta_options options = { .known = known, .letters = NTA_FILTER_LETTERS
 *     "jh", ... }; ... nta_options_parse(&options, &filters, ...); nta_filters_open(&filters,
 *     &search, ...); ... nta_filters_done(&filters);
 */

#include "base/err.h"
#include "search/search.h"
#include "search/words/calendar.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

/** Letterless options have numbers from here on; a subcommand's own begin at NTA_OPT_OWN. */
enum
{
    NTA_OPT_LETTERLESS = 256,
#define NTA_FILTER_NUMBER(symbol, ...) NTA_OPT_LETTERLESS_##symbol,
    NTA_FILTERS(NTA_FILTER_NUMBER, NTA_FILTER_NUMBER)
#undef NTA_FILTER_NUMBER
    NTA_OPT_ON,
    NTA_OPT_LAST,
    NTA_OPT_UTC,
    NTA_OPT_UNVERIFIED,
    NTA_OPT_QUIET,
    NTA_OPT_TRACE,
    NTA_OPT_OWN
};

/** The number of a row's option: its letter, if it has one. */
enum
{
#define NTA_WORD_NUMBER(symbol, word, member, part, token, refusal, letter, ...)                   \
    NTA_OPT_##symbol = (letter) ? (letter) : NTA_OPT_LETTERLESS_##symbol,
#define NTA_OWN_NUMBER(symbol, word, is_set, parts, letter, ...)                                   \
    NTA_OPT_##symbol = (letter) ? (letter) : NTA_OPT_LETTERLESS_##symbol,
    NTA_FILTERS(NTA_WORD_NUMBER, NTA_OWN_NUMBER)
#undef NTA_WORD_NUMBER
#undef NTA_OWN_NUMBER
};

/* The rows of search/query_rows.h, each as what its name says. */
#define NTA_WORD_LETTERS(symbol, word, member, part, token, refusal, letter, letters, ...) letters
#define NTA_OWN_LETTERS(symbol, word, is_set, parts, letter, letters, ...)                 letters
#define NTA_WORD_OPTION(symbol, word, member, part, token, refusal, letter, letters, name,         \
                        has_argument, help)                                                        \
    {name, has_argument, NULL, NTA_OPT_##symbol},
#define NTA_OWN_OPTION(symbol, word, is_set, parts, letter, letters, name, has_argument, help)     \
    {name, has_argument, NULL, NTA_OPT_##symbol},
#define NTA_WORD_HELP(symbol, word, member, part, token, refusal, letter, letters, name,           \
                      has_argument, help)                                                          \
    help
#define NTA_OWN_HELP(symbol, word, is_set, parts, letter, letters, name, has_argument, help) help

#define NTA_FILTER_LETTERS "S:U:" NTA_FILTERS(NTA_WORD_LETTERS, NTA_OWN_LETTERS) "d:c:k:"

/* clang-format off: it takes the braces for blocks */
#define NTA_WHEN_OPTIONS                                                                           \
    {"since", required_argument, NULL, 'S'}, {"until", required_argument, NULL, 'U'},              \
        {"on", required_argument, NULL, NTA_OPT_ON},                                               \
    {                                                                                              \
        "last", required_argument, NULL, NTA_OPT_LAST                                              \
    }
#define NTA_STORE_OPTIONS                                                                          \
    {"store", required_argument, NULL, 'd'}, {"config", required_argument, NULL, 'c'},             \
        {"key", required_argument, NULL, 'k'},                                                     \
        {"unverified", no_argument, NULL, NTA_OPT_UNVERIFIED},                                     \
    {                                                                                              \
        "quiet", no_argument, NULL, NTA_OPT_QUIET                                                  \
    }
#define NTA_TRACE_OPTION                                                                           \
    {                                                                                              \
        "trace", no_argument, NULL, NTA_OPT_TRACE                                                  \
    }
#define NTA_FILTER_OPTIONS                                                                         \
    NTA_WHEN_OPTIONS, NTA_TRACE_OPTION,                                                            \
        NTA_FILTERS(NTA_WORD_OPTION, NTA_OWN_OPTION){"utc", no_argument, NULL, NTA_OPT_UTC},       \
        NTA_STORE_OPTIONS
/* clang-format on */

/** The paragraph of the help that tells of them. */
#define NTA_FILTER_ROWS_HELP NTA_FILTERS(NTA_WORD_HELP, NTA_OWN_HELP)
#define NTA_FILTER_HELP                                                                            \
    "which records (all that is said must be true of one):\n"                                      \
    "  -S, --since TIME      today, yesterday, monday, \"last week\", 2h, 14:00,\n"                \
    "                        2026-11-20, \"2026-11-20 14:00\", 2026-11-20T14:00:00Z;\n"            \
    "                        local unless it says so\n"                                            \
    "  -U, --until TIME      before then\n"                                                        \
    "      --on WHEN         a day, week, month or year: yesterday, 2026-11-20,\n"                 \
    "                        \"last week\", \"this month\", 2026-10\n"                             \
    "      --last LENGTH     up to now: 90m, 2h, 7d\n" NTA_FILTER_ROWS_HELP                        \
    "      --utc             times in UTC, in what you say and what is shown\n"                    \
    "  -d, --store DIR       a folder of `nta read --store`; default: ntad.conf's\n"               \
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"                  \
    "  -k, --key KEY         trust this sensor (nta-sensor-...) and no other; may be\n"            \
    "                        repeated; default: those of sensors.pub\n"                            \
    "      --unverified      show what does not hold, too, and mark it\n"                          \
    "      --trace           open nothing without a trace (nta audit)\n"                           \
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
    const char *dir, *config; ///< For nta_filters_open(), as the next four.
    bool leaves_trace;        ///< Or nothing is opened.
    const char *keys[NTA_FILTERS_KEYS];
    size_t n_keys;
    bool unverified;
    bool quiet; ///< For nta_proof_conclude().
    /** As given; read when all options are, since --utc may come later. */
    const char *since, *until, *on, *last;
};

/**
 * Take an option that is one of these.  0: taken, 1: not one of these, -EINVAL with the sentence in
 * `err`.
 */
int nta_filters_take(struct nta_filters *filters, int option, char *argument, struct nta_err *err);

/**
 * One moment in words; a local time that never was is said on stderr.  `text` may be NULL: nothing
 * is changed.  0, or -EINVAL with the sentence in `err`, which begins with `option`.
 */
int nta_options_time(const char *option, const char *text, int64_t now_ns,
                     struct nta_moment *ret_moment, struct nta_err *err);

/** After the last option: make times of words.  0, or -EINVAL with the sentence in `err`. */
int nta_filters_finish(struct nta_filters *filters, int64_t now_ns, struct nta_err *err);

/**
 * nta_search_open() with what they say; searches of it leave the trace of this process
 * (trace/reading.h).
 */
int nta_filters_open(const struct nta_filters *filters, struct nta_search **ret_search,
                     struct nta_err *err);

/** How far the search is, on a terminal's standard error (see nta_progress_show()). */
void nta_filters_progress(const struct nta_search_state *state);

/**
 * What is to be said at the end of a search, on standard error, and the exit status: what does not
 * hold (nta_proof_conclude()), and how far it came if it was stopped (then the program ends by that
 * signal, unless that is how it `ends_so`).
 */
int nta_filters_conclude(const struct nta_filters *filters, struct nta_search *search,
                         const struct nta_search_state *state, bool ends_so);

/** Behind "Nothing found", on standard output: where else a user is looked for who has a name. */
void nta_filters_hint(const struct nta_filters *filters);

/** Free what they own. */
void nta_filters_done(struct nta_filters *filters);
