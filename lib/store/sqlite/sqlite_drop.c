/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite store: what goes out of it, in slices that a writer can wait for, and its size. */
#include "base/own.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"
#include "store/sqlite/sqlite_statements.h"

#include <stdio.h>
#include <sys/stat.h>

enum
{
    /** Batches dropped in one transaction: the recorder waits for no more than that. */
    SLICE = 128,
    FREE_PAGES_SLICE = 512, ///< Given back in one step.
    FREE_SLICES_MAX = 16,
    PAGE_BYTES = 16 * 1024, ///< sqlite_open.c
    LOG_PAGES = 1024,       ///< At which the log is emptied there;
    LOG_PAGES_MIN = 32,     ///< with a small bound, as early as here:
    BOUND_PART = 64,        ///< one part in so many.
    KEPT_TIMES = 4,         ///< So much of the log's file stays, and of free pages.
};

/** Pages that the log's file keeps for itself, and of free ones those that batches use again. */
static int pages_kept(const struct nta_sqlite *sqlite)
{
    return KEPT_TIMES * (sqlite->log_pages ? sqlite->log_pages : LOG_PAGES);
}

/* ---- batches that are elsewhere now ---- */

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
    (void)sqlite3_bind_int64(bound, 4, SLICE);
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
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && result == 0; class ++)
        result = drop(forget, NTA_SQLITE_FORGET_INDEX + class, up_to);
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
    for (int i = 0; result == 0 && i < FREE_SLICES_MAX && n_free > pages_kept(sqlite); i++) {
        result = nta_sqlite_run(sqlite, sql, "give room back", err);
        n_free -= FREE_PAGES_SLICE;
    }
    return result;
}

int nta_sqlite_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
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

/* ---- days ---- */

int nta_sqlite_next_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        enum nta_class class, int64_t after, struct nta_store_day *ret_day,
                        struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int64_t n = 0, first = 0, last = 0;
    int code, result = nta_sqlite_refresh(sqlite, err);
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement =
        result < 0 ? NULL
                   : nta_sqlite_get(sqlite, (unsigned)NTA_SQLITE_NEXT_DAY + class, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, sensor, NTA_SENSOR_ID_LEN);
    (void)sqlite3_bind_int64(statement, 2, after);
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail(sqlite, code, "look for days", err);
    if (!nta_sqlite_number_of(statement, 0, &ret_day->day) ||
        !nta_sqlite_number_of(statement, 1, &n) || !nta_sqlite_number_of(statement, 2, &first) ||
        !nta_sqlite_number_of(statement, 3, &last) || first < 0)
        return 0; /* of no form that is ours: the judge says so */
    ret_day->n_batches = (uint64_t)n;
    ret_day->first = (uint64_t)first;
    ret_day->last = (uint64_t)last;
    return 1;
}

int nta_sqlite_weigh_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         const struct nta_store_day *day, uint64_t *ret_bytes, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE_WEIGH, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, sensor, NTA_SENSOR_ID_LEN);
    (void)sqlite3_bind_int64(statement, 2, (int64_t)day->first);
    (void)sqlite3_bind_int64(statement, 3, (int64_t)day->last);
    (void)sqlite3_bind_int64(statement, 4, day->class);
    (void)sqlite3_bind_int64(statement, 5, day->day);
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW)
        return nta_sqlite_fail(sqlite, code, "be measured", err);
    const double bytes = sqlite3_column_double(statement, 0);

    *ret_bytes = bytes > 0 && bytes < 1e18 ? (uint64_t)bytes : 0;
    return 0;
}

/** First: what is left of a day's contents is searched without them. */
static int drop_indexes(struct nta_sqlite *sqlite, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        const struct nta_store_day *day, struct nta_err *err)
{
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement =
        nta_sqlite_get(sqlite, (unsigned)NTA_SQLITE_DROP_INDEX + day->class, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, sensor, NTA_SENSOR_ID_LEN);
    (void)sqlite3_bind_int64(statement, 2, day->day);
    return nta_sqlite_step(sqlite, statement, "delete indexes", err);
}

static int drop_slice(struct nta_sqlite *sqlite, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      const struct nta_store_day *day, struct nta_err *err)
{
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement =
        nta_sqlite_get(sqlite, (unsigned)NTA_SQLITE_DROP_DAY + day->class, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, sensor, NTA_SENSOR_ID_LEN);
    (void)sqlite3_bind_int64(statement, 2, day->day);
    (void)sqlite3_bind_int64(statement, 3, day->last > INT64_MAX ? INT64_MAX : (int64_t)day->last);
    (void)sqlite3_bind_int64(statement, 4, SLICE);
    result = nta_sqlite_step(sqlite, statement, "delete contents", err);
    return result < 0 ? result : sqlite3_changes(sqlite->db) == SLICE;
}

int nta_sqlite_drop_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        const struct nta_store_day *day, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int result = drop_indexes(sqlite, sensor, day, err);

    if (result == 0)
        result = drop_slice(sqlite, sensor, day, err);

    if (result != 0)
        return result;
    return give_space_back(sqlite, err);
}

/* ---- its size ---- */

/** The log is a part of what the store takes: one of 64 MiB is not for a store of 1 MiB. */
static int fit_log(struct nta_sqlite *sqlite, uint64_t bound, struct nta_err *err)
{
    const uint64_t part = bound / BOUND_PART / PAGE_BYTES;
    const int pages = bound == 0 || part > LOG_PAGES ? LOG_PAGES
                      : part < LOG_PAGES_MIN         ? LOG_PAGES_MIN
                                                     : (int)part;
    char sql[96];
    int result;

    if (sqlite->is_reader || pages == (sqlite->log_pages ? sqlite->log_pages : LOG_PAGES))
        return 0;
    (void)snprintf(sql, sizeof(sql),
                   "PRAGMA wal_autocheckpoint = %d; PRAGMA journal_size_limit = %d", pages,
                   pages * KEPT_TIMES * PAGE_BYTES);
    result = nta_sqlite_run(sqlite, sql, "be held to its bound", err);
    if (result == 0)
        sqlite->log_pages = pages;
    return result;
}

int nta_sqlite_used(struct nta_store *store, uint64_t bound, uint64_t *ret_bytes,
                    struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    const char *log = sqlite3_filename_wal(sqlite3_db_filename(sqlite->db, "main"));
    int64_t n_pages = 0, n_free = 0, page = 0;
    struct stat status;
    int result = fit_log(sqlite, bound, err);

    if (result == 0)
        result = nta_sqlite_number(sqlite, "PRAGMA page_count", &n_pages, err);
    if (result == 0)
        result = nta_sqlite_number(sqlite, "PRAGMA freelist_count", &n_free, err);
    if (result == 0)
        result = nta_sqlite_number(sqlite, "PRAGMA page_size", &page, err);
    if (result < 0)
        return result;
    *ret_bytes = n_pages > n_free ? (uint64_t)(n_pages - n_free) * (uint64_t)page : 0;
    /* its pages are counted above; not what a reader keeps it from giving back */
    const int64_t usual = (int64_t)pages_kept(sqlite) * PAGE_BYTES;

    if (log && stat(log, &status) == 0 && status.st_size > usual)
        *ret_bytes += (uint64_t)(status.st_size - usual);
    return 0;
}
