/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Indexes over the batches of this run (vault/index): one of each class is being made from the
 * tokens of what is committed, and noted in the header that comes next once it has
 * NTA_INDEX_BATCHES_MAX batches, more tokens than are held, or the signing key changes: an index
 * counts only for batches that the key of its note signed, too.  What is too few to be worth it,
 * and what a run was at when it was killed, has none, and is searched batch by batch.
 *
 * Whoever brings batches into a store that were sealed elsewhere makes the same of them again
 * (nta_indexer_make_again()).
 *
 * Memory: NTA_INDEXER_TOKENS tokens and those of one batch, 4 bytes each, and up to four tables
 * until they are committed.  The commit's thread.
 */

#include "store/writer.h"
#include "vault/index/builder.h"
#include "vault/note.h"

enum
{
    NTA_INDEXER_TOKENS = 1 << 21, ///< Of all classes together.
    NTA_INDEXER_MIN = 16          ///< Batches; of fewer there is none.
};

struct nta_indexer
{
    /* private */
    struct nta_index_builder builders[NTA_N_CLASSES];
    struct nta_index_table tables[NTA_N_CLASSES]; ///< No parts: none is made.
    struct nta_buf parts;                         ///< struct nta_stored_index each.
};

/** Frees what it has. */
void nta_indexer_done(struct nta_indexer *indexer);

/** The store is another one: none of its batches counts. */
void nta_indexer_forget(struct nta_indexer *indexer);

/**
 * Notes for the header that comes next, at most `n_max`: of what is due, with `changes_key` of all
 * that is worth it.  Gives how many.
 */
size_t nta_indexer_note(struct nta_indexer *indexer, bool changes_key, struct nta_note *ret_notes,
                        size_t n_max);

/**
 * A header that was sealed before: make what it notes, of the batches that were taken, and keep
 * what comes out as it was noted.  nta_indexer_put() then puts that, and nta_indexer_take() goes on
 * behind it.
 */
void nta_indexer_make_again(struct nta_indexer *indexer, const struct nta_header *header);

/** What is stored with that header: its notes' indexes.  Borrows until the next call. */
void nta_indexer_put(struct nta_indexer *indexer, struct nta_stored *stored);

/** That header was committed: what it noted is done, and its batch is the next one's. */
void nta_indexer_take(struct nta_indexer *indexer, bool changes_key,
                      const struct nta_stored *stored);
