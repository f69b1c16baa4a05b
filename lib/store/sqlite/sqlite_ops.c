/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite as a store: its calls. */
#include "base/own.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"
#include "store/sqlite/sqlite_statements.h"

#include <string.h>

static void sqlite_close(struct nta_store *store)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);

    nta_sqlite_free(&sqlite);
}

static const struct nta_store_ops sqlite_ops = {
    .close = sqlite_close,
    .put_key = nta_sqlite_put_key,
    .put_batches = nta_sqlite_put_batches,
    .newest = nta_sqlite_newest,
    .has_moved = nta_sqlite_has_moved,
    .get_place = nta_sqlite_get_place,
    .destroy_key = nta_sqlite_destroy_key,
    .each_run = nta_sqlite_each_run,
    .each_odd = nta_sqlite_each_odd,
    .fetch = nta_sqlite_fetch,
    .each_key = nta_sqlite_each_key,
    .find_key = nta_sqlite_find_key,
    .get_index = nta_sqlite_get_index,
    .each_chain = nta_sqlite_each_chain,
    .count = nta_sqlite_count,
    .count_strays = nta_sqlite_count_strays,
    .forget = nta_sqlite_forget,
    .next_day = nta_sqlite_next_day,
    .weigh_day = nta_sqlite_weigh_day,
    .drop_day = nta_sqlite_drop_day,
    .used = nta_sqlite_used,
    .freeze = nta_sqlite_freeze,
    .thaw = nta_sqlite_thaw,
    .measure = nta_sqlite_measure,
};

const struct nta_sqlite_form nta_sqlite_form2 = {
    .version = 2,
    .ops = &sqlite_ops,
    .tables = nta_sqlite_plans,
    .n_tables = NTA_SQLITE_N_TABLES,
    .n_first = NTA_SQLITE_CHAIN + 1,
    .index_name = NTA_SQLITE_MARKS,
    .index_sql = nta_sqlite_index_sql,
    .index_table = "head",
    .statements = nta_sqlite_texts,
    .n_statements = NTA_SQLITE_N_STATEMENTS,
};
