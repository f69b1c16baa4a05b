/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mysql/mysql_alike.h"

#include "base/own.h"

#include <errno.h>

/** The ids behind each other in `ids`. */
static int list_keys(struct nta_mysql *mysql, unsigned which, struct nta_buf *ids,
                     struct nta_err *err)
{
    struct nta_mysql_binds columns = {0};
    uint8_t id[NTA_DATA_KEY_ID_LEN] = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&columns, id, sizeof(id));
    statement = nta_mysql_execute(mysql, which, NULL, &columns, &result, err);
    if (!statement)
        return result;
    while ((result = nta_mysql_next(mysql, statement, err)) > 0) {
        if (columns.nulls[0] || columns.lens[0] != sizeof(id))
            continue;
        nta_buf_put(ids, id, sizeof(id));
        if (ids->failed || ids->len / sizeof(id) > NTA_MYSQL_ROWS_MAX)
            return nta_err_set(err, -ENOMEM, "MySQL at %s: too many data keys", mysql->where);
    }
    return result;
}

int nta_mysql_each_key_alike(struct nta_store *store, const struct nta_mysql_keys *keys,
                             nta_store_each_key_fn *each, void *owner, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    NTA_AUTO(nta_buf_done) struct nta_buf ids = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    int result = nta_mysql_ready(mysql, err);

    if (result == 0 && mysql->found[keys->table].is_lacking)
        return 0;
    if (result == 0 && mysql->found[keys->table].is_loose)
        return keys->scan(mysql, each, owner, err);
    if (result == 0)
        result = list_keys(mysql, keys->ids, &ids, err);
    for (size_t at = 0; at < ids.len && result == 0; at += NTA_DATA_KEY_ID_LEN) {
        struct nta_stored_key key;

        result = keys->find(store, ids.ptr + at, &bytes, &key, err);
        if (result > 0)
            result = each(owner, &key, err);
    }
    return result;
}

int nta_mysql_measure_alike(struct nta_store *store, unsigned which,
                            struct nta_store_size *ret_size, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct nta_mysql_binds columns = {0};
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    *ret_size = (struct nta_store_size){0};
    if (result < 0)
        return result;
    for (unsigned i = 0; i < 4; i++)
        nta_mysql_bind_number(&columns, 0, i < 3);
    statement = nta_mysql_execute(mysql, which, NULL, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result < 0)
        return result;
    *ret_size = (struct nta_store_size){
        .n_batches = columns.numbers[0],
        .n_records = columns.numbers[1],
        .bytes = columns.numbers[2],
        .oldest_ns = (int64_t)columns.numbers[3],
    };
    return 0;
}
