/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * HTTP/2 in clear (RFC 9113), with prior knowledge or after an upgrade (h2c): recognised by the
 * client's preface or by the SETTINGS frame that the server begins with.
 *
 * Of the client's frames the first with HEADERS is read, as far as it goes without CONTINUATION;
 * its site stands for the connection.  Requests behind it are not read, nor answers and bodies: a
 * request that is told has none.  Emits HTTP_REQUEST and HTTP_EXCHANGE.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_http2;
