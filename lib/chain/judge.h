/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The inside of the judge.  Private to it. */

#include "chain/finding.h"
#include "chain/prints.h"
#include "chain/segments.h"
#include "chain/trust.h"
#include "store/store.h"

#include <string.h>

enum
{
    WINDOW = 256,    ///< Headers that wait to be proved by links.
    HEADER_MAX = 320 ///< Bytes of one that may wait; a header of ours has less.
};

/** A header that waits for a later one to vouch for it. */
struct nta_waiting
{
    struct nta_header header;
    uint8_t hash[NTA_HASH_LEN];
    uint8_t bytes[HEADER_MAX], signature[NTA_SIGNATURE_LEN];
    size_t len, len_signature;
    uint64_t ticket; ///< 0: nobody asks.
};

/** A head that must lie in the chain. */
struct nta_head
{
    enum nta_finding_kind kind;
    uint64_t number;
    uint8_t hash[NTA_HASH_LEN];
    bool is_met;
};

/** What is known of a trusted sensor's chain. */
struct nta_chain_part
{
    const struct nta_trusted *trusted;
    struct nta_segments segments;
    uint64_t n_batches, n_records;
    int64_t first_ns, last_ns;
    struct nta_head *heads; ///< Owned; by number once `is_sorted`.
    size_t n_heads, size_heads;
    struct nta_prints failed; ///< Numbers of rows that are there and do not hold: no holes.
    bool is_sorted, has_head_row;
    uint64_t head_after;
};

struct nta_data_key
{
    uint8_t id[NTA_DATA_KEY_ID_LEN];
    size_t sensor;
};

struct nta_chain
{
    const struct nta_trust *trust;
    struct nta_findings *findings;
    struct nta_chain_part *parts; ///< Owned; one for each that is trusted, in that order.
    size_t latest;                ///< The one that was asked for last.
    struct nta_data_key *keys;    ///< Owned.
    size_t n_keys, size_keys;
    /** Owned; WINDOW of them, of one sensor, each linked to the one before. */
    struct nta_waiting *waiting;
    size_t n_waiting;
    uint64_t n_tickets;
    void (*settled)(void *owner, uint64_t ticket, bool is_signed); ///< NULL: nobody is told.
    void *settled_owner;
    struct nta_prints unsigned_keys; ///< Of data keys that are there, and are not signed.
    struct nta_prints spoiled,
        mended; ///< Batches a part of which did not hold; of these, a copy did.
    /** Batches that were proved and have no place: the number is another's. */
    struct nta_prints others;
    /* the row that a next one may link to */
    bool has_last;
    size_t last_sensor;
    uint64_t last_number;
    uint8_t last_hash[NTA_HASH_LEN];
};

/** The first bytes of a hash or a random id. */
static inline uint64_t nta_hash_print(const uint8_t *hash)
{
    uint64_t print;

    memcpy(&print, hash, sizeof(print));
    return print;
}

/** A row of this number is there, but it does not hold. */
static inline void nta_chain_fail(struct nta_chain_part *part, uint64_t number)
{
    (void)nta_prints_put(&part->failed, number, SIZE_MAX);
}

/** A header of this sensor was proved: the heads that it meets. */
void nta_chain_meet(struct nta_chain_part *part, uint64_t number, const uint8_t hash[NTA_HASH_LEN]);
