/* SPDX-License-Identifier: Apache-2.0 */
#include "ring/merge.h"

#include "base/runtime/clock.h"

#include <assert.h>

/** While packets are held, sources are looked at this often: none tells that it passed a time. */
#define LOOK_NS (5 * NTA_NS_PER_MS)

void nta_merge_init(struct nta_merge *merge, struct nta_dispatch *const *dispatches,
                    size_t n_dispatches, uint32_t worker, struct nta_counters *counters)
{
    assert(n_dispatches <= NTA_MERGE_SOURCES);
    *merge = (struct nta_merge){.dispatches = dispatches,
                                .n_lanes = n_dispatches,
                                .n_open = n_dispatches,
                                .worker = worker,
                                .counters = counters,
                                .last_ns = INT64_MIN};
}

static int64_t order_of(const struct nta_merge_lane *lane)
{
    return nta_block_packets(lane->block)[lane->next].order_ns;
}

/** Give back what is used up; a lane's last block ends it. */
static void release(struct nta_merge *merge, size_t i)
{
    struct nta_merge_lane *lane = &merge->lanes[i];

    if (lane->block->flags & NTA_BLOCK_LAST) {
        lane->ended = true;
        merge->n_open--;
    }
    nta_dispatch_give_back(merge->dispatches[i], merge->worker, lane->block);
    lane->block = NULL;
}

/**
 * Make sure that there is a block, if one came.  What had been passed is looked at first: all that
 * was handed over before is then seen.
 */
static void fill(struct nta_merge *merge, size_t i)
{
    struct nta_merge_lane *lane = &merge->lanes[i];

    if (lane->block || lane->ended)
        return;
    lane->passed_ns = nta_dispatch_passed(merge->dispatches[i]);
    lane->block = nta_dispatch_take(merge->dispatches[i], merge->worker);
    lane->next = 0;
}

/** Too much waits, or for too long: what is there need not wait for what is not. */
static bool must_go_on(const struct nta_merge *merge, int64_t mono_ns)
{
    for (size_t i = 0; i < merge->n_lanes; i++) {
        const struct nta_merge_lane *lane = &merge->lanes[i];

        if (lane->block && (mono_ns - lane->block->mono_ns > NTA_MERGE_HOLD_MAX_NS ||
                            nta_dispatch_is_tight(merge->dispatches[i], merge->worker)))
            return true;
    }
    return false;
}

/** The lane with the earliest packet; NULL: none has any. */
static struct nta_merge_lane *earliest(struct nta_merge *merge)
{
    struct nta_merge_lane *first = NULL;

    for (size_t i = 0; i < merge->n_lanes; i++) {
        struct nta_merge_lane *lane = &merge->lanes[i];

        if (lane->block && (!first || order_of(lane) < order_of(first)))
            first = lane;
    }
    return first;
}

/** Up to when, and with it, packets of `lane` have their turn. */
static int64_t limit_of(const struct nta_merge *merge, const struct nta_merge_lane *lane,
                        bool goes_on)
{
    int64_t limit = INT64_MAX;

    for (size_t i = 0; i < merge->n_lanes; i++) {
        const struct nta_merge_lane *other = &merge->lanes[i];
        int64_t passed_ns = INT64_MAX;

        if (other == lane || other->ended)
            continue;
        if (other->block) /* of equal times, the first source's come first */
            passed_ns = order_of(other) - (other < lane && order_of(other) > INT64_MIN);
        else if (!goes_on)
            passed_ns = other->passed_ns;
        if (passed_ns < limit)
            limit = passed_ns;
    }
    return limit;
}

static void count_late(struct nta_merge *merge, const struct nta_packet *packet)
{
    if (packet->order_ns < merge->last_ns)
        nta_count(merge->counters, NTA_COUNTER_ORDER_LATE, 1);
    else
        merge->last_ns = packet->order_ns;
}

/** The packets of a lane whose turn it is. */
static struct nta_run take_run(struct nta_merge *merge, struct nta_merge_lane *lane, int64_t limit)
{
    const struct nta_packet *packets = nta_block_packets(lane->block);
    struct nta_run run = {.block = lane->block, .first = lane->next, .end = lane->next};

    while (run.end < lane->block->n_packets && packets[run.end].order_ns <= limit)
        count_late(merge, &packets[run.end++]);
    lane->next = run.end;
    return run;
}

/** One dispatch: whole blocks. */
static bool take_whole(struct nta_merge *merge, struct nta_run *ret_run)
{
    struct nta_merge_lane *lane = &merge->lanes[0];

    if (lane->block)
        release(merge, 0);
    if (lane->ended || !(lane->block = nta_dispatch_take(merge->dispatches[0], merge->worker)))
        return false;
    *ret_run = (struct nta_run){.block = lane->block, .end = lane->block->n_packets};
    return true;
}

/** Blocks at hand; true: one of them is empty, and only tells the time. */
static bool fill_all(struct nta_merge *merge, struct nta_run *ret_run)
{
    for (size_t i = 0; i < merge->n_lanes; i++) {
        struct nta_merge_lane *lane = &merge->lanes[i];

        if (lane->block && lane->next == lane->block->n_packets)
            release(merge, i);
        fill(merge, i);
        if (!lane->block || lane->block->n_packets > 0)
            continue;
        *ret_run = (struct nta_run){.block = lane->block};
        return true; /* used up at the next call */
    }
    return false;
}

bool nta_merge_take(struct nta_merge *merge, int64_t mono_ns, struct nta_run *ret_run)
{
    struct nta_merge_lane *lane;

    if (merge->n_lanes == 1)
        return take_whole(merge, ret_run);
    if (fill_all(merge, ret_run))
        return true;
    lane = earliest(merge);
    if (!lane)
        return false;
    int64_t limit = limit_of(merge, lane, false);

    if (order_of(lane) > limit && must_go_on(merge, mono_ns))
        limit = limit_of(merge, lane, true);
    if (order_of(lane) > limit)
        return false;
    *ret_run = take_run(merge, lane, limit);
    return true;
}

void nta_merge_wait(const struct nta_merge *merge, struct nta_wake *wake, int64_t timeout_ns)
{
    for (size_t i = 0; i < merge->n_lanes; i++) {
        if (!merge->lanes[i].block)
            continue;
        nta_wake_sleep(wake, nta_wake_prepare(wake), LOOK_NS);
        return;
    }
    (void)nta_dispatch_wait_any(merge->dispatches, merge->n_lanes, merge->worker, wake, timeout_ns);
}
