/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What SMB says of the files of a connection, as events. */

#include "proto/parser.h"
#include "proto/smb/smb_table.h"

/** A file, not a folder or a pipe, is read or written. */
bool nta_smb_is_moved(struct nta_smb_table *table, const struct nta_smb_file *file);

/** It is, for the first time this way: TRANSFER_BEGIN. */
void nta_smb_emit_begin(struct nta_smb_table *table, struct nta_smb_file *file,
                        struct nta_proto_io *io, bool is_write);

/**
 * The file is closed (`is_closed`), or nothing more will be heard of it: TRANSFER_END for each way;
 * its place is free.
 */
void nta_smb_emit_end(struct nta_smb_table *table, struct nta_smb_file *file,
                      struct nta_proto_io *io, bool is_closed);
