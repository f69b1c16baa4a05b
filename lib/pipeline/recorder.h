/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The recorder: one thread (at a time) that joins the workers' sheaves into batches, seals each and commits it, and only then tells
 * the alerter and whoever listens.
 *
 * A batch is closed when it is full, 2 s old, or 200 ms after an alert came in.  A commit that fails is tried again
 * with a growing pause (live), so the workers' outboxes fill and then drop, counted; reading files, it is an error.
 * Once a minute (and at the end) a loss record says what was not seen, by reason.
 *
 * While files are read, sealing can wait, reading cannot: it starts in a thread of idle priority, which takes what the
 * others leave of the processors and never keeps them from one.  Such a thread may get next to nothing on a busy
 * machine, and none may raise itself again, so when the workers run out of sheaves, or at the end, the recorder goes on
 * in a thread of common priority.
 */

#include "base/counters.h"
#include "base/err.h"
#include "base/health.h"
#include "pipeline/peak.h"
#include "pipeline/pipeline.h"
#include "pipeline/worker.h"
#include "ring/wait.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_recorder; ///< Opaque.

struct nta_recorder_options
{
    struct nta_worker *const *workers; ///< Borrows; their outboxes are read.
    size_t n_workers;
    struct nta_wake *wake;           ///< Borrows: the outboxes signal it.
    const struct nta_outlet *outlet; ///< Borrows.
    int64_t batch_ns, alert_batch_ns;
    struct nta_health *health; ///< Borrows; NULL: nobody asks.
    bool files;
    /** Sum of a counter over all threads, for the loss record. */
    uint64_t (*counted)(const void *owner, enum nta_counter which);
    const void *owner;
};

/** Opens store and keys, continues the chain.  0, or negative errno with `err`. */
int nta_recorder_new(const struct nta_recorder_options *options, struct nta_recorder **ret_recorder,
                     struct nta_err *err);
void nta_recorder_free(struct nta_recorder **recorder);

/** Before the thread starts: the shipper to wake after each commit.  Borrows. */
void nta_recorder_set_ship(struct nta_recorder *recorder, struct nta_ship *ship);

/** Body of its first thread, files only: until it falls behind, or nta_recorder_finish(). */
void *nta_recorder_run_idly(void *self);

/** Body of its thread, after the first has ended: until nta_recorder_finish(), then commits what is left. */
void *nta_recorder_run(void *self);

/** All workers have ended: take what is left and end.  Any thread. */
void nta_recorder_finish(struct nta_recorder *recorder);

/** After the thread has ended: 0, or the first failure with its sentence. */
int nta_recorder_result(const struct nta_recorder *recorder, struct nta_err *err);

const struct nta_counters *nta_recorder_counters(const struct nta_recorder *recorder);

/** The second, live, of which most was lost; any thread. */
struct nta_peak nta_recorder_peak(struct nta_recorder *recorder);

/** Number of the last committed batch, any thread; 0: none. */
uint64_t nta_recorder_last(const struct nta_recorder *recorder);
