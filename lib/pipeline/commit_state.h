/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the commit share: its state, and what two of them need.  Private to it. */

#include "base/hex.h"
#include "pipeline/commit.h"
#include "pipeline/tail.h"
#include "pipeline/witness.h"
#include "store/headfile.h"
#include "vault/seal.h"

#include <pthread.h>
#include <stdatomic.h>

enum
{
    NTA_COMMIT_LOSSES = 8
};

struct nta_commit
{
    struct nta_commit_options options;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    char text[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)];
    struct nta_sealer *sealer;    ///< Owned; it knows what the next batch follows.
    struct nta_store *store;      ///< Owned; NULL: it could not be opened again yet.
    struct nta_store_head row;    ///< The store's chain row as it was last read or set.
    struct nta_store_place place; ///< The last batch that was committed, for the state file.
    bool has_place;
    /** Its kind is 0, or the numbers up to where the chain stands are lost: the next header says so. */
    struct nta_note lost;
    uint64_t unadopted;    ///< From there on the signing key is to be adopted; 0: it need not be.
    bool change_failed;    ///< Said that the key cannot be changed.
    int64_t day;           ///< Of the last batch; the first of another one changes the key.
    _Atomic uint64_t last; ///< Number of the last batch that was committed.
    int64_t head_mono_ns;  ///< When the head is told next; 0: with the first batch.
    int64_t file_mono_ns;  ///< When the state file was written last.
    struct nta_headfile file; ///< What it says.
    bool has_file;            ///< It says something.
    int64_t alarm_mono_ns;    ///< When something was wrong with the chain last; 0: nothing is said.
    bool file_failed;         ///< Said that it cannot be written.
    pthread_mutex_t lock;     ///< Guards what follows.
    struct nta_store_head acked;
    uint64_t kept;
    struct nta_commit_loss losses[NTA_COMMIT_LOSSES];
    size_t n_losses;
};

/* ---- commit_say.c ---- */

/** Put a loss for a record; one whose `first` is behind `last` is none. */
void nta_commit_put_loss(struct nta_commit *commit, const struct nta_commit_loss *loss);

/** What happened once stays BAD for a while: whoever looks now and then is to see it. */
void nta_commit_raise_alarm(struct nta_commit *commit, enum nta_cause cause, const char *detail);
/** What is over since an hour is not said any more. */
void nta_commit_end_alarms(struct nta_commit *commit, int64_t mono_ns);

/** The store lacks batches that were committed once: it was put back, cut, or is another one. */
void nta_commit_report_rollback(struct nta_commit *commit, uint64_t first, uint64_t last,
                                const char *witness);

/** What batch `from` and those after it are signed with is to be adopted; says so until it is. */
void nta_commit_report_unadopted(struct nta_commit *commit, uint64_t from, const char *why);
/** The same, as the state folder has it from before. */
void nta_commit_recall_unadopted(struct nta_commit *commit);
/** The identity has adopted the key. */
void nta_commit_end_unadopted(struct nta_commit *commit);

/** The chain's head: whoever keeps the log elsewhere is a witness that nothing was cut off. */
void nta_commit_log_head(const struct nta_commit *commit);

/* ---- commit_place.c: where the chain goes on ---- */

/** The start: keys, store and state are open then. */
int nta_commit_find(struct nta_commit *commit, struct nta_err *err);

/** The file is gone, or another one: make or take what is there now, and go on from memory. */
int nta_commit_open_again(struct nta_commit *commit, struct nta_err *err);

/** Somebody moved the chain's row, or put batches there: go on behind what is there. */
int nta_commit_find_again(struct nta_commit *commit, const struct nta_err *conflict,
                          struct nta_err *err);

/** MySQL has more than we ever wrote down: journal and state file were put back together. */
int nta_commit_follow_mysql(struct nta_commit *commit, struct nta_err *err);
