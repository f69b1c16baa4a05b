/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: until when a flow need not be looked at.  Of each list by time-out the
 * first is due first, and of all of them never one before the table's `due_ns`.
 */

#include "flow/entry.h"

/** The clock's last moment at which its time is not over. */
static inline uint64_t nta_flow_due(const struct nta_flows *flows,
                                    const struct nta_flow_entry *entry)
{
    return entry->seen_ns + flows->idle_ns[entry->timeout];
}

/** It begins to age by its time-out. */
static inline void nta_flow_begin_age(struct nta_flows *flows, const struct nta_flow_entry *entry)
{
    const uint64_t due_ns = nta_flow_due(flows, entry);

    if ((int64_t)(due_ns - flows->due_ns) < 0)
        flows->due_ns = due_ns;
}
