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
 * NTA_ORDER_SLACK_NS; more is a clock that was set, forward or back, and time goes on from there.
 * Or it is another clock: packets of several may come in turns (interfaces of one file).  So some
 * clocks are remembered, each goes on where it was, and time goes with the one that is furthest.
 * One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NTA_ORDER_SLACK_NS (INT64_C(10) * 1000 * 1000 * 1000)

enum
{
    NTA_ORDER_CLOCKS = 4
};

struct nta_order_clock
{
    int64_t wall_ns;  ///< Its latest time.
    int64_t order_ns; ///< Of that.
};

/** Zero is the start. */
struct nta_order
{
    int64_t order_ns; ///< Never goes back, and stays at its largest value.
    uint32_t n_clocks;
    struct nta_order_clock clocks[NTA_ORDER_CLOCKS]; ///< The one that told last comes first.
};

/** a + b, or as far as numbers go. */
static inline int64_t nta_order_add(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? (b > 0 ? INT64_MAX : INT64_MIN) : sum;
}

/** a - b, likewise. */
static inline int64_t nta_order_since(int64_t a, int64_t b)
{
    int64_t step;

    return __builtin_sub_overflow(a, b, &step) ? (a > b ? INT64_MAX : INT64_MIN) : step;
}

/** A time that is none of the remembered clocks' comes first: it was set, or there is another. */
static inline void nta_order_begin(struct nta_order *order, int64_t wall_ns)
{
    const int64_t step =
        order->n_clocks ? nta_order_since(wall_ns, order->clocks[0].wall_ns) : wall_ns;

    order->n_clocks += order->n_clocks < NTA_ORDER_CLOCKS;
    for (size_t i = order->n_clocks - 1; i > 0; i--)
        order->clocks[i] = order->clocks[i - 1];
    /* forward it may as well be a pause: for all of them, then */
    if (order->n_clocks == 1 || step > 0)
        order->order_ns = nta_order_add(order->order_ns, step);
    for (size_t i = 1; i < order->n_clocks && step > 0; i++)
        order->clocks[i].order_ns = nta_order_add(order->clocks[i].order_ns, step);
    order->clocks[0] = (struct nta_order_clock){.wall_ns = wall_ns, .order_ns = order->order_ns};
}

/** The clock of such a time comes first; false: none is. */
static inline bool nta_order_find(struct nta_order *order, int64_t wall_ns)
{
    for (size_t i = 0; i < order->n_clocks; i++) {
        const struct nta_order_clock clock = order->clocks[i];
        const int64_t step = nta_order_since(wall_ns, clock.wall_ns);

        if (step > NTA_ORDER_SLACK_NS || step < -NTA_ORDER_SLACK_NS)
            continue;
        for (; i > 0; i--)
            order->clocks[i] = order->clocks[i - 1];
        order->clocks[0] = clock;
        return true;
    }
    return false;
}

/** A packet of this time: its order, which is that of the one before it, or later. */
static inline int64_t nta_order_step(struct nta_order *order, int64_t wall_ns)
{
    if (!nta_order_find(order, wall_ns)) {
        nta_order_begin(order, wall_ns);
        return order->order_ns;
    }
    struct nta_order_clock *clock = &order->clocks[0];
    const int64_t step = nta_order_since(wall_ns, clock->wall_ns);

    if (step > 0) {
        clock->wall_ns = wall_ns;
        clock->order_ns = nta_order_add(clock->order_ns, step);
        if (clock->order_ns > order->order_ns)
            order->order_ns = clock->order_ns;
    }
    return order->order_ns;
}

/** The order that a time would have, without a step; of one that is past, too. */
static inline int64_t nta_order_at(const struct nta_order *order, int64_t wall_ns)
{
    if (!order->n_clocks)
        return wall_ns;
    return nta_order_add(order->clocks[0].order_ns,
                         nta_order_since(wall_ns, order->clocks[0].wall_ns));
}
