/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The part of sealing that needs no key and no place in the chain: a batch compressed, with a salt
 * key drawn for it, and the Merkle root over its salted records (docs/format.md sections 3 and 4).
 * It is most of the work, so that whoever closes batches can do it beside the thread that seals and
 * commits them (vault/seal.h).
 *
 * One thread a packer.  Its memory is reused, and wiped of records and salts after each batch.
 */

#include "record/batch.h"
#include "vault/vault.h"

struct nta_packer; ///< Opaque.

/** 0 or -ENOMEM. */
int nta_packer_new(struct nta_packer **ret_packer);
/** Takes NULL too. */
void nta_packer_free(struct nta_packer **packer);

/** Zero is none.  In clear, but for compression: wiped by nta_packed_clear() and _done(). */
struct nta_packed
{
    struct nta_buf bytes; ///< Salt key and records, compressed; empty: none.
    uint8_t root[NTA_HASH_LEN];
};

/**
 * Pack a batch (n_records > 0).  0; or -ENOMEM or -EIO: no memory, or no random numbers; then
 * `packed` is empty.
 */
int nta_packer_pack(struct nta_packer *packer, const struct nta_batch *batch,
                    struct nta_packed *packed);

/** Nothing is packed there; its memory is kept. */
void nta_packed_clear(struct nta_packed *packed);
/** The same, and its memory is freed. */
void nta_packed_done(struct nta_packed *packed);
