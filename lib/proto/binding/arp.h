/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ARP for IPv4 over Ethernet (RFC 826; probes and announcements, RFC 5227): which station has which
 * address, as proto/binding/neighbours.h learns it.
 *
 * A message that speaks of another station than its frame is from is passed over.  Who answers for
 * others' addresses (a proxy, RFC 1027) is told as having them: that many are one station's is for
 * who reads these events to see.
 *
 * Memory: what is shared.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_arp;
