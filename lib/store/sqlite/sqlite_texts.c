/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of format 2 as they are made, and the texts of the statements that use them. */
#include "store/sqlite/sqlite_sql.h"
#include "store/sqlite/sqlite_statements.h"
#include "store/stored.h"

#define CONTENT_COLUMNS                                                                            \
    "(day INTEGER NOT NULL, sensor BLOB NOT NULL, number INTEGER NOT NULL, tokens BLOB NOT NULL,"  \
    " body BLOB NOT NULL, PRIMARY KEY (day, sensor, number))"
#define CONTENT_PLAN(table)                                                                        \
    {                                                                                              \
        table, "CREATE TABLE " table " " CONTENT_COLUMNS,                                          \
            "INDEXED BY sqlite_autoindex_" table "_1", "NOT INDEXED", false,                       \
        {                                                                                          \
            "day", "sensor", "number", "tokens", "body"                                            \
        }                                                                                          \
    }
#define INDEX_COLUMNS                                                                              \
    "(day INTEGER NOT NULL, sensor BLOB NOT NULL, number INTEGER NOT NULL, part INTEGER NOT NULL," \
    " bytes BLOB NOT NULL, PRIMARY KEY (day, sensor, number, part))"
#define INDEX_PLAN(table)                                                                          \
    {                                                                                              \
        table, "CREATE TABLE " table " " INDEX_COLUMNS, "INDEXED BY sqlite_autoindex_" table "_1", \
            "NOT INDEXED", false,                                                                  \
        {                                                                                          \
            "day", "sensor", "number", "part", "bytes"                                             \
        }                                                                                          \
    }

/*
 * Heads lie beside their key, so that one that was made huge is not read for a search among others.
 * Contents and data keys lie in the order they came, so that a commit appends, and neither is moved
 * when others come or go: what is overwritten in its place was nowhere else in the file.
 */
const struct nta_sqlite_plan nta_sqlite_plans[NTA_SQLITE_N_TABLES] = {
    [NTA_SQLITE_HEAD] =
        {"head",
         "CREATE TABLE head (sensor BLOB NOT NULL, number INTEGER NOT NULL, class INTEGER NOT NULL,"
         " day INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
         " records INTEGER NOT NULL, bytes INTEGER NOT NULL, data_key BLOB NOT NULL,"
         " header BLOB NOT NULL, signature BLOB NOT NULL, marks INTEGER NOT NULL,"
         " PRIMARY KEY (sensor, number))",
         "INDEXED BY sqlite_autoindex_head_1",
         "NOT INDEXED",
         true,
         {"sensor", "number", "class", "day", "first_ns", "last_ns", "records", "bytes", "data_key",
          "header", "signature", "marks"}},
    [(unsigned)NTA_SQLITE_CONTENT + (unsigned) NTA_CLASS_EVIDENCE] = CONTENT_PLAN("content_1"),
    [(unsigned)NTA_SQLITE_CONTENT + (unsigned) NTA_CLASS_TRAFFIC] = CONTENT_PLAN("content_2"),
    [(unsigned)NTA_SQLITE_CONTENT + (unsigned) NTA_CLASS_WHO] = CONTENT_PLAN("content_3"),
    [(unsigned)NTA_SQLITE_CONTENT + (unsigned) NTA_CLASS_LOG] = CONTENT_PLAN("content_4"),
    [NTA_SQLITE_DATA_KEY] = {"data_key",
                             "CREATE TABLE data_key (id BLOB NOT NULL PRIMARY KEY, sensor BLOB NOT "
                             "NULL, class INTEGER NOT NULL, day INTEGER NOT NULL, wrapped BLOB NOT "
                             "NULL)",
                             "INDEXED BY sqlite_autoindex_data_key_1",
                             "NOT INDEXED",
                             false,
                             {"id", "sensor", "class", "day", "wrapped"}},
    [NTA_SQLITE_CHAIN] =
        {"chain",
         "CREATE TABLE chain (sensor BLOB NOT NULL PRIMARY KEY, number INTEGER NOT NULL, link BLOB"
         " NOT NULL, frontier BLOB NOT NULL) WITHOUT ROWID",
         "INDEXED BY sqlite_autoindex_chain_1",
         "INDEXED BY sqlite_autoindex_chain_1",
         false,
         {"sensor", "number", "link", "frontier"}},
    [(unsigned)NTA_SQLITE_INDEX + (unsigned) NTA_CLASS_EVIDENCE] = INDEX_PLAN("index_1"),
    [(unsigned)NTA_SQLITE_INDEX + (unsigned) NTA_CLASS_TRAFFIC] = INDEX_PLAN("index_2"),
    [(unsigned)NTA_SQLITE_INDEX + (unsigned) NTA_CLASS_WHO] = INDEX_PLAN("index_3"),
    [(unsigned)NTA_SQLITE_INDEX + (unsigned) NTA_CLASS_LOG] = INDEX_PLAN("index_4"),
};

