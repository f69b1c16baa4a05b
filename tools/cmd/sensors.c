/* SPDX-License-Identifier: Apache-2.0 */
/* nta sensors: one page of how all sensors are. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "options/options.h"
#include "output/colour.h"
#include "output/fail.h"
#include "output/term.h"
#include "search/stores.h"
#include "sensors/sensors_show.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char help[] =
    "usage: nta sensors [OPTIONS]\n\n"
    "A line for each sensor that is trusted (sensors.pub), those first that need\n"
    "somebody.  SEALED is how long ago its last batch here was sealed: a live sensor\n"
    "seals one each minute.  NOT SEEN is how much of the last day it did not\n"
    "watch, and in how many seconds it lost packets; that takes the auditor's key.\n"
    "BACKLOG is how many batches the journal here has that MySQL lacks, and how old\n"
    "the oldest is.  STATE:\n\n"
    "  ok        its batches come\n"
    "  files     it read capture files, so nothing is expected of it\n"
    "  stopped   it said so\n"
    "  behind    batches wait here for MySQL for more than five minutes\n"
    "  silent    nothing came for five minutes, and it did not say that it stopped\n"
    "  none      nothing of it is here\n"
    "  wrong     something of it does not hold: nta verify\n\n"
    "      --last LENGTH     of how much time: 90m, 7d; default: 24h\n"
    "  -S, --since TIME      or since when\n"
    "  -j, --json            one JSON object a line\n"
    "      --utc             times in UTC, in what you say\n"
    "  -d, --store DIR       the folder of `nta read --store`; default: what\n"
    "                        ntad.conf names\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -k, --key KEY         trust this sensor (nta-sensor-...) and no other; can be\n"
    "                        said again\n"
    "      --color=WHEN      auto (on terminals, unless NO_COLOR is set), always,\n"
    "                        never\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 done, and all of it holds; 1 something does not hold, or MySQL\n"
    "could not be asked; 2 wrong usage; 3 could not run.\n\n"
    "examples:\n"
    "  nta sensors --last 7d\n"
    "  nta sensors --json | jq 'select(.state == \"silent\").name'\n";

enum
{
    OPT_COLOUR = NTA_OPT_OWN
};

static const struct option known_options[] = {
    {"last", required_argument, NULL, NTA_OPT_LAST},
    {"since", required_argument, NULL, 'S'},
    {"json", no_argument, NULL, 'j'},
    {"utc", no_argument, NULL, NTA_OPT_UTC},
    {"store", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'},
    {"key", required_argument, NULL, 'k'},
    {"color", optional_argument, NULL, OPT_COLOUR},
    {"colour", optional_argument, NULL, OPT_COLOUR},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct looking
{
    struct nta_filters filters;
    enum nta_colour colour;
    bool json;
    struct nta_stores stores;
    struct nta_opener *opener; ///< NULL: what sensors say of themselves is not read.
    struct nta_chain *chain;
    struct nta_sensor_rows rows;
    struct nta_batch batch;
    struct nta_record_buf buf;
    uint64_t n_seen, n_all;
};

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct looking *looking = owner;

    switch (option) {
    case 'j': looking->json = true; return 0;
    case OPT_COLOUR: return nta_colour_parse(optarg, &looking->colour, err);
    default: return 1;
    }
}

static const struct nta_options options = {
    .command = "sensors",
    .known = known_options,
    .letters = "S:jd:c:k:h",
    .help = help,
    .take = take_option,
};

/* ---- the walk ---- */

static void see(struct looking *looking, const struct nta_header *header)
{
    nta_sensor_rows_header(&looking->rows, header);
    looking->n_seen++;
    nta_progress_show("%3.0f %%", looking->n_all
                                      ? 100.0 * (double)looking->n_seen / (double)looking->n_all
                                      : 0.0);
}

/** Only what sensors say of themselves is opened. */
static bool wants(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict)
{
    const struct looking *looking = owner;

    (void)verdict;
    return looking->opener &&
           (row->header.class == NTA_CLASS_LOG || row->header.class == NTA_CLASS_NONE);
}

static int on_head(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    (void)err;
    see(owner, &row->header);
    return 0;
}

static int on_batch(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict,
                    struct nta_err *err)
{
    struct looking *looking = owner;
    struct nta_record record;
    struct nta_err trouble;

    (void)verdict;
    see(looking, &row->header);
    if (!nta_opener_has_key(looking->opener, row->header.data_key))
        return 0; /* it was sealed for other auditors */
    if (nta_opener_read(looking->opener, &row->sealed, &looking->batch, &trouble) < 0) {
        nta_chain_report(looking->chain, NTA_FINDING_OPENED, &row->header, NULL);
        return 0;
    }
    for (size_t i = 0; i < looking->batch.n_records; i++) {
        if (!nta_record_decode(nta_batch_record(&looking->batch, i), &looking->buf, &record))
            nta_chain_report(looking->chain, NTA_FINDING_RECORDS, &row->header, NULL);
        else if (nta_sensor_rows_record(&looking->rows, &row->header, &record) < 0)
            return nta_err_sys(err, -ENOMEM, "sensors");
    }
    return 0;
}

