/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Indexes made again from the tokens of the batches that they name, and held against what is noted
 * and stored: for who verifies.  Private to the search.
 *
 * An index of which not all batches came whole, each once and in the order of their numbers, is not
 * made again: what is missing was said of itself.  Memory: of each class an index being made
 * (vault/index/builder.h).  One thread.
 */

#include "search/indexes.h"

struct nta_index_check; ///< Opaque.

/** Of the indexes that the chain's proved heads note; borrows both.  0, or -ENOMEM. */
int nta_index_check_new(struct nta_stores *stores, struct nta_chain *chain,
                        struct nta_index_check **ret_check);
/** Takes NULL too. */
void nta_index_check_free(struct nta_index_check **check);

/** A whole batch that holds.  0, or -ENOMEM. */
int nta_index_check_take(struct nta_index_check *check, const struct nta_stored *row);
