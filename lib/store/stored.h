/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a store's rows are when they are read: batches, data keys, and its own word for where a
 * chain ends.
 *
 * Whoever can write to a store can put anything into it.  So each row says what is wrong with its
 * form; what it says in good form is still proved by signatures only.
 */

#include "vault/vault.h"

#include <stdbool.h>
#include <stdint.h>

/** What is wrong with a row as it was read: bits.  Nothing here says anything of signatures. */
enum
{
    /** A column is not of its type or out of range (day, sensor, number, times, counts). */
    NTA_ROW_TYPE = 1U << 0,
    NTA_ROW_HEADER = 1U << 1,  ///< The signed header cannot be decoded.
    NTA_ROW_COLUMNS = 1U << 2, ///< The columns are not what the header says.
    NTA_ROW_CONTENT = 1U << 3, ///< A part is missing, NULL or of a wrong type.
    NTA_ROW_SIZE = 1U << 4,    ///< A part is longer than any batch's can be; it was not read.
    NTA_ROW_UNREAD = 1U << 5,  ///< The store's file is damaged here: the bytes cannot be read.
    /**
     * Format 2: the header is there, and no content with its day, class and number: destroyed, as a
     * note says, or removed.
     */
    NTA_ROW_ABSENT = 1U << 6,
};

/** The longest that each part of a batch can be; what is longer is not read. */
enum
{
    NTA_STORE_HEADER_MAX = 1024,
    NTA_STORE_TOKENS_MAX = 8 * 1024 * 1024,
    NTA_STORE_BODY_MAX = 2 * 1024 * 1024,
    NTA_STORE_KEY_MAX = 16 * 1024,
    NTA_STORE_INDEX_MAX = 128 * 1024, ///< Of a part of an index (vault/index).
};

/** What was found out of a row's own bytes ahead of its judge, who has less to do then. */
struct nta_stored_facts
{
    bool has_tokens, tokens_hold; ///< Their hash was looked at; it is the one in the header.
    bool has_body, body_holds;    ///< So was the body's, where that was read ahead.
    bool has_key, is_signed;      ///< Its signature was; it is by
    uint8_t key[NTA_KEY_LEN];     ///< this key.
};

/** A part of an index (vault/index) that a header notes: 0 is its list, the others its pages. */
struct nta_stored_index
{
    enum nta_class class; ///< This and the day as the note has them.
    int64_t day;
    uint32_t part;
    struct nta_span bytes;
};

/** Which part of an index: of what this sensor's header notes (vault/note.h). */
struct nta_store_index_at
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t number; ///< Of the header.
    enum nta_class class;
    int64_t day;
    uint32_t part; ///< 0: the list, 1: its first page.
};

/** One batch with its decoded header. */
struct nta_stored
{
    /**
     * The signed header.  Where that cannot be decoded (NTA_ROW_HEADER), sensor, number, times and
     * count as the columns have them, and zeros for what they do not tell.
     */
    struct nta_header header;
    struct nta_sealed sealed;
    /**
     * Reading only: where `sealed` lies, its parts behind each other.  Whoever is given the row may
     * keep that and leave another one there, empty or not, to be filled again.
     */
    struct nta_buf *bytes;
    unsigned faults; ///< NTA_ROW_... bits, reading only.
    /** Reading only: tokens and body were asked for, and read but for what `faults` says. */
    bool is_whole;
    const struct nta_stored_facts *facts; ///< Borrowed; NULL: nobody looked.
    /** Writing only: all parts of the indexes that its header notes, or as many as there are. */
    const struct nta_stored_index *indexes;
    size_t n_indexes;
};

/** A data key as its row has it. */
struct nta_stored_key
{
    /** What cannot be told is zeros, or an empty blob; one that was destroyed has zeros alone. */
    struct nta_wrapped_key key;
    unsigned faults; ///< NTA_ROW_TYPE, NTA_ROW_CONTENT, NTA_ROW_SIZE, NTA_ROW_UNREAD.
};

/** What the store itself says of a sensor's last batch. */
struct nta_store_chain
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t number;
    uint8_t hash[NTA_HASH_LEN]; ///< The link: SHA-256(header ‖ signature).
    /**
     * Format 2: the frontier (vault/tree/log_tree.h) of the tree over the links of 1 to
     * `number` - 1.  Borrows until the callback returns.
     */
    struct nta_span frontier;
    unsigned faults; ///< NTA_ROW_TYPE: a column is not of its type; what can be told is here.
};
