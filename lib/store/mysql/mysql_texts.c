/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of format 2 as they are made, and the texts of the statements that use them. */
#include "store/mysql/mysql_sql.h"
#include "store/mysql/mysql_statements.h"
#include "store/stored.h"

#define ENGINE " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET binary"

/*
 * Contents are partitioned by day, so that a day can go without a DELETE; the days' partitions are
 * cut off the last one (mysql_partitions.h).  Heads stay.  Bodies lie off the row's page.
 */
#define CONTENT_PLAN(table)                                                                        \
    {                                                                                              \
        table, "day,sensor,number",                                                                \
            "CREATE TABLE IF NOT EXISTS " table " ("                                               \
            "day INT NOT NULL, sensor BINARY(16) NOT NULL, number BIGINT UNSIGNED NOT NULL, "      \
            "tokens MEDIUMBLOB NOT NULL, body MEDIUMBLOB NOT NULL, "                               \
            "PRIMARY KEY (day, sensor, number))" ENGINE NTA_MYSQL_PARTITIONED,                     \
            false, false                                                                           \
    }

/** As contents; databases from before there were indexes lack them. */
#define INDEX_PLAN(table)                                                                          \
    {                                                                                              \
        table, "day,sensor,number,part",                                                           \
            "CREATE TABLE IF NOT EXISTS " table " ("                                               \
            "day INT NOT NULL, sensor BINARY(16) NOT NULL, number BIGINT UNSIGNED NOT NULL, "      \
            "part INT UNSIGNED NOT NULL, bytes MEDIUMBLOB NOT NULL, "                              \
            "PRIMARY KEY (day, sensor, number, part))" ENGINE NTA_MYSQL_PARTITIONED,               \
            false, true                                                                            \
    }

const struct nta_mysql_plan nta_mysql_plans[NTA_MYSQL_N_TABLES] = {
    [NTA_MYSQL_HEAD] = {"head", "sensor,number",
                        "CREATE TABLE IF NOT EXISTS head ("
                        "sensor BINARY(16) NOT NULL, number BIGINT UNSIGNED NOT NULL, "
                        "class TINYINT UNSIGNED NOT NULL, day INT NOT NULL, "
                        "first_ns BIGINT NOT NULL, last_ns BIGINT NOT NULL, "
                        "records INT UNSIGNED NOT NULL, bytes INT UNSIGNED NOT NULL, "
                        "data_key BINARY(16) NOT NULL, header VARBINARY(1024) NOT NULL, "
                        "signature VARBINARY(64) NOT NULL, marks TINYINT UNSIGNED NOT NULL, "
                        "PRIMARY KEY (sensor, number), KEY head_marks (sensor, marks))" ENGINE,
                        true, false},
    [(unsigned)NTA_MYSQL_CONTENT + (unsigned) NTA_CLASS_EVIDENCE] = CONTENT_PLAN("content_1"),
    [(unsigned)NTA_MYSQL_CONTENT + (unsigned) NTA_CLASS_TRAFFIC] = CONTENT_PLAN("content_2"),
    [(unsigned)NTA_MYSQL_CONTENT + (unsigned) NTA_CLASS_WHO] = CONTENT_PLAN("content_3"),
    [(unsigned)NTA_MYSQL_CONTENT + (unsigned) NTA_CLASS_LOG] = CONTENT_PLAN("content_4"),
    [NTA_MYSQL_DATA_KEY] = {"data_key", "id",
                            "CREATE TABLE IF NOT EXISTS data_key ("
                            "id BINARY(16) NOT NULL PRIMARY KEY, sensor BINARY(16) NOT NULL, "
                            "class TINYINT UNSIGNED NOT NULL, day INT NOT NULL, "
                            "wrapped BLOB NOT NULL, KEY data_key_of (sensor, class, day), "
                            "KEY data_key_on (class, day))" ENGINE,
                            false, false},
    /* each sensor's last batch: who makes the chain longer compares and sets it */
    [NTA_MYSQL_CHAIN] = {"chain", "sensor",
                         "CREATE TABLE IF NOT EXISTS chain ("
                         "sensor BINARY(16) NOT NULL PRIMARY KEY, number BIGINT UNSIGNED NOT NULL, "
                         "link BINARY(32) NOT NULL, frontier VARBINARY(2048) NOT NULL)" ENGINE,
                         false, false},
    [(unsigned)NTA_MYSQL_INDEX + (unsigned) NTA_CLASS_EVIDENCE] = INDEX_PLAN("index_1"),
    [(unsigned)NTA_MYSQL_INDEX + (unsigned) NTA_CLASS_TRAFFIC] = INDEX_PLAN("index_2"),
    [(unsigned)NTA_MYSQL_INDEX + (unsigned) NTA_CLASS_WHO] = INDEX_PLAN("index_3"),
    [(unsigned)NTA_MYSQL_INDEX + (unsigned) NTA_CLASS_LOG] = INDEX_PLAN("index_4"),
    [NTA_MYSQL_META] =
        {"meta", "name",
         "CREATE TABLE IF NOT EXISTS meta ("
         "name VARBINARY(32) NOT NULL PRIMARY KEY, value VARBINARY(255) NOT NULL)" ENGINE,
         true, false},
};

