/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Walking through a store's batches, in order, once or again and again: what to look through, how
 * far it was looked through before (marks), and how many rows there ought to be (a tally).
 *
 * Nothing is locked while the caller looks at a row.  A walk holds one batch at a time; one of
 * format 2 that goes by tokens, or through all, holds a few rows more, and has other threads find
 * out what their bytes say by themselves (struct nta_stored_facts).
 */

#include "store/marks.h"
#include "store/store.h"

#include <stdatomic.h>

/** A walk watched, and stopped, from another thread. */
struct nta_store_watch
{
    atomic_bool stop;           ///< Set: the walk ends as if nothing more were there.
    _Atomic uint64_t n_batches; ///< Looked through, whether they fit or not.
};

/** Rows given, held against what the store itself counts. */
struct nta_store_tally
{
    uint64_t n_given;   ///< Rows given, and rows that the query's sensor, number or marks left out.
    uint64_t n_counted; ///< Rows of the table when the walk began.
    bool is_counted;    ///< False: the store could not count them.
    uint64_t n_strays;  ///< Format 2: contents that no head has, as far as they can be counted.
};

/**
 * What to walk through.  Columns are hints: beside sensor, numbers and marks, which choose a part
 * of the key, nothing is left out here.  Who looks for times or tokens decides by the signed header
 * in `wants`.
 */
struct nta_store_query
{
    const uint8_t *sensor; ///< NULL: all.
    uint64_t from_number;  ///< With a sensor: first number.
    /**
     * Not NULL: only numbers above the marks; a walk to the end moves them to where it has looked.
     * Shared.
     */
    struct nta_store_marks *marks;
    struct nta_store_watch *watch; ///< NULL: nobody watches.
    bool with_tokens;              ///< Tokens are read, before `wants` is asked,
    /**
     * format 2: of the rows of which header and signature say so.  As `wants`, whose owner it has.
     * NULL: of all.
     */
    bool (*narrows)(void *owner, const struct nta_stored *row);
    /**
     * Format 2: mostly all that `narrows` says is wanted, so it is read at once, before `wants` is
     * asked; and read again without its contents if that says no.
     */
    bool goes_through;
    /** Of both such walks: whose key may have signed it?  False: nobody knows, or needs it. */
    bool (*signer)(void *owner, const struct nta_stored *row, uint8_t ret_key[NTA_KEY_LEN]);
    /**
     * Format 2: only rows whose column `marks` says that the header names the next key or has
     * notes, found by its index.  A hint, as it is a column; and without a tally.
     */
    bool marked_only;
    /**
     * Asked for each row, of which header and signature are read (and tokens, as said above).
     * True: the rest is read too.  The row is given either way.  Must be quick and not use the
     * store.  NULL: all are wanted.
     */
    bool (*wants)(void *owner, const struct nta_stored *row);
    void *wants_owner;
    struct nta_store_tally *tally; ///< NULL: not counted.
};

/** For a query's `wants`: heads alone, no contents. */
bool nta_store_wants_none(void *owner, const struct nta_stored *row);

/**
 * Called with EVERY row, whatever it holds, in order of (sensor, number) as the columns say (and of
 * days, in format 1).  Rows whose sensor, number or (format 1) day is not of its form come last,
 * with NTA_ROW_TYPE, unless the query has a sensor; with marks, only the first walk gives them.
 * Spans are valid during the call, which may take its time (nothing is locked) and may use the
 * store.  Non-zero stops and is given back.
 */
typedef int nta_store_each_fn(void *owner, const struct nta_stored *batch, struct nta_err *err);

/**
 * 0; what `each` gave; or negative errno.  -EIO: a part of the store cannot be read; all that can
 * be was given before.  Memory is that of one batch, and some bytes for each sensor (format 1: each
 * of its days).
 */
int nta_store_each(struct nta_store *store, const struct nta_store_query *query,
                   nta_store_each_fn *each, void *owner, struct nta_err *err);

/**
 * How many batches nta_store_each() would look through: the numbers that each sensor's rows span.
 * Cheap, for showing progress.
 */
int nta_store_count(struct nta_store *store, const struct nta_store_query *query,
                    uint64_t *ret_n_batches, struct nta_err *err);
