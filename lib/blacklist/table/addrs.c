/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/table/addrs.h"

#include "base/bytes.h"
#include "blacklist/table/names.h"
#include "blacklist/table/segments.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum
{
    PAGE_SHIFT = 10, ///< Addresses of one bit in `pages`, as a power of two.
};

static_assert(NTA_ADDR_PAGES_BYTES == 1 << (32 - PAGE_SHIFT - 3), "one bit a page");

nta_u128 nta_u128_of(const struct nta_addr *addr)
{
    uint64_t high, low;

    memcpy(&high, addr->bytes, 8);
    memcpy(&low, addr->bytes + 8, 8);
    return (nta_u128)be64toh(high) << 64 | be64toh(low);
}

struct nta_addr nta_addr_of(nta_u128 number)
{
    uint64_t high = htobe64((uint64_t)(number >> 64)), low = htobe64((uint64_t)number);
    struct nta_addr addr;

    memcpy(addr.bytes, &high, 8);
    memcpy(addr.bytes + 8, &low, 8);
    return addr;
}

/** The 128-bit form of IPv4's first address. */
static nta_u128 v4_base(void)
{
    return (nta_u128)0xffff << 32;
}

void nta_addrs_done(struct nta_addrs *addrs)
{
    free(addrs->singles);
    free(addrs->index);
    free(addrs->pages);
    free(addrs->ranges);
    free(addrs->segments);
    free(addrs->outer);
    memset(addrs, 0, sizeof(*addrs));
}

/** Space for one more in an array that doubles. */
static int make_space(void **array, size_t n, size_t *size, size_t item_bytes)
{
    size_t wanted = *size ? 2 * *size : 64;
    void *larger;

    if (n < *size)
        return 0;
    larger = reallocarray(*array, wanted, item_bytes);
    if (!larger)
        return -ENOMEM;
    *array = larger;
    *size = wanted;
    return 0;
}

int nta_addrs_add(struct nta_addrs *addrs, const struct nta_addr *first,
                  const struct nta_addr *last, uint32_t value)
{
    struct nta_addr_range range = {nta_u128_of(first), nta_u128_of(last), value};
    void *array = addrs->ranges;
    int r;

    if (range.first == range.last && nta_addr_is_v4(first)) {
        array = addrs->singles;
        r = make_space(&array, addrs->n_singles, &addrs->singles_size, sizeof(uint64_t));
        addrs->singles = array;
        if (r == 0)
            addrs->singles[addrs->n_singles++] = (uint64_t)(uint32_t)range.first << 32 | value;
        return r;
    }
    r = make_space(&array, addrs->n_ranges, &addrs->ranges_size, sizeof(range));
    addrs->ranges = array;
    if (r == 0)
        addrs->ranges[addrs->n_ranges++] = range;
    return r;
}

void nta_addrs_drop(struct nta_addrs *addrs,
                    bool (*drops)(void *owner, uint32_t value, bool single), void *owner)
{
    size_t n = 0;

    for (size_t i = 0; i < addrs->n_singles; i++) {
        if (!drops(owner, (uint32_t)addrs->singles[i], true))
            addrs->singles[n++] = addrs->singles[i];
    }
    addrs->n_singles = n;
    n = 0;
    for (size_t i = 0; i < addrs->n_ranges; i++) {
        const struct nta_addr_range *range = &addrs->ranges[i];

        if (!drops(owner, range->value, range->first == range->last))
            addrs->ranges[n++] = *range;
    }
    addrs->n_ranges = n;
}

/** Sort by the upper 32 bits, 11 bits a pass, keeping the order of equal ones.  0, or -ENOMEM. */
static int sort_singles(uint64_t **array, size_t n)
{
    uint64_t *other = malloc(n * sizeof(*other));

    if (!other)
        return -ENOMEM;
    for (unsigned shift = 32; shift < 64; shift += 11) {
        size_t starts[2048] = {0}, total = 0;
        uint64_t *from = *array;

        for (size_t i = 0; i < n; i++)
            starts[from[i] >> shift & 2047]++;
        for (size_t i = 0; i < 2048; i++) {
            size_t count = starts[i];

            starts[i] = total;
            total += count;
        }
        for (size_t i = 0; i < n; i++)
            other[starts[from[i] >> shift & 2047]++] = from[i];
        *array = other;
        other = from;
    }
    free(other);
    return 0;
}

/** Is there one before it, of the same address and flags, beside which it says nothing? */
static bool is_twice(const struct nta_addrs *addrs, size_t n_kept, uint64_t single,
                     nta_value_goes_fn *goes, void *owner)
{
    if (!goes)
        return true;
    for (; n_kept > 0 && addrs->singles[n_kept - 1] >> 32 == single >> 32; n_kept--) {
        const uint32_t value = (uint32_t)addrs->singles[n_kept - 1];

        if (((value ^ (uint32_t)single) & NTA_VALUE_FLAGS) == 0 &&
            goes(owner, value, (uint32_t)single))
            return true;
    }
    return false;
}

