/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The calls of nta_store_ops (store_internal.h says what each promises) as the MySQL store makes them. */

#include "store/mysql/mysql_internal.h"

/** The call `close`: disconnects and frees. */
void nta_mysql_close(struct nta_store *store);
/** The call `each_run`. */
int nta_mysql_each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                       struct nta_err *err);
/** The call `each_odd`. */
int nta_mysql_each_odd(struct nta_store *store, const struct nta_store_search *search,
                       struct nta_store_row *row, nta_store_odd_fn *each, void *owner,
                       struct nta_err *err);
/** The call `fetch`. */
int nta_mysql_fetch(struct nta_store *store, const struct nta_store_search *search,
                    struct nta_store_row *row, struct nta_err *err);
/** The call `count`. */
int nta_mysql_count(struct nta_store *store, const struct nta_store_run *run, uint64_t below,
                    uint64_t *ret_n_rows, struct nta_err *err);
/** The call `each_key`. */
int nta_mysql_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                       struct nta_err *err);
/** The call `find_key`. */
int nta_mysql_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                       struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err);
/** The call `each_chain`. */
int nta_mysql_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                         struct nta_err *err);
/** The call `measure`. */
int nta_mysql_measure(struct nta_store *store, struct nta_store_size *ret_size,
                      struct nta_err *err);
/** The call `last`. */
int nta_mysql_last(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                   uint64_t *ret_number, uint8_t ret_hash[NTA_HASH_LEN], struct nta_err *err);
/** The call `put_key`. */
int nta_mysql_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                      struct nta_err *err);
/** The call `put_batches`: one transaction; either all of them are there afterwards or none. */
int nta_mysql_put_batches(struct nta_store *store, const struct nta_store_head *head,
                          const struct nta_stored *batches, size_t n_batches, struct nta_err *err);
/** The last batch that is there, whatever the chain's row says; number 0: none. */
int nta_mysql_newest(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to, struct nta_store_head *ret_head, struct nta_err *err);
