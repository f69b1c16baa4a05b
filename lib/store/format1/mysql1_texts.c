/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of format 1 in MySQL, and the texts of the statements that read them. */
#include "store/format1/mysql1.h"
#include "store/mysql/mysql_sql.h"

#include <assert.h>

const struct nta_mysql_plan nta_mysql1_plans[NTA_MYSQL1_N_TABLES] = {
    [NTA_MYSQL1_BATCH] = {.name = "batch", .key = "day,sensor,number", .is_needed = true},
    [NTA_MYSQL1_DATA_KEY] = {.name = "data_key", .key = "id"},
    /* stores were made before there was such a table */
    [NTA_MYSQL1_CHAIN] = {.name = "chain", .key = "sensor", .may_lack = true},
    [NTA_MYSQL1_META] = {.name = "meta", .key = "name", .is_needed = true},
};

const struct nta_mysql_column nta_mysql1_columns[NTA_MYSQL1_N_COLUMNS] = {
    {NTA_MYSQL1_BATCH, "day", "date"},
    {NTA_MYSQL1_BATCH, "sensor", "binary(16)"},
    {NTA_MYSQL1_BATCH, "number", "bigint unsigned"},
    {NTA_MYSQL1_BATCH, "first_ns", "bigint"},
    {NTA_MYSQL1_BATCH, "last_ns", "bigint"},
    {NTA_MYSQL1_BATCH, "n_records", "int unsigned"},
    {NTA_MYSQL1_BATCH, "n_bytes", "int unsigned"},
    {NTA_MYSQL1_BATCH, "header", "varbinary(1024)"},
    {NTA_MYSQL1_BATCH, "signature", "varbinary(64)"},
    {NTA_MYSQL1_BATCH, "tokens", "mediumblob"},
    {NTA_MYSQL1_BATCH, "body", "mediumblob"},
    {NTA_MYSQL1_DATA_KEY, "id", "binary(16)"},
    {NTA_MYSQL1_DATA_KEY, "made_ns", "bigint"},
    {NTA_MYSQL1_DATA_KEY, "wrapped", "blob"},
    {NTA_MYSQL1_CHAIN, "sensor", "binary(16)"},
    {NTA_MYSQL1_CHAIN, "number", "bigint unsigned"},
    {NTA_MYSQL1_CHAIN, "hash", "binary(32)"},
};

/* What is longer than any batch's part is not sent. */
#define HEAD                                                                                       \
    "number, first_ns, last_ns, n_records, n_bytes,"                                               \
    " LENGTH(header), LENGTH(signature), LENGTH(tokens), LENGTH(body),"                            \
    " IF(LENGTH(header) <= 1024, header, NULL), IF(LENGTH(signature) <= 64, signature, NULL)"
#define TOKENS " IF(LENGTH(tokens) <= 8388608, tokens, NULL)"
#define BODY   " IF(LENGTH(body) <= 2097152, body, NULL)"
#define HEAD_OF                                                                                    \
    " FROM batch WHERE day = FROM_DAYS(?) AND sensor = ? AND number BETWEEN ? AND ?"               \
    " ORDER BY number LIMIT 1"

#define DAY_COLUMN                                                                                 \
    "IF(CAST(day AS BINARY) = CAST(FROM_DAYS(TO_DAYS(day)) AS BINARY), TO_DAYS(day), NULL)"
#define KEY_COLUMNS                                                                                \
    DAY_COLUMN "," NTA_SQL_BYTES("sensor", "= 16") "," NTA_SQL_EXACT("number", "UNSIGNED")
#define TIME_COLUMNS NTA_SQL_EXACT("first_ns", "SIGNED") "," NTA_SQL_EXACT("last_ns", "SIGNED")
#define COUNT_COLUMNS                                                                              \
    NTA_SQL_EXACT("n_records", "UNSIGNED") "," NTA_SQL_EXACT("n_bytes", "UNSIGNED")
