/* SPDX-License-Identifier: Apache-2.0 */
/* nta export: sealed batches as they are, with their data keys, as one file for another store. */
#include "base/file/newfile.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "options/filters.h"
#include "output/fail.h"
#include "output/fresh.h"
#include "output/term.h"
#include "search/stores.h"
#include "store/backup/backup.h"
#include "store/headfile.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: nta export [--since TIME] -o FILE.ntabak [OPTIONS]\n\n"
    "Write what is kept into one file: sealed batches as they are, and their data\n"
    "keys, wrapped as they are.  Nothing is opened, so no auditor's key is needed,\n"
    "and who has the file reads nothing without it.  Every batch is checked against\n"
    "its sensor's signature on the way; what does not hold is named and left out.\n"
    "`nta import` puts it into another store.\n\n"
    "  -o, --output FILE     the file; it appears whole or not at all\n"
    "  -f, --force           replace a file that is there\n"
    "  -S, --since TIME      batches sealed since then; those before it that name\n"
    "                        keys or have notes are in it without their contents,\n"
    "                        since nothing could be proved without them; default:\n"
    "                        all\n"
    "  -d, --store DIR       the folder of `nta read --store`; default: what\n"
    "                        ntad.conf names, journal and MySQL together\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -k, --key KEY         trust this sensor (nta-sensor-...) and no other; may be\n"
    "                        repeated; default: sensors.pub in the key folder\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 all of it is in the file; 1 something did not hold, could not be\n"
    "asked, or there is nothing; 2 wrong usage; 3 could not run.\n\n"
    "examples:\n"
    "  nta export -o /mnt/usb/sensor-7.ntabak\n"
    "  nta export --since \"last week\" -o week.ntabak\n";

static const struct option known_options[] = {
    {"output", required_argument, NULL, 'o'}, {"force", no_argument, NULL, 'f'},
    {"since", required_argument, NULL, 'S'},  {"store", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'}, {"key", required_argument, NULL, 'k'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

struct exporting
{
    struct nta_filters filters; ///< Where it is, whose it is, since when.
    const char *output;
    bool force;
    struct nta_stores stores;
    struct nta_chain *chain;
    struct nta_newfile file;
    struct nta_backup_writer writer;
    uint8_t key[NTA_N_CLASSES][NTA_DATA_KEY_ID_LEN]; ///< The one of each class written last.
    bool has_key[NTA_N_CLASSES];
    uint64_t n_all, n_batches, n_heads, n_keys;
};

static int take_options(struct exporting *exporting, int argc, char **argv)
{
    struct nta_err err = {0};
    int c, r = 0;

    while (r == 0 && (c = getopt_long(argc, argv, "o:fS:d:c:k:h", known_options, NULL)) != -1) {
        switch (c) {
        case 'o': exporting->output = optarg; break;
        case 'f': exporting->force = true; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        case '?': return nta_cmd_usage("export");
        default: r = nta_filters_take(&exporting->filters, c, optarg, &err);
        }
    }
    if (r == 0)
        r = nta_filters_finish(&exporting->filters, nta_clock_wall_ns(), &err);
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text);
    if (optind < argc)
        return nta_cmd_fail(NTA_EXIT_USAGE, "export takes options alone");
    if (!exporting->output)
        return nta_cmd_fail(NTA_EXIT_USAGE, "export: into which file? (-o FILE.ntabak)");
    return -1;
}

/* ---- the walk ---- */

static void show_progress(struct exporting *exporting, const struct nta_header *header)
{
    const uint64_t n = exporting->n_batches + exporting->n_heads;

    nta_progress_show("batch %" PRIu64 ", %3.0f %%", header->number,
                      exporting->n_all ? 100.0 * (double)n / (double)exporting->n_all : 0.0);
}

static bool wants(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict)
{
    const struct exporting *exporting = owner;

    (void)verdict;
    return row->header.sealed_ns >= exporting->filters.query.since_ns;
}

/** In whichever store it is; -ENOENT: the judge saw it, and now it is gone. */
static int find_key(struct exporting *exporting, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                    struct nta_buf *bytes, struct nta_err *err)
{
    struct nta_store *all[] = {exporting->stores.journal, exporting->stores.mysql};
    struct nta_stored_key key;
    int r = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(all) && r == 0; i++)
        r = all[i] ? nta_store_find_key(all[i], id, bytes, &key, err) : 0;
    return r == 0 ? -ENOENT : r;
}

