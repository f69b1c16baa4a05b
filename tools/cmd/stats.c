/* SPDX-License-Identifier: Apache-2.0 */
/* nta stats: how much of what, by whom, where and when. */
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "options/filters.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/pager.h"
#include "output/term.h"
#include "record/counted.h"
#include "search/when.h"
#include "stats/connections.h"
#include "stats/stats_show.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: nta stats [--by WHAT] [OPTIONS]\n\n"
    "Count what is kept: records, different users, bytes, first and last time,\n"
    "share.  Needs the auditor's key.  Connections, requests and lookups are counted\n"
    "(of HTTP, and where bytes are those of requests, the requests; of a long\n"
    "connection, each slice), as in reports, unless --event says others.\n"
    "No byte counts twice: bytes are those on the wire; of HTTP by site what each\n"
    "request moved; of files and of what lists forbid (by type, list or category,\n"
    "--type, --downloads, --list, --category, --matched) what each request moved,\n"
    "and of connections what no request tells.  What the sensor does not record\n"
    "(record.flows, record.requests) is not counted, and that is said.  Outer\n"
    "connections of tunnels are left out, since what they carried is counted, unless\n"
    "--app names the tunnel or only matches are counted.\n\n"
    "  -b, --by WHAT         user, site, registrable-domain (example.co.uk), list,\n"
    "                        category, country, city, asn, hour, weekday, day,\n"
    "                        month, app, type (of files), act, seen, grade or\n"
    "                        severity; without: the first of user, site, list,\n"
    "                        country and app\n"
    "  -t, --top N           so many rows (20; 0: all)\n"
    "      --sort WHAT       bytes, count, users or time; or by the weightiest that\n"
    "                        a list forbids: act, severity, grade, seen\n"
    "      --against WHEN    hold against an earlier time of the same length:\n"
    "                        yesterday, last-week, last-month, last-year, or before\n"
    "                        (right before --since)\n\n";

static const char help_more[] = NTA_FILTER_HELP
    "\n"
    "how they are shown:\n"
    "  -j, --json            one JSON object a line\n"
    "      --csv             comma-separated values with a head line, safe for\n"
    "                        spreadsheets\n"
    "      --color=WHEN      auto (on terminals, unless NO_COLOR is set), always,\n"
    "                        never\n"
    "      --no-pager        do not page; NTA_PAGER and PAGER name another one than\n"
    "                        less\n"
    "  -h, --help            this text\n\n"
    "examples:\n"
    "  nta stats --by country --since today\n"
    "  nta stats --by user --downloads --on \"last week\"\n"
    "  nta stats --by registrable-domain --against last-week\n";

enum
{
    OPT_CSV = NTA_OPT_OWN,
    OPT_SORT,
    OPT_AGAINST,
    OPT_COLOUR,
    OPT_NO_PAGER,
    TOP = 20,
    OVERVIEW_TOP = 5 ///< Of each table of several.
};

/** Bits of a query's events. */
enum
{
    FLOWS = 1 << NTA_RECORD_FLOW,
    REQUESTS = 1 << NTA_RECORD_REQUEST,
    LOOKUPS = 1 << NTA_RECORD_LOOKUP ///< Questions of DNS over UDP have bytes, and no flow.
};

/** Enough keys for both together to stay within the bound that one has alone. */
#define KEYS_OF_TWO 131072

