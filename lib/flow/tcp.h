/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: flags and numbers of TCP (RFC 9293), which say whose a packet is and
 * where its bytes belong.
 */

#include "flow/entry.h"

/** True if this packet opens, or belongs to, another connection on the flow's ports. */
bool nta_flow_tcp_is_other(const struct nta_flows *flows, struct nta_flow_entry *entry,
                           struct nta_flow_stream *sender, const struct nta_packet *packet);
/** One packet of `sender`'s direction. */
void nta_flow_tcp(struct nta_flows *flows, struct nta_flow_entry *entry,
                  struct nta_flow_stream *sender, const struct nta_packet *packet,
                  const uint8_t *payload);