#define CONTENT_COLUMNS(class)                                                                     \
    {(unsigned)NTA_MYSQL_CONTENT + (unsigned)(class), "day", "int"},                               \
        {(unsigned)NTA_MYSQL_CONTENT + (unsigned)(class), "sensor", "binary(16)"},                 \
        {(unsigned)NTA_MYSQL_CONTENT + (unsigned)(class), "number", "bigint unsigned"},            \
        {(unsigned)NTA_MYSQL_CONTENT + (unsigned)(class), "tokens", "mediumblob"},                 \
    {                                                                                              \
        (unsigned)NTA_MYSQL_CONTENT + (unsigned)(class), "body", "mediumblob"                      \
    }

#define INDEX_COLUMNS(class)                                                                       \
    {(unsigned)NTA_MYSQL_INDEX + (unsigned)(class), "day", "int"},                                 \
        {(unsigned)NTA_MYSQL_INDEX + (unsigned)(class), "sensor", "binary(16)"},                   \
        {(unsigned)NTA_MYSQL_INDEX + (unsigned)(class), "number", "bigint unsigned"},              \
        {(unsigned)NTA_MYSQL_INDEX + (unsigned)(class), "part", "int unsigned"},                   \
    {                                                                                              \
        (unsigned)NTA_MYSQL_INDEX + (unsigned)(class), "bytes", "mediumblob"                       \
    }

const struct nta_mysql_column nta_mysql_columns[NTA_MYSQL_N_COLUMNS] = {
    {NTA_MYSQL_HEAD, "sensor", "binary(16)"},
    {NTA_MYSQL_HEAD, "number", "bigint unsigned"},
    {NTA_MYSQL_HEAD, "class", "tinyint unsigned"},
    {NTA_MYSQL_HEAD, "day", "int"},
    {NTA_MYSQL_HEAD, "first_ns", "bigint"},
    {NTA_MYSQL_HEAD, "last_ns", "bigint"},
    {NTA_MYSQL_HEAD, "records", "int unsigned"},
    {NTA_MYSQL_HEAD, "bytes", "int unsigned"},
    {NTA_MYSQL_HEAD, "data_key", "binary(16)"},
    {NTA_MYSQL_HEAD, "header", "varbinary(1024)"},
    {NTA_MYSQL_HEAD, "signature", "varbinary(64)"},
    {NTA_MYSQL_HEAD, "marks", "tinyint unsigned"},
    CONTENT_COLUMNS(NTA_CLASS_EVIDENCE),
    CONTENT_COLUMNS(NTA_CLASS_TRAFFIC),
    CONTENT_COLUMNS(NTA_CLASS_WHO),
    CONTENT_COLUMNS(NTA_CLASS_LOG),
    {NTA_MYSQL_DATA_KEY, "id", "binary(16)"},
    {NTA_MYSQL_DATA_KEY, "sensor", "binary(16)"},
    {NTA_MYSQL_DATA_KEY, "class", "tinyint unsigned"},
    {NTA_MYSQL_DATA_KEY, "day", "int"},
    {NTA_MYSQL_DATA_KEY, "wrapped", "blob"},
    {NTA_MYSQL_CHAIN, "sensor", "binary(16)"},
    {NTA_MYSQL_CHAIN, "number", "bigint unsigned"},
    {NTA_MYSQL_CHAIN, "link", "binary(32)"},
    {NTA_MYSQL_CHAIN, "frontier", "varbinary(2048)"},
    INDEX_COLUMNS(NTA_CLASS_EVIDENCE),
    INDEX_COLUMNS(NTA_CLASS_TRAFFIC),
    INDEX_COLUMNS(NTA_CLASS_WHO),
    INDEX_COLUMNS(NTA_CLASS_LOG),
};

