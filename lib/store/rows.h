/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a store holds beside its batches: data keys, what it says of chains itself; how much it holds, and forgetting. */

#include "store/store.h"

/** Every row of the data keys, oldest first; those with faults too.  Results as nta_store_each(). */
typedef int nta_store_each_key_fn(void *owner, const struct nta_stored_key *key,
                                  struct nta_err *err);
/** Call `each` for each of them. */
int nta_store_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                       struct nta_err *err);

/** The data key of this id: 1, with the blob in `bytes`; 0: there is none of that form; negative errno. */
int nta_store_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                       struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err);

/** Every row of what the store itself says of chains.  A store without that table (MySQL, as long as nobody made it) has none.  Results as nta_store_each(). */
typedef int nta_store_each_chain_fn(void *owner, const struct nta_store_chain *chain,
                                    struct nta_err *err);
/** Call `each` for each of them. */
int nta_store_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                         struct nta_err *err);

/**
 * SQLite only (else -ENOTSUP): batches up to `up_to_number` are elsewhere now; drop them, keep the chain's head for
 * nta_store_last(), and give freed space back to the file system.
 */
int nta_store_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to_number, struct nta_err *err);

/** Batches and bytes held; oldest batch's time (0: none). */
struct nta_store_size
{
    uint64_t n_batches, n_records, bytes;
    int64_t oldest_ns;
};

/** Sums over all rows.  0, or negative errno with `err`. */
int nta_store_measure(struct nta_store *store, struct nta_store_size *ret_size,
                      struct nta_err *err);
