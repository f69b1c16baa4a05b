/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading tables that somebody changed: from the first row to the last, as they lie there, each
 * value looked at by what it says.  On a connection of its own, since whoever gets a row may use
 * the store, and takes the time that it takes.
 */
#include "base/own.h"
#include "store/mysql/mysql_calls.h"
#include "store/mysql/mysql_rows.h"
#include "store/mysql/mysql_statements.h"

#include <string.h>

int nta_mysql_each_odd(struct nta_store *store, const struct nta_store_search *search,
                       struct nta_store_row *row, nta_store_odd_fn *each, void *owner,
                       struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct nta_mysql_head head = {.data_key = {0}};
    uint8_t sensor[NTA_SENSOR_ID_LEN] = {0};
    int result = 0;
    NTA_AUTO(nta_store_close) struct nta_store *twin = NULL;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (!mysql->found[NTA_MYSQL_HEAD].is_loose)
        return 0;
    result = nta_mysql_open_twin(mysql, &twin, err);
    if (result < 0)
        return result;
    nta_mysql_bind_bytes(&head.columns, sensor, sizeof(sensor));
    nta_mysql_bind_head(&head);
    statement =
        nta_mysql_execute(nta_mysql_of(twin), NTA_MYSQL_ALL, NULL, &head.columns, &result, err);
    if (!statement)
        return result;
    nta_mysql_of(twin)->max_rows = UINT64_MAX; /* each is given before the next one is taken */
    while (result == 0 && (result = nta_mysql_next(nta_mysql_of(twin), statement, err)) > 0) {
        nta_store_row_clear(row);
        if (!head.columns.nulls[0] && head.columns.lens[0] == sizeof(sensor))
            memcpy(row->key.sensor, sensor, sizeof(sensor));
        else
            row->faults |= NTA_ROW_TYPE;
        result = nta_mysql_take_head(&head, 1, row, err);
        if (result == 0)
            result = nta_mysql_take_content(mysql, search, row, err);
        if (result == 0)
            result = each(owner, row);
        if (result != 0)
            return result;
    }
    return result;
}

int nta_mysql_scan_keys(struct nta_mysql *mysql, nta_store_each_key_fn *each, void *owner,
                        struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_mysql_key columns = {.id = {0}};
    struct nta_stored_key key;
    NTA_AUTO(nta_store_close) struct nta_store *twin = NULL;
    int result = nta_mysql_open_twin(mysql, &twin, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (result < 0)
        return result;
    nta_mysql_bind_key(&columns);
    statement = nta_mysql_execute(nta_mysql_of(twin), NTA_MYSQL_EACH_KEY, NULL, &columns.columns,
                                  &result, err);
    if (!statement)
        return result;
    while ((result = nta_mysql_next(nta_mysql_of(twin), statement, err)) > 0) {
        result = nta_mysql_take_key(&columns, &bytes, &key, err);
        if (result == 0)
            result = each(owner, &key, err);
        if (result != 0)
            return result;
    }
    return result;
}
