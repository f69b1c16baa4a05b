/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Counters of lost packets, flows, protocol state and records: which of them rose within the last
 * minute, and by how much.  One row a counter says which cause (base/runtime/health.h) it is; the
 * cause is on until a whole minute was quiet.  Main only; time is a parameter.  Bounded: 60 numbers
 * a row.
 */

#include "base/runtime/counters.h"
#include "base/runtime/health.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_LOSSES_SECONDS = 60,
    NTA_LOSSES_ROWS = 24 ///< Capacity; losses.c asserts that it is enough.
};

struct nta_losses
{
    bool started;
    int64_t second; ///< Of the newest bucket.
    uint64_t seen[NTA_LOSSES_ROWS];
    uint64_t lost[NTA_LOSSES_ROWS][NTA_LOSSES_SECONDS];
};

/**
 * Take the counters as they are at `mono_ns`, and set or clear the causes.  What the first call
 * finds is no loss.
 */
void nta_losses_take(struct nta_losses *losses, int64_t mono_ns,
                     uint64_t (*counted)(const void *owner, enum nta_counter which),
                     const void *owner, struct nta_health *health);

/** Does a row say what this counter means for health? */
bool nta_losses_know(enum nta_counter which);
