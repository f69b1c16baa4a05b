/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SHA-256 (FIPS 180-4) of many messages: the leaves and nodes of a tree.
 *
 * Messages are put one after the other.  Each goes into a lane (vault/crypto/lanes.h), and when all
 * lanes have one, a block of each is hashed at a time, until one is through: so messages of the
 * same number of blocks are best put one after the other.  Where the processor has nothing for
 * that, and one that is longer than a lane, libcrypto hashes at once.
 *
 * Private to the vault.  No allocation; one thread.
 */

#include "base/bytes.h"
#include "vault/crypto/lanes.h"

enum
{
    NTA_DIGESTS_LANE_BYTES = 1024, ///< A message in its lane, padded.
    NTA_DIGESTS_HEAD_BYTES = 32,
    NTA_DIGESTS_TAIL_BYTES = 72 ///< The longest padding.
};

/** What a message begins with. */
struct nta_digests_head
{
    uint8_t bytes[NTA_DIGESTS_HEAD_BYTES];
    size_t len;
};

struct nta_digests_lane
{
    uint8_t bytes[NTA_DIGESTS_LANE_BYTES + NTA_DIGESTS_TAIL_BYTES];
    uint8_t *ret_hash;
};

struct nta_digests
{
    uint32_t states[NTA_LANES_WORDS];
    const struct nta_lanes_way *way;  ///< NULL: none.
    uint32_t free;                    ///< A bit for each lane without a message.
    const uint8_t *at[NTA_LANES_MAX]; ///< The next block of each lane,
    uint32_t left[NTA_LANES_MAX];     ///< and how many are left.
    struct nta_digests_lane lanes[NTA_LANES_MAX];
};

/** Begin; nothing is in the lanes. */
void nta_digests_init(struct nta_digests *digests);

/**
 * Put the message `head` ‖ `data`, which may change at once.  `ret_hash` (32 bytes) is written by a
 * later call, the end at the latest.
 */
void nta_digests_put(struct nta_digests *digests, const struct nta_digests_head *head,
                     struct nta_span data, uint8_t *ret_hash);

/** How many blocks a message of `len` bytes has (FIPS 180-4 section 5.1.1). */
static inline size_t nta_digests_blocks(size_t len)
{
    return (len + 1 + sizeof(uint64_t) + NTA_LANES_BLOCK - 1) / NTA_LANES_BLOCK;
}

/** All hashes are written; more may be put. */
void nta_digests_end(struct nta_digests *digests);

/** What was put does not stay behind; after an end. */
void nta_digests_wipe(struct nta_digests *digests);