static const struct option known_options[] = {
    NTA_FILTER_OPTIONS,
    {"by", required_argument, NULL, 'b'},
    {"top", required_argument, NULL, 't'},
    {"sort", required_argument, NULL, OPT_SORT},
    {"against", required_argument, NULL, OPT_AGAINST},
    {"json", no_argument, NULL, 'j'},
    {"csv", no_argument, NULL, OPT_CSV},
    {"color", optional_argument, NULL, OPT_COLOUR},
    {"colour", optional_argument, NULL, OPT_COLOUR},
    {"no-pager", no_argument, NULL, OPT_NO_PAGER},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/** What is counted by where nothing is named. */
static const char *const overview[] = {"user", "site", "list", "country", "app"};

struct counting
{
    struct nta_filters filters;
    struct nta_search *search; ///< Owned.
    struct nta_stats_view view;
    enum nta_colour colour;
    const char *against;
    bool no_pager, top_given;
    bool is_overview; ///< By several, one after the other: none was named.
    enum nta_counting kind;
    struct nta_counting_seen seen;
    bool no_outer_flows;               ///< A tunnel is told by what it carried.
    struct nta_keyer *keyer;           ///< Owned.
    struct nta_connections *left;      ///< Owned.
    struct nta_counts *now, *before;   ///< Owned.
    struct nta_counts *current;        ///< One of these.
    struct nta_search_state state;     ///< Of the search that ended last, or
    struct nta_search_options options; ///< goes on.
};

static int set_top(struct counting *counting, const char *text, struct nta_err *err)
{
    uint64_t top = 0;
    int r = nta_options_number("--top", text, 0, SIZE_MAX, &top, err);

    counting->view.top = (size_t)top;
    counting->top_given = true;
    return r;
}

static int set_sort(struct counting *counting, const char *text, struct nta_err *err)
{
    static const char *const words[] = {"", "bytes", "count", "users"};

    static_assert(NTA_N_ELEMENTS(words) == NTA_SORT_USERS + 1, "each order has its word");

    for (size_t i = 1; i < NTA_N_ELEMENTS(words); i++) {
        if (strcmp(text, words[i]) == 0) {
            counting->view.sort = (enum nta_stats_sort)i;
            return 0;
        }
    }
    counting->view.sort = NTA_SORT_DID;
    counting->view.order = nta_order_find(text);
    return counting->view.order < NTA_N_ORDERS
               ? 0
               : nta_err_set(err, -EINVAL, "--sort: count, users, " NTA_ORDER_WORDS);
}

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct counting *counting = owner;

    switch (option) {
    case 'b': counting->view.by = nta_by_find(optarg, err); return counting->view.by ? 0 : -EINVAL;
    case 't': return set_top(counting, optarg, err);
    case OPT_SORT: return set_sort(counting, optarg, err);
    case OPT_AGAINST: counting->against = optarg; return 0;
    case 'j': counting->view.form = NTA_STATS_JSON; return 0;
    case OPT_CSV: counting->view.form = NTA_STATS_CSV; return 0;
    case OPT_COLOUR: return nta_colour_parse(optarg, &counting->colour, err);
    case OPT_NO_PAGER: counting->no_pager = true; return 0;
    default: return 1;
    }
}

/** With --against and without --since: the day, week, month or year that it is, up to now. */
static int choose_window(struct counting *counting, int64_t now_ns, struct nta_err *err)
{
    static const char *const units[][2] = {
        {"yesterday", "day"}, {"week", "week"}, {"month", "month"}, {"year", "year"}};
    struct nta_query *query = &counting->filters.query;
    int64_t window_ns[2], ignored[2];

    if (!counting->against)
        return 0;
    if (!query->until_ns)
        query->until_ns = now_ns;
    for (size_t i = 0; i < NTA_N_ELEMENTS(units) && !query->since_ns; i++) {
        if (strcasestr(counting->against, units[i][0]))
            query->since_ns = nta_when_begin(units[i][1], query->until_ns);
    }
    window_ns[0] = query->since_ns;
    window_ns[1] = query->until_ns;
    if (!query->since_ns)
        return nta_err_set(err, -EINVAL, "--against %.40s needs --since", counting->against);
    return nta_when_before(counting->against, window_ns, ignored, err);
}

/**
 * What bytes are looked for: where a connection and its requests may differ, requests tell more.
 */
static enum nta_counting kind_of(const struct nta_query *query, const struct nta_by *by)
{
    const enum nta_counting found = nta_query_counting(query);
    enum nta_counting grouped = NTA_COUNTING_TRAFFIC;

    if (by->parts & (NTA_PART_FILE | NTA_PART_MATCH))
        grouped = NTA_COUNTING_FILES;
    else if (by->parts & NTA_PART_SITE)
        grouped = NTA_COUNTING_SITES;
    return found > grouped ? found : grouped;
}

/** What follows from whom or what is counted by. */
static void count_by(struct counting *counting, const struct nta_by *by)
{
    counting->view.by = by;
    counting->kind = kind_of(&counting->filters.query, by);
    counting->no_outer_flows =
        !nta_query_sums_outer_flows(&counting->filters.query) && by->parts != NTA_PART_MATCH;
    if (!counting->top_given)
        counting->view.top = by->in_order ? 0 : counting->is_overview ? OVERVIEW_TOP : TOP;
}

