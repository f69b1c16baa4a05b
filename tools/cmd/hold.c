/* SPDX-License-Identifier: Apache-2.0 */
/* nta hold: the days of an incident are kept, whatever their age and however full the store is. */
#include "pipeline/commit/hold.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "config/config.h"
#include "output/fail.h"
#include "retention/ask.h"
#include "retention/days.h"
#include "store/store.h"
#include "vault/vault.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: nta hold INCIDENT [--note TEXT]\n"
    "       nta hold INCIDENT --release [--note TEXT]\n"
    "       nta hold\n\n"
    "Keeps the days of an incident: their evidence and their log are not deleted by\n"
    "age, for want of room, or by nta prune, until the hold is released; nor, where\n"
    "these alone say who it was, the records of who had which address.  A signed\n"
    "note in the chain says so, and nta verify tells if somebody deletes them all\n"
    "the same.  They are kept by whole days, so what others did on them is kept,\n"
    "too: it says of how many.  Needs the auditor's key, but for --release and for\n"
    "the list of what is held.  A running ntad is asked to do it (as root); without\n"
    "one it is done here.\n\n"
    "  -r, --release         let it go again\n"
    "  -n, --note TEXT       why, 1000 bytes at most; it is kept with your name\n"
    "  -d, --store DIR       the folder of `nta read --store`; default: what\n"
    "                        ntad.conf names\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 done, 1 there is no such incident, or the chain that says what\n"
    "is held does not hold; 2 wrong usage; 3 could not run.\n\n"
    "examples:\n"
    "  nta hold 12-0 --note \"case 2026-17\"\n"
    "  nta hold 12-0 --release\n";

static const struct option known_options[] = {
    {"release", no_argument, NULL, 'r'},     {"note", required_argument, NULL, 'n'},
    {"store", required_argument, NULL, 'd'}, {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0},
};

struct holding
{
    const char *incident; ///< NULL: all that is held is shown.
    struct nta_asking asking;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    bool is_open; ///< Configuration, keys and store: what fails from here on is the incident's.
};

static int take_note(struct holding *holding, const char *text)
{
    struct nta_retain_request *request = &holding->asking.request;

    if (strlen(text) >= sizeof(request->text))
        return nta_cmd_fail(NTA_EXIT_USAGE, "--note: %d bytes at most", NTA_RETAIN_TEXT_SIZE - 1);
    (void)snprintf(request->text, sizeof(request->text), "%s", text);
    return -1;
}

static int take_options(struct holding *holding, int argc, char **argv)
{
    struct nta_asking *asking = &holding->asking;
    int c, status = -1;

    asking->request.deed = NTA_RETAIN_HOLD;
    while (status < 0 && (c = getopt_long(argc, argv, "rn:d:c:h", known_options, NULL)) != -1) {
        switch (c) {
        case 'r': asking->request.deed = NTA_RETAIN_RELEASE; break;
        case 'n': status = take_note(holding, optarg); break;
        case 'd': asking->store = optarg; break;
        case 'c': asking->config_path = optarg; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return nta_cmd_usage("hold");
        }
    }
    holding->incident = optind < argc ? argv[optind] : NULL;
    if (status < 0 && optind + 1 < argc)
        return nta_cmd_fail(NTA_EXIT_USAGE, "hold takes one incident, not \"%s\" as well",
                            argv[optind + 1]);
    if (status < 0 && !holding->incident &&
        (asking->request.deed == NTA_RETAIN_RELEASE || asking->request.text[0]))
        return nta_cmd_fail(NTA_EXIT_USAGE, "hold: which incident?");
    return status;
}

/* ---- what is held ---- */

static void show(const struct holding *holding, const struct nta_holds *holds)
{
    char sensor[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)], id[NTA_INCIDENT_ID_SIZE];

    (void)nta_hex_text(holding->sensor, NTA_SENSOR_ID_LEN, sensor);
    if (holds->n == 0)
        (void)puts("nothing is held");
    else
        (void)printf("%-42s  %-10s  %-10s  %-8s  %s\n", "INCIDENT", "FIRST DAY", "LAST DAY",
                     "BATCH", "WHAT");
    for (size_t i = 0; i < holds->n; i++) {
        const struct nta_hold *hold = &holds->all[i];
        char first[NTA_DAY_TEXT_SIZE], last[NTA_DAY_TEXT_SIZE];

        (void)snprintf(id, sizeof(id), "I-%s-%" PRIu64 "-%" PRIu64, sensor, hold->batch,
                       hold->record);
        (void)printf("%-42s  %-10s  %-10s  %-8" PRIu64 "  %s\n", id,
                     nta_day_text(hold->first_day, first), nta_day_text(hold->last_day, last),
                     hold->noted, hold->of_who ? "who" : "evidence, log");
    }
}

