/* SPDX-License-Identifier: Apache-2.0 */
#include "session/content/ranges.h"

#include <string.h>

/** The first range that does not end before `begin`. */
static uint32_t first_behind(const struct nta_ranges *ranges, uint64_t begin)
{
    uint32_t i = 0;

    while (i < ranges->n && ranges->all[i].end < begin)
        i++;
    return i;
}

/** Put `range` where `n_old` ranges from `at` on were. */
static void replace(struct nta_ranges *ranges, uint32_t at, uint32_t n_old, struct nta_range range)
{
    memmove(&ranges->all[at + 1], &ranges->all[at + n_old],
            (ranges->n - at - n_old) * sizeof(range));
    ranges->all[at] = range;
    ranges->n = ranges->n - n_old + 1;
}

bool nta_ranges_add(struct nta_ranges *ranges, uint64_t begin, uint64_t end)
{
    const uint32_t first = first_behind(ranges, begin);
    struct nta_range range = {.begin = begin, .end = end};
    uint32_t n = 0;

    if (begin >= end)
        return true;
    for (; first + n < ranges->n && ranges->all[first + n].begin <= end; n++) {
        const struct nta_range *old = &ranges->all[first + n];

        range.begin = old->begin < range.begin ? old->begin : range.begin;
        range.end = old->end > range.end ? old->end : range.end;
    }
    if (n == 0 && ranges->n == NTA_RANGES_MAX)
        return false;
    replace(ranges, first, n, range);
    return true;
}

uint64_t nta_ranges_bytes(const struct nta_ranges *ranges)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < ranges->n; i++)
        sum += ranges->all[i].end - ranges->all[i].begin;
    return sum;
}

bool nta_ranges_cover(const struct nta_ranges *ranges, uint64_t end)
{
    return ranges->n > 0 && ranges->all[0].begin == 0 && ranges->all[0].end >= end;
}
