/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The calls of struct nta_store_ops (store/store_internal.h) as MySQL has them: what each does and
 * gives is said there and in store/store.h, here is what is special.  Each but close begins with
 * nta_mysql_ready(), so a lost connection is made again first; -ENOTCONN: it cannot be.  What is
 * listed is read to its end before `each` is called, since one connection has one answer at a time.
 */

#include "store/mysql/mysql_form.h"
#include "store/store_internal.h"

extern const struct nta_mysql_form nta_mysql_form2; ///< What is written.

/*
 * What writes is tried again (6 times, at most 8 s) after a deadlock or a lock held too long.
 */

/** put_key: an id that is there already is fine, whatever its blob. */
int nta_mysql_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                      struct nta_err *err);
/**
 * destroy_key: in the table; it needs the right to UPDATE that, which nothing else does.
 */
int nta_mysql_destroy_key(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          enum nta_class class, int64_t day, struct nta_err *err);
/** put_batches: in one transaction, behind the chain's row only: -ENOTSUP without `head`. */
int nta_mysql_put_batches(struct nta_store *store, const struct nta_store_put *put,
                          struct nta_err *err);
/** newest: a search from the end of the key. */
int nta_mysql_newest(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to, struct nta_store_last *ret_last, struct nta_err *err);
/** get_place: the chain's row. */
int nta_mysql_get_place(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        struct nta_store_place *ret_place, struct nta_err *err);
/**
 * each_run: what one statement lists; none of a table that somebody changed, whose rows each_odd
 * has.
 */
int nta_mysql_each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                       struct nta_err *err);
/** each_odd: in a table that somebody changed every row is one. */
int nta_mysql_each_odd(struct nta_store *store, const struct nta_store_search *search,
                       struct nta_store_row *row, nta_store_odd_fn *each, void *owner,
                       struct nta_err *err);
/**
 * fetch: the row's key is set even if none is found; a body that is gone when its tokens were
 * read has NTA_ROW_CONTENT.
 */
int nta_mysql_fetch(struct nta_store *store, const struct nta_store_search *search,
                    struct nta_store_row *row, struct nta_err *err);
/** count: of a run 0 in a table that somebody changed, where there are none. */
int nta_mysql_count(struct nta_store *store, const struct nta_store_run *run, uint64_t below,
                    uint64_t *ret_n_rows, struct nta_err *err);
/** get_index: by the key; a database from before there were indexes has none. */
int nta_mysql_get_index(struct nta_store *store, const struct nta_store_index_at *at,
                        struct nta_buf *bytes, struct nta_err *err);
/** keeps_indexes: each table of indexes is asked for, as it is now. */
int nta_mysql_keeps_indexes(struct nta_store *store, struct nta_err *err);
/** each_key: the ids are listed, then each key is fetched; one that is gone by then is left out. */
int nta_mysql_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                       struct nta_err *err);
/** find_key: in place of the table there may be something else; then it has none. */
int nta_mysql_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                       struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err);
/** each_chain: no rows if nobody made the table yet. */
int nta_mysql_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                         struct nta_err *err);
/** next_day: one of which a data key is not destroyed; what is left of the others is unreadable. */
int nta_mysql_next_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       enum nta_class class, int64_t after, struct nta_store_day *ret_day,
                       struct nta_err *err);
/** drop_day: a partition goes when no sensor has a key of what is in it any more. */
int nta_mysql_drop_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       const struct nta_store_day *day, struct nta_err *err);
/** prepare_days: partitions of the days that come. */
int nta_mysql_prepare_days(struct nta_store *store, int64_t today, bool destroys,
                           struct nta_err *err);
/** describe: as the connection is now. */
int nta_mysql_describe(struct nta_store *store, int64_t today, char *buf, size_t size,
                       struct nta_err *err);
/** measure: sums over the columns. */
int nta_mysql_measure(struct nta_store *store, struct nta_store_size *ret_size,
                      struct nta_err *err);
/** count_strays: goes through the tables of contents. */
int nta_mysql_count_strays(struct nta_store *store, uint64_t *ret_n_strays, struct nta_err *err);
