/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * TFTP (RFC 1350) with options (RFC 2347, 2348, 2349, 7440).
 *
 * A request gives TRANSFER_BEGIN, method READ or WRITE.  The server answers from another port, so
 * the request announces the flow that carries the content; a server that answers from its own port
 * is followed all the same.  The content's flow gives TRANSFER_END when its last block or an error
 * came, else when it ends.  Blocks sent again count once.  The status of an error is its code
 * (section 5 of RFC 1350).
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_tftp;
