/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which of the batches that a store has at its end are the sensor's: whoever writes into the store
 * can put rows there, and a chain that went on behind one would prove nothing any more.
 *
 * A head holds if it is the sensor's first batch, the last one that the signed state file names, or
 * signed by a key that leads to the present one: that of the state file, one that is on disk, one
 * that the state folder says is to be adopted, or the one that the heads before it lead to (`next`,
 * and what the identity adopted).  For the last, all heads are read from the first on, and those
 * that change the key are checked; that is done only if nothing else says who signed the end.
 */

#include "pipeline/commit/state.h"

struct nta_held_stores
{
    struct nta_store *const *stores; ///< To read all heads of, the one with the oldest first.
    size_t n_stores;
};

/**
 * Step back from a store's last batch to the last that holds, over at most some thousands; then to
 * the last that changed the key.  Number 0: none.  0, or negative errno with a sentence.
 */
int nta_held_step_back(const struct nta_commit *commit, const struct nta_held_stores *all,
                       struct nta_store *store, struct nta_store_last *last, struct nta_err *err);

/**
 * Number of the head whose note revokes the sensor's identity, as far as the heads that are marked
 * and sensor.pub tell; 0: none.  0, or negative errno with a sentence.
 */
int nta_held_find_revoked(const struct nta_commit *commit, const struct nta_held_stores *all,
                          uint64_t *ret_number, struct nta_err *err);
