/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How much an interface shows now: between two looks, about a second apart.  Pure. */

#include "pipeline/pipeline.h"

#include <stdint.h>

/** Zero is the start. */
struct nta_rate
{
    struct nta_source_state last;
    int64_t mono_ns;          ///< When the rates were last set; 0: never.
    uint64_t received, bytes; ///< As they were then.
    double packets_s, bits_s;
};

/** Packets that were lost on their way to the workers. */
static inline uint64_t nta_rate_lost(const struct nta_source_state *state)
{
    return state->lost_kernel + state->lost_card + state->lost_ring;
}

/** A look; the rates change at most twice a second, and what is counted at each. */
void nta_rate_take(struct nta_rate *rate, const struct nta_source_state *now, int64_t mono_ns);
