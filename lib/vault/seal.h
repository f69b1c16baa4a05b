/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sealing for a store that may refuse: nothing moves on before the store has what was sealed.
 *
 *     nta_sealer_new()        keys, without the one that signs
 *     nta_sealer_first()      the first batch, for a store that has none
 *     nta_sealer_resume()     the key that signs after the chain's head
 *     nta_sealer_continue()   where the chain goes on
 *     for each batch: a data key of its class and day, in two steps, so that nothing is ever sealed
 *     under a key that is nowhere; nta_sealer_seal(); and when the store has it nta_sealer_commit()
 *
 * The identity's secret is never read.  One thread.  Secrets lie in memory that is neither swapped
 * nor dumped, and are wiped as soon as they are not needed.
 */

#include "vault/checkpoint.h"
#include "vault/signing.h"
#include "vault/tree/log_tree.h"
#include "vault/vault.h"

struct nta_sealer; ///< Opaque.

/**
 * Needs of the key folder auditors.pub and state.key, of the state folder checkpoint.key and
 * first.batch.  The signing key is not looked at yet.
 */
int nta_sealer_new(const struct nta_keys_place *place, struct nta_sealer **ret_sealer,
                   struct nta_err *err);
/** Takes NULL too; keys are overwritten. */
void nta_sealer_free(struct nta_sealer **sealer);

/** The sensor's id, as the first batch has it. */
void nta_sealer_get_sensor(const struct nta_sealer *sealer, uint8_t ret_id[NTA_SENSOR_ID_LEN]);

/** The same sensor, for who checks what it wrote. */
void nta_sealer_get_public(const struct nta_sealer *sealer, struct nta_sensor_public *ret_sensor);

/** The first batch, and its data key.  Both borrow from the sealer. */
void nta_sealer_first(const struct nta_sealer *sealer, struct nta_sealed *ret_sealed,
                      struct nta_header *ret_header, struct nta_wrapped_key *ret_key);

/* ---- the chain ---- */

/** By what the key that signs the next batch is known: the first of these that is there. */
struct nta_sealer_known
{
    const struct nta_sealed *head; ///< Header and signature of the last batch; NULL: not there.
    const uint8_t *signing;        ///< Its public half as the state file has it; NULL: not there.
    bool or_any; ///< If none of these is on disk, go on with the one that signed last there.
};

/**
 * Take the signing key that goes on behind the head (vault/signing.h): the head's `next`, or the
 * one that signed it.  NTA_SIGNING_LOST: neither is here, a key was made now, and what it signs is
 * unproved until the identity adopts it.  Again is right: it is looked for anew.
 */
int nta_sealer_resume(struct nta_sealer *sealer, const struct nta_sealer_known *known,
                      enum nta_signing_state *ret_state, struct nta_err *err);

/**
 * 1: a key on disk, the one that signs or the one that comes next, signed this head; 0: none did;
 * or negative errno with a sentence: one of them cannot be read.
 */
int nta_sealer_has_signed(const struct nta_sealer *sealer, const struct nta_sealed *head,
                          struct nta_err *err);

/** False: no key was taken yet, or taking one failed; then nothing can be sealed. */
bool nta_sealer_can_sign(const struct nta_sealer *sealer);

/** The public half of the key that signs the next batch; only if it can sign. */
void nta_sealer_get_signing(const struct nta_sealer *sealer, uint8_t ret_public[NTA_KEY_LEN]);

/** Where a chain stands. */
struct nta_sealer_at
{
    uint64_t number;                ///< Of the last batch, lost or not.
    uint8_t previous[NTA_HASH_LEN]; ///< What the next one names: the last link that is not lost.
    struct nta_log_tree log;        ///< Over the links of 1 to `number`, zeros for lost ones.
};

/** Continue a chain there. */
void nta_sealer_continue(struct nta_sealer *sealer, const struct nta_sealer_at *at);

/** Where it stands now. */
const struct nta_sealer_at *nta_sealer_get_at(const struct nta_sealer *sealer);

/* ---- data keys ---- */

/**
 * True if the next seal of this class needs a new data key: none yet, another UTC day (a clock that
 * was set back over a midnight makes a new one, too), or 2^20 batches.
 */
bool nta_sealer_wants_key(const struct nta_sealer *sealer, enum nta_class class, int64_t wall_ns);

/**
 * The data key that comes next, wrapped: what is sealed stays with the one before until
 * nta_sealer_use_key().  As long as it is not used and its day is not over, the same one again
 * (whoever stored it may not know whether it is there).  The blob borrows from the sealer until the
 * next call for this class.
 */
int nta_sealer_make_key(struct nta_sealer *sealer, enum nta_class class, int64_t wall_ns,
                        struct nta_wrapped_key *ret_key, struct nta_err *err);

/** It is stored: seal with it from now on. */
void nta_sealer_use_key(struct nta_sealer *sealer, enum nta_class class);

/** The store that held the keys is gone: the next seal of each class needs a new one. */
void nta_sealer_drop_keys(struct nta_sealer *sealer);

/* ---- batches ---- */

struct nta_packed;

/** What a header says beside its records. */
struct nta_seal_options
{
    enum nta_class class;
    int64_t wall_ns; ///< `sealed`; of the day of the class's data key.
    uint64_t clock;  ///< As struct nta_header has it.
    const struct nta_note *notes;
    size_t n_notes;
    /**
     * It names the next signing key, which is on disk before this returns.  The one that signs now
     * is destroyed by nta_sealer_commit().
     */
    bool changes_key;
    /** The batch, packed before (vault/seal/packer.h); NULL or empty: that is done now. */
    const struct nta_packed *packed;
};

/**
 * Seal a batch (n_records > 0).  `ret_sealed` borrows from the sealer until its next call.  Sealing
 * again before nta_sealer_commit() makes the same number again.
 */
int nta_sealer_seal(struct nta_sealer *sealer, const struct nta_batch *batch,
                    const struct nta_seal_options *options, struct nta_sealed *ret_sealed,
                    struct nta_header *ret_header, struct nta_err *err);

/**
 * The store has the batch that was sealed last: go on behind it, in any case.  0; or negative
 * errno: a signing key that signs no more may still be on disk; the next change tries again.
 */
int nta_sealer_commit(struct nta_sealer *sealer, struct nta_err *err);

/* ---- tree heads ---- */

/** Append a checkpoint (vault/checkpoint.h) of this tree, signed by the checkpoint key. */
int nta_sealer_put_checkpoint(const struct nta_sealer *sealer, const struct nta_log_tree *log,
                              struct nta_span extra, struct nta_buf *out);

/** Read one; false: not in its form, or not of this sensor's checkpoint key. */
bool nta_sealer_read_checkpoint(const struct nta_sealer *sealer, struct nta_span note,
                                struct nta_checkpoint *ret_checkpoint);
