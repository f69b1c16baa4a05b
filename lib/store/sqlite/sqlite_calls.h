/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The calls of struct nta_store_ops (store/store_internal.h) as SQLite has them: what each does and
 * gives is said there and in store/store.h, here is what is special.  A reader that finds that
 * a writer came opens the store anew first (nta_sqlite_refresh()); -EAGAIN: one came meanwhile.
 */

#include "store/sqlite/sqlite_form.h"
#include "store/store_internal.h"

struct nta_sqlite; ///< sqlite_internal.h

extern const struct nta_sqlite_form nta_sqlite_form2; ///< What is written.

/** put_key: a row of that id that is there already stays as it is. */
int nta_sqlite_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                       struct nta_err *err);
/** destroy_key: zeros in its place, and the log emptied into the file and cut to nothing. */
int nta_sqlite_destroy_key(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                           enum nta_class class, int64_t day, struct nta_err *err);
/**
 * put_batches: all of them in one transaction, which waits for another writer's as long as the
 * handle's time-out says.  A content that lies there without its head is replaced.
 */
int nta_sqlite_put_batches(struct nta_store *store, const struct nta_store_put *put,
                           struct nta_err *err);
/** newest: a search from the end of the key. */
int nta_sqlite_newest(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      uint64_t up_to, struct nta_store_last *ret_last, struct nta_err *err);
/** has_moved: the file itself, or the log beside it, which has the last commits. */
bool nta_sqlite_has_moved(struct nta_store *store);
/** get_place: the chain's row, which outlives its batch; -EBADMSG: the row is not of its form. */
int nta_sqlite_get_place(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         struct nta_store_place *ret_place, struct nta_err *err);
/**
 * each_run: by searches from sensor to sensor; where pages are damaged, from the other end, too,
 * and for sensors that the chain's rows name; all that can be is given, and -EIO comes at the end.
 */
int nta_sqlite_each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                        struct nta_err *err);
/** each_odd: in a table that is not ours every row is one. */
int nta_sqlite_each_odd(struct nta_store *store, const struct nta_store_search *search,
                        struct nta_store_row *row, nta_store_odd_fn *each, void *owner,
                        struct nta_err *err);
/** fetch: if a writer came meanwhile, once more. */
int nta_sqlite_fetch(struct nta_store *store, const struct nta_store_search *search,
                     struct nta_store_row *row, struct nta_err *err);
/** count: of a run 0 in a table that is not ours, where there are none. */
int nta_sqlite_count(struct nta_store *store, const struct nta_store_run *run, uint64_t below,
                     uint64_t *ret_n_rows, struct nta_err *err);
/** count_strays: by the keys of both tables. */
int nta_sqlite_count_strays(struct nta_store *store, uint64_t *ret_n_strays, struct nta_err *err);
/** each_key: 8 bytes for each key are held, for their order. */
int nta_sqlite_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                        struct nta_err *err);
/** find_key: by the key, and, where that is damaged, by going through the table. */
int nta_sqlite_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                        struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err);
/** get_index: by the key; -EAGAIN: a writer came meanwhile. */
int nta_sqlite_get_index(struct nta_store *store, const struct nta_store_index_at *at,
                         struct nta_buf *bytes, struct nta_err *err);
/** each_chain: all rows are read before `each` is called with the first. */
int nta_sqlite_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                          struct nta_err *err);
/** forget: by ranges of numbers. */
int nta_sqlite_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      uint64_t from_number, uint64_t up_to_number, struct nta_err *err);
/** next_day: by the contents' key, whose first column it is. */
int nta_sqlite_next_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        enum nta_class class, int64_t after, struct nta_store_day *ret_day,
                        struct nta_err *err);
/** weigh_day: over the heads between its first and last number. */
int nta_sqlite_weigh_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         const struct nta_store_day *day, uint64_t *ret_bytes, struct nta_err *err);
/** drop_day: a slice in one transaction. */
int nta_sqlite_drop_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        const struct nta_store_day *day, struct nta_err *err);
/** used: pages in use, and a log that grew beyond measure. */
int nta_sqlite_used(struct nta_store *store, uint64_t bound, uint64_t *ret_bytes,
                    struct nta_err *err);
/** measure: sums over the columns. */
int nta_sqlite_measure(struct nta_store *store, struct nta_store_size *ret_size,
                       struct nta_err *err);

/** End a transaction: commit if all went well (`result` 0), else leave the store as it was. */
int nta_sqlite_end(struct nta_sqlite *sqlite, int result, const char *what, struct nta_err *err);
