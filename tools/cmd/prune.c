/* SPDX-License-Identifier: Apache-2.0 */
/* nta prune: records are deleted for good, a class and a UTC day at a time, and the chain holds. */
#include "base/runtime/clock.h"
#include "cmd/cmd.h"
#include "config/config.h"
#include "output/fail.h"
#include "pipeline/commit/hold.h"
#include "retention/ask.h"
#include "search/stores.h"
#include "search/when.h"
#include "store/store.h"
#include "vault/vault.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: nta prune [--class CLASS]... [--before TIME] [--dry-run] [OPTIONS]\n\n"
    "Deletes records for good: a signed note in the chain says so, the keys that\n"
    "open them are overwritten, and they leave the store.  nta verify tells that\n"
    "from tampering.  What goes is all of a UTC day of one class:\n"
    "  evidence  alerts, packets, and all that a list matched\n"
    "  traffic   connections, lookups, requests that no list matched\n"
    "  who       who had which address\n"
    "  log       what the sensor says of itself\n"
    "Today's day never goes, nor does what is held (nta hold).  A running ntad is\n"
    "asked to do it (as root); without one it is done here.\n\n"
    "  -C, --class CLASS     one of: evidence, traffic, who, log; can be said again.\n"
    "                        Default: all, or with --before traffic and who: the\n"
    "                        others must be named\n"
    "  -B, --before TIME     days that were over then; default: what is older than\n"
    "                        ntad.conf keeps it (section retention)\n"
    "  -n, --dry-run         only show what would go\n"
    "  -d, --store DIR       the folder of `nta read --store`; default: what\n"
    "                        ntad.conf names\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 done, 2 wrong usage, 3 could not run.\n\n"
    "examples:\n"
    "  nta prune --dry-run\n"
    "  nta prune --class traffic --before \"2 weeks ago\"\n";

