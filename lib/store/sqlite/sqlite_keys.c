/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/sqlite/sqlite_alike.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"
#include "store/sqlite/sqlite_statements.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** The rows of all keys, in the order they came: 8 bytes for each. */
struct key_list
{
    int64_t *rows; ///< Owned.
    size_t n, size;
    bool is_damaged;
};

static void list_done(struct key_list *list)
{
    free(list->rows);
}

static int add_row(struct key_list *list, int64_t row)
{
    if (list->n == list->size) {
        size_t size = list->size ? 2 * list->size : 64;
        int64_t *more = reallocarray(list->rows, size, sizeof(*more));

        if (!more)
            return -ENOMEM;
        list->rows = more;
        list->size = size;
    }
    list->rows[list->n++] = row;
    return 0;
}

/**
 * Add what one statement gives, up to `stop_at` (NULL: to its end).  0, also if the rest cannot be
 * read; negative errno.
 */
static int list_rows(struct nta_sqlite *sqlite, enum nta_sqlite_statement which,
                     const int64_t *stop_at, struct key_list *list, struct nta_err *err)
{
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, which, &result, err);

    if (!statement)
        return result;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        int64_t row = sqlite3_column_int64(statement, 0);

        if (stop_at && row <= *stop_at)
            return 0;
        if (add_row(list, row) < 0)
            return nta_err_set(err, -ENOMEM, "out of memory");
    }
    if (code == SQLITE_DONE)
        return 0;
    list->is_damaged = true;
    result = nta_sqlite_fail_read(sqlite, code, "read its data keys", err);
    return result == -EIO ? 0 : result;
}

static int compare_rows(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, two = *(const int64_t *)b;

    return (one > two) - (one < two);
}

/** From the front, and where a page cannot be read, from the back as far as that. */
static int list_all(struct nta_sqlite *sqlite, struct key_list *list, struct nta_err *err)
{
    int result = list_rows(sqlite, NTA_SQLITE_KEY_ROWS, NULL, list, err);
    bool has_last = list->n > 0;

    if (result < 0 || !list->is_damaged)
        return result;
    int64_t last = has_last ? list->rows[list->n - 1] : 0;

    result = list_rows(sqlite, NTA_SQLITE_KEY_ROWS_BACK, has_last ? &last : NULL, list, err);
    if (list->n > 0)
        qsort(list->rows, list->n, sizeof(*list->rows), compare_rows);
    return result;
}

/** The key at which a statement stands; its blob into `bytes`. */
static int take_key(sqlite3_stmt *statement, struct nta_buf *bytes, struct nta_stored_key *ret_key,
                    struct nta_err *err)
{
    struct nta_stored_key key = {.faults = 0};
    int64_t class = 0;

    if (!nta_sqlite_exact(statement, 0, key.key.id, sizeof(key.key.id)) ||
        !nta_sqlite_exact(statement, 1, key.key.sensor, sizeof(key.key.sensor)) ||
        !nta_sqlite_number_of(statement, 2, &class) || class <= NTA_CLASS_NONE ||
        class >= NTA_N_CLASSES || !nta_sqlite_number_of(statement, 3, &key.key.day))
        key.faults |= NTA_ROW_TYPE;
    else
        key.key.class = (enum nta_class) class;
    nta_sqlite_take_blob(statement, 4, bytes, &key);
    *ret_key = key;
    return bytes->failed ? nta_err_set(err, -ENOMEM, "out of memory") : 0;
}

static const struct nta_sqlite_keys keys = {.table = NTA_SQLITE_DATA_KEY,
                                            .find = NTA_SQLITE_FIND_KEY,
                                            .scan = NTA_SQLITE_SCAN_KEY,
                                            .take = take_key};

/** The key in this row, and if a writer came meanwhile, once more.  As nta_sqlite_find_key(). */
static int key_at(struct nta_sqlite *sqlite, int64_t row, struct nta_buf *bytes,
                  struct nta_stored_key *ret_key, struct nta_err *err)
{
    int code, result = nta_sqlite_refresh(sqlite, err);
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement =
        result < 0 ? NULL : nta_sqlite_get(sqlite, NTA_SQLITE_KEY_AT, &result, err);

    if (!statement)
        return result;
    (void)sqlite3_bind_int64(statement, 1, row);
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail_read(sqlite, code, "read a data key", err);
    result = take_key(statement, bytes, ret_key, err);
    return result < 0 ? result : nta_sqlite_settle(sqlite, 1, err);
}

int nta_sqlite_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                        struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err)
{
    return nta_sqlite_find_key_alike(store, &keys, id, bytes, ret_key, err);
}

int nta_sqlite_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                        struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    NTA_AUTO(list_done) struct key_list list = {.n = 0};
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    int result = nta_sqlite_refresh(sqlite, err);

    if (result == 0 && nta_sqlite_lacks(sqlite, NTA_SQLITE_DATA_KEY))
        return 0;
    if (result == 0 && nta_sqlite_is_loose(sqlite, NTA_SQLITE_DATA_KEY))
        /* all as they lie there */
        return nta_sqlite_each_key_alike(sqlite, &keys, NTA_SQLITE_KEY_ALL, each, owner, err);
    if (result == 0)
        result = nta_sqlite_settle(sqlite, list_all(sqlite, &list, err), err);
    for (size_t i = 0; i < list.n && result == 0; i++) {
        struct nta_stored_key key = {.faults = NTA_ROW_UNREAD};

        result = key_at(sqlite, list.rows[i], &bytes, &key, err);
        list.is_damaged |= result == -EIO;
        if (result > 0 || result == -EIO)
            result = each(owner, &key, err);
    }
    if (result == 0 && list.is_damaged)
        return nta_err_set(err, -EIO,
                           "store %s: the file is damaged: some data keys cannot be read",
                           sqlite->shown);
    return result;
}