static int check_options(void *owner, char **arguments, int n_arguments, struct nta_err *err)
{
    struct counting *counting = owner;
    struct nta_query *query = &counting->filters.query;

    (void)arguments;
    (void)n_arguments;
    counting->is_overview = !counting->view.by;
    if (counting->is_overview && (counting->against || counting->view.form != NTA_STATS_TABLE))
        return nta_err_set(err, -EINVAL, "by what? --by user, site, country, ...");
    int r = choose_window(counting, nta_clock_wall_ns(), err);

    query->begun = true;
    if (query->events == 0)
        query->events = FLOWS | REQUESTS | LOOKUPS;
    count_by(counting, counting->is_overview ? nta_by_find(overview[0], err) : counting->view.by);
    return r;
}

static void print_help(const void *owner)
{
    (void)owner;
    (void)fputs(help, stdout);
    (void)fputs(help_more, stdout);
}

static const struct nta_options options = {
    .command = "stats",
    .known = known_options,
    .letters = NTA_FILTER_LETTERS "b:t:jh",
    .print_help = print_help,
    .take = take_option,
    .check = check_options,
};

/** By the record that says most of him. */
static int call(struct counting *counting, const struct nta_record *record)
{
    const unsigned rank = nta_record_user_rank(record);

    if (!nta_counts_wants_name(counting->current, rank))
        return 0;
    return nta_counts_call(counting->current, rank,
                           counting->view.by->call(counting->keyer, record));
}

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct counting *counting = owner;
    const struct nta_record *record = found->record;
    struct nta_span key, user;

    struct nta_counted counted = nta_record_counted(record, counting->kind);

    if (counting->kind == NTA_COUNTING_FILES) {
        const struct nta_counted left = nta_connections_left(counting->left, record, &counted);

        nta_connections_note(counting->left, record, &counted);
        counted.n += left.n;
        counted.up += left.up;
        counted.down += left.down;
    }
    nta_counting_see(&counting->seen, record);
    if (counted.n == 0 && counted.up + counted.down == 0)
        return 0;
    if (record->carrier && counting->no_outer_flows)
        return 0;
    key = counting->view.by->key(counting->keyer, record);
    if (key.len == 0 && counting->view.by->only_some)
        return 0;
    user = nta_keyer_user(counting->keyer, record);
    struct nta_sum one = {
        .n = counted.n,
        .up = counted.up,
        .down = counted.down,
        .n_unverified = found->unverified ? counted.n : 0,
        .bytes_unverified = found->unverified ? counted.up + counted.down : 0,
        .first_ns = record->time_ns,
        .last_ns = record->end_ns ? record->end_ns : record->time_ns,
    };

    if (nta_record_grade(record) != NTA_GRADE_WEAK) /* a hint accuses nobody */
        nta_sum_did(&one, record);
    int r = nta_counts_add(counting->current, key, user, &one);

    if (r == 0 && counting->view.by->call)
        r = call(counting, record);
    return r < 0 ? nta_err_sys(err, r, "statistics") : 0;
}

static void on_progress(void *owner, const struct nta_search_state *state)
{
    (void)owner;
    nta_filters_progress(state);
}

/** What stays where there is no room for all. */
static enum nta_order keeps(const struct nta_stats_view *view)
{
    return view->sort == NTA_SORT_DID ? view->order : NTA_ORDER_BYTES;
}

static int count(struct counting *counting, struct nta_search *search, struct nta_counts **ret,
                 struct nta_err *err)
{
    int r = nta_counts_new(counting->against ? KEYS_OF_TWO : 0, keeps(&counting->view), ret);

    if (r < 0)
        return nta_err_sys(err, r, "statistics");
    counting->current = *ret;
    return nta_search_each(search, &counting->filters.query, &counting->options, &counting->state,
                           err);
}

/** The earlier window first, so that the state at the end is that of the later one. */
static int count_both(struct counting *counting, struct nta_search *search, struct nta_err *err)
{
    struct nta_query *query = &counting->filters.query;
    const int64_t window_ns[2] = {query->since_ns, query->until_ns};
    int64_t before_ns[2];
    int r = nta_when_before(counting->against, window_ns, before_ns, err);

    if (r < 0)
        return r;
    query->since_ns = before_ns[0];
    query->until_ns = before_ns[1];
    r = count(counting, search, &counting->before, err);
    query->since_ns = window_ns[0];
    query->until_ns = window_ns[1];
    if (r == 0 && !counting->state.is_stopped)
        r = count(counting, search, &counting->now, err);
    return r;
}

