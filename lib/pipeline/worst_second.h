/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The worst second.  A loss of 40 % in one second of ten minutes is one of 0.07 % on the average,
 * and that second may be the one that matters; so the second with the largest share of lost packets
 * is kept, with its time.
 *
 * Pure: fed with totals about once a second.  Seconds with fewer than NTA_WORST_SECOND_LEAST
 * packets are chance and do not count.
 */

#include "base/runtime/counters.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_WORST_SECOND_LEAST = 100
};

/** Zero is the start. */
struct nta_worst_second
{
    int64_t wall_ns;             ///< End of the worst second; 0: nothing was lost yet.
    uint64_t lost, seen;         ///< Packets of that second; `seen` are those that came.
    uint64_t all_lost, all_seen; ///< Totals at the last call.
};

/** The worst second of one counter: with the most, not with the largest share. */
struct nta_worst_loss
{
    uint64_t n;
    int64_t wall_ns; ///< End of that second; 0: nothing was lost yet.
};

/** And of each that counts losses.  Zero is the start. */
struct nta_worst_losses
{
    uint64_t all[NTA_N_COUNTERS]; ///< Totals at the last call.
    struct nta_worst_loss worst[NTA_N_COUNTERS];
};

/** A second is over; `counted` gives the totals. */
void nta_worst_losses_take(struct nta_worst_losses *losses, int64_t wall_ns,
                           uint64_t (*counted)(const void *owner, enum nta_counter which),
                           const void *owner);

/** A second is over, and these are the totals.  True if it is the worst so far. */
bool nta_worst_second_take(struct nta_worst_second *worst_second, int64_t wall_ns,
                           uint64_t all_lost, uint64_t all_seen);
