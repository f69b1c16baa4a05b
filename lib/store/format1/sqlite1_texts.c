/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of format 1 in SQLite, and the texts of the statements that read them. */
#include "store/format1/sqlite1.h"
#include "store/sqlite/sqlite_sql.h"

#include <assert.h>

const struct nta_sqlite_plan nta_sqlite1_plans[NTA_SQLITE1_N_TABLES] = {
    [NTA_SQLITE1_BATCH] =
        {"batch",
         "CREATE TABLE batch (day INTEGER NOT NULL, sensor BLOB NOT NULL, number INTEGER NOT NULL,"
         " first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, n_records INTEGER NOT NULL,"
         " n_bytes INTEGER NOT NULL, content INTEGER NOT NULL,"
         " PRIMARY KEY (day, sensor, number)) WITHOUT ROWID",
         "INDEXED BY sqlite_autoindex_batch_1",
         "INDEXED BY sqlite_autoindex_batch_1",
         true,
         {"day", "sensor", "number", "first_ns", "last_ns", "n_records", "n_bytes", "content"}},
    [NTA_SQLITE1_CONTENT] = {"content",
                             "CREATE TABLE content (id INTEGER PRIMARY KEY, header BLOB NOT NULL, "
                             "signature BLOB NOT NULL,"
                             " tokens BLOB NOT NULL, body BLOB NOT NULL)",
                             "NOT INDEXED",
                             "NOT INDEXED",
                             true,
                             {"id", "header", "signature", "tokens", "body"}},
    [NTA_SQLITE1_DATA_KEY] = {"data_key",
                              "CREATE TABLE data_key (id BLOB PRIMARY KEY, made_ns INTEGER NOT "
                              "NULL, wrapped BLOB NOT NULL)"
                              " WITHOUT ROWID",
                              "INDEXED BY sqlite_autoindex_data_key_1",
                              "INDEXED BY sqlite_autoindex_data_key_1",
                              false,
                              {"id", "made_ns", "wrapped"}},
    [NTA_SQLITE1_CHAIN] =
        {"chain",
         "CREATE TABLE chain (sensor BLOB PRIMARY KEY, number INTEGER NOT NULL, hash BLOB NOT NULL)"
         " WITHOUT ROWID",
         "INDEXED BY sqlite_autoindex_chain_1",
         "INDEXED BY sqlite_autoindex_chain_1",
         false,
         {"sensor", "number", "hash"}},
};

#define DAY_MIN "-106752" /* the days that nanoseconds within 64 bits have */
#define DAY_MAX "106751"
#define WHICH_COLUMNS                                                                              \
    NTA_SQL_NUMBER("day") "," NTA_SQL_EXACT("sensor", 16) "," NTA_SQL_NUMBER("number")
#define TIME_COLUMNS  NTA_SQL_NUMBER("first_ns") "," NTA_SQL_NUMBER("last_ns")
#define COUNT_COLUMNS NTA_SQL_NUMBER("n_records") "," NTA_SQL_NUMBER("n_bytes")
#define ROW_COLUMNS   WHICH_COLUMNS "," TIME_COLUMNS "," COUNT_COLUMNS "," NTA_SQL_NUMBER("content")
#define LEN_COLUMNS                                                                                \
    NTA_SQL_LEN("header")                                                                          \
    "," NTA_SQL_LEN("signature") "," NTA_SQL_LEN("tokens") "," NTA_SQL_LEN("body")
#define HEAD_COLUMNS NTA_SQL_AT_MOST("header", 1024) "," NTA_SQL_AT_MOST("signature", 64)
#define KEY_COLUMNS                                                                                \
    NTA_SQL_EXACT("id", 16)                                                                        \
    "," NTA_SQL_NUMBER("made_ns") "," NTA_SQL_LEN("wrapped") "," NTA_SQL_AT_MOST("wrapped", 16384)

static_assert(NTA_SENSOR_ID_LEN == 16 && NTA_DATA_KEY_ID_LEN == 16 && NTA_HASH_LEN == 32 &&
                  NTA_STORE_KEY_MAX == 16384 && NTA_STORE_HEADER_MAX == 1024 &&
                  NTA_SIGNATURE_LEN == 64 && NTA_STORE_TOKENS_MAX == 8388608 &&
                  NTA_STORE_BODY_MAX == 2097152,
              "as the statements have them");

