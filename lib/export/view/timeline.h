/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How much was when, in a fixed number of bins over a range that is not known beforehand: whenever
 * a time does not fit, bins become twice as long, two by two, until it does.  Times may come in any
 * order.  A value type; no allocation.
 */

#include <stdint.h>

enum
{
    NTA_TIMELINE_BINS = 256
};

struct nta_bin
{
    uint64_t n, n_alerts, n_downloads, down;
};

struct nta_timeline
{
    int64_t start_ns; ///< A multiple of `step_ns`.
    int64_t step_ns;  ///< A second at first; 0: empty.
    uint64_t n_stray; ///< Records whose time is none that can be.
    struct nta_bin bins[NTA_TIMELINE_BINS];
};

/**
 * Times before 2000, of a clock that was not set yet, and after 2255 are counted as stray and drawn
 * nowhere: one of them would make a bar of the years between.
 */
void nta_timeline_add(struct nta_timeline *timeline, int64_t wall_ns, const struct nta_bin *more);
