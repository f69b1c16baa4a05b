/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Batches fetched and opened ahead: one thread walks the stores and has rows judged, another
 * decrypts and unpacks, while the caller's looks at what was opened before.  Private to the search.
 *
 * A few places go round under one lock, taken once a batch: sealed batches, which are opened
 * once they are proved (a signature of format 1 vouches for a group of them, search/stores.h),
 * and opened ones.  Stores, judge and opener are the threads' until the end.
 */

#include "search/stores.h"

struct nta_ahead; ///< Opaque.

/** One batch, opened or not. */
struct nta_ahead_batch
{
    struct nta_header header;
    struct nta_batch batch; ///< Empty if it did not open: a finding says why.
    struct nta_verdict verdict;
};

/** Which batches: as nta_stores_walk has it. */
struct nta_ahead_options
{
    struct nta_stores *stores;
    struct nta_opener *opener;
    struct nta_chain *chain; ///< The thread's until the end, as all of it.
    struct nta_store_marks *marks;
    bool with_tokens;
    const struct nta_query_tokens *(*tokens)(void *owner, const struct nta_header *header);
    bool (*narrows)(void *owner, const struct nta_header *header);
    bool (*wants)(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict);
    void *owner;
};

/** Begin.  Borrows all of it until the end.  0, or negative errno. */
int nta_ahead_start(const struct nta_ahead_options *options, struct nta_ahead **ret_ahead,
                    struct nta_err *err);

/**
 * The next batch, lent until the next call, or NULL: with `ret_waiting` true it is not there within
 * 100 ms, else that was the last.
 */
const struct nta_ahead_batch *nta_ahead_next(struct nta_ahead *ahead, bool *ret_waiting);

/** Batches looked through by now, whether they fit or not. */
uint64_t nta_ahead_passed(const struct nta_ahead *ahead);

/** Stop, wherever it is, and free.  0, or what the walk failed with. */
int nta_ahead_stop(struct nta_ahead **ahead, struct nta_err *err);
