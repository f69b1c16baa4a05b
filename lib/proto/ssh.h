/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SSH (RFC 4253): the first line of each side, which names its software.  All that follows is
 * ciphertext, or negotiates it.
 *
 * Known on any port by `SSH-1.` or `SSH-2.` at the beginning, or behind lines that a server sends
 * before (section 4.2: at most 32 here, of at most 255 bytes, without control characters).  Such
 * lines tell the sides; identifications do not, since both ends send one.  A line that breaks the
 * form is BAD; bytes that are no lines (a side whose beginning another parser took) are OTHER.
 *
 * Key exchange is not read: no HASSH, no host keys.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_ssh;
