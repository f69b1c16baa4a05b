/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An index being made: batches one after the other, as they are committed, then all of it at once.
 * Memory: 4 bytes a token that a batch has, and the table meanwhile, for at most
 * NTA_INDEX_TOKENS_MAX of them: 12 MiB, and some 20 for a table of as many rows.  One thread.
 */

#include "base/buf.h"
#include "vault/index/index.h"

struct nta_index_builder
{
    enum nta_class class;
    int64_t day;
    uint8_t data_key[NTA_DATA_KEY_ID_LEN];
    size_t n_batches, n_tokens;
    /* private */
    uint64_t numbers[NTA_INDEX_BATCHES_MAX];
    uint8_t links[NTA_INDEX_BATCHES_MAX][NTA_HASH_LEN];
    uint32_t ends[NTA_INDEX_BATCHES_MAX]; ///< Of each batch's in
    struct nta_buf prefixes;              ///< what its tokens begin with, in their order.
};

/** Frees what it has; zeroed, it is empty. */
void nta_index_builder_done(struct nta_index_builder *builder);
/** Forget its batches, and the memory. */
void nta_index_builder_clear(struct nta_index_builder *builder);

/**
 * One batch more, with a higher number than those before and, where it has any, their data key.  It
 * has room: fewer than NTA_INDEX_BATCHES_MAX.  0; -ENOMEM; or -E2BIG,
 * all have more tokens than NTA_INDEX_TOKENS_MAX: then it was cleared.
 */
int nta_index_builder_add(struct nta_index_builder *builder, const struct nta_sealed *sealed,
                          const struct nta_header *header);

/** An index as it is stored. */
struct nta_index_table
{
    enum nta_class class;
    int64_t day;
    uint8_t hash[NTA_HASH_LEN]; ///< Of the list.
    size_t n_parts;             ///< The list, and each page.
    /* private */
    struct nta_buf list, pages, ends;
};

/** Frees what it has; zeroed, it is empty. */
void nta_index_table_done(struct nta_index_table *table);

/** Part `i`: 0 is the list, 1 the first page.  Borrows from the table. */
struct nta_span nta_index_table_part(const struct nta_index_table *table, size_t i);

/** Make the index of its batches, of which it has some; they stay.  0, or -ENOMEM. */
int nta_index_build(const struct nta_index_builder *builder, struct nta_index_table *table);
