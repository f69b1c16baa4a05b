/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A worker's side of several dispatches: their packets in the order of time.
 *
 * Two interfaces may show the two directions of one connection, or a question and the connection
 * that its answer leads to.  So a packet waits until every other source has passed its time
 * (nta_dispatch_pass()), which takes about NTA_MERGE_HOLD_NS: as long as the kernel and the capture
 * thread keep packets for themselves.  A source that lags is waited for longer, at most
 * NTA_MERGE_HOLD_MAX_NS.  Memory is that of the blocks: when half of a lane's are held, what is
 * there goes on at once.  Packets that come later than others of their time are counted
 * (capture.order.late).
 *
 * With one dispatch nothing waits: its blocks come as they are.
 */

#include "base/runtime/counters.h"
#include "ring/dispatch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NTA_MERGE_HOLD_NS     (INT64_C(25) * 1000 * 1000)
#define NTA_MERGE_HOLD_MAX_NS (INT64_C(1000) * 1000 * 1000)

enum
{
    NTA_MERGE_SOURCES = 64
};

/** One source's lane to this worker. */
struct nta_merge_lane
{
    struct nta_block *block; ///< At work, or NULL.
    uint32_t next;           ///< Its first packet that was not taken.
    int64_t passed_ns;       ///< As last seen.
    bool ended;
};

/** Zero is no merge: nta_merge_init(). */
struct nta_merge
{
    struct nta_dispatch *const *dispatches; ///< Borrows.
    size_t n_lanes, n_open;
    uint32_t worker;
    struct nta_counters *counters; ///< Borrows; the worker's.
    int64_t last_ns;               ///< Order of the latest packet taken.
    struct nta_merge_lane lanes[NTA_MERGE_SOURCES];
};

/** Packets [first, end) of a block; none (first == end): time goes on, the block says to when. */
struct nta_run
{
    struct nta_block *block; ///< Borrowed until the next call.
    uint32_t first, end;
};

/** `n_dispatches` <= NTA_MERGE_SOURCES.  Both arrays outlive the merge. */
void nta_merge_init(struct nta_merge *merge, struct nta_dispatch *const *dispatches,
                    size_t n_dispatches, uint32_t worker, struct nta_counters *counters);

/**
 * The next packets whose turn it is at `mono_ns`; blocks that are used up go back.  False: there
 * are none now, or never again (nta_merge_ended()).
 */
bool nta_merge_take(struct nta_merge *merge, int64_t mono_ns, struct nta_run *ret_run);

/** Have all sources given their last block? */
static inline bool nta_merge_ended(const struct nta_merge *merge)
{
    return merge->n_open == 0;
}

/** After nta_merge_take() gave none: sleep until there may be some, `timeout_ns` at most. */
void nta_merge_wait(const struct nta_merge *merge, struct nta_wake *wake, int64_t timeout_ns);
