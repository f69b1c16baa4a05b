/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Comparing secrets.  Private to the console. */

#include <stdbool.h>
#include <stddef.h>

/** How long it takes does not depend on where they differ. */
static inline bool nta_console_equal(const char *a, const char *b, size_t len)
{
    unsigned char different = 0;

    for (size_t i = 0; i < len; i++)
        different |= (unsigned char)((unsigned char)a[i] ^ (unsigned char)b[i]);
    return different == 0;
}