/** 0: the batch's data key stands before it; -ENOENT: it was destroyed in this moment. */
static int put_key(struct exporting *exporting, const struct nta_header *header,
                   struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    uint8_t *last = exporting->key[header->class];

    if (exporting->has_key[header->class] &&
        memcmp(last, header->data_key, NTA_DATA_KEY_ID_LEN) == 0)
        return 0;
    int r = find_key(exporting, header->data_key, &bytes, err);

    if (r < 0)
        return r;
    const struct nta_backup_item item = {.kind = NTA_BACKUP_KEY, .bytes = nta_buf_span(&bytes)};

    r = nta_backup_put(&exporting->writer, &item, err);
    if (r < 0)
        return r;
    memcpy(last, header->data_key, NTA_DATA_KEY_ID_LEN);
    exporting->has_key[header->class] = true;
    exporting->n_keys++;
    return 0;
}

static int put_head(struct exporting *exporting, const struct nta_stored *row, struct nta_err *err)
{
    const struct nta_backup_item item = {.kind = NTA_BACKUP_HEAD, .sealed = row->sealed};

    exporting->n_heads++;
    return nta_backup_put(&exporting->writer, &item, err);
}

static int on_batch(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict,
                    struct nta_err *err)
{
    struct exporting *exporting = owner;
    const struct nta_backup_item item = {.kind = NTA_BACKUP_BATCH, .sealed = row->sealed};

    (void)verdict;
    show_progress(exporting, &row->header);
    if (*nta_catch_stop())
        return nta_err_set(err, -EINTR, "interrupted: nothing was written");
    int r = nta_chain_deletes(exporting->chain, &row->header)
                ? -ENOENT
                : put_key(exporting, &row->header, err);

    if (r == -ENOENT) /* deleted, as a note says or will say */
        return put_head(exporting, row, err);
    exporting->n_batches += r == 0;
    return r < 0 ? r : nta_backup_put(&exporting->writer, &item, err);
}

/** Of what is not wanted only what others are proved by. */
static int on_head(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct exporting *exporting = owner;
    const struct nta_header *header = &row->header;

    show_progress(exporting, header);
    return wants(exporting, row, NULL) || header->has_next || header->n_notes > 0
               ? put_head(exporting, row, err)
               : 0;
}

/** Before the walk: it must not tell of batches that are not in the file. */
static int put_state(struct exporting *exporting, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    int r =
        exporting->stores.journal ? nta_headfile_copy(exporting->stores.path, &text, err) : -ENOENT;

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    return nta_backup_put(
        &exporting->writer,
        &(struct nta_backup_item){.kind = NTA_BACKUP_STATE, .bytes = nta_buf_span(&text)}, err);
}

static int walk(struct exporting *exporting, struct nta_err *err)
{
    const struct nta_stores_walk walk = {
        .chain = exporting->chain,
        .wants = wants,
        .wants_owner = exporting,
        .each = on_batch,
        .head = on_head,
        .owner = exporting,
    };
    int r = nta_backup_begin(&exporting->writer, exporting->file.fd, err);

    if (r == 0)
        r = put_state(exporting, err);
    if (r == 0)
        r = nta_stores_each(&exporting->stores, &walk, err);
    if (r == 0)
        r = nta_stores_end(&exporting->stores, exporting->chain, true, err);
    if (r == 0 && exporting->n_batches + exporting->n_heads == 0)
        r = nta_err_set(err, -ENODATA, "there is nothing to export");
    return r < 0 ? r : nta_backup_end(&exporting->writer, err);
}

