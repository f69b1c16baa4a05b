/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the counters say about the capture itself: packets that are lost, and where; a mirror port
 * that shows one direction only, or everything twice; headers nobody here knows.  A sensor that
 * sees half of the traffic looks as healthy as one that sees all, so it is said aloud, by `nta
 * status` and at the end of `nta read`.
 */

#include "base/buf.h"
#include "base/runtime/counters.h"

#include <stddef.h>

/**
 * Append one sentence a line for each thing that is worth a look; gives how many.  `counted` gives
 * the sum of a counter over all threads.  Shares below the thresholds of the table, and single
 * packets, say nothing.
 */
size_t nta_diagnose(uint64_t (*counted)(const void *owner, enum nta_counter which),
                    const void *owner, struct nta_buf *out);
