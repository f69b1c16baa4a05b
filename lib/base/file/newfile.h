/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A file that appears whole or not at all.
 *
 * It is written beside its place, as ".NAME.new" in the same folder, and gets its name when all of
 * it is on the disk: synced, renamed, and the folder synced.  So at each moment, and after a crash,
 * the old one or the new one is there.  What fails on the way leaves nothing; what a crash left is
 * used again the next time.  The one that is being written is locked, so that of two programs one
 * is told -EBUSY and neither spoils the other's.
 *
 *     NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
 *     int r = nta_newfile_open(&file, path, 0600);
 *
 *     if (r == 0)
 *         r = nta_write_all(file.fd, bytes, len);
 *     if (r == 0)
 *         r = nta_newfile_commit(&file, true);
 *
 * Links are not followed: one that stands where the file should be is replaced, not what it leads
 * to.  All calls give 0 or negative errno; any thread.
 */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct nta_newfile
{
    int fd;        ///< For reading and writing, at its beginning; negative: not open.
    int folder_fd; ///< Negative: not open.
    char name[NAME_MAX + 1], temporary[NAME_MAX + 1];
};

#define NTA_NEWFILE_NONE                                                                           \
    {                                                                                              \
        .fd = -1, .folder_fd = -1                                                                  \
    }

/** Begin the file at `path`, of exactly this mode.  -EBUSY: another program is at it. */
int nta_newfile_open(struct nta_newfile *file, const char *path, mode_t mode);

/** The same in a folder that is open, which is borrowed for this call only. */
int nta_newfile_open_at(struct nta_newfile *file, int folder_fd, const char *name, mode_t mode);

/** Put it in place and close it.  -EEXIST: there is one already, and it must not be replaced. */
int nta_newfile_commit(struct nta_newfile *file, bool replaces);

/**
 * Put `n` files in place that were begun in one folder, in their order, replacing what is there,
 * and close them: the disk is waited for once for all of them, not for one after the other.  On
 * failure those before it are in place, and the others are given up.
 */
int nta_newfile_commit_all(struct nta_newfile *const files[], size_t n);

/** Give it up.  After a commit, or if it never was open, this does nothing. */
void nta_newfile_drop(struct nta_newfile *file);

/** Write all of it. */
int nta_write_all(int fd, const void *bytes, size_t len);

/** A folder for its owner alone, and the one that it lies in: made if they are not there. */
int nta_newfile_folder(const char *path);

/** That a file of this path was made reaches the disk (not its content). */
int nta_sync_folder(const char *path);
