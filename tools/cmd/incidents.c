/* SPDX-License-Identifier: Apache-2.0 */
/* nta incidents: what one user did with one listed site, as one thing; and what is said of it. */
#include "base/own.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "incident/json.h"
#include "incidents/find.h"
#include "incidents/note.h"
#include "incidents/said.h"
#include "incidents/show.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/pager.h"
#include "output/term.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char help[] =
    "usage: nta incidents [OPTIONS]\n"
    "       nta incidents ID\n"
    "       nta incidents ID --status open|closed|false [--note TEXT]\n\n"
    "Show what one user did with one listed site, as one thing: files, names,\n"
    "evidence, alerts.  Downloads come first, then uploads, visits and lookups; of\n"
    "these the most severe and the largest.  An incident goes on while pauses are at\n"
    "most 30 minutes, and lasts less than 24 hours; it is shown if any of its\n"
    "records is what is asked for, and always whole.  Needs the auditor's key.\n\n"
    "ID is that of the table, or of any of its records.  What is said of an incident\n"
    "is a signed record; the ntad that saw it writes it.\n\n"
    "  -n, --limit N         the first N\n"
    "      --sort WHAT       first by: " NTA_ORDER_WORDS "\n"
    "                        default: act, severity, bytes\n"
    "      --status STATUS   without ID, only these: new, open, closed, false\n"
    "      --note TEXT       why, 1000 bytes at most\n"
    "  -j, --json            one JSON object a line\n"
    "      --csv             comma-separated values with a head line\n"
    "      --color=WHEN      auto (on terminals, unless NO_COLOR is set), always,\n"
    "                        never\n"
    "      --no-pager        do not page\n"
    "  -h, --help            this text\n\n" NTA_FILTER_HELP "\n"
    "examples:\n"
    "  nta incidents --since yesterday\n"
    "  nta incidents 12-0 --status closed --note \"talked to Ann\"\n";

enum form
{
    FORM_TABLE,
    FORM_JSON,
    FORM_CSV
};

struct listing
{
    struct nta_filters filters;
    enum form form;
    enum nta_colour colour;
    bool no_pager;
    const char *id, *text;
    uint8_t status; ///< 0: not given.
    enum nta_order order;
    uint64_t limit;                  ///< 0: none.
    struct nta_search *search;       ///< Owned.
    struct nta_incidents *incidents; ///< Owned.
    struct nta_search_state state;
    struct nta_incident_show show;
    uint64_t n_shown, n_fits, n_files, n_downloads;
    bool is_gone; ///< Nobody reads any more.
};

enum
{
    OPT_CSV = NTA_OPT_OWN,
    OPT_SORT,
    OPT_STATUS,
    OPT_NOTE,
    OPT_COLOUR,
    OPT_NO_PAGER
};

static const struct option known_options[] = {
    NTA_FILTER_OPTIONS,
    {"limit", required_argument, NULL, 'n'},
    {"sort", required_argument, NULL, OPT_SORT},
    {"status", required_argument, NULL, OPT_STATUS},
    {"note", required_argument, NULL, OPT_NOTE},
    {"json", no_argument, NULL, 'j'},
    {"csv", no_argument, NULL, OPT_CSV},
    {"color", optional_argument, NULL, OPT_COLOUR},
    {"colour", optional_argument, NULL, OPT_COLOUR},
    {"no-pager", no_argument, NULL, OPT_NO_PAGER},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int take_status(struct listing *listing, const char *word, struct nta_err *err)
{
    listing->status = nta_status_number(word);
    return listing->status ? 0 : nta_err_set(err, -EINVAL, "--status: new, open, closed or false");
}

static int take_order(struct listing *listing, const char *word, struct nta_err *err)
{
    listing->order = nta_order_find(word);
    return listing->order < NTA_N_ORDERS ? 0
                                         : nta_err_set(err, -EINVAL, "--sort: " NTA_ORDER_WORDS);
}

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct listing *listing = owner;

    switch (option) {
    case 'n': return nta_options_number("--limit", optarg, 1, UINT64_MAX, &listing->limit, err);
    case 'j': listing->form = FORM_JSON; return 0;
    case OPT_CSV: listing->form = FORM_CSV; return 0;
    case OPT_SORT: return take_order(listing, optarg, err);
    case OPT_STATUS: return take_status(listing, optarg, err);
    case OPT_NOTE: listing->text = optarg; return 0;
    case OPT_COLOUR: return nta_colour_parse(optarg, &listing->colour, err);
    case OPT_NO_PAGER: listing->no_pager = true; return 0;
    default: return 1;
    }
}

