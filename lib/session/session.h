/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One connection while it is looked at: which protocol it speaks, what that says, which site it
 * goes to, whether a list forbids it, and the records of all that.
 *
 * A struct nta_session lives for one call of the flow table (nta_flow_ops) and is passed on from
 * file to file; what lasts hangs on the flow (conn.h) or belongs to the worker (struct
 * nta_session_parts).  Only read/, and who stands between it and a parser, changes a session.
 *
 * The way inside: read/ (which protocol, feed its parser) -> observe.c (what an event says
 * about the connection) -> match.c (is it forbidden?) -> report_*.c (a record) -> `put`.  README
 * has all files in the order of who knows whom.
 *
 * Thread: the worker's.  Bounds: pools and tables, each of its own size (parts.c).
 */

#include "session/state/parts.h"

/**
 * In place, zeroed by the caller.  0, or negative errno with `err`: nta_session_parts_done() takes
 * it in any case.
 */
int nta_session_parts_init(struct nta_session_parts *parts,
                           const struct nta_session_options *options, struct nta_err *err);

/** Flow calls; `owner` is the worker's struct nta_session_parts, below, too. */
extern const struct nta_flow_ops nta_session_ops;

/**
 * It is `wall_ns` by the packets: what was found and waited for better evidence is told.  Before
 * each packet, so that what is told does not depend on who else has packets.  INT64_MAX: the input
 * has ended, and so have all flows.
 */
void nta_session_tick(void *owner, int64_t wall_ns);

/**
 * A packet of `flow` carries another one: it is a tunnel's outer connection, of which nothing else
 * is read.
 */
void nta_session_outer_flow(struct nta_session_parts *parts, struct nta_flow *flow,
                            enum nta_tunnel tunnel);

/**
 * What stations of a link say about addresses outside of connections (NTA_PACKET_LINK): ARP and
 * neighbour discovery; of other packets nothing is taken (neighbour.c).
 */
void nta_neighbour_packet(struct nta_session_parts *parts, const struct nta_packet *packet,
                          const uint8_t *bytes);

/**
 * A copy of another worker's packet (NTA_PACKET_HEARSAY): an ICMP error that quotes a lookup, which
 * is told if we did not see its flow, or an answer of DNS (hearsay.c).  `decode` is the worker's.
 */
void nta_hearsay_packet(struct nta_session_parts *parts, const struct nta_decode *decode,
                        const struct nta_packet *packet, const uint8_t *bytes);
