/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/format1/mysql1.h"
#include "store/mysql/mysql_alike.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int list_runs(struct nta_mysql *mysql, struct nta_mysql_runs *list, struct nta_err *err)
{
    struct nta_mysql_binds columns = {0};
    struct nta_store_run run = {.day = 0};
    uint64_t day;
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_number(&columns, 0, false);
    nta_mysql_bind_bytes(&columns, run.sensor, sizeof(run.sensor));
    nta_mysql_bind_number(&columns, 0, true);
    nta_mysql_bind_number(&columns, 0, true);
    statement = nta_mysql_execute(mysql, NTA_MYSQL1_RUNS, NULL, &columns, &result, err);
    if (!statement)
        return result;
    while ((result = nta_mysql_next(mysql, statement, err)) > 0) {
        if (!nta_mysql_number_of(&columns, 0, &day) || columns.lens[1] != sizeof(run.sensor) ||
            !nta_mysql_number_of(&columns, 2, &run.first) ||
            !nta_mysql_number_of(&columns, 3, &run.last) || day < NTA_MYSQL1_DAY_FIRST ||
            day > NTA_MYSQL1_DAY_LAST) {
            mysql->has_odd_days = true;
            continue;
        }
        run.day = (int64_t)day - NTA_MYSQL1_DAYS;
        result = nta_mysql_add_run(list, &run);
        if (result < 0)
            return nta_err_sys(err, result, "MySQL at %s: batches", mysql->where);
    }
    return result;
}

int nta_mysql1_each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                        struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    NTA_AUTO(nta_mysql_runs_done) struct nta_mysql_runs list = {.n = 0};
    int result = nta_mysql_ready(mysql, err);

    mysql->has_odd_days = false;
    /* in a changed table nothing is in order: nta_mysql1_each_odd() gives its rows */
    if (result == 0 && !mysql->found[NTA_MYSQL1_BATCH].is_loose)
        result = list_runs(mysql, &list, err);
    for (size_t i = 0; i < list.n && result == 0; i++)
        result = each(owner, &list.runs[i]);
    return result;
}

/* ---- a batch ---- */

/** The row with its first `n_parts` parts: 1, 0 if there is none, negative errno. */
static int fetch_head(struct nta_mysql *mysql, const struct nta_store_search *search,
                      unsigned n_parts, struct nta_store_row *row, struct nta_err *err)
{
    struct nta_mysql_binds params = {0}, columns = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql1_bind_key(&params, search->day, search->sensor, search->from);
    nta_mysql_bind_number(&params, search->to, true);
    for (unsigned i = 0; i < NTA_MYSQL1_COLUMN_PARTS; i++)
        nta_mysql_bind_number(&columns, 0,
                              i != NTA_MYSQL1_COLUMN_FIRST && i != NTA_MYSQL1_COLUMN_LAST);
    for (unsigned i = 0; i < n_parts; i++)
        nta_mysql_bind_any(&columns);
    statement =
        nta_mysql_execute(mysql, NTA_MYSQL1_HEAD + (n_parts - 2), &params, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result <= 0)
        return result;
    nta_mysql1_take_columns(&columns, 0, row);
    result = 0;
    for (unsigned i = 0; i < n_parts && result == 0; i++)
        result = nta_mysql_take_part(&columns, NTA_MYSQL1_COLUMN_PARTS + i, (enum nta_store_part)i,
                                     row, err);
    return result < 0 ? result : 1;
}

/** Tokens, unless they were read, and the body.  1, 0 if the row is gone, negative errno. */
static int fetch_rest(struct nta_mysql *mysql, struct nta_store_row *row, struct nta_err *err)
{
    struct nta_mysql_binds params = {0}, columns = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql1_bind_key(&params, row->key.day, row->key.sensor, row->number);
    nta_mysql_bind_any(&columns);
    nta_mysql_bind_any(&columns);
    statement = nta_mysql_execute(mysql, NTA_MYSQL1_REST, &params, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result <= 0)
        return result;
    result = 0;
    if (!row->has[NTA_PART_TOKENS])
        result = nta_mysql_take_part(&columns, 0, NTA_PART_TOKENS, row, err);
    if (result == 0)
        result = nta_mysql_take_part(&columns, 1, NTA_PART_BODY, row, err);
    return result < 0 ? result : 1;
}

