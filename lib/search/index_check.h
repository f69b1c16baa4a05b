/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Indexes made again from the tokens of the batches that they name, and held against what is noted
 * and stored: for who verifies.  Private to the search.
 *
 * An index of which not all batches came whole, in the order of their numbers, is not made again.
 * If one of them never came, that is a finding, too, but where its contents were lawfully deleted:
 * who names a batch that there is not would keep an index from being made again.  Where all came in
 * another order, since one store lacks what is in the midst of another or the shipper moves batches
 * meanwhile, that is left to the next time.  One over more tokens than any sensor takes
 * (NTA_INDEX_TOKENS_MAX) is not made again: a finding.  Which were made again, and which were not
 * (they are not there, or their batches are another's), is noted in `made`: what was not made is no
 * more verified by the next walk that is to begin behind it.
 *
 * Memory: of each class an index being made (vault/index/builder.h).  One thread.
 */

#include "search/indexes.h"
#include "search/remember/made.h"

struct nta_index_check; ///< Opaque.

/** Of the indexes that the chain's proved heads note; borrows all three.  0, or -ENOMEM. */
int nta_index_check_new(struct nta_stores *stores, struct nta_chain *chain, struct nta_made *made,
                        struct nta_index_check **ret_check);
/** Takes NULL too. */
void nta_index_check_free(struct nta_index_check **check);

/**
 * True if a batch with this header is passed over (nta_chain_recalled()), and an index that was
 * not made again before may name it: then it is needed whole.
 */
bool nta_index_check_needs(struct nta_index_check *check, const struct nta_header *header);

/** A whole batch that holds; it may come again.  0, or -ENOMEM. */
int nta_index_check_take(struct nta_index_check *check, const struct nta_stored *row);

/** No more of them come: say which indexes name batches that did not, and note which were made. */
void nta_index_check_end(struct nta_index_check *check);
