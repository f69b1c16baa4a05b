/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The daemon of rsync (rsync's own "csprotocol.txt"): recognised on any port by the line with which
 * each side begins, `@RSYNCD: ` and the version of the protocol, perhaps with names of checksums
 * behind it.  The client's next line names a module, or asks for their list.
 *
 * Each side waits for the other's line before it says more, so whoever goes on without is OTHER, as
 * is whoever answers otherwise.  Both send the same, which does not tell the sides.
 *
 * Emits TRANSFER_BEGIN and TRANSFER_END at once, with the module as the path; files are not read,
 * nor rsync over another program (SSH, as a rule).
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_rsync;
