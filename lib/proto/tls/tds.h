/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * TLS inside of TDS 7, the protocol of SQL Server and Sybase: the handshake travels in the bodies
 * of pre-login messages (MS-TDS section 2.2.6.5), each packet behind a header of eight bytes.  What
 * comes behind the handshake is plain TLS or plain TDS, and neither has a name.  TDS 8 begins with
 * TLS, which needs none of this.
 *
 * A side's first packet must carry a hello.  The pre-login talk before it is not looked at.
 *
 * Bounds: a hello or certificate of 3.5 KiB, 64 packets a side.  Memory: the state, below 8 KiB.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_tds;
