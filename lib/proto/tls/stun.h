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
 * Given up after 64 datagrams without DTLS.  Over TCP the first message of each side is looked at
 * (fallback.h).  What a relay passes on in channels (RFC 8656 section 12) is known for that
 * on port 3478; what is in them, and messages without the magic cookie (RFC 3489), is not read.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_stun;

/** Do these bytes begin with a whole message?  `ret_realm`: whose it says it is; may be empty. */
bool nta_stun_begins(struct nta_span bytes, struct nta_span *ret_realm);
