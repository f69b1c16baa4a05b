/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite as a store: its calls, and forgetting. */
#include "base/own.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"

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

/** What is being forgotten. */
struct nta_sqlite_forget
{
    struct nta_sqlite *sqlite;
    const uint8_t *sensor;
    uint64_t from, up_to;
    struct nta_err *err;
};

/** Drop a slice of one run: 1 if there may be more, 0 if none, negative errno. */
static int forget_slice(const struct nta_sqlite_forget *forget, const struct nta_store_run *run)
{
    static const enum nta_sqlite_statement drops[] = {NTA_SQLITE_FORGET_CONTENT,
                                                      NTA_SQLITE_FORGET_BATCH};

    struct nta_sqlite *sqlite = forget->sqlite;
    int64_t number = forget->up_to > INT64_MAX ? INT64_MAX : (int64_t)forget->up_to;
    int64_t from = forget->from > INT64_MAX ? INT64_MAX : (int64_t)forget->from;
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *bound = nta_sqlite_get(sqlite, NTA_SQLITE_FORGET_UP_TO, &result, forget->err);

    if (!bound)
        return result;
    (void)sqlite3_bind_int64(bound, 1, run->day);
    nta_sqlite_bind(bound, 2, run->sensor, sizeof(run->sensor));
    (void)sqlite3_bind_int64(bound, 3, number);
    (void)sqlite3_bind_int64(bound, 4, FORGET_SLICE);
    (void)sqlite3_bind_int64(bound, 5, from);
    code = sqlite3_step(bound);
    if (code != SQLITE_ROW)
        return nta_sqlite_fail(sqlite, code, "forget batches", forget->err);
    if (sqlite3_column_type(bound, 0) == SQLITE_NULL)
        return 0;
    number = sqlite3_column_int64(bound, 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(drops); i++) {
        NTA_AUTO(nta_sqlite_finish)
        sqlite3_stmt *drop = nta_sqlite_get(sqlite, drops[i], &result, forget->err);

        if (!drop)
            return result;
        (void)sqlite3_bind_int64(drop, 1, run->day);
        nta_sqlite_bind(drop, 2, run->sensor, sizeof(run->sensor));
        (void)sqlite3_bind_int64(drop, 3, number);
        (void)sqlite3_bind_int64(drop, 4, from);
        result = nta_sqlite_step(sqlite, drop, "forget batches", forget->err);
        if (result < 0)
            return result;
    }
    return 1;
}

static int forget_run(void *owner, const struct nta_store_run *run)
{
    const struct nta_sqlite_forget *forget = owner;
    struct nta_sqlite *sqlite = forget->sqlite;
    int result, more = 1;

    if (memcmp(run->sensor, forget->sensor, NTA_SENSOR_ID_LEN) != 0 || run->first > forget->up_to)
        return 0;
    while (more > 0) {
        result = nta_sqlite_do(sqlite, NTA_SQLITE_BEGIN, "begin to write", forget->err);
        if (result == 0) {
            more = forget_slice(forget, run);
            result = more < 0 ? more : 0;
        }
        result = nta_sqlite_end(sqlite, result, "commit", forget->err);
        if (result < 0)
            return result;
    }
    return 0;
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
        .from = from_number,
        .up_to = up_to_number,
        .err = err,
    };
    /* need not be durable at once: what a power failure brings back is found elsewhere, and
     * forgotten again */
    int result = nta_sqlite_run(sqlite, "PRAGMA synchronous = NORMAL", "forget batches", err);

    if (result == 0)
        result = nta_sqlite_each_run(store, forget_run, &forget, err);
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
    .last = nta_sqlite_last,
    .each_run = nta_sqlite_each_run,
    .each_odd = nta_sqlite_each_odd,
    .fetch = nta_sqlite_fetch,
    .each_key = nta_sqlite_each_key,
    .find_key = nta_sqlite_find_key,
    .each_chain = nta_sqlite_each_chain,
    .count = nta_sqlite_count,
    .forget = sqlite_forget,
    .freeze = nta_sqlite_freeze,
    .thaw = nta_sqlite_thaw,
    .measure = nta_sqlite_measure,
};

int nta_store_open_sqlite(const char *path, bool create, struct nta_store **ret_store,
                          struct nta_err *err)
{
    return nta_sqlite_open(path, create, &sqlite_ops, ret_store, err);
}
