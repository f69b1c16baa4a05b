/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/mysql/mysql_alike.h"
#include "store/mysql/mysql_calls.h"
#include "store/mysql/mysql_rows.h"
#include "store/mysql/mysql_statements.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int list_runs(struct nta_mysql *mysql, struct nta_mysql_runs *list, struct nta_err *err)
{
    struct nta_mysql_binds columns = {0};
    struct nta_store_run run = {.day = 0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&columns, run.sensor, sizeof(run.sensor));
    nta_mysql_bind_number(&columns, 0, true);
    nta_mysql_bind_number(&columns, 0, true);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_RUNS, NULL, &columns, &result, err);
    if (!statement)
        return result;
    while ((result = nta_mysql_next(mysql, statement, err)) > 0) {
        if (columns.nulls[0] || columns.lens[0] != sizeof(run.sensor) ||
            !nta_mysql_number_of(&columns, 1, &run.first) ||
            !nta_mysql_number_of(&columns, 2, &run.last))
            continue;
        result = nta_mysql_add_run(list, &run);
        if (result < 0)
            return nta_err_sys(err, result, "MySQL at %s: batches", mysql->where);
    }
    return result;
}

int nta_mysql_each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                       struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    NTA_AUTO(nta_mysql_runs_done) struct nta_mysql_runs list = {.n = 0};
    int result = nta_mysql_ready(mysql, err);

    /* in a changed table nothing is in order: nta_mysql_each_odd() gives its rows */
    if (result == 0 && !mysql->found[NTA_MYSQL_HEAD].is_loose)
        result = list_runs(mysql, &list, err);
    for (size_t i = 0; i < list.n && result == 0; i++)
        result = each(owner, &list.runs[i]);
    return result;
}

int nta_mysql_newest(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to, struct nta_store_last *ret_last, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    int result = nta_mysql_ready(mysql, err);

    *ret_last = (struct nta_store_last){.n_header = 0};
    if (result == 0)
        result = nta_mysql_get_last(mysql, NTA_MYSQL_NEWEST, sensor, up_to, ret_last, err);
    return result < 0 ? result : 0;
}

int nta_mysql_get_place(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        struct nta_store_place *ret_place, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    int result = nta_mysql_ready(mysql, err);

    *ret_place = (struct nta_store_place){.n_frontier = 0};
    if (result == 0 && !mysql->found[NTA_MYSQL_CHAIN].is_lacking)
        result = nta_mysql_get_chain(mysql, sensor, ret_place, err);
    return result < 0 ? result : 0;
}

/* ---- an index ---- */

int nta_mysql_get_index(struct nta_store *store, const struct nta_store_index_at *at,
                        struct nta_buf *bytes, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    const unsigned class = (unsigned)at->class;
    struct nta_mysql_binds params = {0}, columns = {0};
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (result < 0 || mysql->found[NTA_MYSQL_INDEX + class].is_lacking)
        return result;
    nta_mysql_bind_number(&params, (uint64_t)at->day, false);
    nta_mysql_bind_bytes(&params, at->sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(&params, at->number, true);
    nta_mysql_bind_number(&params, at->part, true);
    nta_mysql_bind_any(&columns);
    statement =
        nta_mysql_execute(mysql, NTA_MYSQL_GET_INDEX + class, &params, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result <= 0)
        return result;
    result = nta_mysql_bytes(&columns, 0, NTA_STORE_INDEX_MAX, bytes, err);
    return result < 0 ? result : 1;
}

/* ---- a batch ---- */

int nta_mysql_fetch(struct nta_store *store, const struct nta_store_search *search,
                    struct nta_store_row *row, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct nta_mysql_binds params = {0};
    struct nta_mysql_head head = {.data_key = {0}};
    int taken = 0, result = nta_mysql_ready(mysql, err);

    if (result < 0)
        return result;
    nta_store_row_clear(row);
    memcpy(row->key.sensor, search->sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_bytes(&params, search->sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(&params, search->from, true);
    nta_mysql_bind_number(&params, search->to, true);
    nta_mysql_bind_head(&head);
    {
        NTA_AUTO(nta_mysql_finish)
        MYSQL_STMT *statement = nta_mysql_execute(
            mysql, search->marked_only ? NTA_MYSQL_SEARCH_MARKED : NTA_MYSQL_SEARCH, &params,
            &head.columns, &result, err);

        if (!statement)
            return result;
        result = nta_mysql_next(mysql, statement, err);
        if (result > 0)
            taken = nta_mysql_take_head(&head, 0, row, err);
    }
    if (result <= 0 || taken < 0)
        return taken < 0 ? taken : result;
    taken = nta_mysql_take_content(mysql, search, row, err);
    return taken < 0 ? taken : 1;
}

int nta_mysql_count(struct nta_store *store, const struct nta_store_run *run, uint64_t below,
                    uint64_t *ret_n_rows, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct nta_mysql_binds params = {0}, columns = {0};
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    *ret_n_rows = 0;
    if (result < 0 || (run && mysql->found[NTA_MYSQL_HEAD].is_loose))
        return result;
    if (run)
        nta_mysql_bind_bytes(&params, run->sensor, NTA_SENSOR_ID_LEN);
    if (run)
        nta_mysql_bind_number(&params, below, true);
    nta_mysql_bind_number(&columns, 0, true);
    statement = nta_mysql_execute(mysql, run ? NTA_MYSQL_COUNT_RUN : NTA_MYSQL_COUNT,
                                  run ? &params : NULL, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result > 0)
        *ret_n_rows = columns.numbers[0];
    return result < 0 ? result : 0;
}

int nta_mysql_count_strays(struct nta_store *store, uint64_t *ret_n_strays, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    uint64_t n_strays = 0;
    int result = nta_mysql_ready(mysql, err);

    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && result == 0; class ++) {
        struct nta_mysql_binds columns = {0};
        NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

        if (mysql->found[NTA_MYSQL_CONTENT + class].is_lacking)
            continue;
        nta_mysql_bind_number(&columns, 0, true);
        statement =
            nta_mysql_execute(mysql, NTA_MYSQL_STRAYS + class, NULL, &columns, &result, err);
        if (!statement)
            return result;
        result = nta_mysql_next(mysql, statement, err);
        n_strays += result > 0 ? columns.numbers[0] : 0;
        result = result < 0 ? result : 0;
    }
    if (result == 0)
        *ret_n_strays = n_strays;
    return result;
}

/* ---- data keys ---- */

int nta_mysql_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                       struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct nta_mysql_binds params = {0};
    struct nta_mysql_key key = {.id = {0}};
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (result < 0 || mysql->found[NTA_MYSQL_DATA_KEY].is_lacking)
        return result;
    nta_mysql_bind_bytes(&params, id, NTA_DATA_KEY_ID_LEN);
    nta_mysql_bind_key(&key);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_FIND_KEY, &params, &key.columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result <= 0)
        return result;
    result = nta_mysql_take_key(&key, bytes, ret_key, err);
    return result < 0 ? result : 1;
}

