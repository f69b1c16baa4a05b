/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is read in the same way of both formats: each says how its rows are taken, and hands the
 * store's calls on.
 */

#include "store/sqlite/sqlite_internal.h"

/** The head at which a statement stands.  0 or negative errno. */
typedef int nta_sqlite_take_fn(struct nta_sqlite *sqlite, sqlite3_stmt *statement,
                               const struct nta_store_search *search, struct nta_store_row *row,
                               struct nta_err *err);

/** How heads are taken. */
struct nta_sqlite_heads
{
    unsigned table;
    unsigned all, odd; ///< Statements: every head, and those whose key is malformed.
    /** The search itself, once: as the call fetch. */
    int (*fetch)(struct nta_sqlite *sqlite, const struct nta_store_search *search,
                 struct nta_store_row *row, struct nta_err *err);
    nta_sqlite_take_fn *take;
};

/** How data keys are taken. */
struct nta_sqlite_keys
{
    unsigned table;
    unsigned find, scan; ///< Statements: one by its key, and by going through the table.
    /** The one at which a statement stands; its blob into `bytes`.  0 or negative errno. */
    int (*take)(sqlite3_stmt *statement, struct nta_buf *bytes, struct nta_stored_key *ret_key,
                struct nta_err *err);
};

/** To whom malformed heads are told. */
struct nta_sqlite_odd
{
    nta_store_odd_fn *each;
    void *owner;
};

/** Bind sensor and numbers from parameter `at` on. */
void nta_sqlite_bind_search(sqlite3_stmt *statement, int at, const struct nta_store_search *search);

/** Take the first row of a statement that is bound: as the call fetch. */
int nta_sqlite_search(struct nta_sqlite *sqlite, sqlite3_stmt *statement, nta_sqlite_take_fn *take,
                      const struct nta_store_search *search, struct nta_store_row *row,
                      struct nta_err *err);

/** The call fetch: if a writer came meanwhile, once more. */
int nta_sqlite_fetch_alike(struct nta_store *store, const struct nta_sqlite_heads *heads,
                           const struct nta_store_search *search, struct nta_store_row *row,
                           struct nta_err *err);

/** The call each_odd: in a table that is not ours every row is one. */
int nta_sqlite_each_odd_alike(struct nta_store *store, const struct nta_sqlite_heads *heads,
                              const struct nta_store_search *search, struct nta_store_row *row,
                              const struct nta_sqlite_odd *odd, struct nta_err *err);

/** The call find_key: by the key, and, where that is damaged, by going through the table. */
int nta_sqlite_find_key_alike(struct nta_store *store, const struct nta_sqlite_keys *keys,
                              const uint8_t id[NTA_DATA_KEY_ID_LEN], struct nta_buf *bytes,
                              struct nta_stored_key *ret_key, struct nta_err *err);

/** Each data key that statement `which` gives, as it lies there. */
int nta_sqlite_each_key_alike(struct nta_sqlite *sqlite, const struct nta_sqlite_keys *keys,
                              unsigned which, nta_store_each_key_fn *each, void *owner,
                              struct nta_err *err);

/** A data key's length in `column`, and its blob in the next one. */
void nta_sqlite_take_blob(sqlite3_stmt *statement, int column, struct nta_buf *bytes,
                          struct nta_stored_key *key);

/** The call measure, by the statement of its sums. */
int nta_sqlite_measure_alike(struct nta_store *store, unsigned which,
                             struct nta_store_size *ret_size, struct nta_err *err);
