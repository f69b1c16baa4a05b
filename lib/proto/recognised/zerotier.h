/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ZeroTier, a VPN over UDP on any port: recognised by the HELLO with which two nodes begin, which
 * alone is not encrypted (node/Packet.hpp of ZeroTierOne).
 *
 * A packet has an id, the addresses of receiver and sender (40 bits each), flags with the kind of
 * encryption, a code, and a verb.  HELLO says versions, a time in milliseconds, and who its sender
 * is: the same address as in the head.  Who says it first is the client.  No more is read.  Emits
 * nothing.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_zerotier;