static int look(struct counting *counting, struct nta_err *err)
{
    int r = counting->search ? 0 : nta_filters_open(&counting->filters, &counting->search, err);

    assert(counting->view.by); /* check_options() */
    if (r < 0)
        return r;
    counting->keyer = nta_keyer_new();
    counting->left = nta_connections_new();
    if (!counting->keyer || !counting->left)
        return nta_err_sys(err, -ENOMEM, "statistics");
    counting->options = (struct nta_search_options){
        .each = on_found,
        .owner = counting,
        .parts = counting->view.by->parts | NTA_USER_KEY_PARTS | NTA_PART_APP | NTA_PART_FLAGS |
                 NTA_PART_COUNTS | NTA_PART_ABOUT | NTA_PART_QUERY | NTA_GRADE_PARTS,
        .stop = nta_catch_stop(),
        .progress = on_progress,
    };
    return counting->against ? count_both(counting, counting->search, err)
                             : count(counting, counting->search, &counting->now, err);
}

static int show(struct counting *counting)
{
    struct nta_stats_view *view = &counting->view;
    bool by_pager;

    nta_progress_wipe();
    view->marks = counting->filters.unverified;
    view->now = counting->now;
    view->before = counting->before;
    view->columns = nta_prose_columns(stdout);
    view->coloured = nta_colour_wanted(counting->colour, stdout);
    if (nta_counts_n(view->now) == 0 && (!view->before || nta_counts_n(view->before) == 0) &&
        view->form == NTA_STATS_TABLE) {
        (void)puts(nta_proof_nothing(counting->search));
        nta_filters_hint(&counting->filters);
        return NTA_EXIT_OK;
    }
    if (!counting->no_pager)
        nta_pager_start();
    by_pager = nta_pager_runs();
    int r = nta_stats_show(view);

    if (r == 0 && fflush(stdout) != 0 && !by_pager)
        r = -errno;
    nta_pager_end();
    return r < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(-r))
                 : NTA_EXIT_OK;
}

static void forget(struct counting *counting)
{
    nta_counts_free(&counting->now);
    nta_counts_free(&counting->before);
    nta_keyer_free(&counting->keyer);
    nta_connections_free(&counting->left);
}

/** A table.  Exit status. */
static int look_and_show(struct counting *counting)
{
    struct nta_err err = {0};
    const int r = look(counting, &err);

    if (r < 0) {
        nta_progress_wipe();
        return nta_cmd_fail(nta_proof_failed(r), "%s", err.text);
    }
    /* stopped: what was counted is shown, and then how far that was */
    return counting->now ? show(counting) : NTA_EXIT_OK;
}

/** The first few of each; of nothing there is one table. */
static int show_overview(struct counting *counting)
{
    struct nta_err ignored;
    int status = NTA_EXIT_OK;

    if (!counting->no_pager)
        nta_pager_start();
    counting->no_pager = true;
    for (size_t i = 0; i < NTA_N_ELEMENTS(overview) && status == NTA_EXIT_OK; i++) {
        forget(counting);
        if (i)
            (void)puts("");
        count_by(counting, nta_by_find(overview[i], &ignored));
        status = look_and_show(counting);
        if (counting->state.is_stopped || (i == 0 && counting->state.n_found == 0))
            break;
    }
    nta_pager_end();
    return status;
}

static int stats(struct counting *counting)
{
    int r, status = counting->is_overview ? show_overview(counting) : look_and_show(counting);

    if (!counting->search)
        return status;
    const char *lacks = nta_counting_lacks(&counting->seen, counting->kind);

    if (lacks)
        nta_prose_print(stderr, "nta: %s\n", lacks);
    r = nta_filters_conclude(&counting->filters, counting->search, &counting->state, false);
    return status ? status : r;
}

int nta_cmd_stats(int argc, char **argv)
{
    struct counting counting = {.against = NULL};
    int status = nta_options_parse(&options, &counting.filters, &counting, argc, argv);

    if (status < 0)
        status = stats(&counting);
    nta_search_close(&counting.search);
    forget(&counting);
    nta_filters_done(&counting.filters);
    return status;
}
