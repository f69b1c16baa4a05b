/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A worker: takes blocks of packets, and looks at each connection (session/) under the policy that
 * is in force.
 *
 * The packet's way inside: worker.c (blocks) -> flow/ (in-order bytes) -> session/ ->
 * outbox.h. Everything here belongs to one thread; what is shared with others is borrowed and says
 * so.
 */

#include "base/err.h"
#include "base/runtime/counters.h"
#include "base/runtime/epoch.h"
#include "decode/decode.h"
#include "pipeline/learning.h"
#include "pipeline/outbox.h"
#include "pipeline/privacy/hide.h"
#include "ring/dispatch.h"
#include "ring/merge.h"
#include "session/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_worker
{
    /* borrows */
    struct nta_dispatch *const *dispatches;
    size_t n_dispatches;
    struct nta_epoch *policies;
    uint32_t index; ///< Number of this worker, and its slot in `policies`.
    bool files;     ///< Time is the capture's.

    /* owns */
    struct nta_wake wake; ///< Signalled by each dispatch when there is a block.
    struct nta_merge merge;
    struct nta_unknowns unknowns;
    struct nta_decode decode; ///< For what ICMP errors quote.
    struct nta_outbox outbox;
    struct nta_hide hide;
    int64_t mono_ns;    ///< When the block at work was taken.
    int64_t trimmed_ns; ///< When memory was given back, by the same clock.
    struct nta_session_parts parts;
    struct nta_learning learning;      ///< Who has which address.
    struct nta_session_parts listener; ///< Those conversations; see nta_session_parts.listens.
};

struct nta_worker_options
{
    uint32_t index;
    struct nta_dispatch *const *dispatches; ///< Borrows.
    size_t n_dispatches;
    struct nta_epoch *policies;         ///< Borrows.
    struct nta_wake *recorder_wake;     ///< Borrows.
    const struct nta_pseudonyms *names; ///< Borrows.
    /** But for `put`, `owner` and `who`, which are the worker's. */
    struct nta_session_options session;
    size_t n_bindings;           ///< That it remembers.
    struct nta_who_board *board; ///< Borrows; NULL: none.
    struct nta_who_sheet *place; ///< Where on it all workers begin.
    size_t warm_bytes;           ///< That are memory before the first packet.
    bool files;
    bool is_stored; ///< Records go into a store, which keeps classes apart.
};

/** 0, or negative errno with `err`. */
int nta_worker_new(const struct nta_worker_options *options, struct nta_worker **ret_worker,
                   struct nta_err *err);
/** Takes NULL too.  Its thread has ended. */
void nta_worker_free(struct nta_worker **worker);

/**
 * Body of its thread: until each dispatch has given its last block; then ends all flows and hands
 * everything over.
 */
void *nta_worker_run(void *self);
