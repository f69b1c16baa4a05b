/* SPDX-License-Identifier: Apache-2.0 */
#include "store/format1/forms1.h"
#include "store/format1/sqlite1.h"

static void sqlite1_close(struct nta_store *store)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);

    nta_sqlite_free(&sqlite);
}

static const struct nta_store_ops sqlite1_ops = {
    .close = sqlite1_close,
    .each_run = nta_sqlite1_each_run,
    .each_odd = nta_sqlite1_each_odd,
    .fetch = nta_sqlite1_fetch,
    .each_key = nta_sqlite1_each_key,
    .find_key = nta_sqlite1_find_key,
    .each_chain = nta_sqlite1_each_chain,
    .count = nta_sqlite1_count,
    .freeze = nta_sqlite_freeze,
    .thaw = nta_sqlite_thaw,
    .measure = nta_sqlite1_measure,
};

const struct nta_sqlite_form nta_sqlite_form1 = {
    .version = 1,
    .ops = &sqlite1_ops,
    .tables = nta_sqlite1_plans,
    .n_tables = NTA_SQLITE1_N_TABLES,
    .n_first = NTA_SQLITE1_N_TABLES,
    .statements = nta_sqlite1_texts,
    .n_statements = NTA_SQLITE1_N_STATEMENTS,
};