#define HEAD_NAMES                                                                                 \
    "sensor, number, class, day, first_ns, last_ns, records, bytes, data_key, header, signature,"  \
    " marks"
#define CONTENT_NAMES "day, sensor, number, tokens, body"
#define KEY_NAMES     "id, sensor, class, day, wrapped"
#define CHAIN_NAMES   "sensor, number, link, frontier"
#define INDEX_NAMES   "day, sensor, number, part, bytes"
#define MAY_INSERT(table, names)                                                                   \
    "INSERT INTO " table " (" names ") SELECT " names " FROM " table " WHERE 1 = 0"

const char *const nta_mysql_rights[NTA_MYSQL_N_RIGHTS] = {
    MAY_INSERT("head", HEAD_NAMES),
    MAY_INSERT("content_1", CONTENT_NAMES),
    MAY_INSERT("content_2", CONTENT_NAMES),
    MAY_INSERT("content_3", CONTENT_NAMES),
    MAY_INSERT("content_4", CONTENT_NAMES),
    MAY_INSERT("data_key", KEY_NAMES),
    MAY_INSERT("chain", CHAIN_NAMES),
    "UPDATE chain SET number = number, link = link, frontier = frontier WHERE 1 = 0",
};

const char *const nta_mysql_index_rights[NTA_N_CLASSES] = {
    [NTA_CLASS_EVIDENCE] = MAY_INSERT("index_1", INDEX_NAMES),
    [NTA_CLASS_TRAFFIC] = MAY_INSERT("index_2", INDEX_NAMES),
    [NTA_CLASS_WHO] = MAY_INSERT("index_3", INDEX_NAMES),
    [NTA_CLASS_LOG] = MAY_INSERT("index_4", INDEX_NAMES),
};

/* Lengths, then bytes, of which those that are longer than any batch's are not sent. */
#define HEAD_COLUMNS                                                                               \
    " number, class, day, first_ns, last_ns, records, bytes, marks, LENGTH(header),"               \
    " LENGTH(signature), data_key, IF(LENGTH(header) <= 1024, header, NULL),"                      \
    " IF(LENGTH(signature) <= 64, signature, NULL)"
#define ALL_NUMBERS                                                                                \
    NTA_SQL_EXACT("number", "UNSIGNED")                                                            \
    "," NTA_SQL_EXACT("class", "UNSIGNED") "," NTA_SQL_EXACT("day", "SIGNED")
#define ALL_TIMES NTA_SQL_EXACT("first_ns", "SIGNED") "," NTA_SQL_EXACT("last_ns", "SIGNED")
#define ALL_COUNTS                                                                                 \
    NTA_SQL_EXACT("records", "UNSIGNED")                                                           \
    "," NTA_SQL_EXACT("bytes", "UNSIGNED") "," NTA_SQL_EXACT("marks", "UNSIGNED")
#define ALL_LENS NTA_SQL_LEN("header") "," NTA_SQL_LEN("signature")
#define ALL_BYTES                                                                                  \
    NTA_SQL_BYTES("data_key", "= 16")                                                              \
    "," NTA_SQL_BYTES("header", "<= 1024") "," NTA_SQL_BYTES("signature", "<= 64")
#define ALL_COLUMNS ALL_NUMBERS "," ALL_TIMES "," ALL_COUNTS "," ALL_LENS "," ALL_BYTES
#define KEY_COLUMNS                                                                                \
    NTA_SQL_BYTES("id", "= 16")                                                                    \
    "," NTA_SQL_BYTES("sensor", "= 16") "," NTA_SQL_EXACT("class", "UNSIGNED") "," NTA_SQL_EXACT(  \
        "day", "SIGNED") "," NTA_SQL_LEN("wrapped") "," NTA_SQL_BYTES("wrapped", "<= 16384")
