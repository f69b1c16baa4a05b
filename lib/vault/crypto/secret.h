/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Memory for keys: pages of their own, kept out of swap and core dumps where the system allows it,
 * wiped when freed.
 *
 * Private to the vault.
 */

#include <stddef.h>

/** Zeroed memory of `len` bytes, or NULL.  That locking fails (RLIMIT_MEMLOCK) is no failure. */
void *nta_secret_new(size_t len);

/** Wipe and give back what nta_secret_new(`len`) gave; NULL is fine. */
void nta_secret_free(void *secret, size_t len);
