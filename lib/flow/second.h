/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: two segments that say different things of the same numbers.
 *
 * Of the first 16 KiB of each direction copies are kept (copies.h), and what is shown is what the
 * receiver demonstrably took, as far as anything tells.  What is in doubt (doubt.h) waits until it
 * was acknowledged, or the connection is over, or other bytes came in its place.  Where nothing
 * tells, the bytes that came first stand.  The other reading is given to the owner: at once, again
 * when more of it comes, and once more when an acknowledgement ends just where it ends, and not
 * where what was shown does.  What was acknowledged before is not read in another way.
 */

#include "flow/entry.h"
#include "flow/keep/copies.h"

/** Do the piece's numbers lie where two readings are kept apart? */
static inline bool nta_flow_second_is_near(const struct nta_flow_stream *sender,
                                           const struct nta_flow_piece *piece)
{
    return piece->seq - (sender->isn + 1) < NTA_FLOW_COPIES_REACH;
}

/** Take a segment's bytes; `bytes` is the packet. */
void nta_flow_second_take(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *sender, const struct nta_packet *packet,
                          const uint8_t *bytes, struct nta_flow_piece piece);

/** Behind the last number of what waits, or of what was passed on. */
uint32_t nta_flow_second_end(const struct nta_flows *flows, const struct nta_flow_entry *entry,
                             const struct nta_flow_stream *stream);

/** Its receiver has acknowledged more: what waited for that is shown. */
void nta_flow_second_acked(struct nta_flows *flows, struct nta_flow_entry *entry,
                           struct nta_flow_stream *stream);

/** No more comes for now: what waits is shown, since no other bytes came in its place. */
void nta_flow_second_finish(struct nta_flows *flows, struct nta_flow_entry *entry);
