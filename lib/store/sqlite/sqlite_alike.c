/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/sqlite_alike.h"

#include "base/own.h"

#include <errno.h>

static int64_t as_column(uint64_t number)
{
    return number > INT64_MAX ? INT64_MAX : (int64_t)number;
}

void nta_sqlite_bind_search(sqlite3_stmt *statement, int at, const struct nta_store_search *search)
{
    nta_sqlite_bind(statement, at, search->sensor, sizeof(search->sensor));
    (void)sqlite3_bind_int64(statement, at + 1, as_column(search->from));
    (void)sqlite3_bind_int64(statement, at + 2, as_column(search->to));
}

int nta_sqlite_search(struct nta_sqlite *sqlite, sqlite3_stmt *statement, nta_sqlite_take_fn *take,
                      const struct nta_store_search *search, struct nta_store_row *row,
                      struct nta_err *err)
{
    if (search->from > INT64_MAX)
        return 0;
    int code = sqlite3_step(statement);

    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail_read(sqlite, code, "be searched", err);
    int result = take(sqlite, statement, search, row, err);

    return result < 0 ? result : 1;
}

int nta_sqlite_fetch_alike(struct nta_store *store, const struct nta_sqlite_heads *heads,
                           const struct nta_store_search *search, struct nta_store_row *row,
                           struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    struct nta_store_run key = row->key;
    int result = nta_sqlite_refresh(sqlite, err);

    if (result == 0)
        result = heads->fetch(sqlite, search, row, err);
    if (!nta_sqlite_is_stale(sqlite))
        return result;
    result = nta_sqlite_refresh(sqlite, err);
    if (result < 0)
        return result;
    nta_store_row_clear(row);
    row->key = key;
    return heads->fetch(sqlite, search, row, err);
}

static int each_odd(struct nta_sqlite *sqlite, const struct nta_sqlite_heads *heads,
                    const struct nta_store_search *search, struct nta_store_row *row,
                    const struct nta_sqlite_odd *odd, struct nta_err *err)
{
    bool is_loose = nta_sqlite_is_loose(sqlite, heads->table);
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement =
        nta_sqlite_get(sqlite, is_loose ? heads->all : heads->odd, &result, err);

    if (!statement)
        return result;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        nta_store_row_clear(row);
        result = heads->take(sqlite, statement, search, row, err);
        if (result == 0)
            result = odd->each(odd->owner, row);
        if (result != 0)
            return result;
    }
    return code == SQLITE_DONE ? 0 : nta_sqlite_fail_read(sqlite, code, "be read", err);
}

int nta_sqlite_each_odd_alike(struct nta_store *store, const struct nta_sqlite_heads *heads,
                              const struct nta_store_search *search, struct nta_store_row *row,
                              const struct nta_sqlite_odd *odd, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int result = nta_sqlite_refresh(sqlite, err);

    if (result == 0)
        result = each_odd(sqlite, heads, search, row, odd, err);
    return result > 0 ? result : nta_sqlite_settle(sqlite, result, err);
}

/* the first key of a statement that is bound */
static int take_key(struct nta_sqlite *sqlite, const struct nta_sqlite_keys *keys,
                    sqlite3_stmt *statement, struct nta_buf *bytes, struct nta_stored_key *ret_key,
                    struct nta_err *err)
{
    int result, code = sqlite3_step(statement);

    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail_read(sqlite, code, "read a data key", err);
    result = keys->take(statement, bytes, ret_key, err);
    return result < 0 ? result : 1;
}

int nta_sqlite_find_key_alike(struct nta_store *store, const struct nta_sqlite_keys *keys,
                              const uint8_t id[NTA_DATA_KEY_ID_LEN], struct nta_buf *bytes,
                              struct nta_stored_key *ret_key, struct nta_err *err)
{
    const unsigned ways[] = {keys->find, keys->scan};
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int result = nta_sqlite_refresh(sqlite, err);

    if (result < 0)
        return nta_sqlite_settle(sqlite, result, err);
    if (nta_sqlite_lacks(sqlite, keys->table))
        return 0;
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways) && (i == 0 || result == -EIO); i++) {
        NTA_AUTO(nta_sqlite_finish)
        sqlite3_stmt *statement = nta_sqlite_get(sqlite, ways[i], &result, err);

        if (statement) {
            nta_sqlite_bind(statement, 1, id, NTA_DATA_KEY_ID_LEN);
            result = take_key(sqlite, keys, statement, bytes, ret_key, err);
        }
    }
    return nta_sqlite_settle(sqlite, result, err);
}

int nta_sqlite_each_key_alike(struct nta_sqlite *sqlite, const struct nta_sqlite_keys *keys,
                              unsigned which, nta_store_each_key_fn *each, void *owner,
                              struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_stored_key key;
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, which, &result, err);

    if (!statement)
        return result;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        result = keys->take(statement, &bytes, &key, err);
        if (result == 0)
            result = each(owner, &key, err);
        if (result != 0)
            return result;
    }
    return code == SQLITE_DONE ? 0 : nta_sqlite_fail_read(sqlite, code, "read its data keys", err);
}

void nta_sqlite_take_blob(sqlite3_stmt *statement, int column, struct nta_buf *bytes,
                          struct nta_stored_key *key)
{
    int64_t len = 0;

    nta_buf_clear(bytes);
    if (!nta_sqlite_number_of(statement, column, &len)) {
        key->faults |= NTA_ROW_CONTENT;
    } else if (len > NTA_STORE_KEY_MAX) {
        key->faults |= NTA_ROW_SIZE;
    } else {
        struct nta_span blob = nta_sqlite_column(statement, column + 1);

        nta_buf_put(bytes, blob.ptr, blob.len);
        key->key.blob = nta_buf_span(bytes);
        key->faults |= blob.len == (size_t)len ? 0 : NTA_ROW_UNREAD;
    }
}

int nta_sqlite_measure_alike(struct nta_store *store, unsigned which,
                             struct nta_store_size *ret_size, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int code, result = nta_sqlite_refresh(sqlite, err);
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = result < 0 ? NULL : nta_sqlite_get(sqlite, which, &result, err);

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
