/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which known word a mistyped one was meant to be, for sentences. */

#include <stddef.h>

struct nta_nearest
{
    const char *word; ///< Mistyped.
    const char *best; ///< NULL: nothing was tried.
    size_t best_len, distance;
};

/** Hold one known word of `len` bytes against it; the first of equally near ones stays. */
void nta_nearest_try(struct nta_nearest *nearest, const char *known, size_t len);

/** The same with each of some words with blanks between. */
void nta_nearest_try_all(struct nta_nearest *nearest, const char *words);
