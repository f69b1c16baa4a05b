/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * HTTP/2 in clear (RFC 9113), with prior knowledge or after an upgrade (h2c): recognised by the
 * client's preface or by the SETTINGS frame that the server begins with.
 *
 * Each HEADERS frame of the client's, with the CONTINUATION frames behind it, is a request (at most
 * 16 of them and 32 KiB; behind more nothing of the client's is read, and that is said).  All other
 * frames are passed over by their length.  Answers and bodies are not read: a request is told with
 * none.  Emits HTTP_REQUEST and HTTP_EXCHANGE.  A hole among the frames ends it, since what fields
 * refer to is not known any more.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_http2;