static bool wants_none(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict)
{
    (void)owner;
    (void)row;
    (void)verdict;
    return false;
}

static int on_batch(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict,
                    struct nta_err *err)
{
    (void)owner;
    (void)row;
    (void)verdict;
    (void)err;
    return 0;
}

/** Who removes or changes heads takes holds out of sight: every head is judged. */
static int check_chain(struct nta_stores *stores, struct nta_err *err)
{
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
    int r = nta_stores_judge(stores, false, &chain, err);
    const struct nta_stores_walk walk = {.chain = chain, .wants = wants_none, .each = on_batch};

    if (r == 0)
        r = nta_stores_check_state(stores, chain, err);
    if (r == 0)
        r = nta_stores_each(stores, &walk, err);
    return r < 0 ? r : nta_stores_end(stores, chain, false, err);
}

/** Name what does not hold.  1: something does not. */
static int say_broken(struct nta_stores *stores)
{
    struct nta_proof_shown shown = {.n = 0};

    nta_proof_show_stores(stores, &shown);
    if (!nta_findings_of(stores->findings, NTA_WRONG))
        return 0;
    nta_prose_print(stderr, "nta: so more may be held than is listed; `nta verify` says what to "
                            "do\n");
    return 1;
}

/** 0; 1: the chain that says it does not hold; or negative errno. */
static int list(const struct holding *holding, struct nta_err *err)
{
    const struct nta_stores_options options = {.dir = holding->asking.store,
                                               .config = holding->asking.config_path};
    NTA_AUTO(nta_stores_close) struct nta_stores stores = {.journal = NULL};
    NTA_AUTO(nta_holds_done) struct nta_holds holds = {.n = 0};
    int r = nta_stores_open(&options, &stores, err);

    if (r == 0)
        r = nta_retention_holds(&holding->asking, &stores, &holds, err);
    if (r == 0)
        r = check_chain(&stores, err);
    if (r < 0)
        return r;
    show(holding, &holds);
    if (stores.is_partial)
        nta_prose_print(stderr, "nta: %s: what is held is known from the journal alone\n",
                        stores.unseen);
    return say_broken(&stores);
}

/* ---- held, released ---- */

/** "2026-10-01 to 2026-10-03", behind a comma if there was one before. */
static void put_range(struct nta_buf *out, const struct nta_incident_range *range)
{
    char first[NTA_DAY_TEXT_SIZE], last[NTA_DAY_TEXT_SIZE];

    nta_buf_printf(out, "%s%s", out->len ? ", " : "", nta_day_text(range->first, first));
    if (range->first < range->last)
        nta_buf_printf(out, " to %s", nta_day_text(range->last, last));
}

/** Days, as they are said. */
static void put_ranges(struct nta_buf *out, const struct nta_incident_range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_range(out, &ranges[i]);
    nta_buf_put(out, "", 1);
    if (out->failed) {
        nta_buf_clear(out);
        out->failed = false;
    }
}

static void tell_who(const struct nta_incident_days *days, const struct nta_retain_told *told)
{
    NTA_AUTO(nta_buf_done) struct nta_buf ranges = {0};

    if (days->n_who == 0)
        return;
    put_ranges(&ranges, days->who, days->n_who);
    nta_prose_print(stdout,
                    "and who had which address on %s, %" PRIu64 " batch%s: these alone say who it "
                    "was; what they say of others is kept with it\n",
                    ranges.len ? (const char *)ranges.ptr : "its days", told->n_batches,
                    told->n_batches == 1 ? "" : "es");
}

