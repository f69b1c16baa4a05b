/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The Merkle leaves of a batch: SHA-256(0x00 ‖ salt i ‖ record i).  Holds the memory for them, 192
 * KiB.  Private to the vault.
 */

#include "record/batch.h"
#include "vault/tree/merkle.h"
#include "vault/vault.h"

struct nta_leaves; ///< Opaque.

/** 0 or -ENOMEM. */
int nta_leaves_new(struct nta_leaves **ret_leaves);
/** Takes NULL too. */
void nta_leaves_free(struct nta_leaves **leaves);

/** Wipe the salts of the first `n` records. */
void nta_leaves_wipe(struct nta_leaves *leaves, size_t n);

/** Root over the records.  0 or -EIO. */
int nta_leaves_root(struct nta_leaves *leaves, const struct nta_batch *batch,
                    const uint8_t salt_key[NTA_KEY_LEN], uint8_t ret_root[NTA_HASH_LEN]);

/** Salt and inclusion path of record `index` < n_records.  0 or -EIO. */
int nta_leaves_prove(struct nta_leaves *leaves, const struct nta_batch *batch,
                     const uint8_t salt_key[NTA_KEY_LEN], size_t index,
                     struct nta_proof *ret_proof);
