/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: whose a packet is where two networks, or two machines, use the same
 * addresses and ports.
 *
 * Branch offices, guests and tenants have the same private addresses, and one mirror shows all of
 * them.  What keeps them apart is in front of the IP header: VLAN tags, a tunnel's id, MAC
 * addresses.  But one connection may have several of these, too: its directions may be tagged
 * differently, a mirror may show a packet before and after a router, and ids that the receiving end
 * chooses (GTP, MPLS, L2TP, mostly GRE) differ by direction and change.  So only an id that names a
 * network parts by itself; else a packet is another flow's where its SYN, its numbers or its MAC
 * say so.
 */

#include <stdbool.h>
#include <stdint.h>

/** In front of the packet, compared with what the flow has. */
enum nta_network_relation
{
    NTA_NETWORK_SAME,
    NTA_NETWORK_TAGS,  ///< Other VLAN tags than either direction has.
    NTA_NETWORK_IDS,   ///< The same tags, another id of those that belong to one direction.
    NTA_NETWORK_OTHER, ///< Another id of those that name a network.
};

/** Who sent the frame, compared with who sent this direction's before. */
enum nta_network_sender
{
    NTA_SENDER_UNKNOWN,  ///< No MACs, or none of this direction so far.
    NTA_SENDER_SAME,     //
    NTA_SENDER_FORWARDS, ///< To whom the frames before were sent: it sends them on.
    NTA_SENDER_OTHER,    ///< Yet another MAC.
    NTA_SENDER_STATION,  ///< And both are machines' own: it is another machine.
};

/** What the numbers of a TCP segment say. */
enum nta_network_numbers
{
    NTA_NUMBERS_NONE, ///< Nothing: no TCP, or nothing to compare with.
    NTA_NUMBERS_FIT,  ///< The flow's own first number, or near what came last.
    NTA_NUMBERS_NOT,  ///< Another first number, or nowhere near.
};

struct nta_network_facts
{
    enum nta_network_relation relation;
    enum nta_network_sender sender;
    enum nta_network_numbers numbers;
    bool is_first; ///< Of this direction: nothing of it was seen so far.
};

/** Does a packet with the flow's addresses and ports belong to the flow?  Pure. */
bool nta_network_joins(const struct nta_network_facts *facts);