#define LEN_COLUMNS                                                                                \
    NTA_SQL_LEN("header")                                                                          \
    "," NTA_SQL_LEN("signature") "," NTA_SQL_LEN("tokens") "," NTA_SQL_LEN("body")
#define HEAD_COLUMNS NTA_SQL_BYTES("header", "<= 1024") "," NTA_SQL_BYTES("signature", "<= 64")
#define REST_COLUMNS NTA_SQL_BYTES("tokens", "<= 8388608") "," NTA_SQL_BYTES("body", "<= 2097152")
#define ALL                                                                                        \
    "SELECT " KEY_COLUMNS "," TIME_COLUMNS "," COUNT_COLUMNS "," LEN_COLUMNS "," HEAD_COLUMNS      \
    "," REST_COLUMNS " FROM batch"

static_assert(NTA_STORE_HEADER_MAX == 1024 && NTA_SIGNATURE_LEN == 64 &&
                  NTA_STORE_TOKENS_MAX == 8388608 && NTA_STORE_BODY_MAX == 2097152 &&
                  NTA_STORE_KEY_MAX == 16384,
              "as the statements have them");

const char *const nta_mysql1_texts[NTA_MYSQL1_N_STATEMENTS] = {
    [NTA_MYSQL1_KEY_IDS] = "SELECT id FROM data_key ORDER BY made_ns, id",
    [NTA_MYSQL1_FIND_KEY] =
        "SELECT id, made_ns, LENGTH(wrapped), IF(LENGTH(wrapped) <= 16384, wrapped,"
        " NULL) FROM data_key WHERE id = ? LIMIT 1",
    [NTA_MYSQL1_EACH_KEY] =
        "SELECT" NTA_SQL_BYTES("id", "= 16") "," NTA_SQL_EXACT("made_ns", "SIGNED") "," NTA_SQL_LEN(
            "wrapped") "," NTA_SQL_BYTES("wrapped", "<= 16384") " FROM data_key",
    [NTA_MYSQL1_EACH_HEAD] = "SELECT" NTA_SQL_BYTES("sensor", "= 16") "," NTA_SQL_EXACT(
        "number", "UNSIGNED") "," NTA_SQL_BYTES("hash", "= 32") " FROM chain",
    /* answered from the ends of each (day, sensor) in the key, not from every row between */
    [NTA_MYSQL1_RUNS] = "SELECT TO_DAYS(day), sensor, MIN(number), MAX(number) FROM batch"
                        " GROUP BY day, sensor",
    [NTA_MYSQL1_HEAD] = "SELECT " HEAD HEAD_OF,
    [NTA_MYSQL1_HEAD_TOKENS] = "SELECT " HEAD "," TOKENS HEAD_OF,
    [NTA_MYSQL1_HEAD_ALL] = "SELECT " HEAD "," TOKENS "," BODY HEAD_OF,
    [NTA_MYSQL1_REST] = "SELECT " TOKENS "," BODY " FROM batch"
                        " WHERE day = FROM_DAYS(?) AND sensor = ? AND number = ?",
    [NTA_MYSQL1_ALL] = ALL,
    [NTA_MYSQL1_ODD] =
        ALL " WHERE TO_DAYS(day) IS NULL OR TO_DAYS(day) NOT BETWEEN 366 AND 3652424",
    [NTA_MYSQL1_COUNT] = "SELECT COUNT(*) FROM batch",
    [NTA_MYSQL1_COUNT_RUN] = "SELECT COUNT(*) FROM batch"
                             " WHERE day = FROM_DAYS(?) AND sensor = ? AND number < ?",
    [NTA_MYSQL1_MEASURE] = "SELECT COUNT(*), CAST(COALESCE(SUM(n_records), 0) AS UNSIGNED),"
                           " CAST(COALESCE(SUM(n_bytes), 0) AS UNSIGNED),"
                           " COALESCE(MIN(first_ns), 0) FROM batch",
};
