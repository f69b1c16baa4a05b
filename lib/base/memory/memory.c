/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *nta_memory_new(size_t size, size_t alignment)
{
    return nta_memory_array(1, size, alignment);
}

void *nta_memory_array(size_t n, size_t size, size_t alignment)
{
    size_t bytes;

    /* C17 wants the size to be a multiple of the alignment */
    if (__builtin_mul_overflow(n, size, &bytes) ||
        __builtin_add_overflow(bytes, alignment - 1, &bytes))
        return NULL;
    bytes &= ~(alignment - 1);
    void *memory = aligned_alloc(alignment, bytes);

    return memory ? memset(memory, 0, bytes) : NULL;
}

void *nta_memory_page(bool is_large)
{
    void *page = aligned_alloc(NTA_MEMORY_LARGE_PAGE, NTA_MEMORY_LARGE_PAGE);

    if (page && is_large)
        (void)madvise(page, NTA_MEMORY_LARGE_PAGE, MADV_HUGEPAGE); /* a refusal does not matter */
    return page;
}
