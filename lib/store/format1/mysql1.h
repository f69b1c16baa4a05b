/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Format 1 in MySQL, which is only read: a batch is one row, whose key begins with its day.
 *
 * The calls are those of struct nta_store_ops (store/store_internal.h); here is what is special.
 */

#include "store/mysql/mysql_internal.h"

#define NTA_MYSQL1_DAYS INT64_C(719528) ///< TO_DAYS('1970-01-01').

enum nta_mysql1_table
{
    NTA_MYSQL1_BATCH,
    NTA_MYSQL1_DATA_KEY,
    NTA_MYSQL1_CHAIN,
    NTA_MYSQL1_META,
    NTA_MYSQL1_N_TABLES
};

/** One row a statement (their texts are in mysql1_texts.c). */
enum nta_mysql1_statement
{
    NTA_MYSQL1_KEY_IDS,
    NTA_MYSQL1_EACH_KEY,
    NTA_MYSQL1_FIND_KEY,
    NTA_MYSQL1_EACH_HEAD,
    NTA_MYSQL1_RUNS,
    NTA_MYSQL1_HEAD,        ///< Columns, lengths, header and signature of the next batch;
    NTA_MYSQL1_HEAD_TOKENS, ///< and its tokens,
    NTA_MYSQL1_HEAD_ALL,    ///< and its body.
    NTA_MYSQL1_REST,        ///< Tokens and body of this batch.
    NTA_MYSQL1_ALL,         ///< Every row of a table whose columns are of any type;
    NTA_MYSQL1_ODD,         ///< those whose day is none.
    NTA_MYSQL1_COUNT,
    NTA_MYSQL1_COUNT_RUN,
    NTA_MYSQL1_MEASURE,
    NTA_MYSQL1_N_STATEMENTS
};

enum
{
    NTA_MYSQL1_N_COLUMNS = 17
};

extern const struct nta_mysql_plan nta_mysql1_plans[NTA_MYSQL1_N_TABLES];
extern const struct nta_mysql_column nta_mysql1_columns[NTA_MYSQL1_N_COLUMNS];
extern const char *const nta_mysql1_texts[NTA_MYSQL1_N_STATEMENTS];

/* ---- what rows say (mysql1_rows.c) ---- */

/** Parameters day, sensor and number. */
void nta_mysql1_bind_key(struct nta_mysql_binds *params, int64_t day,
                         const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number);

/**
 * Columns of a batch, in the order of the statements; with NTA_MYSQL1_ALL, day and sensor are in
 * front.
 */
enum
{
    NTA_MYSQL1_COLUMN_NUMBER,
    NTA_MYSQL1_COLUMN_FIRST,
    NTA_MYSQL1_COLUMN_LAST,
    NTA_MYSQL1_COLUMN_RECORDS,
    NTA_MYSQL1_COLUMN_BYTES,
    NTA_MYSQL1_COLUMN_LENS,
    NTA_MYSQL1_COLUMN_PARTS = NTA_MYSQL1_COLUMN_LENS + NTA_N_PARTS,
};

enum
{
    NTA_MYSQL1_DAY_FIRST = 366,    ///< TO_DAYS('0001-01-01'): FROM_DAYS() gives none before.
    NTA_MYSQL1_DAY_LAST = 3652424, ///< TO_DAYS('9999-12-31').
};

/** What the columns from `at` on say, into the row. */
void nta_mysql1_take_columns(const struct nta_mysql_binds *columns, unsigned at,
                             struct nta_store_row *row);

/** Bind the columns of a data key: its id, which goes to `id`, time, blob's length and blob. */
void nta_mysql1_bind_key_columns(struct nta_mysql_binds *columns, uint8_t id[NTA_DATA_KEY_ID_LEN]);
/**
 * What those columns say; the key's blob borrows from `bytes`, and faults are said in the key.  0,
 * or negative errno.
 */
int nta_mysql1_take_key(const struct nta_mysql_binds *columns,
                        const uint8_t id[NTA_DATA_KEY_ID_LEN], struct nta_buf *bytes,
                        struct nta_stored_key *ret_key, struct nta_err *err);

/** Every row of a table of data keys whose columns are of any type. */
int nta_mysql1_scan_keys(struct nta_mysql *mysql, nta_store_each_key_fn *each, void *owner,
                         struct nta_err *err);

/* ---- calls ---- */

/**
 * each_run: what one statement lists; none of a table that somebody changed, whose rows each_odd
 * has.
 */
int nta_mysql1_each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                        struct nta_err *err);
/** each_odd: in a table that somebody changed every row is one. */
int nta_mysql1_each_odd(struct nta_store *store, const struct nta_store_search *search,
                        struct nta_store_row *row, nta_store_odd_fn *each, void *owner,
                        struct nta_err *err);
/**
 * fetch: the row's key is set even if none is found; a row that is gone before all of it was read
 * has NTA_ROW_CONTENT.
 */
int nta_mysql1_fetch(struct nta_store *store, const struct nta_store_search *search,
                     struct nta_store_row *row, struct nta_err *err);
/** count: of a run 0 in a table that somebody changed, where there are none. */
int nta_mysql1_count(struct nta_store *store, const struct nta_store_run *run, uint64_t below,
                     uint64_t *ret_n_rows, struct nta_err *err);
/** each_key: the ids are listed, then each key is fetched; one that is gone by then is left out. */
int nta_mysql1_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                        struct nta_err *err);
/** find_key: in place of the table there may be something else; then it has none. */
int nta_mysql1_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                        struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err);
/** each_chain: no rows if nobody made the table. */
int nta_mysql1_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                          struct nta_err *err);
/** measure: sums over the columns. */
int nta_mysql1_measure(struct nta_store *store, struct nta_store_size *ret_size,
                       struct nta_err *err);
