/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * HTTP/2 in clear (RFC 9113), with prior knowledge or after an upgrade (h2c): recognised by the
 * client's preface or by the SETTINGS frame that the server begins with, and not read any further.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_http2;
