/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The order of packets in time, as one source tells it: its clock, made one that never goes back.
 *
 * All ages are differences of it, and sources are merged by it.  It is counted once, where packets
 * are captured, over all of them: would each worker count it over its own, a clock that jumps would
 * end flows in one that live on in another.
 *
 * It begins as the clock's time and goes on as far as that goes.  Packets may be out of order by
 * NTA_ORDER_SLACK_NS; more is a clock that was set back, and time goes on from there.  One thread.
 */

#include <stdbool.h>
#include <stdint.h>

#define NTA_ORDER_SLACK_NS (INT64_C(10) * 1000 * 1000 * 1000)

/** Zero is the start. */
struct nta_order
{
    int64_t wall_ns;  ///< The latest, since the clock was last set back.
    int64_t order_ns; ///< Of that; never goes back, and stays at its largest value.
    bool started;
};

/** A packet of this time: its order, which is that of the one before it, or later. */
static inline int64_t nta_order_step(struct nta_order *order, int64_t wall_ns)
{
    int64_t step;

    if (!order->started)
        *order = (struct nta_order){.wall_ns = wall_ns, .order_ns = wall_ns, .started = true};
    if (__builtin_sub_overflow(wall_ns, order->wall_ns, &step))
        step = wall_ns > order->wall_ns ? INT64_MAX : INT64_MIN;
    if (step > 0 && __builtin_add_overflow(order->order_ns, step, &order->order_ns))
        order->order_ns = INT64_MAX;
    if (step > 0 || step < -NTA_ORDER_SLACK_NS)
        order->wall_ns = wall_ns;
    return order->order_ns;
}

/** The order that a time would have, without a step; of one that is past, too. */
static inline int64_t nta_order_at(const struct nta_order *order, int64_t wall_ns)
{
    int64_t at, step;

    if (!order->started)
        return wall_ns;
    if (__builtin_sub_overflow(wall_ns, order->wall_ns, &step) ||
        __builtin_add_overflow(order->order_ns, step, &at))
        return wall_ns > order->wall_ns ? INT64_MAX : INT64_MIN;
    return at;
}
