/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/area.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum
{
    LARGE_PAGE = NTA_AREA_LARGE,
    GROWS_SMALL = NTA_AREA_SMALL,
};

static void *map(size_t size, int flags)
{
    void *area = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);

    return area == MAP_FAILED ? NULL : area;
}

/**
 * In large pages from byte `small` on.  Only a whole aligned one can be large, so more is mapped,
 * and given back, than is needed.
 */
static void *map_large(size_t size, size_t small)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE); /* 4 KiB here, 16 or 64 KiB on some arm64 */
    size_t all = (size + page - 1) / page * page;
    uint8_t *area = map(all + LARGE_PAGE, 0);

    if (!area)
        return NULL;
    size_t before = (LARGE_PAGE - ((uintptr_t)area + small) % LARGE_PAGE) % LARGE_PAGE;

    if (before > 0)
        (void)munmap(area, before);
    (void)munmap(area + before + all, LARGE_PAGE - before);
    area += before;
    (void)madvise(area + small, all - small, MADV_HUGEPAGE); /* a refusal does not matter */
    return area;
}

void *nta_area_new(size_t size, enum nta_area_use use)
{
    size_t small = use == NTA_AREA_GROWS ? GROWS_SMALL : 0;

    if (use == NTA_AREA_HOT)
        return map(size, MAP_POPULATE);
    return size < small + LARGE_PAGE ? map(size, 0) : map_large(size, small);
}

size_t nta_area_warm(struct nta_warm *warm, void *area, size_t size)
{
    const size_t n = size < warm->bytes_left ? size : warm->bytes_left;

    if (n == 0 || madvise(area, n, MADV_POPULATE_WRITE) < 0)
        return 0;
    warm->bytes_left -= n;
    return n;
}

void nta_area_rest(void *from, size_t size)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t first = ((uintptr_t)from + page - 1) / page * page;
    const uintptr_t end = ((uintptr_t)from + size) / page * page;

    if (first < end) /* memory that cannot go stays */
        (void)madvise((uint8_t *)from + (first - (uintptr_t)from), end - first, MADV_DONTNEED);
}

void nta_area_free(void *area, size_t size)
{
    if (area)
        (void)munmap(area, size);
}