static void tell(const struct nta_incident_days *days, const struct nta_retain_told *told,
                 const struct nta_retain_told *who)
{
    NTA_AUTO(nta_buf_done) struct nta_buf ranges = {0};

    put_ranges(&ranges, days->ranges, days->n_ranges);
    nta_prose_print(stdout, "%s is held: evidence and log of %s (UTC), %" PRIu64 " batch%s\n",
                    days->id, ranges.len ? (const char *)ranges.ptr : "its days", told->n_batches,
                    told->n_batches == 1 ? "" : "es");
    if (days->n_others)
        nta_prose_print(
            stdout, "kept with it: %s%" PRIu64 " record%s of %" PRIu64 " other user%s\n",
            days->at_least ? "at least " : "", days->n_other_records,
            days->n_other_records == 1 ? "" : "s", days->n_others, days->n_others == 1 ? "" : "s");
    else
        (void)puts("kept with it: no other user's evidence");
    tell_who(days, who);
    if (days->has_more_sensors)
        nta_prose_print(stdout, "other sensors saw it, too, or say who it was: what they have is "
                                "held on their machines\n");
}

static int find(struct holding *holding, struct nta_incident_days *ret_days, struct nta_err *err)
{
    const struct nta_filters filters = {.dir = holding->asking.store,
                                        .config = holding->asking.config_path};
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    int r = nta_filters_open(&filters, &search, err);

    holding->is_open = r == 0;
    if (r == 0)
        r = nta_incident_days(&filters, search, holding->incident, ret_days, err);
    return r;
}

/** One note a range. */
static int hold_ranges(struct holding *holding, const struct nta_incident_range *ranges, size_t n,
                       struct nta_retain_told *sum, struct nta_err *err)
{
    struct nta_hold *hold = &holding->asking.request.hold;
    int r = 0;

    for (size_t i = 0; i < n && r == 0; i++) {
        struct nta_retain_told told = {.is_done = false};

        hold->first_day = ranges[i].first;
        hold->last_day = ranges[i].last;
        r = nta_asking_do(&holding->asking, &told, err);
        sum->n_batches += told.n_batches;
    }
    return r;
}

static int hold_days(struct holding *holding, const struct nta_incident_days *days,
                     struct nta_err *err)
{
    struct nta_retain_told told = {.is_done = false}, who = {.is_done = false};
    bool *of_who = &holding->asking.request.hold.of_who;
    int r = hold_ranges(holding, days->ranges, days->n_ranges, &told, err);

    if (r < 0)
        return r;
    *of_who = true;
    r = hold_ranges(holding, days->who, days->n_who, &who, err);
    *of_who = false;
    if (r < 0)
        return nta_err_prefix(err, r, "evidence and log are held, but not who it was");
    tell(days, &told, &who);
    return 0;
}

static int hold(struct holding *holding, struct nta_err *err)
{
    struct nta_retain_request *request = &holding->asking.request;
    const bool is_released = request->deed == NTA_RETAIN_RELEASE;

    holding->is_open = is_released;
    struct nta_incident_days days = {.n_others = 0};
    struct nta_retain_told told = {.is_done = false};
    int r = is_released ? 0 : find(holding, &days, err);

    if (r == 0)
        r = nta_incident_numbers(is_released ? holding->incident : days.id, holding->sensor,
                                 &request->hold.batch, &request->hold.record, err);
    if (r < 0)
        return r;
    if (!is_released)
        return hold_days(holding, &days, err);
    r = nta_asking_do(&holding->asking, &told, err);
    char shown[NTA_INCIDENT_ID_SIZE];

    if (r == 0)
        (void)printf("%s is held no more\n",
                     nta_text_escape_to(shown, sizeof(shown), nta_span_of(holding->incident)));
    return r;
}

static int run(struct holding *holding, struct nta_err *err)
{
    uint8_t identity[NTA_KEY_LEN];

    holding->asking.only_reads = !holding->incident;
    int r = nta_asking_find(&holding->asking, err);

    if (r == 0)
        r = nta_keys_sensor_public(holding->asking.keys_dir, identity, err);
    if (r < 0)
        return r;
    nta_sensor_id(identity, holding->sensor);
    return holding->incident ? hold(holding, err) : list(holding, err);
}

int nta_cmd_hold(int argc, char **argv)
{
    struct holding holding = {.incident = NULL};
    struct nta_err err = {0};
    int status = take_options(&holding, argc, argv);

    if (status < 0) {
        const int r = run(&holding, &err);
        const bool is_of_incident =
            holding.is_open && (r == -ENOENT || r == -EREMOTE || r == -EINVAL);

        status = r > 0    ? NTA_EXIT_INPUT
                 : r == 0 ? NTA_EXIT_OK
                          : nta_cmd_fail(is_of_incident ? NTA_EXIT_INPUT : NTA_EXIT_FAILURE, "%s",
                                         err.text);
    }
    nta_asking_done(&holding.asking);
    return status;
}
