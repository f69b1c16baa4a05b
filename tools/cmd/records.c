/* SPDX-License-Identifier: Apache-2.0 */
/* nta records, nta alerts, nta downloads: what is kept, found by tokens, opened, and shown. */
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "options/filters.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/kinds.h"
#include "output/listing.h"
#include "output/term.h"
#include "sort/sorted.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: nta %s [OPTIONS]\n\n"
    "Show %s that are kept, in the order of the sealed batches they lie in,\n"
    "sensor by sensor: times jump between one batch and the next, unless they are\n"
    "sorted.  Needs the auditor's key.\n\n" NTA_FILTER_HELP "\n"
    "how they are shown:\n"
    "  -n, --limit N         the newest so many; sorted: the first so many\n"
    "      --reverse         the newest first; sorted: the last first\n"
    "      --sort WHAT       first by " NTA_ORDER_WORDS "\n"
    "  -f, --follow          what is recorded from now on; --since: and before\n"
    "  -j, --json            one JSON object a line\n"
    "      --csv             CSV with a head line, safe for spreadsheets\n"
    "      --fields A,B,...  these fields only (below), in this order\n"
    "  -w, --wide            whole lines instead of columns, nothing cut\n"
    "      --resolve[=SERVER]  ask DNS for the names of addresses (the server learns\n"
    "                          which)\n"
    "      --color=WHEN      auto (on terminals, unless NO_COLOR is set), always,\n"
    "                        never\n"
    "      --no-pager        do not page; NTA_PAGER and PAGER name another one than\n"
    "                        less\n"
    "  -h, --help            this text\n\n"
    "examples:\n"
    "  nta %s --user 10.9.0.5 --since 2h\n"
    "  nta %s --site bad.example --on \"last week\" --csv > week.csv\n"
    "  nta %s --follow\n\n"
    "fields (--fields):";

struct listing_run
{
    const char *command;
    struct nta_filters filters;
    struct nta_search_options options;
    struct nta_listing listing;
    struct nta_search *search;    ///< Owned.
    struct nta_proof_shown shown; ///< While following.
    bool follow;
    bool reverse;    ///< The newest first, or an order turned round.
    bool in_trouble; ///< Said once.
    const char *server;
    bool resolve;
    enum nta_order order;      ///< NTA_N_ORDERS: as they come.
    struct nta_sorted *sorted; ///< Owned; NULL: not sorted:
    bool turned;
    uint64_t limit, n_shown; ///< of so many (0: all) so many are shown,
    uint64_t n_left_out;
    bool is_cut; ///< and more than can be held were left out.
};

enum
{
    SORTED_MAX = 100000,
    SORTED_BYTES = 256 << 20, ///< Of these as they are stored.
};

enum
{
    OPT_CSV = NTA_OPT_OWN,
    OPT_FIELDS,
    OPT_SORT,
    OPT_REVERSE,
    OPT_RESOLVE,
    OPT_COLOUR,
    OPT_NO_PAGER
};

static const struct option known_options[] = {
    NTA_FILTER_OPTIONS,
    {"limit", required_argument, NULL, 'n'},
    {"follow", no_argument, NULL, 'f'},
    {"reverse", no_argument, NULL, OPT_REVERSE},
    {"json", no_argument, NULL, 'j'},
    {"csv", no_argument, NULL, OPT_CSV},
    {"sort", required_argument, NULL, OPT_SORT},
    {"fields", required_argument, NULL, OPT_FIELDS},
    {"wide", no_argument, NULL, 'w'},
    {"resolve", optional_argument, NULL, OPT_RESOLVE},
    {"color", optional_argument, NULL, OPT_COLOUR},
    {"colour", optional_argument, NULL, OPT_COLOUR},
    {"no-pager", no_argument, NULL, OPT_NO_PAGER},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int take_order(struct listing_run *run, const char *word, struct nta_err *err)
{
    run->order = nta_order_find(word);
    return run->order < NTA_N_ORDERS ? 0 : nta_err_set(err, -EINVAL, "--sort: " NTA_ORDER_WORDS);
}

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct listing_run *run = owner;
    struct nta_listing *listing = &run->listing;

    switch (option) {
    case 'n': return nta_options_number("--limit", optarg, 1, UINT64_MAX, &run->options.limit, err);
    case 'f': run->follow = true; return 0;
    case 'j': listing->form = NTA_FORM_JSON; return 0;
    case OPT_CSV: listing->form = NTA_FORM_CSV; return 0;
    case OPT_REVERSE: run->reverse = true; return 0;
    case OPT_SORT: return take_order(run, optarg, err);
    case OPT_FIELDS: return nta_fields_parse(optarg, &listing->fields, err);
    case 'w': listing->wide = true; return 0;
    case OPT_RESOLVE:
        run->resolve = true;
        run->server = optarg;
        return 0;
    case OPT_COLOUR: return nta_colour_parse(optarg, &listing->colour, err);
    case OPT_NO_PAGER: listing->pager = false; return 0;
    default: return 1;
    }
}

