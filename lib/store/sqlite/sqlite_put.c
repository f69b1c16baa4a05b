/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite store: what is written. */
#include "base/own.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"
#include "store/sqlite/sqlite_statements.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int nta_sqlite_end(struct nta_sqlite *sqlite, int result, const char *what, struct nta_err *err)
{
    if (result == 0)
        result = nta_sqlite_do(sqlite, NTA_SQLITE_COMMIT, what, err);
    if (result != 0 && !sqlite3_get_autocommit(sqlite->db))
        (void)sqlite3_exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL);
    return result;
}

/**
 * Data keys are written so that nothing of them stays where SQLite has been: not in pages that it
 * takes apart, either.
 */
static int guard(struct nta_sqlite *sqlite, bool on, struct nta_err *err)
{
    return nta_sqlite_run(sqlite, on ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = OFF",
                          "keep a data key", err);
}

static int put_key(struct nta_sqlite *sqlite, const struct nta_wrapped_key *key,
                   struct nta_err *err)
{
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_PUT_KEY, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, key->id, sizeof(key->id));
    nta_sqlite_bind(statement, 2, key->sensor, sizeof(key->sensor));
    (void)sqlite3_bind_int64(statement, 3, key->class);
    (void)sqlite3_bind_int64(statement, 4, key->day);
    nta_sqlite_bind(statement, 5, key->blob.ptr, key->blob.len);
    return nta_sqlite_step(sqlite, statement, "keep a data key", err);
}

int nta_sqlite_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                       struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int result = guard(sqlite, true, err);

    if (result == 0)
        result = put_key(sqlite, key, err);
    int back = guard(sqlite, false, result == 0 ? err : NULL);

    return result == 0 ? back : result;
}

static int overwrite_keys(struct nta_sqlite *sqlite, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          enum nta_class class, int64_t day, struct nta_err *err)
{
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_DESTROY_KEY, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, sensor, NTA_SENSOR_ID_LEN);
    (void)sqlite3_bind_int64(statement, 2, class);
    (void)sqlite3_bind_int64(statement, 3, day);
    return nta_sqlite_step(sqlite, statement, "destroy data keys", err);
}

/** All that is in the log goes into the file, and the log is cut to nothing. */
static int empty_log(struct nta_sqlite *sqlite, struct nta_err *err)
{
    int64_t is_busy = 1;
    int result = nta_sqlite_number(sqlite, "PRAGMA wal_checkpoint(TRUNCATE)", &is_busy, err);

    if (result == 0 && is_busy)
        result = nta_err_set(err, -EBUSY,
                             "store %s: data keys are overwritten, but a reader holds the log, "
                             "which still has them: it is to be tried again",
                             sqlite->shown);
    return result;
}

int nta_sqlite_destroy_key(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                           enum nta_class class, int64_t day, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int result = guard(sqlite, true, err);

    if (result == 0)
        result = overwrite_keys(sqlite, sensor, class, day, err);
    if (result == 0) /* also if nothing was there: it may be a second try */
        result = empty_log(sqlite, err);
    int back = guard(sqlite, false, result == 0 ? err : NULL);

    return result == 0 ? back : result;
}

/** 0: the key is free, 1: this very batch is there, -EEXIST: another one. */
static int look_for(struct nta_sqlite *sqlite, const struct nta_stored *batch, struct nta_err *err)
{
    const struct nta_header *header = &batch->header;
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_HELD, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, header->sensor, sizeof(header->sensor));
    (void)sqlite3_bind_int64(statement, 2, (int64_t)header->number);
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail(sqlite, code, "be read", err);
    if (nta_store_same(&batch->sealed, nta_sqlite_column(statement, 0),
                       nta_sqlite_column(statement, 1)))
        return 1;
    return nta_store_refuse(batch, err);
}

static int put_content(struct nta_sqlite *sqlite, const struct nta_stored *batch,
                       struct nta_err *err)
{
    const struct nta_header *header = &batch->header;
    const struct nta_sealed *sealed = &batch->sealed;
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(
        sqlite, (unsigned)NTA_SQLITE_PUT_CONTENT + (unsigned)header->class, &result, err);

