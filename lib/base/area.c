/* SPDX-License-Identifier: Apache-2.0 */
#include "base/area.h"

#include <stdint.h>
#include <sys/mman.h>

enum
{
    LARGE_PAGE = 2 * 1024 * 1024
};

static void *map(size_t size, int flags)
{
    void *area = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);

    return area == MAP_FAILED ? NULL : area;
}

/** At a multiple of a large page, since only those can become one: mapped larger, its ends given back. */
static void *map_aligned(size_t size)
{
    size_t pages = (size + 4095) / 4096 * 4096;
    uint8_t *area = map(pages + LARGE_PAGE, 0);

    if (!area)
        return NULL;
    size_t before = (LARGE_PAGE - (uintptr_t)area % LARGE_PAGE) % LARGE_PAGE;

    if (before > 0)
        (void)munmap(area, before);
    (void)munmap(area + before + pages, LARGE_PAGE - before);
    (void)madvise(area + before, pages, MADV_HUGEPAGE); /* a refusal does not matter */
    return area + before;
}

void *nta_area_new(size_t size, enum nta_area_use use)
{
    if (use == NTA_AREA_ROAMS && size >= LARGE_PAGE)
        return map_aligned(size);
    return map(size, use == NTA_AREA_HOT ? MAP_POPULATE : 0);
}

void nta_area_free(void *area, size_t size)
{
    if (area)
        (void)munmap(area, size);
}