static int open_stores(struct exporting *exporting, struct nta_err *err)
{
    const struct nta_filters *filters = &exporting->filters;
    const struct nta_stores_options options = {
        .dir = filters->dir,
        .config = filters->config,
        .keys = filters->keys,
        .n_keys = filters->n_keys,
    };
    const struct nta_store_query all = {0};
    struct nta_stores *stores = &exporting->stores;
    int r = nta_stores_open(&options, stores, err);

    if (r < 0)
        return r;
    if ((stores->journal && nta_store_format(stores->journal) == 1) ||
        (stores->mysql && nta_store_format(stores->mysql) == 1))
        return nta_err_set(err, -EPROTO, "a store of format 1 is copied as the file that it is");
    if (stores->trust.n == 0)
        return nta_err_set(err, -ENOKEY,
                           "no sensor's key is known here: give the one that you noted (--key), or "
                           "put its sensor.pub into the key folder");
    if (nta_stores_count(stores, &all, &exporting->n_all, err) < 0)
        exporting->n_all = 0; /* damaged: no percentage */
    return nta_stores_judge(stores, false, &exporting->chain, err);
}

/** A link would say where the file is to be, and nobody asked it. */
static int open_file(struct exporting *exporting, struct nta_err *err)
{
    struct stat st;
    const bool is_there = lstat(exporting->output, &st) == 0;

    if (is_there && !S_ISREG(st.st_mode))
        return nta_err_set(err, -EINVAL, "%.300s is there, and is no regular file",
                           exporting->output);
    if (is_there && !exporting->force)
        return nta_err_set(err, -EEXIST, "%.300s is there already; --force replaces it",
                           exporting->output);
    int r = nta_fresh_check(exporting->output, err);

    if (r < 0)
        return r;
    r = nta_newfile_open(&exporting->file, exporting->output, 0600);
    return r < 0 ? nta_err_sys(err, r, "%.300s", exporting->output) : 0;
}

static int commit(struct exporting *exporting, struct nta_err *err)
{
    int r = nta_newfile_commit(&exporting->file, exporting->force);

    return r < 0 ? nta_err_sys(err, r, "%.300s", exporting->output) : 0;
}

static void say_done(const struct exporting *exporting)
{
    NTA_AUTO(nta_buf_done) struct nta_buf size = {0};

    nta_put_size(&size, exporting->writer.place.n_bytes);
    nta_prose_print(
        stdout, "%s: %" PRIu64 " batches, %" PRIu64 " heads alone, %" PRIu64 " data keys, %.*s\n",
        exporting->output, exporting->n_batches, exporting->n_heads, exporting->n_keys,
        (int)size.len, size.ptr ? (const char *)size.ptr : "");
}

/** What does not hold is not in the file, or is without what it hangs on. */
static int conclude(struct exporting *exporting)
{
    struct nta_proof_shown shown = {.n = 0};

    say_done(exporting);
    nta_proof_show_stores(&exporting->stores, &shown);
    return nta_findings_of(exporting->stores.findings, NTA_WRONG) || exporting->stores.is_partial
               ? NTA_EXIT_INPUT
               : NTA_EXIT_OK;
}

static int run(struct exporting *exporting)
{
    struct nta_err err = {0};
    int r = open_stores(exporting, &err);

    if (r == 0)
        r = open_file(exporting, &err);
    if (r == 0)
        r = walk(exporting, &err);
    if (r == 0)
        r = commit(exporting, &err);
    nta_progress_wipe();
    if (r == 0)
        return conclude(exporting);
    return nta_cmd_fail(r == -ENODATA ? NTA_EXIT_INPUT : nta_proof_failed(r), "%s", err.text);
}

int nta_cmd_export(int argc, char **argv)
{
    struct exporting exporting = {.file = NTA_NEWFILE_NONE};
    int status = take_options(&exporting, argc, argv);

    if (status < 0)
        status = run(&exporting);
    nta_newfile_drop(&exporting.file);
    nta_backup_writer_done(&exporting.writer);
    nta_chain_free(&exporting.chain);
    nta_stores_close(&exporting.stores);
    nta_filters_done(&exporting.filters);
    return status;
}
