/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * watch.state beside the store: one line, that ntad runs or was stopped, and when it last said so.
 * It always has the same length, so that it never is half a new one and half an old one, and is
 * written without waiting for the disk.  It is not signed.
 *
 * Main only.
 */

#include <stdbool.h>
#include <stdint.h>

enum nta_run
{
    NTA_RUN_UNKNOWN, ///< There is no line, or it is not understood.
    NTA_RUN_RUNNING,
    NTA_RUN_STOPPED
};

/** Open or make the file beside the store at `store_path`.  A descriptor, or negative errno. */
int nta_runfile_open(const char *store_path);

/** What it says, and of when. */
enum nta_run nta_runfile_read(int fd, int64_t *ret_wall_ns);

/** 0 or negative errno, also for a negative `fd`. */
int nta_runfile_write(int fd, enum nta_run run, int64_t wall_ns);
