/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Format 1 in SQLite, which is only read.  `batch` holds what a search needs, ordered by its key,
 * `content` the sealed bytes in the order they came; `chain` is each sensor's last batch.
 *
 * The calls are those of struct nta_store_ops (store/store_internal.h); here is what is special.
 */

#include "store/sqlite/sqlite_alike.h"

enum nta_sqlite1_table_name
{
    NTA_SQLITE1_BATCH,
    NTA_SQLITE1_CONTENT,
    NTA_SQLITE1_DATA_KEY,
    NTA_SQLITE1_CHAIN,
    NTA_SQLITE1_N_TABLES
};

/** One row a statement (their texts are in sqlite1_texts.c). */
enum nta_sqlite1_statement
{
    NTA_SQLITE1_KEY_IDS,
    NTA_SQLITE1_KEY_IDS_BACK,
    NTA_SQLITE1_KEY_ODD,
    NTA_SQLITE1_KEY_ALL,
    NTA_SQLITE1_FIND_KEY,
    NTA_SQLITE1_SCAN_KEY,
    NTA_SQLITE1_EACH_HEAD,
    NTA_SQLITE1_NEXT_RUN,
    NTA_SQLITE1_RUN_FIRST,
    NTA_SQLITE1_RUN_LAST,
    NTA_SQLITE1_SEARCH,
    NTA_SQLITE1_ODD,
    NTA_SQLITE1_ALL,
    NTA_SQLITE1_PARTS,
    NTA_SQLITE1_TOKENS,
    NTA_SQLITE1_BODY,
    NTA_SQLITE1_COUNT,
    NTA_SQLITE1_COUNT_RUN,
    NTA_SQLITE1_MEASURE,
    NTA_SQLITE1_N_STATEMENTS
};

extern const struct nta_sqlite_plan nta_sqlite1_plans[NTA_SQLITE1_N_TABLES];
extern const char *const nta_sqlite1_texts[NTA_SQLITE1_N_STATEMENTS];

/**
 * each_run: by searches from key to key; where pages are damaged, what may lie behind them is
 * guessed, all that can be is given, and -EIO comes at the end.
 */
int nta_sqlite1_each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                         struct nta_err *err);
/** each_odd: in a table that is not ours every row is one. */
int nta_sqlite1_each_odd(struct nta_store *store, const struct nta_store_search *search,
                         struct nta_store_row *row, nta_store_odd_fn *each, void *owner,
                         struct nta_err *err);
/** fetch: if a writer came meanwhile, once more. */
int nta_sqlite1_fetch(struct nta_store *store, const struct nta_store_search *search,
                      struct nta_store_row *row, struct nta_err *err);
/** count: of a run 0 in a table that is not ours, where there are none. */
int nta_sqlite1_count(struct nta_store *store, const struct nta_store_run *run, uint64_t below,
                      uint64_t *ret_n_rows, struct nta_err *err);
/**
 * each_key: 24 bytes for each key are held, for their order; keys whose id is not of its form come
 * last.
 */
int nta_sqlite1_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                         struct nta_err *err);
/** find_key: by the key, and, where that is damaged, by going through the table. */
int nta_sqlite1_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                         struct nta_buf *bytes, struct nta_stored_key *ret_key,
                         struct nta_err *err);
/** each_chain: all rows are read before `each` is called with the first. */
int nta_sqlite1_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                           struct nta_err *err);
/** measure: sums over the columns. */
int nta_sqlite1_measure(struct nta_store *store, struct nta_store_size *ret_size,
                        struct nta_err *err);
