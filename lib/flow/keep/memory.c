/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/keep/memory.h"

#include "base/memory/memory.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    SMALL_BYTES = 1 << 16,
    CACHE_LINE = 64,
    MARK_FREE = 0x80,  ///< Beside order + 1; a unit inside a block has 0.
    MARK_RESTS = 0x40, ///< Of a largest one that is free: since nta_flow_memory_trim() was there.
};

/** In the first bytes of a free block. */
struct nta_flow_free
{
    uint32_t prev, next;
};

static_assert(sizeof(struct nta_flow_free) <= NTA_FLOW_BLOCK_MIN, "fits the smallest block");

/* What is small comes from the heap, where sanitizers watch its ends. */
static bool is_small(size_t size)
{
    return size <= SMALL_BYTES;
}

void *nta_flow_map(size_t size, bool random_access)
{
    if (is_small(size))
        return nta_memory_new(size, CACHE_LINE);
    return nta_area_new(size, random_access ? NTA_AREA_ROAMS : NTA_AREA_GROWS);
}

void nta_flow_unmap(void *ptr, size_t size)
{
    if (is_small(size))
        free(ptr);
    else
        nta_area_free(ptr, size);
}

int nta_flow_memory_init(struct nta_flow_memory *memory, size_t all_bytes, size_t block_bytes,
                         struct nta_budget *all)
{
    size_t largest = NTA_FLOW_BLOCK_MIN;
    unsigned n_orders = 1;

    while (
        n_orders < NTA_FLOW_BLOCK_ORDERS &&
        (largest < block_bytes || (largest < NTA_AREA_LARGE && all_bytes % (2 * largest) == 0))) {
        largest *= 2;
        n_orders++;
    }
    size_t n_largest = all_bytes / largest ? all_bytes / largest : 1;

    if (n_largest >= (UINT32_MAX >> (n_orders - 1)))
        return -ENOMEM;
    *memory = (struct nta_flow_memory){
        .n_units = (uint32_t)(n_largest << (n_orders - 1)),
        .n_orders = n_orders,
    };
    nta_share_init(&memory->share, all);
    memory->area = nta_flow_map((size_t)memory->n_units * NTA_FLOW_BLOCK_MIN, false);
    memory->marks = nta_flow_map(memory->n_units, false);
    memory->returned = nta_memory_array(n_largest, sizeof(*memory->returned), _Alignof(uint32_t));
    if (memory->area && memory->marks && memory->returned)
        return 0;
    nta_flow_memory_done(memory);
    return -ENOMEM;
}

void nta_flow_memory_done(struct nta_flow_memory *memory)
{
    nta_flow_unmap(memory->area, (size_t)memory->n_units * NTA_FLOW_BLOCK_MIN);
    nta_flow_unmap(memory->marks, memory->n_units);
    free(memory->returned);
    *memory = (struct nta_flow_memory){0};
}

static struct nta_flow_free *free_at(const struct nta_flow_memory *memory, uint32_t block)
{
    return (struct nta_flow_free *)(void *)nta_flow_block_ptr(memory, block);
}

static void push_free(struct nta_flow_memory *memory, uint32_t block, unsigned order)
{
    uint32_t next = memory->free[order];

    *free_at(memory, block) = (struct nta_flow_free){.next = next};
    if (next)
        free_at(memory, next)->prev = block;
    memory->free[order] = block;
    memory->marks[block - 1] = (uint8_t)(MARK_FREE | (order + 1));
}

static void remove_free(struct nta_flow_memory *memory, uint32_t block, unsigned order)
{
    struct nta_flow_free links = *free_at(memory, block);

    if (links.prev)
        free_at(memory, links.prev)->next = links.next;
    else
        memory->free[order] = links.next;
    if (links.next)
        free_at(memory, links.next)->prev = links.prev;
    memory->marks[block - 1] = 0;
}

/** A largest block of which no memory was touched, or whose memory went back; 0: none. */
static uint32_t take_untouched(struct nta_flow_memory *memory)
{
    const uint32_t n_units = 1U << (memory->n_orders - 1);

    if (memory->n_returned > 0)
        return memory->returned[--memory->n_returned];
    if (memory->n_units_touched == memory->n_units)
        return 0;
    memory->n_units_touched += n_units;
    return memory->n_units_touched - n_units + 1;
}

void nta_flow_memory_warm(struct nta_flow_memory *memory, struct nta_warm *warm, size_t n_bytes)
{
    const size_t all = (size_t)memory->n_units * NTA_FLOW_BLOCK_MIN;

    (void)nta_area_warm(warm, memory->area, n_bytes < all ? n_bytes : all);
}

void nta_flow_memory_trim(struct nta_flow_memory *memory)
{
    const unsigned largest = memory->n_orders - 1;
    uint32_t block = memory->free[largest];

    while (block) {
        const uint32_t next = free_at(memory, block)->next;

        if (memory->marks[block - 1] & MARK_RESTS) {
            remove_free(memory, block, largest);
            nta_area_rest(nta_flow_block_ptr(memory, block), (size_t)NTA_FLOW_BLOCK_MIN << largest);
            memory->returned[memory->n_returned++] = block;
        } else {
            memory->marks[block - 1] |= MARK_RESTS;
        }
        block = next;
    }
}

uint32_t nta_flow_block_new(struct nta_flow_memory *memory, size_t size)
{
    unsigned order = 0;

    while (order < memory->n_orders && ((size_t)NTA_FLOW_BLOCK_MIN << order) < size)
        order++;
    unsigned found = order;

    if (!nta_share_take(&memory->share, (uint64_t)NTA_FLOW_BLOCK_MIN << order))
        return 0;
    while (found < memory->n_orders && !memory->free[found])
        found++;
    uint32_t block = found < memory->n_orders ? memory->free[found] : 0;

    if (block) {
        remove_free(memory, block, found);
    } else if (order < memory->n_orders) {
        found = memory->n_orders - 1;
        block = take_untouched(memory);
    }
    if (!block) {
        nta_share_give(&memory->share, (uint64_t)NTA_FLOW_BLOCK_MIN << order);
        return 0;
    }
    while (found > order) {
        found--;
        push_free(memory, block + (1U << found), found);
    }
    memory->marks[block - 1] = (uint8_t)(order + 1);
    memory->used_bytes += (size_t)NTA_FLOW_BLOCK_MIN << order;
    return block;
}

size_t nta_flow_block_size(const struct nta_flow_memory *memory, uint32_t block)
{
    uint8_t mark = memory->marks[block - 1];

    assert(mark > 0 && mark < MARK_FREE);
    return (size_t)NTA_FLOW_BLOCK_MIN << (mark - 1);
}

void nta_flow_block_free(struct nta_flow_memory *memory, uint32_t block)
{
    size_t size = nta_flow_block_size(memory, block);
    unsigned order = memory->marks[block - 1] - 1U;
    uint32_t unit = block - 1;

    memory->used_bytes -= size;
    nta_share_give(&memory->share, size);
    memory->marks[unit] = 0;
    for (; order + 1 < memory->n_orders; order++) {
        uint32_t buddy = unit ^ (1U << order);

        if (memory->marks[buddy] != (MARK_FREE | (order + 1)))
            break;
        remove_free(memory, buddy + 1, order);
        unit &= ~(1U << order);
    }
    push_free(memory, unit + 1, order);
}
