/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SHA-256 (FIPS 180-4) of several messages beside each other, a block of each at a time.
 *
 * One hash is a chain of instructions that wait for each other.  With AVX-512 sixteen hashes have a
 * word of a register each, which takes half of the time that sixteen take one after the other with
 * the processor's instructions for SHA-256; with these, two hashes fill the time in which one
 * waits.  A way has no state of its own, and any thread may call it.
 *
 * For vault/crypto/digests.c and its test.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_LANES_MAX = 16,
    NTA_LANES_BLOCK = 64,                ///< Bytes.
    NTA_LANES_WORDS = 8 * NTA_LANES_MAX, ///< Of the states.
};

/** One way to hash so. */
struct nta_lanes_way
{
    unsigned n; ///< Lanes.
    /** Word w (A to H) of lane l's state is at places[w] + l * step. */
    uint8_t places[8], step;
    /** Hash in the next `n_blocks` of each lane, which begin at blocks[l]. */
    void (*hash)(uint32_t *states, const uint8_t *const *blocks, size_t n_blocks);
    bool (*is_there)(void); ///< Has this processor the instructions?
};

/** The best one that this processor has; NULL: none. */
const struct nta_lanes_way *nta_lanes_best(void);

/** The i-th that there is for such machines, the best one first; NULL behind the last. */
const struct nta_lanes_way *nta_lanes_get(size_t i);
