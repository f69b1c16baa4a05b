/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SHA-256 (FIPS 180-4) of many short messages: the leaves and nodes of a tree.
 *
 * One hash is a chain of instructions that wait for each other, so that a processor with
 * instructions for SHA-256 is idle half of the time; two hashes beside each other fill it.
 * Messages are put one after the other, and whichever of two lanes is through takes the next.
 * Without these instructions, or for a message longer than a lane, libcrypto hashes it at once.
 *
 * Private to the vault.  No allocation; one thread.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_DIGESTS_LANE_BYTES = 1024 ///< A message in its lane, padded.
};

/** A message on its way: what is left of it, and the state behind what is not. */
struct nta_digests_lane
{
    uint8_t bytes[NTA_DIGESTS_LANE_BYTES];
    uint32_t state[8]; ///< In the order of the instructions: F E B A, H G D C.
    size_t at, end;    ///< Bytes that were hashed, of those that there are; the same: it is free.
    uint8_t *ret_hash;
};

struct nta_digests
{
    struct nta_digests_lane lanes[2];
    bool in_pairs; ///< The processor has the instructions.
};

/** Begin; nothing is in the lanes. */
void nta_digests_init(struct nta_digests *digests);

/**
 * Put the message that these parts are in a row; they may change at once.  `ret_hash` (32 bytes) is
 * written by a later call, the end at the latest.
 */
void nta_digests_put(struct nta_digests *digests, const struct nta_span *parts, size_t n_parts,
                     uint8_t *ret_hash);

/** All hashes are written; more may be put. */
void nta_digests_end(struct nta_digests *digests);

/** What was put does not stay behind; after an end. */
void nta_digests_wipe(struct nta_digests *digests);