/* ---- what waits for MySQL ---- */

static int on_sent(void *owner, const struct nta_store_chain *chain, struct nta_err *err)
{
    struct looking *looking = owner;
    struct nta_sensor_row *row = nta_sensor_rows_find(&looking->rows, chain->sensor);

    (void)err;
    if (row && !chain->faults)
        row->sent = chain->number;
    return 0;
}

/** A journal's own sensors are those that its chain rows name. */
static int on_here(void *owner, const struct nta_store_chain *chain, struct nta_err *err)
{
    struct looking *looking = owner;
    struct nta_sensor_row *row = nta_sensor_rows_find(&looking->rows, chain->sensor);

    (void)err;
    if (row)
        row->has_backlog = true;
    return 0;
}

static int ask_backlog(struct looking *looking, struct nta_err *err)
{
    struct nta_stores *stores = &looking->stores;
    int r = 0;

    if (!stores->journal || !stores->mysql)
        return 0;
    r = nta_store_each_chain(stores->journal, on_here, looking, err);
    return r < 0 ? r : nta_store_each_chain(stores->mysql, on_sent, looking, err);
}

static int walk(struct looking *looking, struct nta_err *err)
{
    struct nta_stores *stores = &looking->stores;
    const struct nta_store_query all = {0};
    int r = ask_backlog(looking, err);

    if (r == 0 && nta_stores_count(stores, &all, &looking->n_all, err) < 0)
        looking->n_all = 0; /* damaged: no percentage */
    if (r == 0)
        r = nta_stores_judge(stores, false, &looking->chain, err);
    const struct nta_stores_walk walk = {
        .chain = looking->chain,
        .opener = looking->opener,
        .wants = wants,
        .wants_owner = looking,
        .each = on_batch,
        .head = on_head,
        .owner = looking,
    };

    if (r == 0)
        r = nta_stores_each(stores, &walk, err);
    return r < 0 ? r : nta_stores_end(stores, looking->chain, false, err);
}

static int open_stores(struct looking *looking, struct nta_err *err)
{
    const struct nta_filters *filters = &looking->filters;
    const struct nta_stores_options opening = {
        .dir = filters->dir,
        .config = filters->config,
        .keys = filters->keys,
        .n_keys = filters->n_keys,
    };
    const int64_t now_ns = nta_clock_wall_ns();
    int64_t since_ns = filters->query.since_ns;
    int r = nta_stores_open(&opening, &looking->stores, err);

    if (r < 0)
        return r;
    if (nta_opener_new(looking->stores.keys_dir, &looking->opener, &(struct nta_err){0}) < 0)
        looking->opener = NULL; /* not an auditor: what the headers say is enough */
    if (!since_ns)
        since_ns = now_ns - INT64_C(24) * 3600 * NTA_NS_PER_S;
    r = nta_sensor_rows_init(&looking->rows, &looking->stores.trust, since_ns, now_ns);
    return r < 0 ? nta_err_sys(err, r, "sensors") : 0;
}

static int show(struct looking *looking)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_stores *stores = &looking->stores;
    struct nta_proof_shown shown = {.n = 0};

    nta_sensor_rows_end(&looking->rows, stores->findings);
    if (looking->json)
        nta_sensors_put_json(&out, &looking->rows);
    else
        nta_sensors_put_table(&out, &looking->rows, nta_colour_wanted(looking->colour, stdout));
    nta_proof_show_stores(stores, &shown);
    return nta_cmd_answer(&out, false,
                          nta_findings_of(stores->findings, NTA_WRONG) || stores->is_partial
                              ? NTA_EXIT_INPUT
                              : NTA_EXIT_OK);
}

static int run(struct looking *looking)
{
    struct nta_err err = {0};
    int r = open_stores(looking, &err);

    if (r == 0)
        r = walk(looking, &err);
    nta_progress_wipe();
    return r < 0 ? nta_cmd_fail(nta_proof_failed(r), "%s", err.text) : show(looking);
}

int nta_cmd_sensors(int argc, char **argv)
{
    struct looking looking = {.json = false};
    int status = nta_options_parse(&options, &looking.filters, &looking, argc, argv);

    nta_batch_init(&looking.batch);
    if (status < 0)
        status = run(&looking);
    nta_batch_done(&looking.batch);
    nta_sensor_rows_done(&looking.rows);
    nta_chain_free(&looking.chain);
    nta_opener_free(&looking.opener);
    nta_stores_close(&looking.stores);
    nta_filters_done(&looking.filters);
    return status;
}
