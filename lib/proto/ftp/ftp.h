/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * FTP: which file goes which way (RFC 959, RFC 1123 section 4.1, RFC 2428, RFC 3659).
 *
 * The control connection: commands and replies are lines.  A command that moves a file (RETR, STOR,
 * STOU, APPE) gives TRANSFER_BEGIN with the file's path, the working directory before it, and where
 * its content will go (PASV, EPSV, PORT, EPRT); a listing gives the same without a path.  The reply
 * gives TRANSFER_REPLY.  A client that sends PASV and RETR at once learns where the content goes
 * when the transfer has begun: a TRANSFER_REPLY without a code says it.  Of several transfers asked
 * for at once, replies are told of the last.  The working directory follows CWD, CDUP and PWD once
 * the server confirmed them, and is taken for the root until then; what is asked for before the
 * server could confirm counts from where the client wanted to be.  What stands behind USER, PASS
 * and ACCT is not looked at.  After AUTH what follows is handed over (RFC 4217).  Of a line the
 * first 1,024 bytes are read.
 *
 * It is known by its greeting or, where that does not name it, by the first reply of a login or the
 * first announcement of a data connection, whatever the port.
 *
 * The data connection, once announced: TRANSFER_DATA with its first bytes, all of them as CONTENT
 * if io->wants_content; its size is that of the flow.
 *
 * Memory: about 1.7 KiB a control connection.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_ftp;
extern const struct nta_proto nta_proto_ftp_data;
