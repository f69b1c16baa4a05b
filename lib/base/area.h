/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Zeroed memory for large tables, each in a mapping of its own.
 *
 * It is reserved whole and becomes memory as it is touched, so that a table may be made for the worst case and cost
 * what is used of it.  Ends are not watched by sanitizers.
 */

#include <stddef.h>

enum nta_area_use
{
    NTA_AREA_GROWS, ///< Touched from its front on, in small pages.
    NTA_AREA_ROAMS, ///< Touched anywhere: in large pages where the kernel gives them, which miss the TLB less.
    NTA_AREA_HOT, ///< Touched anywhere and soon: memory from the start, so that nobody waits for page faults later.
};

/** `size` > 0 bytes, aligned to a page; NULL with errno if there is no address space. */
void *nta_area_new(size_t size, enum nta_area_use use);

/** `area` may be NULL. */
void nta_area_free(void *area, size_t size);
