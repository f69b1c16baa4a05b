/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * STUN over TCP (RFC 8489 section 6.2.2), as relays speak it (TURN, RFC 8656): messages and
 * channels, each padded to four bytes, follow each other.  What a relay passes on in channels and
 * indications (sections 11 and 12) is datagrams, which are read as those over UDP are: DNS, HTTP,
 * and the first hello of DTLS or QUIC, behind which nothing more is read (relayed.h).
 *
 * A relay that is to connect over TCP (RFC 6062) is asked so on this connection: whom it is told to
 * go to is a transfer's host, as with a proxy.  The bytes go over another connection to it, which
 * begins with ConnectionBind: with the relay's yes that host is this connection's, too
 * (relay_peers.h), and it is handed over.  Of a peer who connects (ConnectionAttempt) no site is
 * told: he is the one who asks.
 *
 * A server that asks for a password says its realm: REALM.
 *
 * Behind a hole it goes on with the next segment that begins with whole messages.  Frames above
 * 16 KiB are passed over and said (`limited`).  Given up after 64 in a row without anything of
 * this.  Not read: ICE over TCP (RFC 6544), whose messages have a length in front.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_relay;
