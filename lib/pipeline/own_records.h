/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Records that the program makes of itself, from any thread, on their way to the recorder: few and
 * small, and all of the class NTA_CLASS_LOG.
 */

#include "record/batch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/** What became of them, by their numbers. */
struct nta_own_settled
{
    uint64_t up_to;     ///< These are stored,
    uint64_t lost_from; ///< but for these, which never will be; 0: none.
    uint64_t lost_to;   ///< The last of them.
};

struct nta_own_records
{
    pthread_mutex_t lock; ///< Guards the next six.
    struct nta_batch batch;
    uint64_t n_all;     ///< So far.
    uint64_t n_dropped; ///< For want of space or memory.
    bool is_rare;
    struct nta_own_settled settled;
    int64_t lost_mono_ns; ///< When the last were lost.
    _Atomic bool any;
};

/** What was taken besides the records themselves. */
struct nta_own_taken
{
    uint64_t n_all;     ///< Records so far; those that are taken end with this one.
    uint64_t n_dropped; ///< Records that are lost.
    bool is_rare;       ///< One is among them that is to be stored at once: no loss, no canary.
};

/** Nothing is there yet. */
void nta_own_records_init(struct nta_own_records *own_records);
/** Free what it owns; records that nobody took are lost. */
void nta_own_records_done(struct nta_own_records *own_records);

/** Any thread; the record is of the class NTA_CLASS_LOG.  Gives its number, from 1. */
uint64_t nta_own_records_add(struct nta_own_records *own_records, const struct nta_record *record);

/** How many there were so far.  Any thread. */
uint64_t nta_own_records_count(struct nta_own_records *own_records);

/**
 * The recorder: those up to a number are stored, or never will be; in their order.  Of those that
 * are lost one stretch is known, the last one, with what came before it within a minute.
 */
void nta_own_records_settle(struct nta_own_records *own_records, uint64_t up_to, bool is_stored,
                            int64_t mono_ns);

/** What became of them.  Any thread. */
struct nta_own_settled nta_own_records_settled(struct nta_own_records *own_records);

/** The recorder: all that was said into `batch`, which is empty.  False: nothing was. */
bool nta_own_records_take(struct nta_own_records *own_records, struct nta_batch *batch,
                          struct nta_own_taken *ret_taken);
