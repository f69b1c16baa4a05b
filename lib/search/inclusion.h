/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Proofs out of the stores that a batch is in a sensor's tree, and that one tree continues another
 * (vault/tree/log_tree.h): what is handed over with single records, as a case file, so that nobody
 * needs the whole chain.
 *
 * Each is made of the links of all headers from 1 to the tree's size, in one walk over both stores,
 * and then checked as its reader will check it, against a tree hash that the caller trusts (of a
 * proved chain, of a head that was noted): so rows that nobody signed cannot make a wrong proof,
 * only none.  Memory is that of one batch.
 */

#include "search/stores.h"
#include "vault/tree/log_tree.h"

/** A tree over the links of 1 to `n` of a sensor. */
struct nta_tree_head
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t n;
    uint8_t root[NTA_HASH_LEN];
};

/** Hashes, lowest first. */
struct nta_tree_proof
{
    uint8_t hashes[NTA_LOG_PROOF_MAX][NTA_HASH_LEN];
    size_t n;
};

/**
 * That batch `number` is in the tree; `ret_link` is its own.  0; -EINVAL: the tree has no such
 * number; -ENODATA with a sentence: a batch up to `n` is missing, and not lost as a note says;
 * -EBADMSG: what is there makes another tree; -E2BIG: more are lost than are counted; or what
 * reading failed with.
 */
int nta_stores_prove_inclusion(struct nta_stores *stores, const struct nta_tree_head *head,
                               uint64_t number, uint8_t ret_link[NTA_HASH_LEN],
                               struct nta_tree_proof *ret_proof, struct nta_err *err);

/** A batch whose proof is wanted, and then its link and that. */
struct nta_inclusion
{
    uint64_t number;
    uint8_t link[NTA_HASH_LEN];
    struct nta_tree_proof proof;
};

/**
 * The same for `n` batches in one walk.  Memory: 12 KiB each; time: that of reading all headers
 * once, and two hashes a header for each.
 */
int nta_stores_prove_inclusions(struct nta_stores *stores, const struct nta_tree_head *head,
                                struct nta_inclusion *inclusions, size_t n, struct nta_err *err);

/** That `head` continues the tree of `old`, of the same sensor and smaller.  As above. */
int nta_stores_prove_consistency(struct nta_stores *stores, const struct nta_tree_head *old,
                                 const struct nta_tree_head *head, struct nta_tree_proof *ret_proof,
                                 struct nta_err *err);
