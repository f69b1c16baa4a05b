/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files that a list names and that lie beside it: Suricata's files of hashes (internal to
 * blacklist/).
 *
 * A name is that of a file in the list's own folder: no path, nothing hidden.  It is opened and
 * checked as the list is.
 */

#include "base/buf.h"
#include "blacklist/file/file.h"

/**
 * Read it, as nta_list_file_read().  The name is one that can be (format/line.h); `ret_file` says
 * what was read.
 */
int nta_list_beside_read(const struct nta_list_source *list, struct nta_span name,
                         nta_list_line_fn *line, void *owner, struct nta_list_file *ret_file,
                         struct nta_err *err);

/**
 * Append what the files of these names (NUL-terminated, one behind the other) are now: bytes that
 * change with any of them.  One that cannot be read has an identity of zeros.
 */
void nta_list_beside_identify(const struct nta_list_source *list, struct nta_span names,
                              struct nta_buf *identities);
