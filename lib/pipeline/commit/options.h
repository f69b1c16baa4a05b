/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a commit is told at its start, and what it tells of losses (part of commit.h). */

#include "base/runtime/health.h"
#include "pipeline/commit/outlet.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_commit_options
{
    const struct nta_outlet *outlet; ///< Borrows; its store, keys and state.
    struct nta_health *health;       ///< Borrows; NULL: nobody asks.
    bool live;                       ///< The chain's head is told now and then.
};

/** Batches that are not where they should be, for a record. */
struct nta_commit_loss
{
    const char *first_reason, *last_reason; ///< Names in the loss record; NULL: no last.
    uint64_t first, last;
};