static const struct nta_mysql_keys keys = {NTA_MYSQL_DATA_KEY, NTA_MYSQL_KEY_IDS,
                                           nta_mysql_find_key, nta_mysql_scan_keys};

int nta_mysql_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                       struct nta_err *err)
{
    return nta_mysql_each_key_alike(store, &keys, each, owner, err);
}

/* ---- the chain's rows ---- */

/** What the rows say, one behind the other; their frontiers lie in the other buffer. */
struct chain_list
{
    struct nta_buf chains, frontiers;
};

static void chains_done(struct chain_list *list)
{
    nta_buf_done(&list->chains);
    nta_buf_done(&list->frontiers);
}

static int list_chains(struct nta_mysql *mysql, struct chain_list *list, struct nta_err *err)
{
    struct nta_mysql_binds columns = {0};
    struct nta_store_chain chain = {.faults = 0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&columns, chain.sensor, sizeof(chain.sensor));
    nta_mysql_bind_number(&columns, 0, true);
    nta_mysql_bind_bytes(&columns, chain.hash, sizeof(chain.hash));
    nta_mysql_bind_any(&columns);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_EACH_CHAIN, NULL, &columns, &result, err);
    if (!statement)
        return result;
    while ((result = nta_mysql_next(mysql, statement, err)) > 0) {
        size_t before = list->frontiers.len;
        bool is_whole = !columns.nulls[0] && columns.lens[0] == sizeof(chain.sensor) &&
                        nta_mysql_number_of(&columns, 1, &chain.number) && !columns.nulls[2] &&
                        columns.lens[2] == sizeof(chain.hash) && !columns.nulls[3];

        result = nta_mysql_bytes(&columns, 3, NTA_LOG_FRONTIER_MAX, &list->frontiers, err);
        if (result < 0)
            return result;
        chain.frontier.len = list->frontiers.len - before;
        chain.faults = is_whole ? 0 : NTA_ROW_TYPE;
        nta_buf_put(&list->chains, &chain, sizeof(chain));
        if (list->chains.failed || list->chains.len / sizeof(chain) > NTA_MYSQL_ROWS_MAX)
            return nta_err_set(err, -ENOMEM, "MySQL at %s: too many chains", mysql->where);
        chain = (struct nta_store_chain){.faults = 0};
    }
    return result;
}

int nta_mysql_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                         struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    NTA_AUTO(chains_done) struct chain_list list = {.chains = {0}};
    size_t frontier = 0;
    int result = nta_mysql_ready(mysql, err);

    if (result == 0 && !mysql->found[NTA_MYSQL_CHAIN].is_lacking)
        result = list_chains(mysql, &list, err);
    for (size_t at = 0; at < list.chains.len && result == 0; at += sizeof(struct nta_store_chain)) {
        struct nta_store_chain chain;

        memcpy(&chain, list.chains.ptr + at, sizeof(chain));
        chain.frontier.ptr = list.frontiers.ptr ? list.frontiers.ptr + frontier : NULL;
        frontier += chain.frontier.len;
        result = each(owner, &chain, err);
    }
    return result;
}

int nta_mysql_measure(struct nta_store *store, struct nta_store_size *ret_size, struct nta_err *err)
{
    return nta_mysql_measure_alike(store, NTA_MYSQL_MEASURE, ret_size, err);
}
