/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/sqlite_calls.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum
{
    FORGET_SLICE =
        128, ///< Batches dropped in one transaction: the recorder waits for no more than that.
    FREE_PAGES_KEPT = 4096, ///< 64 MiB that the next batches use again.
    FREE_PAGES_SLICE = 512, ///< Given back in one step.
    FREE_SLICES_MAX = 16,
};

/* Every value is looked at by type and length before it is read: a store may hold anything (length() of a blob reads none). */
#define DAY_MIN   "-106752" /* the days that nanoseconds within 64 bits have */
#define DAY_MAX   "106751"
#define ROW_TIMES NTA_SQL_NUMBER("first_ns") "," NTA_SQL_NUMBER("last_ns")
#define ROW_SUMS  NTA_SQL_NUMBER("n_records") "," NTA_SQL_NUMBER("n_bytes")
#define ROW_COLUMNS                                                                                \
    NTA_SQL_NUMBER("day")                                                                          \
    "," NTA_SQL_EXACT("sensor", 16) "," NTA_SQL_NUMBER("number") "," ROW_TIMES "," ROW_SUMS        \
                                                                 "," NTA_SQL_NUMBER("content")
#define KEY_COLUMNS                                                                                \
    NTA_SQL_EXACT("id", 16)                                                                        \
    "," NTA_SQL_NUMBER("made_ns") "," NTA_SQL_LEN("wrapped") "," NTA_SQL_AT_MOST("wrapped", 16384)

static_assert(NTA_SENSOR_ID_LEN == 16 && NTA_DATA_KEY_ID_LEN == 16 && NTA_HASH_LEN == 32 &&
                  NTA_STORE_KEY_MAX == 16384 && NTA_STORE_HEADER_MAX == 1024 &&
                  NTA_SIGNATURE_LEN == 64 && NTA_STORE_TOKENS_MAX == 8388608 &&
                  NTA_STORE_BODY_MAX == 2097152,
              "as the statements have them");

