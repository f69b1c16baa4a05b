/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The daemon of Git (gitprotocol-pack, "Git Transport"; gitprotocol-common, "pkt-line Format"):
 * recognised on any port by what a client asks for first, and by the beginning of the answer.
 *
 * A packet begins with its length, four hexadecimal digits.  The first has the service and a path,
 * then, each behind a zero, the host and other parameters: at most 1024 bytes here, in one text
 * without control characters.  What follows it from the client, and the answer, are packets, too;
 * what begins otherwise is OTHER.  Who asks is the client.
 *
 * Emits TRANSFER_BEGIN and TRANSFER_END at once, with the repository's path and the host, if the
 * client names it; what is fetched is not read, nor Git over HTTP or SSH.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_git;
