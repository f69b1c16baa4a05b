/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Alerts that wait a moment, since they rest on bytes of which nobody knows yet whether their
 * receiver took them: other bytes may come in their place, or whose name they bear may deny them.
 * Each waits until it did, a tenth of a second at most: less than record.alert_time.
 *
 * Bounded: of so many at once the oldest waits no longer.  One worker's.
 */

#include "base/buf.h"
#include "base/runtime/clock.h"
#include "flow/flow.h"
#include "record/record.h"

#include <stdbool.h>
#include <stdint.h>

#define NTA_HELD_NS (NTA_NS_PER_S / 10)

enum
{
    NTA_HELD_MAX = 64
};

struct nta_held_alert
{
    struct nta_flow *flow;
    int64_t due_wall_ns;
    struct nta_buf bytes; ///< Owned; the record as it is stored.
};

struct nta_held
{
    struct nta_held_alert alerts[NTA_HELD_MAX]; ///< A ring, the oldest first.
    uint32_t first, n;
    struct nta_record_buf buf; ///< For the one that is taken out,
    struct nta_buf taken;      ///< and its bytes.
};

/** Frees the memory; takes one of zeros, too. */
void nta_held_done(struct nta_held *held);

/** Let it wait.  False: there is no space (take one out first), or no memory. */
bool nta_held_put(struct nta_held *held, struct nta_flow *flow, const struct nta_record *alert,
                  int64_t wall_ns);

/**
 * Take the oldest one of `flow` out, of any flow if that is NULL and it is due.  The flow, and its
 * record in `ret_alert`, which borrows until nta_held_told(); NULL: there is none.
 */
struct nta_flow *nta_held_take(struct nta_held *held, const struct nta_flow *flow, int64_t wall_ns,
                               struct nta_record *ret_alert);

/** The one that was taken out is told: nothing of it stays in memory. */
void nta_held_told(struct nta_held *held);
