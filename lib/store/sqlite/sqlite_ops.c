/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite as a store: its calls, and forgetting. */
#include "base/own.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"
#include "store/sqlite/sqlite_statements.h"

#include <string.h>

enum
{
    /** Batches dropped in one transaction: the recorder waits for no more than that. */
    FORGET_SLICE = 128,
    FREE_PAGES_KEPT = 4096, ///< 64 MiB that the next batches use again.
    FREE_PAGES_SLICE = 512, ///< Given back in one step.
    FREE_SLICES_MAX = 16,
};

static void sqlite_close(struct nta_store *store)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);

    nta_sqlite_free(&sqlite);
}

/** What is being forgotten: from `from` on, which moves. */
struct nta_sqlite_forget
{
    struct nta_sqlite *sqlite;
    const uint8_t *sensor;
    int64_t from, up_to;
    struct nta_err *err;
};

static sqlite3_stmt *get_range(const struct nta_sqlite_forget *forget, unsigned which,
                               int64_t up_to, int *ret_result)
{
    sqlite3_stmt *statement = nta_sqlite_get(forget->sqlite, which, ret_result, forget->err);

    if (!statement)
        return NULL;
    nta_sqlite_bind(statement, 1, forget->sensor, NTA_SENSOR_ID_LEN);
    (void)sqlite3_bind_int64(statement, 2, forget->from);
    (void)sqlite3_bind_int64(statement, 3, up_to);
    return statement;
}

/** The last number of the next slice: 1, 0 if nothing is left, negative errno. */
static int bound_slice(const struct nta_sqlite_forget *forget, int64_t *ret_up_to)
{
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *bound = get_range(forget, NTA_SQLITE_FORGET_UP_TO, forget->up_to, &result);

    if (!bound)
        return result;
    (void)sqlite3_bind_int64(bound, 4, FORGET_SLICE);
    code = sqlite3_step(bound);
    if (code != SQLITE_ROW)
        return nta_sqlite_fail(forget->sqlite, code, "forget batches", forget->err);
    *ret_up_to = sqlite3_column_int64(bound, 0);
    return sqlite3_column_type(bound, 0) != SQLITE_NULL;
}

static int drop(const struct nta_sqlite_forget *forget, unsigned which, int64_t up_to)
{
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = get_range(forget, which, up_to, &result);

    return statement ? nta_sqlite_step(forget->sqlite, statement, "forget batches", forget->err)
                     : result;
}

/** Drop a slice: 1 if there may be more, 0 if none, negative errno. */
static int forget_slice(struct nta_sqlite_forget *forget)
{
    int64_t up_to = 0;
    int result = bound_slice(forget, &up_to);

    if (result <= 0)
        return result;
    result = 0;
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && result == 0; class ++)
        result = drop(forget, NTA_SQLITE_FORGET_CONTENT + class, up_to);
    if (result == 0)
        result = drop(forget, NTA_SQLITE_FORGET_HEAD, up_to);
    if (result < 0)
        return result;
    forget->from = up_to + 1;
    return up_to < forget->up_to;
}

static int forget_slices(struct nta_sqlite_forget *forget)
{
    int result = 0, more = 1;

    while (more > 0 && result == 0) {
        result = nta_sqlite_do(forget->sqlite, NTA_SQLITE_BEGIN, "begin to write", forget->err);
        if (result == 0) {
            more = forget_slice(forget);
            result = more < 0 ? more : 0;
        }
        result = nta_sqlite_end(forget->sqlite, result, "commit", forget->err);
    }
    return result;
}

/**
 * After an outage the file is large and mostly empty: give pages back, in steps short enough for
 * the recorder.
 */
static int give_space_back(const struct nta_sqlite *sqlite, struct nta_err *err)
{
    char sql[48];
    int64_t n_free = 0;
    int result = nta_sqlite_number(sqlite, "PRAGMA freelist_count", &n_free, err);

    (void)snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", FREE_PAGES_SLICE);
    for (int i = 0; result == 0 && i < FREE_SLICES_MAX && n_free > FREE_PAGES_KEPT; i++) {
        result = nta_sqlite_run(sqlite, sql, "give room back", err);
        n_free -= FREE_PAGES_SLICE;
    }
    return result;
}

static int sqlite_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         uint64_t from_number, uint64_t up_to_number, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    struct nta_sqlite_forget forget = {
        .sqlite = sqlite,
        .sensor = sensor,
        .from = from_number > INT64_MAX ? INT64_MAX : (int64_t)from_number,
        .up_to = up_to_number >= INT64_MAX ? INT64_MAX - 1 : (int64_t)up_to_number,
        .err = err,
    };
    /* need not be durable at once: what a power failure brings back is found elsewhere, and
     * forgotten again */
    int result = nta_sqlite_run(sqlite, "PRAGMA synchronous = NORMAL", "forget batches", err);

    if (result == 0)
        result = forget_slices(&forget);
    if (result == 0)
        result = give_space_back(sqlite, err);
    int back =
        nta_sqlite_run(sqlite, "PRAGMA synchronous = FULL", "be opened", result == 0 ? err : NULL);

    return result == 0 ? back : result;
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
    .each_chain = nta_sqlite_each_chain,
    .count = nta_sqlite_count,
    .count_strays = nta_sqlite_count_strays,
    .forget = sqlite_forget,
    .freeze = nta_sqlite_freeze,
    .thaw = nta_sqlite_thaw,
    .measure = nta_sqlite_measure,
};

const struct nta_sqlite_form nta_sqlite_form2 = {
    .version = 2,
    .ops = &sqlite_ops,
    .tables = nta_sqlite_plans,
    .n_tables = NTA_SQLITE_N_TABLES,
    .index_name = NTA_SQLITE_INDEX,
    .index_sql = nta_sqlite_index_sql,
    .index_table = "head",
    .statements = nta_sqlite_texts,
    .n_statements = NTA_SQLITE_N_STATEMENTS,
};
