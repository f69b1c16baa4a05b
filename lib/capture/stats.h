/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a live source lost before we saw it, counted (stats.c says under which names). */

#include "base/span.h"
#include "capture/state.h"

#include <stdbool.h>
#include <stdint.h>

/** Remember where the drop counts of a fresh handle start. */
void nta_stats_start(struct nta_capture *capture);

/** Count what was dropped since the last call. */
void nta_stats_update(struct nta_capture *capture);

/** The same before the handle is closed: what it still held is lost, too. */
void nta_stats_end(struct nta_capture *capture);

/**
 * Packets that an interface's card missed, out of the kernel's answer to RTM_GETLINK
 * (rtnetlink(7)).  False: it is another message, or says nothing of that.
 */
bool nta_stats_read(struct nta_span message, uint64_t *ret_missed);