static int check_options(void *owner, char **arguments, int n_arguments, struct nta_err *err)
{
    const struct listing_run *run = owner;

    (void)arguments;
    (void)n_arguments;
    if (run->follow && (run->order != NTA_N_ORDERS || run->reverse))
        return nta_err_set(err, -EINVAL,
                           "--follow shows what comes as it comes: without --sort and --reverse");
    if (run->options.limit > SORTED_MAX && !run->follow)
        return nta_err_set(err, -EINVAL, "--limit: at most %d; without it, all come", SORTED_MAX);
    return 0;
}

static void print_help(const void *owner)
{
    const struct listing_run *run = owner;
    NTA_AUTO(nta_buf_done) struct nta_buf names = {0};

    nta_fields_list(&names, "  ");
    nta_buf_puts(&names, "\n");
    (void)printf(help, run->command, run->command, run->command, run->command, run->command);
    (void)printf("\n%.*s", (int)names.len, (const char *)names.ptr);
}

static void on_progress(void *owner, const struct nta_search_state *state)
{
    struct listing_run *run = owner;

    if (run->follow)
        return;
    if (!nta_listing_measures(&run->listing))
        (void)nta_listing_flush(&run->listing);
    if (run->listing.is_begun && isatty(STDOUT_FILENO))
        return; /* the terminal has lines already */
    nta_filters_progress(state);
}

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct listing_run *run = owner;

    if (run->sorted)
        return nta_sorted_add(run->sorted, found) < 0 ? nta_err_sys(err, -ENOMEM, "sorting") : 0;
    return nta_listing_show(&run->listing, found, err);
}

static int show_sorted(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct listing_run *run = owner;

    run->n_shown++;
    return nta_listing_show(&run->listing, found, err);
}

/** Batches of several sensors, and slices of a connection, come as they were sealed. */
static bool is_by_time(const struct listing_run *run)
{
    return run->order == NTA_N_ORDERS && !run->follow && (run->options.limit || run->reverse);
}

/** The limit is one of what is shown: all is read. */
static int begin_sorting(struct listing_run *run, struct nta_err *err)
{
    const uint64_t limit = run->options.limit;
    const enum nta_order order = is_by_time(run) ? NTA_ORDER_TIME : run->order;

    if (order == NTA_N_ORDERS)
        return 0;
    run->turned = is_by_time(run) ? !run->reverse : run->reverse;
    run->options.limit = 0;
    run->limit = limit;
    run->sorted = nta_sorted_new(order, limit && limit < SORTED_MAX ? (size_t)limit : SORTED_MAX,
                                 SORTED_BYTES);
    return run->sorted ? 0 : nta_err_sys(err, -ENOMEM, "sorting");
}

static int end_sorting(struct listing_run *run, struct nta_err *err)
{
    const int r = nta_sorted_each(run->sorted, run->turned, show_sorted, run, err);

    run->n_left_out = nta_sorted_left_out(run->sorted);
    run->is_cut = run->n_left_out && (!run->limit || run->n_shown < run->limit);
    return r < 0 ? r : 0;
}

/** Behind the last line, when the pager has ended. */
static void say_left_out(const struct listing_run *run)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    if (!run->n_left_out)
        return;
    nta_put_more(&text,
                 (struct nta_more){.n = run->n_left_out,
                                   .behind = run->order != NTA_N_ORDERS ? "behind these, by --sort"
                                             : run->reverse             ? "younger than these"
                                                                        : "older than these",
                                   .how = run->is_cut ? "no more can be held, narrow the search"
                                                      : "without -n"});
    nta_prose_print(stderr, "nta: %.*s\n", (int)text.len, (const char *)text.ptr);
}

static void on_idle(void *owner)
{
    struct listing_run *run = owner;

    run->in_trouble = false;
    (void)nta_listing_flush(&run->listing);
    nta_proof_show(run->search, &run->shown);
}

/** A server that is away comes back; what was shown is not shown again. */
static bool on_trouble(void *owner, const struct nta_err *err)
{
    struct listing_run *run = owner;

    if (!run->in_trouble)
        nta_prose_print(stderr, "nta: %s; trying again\n", err->text);
    run->in_trouble = true;
    return true;
}

