/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading tables that somebody changed: from the first row to the last, as they lie there, each
 * value looked at by what it says.  On a connection of its own, since whoever gets a row may use
 * the store, and takes the time that it takes.
 */
#include "base/own.h"
#include "store/format1/mysql1.h"

#include <string.h>

enum
{
    COLUMN_DAY,
    COLUMN_SENSOR,
    COLUMN_REST
};

static int take_parts(const struct nta_mysql_binds *columns, enum nta_store_part from,
                      enum nta_store_part end, struct nta_store_row *row, struct nta_err *err)
{
    int result = 0;

    for (enum nta_store_part part = from; part < end && result == 0; part++)
        result = nta_mysql_take_part(
            columns, COLUMN_REST + NTA_MYSQL1_COLUMN_PARTS + (unsigned)part, part, row, err);
    return result;
}

/** The row at which the statement stands. */
static int take_row(const struct nta_mysql_binds *columns, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                    const struct nta_store_search *search, struct nta_store_row *row,
                    struct nta_err *err)
{
    enum nta_store_part end = !search->wants        ? NTA_N_PARTS
                              : search->with_tokens ? NTA_PART_BODY
                                                    : NTA_PART_TOKENS;
    uint64_t day = 0;
    int result;

    nta_store_row_clear(row);
    if (nta_mysql_number_of(columns, COLUMN_DAY, &day) && day >= NTA_MYSQL1_DAY_FIRST &&
        day <= NTA_MYSQL1_DAY_LAST)
        row->key.day = (int64_t)day - NTA_MYSQL1_DAYS;
    else
        row->faults |= NTA_ROW_TYPE;
    if (!columns->nulls[COLUMN_SENSOR] && columns->lens[COLUMN_SENSOR] == NTA_SENSOR_ID_LEN)
        memcpy(row->key.sensor, sensor, NTA_SENSOR_ID_LEN);
    else
        row->faults |= NTA_ROW_TYPE;
    nta_mysql1_take_columns(columns, COLUMN_REST, row);
    result = take_parts(columns, NTA_PART_HEADER, end, row, err);
    if (result < 0)
        return result;
    row->is_whole = !search->wants || search->wants(search->owner, row);
    return row->is_whole ? take_parts(columns, end, NTA_N_PARTS, row, err) : 0;
}

int nta_mysql1_each_odd(struct nta_store *store, const struct nta_store_search *search,
                        struct nta_store_row *row, nta_store_odd_fn *each, void *owner,
                        struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    bool is_loose = mysql->found[NTA_MYSQL1_BATCH].is_loose;
    struct nta_mysql_binds columns = {0};
    uint8_t sensor[NTA_SENSOR_ID_LEN] = {0};
    int result = 0;
    NTA_AUTO(nta_store_close) struct nta_store *twin = NULL;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (!is_loose && !mysql->has_odd_days)
        return 0;
    result = nta_mysql_open_twin(mysql, &twin, err);
    if (result < 0)
        return result;
    nta_mysql_bind_number(&columns, 0, true);
    nta_mysql_bind_bytes(&columns, sensor, sizeof(sensor));
    for (unsigned i = 0; i < NTA_MYSQL1_COLUMN_PARTS; i++)
        nta_mysql_bind_number(&columns, 0,
                              i != NTA_MYSQL1_COLUMN_FIRST && i != NTA_MYSQL1_COLUMN_LAST);
    for (unsigned i = 0; i < NTA_N_PARTS; i++)
        nta_mysql_bind_any(&columns);
    statement = nta_mysql_execute(nta_mysql_of(twin), is_loose ? NTA_MYSQL1_ALL : NTA_MYSQL1_ODD,
                                  NULL, &columns, &result, err);
    if (!statement)
        return result;
    nta_mysql_of(twin)->max_rows = UINT64_MAX; /* each is given before the next one is taken */
    while (result == 0 && (result = nta_mysql_next(nta_mysql_of(twin), statement, err)) > 0) {
        result = take_row(&columns, sensor, search, row, err);
        if (result == 0)
            result = each(owner, row);
        if (result != 0)
            return result;
    }
    return result;
}

int nta_mysql1_scan_keys(struct nta_mysql *mysql, nta_store_each_key_fn *each, void *owner,
                         struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_mysql_binds columns = {0};
    uint8_t id[NTA_DATA_KEY_ID_LEN] = {0};
    struct nta_stored_key key;
    NTA_AUTO(nta_store_close) struct nta_store *twin = NULL;
    int result = nta_mysql_open_twin(mysql, &twin, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (result < 0)
        return result;
    nta_mysql1_bind_key_columns(&columns, id);
    statement =
        nta_mysql_execute(nta_mysql_of(twin), NTA_MYSQL1_EACH_KEY, NULL, &columns, &result, err);
    if (!statement)
        return result;
    while ((result = nta_mysql_next(nta_mysql_of(twin), statement, err)) > 0) {
        result = nta_mysql1_take_key(&columns, id, &bytes, &key, err);
        if (result == 0)
            result = each(owner, &key, err);
        if (result != 0)
            return result;
    }
    return result;
}
