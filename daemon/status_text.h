/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What `nta status` shows: one screen for people; main only. */

#include "seen.h"

/** One screen. */
void nta_status_text(struct nta_status_seen *status);

/** The same, and behind it each counter that is not zero. */
void nta_status_counters(struct nta_status_seen *status);
