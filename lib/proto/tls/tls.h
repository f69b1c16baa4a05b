/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * TLS over TCP, SSL 3.0 to TLS 1.3, as far as it is in clear: both hellos, and the server's leaf
 * certificate up to TLS 1.2.  RFC 8446, RFC 5246, RFC 6101; an SSLv2-compatible ClientHello (RFC
 * 5246 appendix E.2) is read as well.
 *
 * Each side is given up (io->done) as soon as nothing more can be learnt from it: the client's
 * after its hello, the server's after its certificate, or after its hello in TLS 1.3 or when a
 * session is resumed.  A message of up to 64 KiB is followed over any number of records and
 * segments.  Of a ClientHello that a gap or the flow's end cuts off, the name is still told (`cut`)
 * if it was seen.
 *
 * The server's hello in TLS 1.3 hides its ALPN; alerts are passed over; the client's certificate is
 * not read.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_tls;
