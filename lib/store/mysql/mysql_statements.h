/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The MySQL store's statements (their texts are in mysql_run.c).
 */

/** One row a statement; each is prepared when first used on a connection and kept. */
enum nta_mysql_statement
{
    NTA_MYSQL_PUT_KEY,
    NTA_MYSQL_KEY_IDS,
    NTA_MYSQL_EACH_KEY,
    NTA_MYSQL_FIND_KEY,
    NTA_MYSQL_PUT_BATCH,
    NTA_MYSQL_HELD,
    NTA_MYSQL_NEWEST, ///< The highest number of a run within two.
    NTA_MYSQL_GET_HEAD,
    NTA_MYSQL_EACH_HEAD,
    NTA_MYSQL_SWAP_HEAD,
    NTA_MYSQL_FIRST_HEAD,
    NTA_MYSQL_RAISE_HEAD,
    NTA_MYSQL_RUNS,
    NTA_MYSQL_HEAD,        ///< Columns, lengths, header and signature of the next batch;
    NTA_MYSQL_HEAD_TOKENS, ///< and its tokens,
    NTA_MYSQL_HEAD_ALL,    ///< and its body.
    NTA_MYSQL_REST,        ///< Tokens and body of this batch.
    NTA_MYSQL_ALL,         ///< Every row of a table whose columns are of any type;
    NTA_MYSQL_ODD,         ///< those whose day is none.
    NTA_MYSQL_COUNT,
    NTA_MYSQL_COUNT_RUN,
    NTA_MYSQL_MEASURE,
    NTA_MYSQL_N_STATEMENTS
};
