/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which ports are those of services: below 1024, and above that the ones that clients' own ports
 * would be mistaken for.
 */

#include "decode/packet.h"

#include <stdbool.h>
#include <stdint.h>

/** True if servers listen on this port of TCP or UDP, and clients hardly ever send from it. */
bool nta_port_is_service(uint16_t port);

/*
 * Which packets may say who has an address: ARP, neighbour discovery, DHCP and DHCPv6
 * (NTA_PACKET_LINK), multicast DNS, LLMNR and NetBIOS, RADIUS accounting and Kerberos.  All workers
 * hear them, whoever owns them, since what one says of an address another may have to know.
 */

/** By a port of UDP. */
static inline bool nta_port_tells(uint16_t port)
{
    switch (port) {
    case 88:
    case 137:
    case 138:
    case 1646:
    case 1813:
    case 5353:
    case 5355: return true;
    default: return false;
    }
}

/** Asked of every packet. */
static inline bool nta_packet_tells(const struct nta_packet *packet)
{
    enum
    {
        PORT_KERBEROS = 88
    };

    if (packet->flags & NTA_PACKET_LINK)
        return true;
    if (packet->kind == NTA_PACKET_TCP)
        return packet->src_port == PORT_KERBEROS || packet->dst_port == PORT_KERBEROS;
    return packet->kind == NTA_PACKET_UDP &&
           (nta_port_tells(packet->src_port) || nta_port_tells(packet->dst_port));
}
