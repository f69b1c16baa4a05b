/* SPDX-License-Identifier: Apache-2.0 */
#include "backup/take.h"

#include "base/own.h"
#include "output/term.h"
#include "pipeline/commit/indexer.h"
#include "store/headfile.h"
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum
{
    GROUP = 256,                   ///< Batches of a transaction, at most;
    GROUP_BYTES = 8 * 1024 * 1024, ///< and their bytes, without the last one's.
    KEYS_MAX = 1 << 21 ///< Of 256 sensors in more than a year: who has more makes them up.
};

/** The data key of a class that stood before the batches that come. */
struct key_before
{
    struct nta_wrapped_key key;
    struct nta_buf blob; ///< Owned.
    bool is_there, is_put;
};

struct taking
{
    const struct nta_taking_options *options;
    struct nta_stores *stores;
    struct nta_taken taken;
    struct nta_chain *chain;
    struct nta_store_lock *lock;
    struct nta_store *target; ///< NULL: nothing is written.
    struct nta_backup_reader reader;
    struct key_before keys[NTA_N_CLASSES];
    struct nta_buf state; ///< Text of journal.state; empty: none came.
    struct nta_indexer indexer;
    uint8_t sensor[NTA_SENSOR_ID_LEN]; ///< Of the batch that came last, and
    uint64_t number;
    uint64_t n_keys;
    /* batches that are put together */
    struct nta_stored rows[GROUP];
    struct nta_buf bytes[GROUP];
    bool is_deleted[GROUP];
    size_t n_rows, n_bytes;
};

static void taking_done(struct taking *taking)
{
    nta_backup_reader_done(&taking->reader);
    nta_chain_free(&taking->chain);
    nta_store_close(&taking->target);
    nta_store_lock_free(&taking->lock);
    nta_buf_done(&taking->state);
    nta_indexer_done(&taking->indexer);
    for (size_t i = 0; i < NTA_N_CLASSES; i++)
        nta_buf_done(&taking->keys[i].blob);
    for (size_t i = 0; i < GROUP; i++)
        nta_buf_done(&taking->bytes[i]);
}

static void taking_free(struct taking **taking)
{
    if (*taking)
        taking_done(*taking);
    free(NTA_TAKE(*taking));
}

static void find_fault(struct taking *taking, enum nta_finding_kind kind, const char *text)
{
    const struct nta_finding_at nowhere = {.number = 0};

    nta_findings_add(taking->stores->findings, kind, &nowhere, text);
}

/* ---- the file, from its beginning to its end ---- */

