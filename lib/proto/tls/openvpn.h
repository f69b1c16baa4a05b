/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The control channel of OpenVPN over UDP and TCP: the TLS hellos and the server's certificate in
 * it, which name the VPN's server.  What the VPN carries is sealed.
 *
 * A connection is known by the reset that begins it, of the client or of the server (versions 2).
 * Control packets are put in the order of their numbers, and what they carry is read as TLS
 * (proto/tls/tls.h).  With tls-auth each packet has an HMAC before its content, the length of which
 * the reset shows.  With tls-crypt all is sealed: the connection is recognised and no more.
 *
 * Events have the app OPENVPN.  Bounds: 3.5 KiB a side, of packets that came early too, 64 packets
 * a connection; given up with the first packet of data.  Memory: the state, below 8 KiB.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_openvpn;
