/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An index over the tokens of some batches under one data key: a sorted table of what tokens begin
 * with, and for each of these which of the batches have such a token.  It lies in pages; its list
 * names the batches by their links and the pages by their hashes, and a note in a signed header
 * names the list by its hash (vault/note.h).  So whoever reads one page knows what all batches have
 * of a token, and that nobody took any of it away.
 *
 * Bytes here are of any origin: hold the list against the note, and a page against the list, before
 * anything is asked of them.  What is borrowed is the list's bytes.  Pure; no allocation.
 */

#include "vault/sealed.h"

enum
{
    NTA_INDEX_BATCHES_MAX = 256,
    NTA_INDEX_TOKENS_MAX = 3 << 20, ///< Of its batches together; of one over more none is made.
    NTA_INDEX_PAGE_MAX = 16000,     ///< Bytes of a page: with its key in one page of a database.
    NTA_INDEX_PAGES_MAX = 2048,
    NTA_INDEX_LIST_MAX = 128 * 1024 ///< Bytes of a list, at most.
};

/** Some of an index's batches: bit i of byte i / 8 is the i-th. */
struct nta_index_set
{
    uint8_t bits[NTA_INDEX_BATCHES_MAX / 8];
};

/** True if the i-th is in it. */
static inline bool nta_index_set_has(const struct nta_index_set *set, size_t i)
{
    return ((unsigned)set->bits[i / 8] >> i % 8 & 1U) != 0;
}

/** Put the i-th into it. */
static inline void nta_index_set_put(struct nta_index_set *set, size_t i)
{
    set->bits[i / 8] |= (uint8_t)(1U << i % 8);
}

/** An index by its list. */
struct nta_index
{
    enum nta_class class;
    int64_t day; ///< UTC, days since 1970-01-01, of when its batches were sealed.
    uint8_t data_key[NTA_DATA_KEY_ID_LEN];
    size_t n_batches, n_pages;
    struct nta_span batches, pages; ///< Borrowed.
};

/** Read a list.  False: not one of ours. */
bool nta_index_read(struct nta_span list, struct nta_index *ret_index);

/** The number of its i-th batch; they ascend. */
uint64_t nta_index_number(const struct nta_index *index, size_t i);

/** Which of its batches has this number and link; false: none. */
bool nta_index_find(const struct nta_index *index, uint64_t number,
                    const uint8_t link[NTA_HASH_LEN], size_t *ret_i);

/** What a token begins with, as a number. */
uint32_t nta_index_prefix(const uint8_t token[NTA_TOKEN_LEN]);

/** The page (from 0) in which such tokens are; false: in none, so no batch has one. */
bool nta_index_page_of(const struct nta_index *index, uint32_t prefix, size_t *ret_page);

/** True if these are the bytes of this page. */
bool nta_index_page_is(const struct nta_index *index, size_t page, struct nta_span bytes);

/** One row of a page. */
struct nta_index_row
{
    uint32_t prefix;
    struct nta_index_set set;
};

/** The next row of a page; false: no more, or (the reader has run dry) not one of ours. */
bool nta_index_next(struct nta_reader *page, struct nta_index_row *ret_row);

/** Which batches have such a token, by its page.  False: the page is not one of ours. */
bool nta_index_look_up(struct nta_span page, uint32_t prefix, struct nta_index_set *ret_set);
