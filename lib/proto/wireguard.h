/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * WireGuard over UDP (J. A. Donenfeld, "WireGuard: Next Generation Kernel Network Tunnel",
 * section 5.4; wireguard.com/protocol): recognised by a message of its handshake, on any port,
 * and no more is read.
 *
 * A message begins with its type, a byte, and three that are zero.  An initiation (type 1) has
 * 148 bytes, a response (type 2) 92.  Both end with two codes of 16 bytes: the second is zero
 * unless the receiver was under load and asked for it, and what lies before the first has a key
 * and ciphertext, random to whoever looks on.  All of this must fit, so that a uTP packet of
 * data or a DNS message of that length is not taken for one.  Who sends an initiation, or is
 * sent a response, is the client.
 *
 * Not recognised: a connection of which only cookie replies (type 3) and data (type 4) are seen,
 * which have too little that is fixed, until its next handshake if that is among the first
 * datagrams; one whose handshake is repeated under load, by that repetition alone; and variants
 * that put something into the zero bytes.  Indices are not kept.  Emits nothing.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_wireguard;