#define CHAIN_COLUMNS                                                                              \
    NTA_SQL_BYTES("sensor", "= 16")                                                                \
    "," NTA_SQL_EXACT("number", "UNSIGNED") "," NTA_SQL_BYTES("link", "= 32") "," NTA_SQL_BYTES(   \
        "frontier", "<= 2048")
#define SEARCH     " FROM head WHERE sensor = ? AND number BETWEEN ? AND ?"
#define FIRST      " ORDER BY number LIMIT 1"
#define AT         " WHERE day = ? AND sensor = ? AND number = ? LIMIT 1"
#define THE_LENS   NTA_SQL_LEN("tokens") "," NTA_SQL_LEN("body")
#define THE_TOKENS NTA_SQL_BYTES("tokens", "<= 8388608")
#define THE_BODY   NTA_SQL_BYTES("body", "<= 2097152")

#define ZEROS(column) "REPEAT(CHAR(0), LENGTH(" column "))" /* of a key that was destroyed */

/** What is done with the content of one class. */
#define OF_CLASS(class, name, index, digit)                                                        \
    [(unsigned)NTA_MYSQL_PUT_CONTENT +                                                             \
        (unsigned)(class)] = "INSERT INTO " name " (" CONTENT_NAMES ") VALUES (?, ?, ?, ?, ?)",    \
        [(unsigned)NTA_MYSQL_HELD_CONTENT + (unsigned)(class)] =                                   \
            "SELECT tokens = ? AND body = ? FROM " name                                            \
            " WHERE day = ? AND sensor = ? AND number = ?",                                        \
        [(unsigned)NTA_MYSQL_COUNT_DAY + (unsigned)(class)] =                                      \
            "SELECT COUNT(*), COALESCE(MIN(number), 0), COALESCE(MAX(number), 0) FROM " name       \
            " WHERE day = ? AND sensor = ?",                                                       \
        [(unsigned)NTA_MYSQL_NEEDED + (unsigned)(class)] =                                         \
            "SELECT COUNT(*) FROM (SELECT DISTINCT day, sensor FROM " name                         \
            " WHERE day >= ? AND day < ?) c LEFT JOIN data_key k ON k.sensor = c.sensor"           \
            " AND k.class = " digit " AND k.day = c.day"                                           \
            " WHERE k.id IS NULL OR k.wrapped <> " ZEROS("k.wrapped"),                             \
        [(unsigned)NTA_MYSQL_TOKENS + (unsigned)(class)] =                                         \
            "SELECT" THE_LENS "," THE_TOKENS " FROM " name AT,                                     \
        [(unsigned)NTA_MYSQL_BODY + (unsigned)(class)] = "SELECT" THE_BODY " FROM " name AT,       \
        [(unsigned)NTA_MYSQL_BOTH + (unsigned)(class)] =                                           \
            "SELECT" THE_LENS "," THE_TOKENS "," THE_BODY " FROM " name AT,                        \
        [(unsigned)NTA_MYSQL_STRAYS + (unsigned)(class)] =                                         \
            "SELECT COUNT(*) FROM " name " c LEFT JOIN head h ON h.sensor = c.sensor"              \
            " AND h.number = c.number AND h.class = " digit " AND h.day = c.day"                   \
            " WHERE h.sensor IS NULL",                                                             \
        [(unsigned)NTA_MYSQL_PUT_INDEX + (unsigned)(class)] =                                      \
            "INSERT INTO " index " (" INDEX_NAMES ") VALUES (?, ?, ?, ?, ?)",                      \
        [(unsigned)NTA_MYSQL_GET_INDEX + (unsigned)(class)] = "SELECT" NTA_SQL_BYTES(              \
            "bytes",                                                                               \
            "<= 131072") " FROM " index                                                            \
                         " WHERE day = ? AND sensor = ? AND number = ? AND part = ? LIMIT 1"

static_assert(NTA_STORE_HEADER_MAX == 1024 && NTA_SIGNATURE_LEN == 64 &&
                  NTA_STORE_TOKENS_MAX == 8388608 && NTA_STORE_BODY_MAX == 2097152 &&
                  NTA_STORE_KEY_MAX == 16384 && NTA_STORE_INDEX_MAX == 131072 &&
                  NTA_SENSOR_ID_LEN == 16 && NTA_HASH_LEN == 32,
              "as the statements have them");