/** {batch}: the table, with the way through it that nta_sqlite_put_sql() knows. */
const char *const nta_sqlite1_texts[NTA_SQLITE1_N_STATEMENTS] = {
    [NTA_SQLITE1_KEY_IDS] = "SELECT id, " NTA_SQL_NUMBER(
        "made_ns") " FROM {data_key}"
                   " WHERE typeof(id)='blob' AND length(id)=16 ORDER BY id",
    [NTA_SQLITE1_KEY_IDS_BACK] = "SELECT id, " NTA_SQL_NUMBER(
        "made_ns") " FROM {data_key}"
                   " WHERE typeof(id)='blob' AND length(id)=16 ORDER BY id DESC",
    [NTA_SQLITE1_KEY_ODD] = "SELECT " KEY_COLUMNS " FROM {data_key}"
                            " WHERE NOT (typeof(id)='blob' AND length(id)=16)",
    [NTA_SQLITE1_FIND_KEY] = "SELECT " KEY_COLUMNS " FROM {data_key} WHERE id = ?1",
    [NTA_SQLITE1_KEY_ALL] = "SELECT " KEY_COLUMNS " FROM {data_key}",
    /* from row to row, where a search in the key does not get past what is in its way */
    [NTA_SQLITE1_SCAN_KEY] = "SELECT " KEY_COLUMNS " FROM {data_key}"
                             " WHERE " NTA_SQL_EXACT("id", 16) " = ?1",
    [NTA_SQLITE1_EACH_HEAD] = "SELECT " NTA_SQL_EXACT("sensor", 16) "," NTA_SQL_NUMBER(
        "number") "," NTA_SQL_EXACT("hash", 32) " FROM {chain}",
    [NTA_SQLITE1_NEXT_RUN] = "SELECT day, sensor FROM {batch} WHERE (day, sensor) > (?1, ?2)"
                             " AND typeof(day)='integer' AND typeof(sensor)='blob'"
                             " AND length(sensor)=16 ORDER BY day, sensor LIMIT 1",
    [NTA_SQLITE1_RUN_FIRST] = "SELECT number FROM {batch} WHERE day = ?1 AND sensor = ?2"
                              " AND number BETWEEN 1 AND 9223372036854775807"
                              " AND typeof(number)='integer' ORDER BY number LIMIT 1",
    [NTA_SQLITE1_RUN_LAST] = "SELECT number FROM {batch} WHERE day = ?1 AND sensor = ?2"
                             " AND number BETWEEN 1 AND 9223372036854775807"
                             " AND typeof(number)='integer' ORDER BY number DESC LIMIT 1",
    [NTA_SQLITE1_SEARCH] = "SELECT " ROW_COLUMNS " FROM {batch} WHERE day = ?1 AND sensor = ?2"
                           " AND number BETWEEN ?3 AND ?4 AND typeof(number)='integer'"
                           " AND typeof(day)='integer' ORDER BY number LIMIT 1",
    [NTA_SQLITE1_ODD] = "SELECT " ROW_COLUMNS " FROM {batch} WHERE NOT (typeof(day)='integer'"
                        " AND day BETWEEN " DAY_MIN " AND " DAY_MAX " AND typeof(sensor)='blob'"
                        " AND length(sensor)=16 AND typeof(number)='integer' AND number > 0)",
    [NTA_SQLITE1_ALL] = "SELECT " ROW_COLUMNS " FROM {batch}",
    [NTA_SQLITE1_PARTS] = "SELECT " LEN_COLUMNS "," HEAD_COLUMNS " FROM {content} WHERE id = ?1",
    [NTA_SQLITE1_TOKENS] =
        "SELECT " NTA_SQL_AT_MOST("tokens", 8388608) " FROM {content} WHERE id = ?1",
    [NTA_SQLITE1_BODY] = "SELECT " NTA_SQL_AT_MOST("body", 2097152) " FROM {content} WHERE id = ?1",
    /* count(*) would be one step, which nothing bounds in a file with pages in a circle */
    [NTA_SQLITE1_COUNT] = "SELECT count(1) FROM {batch}",
    [NTA_SQLITE1_COUNT_RUN] = "SELECT count(1) FROM {batch} WHERE day = ?1 AND sensor = ?2"
                              " AND number BETWEEN 1 AND ?3 AND typeof(number)='integer'",
    [NTA_SQLITE1_MEASURE] = "SELECT count(*), total(n_records), total(n_bytes), min(first_ns)"
                            " FROM {batch}",
};
