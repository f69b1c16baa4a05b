/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The ClientHello of DTLS 1.0 to 1.3 (RFC 6347, RFC 9147), also when it is cut into fragments over
 * several records and datagrams, up to 6 KiB.  The first one of a flow is told; that of a second
 * try with a cookie says the same.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_dtls;
