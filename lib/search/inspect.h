/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Batches opened, and held against what their headers say, by several threads: each by itself, and
 * told in their order by the thread that puts them in.
 *
 * That thread works, too, when there is no place for another one, so that one processor is enough.
 * Each thread has an opener of its own; data keys are lent to it by the walk's, under the ring's
 * lock (search/wrapped.h).  What is told, and when, does not depend on how many threads there are:
 * the oldest is told when its place is needed.
 *
 * Bounds: NTA_INSPECT_PLACES batches, sealed and opened; of sealed ones no more than
 * NTA_INSPECT_BYTES beyond the first; NTA_INSPECT_THREADS openers, of about 3 MB each.
 */

#include "search/stores.h"

enum
{
    NTA_INSPECT_PLACES = 16,
    NTA_INSPECT_THREADS = 8,
    NTA_INSPECT_BYTES = 16 * 1024 * 1024
};

struct nta_inspection; ///< Opaque.

/** What was found out of a batch. */
struct nta_inspected
{
    struct nta_header header;
    bool has_key;                 ///< Its data key is there, else nothing was looked at.
    bool is_open;                 ///< It opened, and its records are those of the signed root:
    struct nta_batch batch;       ///< they; else empty.
    enum nta_values_check values; ///< Of these, held against times, class and tokens.
};

/** Non-zero stops, and is given back.  Lent until it returns. */
typedef int nta_inspected_fn(void *owner, const struct nta_inspected *inspected,
                             struct nta_err *err);

/**
 * Begin.  Borrows the ring, and the opener for which it unwraps keys, until the end.  0, or
 * negative errno.
 */
int nta_inspect_start(struct nta_wrapped_keys *ring, const struct nta_opener *opener,
                      nta_inspected_fn *each, void *owner, struct nta_inspection **ret_inspection,
                      struct nta_err *err);

/**
 * One more, whose bytes are taken (another buffer is left in their place); the oldest may be told
 * before.  0, what `each` gave, or negative errno.
 */
int nta_inspect_put(struct nta_inspection *inspection, const struct nta_stored *row,
                    struct nta_err *err);

/** Tell all that is there.  0, what `each` gave, or negative errno. */
int nta_inspect_finish(struct nta_inspection *inspection, struct nta_err *err);

/** Stop and free, whatever was not told.  Takes NULL too. */
void nta_inspect_free(struct nta_inspection **inspection);
