/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The stages wired together: capture threads -> workers -> recorder -> store, alerter, shipper.
 * `ntad` and `nta read` run this one pipeline; they differ in their sources and in where records
 * go.
 */

#include "base/err.h"
#include "base/runtime/counters.h"
#include "base/runtime/health.h"
#include "capture/capture.h"
#include "config/config.h"
#include "pipeline/commit/outlet.h"
#include "pipeline/limits/bounds.h"
#include "pipeline/losslog.h"
#include "policy/policy.h"
#include "record/record.h"
#include "who/beside/board.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_retain;

struct nta_pipeline; ///< Opaque.

struct nta_pipeline_options
{
    const struct nta_config *config; ///< Borrows until free.
    /** Borrows until free; keys are set by the pipeline. */
    const struct nta_capture_options *sources;
    size_t n_sources;
    struct nta_outlet outlet;
    const char *canary; ///< Live: the policies' canary name; NULL: none.  Borrows until free.
    struct nta_health *health; ///< Borrows until free; NULL: nobody asks.
    /**
     * In nta_pipeline_join(), live, about once a second while it waits for what is left to be
     * stored; NULL: nobody asks.
     */
    void (*waiting)(void *owner);
    void *waiting_owner;
    bool files; ///< Reading files: time is the capture's, nothing is dropped.
};

/** Takes `policy` on success.  Opens everything, starts nothing. */
int nta_pipeline_new(const struct nta_pipeline_options *options, struct nta_policy *policy,
                     struct nta_pipeline **ret_pipeline, struct nta_err *err);

/** Start the threads, last stage first. */
int nta_pipeline_start(struct nta_pipeline *pipeline, struct nta_err *err);

/** True while a capture thread runs. */
bool nta_pipeline_running(const struct nta_pipeline *pipeline);

/** Stop capture (async-signal-safe to call); the rest drains in nta_pipeline_join(). */
void nta_pipeline_stop(struct nta_pipeline *pipeline);

/**
 * Wait until everything has drained and is committed; the alerter is not used afterwards.  0, or
 * the first thing that went wrong, with its sentence.
 */
int nta_pipeline_join(struct nta_pipeline *pipeline, struct nta_err *err);
/** Takes NULL too.  After join, or before it was started. */
void nta_pipeline_free(struct nta_pipeline **pipeline);

/**
 * Live: have made-up visits to names below the canary put into each capture, for each worker
 * (capture/canary.h).
 */
void nta_pipeline_ask(struct nta_pipeline *pipeline, uint64_t ticket);

/**
 * Swap in a new policy; takes it, numbers it behind the running one; frees that when no worker
 * holds it.
 */
void nta_pipeline_set_policy(struct nta_pipeline *pipeline, struct nta_policy *policy);

/**
 * Make a record of what the program has to say of itself; gives its number among those, from 1.
 * Any thread, while it runs.
 */
uint64_t nta_pipeline_emit(struct nta_pipeline *pipeline, const struct nta_record *record);

/** What is stored already. */
struct nta_pipeline_stored
{
    uint64_t n_emitted;        ///< Records that were emitted so far,
    uint64_t n_emitted_stored; ///< up to which they are stored, but for
    uint64_t lost_from;        ///< these, which never will be; 0: none.
    uint64_t lost_to;          ///< The last of them.
    int64_t until_ns;          ///< Wall time: what the workers gave before it is stored.
};

/** Live; any thread. */
void nta_pipeline_get_stored(struct nta_pipeline *pipeline, struct nta_pipeline_stored *ret_stored);

/** Live: what was lost until now and is in no record yet.  Any thread; texts are borrowed. */
void nta_pipeline_peek_losses(struct nta_pipeline *pipeline, int64_t wall_ns,
                              struct nta_losses_told *ret_losses);

/** When the last batch before this start was sealed (commit/commit.h); 0: not known. */
int64_t nta_pipeline_sealed_before(const struct nta_pipeline *pipeline);

/** The sensor's id as text, as records' ids have it; "": nothing is stored. */
const char *nta_pipeline_sensor(const struct nta_pipeline *pipeline);

/**
 * The running policy.  Borrowed until the next nta_pipeline_set_policy(): for the thread that makes
 * that call.
 */
