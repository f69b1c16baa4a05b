/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Several captures that share one interface: the kernel gives each packet to one of them
 * (packet(7), PACKET_FANOUT).
 *
 * Which one, a program in the kernel says by the two addresses of the outermost IP header, in
 * either order, and nothing else: both directions of a connection, all fragments of a datagram and
 * all connections between two machines come to the same capture, in their order.  What is no IP, or
 * lies in more than two VLAN tags, comes to the first.  Whose a packet is among the workers is
 * decided as ever (decode/owner.h), and packets are merged by time, so what is recorded does not
 * depend on the number of captures.
 *
 * The group's number is one that the kernel chooses.  It ends with its last socket, however that
 * ends.  Captures come and go by themselves, when an interface is lost and is back; the lock is
 * held for that alone.
 */

#include "base/err.h"

#include <pcap/pcap.h>
#include <pthread.h>
#include <stdint.h>

struct nta_fanout
{
    pthread_mutex_t lock;
    unsigned n_members; ///< Sockets in the group.
    uint16_t id;        ///< Its number, while there are any.
};

/** In place, without members. */
void nta_fanout_init(struct nta_fanout *fanout);
/** All members have left. */
void nta_fanout_done(struct nta_fanout *fanout);

/**
 * A handle that was just activated and does not block becomes a member: what came before was shown
 * to other members, too, and is dropped here; what comes from now on passes if it is this member's
 * part.  It takes some 50 ms.  After that, whoever wants a filter sets it.  Gives how many packets
 * of the handle were dropped.  0, or negative errno with a sentence about `name`.
 */
int nta_fanout_join(struct nta_fanout *fanout, pcap_t *handle, const char *name,
                    uint32_t *ret_n_dropped, struct nta_err *err);

/** A member's handle is closed. */
void nta_fanout_leave(struct nta_fanout *fanout, pcap_t *handle);
