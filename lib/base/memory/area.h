/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Zeroed memory for large tables, each in a mapping of its own.
 *
 * It is reserved whole and becomes memory as it is touched, so that a table may be made for the
 * worst case and cost what is used of it.  Where the kernel gives large pages they are taken: one
 * costs less than the 512 small ones that it stands for, when it is first touched and whenever the
 * TLB misses it.  Ends are not watched by sanitizers.
 */

#include <stddef.h>

/** How much may still become memory before it is needed. */
struct nta_warm
{
    size_t bytes_left;
};

enum
{
    NTA_AREA_LARGE = 2 * 1024 * 1024, ///< A large page.
    NTA_AREA_SMALL = 256 * 1024,      ///< In small pages at the front of what grows.
};

enum nta_area_use
{
    /**
     * Touched from its front on: the first NTA_AREA_SMALL in small pages, since many tables stay
     * small.  Large pages begin right behind those; of what roams, at its front.
     */
    NTA_AREA_GROWS,
    NTA_AREA_ROAMS, ///< Touched anywhere.
    /**
     * Touched anywhere and soon: memory from the start, so that nobody waits for page faults later.
     */
    NTA_AREA_HOT,
};

/** `size` > 0 bytes, aligned to a page; NULL with errno if there is no address space. */
void *nta_area_new(size_t size, enum nta_area_use use);

/**
 * Make memory of the front of an area, `size` bytes of it and as much as `warm` has left, now: a
 * first touch waits for the system, and on a virtual machine for its host, which may take twenty
 * times as long.  Gives how many bytes; fewer, or 0, if the system does not want to.
 */
size_t nta_area_warm(struct nta_warm *warm, void *area, size_t size);

/**
 * The memory of what lies between goes back to the system, as far as it is whole pages; it reads
 * zero again, and becomes memory again as it is touched.
 */
void nta_area_rest(void *from, size_t size);

/** `area` may be NULL. */
void nta_area_free(void *area, size_t size);