    if (!statement)
        return result;
    (void)sqlite3_bind_int64(statement, 1, nta_day_of(header->sealed_ns));
    nta_sqlite_bind(statement, 2, header->sensor, sizeof(header->sensor));
    (void)sqlite3_bind_int64(statement, 3, (int64_t)header->number);
    nta_sqlite_bind(statement, 4, sealed->tokens.ptr, sealed->tokens.len);
    nta_sqlite_bind(statement, 5, sealed->body.ptr, sealed->body.len);
    return nta_sqlite_step(sqlite, statement, "keep a batch", err);
}

/** The indexes that the batch's header notes. */
static int put_indexes(struct nta_sqlite *sqlite, const struct nta_stored *batch,
                       struct nta_err *err)
{
    int result = 0;

    for (size_t i = 0; i < batch->n_indexes && result == 0; i++) {
        const struct nta_stored_index *index = &batch->indexes[i];
        NTA_AUTO(nta_sqlite_finish)
        sqlite3_stmt *statement = nta_sqlite_get(
            sqlite, (unsigned)NTA_SQLITE_PUT_INDEX + (unsigned)index->class, &result, err);

        if (!statement)
            return result;
        (void)sqlite3_bind_int64(statement, 1, index->day);
        nta_sqlite_bind(statement, 2, batch->header.sensor, sizeof(batch->header.sensor));
        (void)sqlite3_bind_int64(statement, 3, (int64_t)batch->header.number);
        (void)sqlite3_bind_int64(statement, 4, index->part);
        nta_sqlite_bind(statement, 5, index->bytes.ptr, index->bytes.len);
        result = nta_sqlite_step(sqlite, statement, "keep an index", err);
    }
    return result;
}

static int put_head(struct nta_sqlite *sqlite, const struct nta_stored *batch, struct nta_err *err)
{
    const struct nta_header *header = &batch->header;
    const struct nta_sealed *sealed = &batch->sealed;
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_PUT_HEAD, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, header->sensor, sizeof(header->sensor));
    (void)sqlite3_bind_int64(statement, 2, (int64_t)header->number);
    (void)sqlite3_bind_int64(statement, 3, header->class);
    (void)sqlite3_bind_int64(statement, 4, nta_day_of(header->sealed_ns));
    (void)sqlite3_bind_int64(statement, 5, header->first_ns);
    (void)sqlite3_bind_int64(statement, 6, header->last_ns);
    (void)sqlite3_bind_int64(statement, 7, header->n_records);
    (void)sqlite3_bind_int64(statement, 8, (int64_t)nta_store_sealed_len(sealed));
    nta_sqlite_bind(statement, 9, header->data_key, sizeof(header->data_key));
    nta_sqlite_bind(statement, 10, sealed->header.ptr, sealed->header.len);
    nta_sqlite_bind(statement, 11, sealed->signature.ptr, sealed->signature.len);
    (void)sqlite3_bind_int64(statement, 12, nta_store_marks_of(header));
    return nta_sqlite_step(sqlite, statement, "keep a batch", err);
}

/** `which`: RAISE_CHAIN only ever raises the number, SET_CHAIN takes its word. */
static int put_chain(struct nta_sqlite *sqlite, enum nta_sqlite_statement which,
                     const struct nta_stored *batch, struct nta_span frontier, struct nta_err *err)
{
    uint8_t link[NTA_HASH_LEN];
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, which, &result, err);

    if (!statement)
        return result;
    nta_header_hash(&batch->sealed, link);
    nta_sqlite_bind(statement, 1, batch->header.sensor, sizeof(batch->header.sensor));
    (void)sqlite3_bind_int64(statement, 2, (int64_t)batch->header.number);
    nta_sqlite_bind(statement, 3, link, sizeof(link));
    nta_sqlite_bind(statement, 4, frontier.ptr, frontier.len);
    return nta_sqlite_step(sqlite, statement, "keep the chain's head", err);
}

static int put_batch(struct nta_sqlite *sqlite, const struct nta_stored *batch, struct nta_err *err)
{
    int result = look_for(sqlite, batch, err);

    if (result != 0)
        return result < 0 ? result : 0;
    if (!(batch->faults & NTA_ROW_ABSENT))
        result = put_content(sqlite, batch, err);
    if (result == 0)
        result = put_head(sqlite, batch, err);
    return result == 0 ? put_indexes(sqlite, batch, err) : result;
}

