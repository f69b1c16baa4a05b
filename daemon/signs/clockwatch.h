/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Was the clock stepped?  The wall clock is held against one that only goes forward, also while the
 * machine sleeps (CLOCK_BOOTTIME): by 2 s or more from one look to the next is a step, since a
 * clock that is slewed drifts by 0.1 s a second at most.  Times in records are the wall clock's, so
 * a step is said, from when to when, for ten minutes.  Main only; time is a parameter.
 */

#include "base/runtime/health.h"

#include <stdint.h>

struct nta_clock_watch
{
    int64_t wall_ns, boot_ns; ///< Of the last look; 0: there was none.
    int64_t clear_boot_ns; ///< When the last step has been said long enough; 0: none is being said.
    int64_t from_ns, to_ns; ///< Of the last step.
};

/** Each second or so. */
void nta_clock_watch_take(struct nta_clock_watch *watch, int64_t wall_ns, int64_t boot_ns,
                          struct nta_health *health);
