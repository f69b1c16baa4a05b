/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* nta-full, which has all commands: found beside nta, or where it is installed. */

#include <stdbool.h>
#include <stddef.h>

/**
 * Where nta-full is, for an nta at `self`: in its folder, as they are built; else in
 * ../libexec/nta, as they are installed, wherever that is.  False: in neither.
 */
bool nta_full_find(const char *self, char *ret_path, size_t size);

/** Become it, with these arguments.  Gives an exit status, if it cannot be run, which was said. */
int nta_full_become(char **argv);