/**
 * In the transaction: the chain's row is compared and moved on, so that nobody writes in between.
 */
static int append(struct nta_sqlite *sqlite, const struct nta_store_put *put, struct nta_err *err)
{
    struct nta_store_place row = {.n_frontier = 0};
    size_t n_there = 0;
    int result = nta_sqlite_get_place(&sqlite->store, put->batches[0].header.sensor, &row, err);

    if (result == -EBADMSG)
        result = 0; /* as no row: the writer goes on behind what it knows, and sets it right */
    if (result == 0)
        result = nta_store_compare(&row.head, put, &n_there, err);
    for (size_t i = n_there; result == 0 && i < put->n_batches; i++)
        result = put_batch(sqlite, &put->batches[i], err);
    if (result == 0 && n_there < put->n_batches)
        result = put_chain(sqlite, NTA_SQLITE_SET_CHAIN, &put->batches[put->n_batches - 1],
                           put->frontier, err);
    return result;
}

/** Where its head is there, its contents are put to it, in place of any that are there. */
static int copy_batch(struct nta_sqlite *sqlite, const struct nta_stored *batch,
                      struct nta_err *err)
{
    int result = look_for(sqlite, batch, err);

    if (result <= 0)
        return result < 0 ? result : put_batch(sqlite, batch, err);
    result = put_indexes(sqlite, batch, err);
    if (result < 0 || batch->faults & NTA_ROW_ABSENT)
        return result;
    result = put_content(sqlite, batch, err);
    return result == 0 ? put_head(sqlite, batch, err) : result;
}

/** A copy: what is there is compared, nothing is asked. */
static int copy(struct nta_sqlite *sqlite, const struct nta_store_put *put, struct nta_err *err)
{
    const struct nta_span none = {.len = 0};
    int result = 0;

    for (size_t i = 0; result == 0 && i < put->n_batches; i++) {
        result = copy_batch(sqlite, &put->batches[i], err);
        if (result == 0)
            result = put_chain(sqlite, NTA_SQLITE_RAISE_CHAIN, &put->batches[i], none, err);
    }
    return result;
}

int nta_sqlite_put_batches(struct nta_store *store, const struct nta_store_put *put,
                           struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int result = nta_sqlite_do(sqlite, NTA_SQLITE_BEGIN, "begin to write", err);

    if (result == 0)
        result = put->head ? append(sqlite, put, err) : copy(sqlite, put, err);
    return nta_sqlite_end(sqlite, result, "commit", err);
}

int nta_sqlite_newest(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      uint64_t up_to, struct nta_store_last *ret_last, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    struct nta_sealed sealed;
    int code, result = nta_sqlite_refresh(sqlite, err);
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement =
        result < 0 ? NULL : nta_sqlite_get(sqlite, NTA_SQLITE_NEWEST, &result, err);

    *ret_last = (struct nta_store_last){.n_header = 0};
    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, sensor, NTA_SENSOR_ID_LEN);
    (void)sqlite3_bind_int64(statement, 2, up_to > INT64_MAX ? INT64_MAX : (int64_t)up_to);
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW)
        return code == SQLITE_DONE ? 0 : nta_sqlite_fail(sqlite, code, "be read", err);
    sealed = (struct nta_sealed){.header = nta_sqlite_column(statement, 1),
                                 .signature = nta_sqlite_column(statement, 2)};
    nta_store_take_last(ret_last, (uint64_t)sqlite3_column_int64(statement, 0), &sealed);
    return 0;
}

/**
 * The log beside the file: the same one as before?  One that is gone takes the last commits along.
 */
static bool log_has_moved(struct nta_sqlite *sqlite)
{
    const char *path = sqlite3_filename_wal(sqlite3_db_filename(sqlite->db, "main"));
    struct stat status;

    if (!path || stat(path, &status) < 0)
        return sqlite->log_inode != 0;
    if (sqlite->log_inode == 0)
        sqlite->log_inode = status.st_ino;
    return sqlite->log_inode != status.st_ino;
}

bool nta_sqlite_has_moved(struct nta_store *store)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int moved = 0;

    if (sqlite3_file_control(sqlite->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK)
        moved = 0;
    return moved || log_has_moved(sqlite);
}
