/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Does whoever opened a flow of datagrams see what comes back?  Anybody can send in another's name,
 * and who is asked answers that: the answer goes to whose name it was, and proves nothing of who
 * asked.  So where a protocol lets it show, an opener is known to see answers
 *
 *   by an echo: it sends what the other side chose, which nobody can guess (the connection id of
 *   QUIC, or the token of a Retry; the session of OpenVPN, of IKE; the index of WireGuard; the
 *   cookie of DTLS; the nonce of a TURN server, which passes others on), or
 *
 *   by going on: it sends what comes behind the handshake, and then so does the other side, which
 *   does that only once the opener has shown it in what is sealed; over SCTP at once.  Of QUIC only
 *   where the id is empty, since a server may go on before.
 *
 * Other protocols show nothing: an answer is all there is, and what they carry names no site
 * strongly.  Sources: RFC 9000 section 8.1, RFC 6347 section 4.2.1, RFC 7296 section 2.6, RFC 9260
 * section 5.1, and the documents of WireGuard and OpenVPN.
 */

#include "session/state/parts.h"

/** Must the opener of this flow show it?  Then nta_flow.proved says whether it has. */
bool nta_echo_is_due(const struct nta_flow *flow);

/** One datagram of a flow that was not proved so far (nta_flow_prove()). */
void nta_echo_note(const struct nta_session *session, enum nta_dir dir, struct nta_span datagram);

/** The token of a Retry; borrowed for the call. */
void nta_echo_keep(struct nta_conn *conn, struct nta_span token);
