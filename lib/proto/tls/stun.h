/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * STUN (RFC 8489) over UDP, by which two peers find a way to each other before they speak DTLS on
 * the same ports (WebRTC, RFC 5764): messages are recognised and passed over, and the first byte of
 * each datagram tells them from DTLS (RFC 7983 section 7), to which the flow is handed over with
 * its first handshake record.
 *
 * A server that asks for a password says its realm, a domain name as a rule (TURN, RFC 8656 section
 * 7.2): REALM.
 *
 * What a relay passes on, in channels (RFC 8656 section 12; on port 3478 only) or in indications
 * (section 11), is looked at likewise: with the first DTLS or QUIC in it the flow is handed over,
 * and who goes on reads what nta_stun_content() gives of each datagram.  DNS and HTTP in it are
 * read here (relayed.h).
 *
 * Given up after 64 datagrams without any of these.  Over TCP the first message of each side is
 * looked at (fallback.h).  Messages without the magic cookie (RFC 3489) are not read.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_stun;

/** What a relay passes on in this datagram; nothing: it is none of these. */
struct nta_span nta_stun_content(const struct nta_proto_io *io, struct nta_span datagram);

/** What a server gives its client to send back (RFC 8489 section 9.2); nothing: it gives none. */
struct nta_span nta_stun_nonce(struct nta_span datagram);

/** Do these bytes begin with a whole message?  `ret_realm`: whose it says it is; may be empty. */
bool nta_stun_begins(struct nta_span bytes, struct nta_span *ret_realm);
