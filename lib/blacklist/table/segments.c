/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/table/segments.h"

#include "base/own.h"
#include "blacklist/table/names.h"

#include <errno.h>
#include <stdlib.h>

bool nta_range_decides(const struct nta_addr_range *a, const struct nta_addr_range *b)
{
    nta_u128 size_a = a->last - a->first, size_b = b->last - b->first;

    if (size_a != size_b)
        return size_a < size_b;
    return nta_value_rank(a->value) > nta_value_rank(b->value);
}

static int compare_numbers(nta_u128 a, nta_u128 b)
{
    return (a > b) - (a < b);
}

/** By first, last, flags, line. */
static int compare_ranges(const void *a, const void *b)
{
    const struct nta_addr_range *one = a, *two = b;
    int r = compare_numbers(one->first, two->first);

    if (r == 0)
        r = compare_numbers(one->last, two->last);
    return r ? r : compare_numbers(one->value, two->value);
}

static int compare_lasts(const void *a, const void *b)
{
    return compare_numbers(*(const nta_u128 *)a, *(const nta_u128 *)b);
}

static bool is_same(const struct nta_addr_range *a, const struct nta_addr_range *b)
{
    return a->first == b->first && a->last == b->last &&
           ((a->value ^ b->value) & NTA_VALUE_FLAGS) == 0;
}

static void drop_twice(struct nta_addrs *addrs, nta_value_goes_fn *goes, nta_addr_twice_fn *twice,
                       void *owner)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < addrs->n_ranges; i++) {
        const struct nta_addr_range *range = &addrs->ranges[i];
        size_t k = n_kept; /* equal ones stand together */

        while (k > 0 && is_same(&addrs->ranges[k - 1], range) && goes &&
               !goes(owner, addrs->ranges[k - 1].value, range->value))
            k--;
        if (k > 0 && is_same(&addrs->ranges[k - 1], range))
            twice(owner, range->value, false);
        else
            addrs->ranges[n_kept++] = *range;
    }
    addrs->n_ranges = n_kept;
}

/** A heap of ranges (by place), the deciding one on top. */
struct heap
{
    const struct nta_addr_range *ranges;
    uint32_t *places;
    size_t n;
};

static bool above(const struct heap *heap, size_t a, size_t b)
{
    return nta_range_decides(&heap->ranges[heap->places[a]], &heap->ranges[heap->places[b]]);
}

static void swap(struct heap *heap, size_t a, size_t b)
{
    uint32_t place = heap->places[a];

    heap->places[a] = heap->places[b];
    heap->places[b] = place;
}

static void heap_push(struct heap *heap, uint32_t place)
{
    size_t i = heap->n++;

    heap->places[i] = place;
    for (; i > 0 && above(heap, i, (i - 1) / 2); i = (i - 1) / 2)
        swap(heap, i, (i - 1) / 2);
}

static void heap_pop(struct heap *heap)
{
    size_t i = 0;

    heap->places[0] = heap->places[--heap->n];
    for (;;) {
        size_t best = i;

        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < heap->n; child++)
            best = above(heap, child, best) ? child : best;
        if (best == i)
            return;
        swap(heap, i, best);
        i = best;
    }
}

/** From `number` on, the range `n_range` decides. */
static void cut(struct nta_addrs *addrs, nta_u128 number, uint32_t n_range)
{
    if (addrs->n_segments > 0 && addrs->segments[addrs->n_segments - 1].n_range == n_range)
        return;
    addrs->segments[addrs->n_segments++] = (struct nta_addr_segment){
        .high = (uint64_t)(number >> 64), .low = (uint64_t)number, .n_range = n_range};
}

/** Go over all places where a range begins or has ended; `lasts` are all last addresses, sorted. */
static void sweep(struct nta_addrs *addrs, struct heap *heap, const nta_u128 *lasts)
{
    size_t i = 0, j = 0;

    while (j < addrs->n_ranges) {
        bool begins = i < addrs->n_ranges && addrs->ranges[i].first <= lasts[j];
        nta_u128 number = begins ? addrs->ranges[i].first : lasts[j] + 1;

        if (!begins && number == 0)
            return; /* it goes on to the end of all addresses */
        while (i < addrs->n_ranges && addrs->ranges[i].first == number)
            heap_push(heap, (uint32_t)i++);
        while (j < addrs->n_ranges && lasts[j] < number)
            j++;
        while (heap->n > 0 && addrs->ranges[heap->places[0]].last < number)
            heap_pop(heap);
        cut(addrs, number, heap->n > 0 ? heap->places[0] + 1 : 0);
    }
}

int nta_segments_fill(struct nta_addrs *addrs, nta_value_goes_fn *goes, nta_addr_twice_fn *twice,
                      void *owner)
{
    NTA_AUTO_FREE nta_u128 *lasts = NULL;
    NTA_AUTO_FREE uint32_t *places = NULL;
    struct nta_addr_segment *smaller;
    struct heap heap = {.ranges = addrs->ranges};

    qsort(addrs->ranges, addrs->n_ranges, sizeof(*addrs->ranges), compare_ranges);
    drop_twice(addrs, goes, twice, owner);
    if (addrs->n_ranges == 0)
        return 0;
    lasts = calloc(addrs->n_ranges, sizeof(*lasts));
    places = calloc(addrs->n_ranges, sizeof(*places));
    addrs->segments = calloc(2 * addrs->n_ranges, sizeof(*addrs->segments));
    if (!lasts || !places || !addrs->segments)
        return -ENOMEM;
    for (size_t i = 0; i < addrs->n_ranges; i++)
        lasts[i] = addrs->ranges[i].last;
    qsort(lasts, addrs->n_ranges, sizeof(*lasts), compare_lasts);
    heap.places = places;
    sweep(addrs, &heap, lasts);
    smaller = realloc(addrs->segments, addrs->n_segments * sizeof(*smaller));
    addrs->segments = smaller ? smaller : addrs->segments;
    return 0;
}

struct nta_addr_range nta_segments_decide(const struct nta_addrs *addrs, nta_u128 number)
{
    const struct nta_addr_range none = {0, 0, 0};
    uint64_t high = (uint64_t)(number >> 64), low = (uint64_t)number;
    /* the answer is before `first` + n, segments before `first` start in time */
    size_t first = 0, n = addrs->n_segments;

    while (n > 0) {
        const struct nta_addr_segment *middle = &addrs->segments[first + n / 2];

        if (middle->high < high || (middle->high == high && middle->low <= low)) {
            first += n / 2 + 1;
            n -= n / 2 + 1;
        } else {
            n /= 2;
        }
    }
    if (first == 0 || addrs->segments[first - 1].n_range == 0)
        return none;
    return addrs->ranges[addrs->segments[first - 1].n_range - 1];
}
