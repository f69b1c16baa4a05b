/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sums on their way out: a table with bars on a terminal, JSON lines, CSV; beside those of an
 * earlier time if there are any.
 */

#include "stats/stats_view.h"

/** Write it to standard output.  0, or -ENOMEM. */
int nta_stats_show(const struct nta_stats_view *view);
