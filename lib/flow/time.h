/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: the table's clock, and who has not been seen for too long by it.
 *
 * What is over ends before the next packet is looked at, in the order in which it became so: what
 * one flow finds of another then depends on packets alone, not on how many are taken at once.
 */

#include "flow/entry.h"

/** A packet of this source has come, with its time (decode/order.h). */
void nta_flow_set_time(struct nta_flows *flows, uint8_t source, int64_t order_ns);
