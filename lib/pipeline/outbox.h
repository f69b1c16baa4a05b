/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From a worker to the recorder: records, encoded by the worker, many at a time.
 *
 * A *chunk* is a small nta_batch of one class (record/class.h).  The worker fills one of each class
 * and hands it over when it is large, old, or holds an alert; an empty one comes back on a second
 * ring.  No empty one: a live worker drops the record and counts it (packets must not wait for the
 * disk), a worker that reads files waits, and so does a live one when capture has ended.  Where
 * nothing is stored classes are of no use: all go into one chunk, in the order in which they were
 * made.
 *
 * What a chunk held is wiped as soon as the recorder has it.
 */

#include "base/err.h"
#include "base/runtime/counters.h"
#include "record/batch.h"
#include "ring/ring.h"
#include "ring/wait.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_OUTBOX_CHUNKS = 32
};

struct nta_outbox
{
    struct nta_ring full, empty;
    struct nta_batch chunks[NTA_OUTBOX_CHUNKS];
    /** Worker: those being filled, by class (NTA_CLASS_NONE: of all); NULL: none. */
    struct nta_batch *open[NTA_N_CLASSES];
    int64_t open_mono_ns[NTA_N_CLASSES]; ///< Worker: when the first record of each came.
    struct nta_wake *wake;               ///< Borrows: signalled at each hand-over.
    bool patient;                        ///< Files, and live at the end: wait rather than drop.
    bool is_one;                         ///< All classes share a chunk.
    _Atomic bool hurried;                ///< Patient no more.
};

struct nta_outbox_options
{
    struct nta_wake *wake; ///< Borrows: what the recorder sleeps on.
    bool patient;          ///< Files: wait rather than drop.
    bool is_one;           ///< Nothing is stored: all classes share a chunk.
};

/** 0, or negative errno with `err`. */
int nta_outbox_init(struct nta_outbox *outbox, const struct nta_outbox_options *options,
                    struct nta_err *err);
/** Free what it owns; worker and recorder are done with it. */
void nta_outbox_done(struct nta_outbox *outbox);

/** Worker: from now on wait rather than drop. */
void nta_outbox_be_patient(struct nta_outbox *outbox);

/** Any thread: the time for that is over. */
void nta_outbox_hurry(struct nta_outbox *outbox);

/**
 * Worker: add a record; live, an alert is handed over at once, or as soon as the recorder has come
 * to it.
 */
void nta_outbox_add(struct nta_outbox *outbox, const struct nta_record *record, int64_t mono_ns,
                    struct nta_counters *counters);

/**
 * Worker, now and then: hand over what is open if it is older than 100 ms or (live) holds an alert,
 * or in any case.
 */
void nta_outbox_flush(struct nta_outbox *outbox, int64_t mono_ns, bool in_any_case);

/** Recorder: the next chunk or NULL; give it back cleared or not, nta_outbox_give_back() clears. */
struct nta_batch *nta_outbox_take(struct nta_outbox *outbox);
/** Recorder: takes a chunk back, cleared, so that the worker may fill it again. */
void nta_outbox_give_back(struct nta_outbox *outbox, struct nta_batch *chunk);

/** Recorder: one to take is there. */
bool nta_outbox_has_full(const struct nta_outbox *outbox);

/** Recorder: no empty chunk is left, so that the worker waits, or will soon. */
bool nta_outbox_is_short(const struct nta_outbox *outbox);
