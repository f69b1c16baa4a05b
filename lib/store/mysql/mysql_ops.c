/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL as a store: its calls. */
#include "store/mysql/mysql_calls.h"
#include "store/mysql/mysql_internal.h"
#include "store/mysql/mysql_statements.h"

#include <errno.h>

static void mysql_store_close(struct nta_store *store)
{
    struct nta_mysql *mysql = nta_mysql_of(store);

    nta_mysql_free(&mysql);
}

static int mysql_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        uint64_t from_number, uint64_t up_to_number, struct nta_err *err)
{
    (void)store;
    (void)sensor;
    (void)from_number;
    (void)up_to_number;
    return nta_err_set(err, -ENOTSUP, "batches in MySQL are dropped by the day, not forgotten");
}

static const struct nta_store_ops mysql_ops = {
    .close = mysql_store_close,
    .put_key = nta_mysql_put_key,
    .put_batches = nta_mysql_put_batches,
    .newest = nta_mysql_newest,
    .get_place = nta_mysql_get_place,
    .destroy_key = nta_mysql_destroy_key,
    .each_run = nta_mysql_each_run,
    .each_odd = nta_mysql_each_odd,
    .fetch = nta_mysql_fetch,
    .each_key = nta_mysql_each_key,
    .find_key = nta_mysql_find_key,
    .get_index = nta_mysql_get_index,
    .keeps_indexes = nta_mysql_keeps_indexes,
    .each_chain = nta_mysql_each_chain,
    .count = nta_mysql_count,
    .count_strays = nta_mysql_count_strays,
    .forget = mysql_forget,
    .next_day = nta_mysql_next_day,
    .drop_day = nta_mysql_drop_day,
    .prepare_days = nta_mysql_prepare_days,
    .describe = nta_mysql_describe,
    .measure = nta_mysql_measure,
};

const struct nta_mysql_form nta_mysql_form2 = {
    .version = 2,
    .ops = &mysql_ops,
    .tables = nta_mysql_plans,
    .n_tables = NTA_MYSQL_N_TABLES,
    .columns = nta_mysql_columns,
    .n_columns = NTA_MYSQL_N_COLUMNS,
    .rights = nta_mysql_rights,
    .n_rights = NTA_MYSQL_N_RIGHTS,
    .statements = nta_mysql_texts,
    .n_statements = NTA_MYSQL_N_STATEMENTS,
};
