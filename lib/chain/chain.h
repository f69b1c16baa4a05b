/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The judge of the chain: rows as they were read and trusted keys in, findings out.  It is the only
 * one: whoever reads a store asks it (search/stores.h walks and asks), and nothing is shown that it
 * did not let pass.
 *
 * Decryption is not a signature: whoever knows the auditor's public key can seal a batch.  A batch
 * is shown if its header is signed in the name of a trusted sensor and in its time, its tokens and
 * body have the signed hashes, and its data key is the one that it may have.  Links, holes, heads
 * and trees are said; they hide nothing, else whoever deletes batch n would hide n + 1, too.
 *
 * Format 1: one key signs all, data keys have a signature, and of two batches with one number both
 * are shown.  Format 2: the identity signs batch 1, each header may name the key that signs behind
 * it, and notes say who was adopted, revoked, lost or deleted (chain/timeline.h).  Behind a key
 * change that is missing nothing is proved, until the identity adopts a key.  A data key is named
 * by its hash; of two batches with one number the first stands.  A chain has one format.
 *
 * Of format 2 each header is proved by its own signature (chain/recall.h spares some).  Of format 1
 * one vouches for many: by an unbroken row of links up to a later one that is proved (SHA-256 of
 * header and signature is what the next one names).  At most WINDOW wait for that; if it fails,
 * each is checked by itself.  Who wants one may hold it back until then, or have it proved at once.
 *
 * Columns are hints: number, sensor and times are those of the signed header.  Rows may come in any
 * order and from more than one store; the same batch from two stores is one.
 *
 *     nta_chain_key() for each data key; nta_chain_learn() for each head with a key or notes;
 *     nta_chain_expect() for each chain row and what was noted; then for each row
 *     nta_chain_look(), nta_chain_prove(), nta_chain_complete(); at the end nta_chain_end().
 *
 * Pure: no I/O, no clock.  One thread a judge.  Where memory lacked, the next nta_chain_prove() or
 * nta_chain_end() fails.  Memory: 8 bytes a batch, 700 a key change, 60 a data key, and what
 * findings take; bounds of what nobody signed are in chain/timeline.h.
 */

#include "chain/finding.h"
#include "chain/trust.h"
#include "store/walk.h"

struct nta_chain; ///< Opaque.

/** `trust` is borrowed and may not change, `findings` is borrowed.  NULL: no memory. */
struct nta_chain *nta_chain_new(const struct nta_trust *trust, struct nta_findings *findings);
/** Takes NULL too; trust and findings stay with their owner. */
void nta_chain_free(struct nta_chain **chain);

/** What is known of one row, in steps. */
struct nta_verdict
{
    bool shows;                ///< As far as it was looked at, it may be shown.
    enum nta_finding_kind why; ///< If not.
    bool is_again;   ///< The very batch was there before, holding or not: it is not shown twice.
    uint64_t ticket; ///< Not 0: whether it is signed is told later (nta_chain_settled_fn).

    /* private */
    unsigned reported; ///< Faults of the row that were told.
    bool is_ours;      ///< Its header is of a trusted sensor.
    bool has_tokens;   ///< Their hash was looked at.
    size_t sensor;
};

/* ---- data keys ---- */

/**
 * A data key's row.  True: it may be used: of a trusted sensor and signed by it (format 1), or
 * what its row and its id say of it (format 2: the header that names it proves it).
 */
bool nta_chain_key(struct nta_chain *chain, const struct nta_stored_key *key);

/** True if a batch with this header finds its data key among those. */
bool nta_chain_has_key(const struct nta_chain *chain, const struct nta_header *header);

/* ---- key changes ---- */

/**
 * Before the rows: a head of format 2 with `next` or notes, of any store and in any order.  A note
 * can say of batches long before it who signed them, or that they were lost or deleted, so these
 * heads come first; one that does not come is learnt from its row, and then counts for what comes
 * later.  What is in it counts once it is signed.  0, or -ENOMEM.
 */
int nta_chain_learn(struct nta_chain *chain, const struct nta_stored *row);