/** {batch}: the table, with the way through it that nta_sqlite_put_sql() knows. */
static const char *const statement_texts[NTA_SQLITE_N_STATEMENTS] = {
    [NTA_SQLITE_BEGIN] = "BEGIN IMMEDIATE",
    [NTA_SQLITE_COMMIT] = "COMMIT",
    [NTA_SQLITE_PUT_KEY] = "INSERT INTO data_key VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    [NTA_SQLITE_KEY_IDS] = "SELECT id, " NTA_SQL_NUMBER(
        "made_ns") " FROM {data_key}"
                   " WHERE typeof(id)='blob' AND length(id)=16 ORDER BY id",
    [NTA_SQLITE_KEY_IDS_BACK] = "SELECT id, " NTA_SQL_NUMBER(
        "made_ns") " FROM {data_key}"
                   " WHERE typeof(id)='blob' AND length(id)=16 ORDER BY id DESC",
    [NTA_SQLITE_KEY_ODD] = "SELECT " KEY_COLUMNS " FROM {data_key}"
                           " WHERE NOT (typeof(id)='blob' AND length(id)=16)",
    [NTA_SQLITE_FIND_KEY] = "SELECT " KEY_COLUMNS " FROM {data_key} WHERE id = ?1",
    [NTA_SQLITE_KEY_ALL] = "SELECT " KEY_COLUMNS " FROM {data_key}",
    /* from row to row, where a search in the key does not get past what is in its way */
    [NTA_SQLITE_SCAN_KEY] = "SELECT " KEY_COLUMNS " FROM {data_key}"
                            " WHERE " NTA_SQL_EXACT("id", 16) " = ?1",
    [NTA_SQLITE_HELD] =
        "SELECT c.header, c.signature FROM batch b JOIN content c ON c.id = b.content"
        " WHERE b.day = ?1 AND b.sensor = ?2 AND b.number = ?3",
    [NTA_SQLITE_PUT_CONTENT] = "INSERT INTO content (header, signature, tokens, body)"
                               " VALUES (?1, ?2, ?3, ?4)",
    [NTA_SQLITE_PUT_BATCH] = "INSERT INTO batch VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [NTA_SQLITE_PUT_HEAD] = "INSERT INTO chain VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE"
                            " SET number = excluded.number, hash = excluded.hash"
                            " WHERE excluded.number > number",
    [NTA_SQLITE_SET_HEAD] = "INSERT INTO chain VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE"
                            " SET number = excluded.number, hash = excluded.hash",
    /* the days one by one, and of each the sensor's last: a few steps a day, however many batches it has */
    [NTA_SQLITE_NEWEST] =
        "WITH RECURSIVE days(day) AS (SELECT min(day) FROM batch UNION ALL"
        " SELECT (SELECT min(b.day) FROM batch b WHERE b.day > days.day) FROM days"
        " WHERE days.day IS NOT NULL)"
        " SELECT b.number, c.header, c.signature FROM days JOIN batch b ON b.day = days.day"
        " AND b.sensor = ?1 AND b.number = (SELECT r.number FROM batch r"
        " WHERE r.day = days.day AND r.sensor = ?1 AND r.number BETWEEN 1 AND ?2"
        " AND typeof(r.number)='integer' ORDER BY r.number DESC LIMIT 1) JOIN content c ON c.id = b.content"
        " ORDER BY b.number DESC LIMIT 1",
    [NTA_SQLITE_GET_HEAD] = "SELECT " NTA_SQL_NUMBER("number") "," NTA_SQL_EXACT(
        "hash", 32) " FROM {chain} WHERE sensor = ?1",
    [NTA_SQLITE_EACH_HEAD] = "SELECT " NTA_SQL_EXACT("sensor", 16) "," NTA_SQL_NUMBER(
        "number") "," NTA_SQL_EXACT("hash", 32) " FROM {chain}",
    [NTA_SQLITE_NEXT_RUN] = "SELECT day, sensor FROM {batch} WHERE (day, sensor) > (?1, ?2)"
                            " AND typeof(day)='integer' AND typeof(sensor)='blob'"
                            " AND length(sensor)=16 ORDER BY day, sensor LIMIT 1",
    [NTA_SQLITE_RUN_FIRST] = "SELECT number FROM {batch} WHERE day = ?1 AND sensor = ?2"
                             " AND number BETWEEN 1 AND 9223372036854775807"
                             " AND typeof(number)='integer' ORDER BY number LIMIT 1",
    [NTA_SQLITE_RUN_LAST] = "SELECT number FROM {batch} WHERE day = ?1 AND sensor = ?2"
                            " AND number BETWEEN 1 AND 9223372036854775807"
                            " AND typeof(number)='integer' ORDER BY number DESC LIMIT 1",
    [NTA_SQLITE_SEARCH] = "SELECT " ROW_COLUMNS " FROM {batch} WHERE day = ?1 AND sensor = ?2"
                          " AND number BETWEEN ?3 AND ?4 AND typeof(number)='integer'"
                          " AND typeof(day)='integer' ORDER BY number LIMIT 1",
    [NTA_SQLITE_ODD] = "SELECT " ROW_COLUMNS " FROM {batch} WHERE NOT (typeof(day)='integer'"
                       " AND day BETWEEN " DAY_MIN " AND " DAY_MAX " AND typeof(sensor)='blob'"
                       " AND length(sensor)=16 AND typeof(number)='integer' AND number > 0)",
    [NTA_SQLITE_ALL] = "SELECT " ROW_COLUMNS " FROM {batch}",
    [NTA_SQLITE_PARTS] =
        "SELECT " NTA_SQL_LEN("header") "," NTA_SQL_LEN("signature") "," NTA_SQL_LEN("tokens") "," NTA_SQL_LEN(
            "body") "," NTA_SQL_AT_MOST("header",
                                        1024) "," NTA_SQL_AT_MOST("signature",
                                                                  64) " FROM {content} WHERE id = ?1",
    [NTA_SQLITE_TOKENS] =
        "SELECT " NTA_SQL_AT_MOST("tokens", 8388608) " FROM {content} WHERE id = ?1",
    [NTA_SQLITE_BODY] = "SELECT " NTA_SQL_AT_MOST("body", 2097152) " FROM {content} WHERE id = ?1",
    /* count(*) is one step, which nothing bounds in a file with pages in a circle */
    [NTA_SQLITE_COUNT] = "SELECT count(1) FROM {batch}",
    [NTA_SQLITE_COUNT_RUN] = "SELECT count(1) FROM {batch} WHERE day = ?1 AND sensor = ?2"
                             " AND number BETWEEN 1 AND ?3 AND typeof(number)='integer'",
    [NTA_SQLITE_FORGET_UP_TO] =
        "SELECT max(number) FROM (SELECT number FROM batch WHERE day = ?1"
        " AND sensor = ?2 AND number BETWEEN ?5 AND ?3 ORDER BY number LIMIT ?4)",
    [NTA_SQLITE_FORGET_CONTENT] = "DELETE FROM content WHERE id IN (SELECT content FROM batch"
                                  " WHERE day = ?1 AND sensor = ?2 AND number BETWEEN ?4 AND ?3)",
    [NTA_SQLITE_FORGET_BATCH] = "DELETE FROM batch"
                                " WHERE day = ?1 AND sensor = ?2 AND number BETWEEN ?4 AND ?3",
    [NTA_SQLITE_MEASURE] = "SELECT count(*), total(n_records), total(n_bytes), min(first_ns)"
                           " FROM {batch}",
};

