/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the system says of disks.  Main only; asks the kernel; a folder that lies on another machine
 * may make it wait.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Is there too little space in the file system of a folder?  That is: less than `low_bytes` and
 * less than 5 % for whoever is not root, or less than 1,000 and less than 5 % of its inodes;
 * `low_bytes` 0: never.  Says so in `text` ("/var/lib/nta has less than 1024 MiB left"), also if
 * the folder cannot be asked.
 */
bool nta_look_disk_low(const char *folder, uint64_t low_bytes, char *text, size_t size);

/** The folder of a file into `folder`. */
void nta_look_folder(const char *path, char *folder, size_t size);
