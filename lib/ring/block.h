/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A block: many packets handed over at once.
 *
 * One area; packet entries grow from its front, their bytes from its back, and it is full when the
 * two would meet.  So the worker walks the entries in order and the bytes lie near each other.
 *
 * Its back can be lent to who reads a file: bytes of packets that lie there already stay where they
 * are.
 */

#include "decode/packet.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_BLOCK_SIZE = 256 * 1024,
    NTA_BLOCK_AREA = NTA_BLOCK_SIZE - 64,
    /** Longest packet a block holds; more is cut and flagged NTA_PACKET_CUT. */
    NTA_BLOCK_PACKET_MAX = NTA_BLOCK_AREA - (int)sizeof(struct nta_packet),
    /** Most entries that what is lent leaves space for: half of the area. */
    NTA_BLOCK_ENTRIES_MAX = NTA_BLOCK_AREA / 2 / (int)sizeof(struct nta_packet),
};

struct nta_block
{
    uint32_t n_packets;  ///< Entries at the front.
    uint32_t data_off;   ///< First used byte of the back; NTA_BLOCK_AREA when empty.
    int64_t mono_ns;     ///< When its first packet came (live only): to hand over after 10 ms.
    int64_t now_wall_ns; ///< Capture's clock at hand-over: time goes on without packets, too.
    uint32_t capture;    ///< Which capture thread it belongs to.
    uint32_t flags;      ///< NTA_BLOCK_… bits.
    uint32_t lent_off;   ///< First lent byte; NTA_BLOCK_AREA: none is.
    _Alignas(64) uint8_t area[NTA_BLOCK_AREA];
};

enum
{
    /** Nothing follows from this capture thread: the worker drains and ends. */
    NTA_BLOCK_LAST = 1U << 0,
};

static_assert(sizeof(struct nta_block) == NTA_BLOCK_SIZE, "a block is 256 KiB");

/** The table of a block's packets, at its front. */
static inline struct nta_packet *nta_block_packets(struct nta_block *block)
{
    return (struct nta_packet *)(void *)block->area;
}

/** The bytes of one of its packets, `cap_len` of them. */
static inline const uint8_t *nta_block_bytes(const struct nta_block *block,
                                             const struct nta_packet *packet)
{
    return block->area + packet->data_off;
}

/** Empty it for its next use. */
void nta_block_reset(struct nta_block *block);

/**
 * Lend the back of an empty block, leaving space for `n_entries` in front; gives where, and in
 * `ret_len` how much.  `n_entries` <= NTA_BLOCK_ENTRIES_MAX.
 */
uint8_t *nta_block_lend(struct nta_block *block, size_t n_entries, size_t *ret_len);

/**
 * Add a packet and its `packet->cap_len` bytes, which are copied unless they lie in what was lent;
 * sets the entry's data_off.  False if there is no space: nothing was added.
 */
bool nta_block_put(struct nta_block *block, const struct nta_packet *packet, const uint8_t *bytes);