/** The checkpoint key of a sensor, as its proved notes have it by now; NULL: none is known. */
const uint8_t *nta_chain_checkpoint_key(const struct nta_chain *chain,
                                        const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/* ---- rows ---- */

/** Another walk begins, over the same store or another: a batch that comes again is no repeat. */
void nta_chain_turn(struct nta_chain *chain);

/**
 * First: its form, and whose it is.  With `by_tokens` its tokens were read and will decide: their
 * hash is checked.
 */
void nta_chain_look(struct nta_chain *chain, const struct nta_stored *row, bool by_tokens,
                    struct nta_verdict *ret_verdict);

/** What a row is wanted for. */
enum nta_chain_want
{
    NTA_CHAIN_PASS,    ///< Nothing: whether it is signed is a finding, whenever that is known.
    NTA_CHAIN_VOUCHED, ///< Nothing; a note of its own key names its link (chain/recall.h).
    NTA_CHAIN_HOLD,    ///< What is in it, held back until it is proved: it may be given a ticket.
    NTA_CHAIN_NOW,     ///< What is in it: its signature is looked at before this returns.
};

/** Then: its signature and its place.  0, or -ENOMEM. */
int nta_chain_prove(struct nta_chain *chain, const struct nta_stored *row, enum nta_chain_want want,
                    struct nta_verdict *verdict);

/** The row with this ticket was proved, or not.  In the order of tickets. */
typedef void nta_chain_settled_fn(void *owner, uint64_t ticket, bool is_signed);

/** Who is told so from now on; NULL: nobody. */
void nta_chain_notify(struct nta_chain *chain, nta_chain_settled_fn *settled, void *owner);

/** Prove all that waits now.  0, or -ENOMEM. */
int nta_chain_settle(struct nta_chain *chain);

/** At last: its data key (for any row), and if `row->is_whole` the hashes of its parts. */
void nta_chain_complete(struct nta_chain *chain, const struct nta_stored *row,
                        struct nta_verdict *verdict);
/** Does a note that is proved by now say that the contents of this batch were deleted? */
bool nta_chain_deletes(const struct nta_chain *chain, const struct nta_header *header);

/** Say what only a row's reader can know (NTA_FINDING_OPENED, ...); `text` NULL: its reason. */
void nta_chain_report(struct nta_chain *chain, enum nta_finding_kind kind,
                      const struct nta_header *header, const char *text);

/* ---- heads ---- */

/** The link of a batch, the hash of the tree over the links up to it, or both; NULL: not known. */
struct nta_expected
{
    uint64_t number;
    const uint8_t *link, *root;
};

/**
 * A head that must lie in the chain: NTA_FINDING_HEAD, as the store's chain row said before the
 * walk, _STATE, as the state file, or _NOTED, as somebody noted it.  0, or -ENOMEM.  Only before
 * the first row.
 */
int nta_chain_expect(struct nta_chain *chain, enum nta_finding_kind kind,
                     const uint8_t sensor[NTA_SENSOR_ID_LEN], const struct nta_expected *expected);

/** The store's chain row after the walk: the last batch may not lie behind it. */
void nta_chain_head_after(struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          uint64_t number);

/* ---- the end ---- */

struct nta_chain_end
{
    bool is_partial;    ///< A store could not be asked: a missing beginning or end was not seen.
    bool has_head_rows; ///< The store keeps a chain row for each sensor: one without is a finding.
    bool wants_given;   ///< Keys that were given with --key must have batches.
};

/**
 * Prove what still waits, and say what is missing or does not follow.  Rows may be added
 * afterwards, and this be called again: nothing is said twice.  0, or -ENOMEM.
 */
int nta_chain_end(struct nta_chain *chain, const struct nta_chain_end *end);

/** A store's rows held against its own count. */
void nta_chain_tally(struct nta_chain *chain, const struct nta_store_tally *tally);

/* ---- what was proved ---- */

struct nta_chain_sensor
{
    const struct nta_trusted *trusted;
    uint64_t n_batches, n_records, n_recalled; ///< `recalled`: only headers were looked at.
    int64_t first_ns, last_ns, lost_first_ns, lost_last_ns; ///< 0: none; `lost`: noted then.
    uint64_t first, last;                                   ///< Numbers; 0: none.
    uint64_t whole_to; ///< From 1 to this number none is missing, and each links to the one before.
    uint8_t head[NTA_HASH_LEN];
    /** Format 2: tree hash over the links of 1 to `whole_to`, where all of them were seen. */
    bool has_root;
    uint8_t root[NTA_HASH_LEN];
    bool has_checkpoint_key, has_signing; ///< False: not proved.
    /** As its heads have them; the identity also if it is revoked; what signs the next batch. */
    uint8_t checkpoint_key[NTA_KEY_LEN], identity[NTA_KEY_LEN], signing[NTA_KEY_LEN];
    uint64_t revoked;                        ///< The batch that revokes the identity; 0: none does.
    uint64_t n_lost, n_deleted, n_unadopted; ///< Batches: by notes, and under a key not adopted.
    uint64_t n_noted, noted; ///< Heads that somebody noted and lie in it; the highest of them.
    bool is_noted_whole;     ///< Up to that none is missing, nor lost to the sensor.
};

/** Of trusted sensor `i`; false: there are not so many. */
bool nta_chain_get(const struct nta_chain *chain, size_t i, struct nta_chain_sensor *ret_sensor);

/** Move the marks to behind what was proved: a row that nobody signed hides none that comes. */
void nta_chain_mark(const struct nta_chain *chain, struct nta_store_marks *marks);

/** Batches that were proved. */
uint64_t nta_chain_n_proved(const struct nta_chain *chain);