int nta_mysql1_fetch(struct nta_store *store, const struct nta_store_search *search,
                     struct nta_store_row *row, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    unsigned n_parts = !search->wants ? NTA_N_PARTS : search->with_tokens ? 3 : 2;
    int result = nta_mysql_ready(mysql, err);

    if (result < 0)
        return result;
    nta_store_row_clear(row);
    row->key.day = search->day;
    memcpy(row->key.sensor, search->sensor, NTA_SENSOR_ID_LEN);
    result = fetch_head(mysql, search, n_parts, row, err);
    if (result <= 0)
        return result;
    row->is_whole = !search->wants || search->wants(search->owner, row);
    if (!search->wants || !row->is_whole)
        return 1;
    result = fetch_rest(mysql, row, err);
    if (result ==
        0) /* gone in between, or so the server says: it was there, so that must be told */
        row->faults |= NTA_ROW_CONTENT;
    return result < 0 ? result : 1;
}

int nta_mysql1_count(struct nta_store *store, const struct nta_store_run *run, uint64_t below,
                     uint64_t *ret_n_rows, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct nta_mysql_binds params = {0}, columns = {0};
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    *ret_n_rows = 0;
    if (result < 0 || (run && mysql->found[NTA_MYSQL1_BATCH].is_loose))
        return result;
    if (run)
        nta_mysql1_bind_key(&params, run->day, run->sensor, below);
    nta_mysql_bind_number(&columns, 0, true);
    statement = nta_mysql_execute(mysql, run ? NTA_MYSQL1_COUNT_RUN : NTA_MYSQL1_COUNT,
                                  run ? &params : NULL, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result > 0)
        *ret_n_rows = columns.numbers[0];
    return result < 0 ? result : 0;
}

/* ---- data keys ---- */

int nta_mysql1_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                        struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct nta_mysql_binds params = {0}, columns = {0};
    uint8_t found[NTA_DATA_KEY_ID_LEN] = {0};
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (result < 0 || mysql->found[NTA_MYSQL1_DATA_KEY].is_lacking)
        return result;
    nta_mysql_bind_bytes(&params, id, NTA_DATA_KEY_ID_LEN);
    nta_mysql1_bind_key_columns(&columns, found);
    statement = nta_mysql_execute(mysql, NTA_MYSQL1_FIND_KEY, &params, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result <= 0)
        return result;
    result = nta_mysql1_take_key(&columns, found, bytes, ret_key, err);
    return result < 0 ? result : 1;
}

static const struct nta_mysql_keys keys = {NTA_MYSQL1_DATA_KEY, NTA_MYSQL1_KEY_IDS,
                                           nta_mysql1_find_key, nta_mysql1_scan_keys};

int nta_mysql1_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                        struct nta_err *err)
{
    return nta_mysql_each_key_alike(store, &keys, each, owner, err);
}

/* ---- the chain's rows ---- */

/** The rows behind each other in `heads`; a table that is not there has none. */
static int list_heads(struct nta_mysql *mysql, struct nta_buf *heads, struct nta_err *err)
{
    struct nta_mysql_binds columns = {0};
    struct nta_err one = {0};
    struct nta_store_chain head = {.faults = 0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&columns, head.sensor, sizeof(head.sensor));
    nta_mysql_bind_number(&columns, 0, true);
    nta_mysql_bind_bytes(&columns, head.hash, sizeof(head.hash));
    statement = nta_mysql_execute(mysql, NTA_MYSQL1_EACH_HEAD, NULL, &columns, &result, &one);
    if (!statement)
        return result == -ENOENT ? 0 : nta_err_set(err, result, "%s", one.text);
    while ((result = nta_mysql_next(mysql, statement, err)) > 0) {
        bool is_whole = !columns.nulls[0] && columns.lens[0] == sizeof(head.sensor) &&
                        nta_mysql_number_of(&columns, 1, &head.number) && !columns.nulls[2] &&
                        columns.lens[2] == sizeof(head.hash);

        head.faults = is_whole ? 0 : NTA_ROW_TYPE;
        nta_buf_put(heads, &head, sizeof(head));
        if (heads->failed || heads->len / sizeof(head) > NTA_MYSQL_ROWS_MAX)
            return nta_err_set(err, -ENOMEM, "MySQL at %s: too many chains", mysql->where);
        head = (struct nta_store_chain){.faults = 0};
    }
    return result;
}

int nta_mysql1_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                          struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    NTA_AUTO(nta_buf_done) struct nta_buf heads = {0};
    int result = nta_mysql_ready(mysql, err);

    if (result == 0 && !mysql->found[NTA_MYSQL1_CHAIN].is_lacking)
        result = list_heads(mysql, &heads, err);
    for (size_t at = 0; at < heads.len && result == 0; at += sizeof(struct nta_store_chain)) {
        struct nta_store_chain head;

        memcpy(&head, heads.ptr + at, sizeof(head));
        result = each(owner, &head, err);
    }
    return result;
}

int nta_mysql1_measure(struct nta_store *store, struct nta_store_size *ret_size,
                       struct nta_err *err)
{
    return nta_mysql_measure_alike(store, NTA_MYSQL1_MEASURE, ret_size, err);
}
