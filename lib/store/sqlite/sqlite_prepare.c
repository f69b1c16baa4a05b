/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: their texts, made ready once a handle, bound and stepped. */
#include "base/own.h"
#include "store/sqlite/sqlite_internal.h"

#include <assert.h>

/*
 * Every value is looked at by type and length before it is read: a store may hold anything
 * (length() of a blob reads none).
 */
#define DAY_MIN "-106752" /* the days that nanoseconds within 64 bits have */
#define DAY_MAX "106751"
#define WHICH_COLUMNS                                                                              \
    NTA_SQL_NUMBER("day") "," NTA_SQL_EXACT("sensor", 16) "," NTA_SQL_NUMBER("number")
#define TIME_COLUMNS  NTA_SQL_NUMBER("first_ns") "," NTA_SQL_NUMBER("last_ns")
#define COUNT_COLUMNS NTA_SQL_NUMBER("n_records") "," NTA_SQL_NUMBER("n_bytes")
#define ROW_COLUMNS   WHICH_COLUMNS "," TIME_COLUMNS "," COUNT_COLUMNS "," NTA_SQL_NUMBER("content")
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
    /* the days one by one, and of each the sensor's last: a few steps a day, however many batches
     * it has */
    [NTA_SQLITE_NEWEST] =
        "WITH RECURSIVE days(day) AS (SELECT min(day) FROM batch UNION ALL"
        " SELECT (SELECT min(b.day) FROM batch b WHERE b.day > days.day) FROM days"
        " WHERE days.day IS NOT NULL)"
        " SELECT b.number, c.header, c.signature FROM days JOIN batch b ON b.day = days.day"
        " AND b.sensor = ?1 AND b.number = (SELECT r.number FROM batch r"
        " WHERE r.day = days.day AND r.sensor = ?1 AND r.number BETWEEN 1 AND ?2"
        " AND typeof(r.number)='integer' ORDER BY r.number DESC LIMIT 1) JOIN content c ON c.id = "
        "b.content"
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
        "SELECT " NTA_SQL_LEN("header") "," NTA_SQL_LEN("signature") "," NTA_SQL_LEN(
            "tokens") "," NTA_SQL_LEN("body") "," NTA_SQL_AT_MOST("header",
                                                                  1024) "," NTA_SQL_AT_MOST("signat"
                                                                                            "ure",
                                                                                            64) " F"
                                                                                                "RO"
                                                                                                "M "
                                                                                                "{c"
                                                                                                "on"
                                                                                                "te"
                                                                                                "nt"
                                                                                                "} "
                                                                                                "WH"
                                                                                                "ER"
                                                                                                "E "
                                                                                                "id"
                                                                                                " ="
                                                                                                " ?"
                                                                                                "1",
    [NTA_SQLITE_TOKENS] =
        "SELECT " NTA_SQL_AT_MOST("tokens", 8388608) " FROM {content} WHERE id = ?1",
    [NTA_SQLITE_BODY] = "SELECT " NTA_SQL_AT_MOST("body", 2097152) " FROM {content} WHERE id = ?1",
    /* count(*) would be one step, which nothing bounds in a file with pages in a circle */
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