/** Keep the first of equal address and flags, and those that do not go beside it. */
static void drop_twice(struct nta_addrs *addrs, nta_value_goes_fn *goes, nta_addr_twice_fn *twice,
                       void *owner)
{
    size_t n_kept = 0;
    uint32_t seen = 0;

    for (size_t i = 0; i < addrs->n_singles; i++) {
        uint64_t single = addrs->singles[i];
        uint32_t flags = UINT32_C(1) << ((uint32_t)single >> 28);

        if (n_kept == 0 || addrs->singles[n_kept - 1] >> 32 != single >> 32)
            seen = 0;
        if ((seen & flags) && is_twice(addrs, n_kept, single, goes, owner))
            twice(owner, (uint32_t)single, true);
        else
            addrs->singles[n_kept++] = single;
        seen |= flags;
    }
    addrs->n_singles = n_kept;
}

static int make_index(struct nta_addrs *addrs)
{
    size_t place = 0;

    addrs->index = malloc(NTA_ADDR_INDEX_SIZE * sizeof(*addrs->index));
    if (!addrs->index)
        return -ENOMEM;
    for (size_t upper = 0; upper < NTA_ADDR_INDEX_SIZE; upper++) {
        while (place < addrs->n_singles && addrs->singles[place] >> 48 < upper)
            place++;
        addrs->index[upper] = (uint32_t)place;
    }
    return 0;
}

static void mark_page(struct nta_addrs *addrs, uint32_t page)
{
    addrs->pages[page / 64] |= UINT64_C(1) << page % 64;
}

static bool has_v4(const struct nta_addrs *addrs)
{
    for (size_t i = 0; i < addrs->n_ranges; i++) {
        if (addrs->ranges[i].last >= v4_base() && addrs->ranges[i].first <= v4_base() + UINT32_MAX)
            return true;
    }
    return addrs->n_singles > 0;
}

static int make_pages(struct nta_addrs *addrs)
{
    addrs->pages = calloc(1, NTA_ADDR_PAGES_BYTES);
    if (!addrs->pages)
        return -ENOMEM;
    for (size_t i = 0; i < addrs->n_singles; i++)
        mark_page(addrs, (uint32_t)(addrs->singles[i] >> (32 + PAGE_SHIFT)));
    for (size_t i = 0; i < addrs->n_ranges; i++) {
        nta_u128 first = addrs->ranges[i].first, last = addrs->ranges[i].last;
        nta_u128 end = v4_base() + UINT32_MAX;

        if (last < v4_base() || first > end)
            continue;
        first = first < v4_base() ? v4_base() : first;
        last = last > end ? end : last;
        for (uint32_t page = (uint32_t)first >> PAGE_SHIFT; page <= (uint32_t)last >> PAGE_SHIFT;
             page++)
            mark_page(addrs, page);
    }
    return 0;
}

int nta_addrs_fill(struct nta_addrs *addrs, nta_value_goes_fn *goes, nta_addr_twice_fn *twice,
                   void *owner)
{
    uint64_t *singles;
    int r = 0;

    if (addrs->n_singles > 0) {
        r = sort_singles(&addrs->singles, addrs->n_singles);
        if (r < 0)
            return r;
        drop_twice(addrs, goes, twice, owner);
        singles = reallocarray(addrs->singles, addrs->n_singles, sizeof(*singles));
        addrs->singles = singles ? singles : addrs->singles;
        addrs->singles_size = addrs->n_singles;
        r = make_index(addrs);
    }
    if (r == 0 && addrs->n_ranges > 0)
        r = nta_segments_fill(addrs, goes, twice, owner);
    if (r == 0 && has_v4(addrs))
        r = make_pages(addrs);
    return r;
}

/** The first of the entries for an IPv4 address in `singles`, or `n_singles`. */
static size_t find_single(const struct nta_addrs *addrs, uint32_t v4)
{
    size_t first, n;

    if (!addrs->index)
        return addrs->n_singles;
    first = addrs->index[v4 >> 16];
    n = addrs->index[(v4 >> 16) + 1] - first;
    if (n == 0)
        return addrs->n_singles;
    while (n > 1) {
        size_t half = n / 2;

        first += addrs->singles[first + half - 1] >> 32 < v4 ? half : 0;
        n -= half;
    }
    return addrs->singles[first] >> 32 == v4 ? first : addrs->n_singles;
}

/** Its bit of `pages` is set: single addresses first. */
static struct nta_addr_range decide_v4(const struct nta_addrs *addrs, uint32_t v4)
{
    const nta_u128 number = v4_base() + v4;
    struct nta_addr_range best = {0, 0, 0};

    for (size_t i = find_single(addrs, v4); i < addrs->n_singles && addrs->singles[i] >> 32 == v4;
         i++) {
        uint32_t value = (uint32_t)addrs->singles[i];

        if (!best.value || nta_value_rank(value) > nta_value_rank(best.value))
            best = (struct nta_addr_range){number, number, value};
    }
    return best.value ? best : nta_segments_decide(addrs, number);
}

