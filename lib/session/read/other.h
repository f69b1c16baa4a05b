/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Other bytes of a stream than those that were shown (flow/second.h): who wants to hide a site
 * sends another one's name before it, in a segment that the server never takes.  Where nothing
 * tells which of the two it took, both are read, and both are held against the lists: the name in
 * the other bytes is the connection's second one, a match on it is weak, and records say that the
 * two disagree (`overlap`).
 *
 * The other bytes are read from the stream's beginning by a parser of their own, which is forgotten
 * behind the call.
 */

#include "session/state/parts.h"

/** nta_flow_ops.other, in a session that is open; TAKE: the connection begins anew. */
enum nta_flow_verdict nta_other_reading(struct nta_session *session, struct nta_span bytes,
                                        enum nta_flow_likely likely);