static ssize_t pull(void *owner, void *bytes, size_t size)
{
    const struct taking *taking = owner;
    ssize_t n;

    do
        n = read(taking->options->fd, bytes, size);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

typedef int item_fn(struct taking *taking, const struct nta_backup_item *item, struct nta_err *err);

/** A file that was cut or damaged has given what was before that: it is a finding. */
static int pass_damage(struct taking *taking, int r, const struct nta_err *err)
{
    if (r != -EBADMSG || taking->reader.place.n_items == 0)
        return r;
    taking->taken.is_cut = true;
    find_fault(taking, NTA_FINDING_UNREAD, err->text);
    return 0;
}

static int each_item(struct taking *taking, const char *doing, item_fn *each, struct nta_err *err)
{
    const uint64_t size = taking->options->size;
    struct nta_backup_reader *reader = &taking->reader;
    struct nta_backup_item item;
    int r = 1;

    nta_backup_reader_done(reader);
    *reader = (struct nta_backup_reader){.pull = pull, .owner = taking};
    if (lseek(taking->options->fd, 0, SEEK_SET) < 0)
        return nta_err_sys(err, -errno, "backup");
    while (r > 0) {
        if (*nta_catch_stop())
            return nta_err_set(err, -EINTR, "interrupted: what was put until now stays");
        r = nta_backup_next(reader, &item, err);
        if (r < 0)
            return pass_damage(taking, r, err);
        if (r > 0 && (r = each(taking, &item, err)) == 0)
            r = 1;
        nta_progress_show("%s: %3.0f %%", doing,
                          size ? 100.0 * (double)reader->place.n_bytes / (double)size : 0.0);
    }
    return r;
}

/* ---- first: who signs what ---- */

static int learn_key(struct taking *taking, struct nta_span blob, struct nta_err *err)
{
    struct nta_stored_key key = {.faults = 0};

    if (taking->n_keys++ == KEYS_MAX)
        return nta_err_set(err, -E2BIG, "the file has more data keys than any store");
    if (nta_wrapped_key_of(blob, &key.key))
        (void)nta_chain_key(taking->chain, &key);
    else
        find_fault(taking, NTA_FINDING_KEY_ROW, NULL);
    return 0;
}

static int learn(struct taking *taking, const struct nta_backup_item *item, struct nta_err *err)
{
    struct nta_stored row;
    int r = 0;

    if (item->kind == NTA_BACKUP_KEY)
        return learn_key(taking, item->bytes, err);
    if (item->kind == NTA_BACKUP_STATE && taking->state.len == 0)
        nta_buf_put(&taking->state, item->bytes.ptr, item->bytes.len);
    if (item->kind == NTA_BACKUP_HEAD || item->kind == NTA_BACKUP_BATCH) {
        nta_backup_row(item, &row);
        r = nta_chain_learn(taking->chain, &row);
    }
    return r < 0 || taking->state.failed ? nta_err_sys(err, -ENOMEM, "chain") : 0;
}

/* ---- then: what is there already ---- */

/**
 * The judge of the store as it is, which knows the file's key changes, too.  Contents are looked
 * at: of what is missing or damaged there a copy is taken.
 */
static int judge(struct taking *taking, struct nta_err *err)
{
    struct nta_stores *stores = taking->stores;
    int r = access(stores->path, F_OK) < 0 ? -errno : 0;

    if (r < 0 && r != -ENOENT) /* what cannot be seen may be there */
        return nta_err_sys(err, r, "%.300s", stores->path);
    if (r == 0)
        r = nta_store_open_sqlite(stores->path, false, &stores->journal, err);
    if (r == -ENOENT) /* an empty file, as an import leaves that failed in its first moment */
        r = 0;
    stores->is_restored = true;
    if (r == 0)
        r = nta_stores_judge(stores, false, &taking->chain, err);
    if (r == 0)
        r = each_item(taking, "looking through it", learn, err);
    const struct nta_stores_walk walk = {.chain = taking->chain};

    if (r == 0 && stores->journal)
        r = nta_stores_each(stores, &walk, err);
    nta_store_close(&stores->journal);
    return r;
}

/* ---- at last: what comes ---- */

static void count(struct taking *taking, const struct nta_stored *row)
{
    if (row->faults & NTA_ROW_ABSENT)
        taking->taken.n_heads++;
    else
        taking->taken.n_batches++;
    taking->taken.n_deleted += taking->is_deleted[row - taking->rows];
}

static int put_each(struct taking *taking, struct nta_err *err)
{
    int r = 0;

    for (size_t i = 0; i < taking->n_rows && r == 0; i++) {
        r = nta_store_put_batches(taking->target, &taking->rows[i], 1, err);
        if (r == 0)
            count(taking, &taking->rows[i]);
        if (r != -EEXIST)
            continue;
        nta_chain_report(taking->chain, NTA_FINDING_REPEAT, &taking->rows[i].header, NULL);
        taking->taken.n_refused++;
        r = 0;
    }
    return r;
}

/** All that waits, in one transaction; if one of them may not be put, each by itself. */
static int flush(struct taking *taking, struct nta_err *err)
{
    int r = taking->target && taking->n_rows > 0
                ? nta_store_put_batches(taking->target, taking->rows, taking->n_rows, err)
                : 0;

    for (size_t i = 0; i < taking->n_rows && r == 0; i++)
        count(taking, &taking->rows[i]);
    if (r == -EEXIST)
        r = put_each(taking, err);
    taking->n_rows = taking->n_bytes = 0;
    return r;
}

/** The row's bytes are the reader's: they stay here, and an older buffer goes there. */
static int keep(struct taking *taking, const struct nta_stored *row, bool is_deleted,
                struct nta_err *err)
{
    struct nta_buf *mine = &taking->bytes[taking->n_rows], theirs = taking->reader.item;

    taking->reader.item = *mine;
    *mine = theirs;
    taking->rows[taking->n_rows] = *row;
    taking->is_deleted[taking->n_rows++] = is_deleted;
    taking->n_bytes += theirs.len;
    return taking->n_rows == GROUP || taking->n_bytes >= GROUP_BYTES || row->n_indexes > 0
               ? flush(taking, err)
               : 0;
}

/** Of the batches that come. */
static int take_key(struct taking *taking, struct nta_span blob, struct nta_err *err)
{
    struct nta_wrapped_key key;

    if (!nta_wrapped_key_of(blob, &key))
        return 0; /* that was said */
    struct key_before *before = &taking->keys[key.class];

    nta_buf_clear(&before->blob);
    nta_buf_put(&before->blob, blob.ptr, blob.len);
    before->is_there = !before->blob.failed;
    before->is_put = false;
    before->key = key;
    before->key.blob = nta_buf_span(&before->blob);
    return before->is_there ? 0 : nta_err_sys(err, -ENOMEM, "data keys");
}

/** 1: the store has the batch's data key, or has it now; 0: neither has; or negative errno. */
static int put_key(struct taking *taking, const struct nta_header *header, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf ignored = {0};
    struct key_before *before = &taking->keys[header->class];
    struct nta_stored_key stored;
    const bool is_it =
        before->is_there && memcmp(before->key.id, header->data_key, NTA_DATA_KEY_ID_LEN) == 0;

    if (is_it && (before->is_put || !taking->target))
        return 1;
    if (!is_it)
        return taking->target
                   ? nta_store_find_key(taking->target, header->data_key, &ignored, &stored, err)
                   : 1;
    int r = nta_store_put_key(taking->target, &before->key, err);

    before->is_put = r == 0;
    return r < 0 ? r : 1;
}

/** One that the judge let pass. */
static int put(struct taking *taking, const struct nta_stored *row, bool is_deleted,
               struct nta_err *err)
{
    int r = row->faults & NTA_ROW_ABSENT ? 1 : put_key(taking, &row->header, err);

    if (r > 0)
        return keep(taking, row, is_deleted, err);
    if (r == 0) {
        nta_chain_report(taking->chain, NTA_FINDING_KEY_MISSING, &row->header, NULL);
        taking->taken.n_refused++;
    }
    return r;
}

/** It is there already: of it only indexes, which may not be. */
static int put_indexes(struct taking *taking, const struct nta_stored *row, struct nta_err *err)
{
    struct nta_stored head = *row;
    int r = row->n_indexes > 0 ? flush(taking, err) : 0;

    head.faults |= NTA_ROW_ABSENT;
    if (r == 0 && row->n_indexes > 0)
        r = nta_store_put_batches(taking->target, &head, 1, err);
    return r == -EEXIST ? 0 : r; /* as it came it is another one, which was said */
}

/**
 * Indexes are not in the file: whatever comes out as a header notes it is put with it.  They are of
 * batches of one sensor in a row.
 */
static void index_before(struct taking *taking, struct nta_stored *row)
{
    const struct nta_header *header = &row->header;

    if (memcmp(taking->sensor, header->sensor, NTA_SENSOR_ID_LEN) != 0 ||
        header->number <= taking->number)
        nta_indexer_forget(&taking->indexer);
    memcpy(taking->sensor, header->sensor, NTA_SENSOR_ID_LEN);
    taking->number = header->number;
    nta_indexer_make_again(&taking->indexer, header);
    nta_indexer_put(&taking->indexer, row);
}

/** A batch as it came, or a head. */
static int put_or_pass(struct taking *taking, struct nta_stored *row, bool is_again,
                       bool is_deleted, struct nta_err *err)
{
    const bool has_indexes = taking->target && !(row->faults & NTA_ROW_HEADER);

    if (has_indexes)
        index_before(taking, row);
    taking->taken.n_there += is_again;
    int r = is_again ? put_indexes(taking, row, err) : put(taking, row, is_deleted, err);

    if (has_indexes) /* its bytes are where they were */
        nta_indexer_take(&taking->indexer, row->header.has_next, row);
    return r;
}

static int take_batch(struct taking *taking, const struct nta_backup_item *item,
                      struct nta_err *err)
{
    struct nta_verdict verdict;
    struct nta_stored row;

    nta_backup_row(item, &row);
    const bool is_deleted = item->kind == NTA_BACKUP_BATCH && !(row.faults & NTA_ROW_HEADER) &&
                            nta_chain_deletes(taking->chain, &row.header);

    if (is_deleted) {
        row.faults |= NTA_ROW_ABSENT;
        row.is_whole = false;
    }
    nta_chain_look(taking->chain, &row, false, &verdict);
    if (nta_chain_prove(taking->chain, &row, NTA_CHAIN_NOW, &verdict) < 0)
        return nta_err_sys(err, -ENOMEM, "chain");
    nta_chain_complete(taking->chain, &row, &verdict);
    const bool is_head = !verdict.shows && row.faults & NTA_ROW_ABSENT &&
                         (verdict.why == NTA_FINDING_DELETED || verdict.why == NTA_FINDING_CONTENT);

    if (!verdict.is_again && (!verdict.is_ours || (!verdict.shows && !is_head))) {
        taking->taken.n_refused++;
        return 0;
    }
    return put_or_pass(taking, &row, verdict.is_again, is_deleted, err);
}

static int take(struct taking *taking, const struct nta_backup_item *item, struct nta_err *err)
{
    switch (item->kind) {
    case NTA_BACKUP_KEY: return take_key(taking, item->bytes, err);
    case NTA_BACKUP_HEAD:
    case NTA_BACKUP_BATCH: return take_batch(taking, item, err);
    case NTA_BACKUP_BEGIN:
    case NTA_BACKUP_STATE:
    case NTA_BACKUP_END:
    case NTA_BACKUP_N_KINDS: break;
    }
    return 0;
}

/* ---- what else there is ---- */

static const uint8_t *find_key(const void *owner, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    return nta_chain_checkpoint_key(owner, sensor);
}

/** What the sensor remembered of its chain, where all of that came. */
static int put_state(struct taking *taking, struct nta_err *err)
{
    if (taking->state.len == 0 || !taking->target || taking->taken.n_refused ||
        taking->taken.is_cut)
        return 0;
    int r = nta_headfile_paste(taking->stores->path, nta_buf_span(&taking->state), find_key,
                               taking->chain, err);

    if (r == -EBADMSG)
        find_fault(taking, NTA_FINDING_STATE, NULL);
    return r == -EBADMSG || r == -EEXIST ? 0 : r;
}

/** Root makes it its folder's owner's: SQLite gives the files beside it to whom this one is. */
static int make_file(const char *path, struct nta_err *err)
{
    NTA_AUTO_FD int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

    if (fd < 0)
        return errno == EEXIST ? 0 : nta_err_sys(err, -errno, "%.300s", path);
    nta_store_own_as_folder(path, fd);
    return 0;
}

static int open_target(struct taking *taking, struct nta_err *err)
{
    const char *path = taking->stores->path;
    int r = make_file(path, err);

    return r < 0 ? r : nta_store_open_sqlite(path, true, &taking->target, err);
}

/** Numbers are not missing at a beginning or end: they are in another file, or come later. */
static int end_judging(struct taking *taking, struct nta_err *err)
{
    const struct nta_chain_end end = {.is_partial = true};
    struct nta_chain_sensor sensor;

    for (size_t i = 0; nta_chain_get(taking->chain, i, &sensor); i++)
        nta_chain_head_after(taking->chain, sensor.trusted->sensor, sensor.last); /* put with it */
    return nta_chain_end(taking->chain, &end) < 0 ? nta_err_sys(err, -ENOMEM, "chain") : 0;
}

static int take_all(struct taking *taking, struct nta_err *err)
{
    int r = judge(taking, err);

    if (r == 0 && !taking->options->only_checks)
        r = open_target(taking, err);
    if (r < 0)
        return r;
    nta_chain_turn(taking->chain);
    r = each_item(taking, "taking it in", take, err);
    const int flushed = flush(taking, r == 0 ? err : &(struct nta_err){0});

    if (r == 0)
        r = flushed;
    if (r == 0)
        r = end_judging(taking, err);
    return r == 0 ? put_state(taking, err) : r;
}

int nta_take(const struct nta_taking_options *options, struct nta_taken *ret_taken,
             struct nta_err *err)
{
    NTA_AUTO(taking_free) struct taking *taking = calloc(1, sizeof(*taking));

    if (!taking)
        return nta_err_sys(err, -ENOMEM, "import");
    taking->options = options;
    taking->stores = options->stores;
    int r = options->only_checks
                ? 0
                : nta_store_lock_take(options->stores->path, false, &taking->lock, err);

    if (r == 0)
        r = take_all(taking, err);
    *ret_taken = taking->taken;
    return r;
}
