/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The datagram service of NetBIOS (RFC 1002 section 4.4) on port 138: Windows stations tell their
 * names in it.
 *
 * A name is a fact where the message's own field for the sender's address says the same as its
 * packet.  Each pair of names, once as long as they stay the same, gives one NTA_EVENT_BINDING:
 * what the sender calls itself, and whom it speaks to, a station or a workgroup.  What it says
 * behind the names (the browser's mailslots) is not read.  The name service, port 137, is
 * proto/dns/dns.h's.
 *
 * Memory: the state, the two names.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_netbios;
