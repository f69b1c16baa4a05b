/* SPDX-License-Identifier: Apache-2.0 */
/* nta records, nta alerts: what is kept, found by tokens, opened, and shown. */
#include "alert/alert.h"
#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"
#include "cmd.h"
#include "csv.h"
#include "filters.h"
#include "record/json.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: nta %s [OPTIONS]\n\n"
    "Show %s that are kept, oldest first.  Needs the auditor's key.\n\n" NTA_FILTER_HELP
    "\nhow they are shown:\n"
    "  -n, --limit N         stop after so many\n"
    "  -j, --json            one JSON object a line\n"
    "      --csv             comma-separated values with a head line, safe for spreadsheets\n"
    "  -h, --help            this text\n";

enum form
{
    FORM_LINES,
    FORM_JSON,
    FORM_CSV
};

struct listing
{
    const char *command;
    struct nta_filters filters;
    struct nta_search_options options;
    enum form form;
    bool colour;
    struct nta_buf line;
};

enum
{
    OPT_CSV = NTA_OPT_OWN
};

static const struct option options[] = {
    NTA_FILTER_OPTIONS,
    {"limit", required_argument, NULL, 'n'},
    {"json", no_argument, NULL, 'j'},
    {"csv", no_argument, NULL, OPT_CSV},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int set_limit(struct listing *listing, const char *text, struct nta_err *err)
{
    char *end = NULL;

    listing->options.limit = strtoull(text, &end, 10);
    if (end == text || *end || listing->options.limit == 0)
        return nta_err_set(err, -EINVAL, "--limit: a number from 1 on");
    return 0;
}

static int take_option(struct listing *listing, int c, struct nta_err *err)
{
    switch (c) {
    case 'n': return set_limit(listing, optarg, err);
    case 'j': listing->form = FORM_JSON; return 0;
    case OPT_CSV: listing->form = FORM_CSV; return 0;
    default: break;
    }
    int r = nta_filters_take(&listing->filters, c, optarg, err);

    return r < 0 ? r : r == 1 ? 0 : nta_err_set(err, -EINVAL, "%s", "");
}

static int take_options(struct listing *listing, int argc, char **argv)
{
    struct nta_err err = {0};
    int c;

    while ((c = getopt_long(argc, argv, NTA_FILTER_LETTERS "n:jh", options, NULL)) != -1) {
        if (c == 'h') {
            (void)printf(help, listing->command, listing->command);
            return NTA_EXIT_OK;
        }
        if (take_option(listing, c, &err) < 0) {
            if (err.text[0])
                (void)nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text);
            return nta_cmd_usage(listing->command);
        }
    }
    if (optind < argc) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "too many arguments");
        return nta_cmd_usage(listing->command);
    }
    if (nta_filters_finish(&listing->filters, nta_clock_wall_ns(), &err) < 0)
        return nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text);
    return -1;
}

static void show(struct listing *listing, const struct nta_record *record, const char *id)
{
    nta_buf_clear(&listing->line);
    switch (listing->form) {
    case FORM_JSON: nta_record_json(&listing->line, record, id); break;
    case FORM_CSV: nta_csv_row(&listing->line, record, id); break;
    case FORM_LINES: nta_record_line(&listing->line, record, listing->colour); break;
    }
    nta_buf_put_u8(&listing->line, '\n');
    if (!listing->line.failed)
        (void)fwrite(listing->line.ptr, 1, listing->line.len, stdout);
}

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    char id[NTA_FOUND_ID_SIZE];

    (void)err;
    show(owner, found->record, nta_found_id(found, id));
    return 0;
}

static int list(struct listing *listing)
{
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    struct nta_search_state state = {0};
    struct nta_err err = {0};
    int r = nta_search_open(listing->filters.dir, listing->filters.config, &search, &err);

    if (r == 0 && listing->form == FORM_CSV)
        nta_csv_head(stdout);
    if (r == 0)
        r = nta_search_each(search, &listing->filters.query, &listing->options, on_found, listing,
                            &state, &err);
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    if (fflush(stdout) != 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(errno));
    if (state.n_unreadable)
        return nta_cmd_fail(NTA_EXIT_INPUT, "%" PRIu64 " batches could not be opened: %s",
                            state.n_unreadable, state.trouble);
    if (state.n_found == 0 && listing->form == FORM_LINES)
        (void)puts("Nothing found.");
    return NTA_EXIT_OK;
}

static int run(struct listing *listing, int argc, char **argv)
{
    int status = take_options(listing, argc, argv);

    if (status < 0) {
        listing->colour = nta_cmd_colour(stdout);
        status = list(listing);
    }
    nta_filters_done(&listing->filters);
    nta_buf_done(&listing->line);
    return status;
}

int nta_cmd_records(int argc, char **argv)
{
    struct listing listing = {.command = "records"};

    return run(&listing, argc, argv);
}

int nta_cmd_alerts(int argc, char **argv)
{
    struct listing listing = {.command = "alerts", .filters.query.events = 1U << NTA_RECORD_ALERT};

    return run(&listing, argc, argv);
}
