/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lists that are or were in force, by their SHA-256, so that what line 4711 said that day has an
 * answer when the list has changed ten times since.
 *
 * In a folder of their own there is, for each file that was ever accepted, its text packed with
 * zstd.  The name says all that a record of the policy needs: SHA-256 of the file, tree hash over
 * the lines of its text (RFC 9162 section 2.1.1; a line has no newline), number of lines.  So a
 * list that is known already is not read again.  A file's time is when it was in force last: what
 * is older goes first, when the folder holds more than it may.  How many there are stands beside
 * the folder (its name and ".count"), so that texts which somebody removed are missed.  One thread
 * at a time.
 */

#include "base/buf.h"
#include "base/err.h"
#include "blacklist/table/list.h"

#include <stdint.h>

/** What the lines of a list are. */
struct nta_list_lines
{
    uint8_t tree[32];
    uint64_t n;
};

/**
 * Keep the text of a list that was accepted; the folder is made.  0 with its lines, or negative
 * errno with a sentence (-EAGAIN: the file is another one by now).
 */
int nta_list_history_keep(const char *dir, const struct nta_list_report *report,
                          struct nta_list_lines *ret_lines, struct nta_err *err);

/** How many texts were removed since nta_list_history_trim() was called last, by somebody else. */
uint64_t nta_list_history_missing(const char *dir);

/**
 * Remove what is not of these `n` hashes (32 bytes each, in a row), the oldest first, until no more
 * than `bytes` are left, and note how many there are.  0, or negative errno with a sentence.
 */
int nta_list_history_trim(const char *dir, const uint8_t *in_force, size_t n, uint64_t bytes,
                          struct nta_err *err);

/** Line `number` (from 1) of the list with this SHA-256. */
struct nta_list_line_at
{
    const uint8_t *sha256;
    const uint8_t *tree; ///< What its tree hash must be; NULL: the one in the name.
    uint64_t number;
};

/**
 * Append the line, and to `path` (NULL: nowhere) its inclusion path in the tree (RFC 9162 section
 * 2.1.3.1), hashes in a row.  0; -ENOENT: it is not kept; -ERANGE: it has fewer lines; -EBADMSG:
 * what is kept is another text; each with a sentence.
 */
int nta_list_history_line(const char *dir, const struct nta_list_line_at *at, struct nta_buf *out,
                          struct nta_buf *path, struct nta_err *err);
