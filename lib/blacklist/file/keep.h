/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What lists were when they were last accepted, so that a broken one is known as such after a
 * restart too.
 *
 * In a folder of the daemon's own there are, for each list, a copy of its file and a line with its
 * entries, SHA-256 and time; their names come from a hash of the list's path.  Both are written
 * beside and renamed, the copy first, and the copy is there only if its bytes have the hash of
 * those that were loaded.  Of a list that is a folder nothing is kept.  Several lists may be read
 * from one file: it has one copy, and the entries are those of the first of them.  One thread at a
 * time.
 */

#include "base/buf.h"
#include "base/err.h"
#include "blacklist/table/list.h"

enum
{
    NTA_KEPT_PATH_SIZE = 4096
};

struct nta_list_kept
{
    uint64_t n_entries; ///< As nta_list_report_entries().
    int64_t wall_ns;    ///< When it was accepted.
    uint8_t sha256[32];
    char copy[NTA_KEPT_PATH_SIZE]; ///< Path of the copy.
};

/**
 * What is kept of the list at `path`.  0; -ENOENT: nothing that can be used; else negative errno:
 * it may not be read.
 */
int nta_list_find_kept(const char *dir, const char *path, struct nta_list_kept *ret_kept);

/**
 * Keep lists that were accepted, each as nta_list_keep() does, and wait for the disk once for many
 * of them.  What cannot be kept is a sentence and a newline in `complaints`.
 */
void nta_list_keep_all(const char *dir, const struct nta_list_report *const reports[], size_t n,
                       int64_t wall_ns, struct nta_buf *complaints);

/**
 * Keep a list that was accepted; nothing is written if the same is kept already.  The folder is
 * made.  0, or negative errno with a sentence (-EAGAIN: the file is another one by now).
 */
int nta_list_keep(const char *dir, const struct nta_list_report *report, int64_t wall_ns,
                  struct nta_err *err);
