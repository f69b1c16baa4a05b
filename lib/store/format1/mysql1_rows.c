/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/format1/mysql1.h"

#include <string.h>

void nta_mysql1_bind_key(struct nta_mysql_binds *params, int64_t day,
                         const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number)
{
    nta_mysql_bind_number(params, (uint64_t)(day + NTA_MYSQL1_DAYS), false);
    nta_mysql_bind_bytes(params, sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(params, number, true);
}

void nta_mysql1_take_columns(const struct nta_mysql_binds *columns, unsigned at,
                             struct nta_store_row *row)
{
    row->number = nta_mysql_take_number(columns, at + NTA_MYSQL1_COLUMN_NUMBER, UINT64_MAX, row);
    if (row->number == 0)
        row->faults |= NTA_ROW_TYPE;
    row->first_ns =
        (int64_t)nta_mysql_take_number(columns, at + NTA_MYSQL1_COLUMN_FIRST, UINT64_MAX, row);
    row->last_ns =
        (int64_t)nta_mysql_take_number(columns, at + NTA_MYSQL1_COLUMN_LAST, UINT64_MAX, row);
    row->n_records =
        (uint32_t)nta_mysql_take_number(columns, at + NTA_MYSQL1_COLUMN_RECORDS, UINT32_MAX, row);
    row->n_bytes =
        (uint32_t)nta_mysql_take_number(columns, at + NTA_MYSQL1_COLUMN_BYTES, UINT32_MAX, row);
    nta_mysql_take_lens(columns, at + NTA_MYSQL1_COLUMN_LENS, NTA_PART_HEADER, NTA_N_PARTS, row);
}

void nta_mysql1_bind_key_columns(struct nta_mysql_binds *columns, uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    nta_mysql_bind_bytes(columns, id, NTA_DATA_KEY_ID_LEN);
    nta_mysql_bind_number(columns, 0, false);
    nta_mysql_bind_number(columns, 0, true);
    nta_mysql_bind_any(columns);
}

int nta_mysql1_take_key(const struct nta_mysql_binds *columns,
                        const uint8_t id[NTA_DATA_KEY_ID_LEN], struct nta_buf *bytes,
                        struct nta_stored_key *ret_key, struct nta_err *err)
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
