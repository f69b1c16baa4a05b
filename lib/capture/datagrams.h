/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one captured frame gives besides its packet (internal to capture/): fragments, which are put
 * together before anybody owns them, the outer connections of tunnels, the frames behind the first
 * of those that the air carries as one, and what is told to others than the owner.
 */

#include "capture/state.h"
#include "decode/service.h"

/** May it say something that all workers should hear?  Asked of every packet. */
static inline bool nta_datagrams_tell(const struct nta_packet *packet)
{
    enum
    {
        PORT_DNS = 53
    };

    return ((packet->src_port == PORT_DNS || packet->dst_port == PORT_DNS) &&
            packet->kind == NTA_PACKET_UDP) ||
           nta_packet_tells(packet);
}

/** All that the decoded frame gives, into the dispatch; `packet` is written to. */
void nta_datagrams_take(struct nta_capture *capture, struct nta_packet *packet,
                        const uint8_t *bytes);

/**
 * Time goes on: datagrams that will not become whole are given up, and the beginnings that they
 * have are taken.  NTA_FRAGMENTS_END: the input has ended.
 */
void nta_datagrams_expire(struct nta_capture *capture, int64_t order_ns);
