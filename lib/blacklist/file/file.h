/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A list file, read safely and once, line by line, with its SHA-256 (internal to blacklist/).
 *
 * Opened without following a link; it must be a regular file of at most 4 GiB that root or this
 * user owns (unless the source says otherwise) and that not everybody may write, and it must not
 * change while it is read.  A packed file is unpacked on the way, into at most the source's
 * `unpack_limit`; bytes and hash are those of the file, lines those of its text.
 */

#include "base/bytes.h"
#include "base/err.h"
#include "blacklist/table/list.h"

/**
 * Which file it was, and in which state: all of it changes with a change of the file, the last
 * field by itself.
 */
struct nta_list_identity
{
    uint64_t device, inode, bytes;
    int64_t modified_ns, changed_ns;
};

struct nta_list_file
{
    uint8_t sha256[32];
    uint64_t bytes, n_lines;
    struct nta_list_identity identity; ///< Zeros for a text.
    bool packed;                       ///< Set before the first line is given.
    bool json;                         ///< The same: it is JSON, not lines.
    bool young; ///< It was changed so shortly before that another change could bear the same time.
};

/**
 * Called with each line, without its newline; `is_cut` if it was longer than NTA_LINE_SIZE (only
 * its start).  Of JSON: with each piece as it was read.
 */
typedef void nta_list_line_fn(void *owner, struct nta_span line, bool is_cut);

/** 0, or negative errno with a sentence; some lines may have been given already. */
int nta_list_file_read(const struct nta_list_source *source, nta_list_line_fn *line, void *owner,
                       struct nta_list_file *ret_file, struct nta_err *err);

/**
 * Which file it is now, with the same checks as if it were read.  0, or negative errno with a
 * sentence.
 */
int nta_list_file_identify(const struct nta_list_source *source,
                           struct nta_list_identity *ret_identity, struct nta_err *err);
