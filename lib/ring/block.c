/* SPDX-License-Identifier: Apache-2.0 */
#include "ring/block.h"

#include <stddef.h>

void nta_block_reset(struct nta_block *block)
{
    block->n_packets = 0;
    block->data_off = NTA_BLOCK_AREA;
    block->mono_ns = 0;
    block->now_wall_ns = 0;
    block->flags = 0;
}

struct nta_packet *nta_block_room(struct nta_block *block, uint32_t cap_len, uint8_t **ret_bytes)
{
    struct nta_packet *packet = nta_block_packets(block) + block->n_packets;
    size_t entries_len = ((size_t)block->n_packets + 1) * sizeof(*packet);

    if (entries_len > block->data_off || cap_len > block->data_off - entries_len)
        return NULL;
    packet->data_off = block->data_off - cap_len;
    packet->cap_len = cap_len;
    *ret_bytes = block->area + packet->data_off;
    return packet;
}

void nta_block_commit(struct nta_block *block)
{
    block->data_off = nta_block_packets(block)[block->n_packets].data_off;
    block->n_packets++;
}
