/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: the urgent byte of a segment.  It is not among what the receiver's
 * program reads (RFC 6093 section 2), so it is not shown; with it the bytes are another reading.
 */

#include "flow/segments.h"

/** Take a piece of which byte number `urgent` is urgent, counted from 1; 0: none is. */
void nta_flow_urgent_take(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *sender, struct nta_flow_piece piece,
                          uint32_t urgent);
