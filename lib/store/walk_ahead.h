/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rows of a walk that goes by tokens, or through all, fetched ahead of who judges them, while other
 * threads hash and check signatures.  Private to the walk.
 *
 * The walking thread puts rows in and takes them out in their order; whoever is free, it too, works
 * on the oldest that nobody has begun.  So one processor is enough, and more than HELPERS + 1 have
 * nothing to do.  All that is passed between threads is under one lock, taken three times a row.
 *
 * Bounds: NTA_AHEAD_ROWS rows, and beyond the first no more than NTA_AHEAD_BYTES of them together.
 */

#include "store/store_internal.h"

enum
{
    NTA_AHEAD_ROWS = 16,
    NTA_AHEAD_BYTES = 4 * 1024 * 1024
};

struct nta_walk_ahead; ///< Opaque.

/** A row, and what was found out of it. */
struct nta_walk_slot
{
    struct nta_store_row row;
    struct nta_stored stored; ///< The row, decoded: borrows from it.
    struct nta_stored_facts facts;
    /* private */
    size_t n_bytes;
    bool is_done;
};

/** Begin; without helpers where no thread starts.  0, or -ENOMEM. */
int nta_walk_ahead_start(struct nta_walk_ahead **ret_ahead);

/** Stop and free.  Takes NULL too. */
void nta_walk_ahead_free(struct nta_walk_ahead **ahead);

/** The place for one more, whose row the caller fills; NULL: there are as many as may be. */
struct nta_walk_slot *nta_walk_ahead_place(struct nta_walk_ahead *ahead);

/** It is filled: row, `stored`, and who may have signed it. */
void nta_walk_ahead_put(struct nta_walk_ahead *ahead);

/** The oldest, once all is found out of it; NULL: there is none.  Lent until it is dropped. */
struct nta_walk_slot *nta_walk_ahead_front(struct nta_walk_ahead *ahead);

/** Its place may be filled again. */
void nta_walk_ahead_drop(struct nta_walk_ahead *ahead);