static int check_options(void *owner, char **arguments, int n_arguments, struct nta_err *err)
{
    struct listing *listing = owner;

    listing->id = n_arguments ? arguments[0] : NULL;
    if (listing->text && (!listing->id || !listing->status))
        return nta_err_set(err, -EINVAL,
                           "--note: of which incident? ID --status STATUS --note TEXT");
    if (listing->text && strlen(listing->text) > NTA_NOTE_TEXT_MAX)
        return nta_err_set(err, -EINVAL, "--note: %d bytes at most", NTA_NOTE_TEXT_MAX);
    return 0;
}

static const struct nta_options options = {
    .command = "incidents",
    .known = known_options,
    .letters = NTA_FILTER_LETTERS "n:jh",
    .help = help,
    .n_arguments = 1,
    .take = take_option,
    .check = check_options,
};

/* ---- what is written ---- */

static void write_out(struct listing *listing, struct nta_buf *text)
{
    if (!listing->is_gone && text->len && fwrite(text->ptr, 1, text->len, stdout) != text->len)
        listing->is_gone = true;
    nta_buf_clear(text);
}

static void put_one(struct listing *listing, const struct nta_incident *incident,
                    const struct nta_incident_detail *detail, struct nta_buf *text)
{
    switch (listing->form) {
    case FORM_TABLE: nta_incident_put_row(text, &listing->show, incident, detail); break;
    case FORM_CSV: nta_incident_csv(text, &listing->show, incident, detail); break;
    case FORM_JSON:
        nta_incident_json(text, listing->incidents, incident, detail, listing->show.checked);
        nta_buf_puts(text, "\n");
        break;
    }
}

static bool is_wanted(struct listing *listing, const struct nta_incident *incident)
{
    if (!incident->fits || (listing->status && listing->status != incident->status))
        return false;
    listing->n_fits++;
    listing->n_files += incident->n_files;
    listing->n_downloads += nta_incident_has_download(incident);
    return !listing->limit || listing->n_fits <= listing->limit;
}

static int put_all(struct listing *listing, struct nta_buf *text)
{
    for (size_t i = 0; i < nta_incidents_count(listing->incidents); i++) {
        const struct nta_incident *incident = nta_incidents_get(listing->incidents, i);
        NTA_AUTO(nta_incident_detail_free) struct nta_incident_detail *detail = NULL;

        if (!is_wanted(listing, incident) || listing->is_gone)
            continue;
        int r = nta_incident_detail_new(listing->incidents, incident, &detail);

        if (r < 0)
            return r;
        if (listing->n_shown++ == 0 && listing->form == FORM_TABLE)
            nta_incident_put_head(text, &listing->show);
        put_one(listing, incident, detail, text);
        write_out(listing, text);
    }
    return 0;
}

/** What there is in all. */
static void put_sum(const struct listing *listing)
{
    if (listing->n_fits == 0) {
        (void)puts(nta_proof_nothing(listing->search));
        return;
    }
    if (listing->show.columns == 0)
        return;
    nta_prose_print(stdout,
                    "\n%" PRIu64 " incident%s, %" PRIu64 " with a download; %" PRIu64
                    " file%s in all.\n",
                    listing->n_fits, listing->n_fits == 1 ? "" : "s", listing->n_downloads,
                    listing->n_files, listing->n_files == 1 ? "" : "s");
}

/** What `-n` left out, in whatever form the others are; behind the last line. */
static void say_rest(const struct listing *listing)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    if (listing->is_gone || listing->n_shown >= listing->n_fits)
        return;
    nta_put_more(&text, (struct nta_more){.n = listing->n_fits - listing->n_shown,
                                          .behind = listing->order == NTA_ORDER_ACT
                                                        ? "lighter than these"
                                                        : "behind these, by --sort",
                                          .how = "without -n"});
    nta_prose_print(stderr, "nta: %.*s\n", (int)text.len, (const char *)text.ptr);
}

/** Nothing is left out in silence: whoever has the lines alone reads it, too. */
static void put_left_out(struct listing *listing, struct nta_buf *text)
{
    const uint64_t n = nta_incidents_left_out(listing->incidents);

    if (n && listing->form == FORM_JSON)
        nta_buf_printf(text, "{\"left_out\":%" PRIu64 "}\n", n);
    if (n && listing->form == FORM_CSV)
        nta_buf_printf(text, "\"and at least %" PRIu64 " more, lighter than these\"\n", n);
    write_out(listing, text);
}

