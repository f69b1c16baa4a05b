/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * QUIC is connections, not ports: a client may begin several on one pair of ports, one after
 * another or at once, and may go on with one from other ports (RFC 9000 sections 5.2 and 9).
 *
 * So a flow that began with a client's Initial is parted: each connection on its ports is a flow of
 * its own, by the ids in the headers.  A client's Initial that goes to an id nobody has, and is
 * sealed with that id's keys, begins a new one; so what was sent to mislead, and what the server
 * answers, lie in different flows.  Ids that were given later lie in what is encrypted: a packet
 * that names no known id belongs to the connection that was answered last.
 */

#include "session/state/parts.h"

/** The hello told that the connection begins with this. */
void nta_quic_begun(const struct nta_session *session, const struct nta_quic_ids *ids);

/** A connection was made: if it is one that nta_quic_part() said is new, its ids are known. */
void nta_quic_opened(const struct nta_session *session);

/** Which part of a flow a datagram belongs to (nta_flow_ops). */
struct nta_flow *nta_quic_part(void *owner, struct nta_flow *newest, enum nta_dir dir,
                               struct nta_span datagram);

/**
 * Is this datagram, the first of a flow that nobody knows, one of a connection that goes on from
 * other ports?  Then what was known of that; NULL: no.  Borrows until the next call.
 */
const struct nta_quic_known *nta_quic_goes_on(const struct nta_session *session,
                                              struct nta_span datagram);
