/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Memory for keys: pages of their own, kept out of swap and core dumps where the system allows it,
 * wiped when freed, and zeros in a process that is forked.
 *
 * While nobody needs them they can be hidden, so that a mistake elsewhere in the program, which
 * reads where it should not, finds none.  It is no guard against a stranger's code that runs in it.
 *
 * Private to the vault.
 */

#include <stddef.h>

/** Zeroed memory of `len` bytes, or NULL.  That locking fails (RLIMIT_MEMLOCK) is no failure. */
void *nta_secret_new(size_t len);

/** Nobody can read or write it from now on: who tries ends the program. */
void nta_secret_hide(void *secret, size_t len);
/** It is as before; right also if it was not hidden. */
void nta_secret_show(void *secret, size_t len);

/** Wipe and give back what nta_secret_new(`len`) gave, hidden or not; NULL is fine. */
void nta_secret_free(void *secret, size_t len);
