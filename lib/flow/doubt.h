/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: would the receiver of this segment take its bytes?  Programs that are to
 * hide a site send bytes before the true ones, of a kind that no receiver gets or takes: on their
 * way they die of a low TTL, or they have a wrong checksum, an acknowledgement of long ago, a
 * signature that nobody asked for.  Devices pad bare acknowledgements and count that in the
 * length.  And what comes with a SYN is taken only if the answer says so (RFC 7413).
 *
 * A doubt is no verdict: such bytes wait until the receiver has acknowledged them, or others have
 * come in their place (second.h).
 */

#include "decode/decode.h"
#include "flow/segments.h"

/** What is common for the sender is learnt from the packet, a SYN above all. */
void nta_flow_doubt_learn(struct nta_flow_stream *sender, const struct nta_packet *packet,
                          const uint8_t *bytes);

/** Is it in doubt?  `segment`: what its headers say; NULL: nobody knows. */
bool nta_flow_doubt_is(const struct nta_flow_stream *sender, const struct nta_flow_stream *other,
                       const struct nta_packet *packet, const struct nta_segment *segment,
                       const uint8_t *bytes);

/** Is it unlike what the sender sends, by its TTL, checksum or signature? */
bool nta_flow_doubt_is_odd(const struct nta_flow_stream *sender, const struct nta_packet *packet,
                           const struct nta_segment *segment, const uint8_t *bytes);

/** The receiver took it all the same: what it was doubted for says nothing. */
void nta_flow_doubt_wrong(struct nta_flow_stream *sender, uint8_t ttl);