static void sqlite_close(struct nta_store *store)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);

    nta_sqlite_free(&sqlite);
}

/** The statement, ready to be bound; NULL with the sentence in `err`. */
sqlite3_stmt *nta_sqlite_get(struct nta_sqlite *sqlite, enum nta_sqlite_statement which,
                             int *ret_result, struct nta_err *err)
{
    sqlite3_stmt **statement = &sqlite->statements[which];
    NTA_AUTO(nta_buf_done) struct nta_buf sql = {0};
    int code = SQLITE_NOMEM;

    sqlite->n_ticks = 0;
    if (*statement)
        return *statement;
    nta_sqlite_put_sql(sqlite, statement_texts[which], &sql);
    if (!sql.failed)
        code = sqlite3_prepare_v3(sqlite->db, (const char *)sql.ptr, (int)sql.len,
                                  SQLITE_PREPARE_PERSISTENT, statement, NULL);
    if (code != SQLITE_OK)
        *ret_result = nta_sqlite_fail(sqlite, code, "be read", err);
    return *statement;
}

void nta_sqlite_finish(sqlite3_stmt **statement)
{
    if (!*statement)
        return;
    (void)sqlite3_reset(*statement);
    (void)sqlite3_clear_bindings(*statement); /* they point into the caller's bytes */
    *statement = NULL;
}

void nta_sqlite_bind(sqlite3_stmt *statement, int at, const void *ptr, size_t len)
{
    (void)sqlite3_bind_blob64(statement, at, len ? ptr : "", len, SQLITE_STATIC);
}

struct nta_span nta_sqlite_column(sqlite3_stmt *statement, int column)
{
    const uint8_t *ptr = sqlite3_column_blob(statement, column);

    return (struct nta_span){.ptr = ptr,
                             .len = ptr ? (size_t)sqlite3_column_bytes(statement, column) : 0};
}

int nta_sqlite_step(struct nta_sqlite *sqlite, sqlite3_stmt *statement, const char *what,
                    struct nta_err *err)
{
    int code = sqlite3_step(statement);

    return code == SQLITE_DONE ? 0 : nta_sqlite_fail(sqlite, code, what, err);
}

int nta_sqlite_do(struct nta_sqlite *sqlite, enum nta_sqlite_statement which, const char *what,
                  struct nta_err *err)
{
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, which, &result, err);

    return statement ? nta_sqlite_step(sqlite, statement, what, err) : result;
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

/** After an outage the file is large and mostly empty: give pages back, in steps short enough for the recorder. */
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
    /* need not be durable at once: what a power failure brings back is found elsewhere, and forgotten again */
    int result = nta_sqlite_run(sqlite, "PRAGMA synchronous = NORMAL", "forget batches", err);

    if (result == 0)
        result = nta_sqlite_each_run(store, forget_run, &forget, err);
    if (result == 0)
        result = give_space_back(sqlite, err);
    int back =
        nta_sqlite_run(sqlite, "PRAGMA synchronous = FULL", "be opened", result == 0 ? err : NULL);

    return result == 0 ? back : result;
}

const struct nta_store_ops nta_sqlite_ops = {
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
