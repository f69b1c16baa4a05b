/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The tree over a sensor's chain: RFC 9162 section 2.1 over the links of its batches in order, so
 * that each header vouches for every batch before it (docs/format.md).
 *
 * Only the frontier is kept: the roots of the perfect subtrees that the size's binary digits name,
 * largest first, 32 bytes each and at most 64 of them.  Proofs are made from the links, read once
 * in their order (struct nta_log_proof); checking one needs the proof alone.  A proof is of hashes,
 * and does not prove a size (some fit trees of several): root and size come from one signature.
 *
 * Pure; no allocation.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_LOG_HASH_LEN = 32,
    NTA_LOG_LEVELS = 64,
    NTA_LOG_FRONTIER_MAX = NTA_LOG_LEVELS * NTA_LOG_HASH_LEN, ///< Bytes.
    NTA_LOG_PROOF_MAX = 2 * NTA_LOG_LEVELS                    ///< Hashes.
};

/** A tree of `n` leaves; zeroed: none.  `roots[i]` is in use if bit i of `n` is set. */
struct nta_log_tree
{
    uint64_t n;
    uint8_t roots[NTA_LOG_LEVELS][NTA_LOG_HASH_LEN];
};

/** One more leaf: the link of the next batch.  A tree of 2^64 - 1 leaves takes none. */
void nta_log_add(struct nta_log_tree *tree, const uint8_t link[NTA_LOG_HASH_LEN]);

/**
 * `n_lost` more leaves of 32 zeros each: batches that are lost to their sensor (vault/note.h).  In
 * the time of a few hashes, however many.  False, and the tree unchanged: more than a tree takes.
 */
bool nta_log_add_lost(struct nta_log_tree *tree, uint64_t n_lost);

/** The tree's hash; of no leaves SHA-256 of nothing. */
void nta_log_root(const struct nta_log_tree *tree, uint8_t ret_root[NTA_LOG_HASH_LEN]);

/** The frontier as it is stored: gives its length in bytes. */
size_t nta_log_frontier(const struct nta_log_tree *tree, uint8_t ret_bytes[NTA_LOG_FRONTIER_MAX]);

/** A tree of `n` leaves from its frontier.  False, and no tree: not as many bytes as that has. */
bool nta_log_from_frontier(uint64_t n, struct nta_span frontier, struct nta_log_tree *ret_tree);

/** A proof being made: the roots of some ranges of leaves, in the order of the proof. */
struct nta_log_proof
{
    size_t n; ///< Hashes of the proof.
    uint8_t hashes[NTA_LOG_PROOF_MAX][NTA_LOG_HASH_LEN];
    /* private */
    uint64_t first[NTA_LOG_PROOF_MAX], size[NTA_LOG_PROOF_MAX]; ///< The leaves of each.
    uint64_t next;                                              ///< The leaf that comes.
    struct nta_log_tree range;
};

/**
 * That leaf `index` is in the tree of `n` (section 2.1.3.1).  False: there is no such leaf.  Then
 * nta_log_proof_add() for each of the `n` leaves from the first on.
 */
bool nta_log_prove_inclusion(struct nta_log_proof *proof, uint64_t index, uint64_t n);

/** That the tree of `old` leaves, more than none, is the beginning of that of `n` (2.1.4.1). */
bool nta_log_prove_consistency(struct nta_log_proof *proof, uint64_t old, uint64_t n);

/** The next leaf's link. */
void nta_log_proof_add(struct nta_log_proof *proof, const uint8_t link[NTA_LOG_HASH_LEN]);

/** True if every range of the proof was seen to its end. */
bool nta_log_proof_is_whole(const struct nta_log_proof *proof);

/** Section 2.1.3.2; `path` is the proof's hashes in a row. */
bool nta_log_check_inclusion(const uint8_t link[NTA_LOG_HASH_LEN], uint64_t index, uint64_t n,
                             struct nta_span path, const uint8_t root[NTA_LOG_HASH_LEN]);

/** Section 2.1.4.2; a tree is consistent with itself by an empty proof, and with none never. */
bool nta_log_check_consistency(uint64_t old, const uint8_t old_root[NTA_LOG_HASH_LEN], uint64_t n,
                               const uint8_t root[NTA_LOG_HASH_LEN], struct nta_span path);
