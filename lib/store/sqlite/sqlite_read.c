/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/sqlite/sqlite_alike.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"
#include "store/sqlite/sqlite_statements.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** What the columns of a chain's row say; its frontier borrows until the next step. */
static void take_chain(sqlite3_stmt *statement, struct nta_store_chain *ret_chain)
{
    struct nta_store_chain chain = {.frontier = nta_sqlite_column(statement, 3)};
    int64_t number = 0;

    if (!nta_sqlite_exact(statement, 0, chain.sensor, sizeof(chain.sensor)) ||
        !nta_sqlite_number_of(statement, 1, &number) || number < 1 ||
        !nta_sqlite_exact(statement, 2, chain.hash, sizeof(chain.hash)) ||
        sqlite3_column_type(statement, 3) != SQLITE_BLOB)
        chain.faults = NTA_ROW_TYPE;
    chain.number = number > 0 ? (uint64_t)number : 0;
    *ret_chain = chain;
}

int nta_sqlite_get_place(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         struct nta_store_place *ret_place, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    struct nta_store_chain chain;
    int code, result = nta_sqlite_refresh(sqlite, err);
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = result < 0 || nta_sqlite_lacks(sqlite, NTA_SQLITE_CHAIN)
                                  ? NULL
                                  : nta_sqlite_get(sqlite, NTA_SQLITE_GET_CHAIN, &result, err);

    *ret_place = (struct nta_store_place){.n_frontier = 0};
    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, sensor, NTA_SENSOR_ID_LEN);
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail(sqlite, code, "be read", err);
    take_chain(statement, &chain);
    /* a frontier that is none is found out by whoever holds it against the signed header */
    if (chain.number == 0 || sqlite3_column_type(statement, 2) == SQLITE_NULL)
        return nta_err_set(err, -EBADMSG, "store %s: the chain's head is damaged", sqlite->shown);
    ret_place->head.number = chain.number;
    memcpy(ret_place->head.hash, chain.hash, sizeof(chain.hash));
    nta_store_place_frontier(ret_place, chain.frontier);
    return 0;
}

int nta_sqlite_get_index(struct nta_store *store, const struct nta_store_index_at *at,
                         struct nta_buf *bytes, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    const unsigned class = (unsigned)at->class;
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement =
        at->number > INT64_MAX || nta_sqlite_lacks(sqlite, (unsigned)NTA_SQLITE_INDEX + class)
            ? NULL
            : nta_sqlite_get(sqlite, (unsigned)NTA_SQLITE_GET_INDEX + class, &result, err);

    if (!statement)
        return result;
    (void)sqlite3_bind_int64(statement, 1, at->day);
    nta_sqlite_bind(statement, 2, at->sensor, sizeof(at->sensor));
    (void)sqlite3_bind_int64(statement, 3, (int64_t)at->number);
    (void)sqlite3_bind_int64(statement, 4, at->part);
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return nta_sqlite_settle(sqlite, 0, err);
    if (code != SQLITE_ROW)
        return nta_sqlite_fail_read(sqlite, code, "read an index", err);
    const struct nta_span part = nta_sqlite_column(statement, 0);

    nta_buf_put(bytes, part.ptr, part.len);
    if (bytes->failed)
        return nta_err_set(err, -ENOMEM, "out of memory");
    return nta_sqlite_settle(sqlite, 1, err);
}

int nta_sqlite_count(struct nta_store *store, const struct nta_store_run *run, uint64_t below,
                     uint64_t *ret_n_rows, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int code, result = nta_sqlite_refresh(sqlite, err);

    *ret_n_rows = 0;
    if (result < 0 || (run && nta_sqlite_is_loose(sqlite, NTA_SQLITE_HEAD)))
        return result;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement =
        nta_sqlite_get(sqlite, run ? NTA_SQLITE_COUNT_RUN : NTA_SQLITE_COUNT, &result, err);

    if (!statement)
        return result;
    if (run) {
        nta_sqlite_bind(statement, 1, run->sensor, sizeof(run->sensor));
        (void)sqlite3_bind_int64(statement, 2, below > INT64_MAX ? INT64_MAX : (int64_t)below - 1);
    }
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW)
        return nta_sqlite_fail_read(sqlite, code, "count its batches", err);
    *ret_n_rows = (uint64_t)sqlite3_column_int64(statement, 0);
    return 0;
}

int nta_sqlite_count_strays(struct nta_store *store, uint64_t *ret_n_strays, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    uint64_t n_strays = 0;
    int result = nta_sqlite_refresh(sqlite, err);

    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && result == 0; class ++) {
        if (nta_sqlite_lacks(sqlite, NTA_SQLITE_CONTENT + class))
            continue;
        NTA_AUTO(nta_sqlite_finish)
        sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_STRAYS + class, &result, err);

        if (!statement)
            return result;
        int code = sqlite3_step(statement);

        if (code == SQLITE_ROW)
            n_strays += (uint64_t)sqlite3_column_int64(statement, 0);
        else
            result = nta_sqlite_fail_read(sqlite, code, "count its contents", err);
    }
    if (result == 0)
        *ret_n_strays = n_strays;
    return result;
}

/** What the store says of its chains, all read before anybody is called. */
struct chain_list
{
    struct nta_store_chain *chains; ///< Owned; their frontiers lie one behind the other
    struct nta_buf frontiers;       ///< here.
    size_t n, size;
};

static void chains_done(struct chain_list *list)
{
    free(list->chains);
    nta_buf_done(&list->frontiers);
}

static int add_chain(struct chain_list *list, sqlite3_stmt *statement)
{
    if (list->n == list->size) {
        size_t size = list->size ? 2 * list->size : 8;
        struct nta_store_chain *more = reallocarray(list->chains, size, sizeof(*more));

        if (!more)
            return -ENOMEM;
        list->chains = more;
        list->size = size;
    }
    struct nta_store_chain *chain = &list->chains[list->n++];

    take_chain(statement, chain);
    if (chain->frontier.len > 0)
        nta_buf_put(&list->frontiers, chain->frontier.ptr, chain->frontier.len);
    return list->frontiers.failed ? -ENOMEM : 0;
}

static int list_chains(struct nta_sqlite *sqlite, struct chain_list *list, struct nta_err *err)
{
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_EACH_CHAIN, &result, err);

    if (!statement)
        return result;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (add_chain(list, statement) < 0)
            return nta_err_set(err, -ENOMEM, "out of memory");
    }
    return code == SQLITE_DONE ? 0 : nta_sqlite_fail_read(sqlite, code, "read its chain", err);
}

int nta_sqlite_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                          struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    NTA_AUTO(chains_done) struct chain_list list = {.n = 0};
    size_t at = 0;
    int result = nta_sqlite_refresh(sqlite, err);

    if (result < 0 || nta_sqlite_lacks(sqlite, NTA_SQLITE_CHAIN))
        return result;
    int listed = nta_sqlite_settle(sqlite, list_chains(sqlite, &list, err), err);

    if (listed < 0 && listed != -EIO)
        return listed;
    for (size_t i = 0; i < list.n && result == 0; i++) {
        struct nta_store_chain *chain = &list.chains[i];

        chain->frontier.ptr = list.frontiers.ptr + at;
        at += chain->frontier.len;
        result = each(owner, chain, err);
    }
    return result != 0 ? result : listed;
}

int nta_sqlite_measure(struct nta_store *store, struct nta_store_size *ret_size,
                       struct nta_err *err)
{
    return nta_sqlite_measure_alike(store, NTA_SQLITE_MEASURE, ret_size, err);
}
