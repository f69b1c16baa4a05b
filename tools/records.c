/* SPDX-License-Identifier: Apache-2.0 */
/* nta records, nta alerts: what is kept, found by tokens, opened, and shown. */
#include "alert/alert.h"
#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"
#include "cmd.h"
#include "csv.h"
#include "query.h"
#include "record/json.h"
#include "stores.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: nta %s [OPTIONS]\n\n"
    "Show %s that are kept, oldest first.  Needs the auditor's key.\n\n"
    "  -S, --since TIME    from then on: 2026-01-31, 2026-01-31T12:00:00Z, yesterday, 2h, 3d\n"
    "  -U, --until TIME    up to then\n"
    "  -u, --user WHO      address, network (10.0.0.0/24), MAC address, name or login\n"
    "  -s, --site NAME     a site and its subdomains\n"
    "  -l, --list NAME     matches of this list\n"
    "  -C, --country CODE  servers in this country (two letters)\n"
    "  -n, --limit N       stop after so many\n"
    "  -j, --json          one JSON object a line\n"
    "      --csv           comma-separated values with a head line, safe for spreadsheets\n"
    "  -d, --store DIR     the folder of `nta read --store`; default: what ntad.conf names\n"
    "  -c, --config FILE   another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help          this text\n";

enum form
{
    FORM_LINES,
    FORM_JSON,
    FORM_CSV
};

struct listing
{
    const char *command;
    struct nta_query query;
    const char *dir, *config;
    uint64_t limit, n_shown, n_unreadable;
    enum form form;
    bool colour;
    struct nta_opener *opener;
    struct nta_batch batch;
    struct nta_record_room room;
    struct nta_buf line;
};

enum
{
    OPT_CSV = 256,
    STOP = 1
};

static const struct option options[] = {
    {"since", required_argument, NULL, 'S'},
    {"until", required_argument, NULL, 'U'},
    {"user", required_argument, NULL, 'u'},
    {"site", required_argument, NULL, 's'},
    {"list", required_argument, NULL, 'l'},
    {"country", required_argument, NULL, 'C'},
    {"limit", required_argument, NULL, 'n'},
    {"json", no_argument, NULL, 'j'},
    {"csv", no_argument, NULL, OPT_CSV},
    {"store", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int set_limit(struct listing *listing, const char *text, struct nta_err *err)
{
    char *end = NULL;

    listing->limit = strtoull(text, &end, 10);
    if (end == text || *end || listing->limit == 0)
        return nta_err_set(err, -EINVAL, "--limit: a number from 1 on");
    return 0;
}

static int take_option(struct listing *listing, int c, struct nta_err *err)
{
    struct nta_query *query = &listing->query;
    int64_t now_ns = nta_clock_wall_ns();

    switch (c) {
    case 'S': return nta_query_time(optarg, now_ns, &query->since_ns, err);
    case 'U': return nta_query_time(optarg, now_ns, &query->until_ns, err);
    case 'u': return nta_query_user(query, optarg, err);
    case 's': return nta_query_site(query, optarg, err);
    case 'l': return nta_query_list(query, optarg, err);
    case 'C': return nta_query_country(query, optarg, err);
    case 'n': return set_limit(listing, optarg, err);
    case 'j': listing->form = FORM_JSON; return 0;
    case OPT_CSV: listing->form = FORM_CSV; return 0;
    case 'd': listing->dir = optarg; return 0;
    case 'c': listing->config = optarg; return 0;
    default: return nta_err_set(err, -EINVAL, "%s", "");
    }
}

static int take_options(struct listing *listing, int argc, char **argv)
{
    struct nta_err err = {0};
    int c;

    while ((c = getopt_long(argc, argv, "S:U:u:s:l:C:n:jd:c:h", options, NULL)) != -1) {
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

static void make_id(const struct nta_header *header, size_t i, char room[96])
{
    for (size_t k = 0; k < sizeof(header->sensor); k++)
        (void)snprintf(room + 2 * k, 3, "%02x", header->sensor[k]);
    (void)snprintf(room + 2 * sizeof(header->sensor), 96 - 2 * sizeof(header->sensor),
                   "-%" PRIu64 "-%zu", header->number, i);
}

static int on_batch(void *owner, const struct nta_stored *stored, struct nta_err *err)
{
    struct listing *listing = owner;
    char id[96];

    (void)err;
    if (nta_opener_open(listing->opener, &stored->sealed, &listing->batch, err) < 0) {
        listing->n_unreadable++;
        return 0;
    }
    for (size_t i = 0; i < listing->batch.n_records; i++) {
        struct nta_record record;

        if (!nta_record_decode(nta_batch_record(&listing->batch, i), &listing->room, &record) ||
            !nta_query_has(&listing->query, &record))
            continue;
        make_id(&stored->header, i, id);
        show(listing, &record, id);
        if (++listing->n_shown == listing->limit)
            return STOP;
    }
    return 0;
}

static int list_from(struct listing *listing, struct nta_stores *stores, struct nta_err *err)
{
    const struct nta_query *query = &listing->query;
    size_t n_foreign = 0;
    int r = nta_opener_new(stores->keys_dir, &listing->opener, err);

    if (r == 0)
        r = nta_stores_unlock(stores, listing->opener, &n_foreign, err);
    if (r < 0)
        return r;
    nta_query_make_tokens(&listing->query, listing->opener);
    const struct nta_store_query walk = {
        .since_ns = query->since_ns,
        .until_ns = query->until_ns,
        .tokens = query->tokens,
        .n_tokens = query->n_tokens,
    };

    if (listing->form == FORM_CSV)
        nta_csv_head(stdout);
    r = nta_stores_each(stores, &walk, on_batch, listing, err);
    return r < 0 ? r : 0;
}

static int list(struct listing *listing)
{
    struct nta_stores stores = {0};
    struct nta_err err = {0};
    int r = nta_stores_open(listing->dir, listing->config, &stores, &err);

    if (r == 0)
        r = list_from(listing, &stores, &err);
    nta_stores_close(&stores);
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    if (fflush(stdout) != 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(errno));
    if (listing->n_unreadable)
        return nta_cmd_fail(NTA_EXIT_INPUT, "%" PRIu64 " batches could not be opened: %s",
                            listing->n_unreadable, err.text);
    if (listing->n_shown == 0 && listing->form == FORM_LINES)
        (void)puts("Nothing found.");
    return NTA_EXIT_OK;
}

static int run(struct listing *listing, int argc, char **argv)
{
    int status = take_options(listing, argc, argv);

    if (status < 0) {
        listing->colour = nta_cmd_colour(stdout);
        nta_batch_init(&listing->batch);
        status = list(listing);
        nta_batch_done(&listing->batch);
    }
    nta_opener_free(&listing->opener);
    nta_query_done(&listing->query);
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
    struct listing listing = {.command = "alerts", .query.alerts_only = true};

    return run(&listing, argc, argv);
}
