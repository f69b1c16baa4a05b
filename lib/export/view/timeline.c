/* SPDX-License-Identifier: Apache-2.0 */
#include "export/view/timeline.h"

#include "base/runtime/clock.h"

#include <string.h>

#define EARLIEST_NS (INT64_C(946684800) * NTA_NS_PER_S) /* 2000 */
#define LATEST_NS   (INT64_C(9000000000) * NTA_NS_PER_S)

static void add_bin(struct nta_bin *bin, const struct nta_bin *more)
{
    bin->n += more->n;
    bin->n_alerts += more->n_alerts;
    bin->n_downloads += more->n_downloads;
    bin->down += more->down;
}

/** Bins twice as long; the start moves down to a multiple of the new length. */
static void widen(struct nta_timeline *timeline)
{
    struct nta_bin bins[NTA_TIMELINE_BINS] = {0};
    int64_t step_ns = timeline->step_ns * 2;
    int64_t start_ns = timeline->start_ns - timeline->start_ns % step_ns;

    for (int64_t i = 0; i < NTA_TIMELINE_BINS; i++) {
        int64_t at_ns = timeline->start_ns + i * timeline->step_ns;

        add_bin(&bins[(at_ns - start_ns) / step_ns], &timeline->bins[i]);
    }
    timeline->start_ns = start_ns;
    timeline->step_ns = step_ns;
    memcpy(timeline->bins, bins, sizeof(bins));
}

/** Number of the last bin with something in it. */
static int64_t last_used(const struct nta_timeline *timeline)
{
    int64_t i = NTA_TIMELINE_BINS - 1;

    while (i > 0 && timeline->bins[i].n == 0)
        i--;
    return i;
}

/** Let the range begin `n` bins earlier, which the caller knows to be free at its end. */
static void shift(struct nta_timeline *timeline, int64_t n)
{
    memmove(timeline->bins + n, timeline->bins,
            (size_t)(NTA_TIMELINE_BINS - n) * sizeof(timeline->bins[0]));
    memset(timeline->bins, 0, (size_t)n * sizeof(timeline->bins[0]));
    timeline->start_ns -= n * timeline->step_ns;
}

void nta_timeline_add(struct nta_timeline *timeline, int64_t wall_ns, const struct nta_bin *more)
{
    const int64_t at_ns = wall_ns;

    if (at_ns < EARLIEST_NS || at_ns > LATEST_NS) {
        timeline->n_stray += more->n;
        return;
    }
    if (timeline->step_ns == 0) {
        timeline->step_ns = NTA_NS_PER_S;
        timeline->start_ns = at_ns - at_ns % NTA_NS_PER_S;
    }
    for (;;) {
        int64_t floor_ns = at_ns - at_ns % timeline->step_ns;
        int64_t at = (floor_ns - timeline->start_ns) / timeline->step_ns;

        if (at < 0 && last_used(timeline) - at < NTA_TIMELINE_BINS) {
            shift(timeline, -at);
            at = 0;
        }
        if (at >= 0 && at < NTA_TIMELINE_BINS) {
            add_bin(&timeline->bins[at], more);
            return;
        }
        widen(timeline);
    }
}
