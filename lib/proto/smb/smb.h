/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SMB 2 and 3 over TCP (MS-SMB2; framing of RFC 1002 section 4.3): which file of which share goes
 * which way.
 *
 * The first READ of a file gives TRANSFER_BEGIN with method READ, the first WRITE one with method
 * WRITE; TRANSFER_END comes for each when the file is closed, its place is needed, or the flow
 * ends.  The path is "/share/folder/file"; the host is the server's name as the client wrote it in
 * "\\server\share", if that is no address.  Pipes (IPC$) are no files.  Content is passed over, but
 * for its first bytes.
 *
 * A login by NTLM that answers a challenge and that the server accepted gives BINDING: the names of
 * account, domain and workstation.
 *
 * A session may go over several connections: a file that one of them opened is known to all
 * (smb_opens.h), and each tells what it moved of it.
 *
 * After an encrypted message nothing more is read.  Compressed messages are passed over, and of SMB
 * 1 all but logins.
 *
 * Bounds: NTA_SMB_FILES_MAX files, NTA_SMB_TREES_MAX shares, NTA_SMB_PENDING_MAX requests without
 * an answer; the oldest goes first.  Memory: less than 8 KiB a connection.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_smb;
