/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The inside of the judge.  Private to it. */

#include "chain/finding.h"
#include "chain/keys.h"
#include "chain/set/prints.h"
#include "chain/set/segments.h"
#include "chain/timeline.h"
#include "chain/trust.h"
#include "store/store.h"
#include "vault/tree/log_tree.h"

#include <string.h>

enum
{
    WINDOW = 256,     ///< Headers that wait to be proved by links.
    HEADER_MAX = 480, ///< Bytes of one that may wait; one of ours without notes has less.
    UNPROVED_MAX = 1 << 16
};

/** A header of format 1 that waits for a later one to vouch for it. */
struct nta_waiting
{
    struct nta_header header;
    uint8_t hash[NTA_HASH_LEN];
    uint8_t bytes[HEADER_MAX], signature[NTA_SIGNATURE_LEN];
    size_t len, len_signature;
    uint64_t ticket; ///< 0: nobody asks.
};

/** A head that must lie in the chain: its link, the hash of the tree up to it, or both. */
struct nta_head
{
    enum nta_finding_kind kind;
    uint64_t number;
    bool has_link, has_root;
    uint8_t link[NTA_HASH_LEN], root[NTA_HASH_LEN];
    bool is_link_met, is_root_met;
    bool is_other; ///< The tree there has another hash.
};

/** A tree over links that was proved before. */
struct nta_recall
{
    uint64_t number; ///< 0: none.
    uint8_t root[NTA_HASH_LEN];
};

/** The last header that its key did not sign, until what comes next says more. */
struct nta_stray
{
    bool is_there, in_run; ///< It follows another one that was not signed.
    uint64_t number;
    uint8_t hash[NTA_HASH_LEN];
};

struct nta_gone;   ///< Private to absent.c, as this:
struct nta_absent; ///< a batch a part of which is missing.

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
    unsigned version; ///< Of its chain; 0: not known yet.
    /* format 2 */
    struct nta_timeline timeline;
    struct nta_log_tree tree; ///< Over all links from the first on that came in their order.
    uint64_t linked_to;       ///< The last of them that is no lost one's zeros.
    struct nta_recall recall; ///< What was proved before, and the headers are held against.
    uint64_t recalled;        ///< Up to here they are those of that tree;
    uint64_t n_recalled;      ///< so many batches were taken for proved by that.
    bool has_other_tree;      ///< Links were put that their sensor does not count: it ends there.
    struct nta_stray stray;
    uint64_t n_deleted, n_unadopted;
    struct nta_gone *gone; ///< Owned; by class and day.
    size_t n_gone, size_gone;
    bool has_told[NTA_N_CLASSES];
    int64_t told[NTA_N_CLASSES]; ///< Of each class the day that was told last.
    uint64_t sealed_number;      ///< The last one that was put, and its times.
    int64_t sealed_ns;
    uint64_t clock;
};

struct nta_chain
{
    const struct nta_trust *trust;
    struct nta_findings *findings;
    struct nta_chain_part *parts; ///< Owned; one for each that is trusted, in that order.
    size_t latest;                ///< The one that was asked for last.
    struct nta_data_keys keys;
    struct nta_absent *absent; ///< Owned.
    size_t n_absent, size_absent;
    bool is_failed; ///< No memory, where nobody could be told at once.
    /** Owned; WINDOW of them, of one sensor, each linked to the one before. */
    struct nta_waiting *waiting;
    size_t n_waiting;
    uint64_t n_tickets;
    void (*settled)(void *owner, uint64_t ticket, bool is_signed); ///< NULL: nobody is told.
    void *settled_owner;
    struct nta_prints unsigned_keys; ///< Of data keys that are there, and are not signed.
    struct nta_prints spoiled,
        mended;               ///< Batches a part of which did not hold; of these, a copy did.
    struct nta_prints missed; ///< Batches of which it was counted that a part is missing.
    /** Batches that were proved and have no place: the number is another's. */
    struct nta_prints others;
    struct nta_prints unproved; ///< Headers of which that was said.
    /* the row that a next one may link to */
    bool has_last;
    size_t last_sensor;
    uint64_t last_number;
    uint8_t last_hash[NTA_HASH_LEN];
    unsigned last_version;
};