const struct nta_policy *nta_pipeline_policy(const struct nta_pipeline *pipeline);

/** What `nta status` shows beside counters. */
struct nta_pipeline_state
{
    size_t n_workers, n_interfaces;
    size_t n_sources;    ///< Threads that read those.
    uint64_t last_batch; ///< Number of the last committed batch; 0: none.
    bool ships;          ///< There is a MySQL server to ship to.
    bool connected;
    int64_t lag_ns;                       ///< Age of the oldest batch not yet shipped.
    struct nta_worst_second worst_second; ///< The worst second of a live capture,
    struct nta_worst_loss worst_losses[NTA_N_COUNTERS]; ///< and of each counter of losses.
};

/** What it is doing now, at `wall_ns`.  Any thread. */
void nta_pipeline_get_state(const struct nta_pipeline *pipeline, int64_t wall_ns,
                            struct nta_pipeline_state *ret_state);

/** How its memory is divided; as long as it is there. */
const struct nta_bounds *nta_pipeline_bounds(const struct nta_pipeline *pipeline);

/** The same for a live pipeline that is not there: 0, or -E2BIG as nta_bounds_make(). */
int nta_pipeline_bounds_for(const struct nta_config *config, struct nta_bounds *ret_bounds,
                            struct nta_err *err);

/** What `nta status` shows of an interface. */
struct nta_source_state
{
    enum nta_sight sight;
    int64_t blind_since_ns;          ///< Wall time, unless it is fine.
    int64_t blind_ns;                ///< How long nothing could be seen of it, in all.
    uint64_t received, bytes;        ///< Packets, and their length on the wire.
    uint64_t lost_kernel, lost_card; ///< Packets.
    uint64_t lost_ring;
};

/** Of a live one, `interface` < n_interfaces, at `mono_ns`.  Any thread. */
void nta_pipeline_get_source(const struct nta_pipeline *pipeline, size_t interface, int64_t mono_ns,
                             struct nta_source_state *ret_state);

/** What thread `source` < n_sources has received; those of an interface follow each other. */
uint64_t nta_pipeline_received(const struct nta_pipeline *pipeline, size_t source);

/** What worker `worker` < n_workers was given: one user's packets are one worker's. */
uint64_t nta_pipeline_worked(const struct nta_pipeline *pipeline, size_t worker);

/** How long its records are kept, for who asks that some go; NULL: for ever.  Borrows. */
struct nta_retain *nta_pipeline_retain(struct nta_pipeline *pipeline);

/**
 * Where facts of who has which address are posted, by one thread; what is posted before the start
 * is known before the first packet.
 */
struct nta_who_board *nta_pipeline_board(struct nta_pipeline *pipeline);

/** Count what the same thread has to count. */
void nta_pipeline_count(struct nta_pipeline *pipeline, enum nta_counter which, uint64_t n);

/** Live: have all that is known of that written as lines (who/beside/lines.h), little by little. */
void nta_pipeline_save_who(struct nta_pipeline *pipeline);
/** The lines, once they are there, borrowed until the next time they are asked for; else empty. */
struct nta_span nta_pipeline_saved_who(struct nta_pipeline *pipeline);
/** After nta_pipeline_join(): all of it, appended. */
void nta_pipeline_put_who(const struct nta_pipeline *pipeline, int64_t wall_ns,
                          struct nta_buf *out);

/** Sum of a counter over all threads. */
uint64_t nta_pipeline_counted(const struct nta_pipeline *pipeline, enum nta_counter which);

/** Numbers not understood, each once, over all threads; see nta_unknowns_each(). */
void nta_pipeline_each_unknown(const struct nta_pipeline *pipeline,
                               void (*each)(void *owner, const char *kind, uint32_t number,
                                            uint64_t n),
                               void *owner);
/** Reading files: bytes read and bytes in all, over all sources; 0 of 0 live. */
void nta_pipeline_progress(const struct nta_pipeline *pipeline, uint64_t *ret_done,
                           uint64_t *ret_all);

/** What a time is called in records in which nothing could be seen of an interface. */
enum nta_gap_reason nta_pipeline_gap_reason(enum nta_sight sight);
