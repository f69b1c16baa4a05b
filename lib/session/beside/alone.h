/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets that are looked at alone, outside of the flow table. */

#include "decode/packet.h"
#include "flow/flow.h"

/** The flow that the packet would have been of, if it is the client's, or the server's. */
struct nta_flow nta_alone_flow(const struct nta_packet *packet, bool from_client);