const char nta_sqlite_index_sql[] =
    "CREATE INDEX " NTA_SQLITE_MARKS " ON head (sensor, number) WHERE marks > 0";

#define WHICH_COLUMNS                                                                              \
    NTA_SQL_EXACT("sensor", 16)                                                                    \
    "," NTA_SQL_NUMBER("number") "," NTA_SQL_NUMBER("class") "," NTA_SQL_NUMBER("day")
#define TIME_COLUMNS  NTA_SQL_NUMBER("first_ns") "," NTA_SQL_NUMBER("last_ns")
#define COUNT_COLUMNS NTA_SQL_NUMBER("records") "," NTA_SQL_NUMBER("bytes")
#define SEAL_COLUMNS                                                                               \
    NTA_SQL_LEN("header")                                                                          \
    "," NTA_SQL_LEN("signature") "," NTA_SQL_AT_MOST("header",                                     \
                                                     1024) "," NTA_SQL_AT_MOST("signature", 64)
#define ROW_COLUMNS                                                                                \
    WHICH_COLUMNS "," TIME_COLUMNS "," COUNT_COLUMNS                                               \
                  "," NTA_SQL_EXACT("data_key", 16) "," NTA_SQL_NUMBER("marks") "," SEAL_COLUMNS
#define KEY_COLUMNS                                                                                \
    NTA_SQL_EXACT("id", 16)                                                                        \
    "," NTA_SQL_EXACT("sensor", 16) "," NTA_SQL_NUMBER("class") "," NTA_SQL_NUMBER(                \
        "day") "," NTA_SQL_LEN("wrapped") "," NTA_SQL_AT_MOST("wrapped", 16384)
#define CHAIN_COLUMNS                                                                              \
    NTA_SQL_EXACT("sensor", 16)                                                                    \
    "," NTA_SQL_NUMBER("number") "," NTA_SQL_EXACT("link", 32) "," NTA_SQL_AT_MOST("frontier", 2048)
#define OF_FORM "typeof(sensor)='blob' AND length(sensor)=16"
#define IN_RUN  " WHERE sensor = ?1 AND number BETWEEN 1 AND 9223372036854775807"
#define SEARCH  " WHERE sensor = ?1 AND number BETWEEN ?2 AND ?3 AND typeof(number)='integer'"
#define NAMES   " WHERE day = ?1 AND sensor = ?2 AND number = ?3"
#define CHAIN_SET                                                                                  \
    "INSERT INTO chain VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE"                              \
    " SET number = excluded.number, link = excluded.link, frontier = excluded.frontier"

