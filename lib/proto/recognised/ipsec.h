/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * IPsec over UDP: recognised by a message of IKE, version 1 (RFC 2408, 2409) or 2 (RFC 7296), on
 * any port, also behind the marker that tells it from ESP (RFC 3948); and by a packet of ESP, on
 * port 4500 only.  No more is read.
 *
 * A message of IKE has the sender's index, a version, an exchange, flags and a payload of that
 * version, and says its own length in 32 bits; its first payload, unless it is encrypted, lies
 * within it.  ESP has nothing fixed: an index from 256 on, a number that begins at 1 (below 2^24
 * here), and a length that is divisible by 4.  So it counts from the second packet of an index on,
 * with a number a little larger; and as a match of a list only once both sides sent such packets.
 *
 * Of version 2 each message says whether who began sent it; of version 1 only the first does.  ESP
 * does not.  Who began is the client.
 *
 * ESP over IP itself has no ports: the session names it.  Not recognised: ESP over UDP that is seen
 * long after its beginning (2^24 packets); IKE over TCP (RFC 9329).  Identities and proposals are
 * not read.  Emits nothing.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_ipsec;
