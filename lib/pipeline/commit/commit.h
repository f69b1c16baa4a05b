/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where the sensor's chain stands, and one batch more on it: sealer, store and the file of the
 * highest number (store/headfile.h) together, so that the chain moves on only when the store has
 * the batch, and a data key is used only when the store has it.
 *
 * At the start four witnesses are held against each other: the store's last batch, its chain row,
 * the state file, and what MySQL acknowledged (pipeline/commit/witness.h).  The highest number that
 * any of them knows is the one to go on behind; a store that is behind was put back, cut or
 * removed, which is said loudly, becomes a loss record, and where no store holds the batches a note
 * in the next header: their leaves in the tree are zeros.  A store that has no batch of this sensor
 * gets its first one.  The same while it runs: a file that is removed or replaced is made anew and
 * goes on with the number from memory; a row that somebody else moved is read again, and the chain
 * goes on behind it.
 *
 * The signing key that goes on is the one that the last batch names; while it runs and that batch
 * is gone, the one in memory, whatever the state file says.  One that is not here was lost: the
 * sensor goes on at once with a key made now, BAD until the identity has adopted it (`nta keys
 * adopt`).  The key changes with the first batch of a UTC day and the last of a run.
 *
 * The caller holds the store's lock (store/lock.h).  One thread at a time, but for
 * nta_commit_acknowledged() and nta_commit_take_loss().
 */

#include "base/err.h"
#include "pipeline/commit/options.h"
#include "record/batch.h"
#include "store/writer.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_commit; ///< Opaque.

/** Opens store and keys, finds where the chain goes on.  0, or negative errno with `err`. */
int nta_commit_open(const struct nta_commit_options *options, struct nta_commit **ret_commit,
                    struct nta_err *err);
/** Takes NULL too; closes the store and forgets the keys. */
void nta_commit_close(struct nta_commit **commit);

/** What is stored of a batch that was committed. */
struct nta_committed
{
    uint64_t number;
    size_t n_bytes;
};

/** What is to be stored. */
struct nta_commit_batch
{
    const struct nta_batch *records;
    const struct nta_packed *packed; ///< The same, packed before; NULL or empty: it was not.
    bool is_last; ///< None follows in this run: its header names the next signing key.
};

/**
 * Seal and store a batch of one class, once.  0, or negative errno with `err`: nothing of it is
 * stored, and trying again is right.
 */
int nta_commit_try(struct nta_commit *commit, const struct nta_commit_batch *batch,
                   struct nta_committed *ret_committed, struct nta_err *err);

/** What a header is about to say: what notes for it are signed over. */
struct nta_commit_next
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t number;    ///< Of the header.
    uint64_t unadopted; ///< From this batch on a key is to be adopted; 0: none is.
    /** Up to this one, and how many in between that key is seen to prove, itself or by `next`. */
    uint64_t unadopted_to, n_unadopted;
    /** Public half of the key that signs that batch; if none is to be adopted, this header. */
    uint8_t signing[NTA_KEY_LEN];
};

/** Make up to NTA_NOTES_MAX - 1 notes for this number.  0, or negative errno with `err`. */
typedef int nta_commit_notes_fn(void *owner, const struct nta_commit_next *next,
                                struct nta_note *ret_notes, size_t *ret_n_notes,
                                struct nta_err *err);

/** A batch of class 4 whose header has notes; it names the next signing key. */
struct nta_commit_noting
{
    const struct nta_batch *batch;
    /** Called for each attempt, since the number may become another one. */
    nta_commit_notes_fn *make;
    void *owner;
};

/**
 * As nta_commit_try(), with notes of the caller's.  One that adopts ends what is said of the first
 * key that was lost; if several were, each has to be adopted.
 */
int nta_commit_note(struct nta_commit *commit, const struct nta_commit_noting *noting,
                    struct nta_committed *ret_committed, struct nta_err *err);

/**
 * At least once a second while nothing is committed: is the file still there, is anything to be
 * written down?
 */
void nta_commit_tend(struct nta_commit *commit);

/** After the last batch: writes down and tells where the chain ends. */
void nta_commit_end(struct nta_commit *commit);

/** Number of the last batch that the store has; 0: none.  Any thread. */
uint64_t nta_commit_last(const struct nta_commit *commit);

/**
 * When the last batch that held at the start was sealed, as its signed header says; 0: not known.
 * Any thread.
 */
int64_t nta_commit_sealed_before(const struct nta_commit *commit);

/** Sensor's id as text. */
const char *nta_commit_sensor(const struct nta_commit *commit);
/** And as bytes. */
void nta_commit_get_sensor(const struct nta_commit *commit, uint8_t ret_id[NTA_SENSOR_ID_LEN]);

/**
 * The shipper's, which gives it the commit as `owner`: MySQL's chain is at `head`; the journal
 * keeps what is numbered up to `kept`.  Any thread.
 */
void nta_commit_acknowledged(void *owner, const struct nta_store_head *head, uint64_t kept);

/** Up to which number the shipper is to leave batches in the journal; before it starts. */
uint64_t nta_commit_kept(const struct nta_commit *commit);
/** Up to which number MySQL has acknowledged, as far as is known; before the shipper starts. */
uint64_t nta_commit_acked(const struct nta_commit *commit);

/** The next one that was found; false: none.  Any one thread. */
bool nta_commit_take_loss(struct nta_commit *commit, struct nta_commit_loss *ret_loss);
