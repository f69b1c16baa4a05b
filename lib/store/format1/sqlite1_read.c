/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/format1/sqlite1.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int nta_sqlite1_count(struct nta_store *store, const struct nta_store_run *run, uint64_t below,
                      uint64_t *ret_n_rows, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int code, result = nta_sqlite_refresh(sqlite, err);

    *ret_n_rows = 0;
    if (result < 0 || (run && nta_sqlite_is_loose(sqlite, NTA_SQLITE1_BATCH)))
        return result;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement =
        nta_sqlite_get(sqlite, run ? NTA_SQLITE1_COUNT_RUN : NTA_SQLITE1_COUNT, &result, err);

    if (!statement)
        return result;
    if (run) {
        (void)sqlite3_bind_int64(statement, 1, run->day);
        nta_sqlite_bind(statement, 2, run->sensor, sizeof(run->sensor));
        (void)sqlite3_bind_int64(statement, 3, below > INT64_MAX ? INT64_MAX : (int64_t)below - 1);
    }
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW)
        return nta_sqlite_fail_read(sqlite, code, "count its batches", err);
    *ret_n_rows = (uint64_t)sqlite3_column_int64(statement, 0);
    return 0;
}

/** What the store says of its chains, all read before anybody is called. */
struct head_list
{
    struct nta_store_chain *heads; ///< Owned.
    size_t n, size;
};

static void heads_done(struct head_list *list)
{
    free(list->heads);
}

static int add_head(struct head_list *list, sqlite3_stmt *statement)
{
    struct nta_store_chain head = {.faults = 0};
    int64_t number = 0;

    if (!nta_sqlite_exact(statement, 0, head.sensor, sizeof(head.sensor)) ||
        !nta_sqlite_number_of(statement, 1, &number) || number < 1 ||
        !nta_sqlite_exact(statement, 2, head.hash, sizeof(head.hash)))
        head.faults = NTA_ROW_TYPE;
    head.number = number > 0 ? (uint64_t)number : 0;
    if (list->n == list->size) {
        size_t size = list->size ? 2 * list->size : 8;
        struct nta_store_chain *more = reallocarray(list->heads, size, sizeof(*more));

        if (!more)
            return -ENOMEM;
        list->heads = more;
        list->size = size;
    }
    list->heads[list->n++] = head;
    return 0;
}

static int list_heads(struct nta_sqlite *sqlite, struct head_list *list, struct nta_err *err)
{
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE1_EACH_HEAD, &result, err);

    if (!statement)
        return result;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (add_head(list, statement) < 0)
            return nta_err_set(err, -ENOMEM, "out of memory");
    }
    return code == SQLITE_DONE ? 0 : nta_sqlite_fail_read(sqlite, code, "read its chain", err);
}

int nta_sqlite1_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                           struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    NTA_AUTO(heads_done) struct head_list list = {.n = 0};
    int result = nta_sqlite_refresh(sqlite, err);

    if (result < 0 || nta_sqlite_lacks(sqlite, NTA_SQLITE1_CHAIN))
        return result;
    int listed = nta_sqlite_settle(sqlite, list_heads(sqlite, &list, err), err);

    if (listed < 0 && listed != -EIO)
        return listed;
    for (size_t i = 0; i < list.n && result == 0; i++)
        result = each(owner, &list.heads[i], err);
    return result != 0 ? result : listed;
}

int nta_sqlite1_measure(struct nta_store *store, struct nta_store_size *ret_size,
                        struct nta_err *err)
{
    return nta_sqlite_measure_alike(store, NTA_SQLITE1_MEASURE, ret_size, err);
}
