/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * DHCP for IPv4 (RFC 2131, options of RFC 2132, RFC 3046 and RFC 4702) on ports 67 and 68.
 *
 * Each message with a type gives one NTA_EVENT_BINDING: which station it is about, by its hardware
 * address, client identifier, name and maker's class, the address that it was given, has, or asks
 * for, and at which port of the relay it is.  BOOTP without a type is recognised and gives nothing.
 * The host name is what the station says of itself; the server's answer is joined with what the
 * station said when it asked (by transaction and hardware address), and only one that was asked
 * for, of the server that was chosen, is a fact.  Options continued in the fields for server and
 * file name (52) are read there.
 *
 * Memory: the state, a few bytes; what is shared: NTA_ASKED_MAX questions.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_dhcp;
