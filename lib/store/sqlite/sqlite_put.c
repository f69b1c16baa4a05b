/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite store: what is written. */
#include "base/own.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"

#include <errno.h>
#include <inttypes.h>
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

int nta_sqlite_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                       struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_PUT_KEY, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, key->id, sizeof(key->id));
    (void)sqlite3_bind_int64(statement, 2, key->made_ns);
    nta_sqlite_bind(statement, 3, key->blob.ptr, key->blob.len);
    return nta_sqlite_step(sqlite, statement, "keep a data key", err);
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
    (void)sqlite3_bind_int64(statement, 1, nta_store_day(header->first_ns));
    nta_sqlite_bind(statement, 2, header->sensor, sizeof(header->sensor));
    (void)sqlite3_bind_int64(statement, 3, (int64_t)header->number);
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

static int put_content(struct nta_sqlite *sqlite, const struct nta_sealed *sealed,
                       struct nta_err *err)
{
    const struct nta_span *spans[] = {&sealed->header, &sealed->signature, &sealed->tokens,
                                      &sealed->body};
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_PUT_CONTENT, &result, err);

    if (!statement)
        return result;
    for (int i = 0; i < (int)NTA_N_ELEMENTS(spans); i++)
        nta_sqlite_bind(statement, i + 1, spans[i]->ptr, spans[i]->len);
    return nta_sqlite_step(sqlite, statement, "keep a batch", err);
}

static int put_row(struct nta_sqlite *sqlite, const struct nta_stored *batch, struct nta_err *err)
{
    const struct nta_header *header = &batch->header;
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_PUT_BATCH, &result, err);

    if (!statement)
        return result;
    (void)sqlite3_bind_int64(statement, 1, nta_store_day(header->first_ns));
    nta_sqlite_bind(statement, 2, header->sensor, sizeof(header->sensor));
    (void)sqlite3_bind_int64(statement, 3, (int64_t)header->number);
    (void)sqlite3_bind_int64(statement, 4, header->first_ns);
    (void)sqlite3_bind_int64(statement, 5, header->last_ns);
    (void)sqlite3_bind_int64(statement, 6, header->n_records);
    (void)sqlite3_bind_int64(statement, 7, (int64_t)nta_store_sealed_len(&batch->sealed));
    (void)sqlite3_bind_int64(statement, 8, sqlite3_last_insert_rowid(sqlite->db));
    return nta_sqlite_step(sqlite, statement, "keep a batch", err);
}

/** `which`: PUT_HEAD only ever raises the number, SET_HEAD takes its word. */
static int put_head(struct nta_sqlite *sqlite, enum nta_sqlite_statement which,
                    const struct nta_stored *batch, struct nta_err *err)
{
    uint8_t hash[NTA_HASH_LEN];
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, which, &result, err);

    if (!statement)
        return result;
    nta_header_hash(&batch->sealed, hash);
    nta_sqlite_bind(statement, 1, batch->header.sensor, sizeof(batch->header.sensor));
    (void)sqlite3_bind_int64(statement, 2, (int64_t)batch->header.number);
    nta_sqlite_bind(statement, 3, hash, sizeof(hash));
    return nta_sqlite_step(sqlite, statement, "keep the chain's head", err);
}

static int put_batch(struct nta_sqlite *sqlite, const struct nta_stored *batch, struct nta_err *err)
{
    int result;

    if (batch->header.number > INT64_MAX)
        return nta_err_set(err, -ERANGE, "batch number %" PRIu64 " is too large",
                           batch->header.number);
    result = look_for(sqlite, batch, err);
    if (result != 0)
        return result < 0 ? result : 0;
    result = put_content(sqlite, &batch->sealed, err);
    if (result == 0)
        result = put_row(sqlite, batch, err);
    return result;
}

/**
 * In the transaction: the chain's row is compared and moved on, so that nobody writes in between.
 */
static int append(struct nta_sqlite *sqlite, const struct nta_store_head *head,
                  const struct nta_stored *batches, size_t n_batches, struct nta_err *err)
{
    struct nta_store_head row;
    size_t n_there = 0;
    int result =
        nta_sqlite_last(&sqlite->store, batches[0].header.sensor, &row.number, row.hash, err);

    if (result == -EBADMSG)
        result = 0; /* as no row: the writer goes on behind what it knows, and sets it right */
    if (result == 0)
        result = nta_store_compare(&row, head, batches, n_batches, &n_there, err);
    for (size_t i = n_there; result == 0 && i < n_batches; i++)
        result = put_batch(sqlite, &batches[i], err);
    if (result == 0 && n_there < n_batches)
        result = put_head(sqlite, NTA_SQLITE_SET_HEAD, &batches[n_batches - 1], err);
    return result;
}

int nta_sqlite_put_batches(struct nta_store *store, const struct nta_store_head *head,
                           const struct nta_stored *batches, size_t n_batches, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int result = nta_sqlite_do(sqlite, NTA_SQLITE_BEGIN, "begin to write", err);

    if (result == 0 && head)
        result = append(sqlite, head, batches, n_batches, err);
    for (size_t i = 0; result == 0 && !head && i < n_batches; i++) {
        result = put_batch(sqlite, &batches[i], err);
        if (result == 0)
            result = put_head(sqlite, NTA_SQLITE_PUT_HEAD, &batches[i], err);
    }
    return nta_sqlite_end(sqlite, result, "commit", err);
}

int nta_sqlite_newest(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      uint64_t up_to, struct nta_store_head *ret_head, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_NEWEST, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, sensor, NTA_SENSOR_ID_LEN);
    (void)sqlite3_bind_int64(statement, 2, up_to > INT64_MAX ? INT64_MAX : (int64_t)up_to);
    code = sqlite3_step(statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        return nta_sqlite_fail(sqlite, code, "be read", err);
    *ret_head = (struct nta_store_head){0};
    if (code == SQLITE_ROW) {
        const struct nta_sealed sealed = {.header = nta_sqlite_column(statement, 1),
                                          .signature = nta_sqlite_column(statement, 2)};

        ret_head->number = (uint64_t)sqlite3_column_int64(statement, 0);
        nta_header_hash(&sealed, ret_head->hash);
    }
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
