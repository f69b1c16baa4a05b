/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Blocks of 256 bytes times a power of two, out of one area that is taken at the start: a buddy
 * allocator (Knowlton, 1965).  So stream memory is bounded, a block is contiguous, and nothing is
 * asked of the system per packet.  Pages that were never needed are never touched, and those of a
 * largest block, a large page where there are so many bytes, can go back.
 */

#include "base/memory/area.h"
#include "base/memory/budget.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_FLOW_BLOCK_MIN = 256,
    NTA_FLOW_BLOCK_ORDERS = 24
};

struct nta_flow_memory
{
    uint8_t *area;  ///< Owned.
    uint8_t *marks; ///< One a unit of 256 bytes: order and state of a block's first.
    uint32_t free[NTA_FLOW_BLOCK_ORDERS]; ///< By order; block names.
    uint32_t n_units, n_units_touched;
    uint32_t *returned; ///< Owned; largest blocks whose memory went back, by name.
    size_t n_returned;
    unsigned n_orders;
    size_t used_bytes;      ///< In blocks given out.
    struct nta_share share; ///< Of the bytes of all.
};

/**
 * Space for `all_bytes` (rounded down to largest blocks, at least one), largest block >=
 * `block_bytes`; `all`: what several of them may use together, borrowed, or NULL.  0 or -ENOMEM.
 */
int nta_flow_memory_init(struct nta_flow_memory *memory, size_t all_bytes, size_t block_bytes,
                         struct nta_budget *all);
/** Give the areas back, and with them all blocks; nothing happens to a zeroed one. */
void nta_flow_memory_done(struct nta_flow_memory *memory);

/** Of its front, `n_bytes` or what `warm` has left are memory from now on, until they go back. */
void nta_flow_memory_warm(struct nta_flow_memory *memory, struct nta_warm *warm, size_t n_bytes);

/** A block of at least `size` bytes by name, or 0: none is free, or none is that large. */
uint32_t nta_flow_block_new(struct nta_flow_memory *memory, size_t size);
/** Give a block back, which must be in use; with a free buddy it becomes one larger block. */
void nta_flow_block_free(struct nta_flow_memory *memory, uint32_t block);

/**
 * Give the memory of largest blocks back that stayed free since the last call; every few seconds.
 */
void nta_flow_memory_trim(struct nta_flow_memory *memory);

/** Bytes of a block in use: at least what was asked for, a power of two times 256. */
size_t nta_flow_block_size(const struct nta_flow_memory *memory, uint32_t block);

/** Its first byte; it stays there as long as the block is in use. */
static inline uint8_t *nta_flow_block_ptr(const struct nta_flow_memory *memory, uint32_t block)
{
    return memory->area + (size_t)(block - 1) * NTA_FLOW_BLOCK_MIN;
}

/** Zeroed memory from the system whose untouched pages cost nothing; NULL if there is none. */
void *nta_flow_map(size_t size, bool random_access);
/** Free what nta_flow_map() gave for this very size; takes NULL too. */
void nta_flow_unmap(void *ptr, size_t size);
