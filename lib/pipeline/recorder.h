/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The recorder: one thread (at a time) that joins the workers' chunks into batches, has each sealed
 * and committed, and only then tells the alerter and whoever listens.
 *
 * Each class of records has an open batch of its own, which is closed when it is full or due
 * (pipeline/due.h); at the end all are, that of the log last.  Of those that wait in an outage one
 * is kept for each class: traffic cannot push evidence out.
 * Live, another thread commits (committer.h), and the recorder minds the clock: an alert whose
 * batch is not stored when its time is over leaves without a record's id, and a later line says
 * what became of it.  A store that is slow or refuses is bridged by memory (32 batches); beyond
 * that records are dropped, counted, and their alerts leave all the same.  At the end the workers
 * wait for a store that is merely slow.  Reading files, the recorder commits itself, and what
 * cannot be stored is an error.  Once a minute (and at the end) a loss record says what was not
 * seen, by reason.  All that the program says of itself in records goes through
 * nta_recorder_emit().
 *
 * While files are read, sealing can wait, reading cannot: it starts in a thread of low priority,
 * which takes little but what the others leave of the processors.  None may raise itself again, so
 * when the workers run out of chunks, or at the end, the recorder goes on in a thread of common
 * priority, once the first one has ended its turn.  That one must get on for this on the busiest
 * machine: so it is nicer than others (a third of their share), never SCHED_IDLE.
 */

#include "base/err.h"
#include "base/runtime/counters.h"
#include "base/runtime/health.h"
#include "pipeline/commit/outlet.h"
#include "pipeline/losslog.h"
#include "pipeline/outbox.h"
#include "pipeline/own_records.h"
#include "ring/wait.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_recorder; ///< Opaque.
struct nta_ship;

struct nta_retain_policy;
struct nta_retain;

struct nta_recorder_options
{
    struct nta_outbox *const *outboxes; ///< Borrows; of each worker the one that it fills.
    size_t n_outboxes;
    struct nta_wake *wake;              ///< Borrows: the outboxes signal it.
    const struct nta_outlet *outlet;    ///< Borrows.
    const struct nta_pseudonyms *names; ///< Borrows.
    /** Borrows: in what is in force, how alerts name users; NULL: as their records do. */
    struct nta_epoch *policies;
    int64_t batch_ns, alert_batch_ns;
    struct nta_health *health; ///< Borrows; NULL: nobody asks.
    /** How long records are kept; NULL: for ever.  Borrows during the call. */
    const struct nta_retain_policy *retain;
    bool files;
    struct nta_loss_log_options losses;
};

/** Opens store and keys, continues the chain.  0, or negative errno with `err`. */
int nta_recorder_new(const struct nta_recorder_options *options, struct nta_recorder **ret_recorder,
                     struct nta_err *err);
/** Takes NULL too.  Its thread has ended. */
void nta_recorder_free(struct nta_recorder **recorder);

struct nta_commit;

/** Before its thread: what it hands batches to.  0 or negative errno. */
int nta_recorder_start(struct nta_recorder *recorder);

/** Where the chain stands, for the shipper; NULL: nothing is stored. */
struct nta_commit *nta_recorder_commit(struct nta_recorder *recorder);
/** How long its records are kept; NULL: for ever.  Borrows. */
struct nta_retain *nta_recorder_retain(struct nta_recorder *recorder);

/** The stamp of the policy in force, for what the program says of itself.  Any thread. */
void nta_recorder_set_policy(struct nta_recorder *recorder, uint64_t stamp);

/**
 * Make a record of what the program has to say of itself; it gets the stamp of the policy in force,
 * unless it has one.  Gives its number among those, from 1.  Any thread.
 */
uint64_t nta_recorder_emit(struct nta_recorder *recorder, const struct nta_record *record);

/** The end is near: the workers give what they have, and wait for a slow store.  Any thread. */
void nta_recorder_drain(struct nta_recorder *recorder);

/** The time for that is over: what the store has not taken is dropped, and counted.  Any thread. */
void nta_recorder_hurry(struct nta_recorder *recorder);

/** When all is committed and shipped: where the chain ends is written down and told. */
void nta_recorder_end(struct nta_recorder *recorder);

/** Before the thread starts: the shipper to wake after each commit.  Borrows. */
void nta_recorder_set_ship(struct nta_recorder *recorder, struct nta_ship *ship);

/** Body of its first thread, files only: until it falls behind, or nta_recorder_finish(). */
void *nta_recorder_run_low(void *self);

/**
 * Body of its thread, after the first has ended: until nta_recorder_finish(), then commits what is
 * left.
 */
void *nta_recorder_run(void *self);

/** All workers have ended: take what is left and end.  Any thread. */
void nta_recorder_finish(struct nta_recorder *recorder);

/** After the thread has ended: 0, or the first failure with its sentence. */
int nta_recorder_result(const struct nta_recorder *recorder, struct nta_err *err);

/** One counter, with what its committer counted.  Any thread. */
uint64_t nta_recorder_counted(const struct nta_recorder *recorder, enum nta_counter which);

/** How many of those there are so far.  Any thread. */
uint64_t nta_recorder_own(struct nta_recorder *recorder);
/** And what became of them.  Any thread. */
struct nta_own_settled nta_recorder_own_settled(struct nta_recorder *recorder);

/** Live: wall time; all that the workers gave before it is stored.  Any thread. */
int64_t nta_recorder_stored_until(const struct nta_recorder *recorder);

/** What was lost, over time.  Any thread. */
struct nta_loss_log *nta_recorder_losses(struct nta_recorder *recorder);

/** Number of the last committed batch, any thread; 0: none. */
uint64_t nta_recorder_last(const struct nta_recorder *recorder);
