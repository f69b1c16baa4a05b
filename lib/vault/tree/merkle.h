/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Merkle trees as RFC 9162 section 2.1 hashes them, over SHA-256.
 *
 * The tree is computed level by level: neighbours are hashed in pairs and an odd last node moves up
 * as it is, which gives the same tree as the RFC's recursive split at the largest power of two.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_MERKLE_HASH_LEN = 32,
    NTA_MERKLE_PATH_MAX = 32 ///< Nodes in the path of a leaf, for up to 2^32 leaves.
};

/** SHA-256(0x00 ‖ prefix ‖ data): RFC 9162 section 2.1.1 with the leaf in two pieces. */
void nta_merkle_leaf(struct nta_span prefix, struct nta_span data,
                     uint8_t ret_hash[NTA_MERKLE_HASH_LEN]);

struct nta_digests;

/** The same with many others: written at their end (vault/crypto/digests.h). */
void nta_merkle_put_leaf(struct nta_digests *digests, struct nta_span prefix, struct nta_span data,
                         uint8_t ret_hash[NTA_MERKLE_HASH_LEN]);

/** SHA-256(0x01 ‖ left ‖ right).  `ret_hash` may be one of the two. */
void nta_merkle_node(const uint8_t left[NTA_MERKLE_HASH_LEN],
                     const uint8_t right[NTA_MERKLE_HASH_LEN],
                     uint8_t ret_hash[NTA_MERKLE_HASH_LEN]);

/** Root over `n` leaf hashes, which are overwritten.  Of none: SHA-256 of nothing. */
void nta_merkle_root(uint8_t (*hashes)[NTA_MERKLE_HASH_LEN], size_t n,
                     uint8_t ret_root[NTA_MERKLE_HASH_LEN]);

/**
 * Inclusion path (section 2.1.3.1) of leaf `index` < `n`, lowest node first; gives its length.  The
 * leaf hashes are overwritten.
 */
size_t nta_merkle_path(uint8_t (*hashes)[NTA_MERKLE_HASH_LEN], size_t n, size_t index,
                       uint8_t ret_path[NTA_MERKLE_PATH_MAX][NTA_MERKLE_HASH_LEN]);

/**
 * Section 2.1.3.2: true if the leaf hash is at `index` of the tree with `n` leaves and this root;
 * `path` is the path's hashes in a row.
 */
bool nta_merkle_verify(const uint8_t leaf[NTA_MERKLE_HASH_LEN], uint64_t index, uint64_t n,
                       struct nta_span path, const uint8_t root[NTA_MERKLE_HASH_LEN]);