/** No memory for something of what was found so far: it may say less than there is, or more. */
bool nta_chain_is_failed(const struct nta_chain *chain);
/** The same of one sensor, for each row: there may be many sensors. */
bool nta_chain_is_failed_for(const struct nta_chain *chain, size_t sensor);

/** A row of this number is there, but it does not hold. */
static inline void nta_chain_fail(struct nta_chain_part *part, uint64_t number)
{
    (void)nta_prints_put(&part->failed, number, SIZE_MAX);
}

/** Say something of a header. */
void nta_chain_say(struct nta_chain *chain, enum nta_finding_kind kind,
                   const struct nta_header *header, const uint8_t hash[NTA_HASH_LEN],
                   const char *text);

/** A header of this sensor was proved: the heads that it meets. */
void nta_chain_meet(struct nta_chain_part *part, uint64_t number, const uint8_t hash[NTA_HASH_LEN]);
/**
 * The tree over the links up to this number has this hash; if that is not sure, only as a header
 * claims: that meets no head, but a head that differs is another.
 */
void nta_chain_hold_tree(struct nta_chain_part *part, uint64_t number,
                         const uint8_t root[NTA_HASH_LEN], bool is_sure);
/** True if the store's chain row names it. */
bool nta_chain_is_head(struct nta_chain_part *part, uint64_t number,
                       const uint8_t hash[NTA_HASH_LEN]);

/**
 * The next leaf of the tree over all links, behind what was lost; one that is lost itself is zeros.
 * False: it is not the next.
 */
bool nta_chain_add_link(struct nta_chain_part *part, uint64_t number,
                        const uint8_t hash[NTA_HASH_LEN]);

/** A header of format 2 was put in its place: its tree hash, and its link for those behind it. */
void nta_chain_grow(struct nta_chain *chain, struct nta_chain_part *part,
                    const struct nta_header *header, const uint8_t hash[NTA_HASH_LEN]);

/* ---- what is not signed: stray.c ---- */

/** What is said of a header of this row that its key did not sign, as far as is known now. */
enum nta_finding_kind nta_chain_refusal(const struct nta_chain *chain, size_t sensor,
                                        const struct nta_header *header,
                                        const uint8_t hash[NTA_HASH_LEN]);
/** It is not signed: said now, or by what comes next. */
void nta_chain_refuse(struct nta_chain *chain, size_t sensor, const struct nta_header *header,
                      const uint8_t hash[NTA_HASH_LEN]);
/** This one is signed: what is said of the one before. */
void nta_chain_pass_stray(struct nta_chain *chain, size_t sensor, const struct nta_header *header);
/** Nothing comes next for now. */
void nta_chain_end_strays(struct nta_chain *chain);

/* ---- what is missing: absent.c ---- */

/**
 * A part of a batch that was proved is not there, its contents or its data key: `kind`, unless a
 * note of a later header excuses it.  Each batch counts once, whichever parts and copies of it are
 * missing.  Gives what the row is hidden for by now.
 */
enum nta_finding_kind nta_chain_miss(struct nta_chain *chain, size_t sensor,
                                     const struct nta_stored *row, uint64_t print,
                                     enum nta_finding_kind kind);
/** The contents of a batch that nobody is known to have signed are not there: nothing excuses. */
void nta_chain_lack(struct nta_chain *chain, size_t sensor, const struct nta_stored *row,
                    uint64_t print);
/** A proved batch has its contents and its data key: a note may say that they are deleted. */
void nta_chain_have(struct nta_chain *chain, size_t sensor, const struct nta_header *header);
/** All notes are known now. */
void nta_chain_end_absent(struct nta_chain *chain, bool is_partial);
