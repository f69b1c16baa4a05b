/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Closed batches on their way into the store, and back to the recorder with what became of them.
 *
 * Live, a thread of its own seals and commits, so that a store that is slow, locked or full holds
 * up nobody: it tries a batch until it is stored, with a growing pause, and the recorder looks
 * after the clock meanwhile.  At the end it has NTA_COMMITTER_PATIENCE_NS for a store that refuses;
 * then it gives up, and everything that is left comes back as lost.  While files are read the
 * recorder commits in its own thread with nta_committer_store(), where one failure is final.
 */

#include "base/runtime/counters.h"
#include "pipeline/commit/commit.h"
#include "pipeline/retain.h"
#include "record/batch.h"
#include "ring/wait.h"
#include "vault/seal/packer.h"

#include <stdbool.h>
#include <stdint.h>

#define NTA_COMMITTER_PATIENCE_NS (10 * INT64_C(1000000000))

/**
 * A batch on its way: from push to pop nobody changes the batch, and the committer has `number`.
 */
struct nta_closed
{
    struct nta_batch batch;
    struct nta_packed packed; ///< The recorder's: the same, packed; empty: it was not.
    int64_t pushed_mono_ns;   ///< The recorder's: when it was pushed.
    /** The recorder's: when its alerts must have left; 0: it has none, or they have. */
    int64_t emit_mono_ns;
    size_t n_emitted;      ///< The recorder's: of so many records they have, without an id.
    int64_t began_wall_ns; ///< The recorder's: when its first record came; 0: it is empty.
    uint64_t
        n_own;    ///< The recorder's: up to which the program's own records are in it; 0: none is.
    bool is_last; ///< None follows in this run.
    uint64_t number; ///< When it comes back: 0: lost.
};

struct nta_committer; ///< Opaque.

struct nta_committer_options
{
    struct nta_commit *commit; ///< Takes on success.
    struct nta_retain *retain; ///< Takes on success; NULL: everything is kept.
    struct nta_wake *wake;     ///< Borrows: signalled when a batch is back.
    struct nta_health *health; ///< Borrows; NULL: nobody asks.
    size_t n_batches;          ///< At most so many are on their way.
    bool files;
};

/**
 * Opens store and keys as nta_commit_open() does; there is no thread yet.  0, or negative errno
 * with `err`.
 */
int nta_committer_new(const struct nta_committer_options *options,
                      struct nta_committer **ret_committer, struct nta_err *err);

/** Its thread has ended. */
void nta_committer_free(struct nta_committer **committer);

/** What it commits with.  Borrows; the thread's own while it runs. */
struct nta_commit *nta_committer_commit(struct nta_committer *committer);

/** How long records are kept, for who asks that some go; NULL: for ever.  Borrows. */
struct nta_retain *nta_committer_retain(struct nta_committer *committer);

/** Start the thread.  0 or negative errno. */
int nta_committer_start(struct nta_committer *committer);

/**
 * Recorder, with the thread: hand over, and take back in the same order; NULL: none is back yet.
 */
void nta_committer_push(struct nta_committer *committer, struct nta_closed *closed);
/** Recorder: the next one that is back, stored or not; NULL: none yet. */
struct nta_closed *nta_committer_pop(struct nta_committer *committer);

/** Recorder, without the thread: until it is stored or cannot be. */
void nta_committer_store(struct nta_committer *committer, struct nta_closed *closed);

/** The store refuses at this moment.  Any thread. */
bool nta_committer_is_failing(const struct nta_committer *committer);

/** No more will be pushed: what is on its way comes back, then the thread ends. */
void nta_committer_finish(struct nta_committer *committer);

/** Wait for the thread, which has given all back. */
void nta_committer_join(struct nta_committer *committer);

/** 0, or the first failure that cost records, with its sentence; when all is back. */
int nta_committer_result(const struct nta_committer *committer, struct nta_err *err);

/** What was stored and lost.  Borrows; any thread may read. */
const struct nta_counters *nta_committer_counters(const struct nta_committer *committer);
