/* SPDX-License-Identifier: Apache-2.0 */
#include "ring/block.h"

#include <string.h>

enum
{
    CACHE_LINE = 64
};

void nta_block_reset(struct nta_block *block)
{
    block->n_packets = 0;
    block->data_off = NTA_BLOCK_AREA;
    block->lent_off = NTA_BLOCK_AREA;
    block->mono_ns = 0;
    block->now_wall_ns = 0;
    block->flags = 0;
}

uint8_t *nta_block_lend(struct nta_block *block, size_t n_entries, size_t *ret_len)
{
    size_t off = (n_entries * sizeof(struct nta_packet) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;

    assert(block->n_packets == 0 && n_entries <= NTA_BLOCK_ENTRIES_MAX);
    block->data_off = block->lent_off = (uint32_t)off;
    *ret_len = NTA_BLOCK_AREA - off;
    return block->area + off;
}

/**
 * Do these bytes lie in what was lent?  Compared as numbers: they may well lie in no block at all.
 */
static bool is_lent(const struct nta_block *block, const uint8_t *bytes)
{
    uintptr_t first = (uintptr_t)block->area + block->lent_off;

    return (uintptr_t)bytes - first < NTA_BLOCK_AREA - block->lent_off;
}

bool nta_block_put(struct nta_block *block, const struct nta_packet *packet, const uint8_t *bytes)
{
    struct nta_packet *entry = nta_block_packets(block) + block->n_packets;
    size_t entries_len = ((size_t)block->n_packets + 1) * sizeof(*entry);
    uint32_t data_off;

    if (entries_len > block->data_off)
        return false;
    if (is_lent(block, bytes)) {
        data_off = (uint32_t)(bytes - block->area);
    } else {
        if (packet->cap_len > block->data_off - entries_len)
            return false;
        data_off = block->data_off -= packet->cap_len;
        memcpy(block->area + data_off, bytes, packet->cap_len);
    }
    *entry = *packet;
    entry->data_off = data_off;
    block->n_packets++;
    return true;
}