static_assert(NTA_CLASS_EVIDENCE == 1 && NTA_CLASS_TRAFFIC == 2 && NTA_CLASS_WHO == 3 &&
                  NTA_CLASS_LOG == 4,
              "as the tables are called");

const char *const nta_mysql_texts[NTA_MYSQL_N_STATEMENTS] = {
    [NTA_MYSQL_PUT_KEY] = "INSERT INTO data_key (" KEY_NAMES ") VALUES (?, ?, ?, ?, ?)",
    [NTA_MYSQL_DESTROY_KEY] = "UPDATE data_key SET wrapped = " ZEROS(
        "wrapped") " WHERE sensor = ? AND class = ? AND day = ?",
    [NTA_MYSQL_LIVE_DAY] = "SELECT day FROM data_key WHERE sensor = ? AND class = ? AND day > ?"
                           " AND wrapped <> " ZEROS("wrapped") " ORDER BY day LIMIT 1",
    [NTA_MYSQL_KEY_IDS] = "SELECT id FROM data_key ORDER BY day, class, id",
    [NTA_MYSQL_FIND_KEY] = "SELECT" KEY_COLUMNS " FROM data_key WHERE id = ? LIMIT 1",
    [NTA_MYSQL_EACH_KEY] = "SELECT" KEY_COLUMNS " FROM data_key",
    [NTA_MYSQL_PUT_HEAD] = "INSERT INTO head (" HEAD_NAMES ")"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [NTA_MYSQL_HELD] = "SELECT number, header, signature FROM head"
                       " WHERE sensor = ? AND number = ? AND LENGTH(signature) = 64",
    [NTA_MYSQL_NEWEST] = "SELECT number, header, signature FROM head WHERE sensor = ?"
                         " AND number BETWEEN 1 AND ? AND LENGTH(header) <= 1024"
                         " AND LENGTH(signature) = 64"
                         " ORDER BY number DESC LIMIT 1",
    [NTA_MYSQL_EACH_CHAIN] = "SELECT" CHAIN_COLUMNS " FROM chain",
    [NTA_MYSQL_GET_CHAIN] = "SELECT" CHAIN_COLUMNS " FROM chain WHERE sensor = ?",
    [NTA_MYSQL_SWAP_CHAIN] = "UPDATE chain SET number = ?, link = ?, frontier = ?"
                             " WHERE sensor = ? AND number = ? AND link = ?",
    [NTA_MYSQL_FIRST_CHAIN] = "INSERT INTO chain (" CHAIN_NAMES ") VALUES (?, ?, ?, ?)",
    /* answered from the ends of each sensor in the key, not from every row between */
    [NTA_MYSQL_RUNS] = "SELECT sensor, MIN(number), MAX(number) FROM head GROUP BY sensor",
    [NTA_MYSQL_SEARCH] = "SELECT" HEAD_COLUMNS SEARCH FIRST,
    [NTA_MYSQL_SEARCH_MARKED] = "SELECT" HEAD_COLUMNS SEARCH " AND marks > 0" FIRST,
    [NTA_MYSQL_ALL] = "SELECT" NTA_SQL_BYTES("sensor", "= 16") "," ALL_COLUMNS " FROM head",
    [NTA_MYSQL_COUNT] = "SELECT COUNT(*) FROM head",
    [NTA_MYSQL_COUNT_RUN] = "SELECT COUNT(*) FROM head WHERE sensor = ? AND number < ?",
    [NTA_MYSQL_MEASURE] = "SELECT COUNT(*), CAST(COALESCE(SUM(records), 0) AS UNSIGNED),"
                          " CAST(COALESCE(SUM(bytes), 0) AS UNSIGNED),"
                          " COALESCE(MIN(first_ns), 0) FROM head",
    OF_CLASS(NTA_CLASS_EVIDENCE, "content_1", "index_1", "1"),
    OF_CLASS(NTA_CLASS_TRAFFIC, "content_2", "index_2", "2"),
    OF_CLASS(NTA_CLASS_WHO, "content_3", "index_3", "3"),
    OF_CLASS(NTA_CLASS_LOG, "content_4", "index_4", "4"),
};