/** What is done with the content of one class. */
#define OF_CLASS(class, name, index, digit)                                                        \
    [(unsigned)NTA_SQLITE_PUT_CONTENT +                                                            \
        (unsigned)(class)] =                                                                       \
        "INSERT INTO " name " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET"               \
        " tokens = excluded.tokens, body = excluded.body",                                         \
        [(unsigned)NTA_SQLITE_LENS + (unsigned)(class)] =                                          \
            "SELECT " NTA_SQL_LEN("tokens") "," NTA_SQL_LEN("body") " FROM {" name "}" NAMES,      \
        [(unsigned)NTA_SQLITE_TOKENS + (unsigned)(class)] =                                        \
            "SELECT " NTA_SQL_AT_MOST("tokens", 8388608) " FROM {" name "}" NAMES,                 \
        [(unsigned)NTA_SQLITE_BODY + (unsigned)(class)] =                                          \
            "SELECT " NTA_SQL_AT_MOST("body", 2097152) " FROM {" name "}" NAMES,                   \
        [(unsigned)NTA_SQLITE_STRAYS + (unsigned)(class)] =                                        \
            "SELECT count(1) FROM {" name "} WHERE NOT EXISTS (SELECT 1 FROM {head}"               \
            " WHERE head.sensor = " name ".sensor AND head.number = " name ".number"               \
            " AND head.class = " digit " AND head.day = " name ".day)",                            \
        [(unsigned)NTA_SQLITE_FORGET_CONTENT + (unsigned)(class)] =                                \
            "DELETE FROM " name " WHERE rowid IN (SELECT c.rowid FROM head h CROSS JOIN " name     \
            " c ON c.day = h.day AND c.sensor = h.sensor AND c.number = h.number"                  \
            " WHERE h.sensor = ?1 AND h.number BETWEEN ?2 AND ?3 AND h.class = " digit ")",        \
        [(unsigned)NTA_SQLITE_NEXT_DAY + (unsigned)(class)] =                                      \
            "SELECT day, count(1), min(number), max(number) FROM {" name                           \
            "} WHERE sensor = ?1 AND day ="                                                        \
            " (SELECT min(day) FROM {" name "} WHERE sensor = ?1 AND day > ?2)"                    \
            " AND typeof(number)='integer' GROUP BY day",                                          \
        [(unsigned)NTA_SQLITE_DROP_DAY + (unsigned)(class)] =                                      \
            "DELETE FROM " name " WHERE rowid IN (SELECT rowid FROM " name                         \
            " WHERE day = ?2 AND sensor = ?1 AND number <= ?3 ORDER BY number LIMIT ?4)",          \
        [(unsigned)NTA_SQLITE_PUT_INDEX + (unsigned)(class)] =                                     \
            "INSERT INTO " index " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET"          \
            " bytes = excluded.bytes",                                                             \
        [(unsigned)NTA_SQLITE_GET_INDEX + (unsigned)(class)] =                                     \
            "SELECT " NTA_SQL_AT_MOST("bytes", 131072) " FROM {" index "}" NAMES " AND part = ?4", \
        [(unsigned)NTA_SQLITE_FORGET_INDEX + (unsigned)(class)] =                                  \
            "DELETE FROM " index " WHERE sensor = ?1 AND number BETWEEN ?2 AND ?3",                \
        [(unsigned)NTA_SQLITE_DROP_INDEX + (unsigned)(class)] =                                    \
            "DELETE FROM " index " WHERE day = ?2 AND sensor = ?1"

static_assert(NTA_SENSOR_ID_LEN == 16 && NTA_DATA_KEY_ID_LEN == 16 && NTA_HASH_LEN == 32 &&
                  NTA_STORE_KEY_MAX == 16384 && NTA_STORE_HEADER_MAX == 1024 &&
                  NTA_SIGNATURE_LEN == 64 && NTA_STORE_TOKENS_MAX == 8388608 &&
                  NTA_STORE_BODY_MAX == 2097152 && NTA_STORE_INDEX_MAX == 131072,
              "as the statements have them");
static_assert(NTA_CLASS_EVIDENCE == 1 && NTA_CLASS_TRAFFIC == 2 && NTA_CLASS_WHO == 3 &&
                  NTA_CLASS_LOG == 4,
              "as the tables are called");

