/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside flow: datagrams that a mirror shows twice, in front of a router and behind it.  Segments
 * of TCP have numbers that tell; of a datagram the second copy is the same in addresses, ports, IP
 * identification and every byte, comes within NTA_FLOW_TWICE_NS, has one hop less (or more, if the
 * router's far side is shown first), and comes in a frame between two other machines.  It is
 * neither counted nor read: a lookup would be two, and one of the answers would be nobody's.
 *
 * The last datagrams are kept whole, so that nothing is taken for a copy by less than all its
 * bytes; longer ones than NTA_FLOW_TWICE_SHORT only for a minute after a short one came twice.
 *
 * Memory: NTA_FLOW_TWICE_PLACES datagrams of at most NTA_FLOW_TWICE_LONG bytes; the newest of a
 * place stays.
 */

#include "decode/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_FLOW_TWICE_PLACES = 256,
    NTA_FLOW_TWICE_SHORT = 512,
    NTA_FLOW_TWICE_LONG = 1500,
};

#define NTA_FLOW_TWICE_NS INT64_C(100000000)

struct nta_flow_twice
{
    int64_t routed_ns; ///< Order of the last that came twice, with `is_routed`.
    bool is_routed;

    struct nta_flow_once
    {
        uint64_t flow_hash;
        int64_t order_ns;
        struct nta_addr src;
        uint16_t src_port, id, len; ///< `len` 0: free.
        uint8_t hops;
        uint8_t macs[12]; ///< Source, destination.
        uint8_t payload[NTA_FLOW_TWICE_LONG];
    } places[NTA_FLOW_TWICE_PLACES];
};

/** A packet of kind UDP, `bytes` all of it.  True: it came before.  It is kept if it did not. */
bool nta_flow_came_twice(struct nta_flow_twice *twice, const struct nta_packet *packet,
                         const uint8_t *bytes);
