/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What was not seen, over time: counters of losses since they were last told, the seconds in which
 * an interface did not show all, and the worst second of each.  The recorder feeds it once a
 * second, and makes a record of it once a minute; who keeps the state for the next start asks what
 * has not been told yet, for kill -9.
 *
 * One lock, taken once a second and by who asks; bounded by the number of counters and interfaces.
 */

#include "pipeline/blind.h"
#include "pipeline/worst_second.h"
#include "record/record.h"

#include <pthread.h>

struct nta_loss_log_options
{
    /** Sum of a counter over all threads. */
    uint64_t (*counted)(const void *owner, enum nta_counter which);
    /**
     * Live: what source `i` (< n_sources) has missed so far in all, at `mono_ns`; gives its name
     * (borrowed until free).
     */
    const char *(*missed)(const void *owner, size_t i, int64_t mono_ns,
                          struct nta_missed *ret_missed);
    size_t n_sources;
    const void *owner;
};

struct nta_loss_log
{
    struct nta_loss_log_options options;
    pthread_mutex_t lock;          ///< Guards all that follows.
    int64_t from_ns;               ///< Wall time up to which all is told.
    uint64_t told[NTA_N_COUNTERS]; ///< Totals then.
    struct nta_worst_second worst_second;
    struct nta_worst_losses worst_losses; ///< Of the whole run.
    struct nta_worst_losses worst_untold; ///< Of the time that is not told yet.
    struct nta_blind blind;
    int64_t blind_mono_ns; ///< Until when blind seconds are counted.
};

/** What was lost from when to when; texts are borrowed from counters and interfaces. */
struct nta_losses_told
{
    int64_t from_ns, to_ns; ///< Wall time.
    size_t n_losses, n_worst, n_blind;
    struct nta_record_loss losses[NTA_N_COUNTERS];
    struct nta_log_worst worst[NTA_N_COUNTERS]; ///< Live: of each of the losses.
    struct nta_log_blind blind[NTA_BLIND_SOURCES];
};

/** Nothing is lost yet; `wall_ns` is where it begins, 0: with the first record. */
void nta_loss_log_init(struct nta_loss_log *log, const struct nta_loss_log_options *options,
                       int64_t wall_ns);
/** Nobody asks any more. */
void nta_loss_log_done(struct nta_loss_log *log);

/** The recorder, about once a second. */
void nta_loss_log_second(struct nta_loss_log *log);

/** What has not been told until `wall_ns`, which counts as told. */
void nta_loss_log_take(struct nta_loss_log *log, int64_t wall_ns,
                       struct nta_losses_told *ret_losses);
/** The same, and it stays untold.  Any thread. */
void nta_loss_log_peek(struct nta_loss_log *log, int64_t wall_ns,
                       struct nta_losses_told *ret_losses);

/** The second of which most was lost, and that of each counter of losses.  Any thread. */
void nta_loss_log_get_worst(struct nta_loss_log *log, struct nta_worst_second *ret_second,
                            struct nta_worst_loss ret_losses[NTA_N_COUNTERS]);

/** The record of what was lost; `ret_record` borrows from `losses` and `ret_log`. */
void nta_losses_record(const struct nta_losses_told *losses, struct nta_record_log *ret_log,
                       struct nta_record *ret_record);
