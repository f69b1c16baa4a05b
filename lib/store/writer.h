/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What those need who make a sensor's chain longer: the recorder (under store/lock.h) and the
 * shipper.
 */

#include "store/store.h"
#include "vault/tree/log_tree.h"

/**
 * Where a chain stands: the number of its last batch and the hash that the next one holds.  0 and
 * zeros: no batch.
 */
struct nta_store_head
{
    uint64_t number;
    uint8_t hash[NTA_HASH_LEN];
};

/** The chain's row: a head, and the tree over the links before it (vault/tree/log_tree.h). */
struct nta_store_place
{
    struct nta_store_head head;
    size_t n_frontier; ///< Bytes; 0 also where the row has none that is of its form.
    uint8_t frontier[NTA_LOG_FRONTIER_MAX];
};

/** The last batch of a sensor that is in a store. */
struct nta_store_last
{
    struct nta_store_head head; ///< Number 0: none.
    size_t n_header;
    uint8_t header[NTA_STORE_HEADER_MAX], signature[NTA_SIGNATURE_LEN];
};

/**
 * nta_store_put_batches() for whoever makes a chain longer: batches of one sensor in a row, behind
 * `head`, which the store's chain row must be at.  It is compared and set in the same transaction,
 * so that of two writers one is told: -EEXIST, with a sentence, and nothing is written.  Batches
 * whose own head the row is at are there already (an answer was lost): no error.  `head` need not
 * be what the batches follow (a chain may go on after a part that was lost, and behind a row that
 * is nonsense).  A row that is damaged is no row: number 0.  The row then has the last batch's
 * number and link, and `frontier`: of the tree over the links before it.  -ENOTCONN: the server is
 * gone, perhaps in the middle of the commit, so that all or nothing is stored; repeating the call
 * is right either way.  A deadlock (MySQL 1213), also at COMMIT, is no conflict: the transaction is
 * done again.
 */
int nta_store_append(struct nta_store *store, const struct nta_store_head *head,
                     const struct nta_stored *batches, size_t n_batches, struct nta_span frontier,
                     struct nta_err *err);

/**
 * Are the indexes of batches (struct nta_stored) kept there?  0: they are; 1: not all, as a table
 * is lacking or this account may not insert, and the sentence says what to do: the batches are put
 * all the same; or negative errno, as nta_store_put_key().  MySQL is asked anew each time.
 */
int nta_store_keeps_indexes(struct nta_store *store, struct nta_err *err);

/** The chain's row of a sensor.  0 and number 0: there is none.  -EBADMSG: it is damaged. */
int nta_store_get_place(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        struct nta_store_place *ret_place, struct nta_err *err);

/**
 * The last batch of a sensor that is in the store and has a number up to `up_to`, whatever the
 * chain's row says; number 0: none.  Rows that are not of their form are none.
 */
int nta_store_newest(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to, struct nta_store_last *ret_last, struct nta_err *err);

/**
 * The highest number that a store is believed about a chain, of which `known` is the highest number
 * from somebody who cannot be fooled (the writer itself, its signed state).  What is above was
 * damaged or made up, and would leave no numbers to go on with: 2^62 leaves enough, and a chain
 * that was led there has a trillion more from where it is.
 */
uint64_t nta_store_number_max(uint64_t known);

/**
 * The file, or the log beside it, was removed or replaced since it was opened: what is written now
 * is lost.  MySQL: false.
 */
bool nta_store_has_moved(struct nta_store *store);

/** nta_store_forget() for those from `from_number` on. */
int nta_store_forget_from(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          uint64_t from_number, uint64_t up_to_number, struct nta_err *err);