const char *const nta_sqlite_texts[NTA_SQLITE_N_STATEMENTS] = {
    [NTA_SQLITE_BEGIN] = "BEGIN IMMEDIATE",
    [NTA_SQLITE_COMMIT] = "COMMIT",
    [NTA_SQLITE_PUT_KEY] =
        "INSERT INTO data_key VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    [NTA_SQLITE_DESTROY_KEY] =
        "UPDATE data_key SET wrapped = zeroblob(length(wrapped))"
        " WHERE sensor = ?1 AND class = ?2 AND day = ?3 AND typeof(wrapped)='blob'",
    [NTA_SQLITE_KEY_ROWS] = "SELECT rowid FROM {data_key*} ORDER BY rowid",
    [NTA_SQLITE_KEY_ROWS_BACK] = "SELECT rowid FROM {data_key*} ORDER BY rowid DESC",
    [NTA_SQLITE_KEY_AT] = "SELECT " KEY_COLUMNS " FROM {data_key*} WHERE rowid = ?1",
    [NTA_SQLITE_KEY_ALL] = "SELECT " KEY_COLUMNS " FROM {data_key*}",
    [NTA_SQLITE_FIND_KEY] = "SELECT " KEY_COLUMNS " FROM {data_key} WHERE id = ?1",
    /* from row to row, where a search in the key does not get past what is in its way */
    [NTA_SQLITE_SCAN_KEY] = "SELECT " KEY_COLUMNS " FROM {data_key*}"
                            " WHERE " NTA_SQL_EXACT("id", 16) " = ?1",
    [NTA_SQLITE_HELD] = "SELECT header, signature FROM head WHERE sensor = ?1 AND number = ?2",
    [NTA_SQLITE_PUT_HEAD] =
        "INSERT INTO head VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
        " ON CONFLICT DO UPDATE SET bytes = excluded.bytes", /* the same one, now with contents */
    [NTA_SQLITE_SET_CHAIN] = CHAIN_SET,
    [NTA_SQLITE_RAISE_CHAIN] = CHAIN_SET " WHERE excluded.number > number",
    [NTA_SQLITE_GET_CHAIN] = "SELECT " CHAIN_COLUMNS " FROM {chain} WHERE sensor = ?1",
    [NTA_SQLITE_EACH_CHAIN] = "SELECT " CHAIN_COLUMNS " FROM {chain*}",
    [NTA_SQLITE_NEWEST] =
        "SELECT number, header, signature FROM {head} WHERE sensor = ?1 AND number BETWEEN 1 AND ?2"
        " AND typeof(number)='integer' AND typeof(header)='blob' AND length(header)<=1024"
        " AND typeof(signature)='blob' AND length(signature)=64 ORDER BY number DESC LIMIT 1",
    [NTA_SQLITE_NEXT_RUN] =
        "SELECT sensor FROM {head} WHERE sensor > ?1 AND " OF_FORM " ORDER BY sensor LIMIT 1",
    [NTA_SQLITE_PREVIOUS_RUN] =
        "SELECT sensor FROM {head} WHERE sensor < ?1 AND " OF_FORM " ORDER BY sensor DESC LIMIT 1",
    [NTA_SQLITE_RUN_FIRST] =
        "SELECT number FROM {head}" IN_RUN " AND typeof(number)='integer' ORDER BY number LIMIT 1",
    [NTA_SQLITE_RUN_LAST] = "SELECT number FROM {head}" IN_RUN
                            " AND typeof(number)='integer' ORDER BY number DESC LIMIT 1",
    [NTA_SQLITE_SEARCH] = "SELECT " ROW_COLUMNS " FROM {head}" SEARCH " ORDER BY number LIMIT 1",
    [NTA_SQLITE_SEARCH_MARKED] =
        "SELECT " ROW_COLUMNS " FROM {INDEX}" SEARCH " AND marks > 0 ORDER BY number LIMIT 1",
    [NTA_SQLITE_ODD] = "SELECT " ROW_COLUMNS " FROM {head*} WHERE NOT (" OF_FORM
                       " AND typeof(number)='integer' AND number > 0)",
    [NTA_SQLITE_ALL] = "SELECT " ROW_COLUMNS " FROM {head*}",
    /* count(*) would be one step, which nothing bounds in a file with pages in a circle */
    [NTA_SQLITE_COUNT] = "SELECT count(1) FROM {head*}",
    [NTA_SQLITE_COUNT_RUN] = "SELECT count(1) FROM {head} WHERE sensor = ?1"
                             " AND number BETWEEN 1 AND ?2 AND typeof(number)='integer'",
    [NTA_SQLITE_FORGET_UP_TO] =
        "SELECT max(number) FROM (SELECT number FROM head" SEARCH " ORDER BY number LIMIT ?4)",
    [NTA_SQLITE_FORGET_HEAD] = "DELETE FROM head WHERE sensor = ?1 AND number BETWEEN ?2 AND ?3"
                               " AND marks & 3 = 0",
    [NTA_SQLITE_WEIGH] = "SELECT total(bytes) FROM {head} WHERE sensor = ?1 AND number BETWEEN ?2"
                         " AND ?3 AND class = ?4 AND day = ?5 AND typeof(bytes)='integer'",
    [NTA_SQLITE_MEASURE] =
        "SELECT count(*), total(records), total(bytes), min(first_ns) FROM {head*}",
    OF_CLASS(NTA_CLASS_EVIDENCE, "content_1", "index_1", "1"),
    OF_CLASS(NTA_CLASS_TRAFFIC, "content_2", "index_2", "2"),
    OF_CLASS(NTA_CLASS_WHO, "content_3", "index_3", "3"),
    OF_CLASS(NTA_CLASS_LOG, "content_4", "index_4", "4"),
};
