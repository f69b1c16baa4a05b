/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Memory with an alignment, from the heap: free() gives it back, NULL says that there is none.
 *
 * What two threads write must not share a cache line, so structures that they share are declared
 * with _Alignas(64), and malloc() does not give that.  Off the packet path.  Tables of many
 * megabytes are areas (base/memory/area.h).
 */

#include <stdbool.h>
#include <stddef.h>

enum
{
    NTA_MEMORY_LARGE_PAGE = 2 * 1024 * 1024
};

/**
 * `size` > 0 bytes, all zero, at a multiple of `alignment`, a power of two: those of a type, by
 * sizeof and _Alignof.
 */
void *nta_memory_new(size_t size, size_t alignment);

/**
 * `n` > 0 elements, all zero, one behind the other; NULL also if they are more bytes than a size
 * can say.
 */
void *nta_memory_array(size_t n, size_t size, size_t alignment);

/**
 * NTA_MEMORY_LARGE_PAGE bytes at a multiple of that, NOT zeroed.  `is_large`: all of them will be
 * used, so the kernel is asked for one large page, which costs one page fault and not 512.
 */
void *nta_memory_page(bool is_large);
