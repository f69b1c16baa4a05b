/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Paths as they are shown: a folder that somebody named, and what lies in it.  No I/O. */

#include <stdbool.h>
#include <stddef.h>

/**
 * DIR/NAME with one slash between them, however many DIR ends with; an empty name: DIR alone.
 * False: it does not fit, and `ret_path` is empty.
 */
bool nta_path_join(const char *dir, const char *name, char *ret_path, size_t size);
