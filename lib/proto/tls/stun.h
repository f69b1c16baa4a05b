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
 * Given up after 64 datagrams without any of these.  Messages without the magic cookie (RFC 3489)
 * are not read.  Over TCP: relay.h, by the functions here.
 */

#include "base/addr.h"
#include "proto/parser.h"

enum
{
    NTA_STUN_CHANNEL_MIN = 0x4000 ///< From here on numbers are of channels, none of messages.
};

extern const struct nta_proto nta_proto_stun;

/** What a relay passes on in this datagram; nothing: it is none of these. */
struct nta_span nta_stun_content(const struct nta_proto_io *io, struct nta_span datagram);

/** What a server gives its client to send back (RFC 8489 section 9.2); nothing: it gives none. */
struct nta_span nta_stun_nonce(struct nta_span datagram);

/**
 * How long the message is that `bytes` begin with, by its own word (RFC 8489 section 5); 0: it is
 * none, or not so much of it is there that this is known.
 */
size_t nta_stun_len(struct nta_span bytes);

/** Class and method of a message; 0: it is empty. */
uint16_t nta_stun_type(struct nta_span message);

/** Does one side have the port of relays, so that numbers of channels mean something? */
bool nta_stun_is_relay(const struct nta_proto_io *io);

/** What a relay passes on in one frame, an indication or a channel's data; nothing: it is none. */
struct nta_span nta_stun_carried(struct nta_span frame);

/** Whom a whole message is about: XOR-PEER-ADDRESS (RFC 8656 section 18.3).  False: nobody. */
bool nta_stun_peer(struct nta_span message, struct nta_addr *ret_addr, uint16_t *ret_port);

/** The number of a connection through a relay (RFC 6062 section 6.2.1).  False: it says none. */
bool nta_stun_connection(struct nta_span message, uint32_t *ret_number);

/** The code of an error (RFC 8489 section 14.8); 0: it has none. */
uint16_t nta_stun_error(struct nta_span message);

/** Emit the realm that a server's error says, if it does (RFC 8489 section 14.9). */
void nta_stun_tell_realm(const struct nta_proto_io *io, struct nta_span message);
