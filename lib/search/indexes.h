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
 * Memory: 104 bytes a note, and two lists for each class.  The walking thread's.
 */

#include "search/query.h"
#include "search/stores.h"
#include "vault/index/index.h"

struct nta_indexes; ///< Opaque.

/** An index as a header notes it. */
struct nta_noted_index
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    enum nta_class class;
    int64_t day;
    uint64_t number; ///< Of the header.
    uint8_t hash[NTA_HASH_LEN];
    struct nta_index_set came; ///< For who makes them again: whole batches that it names.
    bool is_done;              ///< And: there is no more to be done about it;
    bool is_made;              ///< it was made again, and is that, with its pages.
};

/** One whose list was looked for. */
struct nta_listed_index
{
    struct nta_noted_index *noted; ///< NULL: none yet.
    uint64_t behind;               ///< Batches up to this number are an earlier one's.
    bool is_gone;                  ///< No store has its list.
    bool is_there;                 ///< One has, and it holds:
    struct nta_buf list;           ///< its bytes,
    struct nta_index index;        ///< and what they say.
    bool is_asked, has_set;        ///< For what is looked for; and it was found out:
    struct nta_index_set set;      ///< which batches may have it.
};

/** Of what the chain's proved heads note by now; borrows both.  0, or -ENOMEM. */
int nta_indexes_new(struct nta_stores *stores, struct nta_chain *chain,
                    struct nta_indexes **ret_indexes);
/** Takes NULL too. */
void nta_indexes_free(struct nta_indexes **indexes);

/** From now on each store's copy of a part is looked at, also where another one's holds. */
void nta_indexes_look_at_all(struct nta_indexes *indexes);

/** The i-th of those that are noted; NULL: no more. */
struct nta_noted_index *nta_indexes_noted(struct nta_indexes *indexes, size_t i);

/**
 * The index that a batch with this header belongs to, if its list is there and is the one that was
 * noted, or not; NULL: none is noted.  Borrows until the one behind the next is asked for.
 */
struct nta_listed_index *nta_indexes_of(struct nta_indexes *indexes,
                                        const struct nta_header *header);

/**
 * The row's place in an index that is there; false: it is not named there, or by another key than
 * its own.
 */
bool nta_indexes_place(struct nta_indexes *indexes, const struct nta_listed_index *listed,
                       const struct nta_stored *row, size_t *ret_i);

/** What is known of a part of an index. */
enum nta_index_part
{
    NTA_INDEX_PART_HOLDS, ///< Some store has it, as its list says.
    NTA_INDEX_PART_OTHER, ///< None has, and one has another: a finding was added.
    NTA_INDEX_PART_GONE,
};

/** Its page (from 0). */
enum nta_index_part nta_indexes_page(struct nta_indexes *indexes,
                                     const struct nta_listed_index *listed, size_t page);

/** True if an index names the row: its header is what the key of its number sealed. */
bool nta_indexes_name(struct nta_indexes *indexes, const struct nta_stored *row);

/** True if such an index says that the batch has nothing of what is looked for there. */
bool nta_indexes_exclude(struct nta_indexes *indexes, const struct nta_stored *row,
                         const struct nta_query_tokens *wanted);
