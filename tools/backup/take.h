/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is in a backup (store/backup/backup.h) brought into a store.
 *
 * The file may be anybody's.  It is read twice: first for data keys, and for the heads that say who
 * signs what and what was deleted; then each batch comes before the judge that has seen the
 * store's own rows, too, and what holds is put, in transactions of some megabytes.  What a note of
 * either of them says was deleted stays deleted: its head alone is taken.  A batch that does not
 * hold is a finding and hides no other.  Again is right: what is there is passed over.
 *
 * A file has no indexes over many batches: they are made again of what comes, and put where they
 * are what the header notes.  One of which not all batches came is left out, and searched one by
 * one.  Memory: some megabytes of batches, and four indexes being made (vault/index/builder.h).
 */

#include "search/stores.h"
#include "store/backup/backup.h"

struct nta_taking_options
{
    int fd;                    ///< The file, for reading, at any place in it; borrowed.
    uint64_t size;             ///< Its bytes, for progress.
    struct nta_stores *stores; ///< By nta_stores_find(); borrowed.
    bool only_checks;          ///< Nothing is written.
};

/** What became of it. */
struct nta_taken
{
    uint64_t n_batches, n_heads; ///< Put: whole, and heads alone.
    uint64_t n_there;            ///< Were there already.
    uint64_t n_deleted;          ///< Of these batches, contents that were deleted as notes say.
    uint64_t n_refused;          ///< Do not hold; each is a finding of the stores.
    bool is_cut;                 ///< The file is damaged, or ends early: that is one, too.
};

/**
 * All of it.  0, also if something does not hold; -EBUSY: somebody writes to the store; -EBADMSG:
 * the file is no backup at all; -EINTR: stopped; or negative errno.  What was put until then stays.
 */
int nta_take(const struct nta_taking_options *options, struct nta_taken *ret_taken,
             struct nta_err *err);
