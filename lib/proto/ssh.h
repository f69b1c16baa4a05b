/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SSH (RFC 4253): the first line of each side, which names its software.  All that follows is
 * ciphertext, or negotiates it.
 *
 * Known on any port by `SSH-1.` or `SSH-2.` at the beginning, or behind lines that a server sends
 * before (section 4.2: at most 32 here, of at most 255 bytes, without control characters).  Where
 * the opening of the connection was not seen, such lines tell the sides; identifications do not,
 * since both ends send one.  A line that breaks the form is BAD.
 *
 * Anybody can say the first line, so it alone hides nothing: lines of a client, a line that another
 * protocol answers with (three digits; HTTP), what is no line, and what follows an identification
 * and is no packet are OTHER.
 *
 * Key exchange is not read: no HASSH, no host keys.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_ssh;
