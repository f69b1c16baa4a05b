/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: segments of one direction that wait for earlier ones.
 */

#include "flow/entry.h"
#include "flow/keep/piece.h"

/** Hold a piece that is early.  False: no space; what had space is held. */
bool nta_flow_segments_hold(struct nta_flows *flows, struct nta_flow_entry *entry,
                            struct nta_flow_stream *stream, struct nta_flow_piece piece);
