/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/time.h"

#include "base/runtime/clock.h"
#include "decode/order.h"
#include "flow/age.h"
#include "flow/table.h"

enum
{
    /** Before one packet: more are left to the next, so that it does not wait long. */
    MAX_EXPIRED = 8192,
};

/** A tick that is this far ahead of all packets is of another time than theirs. */
#define TICK_REACH_NS (3600 * NTA_NS_PER_S)
#define MAX_STEP_NS   (UINT64_C(1) << 62)

/** Where a source's time begins: at its own, if that can be, or at what it is for the others. */
static uint64_t first_clock(const struct nta_flows *flows, int64_t order_ns)
{
    const int64_t ahead = (int64_t)((uint64_t)order_ns - flows->clock_ns);

    if (!flows->has_time || (ahead < TICK_REACH_NS && ahead > -TICK_REACH_NS))
        return (uint64_t)order_ns;
    return flows->clock_ns;
}

/**
 * Time by a source's packets.  The clock follows the source that is furthest on and never goes
 * back.
 */
void nta_flow_set_time(struct nta_flows *flows, uint8_t source, int64_t order_ns)
{
    struct nta_flow_time *time = &flows->times[source];
    const uint64_t step = (uint64_t)order_ns - (uint64_t)time->order_ns;

    if (!time->started) {
        *time = (struct nta_flow_time){
            .order_ns = order_ns, .clock_ns = first_clock(flows, order_ns), .started = true};
    } else if (order_ns > time->order_ns) {
        time->order_ns = order_ns;
        time->clock_ns += step < MAX_STEP_NS ? step : MAX_STEP_NS;
    } else {
        return;
    }
    if (!flows->has_time || (int64_t)(time->clock_ns - flows->clock_ns) > 0)
        flows->clock_ns = time->clock_ns;
    flows->has_time = true;
}

/** The flow whose time is over first; NULL: there are no flows. */
static struct nta_flow_entry *next_due(const struct nta_flows *flows)
{
    struct nta_flow_entry *next = NULL;

    for (size_t i = 0; i < NTA_N_FLOW_TIMEOUTS; i++) {
        struct nta_flow_entry *first = &flows->entries[flows->by_timeout[i].first];

        if (flows->by_timeout[i].first &&
            (!next || (int64_t)(nta_flow_due(flows, first) - nta_flow_due(flows, next)) < 0))
            next = first;
    }
    return next;
}

/** All that became due until the clock's time, which is `wall_ns`, each at its own. */
static void expire(struct nta_flows *flows, int64_t wall_ns)
{
    const uint64_t now_ns = flows->clock_ns;

    for (int n_expired = 0;; n_expired++) {
        struct nta_flow_entry *entry = next_due(flows);

        flows->due_ns = entry ? nta_flow_due(flows, entry) : now_ns + MAX_STEP_NS;
        if (!entry || (int64_t)(now_ns - flows->due_ns) <= 0 || n_expired == MAX_EXPIRED)
            break;
        flows->clock_ns = flows->due_ns + 1;
        if (flows->ops->passed)
            flows->ops->passed(flows->owner,
                               nta_order_since(wall_ns, (int64_t)(now_ns - flows->clock_ns)));
        if (nta_flow_is_idle(flows, entry))
            nta_flow_end_first(flows, (enum nta_flow_timeout)entry->timeout, NTA_FLOW_END_IDLE);
        else
            nta_flow_be_quiet(flows, entry);
    }
    flows->clock_ns = now_ns;
}

static inline void expire_due(struct nta_flows *flows, int64_t wall_ns)
{
    if (__builtin_expect((int64_t)(flows->clock_ns - flows->due_ns) > 0, 0))
        expire(flows, wall_ns);
}

void nta_flows_pass(struct nta_flows *flows, const struct nta_packet *packet)
{
    nta_flow_set_time(flows, packet->source, packet->order_ns);
    expire_due(flows, packet->wall_ns);
}

void nta_flows_tick(struct nta_flows *flows, int64_t wall_ns)
{
    const struct nta_flow_last *last = &flows->last;
    int64_t step, order_ns;

    if (flows->has_time && !__builtin_sub_overflow(wall_ns, last->wall_ns, &step) && step > 0 &&
        step < TICK_REACH_NS && !__builtin_add_overflow(last->order_ns, step, &order_ns))
        nta_flow_set_time(flows, last->source, order_ns);
    expire_due(flows, wall_ns);
}
