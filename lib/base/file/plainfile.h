/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A file that somebody named, opened for reading so that what is no file cannot hold us up: a FIFO
 * without a writer would be waited for at its opening, a terminal or a device read for ever, a huge
 * file would take all memory.
 *
 * Whoever reads one as a whole still bounds what is read: a file may grow after it was looked at.
 */

#include "base/err.h"

#include <stdint.h>
#include <stdio.h>

enum
{
    NTA_PLAIN_NO_LINK = 1, ///< Not through a symbolic link.
    /**
     * Not one that others may read or anybody else may change, and root's or this user's; no link.
     */
    NTA_PLAIN_SECRET = 2,
};

/**
 * The file's descriptor, or negative errno with a sentence that names it: -EINVAL: not a regular
 * file; -EFBIG: larger than `max_bytes`; -ELOOP: a link; -EPERM: a secret that is none.
 */
int nta_plainfile_open(const char *path, uint64_t max_bytes, unsigned rules, struct nta_err *err);

/** The same as a stream; NULL on failure, with `ret_errno` negative. */
FILE *nta_plainfile_stream(const char *path, uint64_t max_bytes, unsigned rules, int *ret_errno,
                           struct nta_err *err);