static int search(struct listing_run *run, struct nta_search_state *ret_state, struct nta_err *err)
{
    struct nta_query *query = &run->filters.query;
    int r = run->resolve ? nta_resolve_new(run->server, &run->listing.resolve, err) : 0;

    if (r == 0)
        r = begin_sorting(run, err);
    if (r == 0)
        r = nta_filters_open(&run->filters, &run->search, err);
    if (r < 0)
        return r;
    if (run->follow && !query->since_ns)
        query->since_ns = nta_clock_wall_ns();
    if (run->follow && isatty(STDERR_FILENO))
        nta_prose_print(stderr, "nta: waiting for what is recorded from now on; Ctrl-C ends it\n");
    run->options.each = on_found;
    run->options.owner = run;
    run->options.stop = nta_catch_stop();
    run->options.progress = on_progress;
    run->options.idle = on_idle;
    run->options.trouble = on_trouble;
    run->listing.marks = run->filters.unverified;
    nta_listing_begin(&run->listing);
    r = run->follow ? nta_search_follow(run->search, query, &run->options, ret_state, err)
                    : nta_search_each(run->search, query, &run->options, ret_state, err);
    return r == 0 && run->sorted ? end_sorting(run, err) : r;
}

/** What a search that asked for a type or kind of file would have found of others. */
static int tally_file(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct nta_kinds *kinds = owner;

    (void)err;
    nta_kinds_add(kinds, &found->record->file);
    return 0;
}

/** Nothing: and what there is, where a kind or a type was asked for. */
static void say_nothing(struct listing_run *run, struct nta_search_state *state)
{
    struct nta_query *query = &run->filters.query;
    struct nta_kinds kinds = {.n = 0};
    struct nta_search_options options = {
        .each = tally_file, .owner = &kinds, .stop = run->options.stop};
    struct nta_err err = {0};
    char *type = query->type;
    const uint16_t wanted = query->kinds;

    (void)puts(nta_proof_nothing(run->search));
    nta_filters_hint(&run->filters);
    if (!type && !wanted)
        return;
    query->type = NULL;
    query->kinds = 0;
    struct nta_search_state again = *state;

    if (nta_search_each(run->search, query, &options, &again, &err) == 0)
        nta_kinds_print(&kinds, stdout);
    query->type = type;
    query->kinds = wanted;
}

static int list(struct listing_run *run)
{
    struct nta_search_state state = {0};
    struct nta_err err = {0};
    int r = search(run, &state, &err);
    int written = nta_listing_end(&run->listing);

    say_left_out(run);
    if (r < 0)
        return nta_cmd_fail(nta_proof_failed(r), "%s", err.text);
    if (written < 0 && !state.is_stopped)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(-written));
    if (state.n_found == 0 && run->listing.form == NTA_FORM_LINES && !run->follow &&
        !state.is_stopped)
        say_nothing(run, &state);
    (void)fflush(stdout);
    const int status = nta_filters_conclude(&run->filters, run->search, &state, run->follow);

    return status ? status : run->is_cut ? NTA_EXIT_INPUT : NTA_EXIT_OK;
}

static int run(struct listing_run *run, int argc, char **argv)
{
    const struct nta_options options = {
        .command = run->command,
        .known = known_options,
        .letters = NTA_FILTER_LETTERS "n:fjwh",
        .print_help = print_help,
        .take = take_option,
        .check = check_options,
    };
    int status = nta_options_parse(&options, &run->filters, run, argc, argv);

    if (status < 0) {
        run->listing.pager = run->listing.pager && !run->follow;
        status = list(run);
    }
    nta_search_close(&run->search);
    nta_filters_done(&run->filters);
    nta_listing_done(&run->listing);
    nta_sorted_free(&run->sorted);
    return status;
}

int nta_cmd_records(int argc, char **argv)
{
    struct listing_run listing = {
        .command = "records", .listing.pager = true, .order = NTA_N_ORDERS};

    return run(&listing, argc, argv);
}

int nta_cmd_alerts(int argc, char **argv)
{
    struct listing_run listing = {.command = "alerts",
                                  .listing = {.pager = true, .what = NTA_FIELDS_OF_ALERTS},
                                  .order = NTA_N_ORDERS,
                                  .filters.query.events = 1U << NTA_RECORD_ALERT};

    return run(&listing, argc, argv);
}

int nta_cmd_downloads(int argc, char **argv)
{
    struct listing_run listing = {.command = "downloads",
                                  .listing = {.pager = true, .what = NTA_FIELDS_OF_DOWNLOADS},
                                  .order = NTA_N_ORDERS,
                                  .filters.query.events = 1U << NTA_RECORD_DOWNLOAD};

    return run(&listing, argc, argv);
}