static uint32_t v4_of(const struct nta_addr *addr)
{
    uint32_t v4_be;

    memcpy(&v4_be, addr->bytes + 12, sizeof(v4_be));
    return be32toh(v4_be);
}

static bool has_page(const struct nta_addrs *addrs, uint32_t v4)
{
    return addrs->pages && addrs->pages[v4 >> (PAGE_SHIFT + 6)] >> (v4 >> PAGE_SHIFT & 63) & 1;
}

/** Apart, so that what most questions need stays small. */
static __attribute__((noinline)) struct nta_addr_range decide_v6(const struct nta_addrs *addrs,
                                                                 const struct nta_addr *addr)
{
    struct nta_addr_range range = nta_segments_decide(addrs, nta_u128_of(addr));
    struct nta_addr v4;

    return !range.value && nta_addr_inside(addr, &v4) && has_page(addrs, v4_of(&v4))
               ? decide_v4(addrs, v4_of(&v4))
               : range;
}

struct nta_addr_range nta_addrs_decide(const struct nta_addrs *addrs, const struct nta_addr *addr)
{
    if (!nta_addr_is_v4(addr))
        return decide_v6(addrs, addr);
    if (!has_page(addrs, v4_of(addr)))
        return (struct nta_addr_range){0, 0, 0};
    return decide_v4(addrs, v4_of(addr));
}

static int compare_found(const void *a, const void *b)
{
    const struct nta_addr_range *one = a, *two = b;

    return nta_range_decides(two, one) - nta_range_decides(one, two);
}

int nta_addrs_link(struct nta_addrs *addrs)
{
    if (addrs->outer || addrs->n_ranges == 0)
        return 0;
    addrs->outer = calloc(addrs->n_ranges, sizeof(*addrs->outer));
    if (!addrs->outer)
        return -ENOMEM;
    for (size_t i = 1; i < addrs->n_ranges; i++) {
        uint32_t outer = (uint32_t)i;

        while (outer > 0 && addrs->ranges[outer - 1].last <= addrs->ranges[i].last)
            outer = addrs->outer[outer - 1];
        addrs->outer[i] = outer;
    }
    return 0;
}

/** How many ranges begin at the number or before it: they are sorted by that. */
static size_t n_begun(const struct nta_addrs *addrs, nta_u128 number)
{
    size_t first = 0, n = addrs->n_ranges;

    while (n > 0) {
        if (addrs->ranges[first + n / 2].first <= number) {
            first += n / 2 + 1;
            n -= n / 2 + 1;
        } else {
            n /= 2;
        }
    }
    return first;
}

void nta_addrs_each(const struct nta_addrs *addrs, const struct nta_addr *addr,
                    void (*each)(void *owner, const struct nta_addr_range *range), void *owner)
{
    nta_u128 number = nta_u128_of(addr);

    if (nta_addr_is_v4(addr)) {
        for (size_t i = find_single(addrs, (uint32_t)number);
             i < addrs->n_singles && addrs->singles[i] >> 32 == (uint32_t)number; i++)
            each(owner, &(struct nta_addr_range){number, number, (uint32_t)addrs->singles[i]});
    }
    for (size_t i = n_begun(addrs, number); i > 0;) {
        const bool holds = number <= addrs->ranges[i - 1].last;

        if (holds)
            each(owner, &addrs->ranges[i - 1]);
        i = holds || !addrs->outer ? i - 1 : addrs->outer[i - 1];
    }
}

/** Ranges that are gathered. */
struct gathering
{
    struct nta_addr_range *ranges;
    size_t n, size;
};

static void gather(void *owner, const struct nta_addr_range *range)
{
    struct gathering *gathering = owner;

    if (gathering->n < gathering->size)
        gathering->ranges[gathering->n++] = *range;
}

static size_t find(const struct nta_addrs *addrs, const struct nta_addr *addr,
                   struct nta_addr_range *ranges, size_t size)
{
    struct gathering gathering = {.ranges = ranges, .size = size};

    nta_addrs_each(addrs, addr, gather, &gathering);
    qsort(ranges, gathering.n, sizeof(*ranges), compare_found);
    return gathering.n;
}

size_t nta_addrs_find(const struct nta_addrs *addrs, const struct nta_addr *addr,
                      struct nta_addr_range *ranges, size_t size)
{
    size_t n = find(addrs, addr, ranges, size);
    struct nta_addr v4;

    return n == 0 && nta_addr_inside(addr, &v4) ? find(addrs, &v4, ranges, size) : n;
}

size_t nta_addrs_memory(const struct nta_addrs *addrs)
{
    return addrs->n_singles * sizeof(*addrs->singles) +
           (addrs->index ? NTA_ADDR_INDEX_SIZE * sizeof(*addrs->index) : 0) +
           (addrs->pages ? NTA_ADDR_PAGES_BYTES : 0) + addrs->n_ranges * sizeof(*addrs->ranges) +
           addrs->n_segments * sizeof(*addrs->segments) +
           (addrs->outer ? addrs->n_ranges * sizeof(*addrs->outer) : 0);
}
