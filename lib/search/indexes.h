/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What indexes (vault/index) say of the batches of a walk: that one is named by an index which the
 * key of its number noted, so that it needs no signature of its own, and that it has none of the
 * tokens that are looked for, so that its own need not be read.  Private to the search.
 *
 * An index counts once its list has the hash that a proved header notes, and its pages those of the
 * list; one that is not there says nothing, and one that is another is a finding, too.  Each batch
 * belongs to the first index of its class and day that is noted behind it: whoever gets hold of a
 * later key can say nothing of what earlier keys signed.
 *
 * Memory: 64 bytes a note, and two lists for each class.  The walking thread's.
 */

#include "search/query.h"
#include "search/stores.h"

struct nta_indexes; ///< Opaque.

/** Of what the chain's proved heads note by now; borrows both.  0, or -ENOMEM. */
int nta_indexes_new(struct nta_stores *stores, struct nta_chain *chain,
                    struct nta_indexes **ret_indexes);
/** Takes NULL too. */
void nta_indexes_free(struct nta_indexes **indexes);

/** True if an index names the row: its header is what the key of its number sealed. */
bool nta_indexes_name(struct nta_indexes *indexes, const struct nta_stored *row);

/** True if such an index says that the batch has nothing of what is looked for there. */
bool nta_indexes_exclude(struct nta_indexes *indexes, const struct nta_stored *row,
                         const struct nta_query_tokens *wanted);
