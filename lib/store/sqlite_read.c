/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/sqlite_internal.h"

#include <errno.h>
#include <string.h>

int nta_sqlite_last(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                    uint64_t *ret_number, uint8_t ret_hash[NTA_HASH_LEN], struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    struct nta_span hash;
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_GET_HEAD, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, sensor, NTA_SENSOR_ID_LEN);
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE) {
        *ret_number = 0;
        memset(ret_hash, 0, NTA_HASH_LEN);
        return 0;
    }
    if (code != SQLITE_ROW)
        return nta_sqlite_fail(sqlite, code, "be read", err);
    hash = nta_sqlite_column(statement, 1);
    if (hash.len != NTA_HASH_LEN)
        return nta_err_set(err, -EIO, "store %s: the chain's head is damaged", sqlite->shown);
    *ret_number = (uint64_t)sqlite3_column_int64(statement, 0);
    memcpy(ret_hash, hash.ptr, NTA_HASH_LEN);
    return 0;
}

/** The first run behind `run`'s (day, sensor): 1 with it in `run`, 0 at the end, negative errno. */
static int next_run(struct nta_sqlite *sqlite, struct nta_store_run *run, bool is_first,
                    struct nta_err *err)
{
    struct nta_span sensor;
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_NEXT_RUN, &result, err);

    if (!statement)
        return result;
    (void)sqlite3_bind_int64(statement, 1, run->day);
    nta_sqlite_bind(statement, 2, run->sensor, is_first ? 0 : NTA_SENSOR_ID_LEN);
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail(sqlite, code, "be read", err);
    sensor = nta_sqlite_column(statement, 1);
    if (sensor.len != NTA_SENSOR_ID_LEN)
        return nta_err_set(err, -EIO, "store %s: a sensor's id is damaged", sqlite->shown);
    run->day = sqlite3_column_int64(statement, 0);
    memcpy(run->sensor, sensor.ptr, NTA_SENSOR_ID_LEN);
    run->first = (uint64_t)sqlite3_column_int64(statement, 2);
    run->last = (uint64_t)sqlite3_column_int64(statement, 3);
    return 1;
}

int nta_sqlite_each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                        struct nta_err *err)
{
    struct nta_store_run run = {.day = INT64_MIN};
    bool is_first = true;
    int result;

    while ((result = next_run(nta_sqlite_of(store), &run, is_first, err)) > 0) {
        is_first = false;
        result = each(owner, &run);
        if (result != 0)
            break;
    }
    return result;
}

/** Copy a batch's bytes; a row without content leaves them empty, which no header is. */
static int copy_content(struct nta_sqlite *sqlite, int64_t id, bool no_body,
                        struct nta_store_row *row, struct nta_err *err)
{
    int n_columns = no_body ? 3 : 4, code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(
        sqlite, no_body ? NTA_SQLITE_CONTENT_NO_BODY : NTA_SQLITE_CONTENT, &result, err);

    if (!statement)
        return result;
    nta_buf_clear(&row->bytes);
    memset(row->lens, 0, sizeof(row->lens));
    (void)sqlite3_bind_int64(statement, 1, id);
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail(sqlite, code, "read a batch", err);
    for (int i = 0; i < n_columns; i++) {
        struct nta_span bytes = nta_sqlite_column(statement, i);

        row->lens[i] = bytes.len;
        nta_buf_put(&row->bytes, bytes.ptr, bytes.len);
    }
    return row->bytes.failed ? nta_err_set(err, -ENOMEM, "out of memory") : 0;
}

int nta_sqlite_fetch(struct nta_store *store, const struct nta_store_search *search,
                     struct nta_store_row *row, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    const struct nta_store_query *query = search->query;
    int code, result = 0;
    bool by_tokens = nta_store_wants_tokens(query);
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(
        sqlite, by_tokens ? NTA_SQLITE_SEARCH_TOKENS : NTA_SQLITE_SEARCH, &result, err);

    if (!statement)
        return result;
    if (search->from > INT64_MAX)
        return 0;
    (void)sqlite3_bind_int64(statement, 1, search->day);
    nta_sqlite_bind(statement, 2, search->sensor, sizeof(search->sensor));
    (void)sqlite3_bind_int64(statement, 3, (int64_t)search->from);
    (void)sqlite3_bind_int64(statement, 4,
                             search->to > INT64_MAX ? INT64_MAX : (int64_t)search->to);
    (void)sqlite3_bind_int64(statement, 5, query->since_ns ? query->since_ns : INT64_MIN);
    (void)sqlite3_bind_int64(statement, 6, query->until_ns ? query->until_ns : INT64_MAX);
    do {
        if (nta_store_watched(query, 1))
            return 0;
        code = sqlite3_step(statement);
    } while (code == SQLITE_ROW && by_tokens &&
             !nta_store_tokens_fit(query, nta_sqlite_column(statement, 5)));
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail(sqlite, code, "be searched", err);
    row->number = (uint64_t)sqlite3_column_int64(statement, 0);
    row->first_ns = sqlite3_column_int64(statement, 1);
    row->last_ns = sqlite3_column_int64(statement, 2);
    row->n_records = (uint32_t)sqlite3_column_int64(statement, 3);
    /* while the search stands, so that both see the same state */
    result = copy_content(sqlite, sqlite3_column_int64(statement, 4), query->no_body, row, err);
    return result < 0 ? result : 1;
}

int nta_sqlite_freeze(struct nta_store *store, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int64_t ignored;
    int result = nta_sqlite_run(sqlite, "BEGIN", "be read", err);

    /* the state to stay with is that of the first read */
    if (result == 0)
        result = nta_sqlite_number(sqlite, "SELECT count(*) FROM chain", &ignored, err);
    if (result < 0)
        nta_sqlite_thaw(store);
    return result;
}

void nta_sqlite_thaw(struct nta_store *store)
{
    if (!sqlite3_get_autocommit(nta_sqlite_of(store)->db))
        (void)sqlite3_exec(nta_sqlite_of(store)->db, "COMMIT", NULL, NULL, NULL);
}

int nta_sqlite_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                        struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_EACH_KEY, &result, err);

    if (!statement)
        return result;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct nta_span id = nta_sqlite_column(statement, 0);
        struct nta_wrapped_key key = {
            .made_ns = sqlite3_column_int64(statement, 1),
            .blob = nta_sqlite_column(statement, 2),
        };

        if (id.len != sizeof(key.id))
            return nta_err_set(err, -EIO, "store %s: a data key's id is damaged", sqlite->shown);
        memcpy(key.id, id.ptr, sizeof(key.id));
        result = each(owner, &key, err);
        if (result != 0)
            return result;
    }
    return code == SQLITE_DONE ? 0 : nta_sqlite_fail(sqlite, code, "read its data keys", err);
}

int nta_sqlite_measure(struct nta_store *store, struct nta_store_size *ret_size,
                       struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_MEASURE, &result, err);

    if (!statement)
        return result;
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW)
        return nta_sqlite_fail(sqlite, code, "be measured", err);
    *ret_size = (struct nta_store_size){
        .n_batches = (uint64_t)sqlite3_column_int64(statement, 0),
        .n_records = (uint64_t)sqlite3_column_int64(statement, 1),
        .bytes = (uint64_t)sqlite3_column_int64(statement, 2),
        .oldest_ns = sqlite3_column_int64(statement, 3),
    };
    return 0;
}
