/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mysql/mysql_rows.h"

#include "base/own.h"

#include <string.h>

void nta_mysql_bind_key(struct nta_mysql_binds *params, int64_t day,
                        const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number)
{
    nta_mysql_bind_number(params, (uint64_t)(day + NTA_MYSQL_DAYS), false);
    nta_mysql_bind_bytes(params, sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(params, number, true);
}

int nta_mysql_get_row(struct nta_mysql *mysql, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      struct nta_store_head *ret_row, struct nta_err *err)
{
    struct nta_mysql_binds params = {0}, columns = {0};
    struct nta_store_head row = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&params, sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(&columns, 0, true);
    nta_mysql_bind_bytes(&columns, row.hash, sizeof(row.hash));
    statement = nta_mysql_execute(mysql, NTA_MYSQL_GET_HEAD, &params, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result <= 0)
        return result;
    row.number = columns.numbers[0];
    *ret_row = row;
    return 1;
}

/** A number of a column within [0, max]; else 0, and the row is not of its form. */
static uint64_t take_number(const struct nta_mysql_binds *columns, unsigned at, uint64_t max,
                            struct nta_store_row *row)
{
    uint64_t number = 0;

    if (nta_mysql_number_of(columns, at, &number) && number <= max)
        return number;
    row->faults |= NTA_ROW_TYPE;
    return 0;
}

void nta_mysql_take_columns(const struct nta_mysql_binds *columns, unsigned at,
                            struct nta_store_row *row)
{
    row->number = take_number(columns, at + NTA_MYSQL_COLUMN_NUMBER, UINT64_MAX, row);
    if (row->number == 0)
        row->faults |= NTA_ROW_TYPE;
    row->first_ns = (int64_t)take_number(columns, at + NTA_MYSQL_COLUMN_FIRST, UINT64_MAX, row);
    row->last_ns = (int64_t)take_number(columns, at + NTA_MYSQL_COLUMN_LAST, UINT64_MAX, row);
    row->n_records = (uint32_t)take_number(columns, at + NTA_MYSQL_COLUMN_RECORDS, UINT32_MAX, row);
    row->n_bytes = (uint32_t)take_number(columns, at + NTA_MYSQL_COLUMN_BYTES, UINT32_MAX, row);
    for (unsigned i = 0; i < NTA_N_PARTS; i++) {
        if (!nta_mysql_number_of(columns, at + NTA_MYSQL_COLUMN_LENS + i, &row->lens[i]))
            row->faults |= NTA_ROW_CONTENT;
        else if (row->lens[i] > nta_store_part_max[i])
            row->faults |= NTA_ROW_SIZE;
    }
}

int nta_mysql_take_part(const struct nta_mysql_binds *columns, unsigned at,
                        enum nta_store_part part, struct nta_store_row *row, struct nta_err *err)
{
    if (columns->nulls[at] || row->lens[part] > nta_store_part_max[part])
        return 0;
    if (columns->lens[at] != row->lens[part]) {
        row->faults |= NTA_ROW_CONTENT;
        return 0;
    }
    row->has[part] = true;
    return nta_mysql_bytes(columns, at, nta_store_part_max[part], &row->bytes, err);
}

void nta_mysql_bind_key_columns(struct nta_mysql_binds *columns, uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    nta_mysql_bind_bytes(columns, id, NTA_DATA_KEY_ID_LEN);
    nta_mysql_bind_number(columns, 0, false);
    nta_mysql_bind_number(columns, 0, true);
    nta_mysql_bind_any(columns);
}

int nta_mysql_take_key(const struct nta_mysql_binds *columns, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                       struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err)
{
    struct nta_stored_key key = {.faults = 0};
    uint64_t made = 0, len = 0;
    int result = 0;

    nta_buf_clear(bytes);
    if (columns->nulls[0] || columns->lens[0] != NTA_DATA_KEY_ID_LEN)
        key.faults |= NTA_ROW_TYPE;
    else
        memcpy(key.key.id, id, NTA_DATA_KEY_ID_LEN);
    if (!nta_mysql_number_of(columns, 1, &made))
        key.faults |= NTA_ROW_TYPE;
    if (!nta_mysql_number_of(columns, 2, &len))
        key.faults |= NTA_ROW_CONTENT;
    else if (len > NTA_STORE_KEY_MAX)
        key.faults |= NTA_ROW_SIZE;
    else
        result = nta_mysql_bytes(columns, 3, NTA_STORE_KEY_MAX, bytes, err);
    key.key.made_ns = (int64_t)made;
    key.key.blob = nta_buf_span(bytes);
    *ret_key = key;
    return result;
}