static const struct option known_options[] = {
    {"class", required_argument, NULL, 'C'},
    {"before", required_argument, NULL, 'B'},
    {"dry-run", no_argument, NULL, 'n'},
    {"store", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct pruning
{
    struct nta_asking asking;
    bool dry_run;
};

/* ---- the question ---- */

static int take_class(struct pruning *pruning, const char *name)
{
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES; class ++) {
        if (strcmp(name, nta_class_name((enum nta_class) class)) != 0)
            continue;
        pruning->asking.request.classes |= 1U << class;
        return -1;
    }
    return nta_cmd_fail(NTA_EXIT_USAGE, "--class: evidence, traffic, who or log?");
}

/** Days end at midnight UTC: one that was not over then stays. */
static int take_before(struct pruning *pruning, const char *text)
{
    struct nta_moment moment;
    struct nta_err err = {0};

    if (nta_when(text, nta_clock_wall_ns(), &moment, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_USAGE, "--before: %s", err.text);
    pruning->asking.request.by_age = false;
    pruning->asking.request.before_day = nta_day_of(moment.earlier_ns);
    return -1;
}

static int take_options(struct pruning *pruning, int argc, char **argv)
{
    int c, status = -1;

    pruning->asking.request.by_age = true;
    while (status < 0 && (c = getopt_long(argc, argv, "C:B:nd:c:h", known_options, NULL)) != -1) {
        switch (c) {
        case 'C': status = take_class(pruning, optarg); break;
        case 'B': status = take_before(pruning, optarg); break;
        case 'n': pruning->dry_run = true; break;
        case 'd': pruning->asking.store = optarg; break;
        case 'c': pruning->asking.config_path = optarg; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return nta_cmd_usage("prune");
        }
    }
    if (status < 0 && optind < argc)
        return nta_cmd_fail(NTA_EXIT_USAGE, "prune takes no argument \"%s\"", argv[optind]);
    if (!pruning->asking.request.classes)
        pruning->asking.request.classes = pruning->asking.request.by_age
                                              ? (1U << NTA_N_CLASSES) - 2
                                              : 1U << NTA_CLASS_TRAFFIC | 1U << NTA_CLASS_WHO;
    return status;
}

/* ---- only shown ---- */

/** What is to be shown, and of what. */
struct showing
{
    const struct pruning *pruning;
    struct nta_stores stores; ///< Owned.
    struct nta_holds holds;   ///< Owned.
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t n_days, n_held;
};

static bool would_go(const struct pruning *pruning, const struct nta_store_day *day)
{
    const int64_t now_ns = nta_clock_wall_ns();

    if (day->day == nta_day_of(now_ns))
        return false;
    return pruning->asking.request.by_age
               ? nta_retain_is_old(&pruning->asking.policy, day->class, day->day, now_ns)
               : day->day < pruning->asking.request.before_day;
}

static void show_day(const struct nta_store_day *day)
{
    char date[NTA_DAY_TEXT_SIZE];

    (void)printf("%-8s  %-10s  %8" PRIu64 "\n", nta_class_name(day->class),
                 nta_day_text(day->day, date), day->n_batches);
}

/** In journal and MySQL together. */
static int next_day(struct showing *showing, enum nta_class class, int64_t after,
                    struct nta_store_day *ret_day, struct nta_err *err)
{
    const struct nta_stores *stores = &showing->stores;
    struct nta_store_day there;
    int r = 0, r_there = 0;

    if (stores->journal)
        r = nta_store_next_day(stores->journal, showing->sensor, class, after, ret_day, err);
    if (r >= 0 && stores->mysql)
        r_there = nta_store_next_day(stores->mysql, showing->sensor, class, after, &there, err);
    if (r < 0 || r_there < 0)
        return r < 0 ? r : r_there;
    return nta_store_join_days(r, r_there == 1 ? &there : NULL, ret_day);
}

static int show_class(struct showing *showing, enum nta_class class, struct nta_err *err)
{
    struct nta_store_day day = {.day = INT64_MIN};
    int r;

    while ((r = next_day(showing, class, day.day, &day, err)) == 1) {
        if (!would_go(showing->pruning, &day))
            continue;
        if (nta_holds_keep(&showing->holds, class, day.day, UINT64_MAX)) {
            showing->n_held++;
            continue;
        }
        if (showing->n_days++ == 0)
            (void)puts("CLASS     DAY (UTC)    BATCHES");
        show_day(&day);
    }
    return r;
}

static int show_all(struct showing *showing, struct nta_err *err)
{
    const struct nta_asking *asking = &showing->pruning->asking;
    const struct nta_stores_options options = {.dir = asking->store, .config = asking->config_path};
    uint8_t identity[NTA_KEY_LEN];
    int r = nta_keys_sensor_public(asking->keys_dir, identity, err);

    if (r == 0)
        r = nta_stores_open(&options, &showing->stores, err);
    if (r < 0)
        return r;
    nta_sensor_id(identity, showing->sensor);
    if (showing->stores.is_partial)
        return nta_err_set(err, -ENOTCONN, "%s", showing->stores.unseen);
    r = nta_retention_holds(asking, &showing->stores, &showing->holds, err);
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && r == 0; class ++)
        if (asking->request.classes & 1U << class)
            r = show_class(showing, (enum nta_class) class, err);
    if (r == 0 && showing->n_held)
        (void)printf("%" PRIu64 " day%s and classes more are held (nta hold).\n", showing->n_held,
                     showing->n_held == 1 ? "" : "s");
    if (r == 0)
        (void)puts(showing->n_days ? "Nothing was deleted." : "Nothing would be deleted.");
    return r;
}

static int show(const struct pruning *pruning, struct nta_err *err)
{
    struct showing showing = {.pruning = pruning};
    int r = show_all(&showing, err);

    nta_holds_done(&showing.holds);
    nta_stores_close(&showing.stores);
    return r;
}

/* ---- done ---- */

static int prune(struct pruning *pruning, struct nta_err *err)
{
    struct nta_retain_told told;
    int r = nta_asking_do(&pruning->asking, &told, err);

    if (r < 0)
        return r;
    if (told.n_days == 0)
        (void)puts("nothing is to be deleted");
    else
        (void)printf("deleted: %" PRIu64 " batch%s of %" PRIu64 " day%s; nta verify says that "
                     "they were\n",
                     told.n_batches, told.n_batches == 1 ? "" : "es", told.n_days,
                     told.n_days == 1 ? " and class" : "s and classes");
    return 0;
}

int nta_cmd_prune(int argc, char **argv)
{
    struct pruning pruning = {.dry_run = false};
    struct nta_err err = {0};
    int status = take_options(&pruning, argc, argv);

    if (status < 0) {
        int r = nta_asking_find(&pruning.asking, &err);

        if (r == 0)
            r = pruning.dry_run ? show(&pruning, &err) : prune(&pruning, &err);
        status = r < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text) : NTA_EXIT_OK;
    }
    nta_asking_done(&pruning.asking);
    return status;
}
