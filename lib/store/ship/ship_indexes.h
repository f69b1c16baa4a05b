/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The indexes that a batch's header notes (vault/index), out of the journal, to be put with it.
 *
 * They are of any origin here: what is longer than an index can be is left out, and so is what goes
 * beyond NTA_SHIP_INDEX_BYTES of one header, with a line in the log.  That is more than a sensor
 * makes at once, whose tokens are bounded (pipeline/commit/indexer.h).  A batch waits for no index.
 */

#include "base/buf.h"
#include "store/store_internal.h"

enum
{
    NTA_SHIP_INDEX_BYTES = 32 * 1024 * 1024,    ///< Of all that one header notes.
    NTA_SHIP_INDEX_KEEP_BYTES = 2 * 1024 * 1024 ///< Memory kept between batches.
};

/** Zeroed, it is empty. */
struct nta_ship_indexes
{
    struct nta_buf bytes, parts; ///< Private: the parts' bytes, and struct nta_stored_index each.
};

/** Frees what it has. */
void nta_ship_indexes_done(struct nta_ship_indexes *indexes);

/**
 * All that the journal has of what the batch's header notes, into the batch, which borrows until
 * the next call.  0, or negative errno, as nta_store_get_index().
 */
int nta_ship_indexes_take(struct nta_ship_indexes *indexes, struct nta_store *journal,
                          struct nta_stored *batch, struct nta_err *err);