static int list(struct listing *listing, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    const struct nta_find_options find = {.stop = nta_catch_stop()};
    int r = nta_find_incidents(&listing->filters, listing->search, &find, &listing->incidents,
                               &listing->state, err);

    if (r < 0)
        return r;
    nta_progress_wipe();
    if (listing->order != NTA_ORDER_ACT)
        nta_incidents_order(listing->incidents, listing->order);
    listing->show.incidents = listing->incidents;
    listing->show.checked = nta_proof_state(listing->search) != NTA_PROOF_UNCHECKED;
    listing->show.one_sensor = nta_incident_one_sensor(listing->incidents);
    if (listing->form == FORM_TABLE && !listing->no_pager)
        nta_pager_start();
    if (listing->form == FORM_CSV)
        nta_incident_csv_head(&text);
    if (listing->form == FORM_TABLE && listing->show.columns)
        nta_incidents_put_said(&text, listing->incidents, listing->show.columns);
    write_out(listing, &text);
    if (put_all(listing, &text) < 0)
        return nta_err_sys(err, -ENOMEM, "incidents");
    if (listing->form == FORM_TABLE)
        put_sum(listing);
    put_left_out(listing, &text);
    return 0;
}

static int show_one(struct listing *listing, struct nta_err *err)
{
    NTA_AUTO(nta_incident_detail_free) struct nta_incident_detail *detail = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    const struct nta_find_options find = {.stop = nta_catch_stop()};
    struct nta_found_incident found = {.incident = NULL};
    int r = nta_find_incident(&listing->filters, listing->search, listing->id, &find, &found, err);
    const struct nta_incident *incident = found.incident;

    listing->incidents = found.incidents;
    nta_progress_wipe();
    if (r < 0)
        return r;
    if (listing->status) {
        const struct nta_incident_note note = {incident->id, listing->status,
                                               listing->text ? listing->text : ""};

        return nta_incident_say(&listing->filters, &note);
    }
    listing->show.incidents = listing->incidents;
    listing->show.checked = nta_proof_state(listing->search) != NTA_PROOF_UNCHECKED;
    listing->show.one_sensor = nta_incident_one_sensor(listing->incidents);
    if (nta_incident_detail_new(listing->incidents, incident, &detail) < 0)
        return nta_err_sys(err, -ENOMEM, "incidents");
    if (listing->form == FORM_TABLE)
        nta_incident_put_whole(&text, &listing->show, incident, detail);
    else if (listing->form == FORM_CSV)
        nta_incident_csv_head(&text);
    if (listing->form != FORM_TABLE)
        put_one(listing, incident, detail, &text);
    write_out(listing, &text);
    return 0;
}

static int run(struct listing *listing)
{
    const unsigned columns = nta_prose_columns(stdout);
    struct nta_err err = {0};

    listing->show.columns = columns;
    listing->show.colour = nta_colour_wanted(listing->colour, stdout);
    int r = nta_filters_open(&listing->filters, &listing->search, &err);

    if (r == 0)
        r = listing->id ? show_one(listing, &err) : list(listing, &err);
    const bool by_pager = nta_pager_runs();

    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout))
        listing->is_gone = true;
    const int write_error = errno ? errno : EIO;

    nta_pager_end();
    if (r < 0)
        return nta_cmd_fail(r == -ENOENT && listing->search ? NTA_EXIT_INPUT : nta_proof_failed(r),
                            "%s", err.text);
    if (listing->is_gone && !by_pager)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(write_error));
    say_rest(listing);
    const int is_short = nta_find_say_lacks(listing->incidents) ? NTA_EXIT_INPUT : NTA_EXIT_OK;
    const int status =
        nta_filters_conclude(&listing->filters, listing->search, &listing->state, false);

    if (r)
        return r;
    return status ? status : is_short;
}

int nta_cmd_incidents(int argc, char **argv)
{
    struct listing listing = {.form = FORM_TABLE};
    int status = nta_options_parse(&options, &listing.filters, &listing, argc, argv);

    if (status < 0)
        status = run(&listing);
    nta_incidents_free(&listing.incidents);
    nta_search_close(&listing.search);
    nta_filters_done(&listing.filters);
    return status;
}
