/* SPDX-License-Identifier: Apache-2.0 */
#include "store/format1/forms1.h"
#include "store/format1/mysql1.h"

static void mysql1_close(struct nta_store *store)
{
    struct nta_mysql *mysql = nta_mysql_of(store);

    nta_mysql_free(&mysql);
}

static const struct nta_store_ops mysql1_ops = {
    .close = mysql1_close,
    .each_run = nta_mysql1_each_run,
    .each_odd = nta_mysql1_each_odd,
    .fetch = nta_mysql1_fetch,
    .each_key = nta_mysql1_each_key,
    .find_key = nta_mysql1_find_key,
    .each_chain = nta_mysql1_each_chain,
    .count = nta_mysql1_count,
    .measure = nta_mysql1_measure,
};

const struct nta_mysql_form nta_mysql_form1 = {
    .version = 1,
    .ops = &mysql1_ops,
    .tables = nta_mysql1_plans,
    .n_tables = NTA_MYSQL1_N_TABLES,
    .columns = nta_mysql1_columns,
    .n_columns = NTA_MYSQL1_N_COLUMNS,
    .statements = nta_mysql1_texts,
    .n_statements = NTA_MYSQL1_N_STATEMENTS,
};
