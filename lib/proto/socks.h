/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SOCKS 4, 4a and 5 (RFC 1928, RFC 1929): the talk with the proxy, after which the connection is
 * handed over, so that the site inside is seen.  What the proxy is asked for gives TRANSFER_BEGIN,
 * its reply TRANSFER_END (methods CONNECT, BIND; the status is the reply's code, of which version 5
 * has 0 for success).  User names and passwords are passed over and never kept.
 *
 * UDP ASSOCIATE announces the flow that carries the datagrams, which is then read for its first
 * target and its bytes; what is inside of these is not.
 *
 * The client's bytes behind its request wait until the proxy grants it, as they may be meant for
 * the proxy.  Where nothing of the proxy was ever seen, they are handed over at once.  A refusal,
 * and a way to authenticate that changes what follows (GSS-API), end the parser.  Whoever greets is
 * the client.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_socks;
