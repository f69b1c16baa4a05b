/* SPDX-License-Identifier: Apache-2.0 */
/* nta import: what `nta export` wrote, into a store. */
#include "backup/take.h"
#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/prose.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "options/filters.h"
#include "output/fail.h"
#include "output/term.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <sys/stat.h>

static const char help[] =
    "usage: nta import FILE.ntabak [OPTIONS]\n\n"
    "Put what `nta export` wrote into a store, batch by batch as it was sealed.\n"
    "Each is verified first: signed by a sensor that is trusted here, with the\n"
    "contents and the data key that its signed header names.  What does not hold is\n"
    "named and not taken; the rest is.  What is there already is passed over, so an\n"
    "import that was interrupted is begun again; what a note in the chain says was\n"
    "deleted stays deleted.  Indexes, by which a search passes over batches, are not\n"
    "in the file: they are made again.  No auditor's key is needed.  ntad must not\n"
    "run on that store.\n\n"
    "      --dry-run         check the file, write nothing\n"
    "  -d, --store DIR       the folder to put it into, made if it is not there;\n"
    "                        default: the store of ntad.conf\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -k, --key KEY         trust this sensor (nta-sensor-...) and no other; may be\n"
    "                        repeated; default: sensors.pub in the key folder\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 all of the file is in the store; 1 something in it does not\n"
    "hold; 2 wrong usage; 3 could not run.\n\n"
    "examples:\n"
    "  nta import sensor-7.ntabak --store /srv/audit --key nta-sensor-...\n"
    "  nta import sensor-7.ntabak --dry-run --store /srv/audit\n";

enum
{
    OPT_DRY_RUN = NTA_OPT_OWN
};

static const struct option known_options[] = {
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"store", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'},
    {"key", required_argument, NULL, 'k'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct importing
{
    struct nta_filters filters; ///< Where to, and whose.
    const char *path;
    bool only_checks;
    struct nta_stores stores;
};

static int take_options(struct importing *importing, int argc, char **argv)
{
    struct nta_err err = {0};
    int c, r = 0;

    while (r == 0 && (c = getopt_long(argc, argv, "d:c:k:h", known_options, NULL)) != -1) {
        switch (c) {
        case OPT_DRY_RUN: importing->only_checks = true; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        case '?': return nta_cmd_usage("import");
        default: r = nta_filters_take(&importing->filters, c, optarg, &err);
        }
    }
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text);
    if (optind + 1 != argc)
        return nta_cmd_fail(NTA_EXIT_USAGE, "import takes one file");
    importing->path = argv[optind];
    return -1;
}

/** Where to, and whose it is to be. */
static int find_stores(struct importing *importing, struct nta_err *err)
{
    const struct nta_filters *filters = &importing->filters;
    const struct nta_stores_options options = {
        .dir = filters->dir,
        .config = filters->config,
        .keys = filters->keys,
        .n_keys = filters->n_keys,
    };

    if (filters->dir && !importing->only_checks && mkdir(filters->dir, 0700) < 0 && errno != EEXIST)
        return nta_err_sys(err, -errno, "%.300s", filters->dir);
    int r = nta_stores_find(&options, &importing->stores, err);

    if (r == 0 && importing->stores.has_mysql)
        r = nta_err_set(err, -ENOTSUP,
                        "ntad.conf names MySQL, and what is in the journal is sent there: MySQL is "
                        "restored from its own backup; --store DIR imports into a folder");
    if (r == 0 && importing->stores.trust.n == 0)
        r = nta_err_set(err, -ENOKEY,
                        "no sensor's key is known here: give the one that you noted (--key), or "
                        "put sensors.pub into %.200s",
                        importing->stores.keys_dir);
    return r;
}

static int take_file(struct importing *importing, struct nta_taken *ret_taken, struct nta_err *err)
{
    NTA_AUTO_FD int fd = nta_plainfile_open(importing->path, INT64_MAX, NTA_PLAIN_NO_LINK, err);
    struct stat st;

    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        return nta_err_sys(err, -errno, "%.300s", importing->path);
    const struct nta_taking_options options = {
        .fd = fd,
        .size = (uint64_t)st.st_size,
        .stores = &importing->stores,
        .only_checks = importing->only_checks,
    };
    int r = nta_take(&options, ret_taken, err);

    return r < 0 ? nta_err_prefix(err, r, "%.300s", importing->path) : 0;
}

static void say_taken(const struct importing *importing, const struct nta_taken *taken)
{
    nta_prose_print(stdout,
                    "%s: %" PRIu64 " batches and %" PRIu64 " heads alone %s, %" PRIu64
                    " were there already, %" PRIu64 " refused\n",
                    importing->path, taken->n_batches, taken->n_heads,
                    importing->only_checks ? "would be taken" : "taken", taken->n_there,
                    taken->n_refused);
    if (taken->n_deleted)
        nta_prose_print(stdout,
                        "of %" PRIu64 " the contents were deleted, as notes in the chain say, and "
                        "stay so\n",
                        taken->n_deleted);
    if (!importing->only_checks)
        nta_prose_print(stdout, "`nta verify`%s says whether the store holds as a whole\n",
                        importing->filters.n_keys ? ", with the same --key," : "");
}

static int run(struct importing *importing)
{
    struct nta_taken taken = {.n_batches = 0};
    struct nta_proof_shown shown = {.n = 0};
    struct nta_err err = {0};
    int r = find_stores(importing, &err);

    if (r == 0)
        r = take_file(importing, &taken, &err);
    nta_progress_wipe();
    if (importing->stores.findings)
        nta_proof_show_stores(&importing->stores, &shown);
    if (r < 0)
        return nta_cmd_fail(r == -EBADMSG || r == -E2BIG ? NTA_EXIT_INPUT : nta_proof_failed(r),
                            "%s", err.text);
    say_taken(importing, &taken);
    return nta_findings_of(importing->stores.findings, NTA_WRONG) || taken.n_refused
               ? NTA_EXIT_INPUT
               : NTA_EXIT_OK;
}

int nta_cmd_import(int argc, char **argv)
{
    struct importing importing = {.only_checks = false};
    int status = take_options(&importing, argc, argv);

    if (status < 0)
        status = run(&importing);
    nta_stores_close(&importing.stores);
    nta_filters_done(&importing.filters);
    return status;
}
