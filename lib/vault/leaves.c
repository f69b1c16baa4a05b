/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/leaves.h"

#include "vault/crypto/digests.h"
#include "vault/crypto/gcm.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>

static_assert((int)NTA_SALT_LEN == (int)NTA_PROOF_SALT_LEN, "the proof holds a whole salt");
static_assert(NTA_BATCH_RECORDS <= 1 << NTA_PROOF_PATH_MAX, "the proof holds a whole path");

struct nta_leaves
{
    uint8_t salts[NTA_BATCH_RECORDS][NTA_SALT_LEN];
    uint8_t hashes[NTA_BATCH_RECORDS][NTA_MERKLE_HASH_LEN];
    uint16_t order[NTA_BATCH_RECORDS]; ///< In which they are hashed.
    struct nta_digests digests;
};

int nta_leaves_new(struct nta_leaves **ret_leaves)
{
    struct nta_leaves *leaves = calloc(1, sizeof(*leaves));

    if (!leaves)
        return -ENOMEM;
    nta_digests_init(&leaves->digests);
    *ret_leaves = leaves;
    return 0;
}

void nta_leaves_free(struct nta_leaves **leaves)
{
    if (*leaves)
        OPENSSL_cleanse((*leaves)->salts, sizeof((*leaves)->salts));
    free(*leaves);
    *leaves = NULL;
}

void nta_leaves_wipe(struct nta_leaves *leaves, size_t n)
{
    OPENSSL_cleanse(leaves->salts, n * sizeof(leaves->salts[0]));
}

static struct nta_span salt_span(const uint8_t salt[NTA_SALT_LEN])
{
    return (struct nta_span){.ptr = salt, .len = NTA_SALT_LEN};
}

/** Those of the same number of blocks, but the longest, follow each other: they end together. */
static void put_in_order(struct nta_leaves *leaves, const struct nta_batch *batch)
{
    enum
    {
        N_KINDS = 17 ///< Of lengths: beyond what a lane holds it does not matter.
    };

    uint16_t starts[N_KINDS + 1] = {0};
    uint8_t kinds[NTA_BATCH_RECORDS];

    for (size_t i = 0; i < batch->n_records; i++) {
        const size_t len = 1 + NTA_SALT_LEN + nta_batch_record(batch, i).len;

        kinds[i] = (uint8_t)nta_smaller(nta_digests_blocks(len), N_KINDS - 1);
        starts[kinds[i] + 1]++;
    }
    for (size_t kind = 1; kind < N_KINDS; kind++)
        starts[kind] = (uint16_t)(starts[kind] + starts[kind - 1]);
    for (size_t i = 0; i < batch->n_records; i++)
        leaves->order[starts[kinds[i]]++] = (uint16_t)i;
}

static int hash_all(struct nta_leaves *leaves, const struct nta_batch *batch,
                    const uint8_t salt_key[NTA_KEY_LEN])
{
    int r = nta_salts(salt_key, leaves->salts, batch->n_records);

    put_in_order(leaves, batch);
    for (size_t i = 0; r == 0 && i < batch->n_records; i++) {
        const size_t next = leaves->order[i];

        nta_merkle_put_leaf(&leaves->digests, salt_span(leaves->salts[next]),
                            nta_batch_record(batch, next), leaves->hashes[next]);
    }
    nta_digests_end(&leaves->digests);
    nta_digests_wipe(&leaves->digests);
    return r;
}

int nta_leaves_root(struct nta_leaves *leaves, const struct nta_batch *batch,
                    const uint8_t salt_key[NTA_KEY_LEN], uint8_t ret_root[NTA_HASH_LEN])
{
    int r = hash_all(leaves, batch, salt_key);

    if (r == 0)
        nta_merkle_root(leaves->hashes, batch->n_records, ret_root);
    return r;
}

int nta_leaves_prove(struct nta_leaves *leaves, const struct nta_batch *batch,
                     const uint8_t salt_key[NTA_KEY_LEN], size_t index, struct nta_proof *ret_proof)
{
    uint8_t path[NTA_MERKLE_PATH_MAX][NTA_MERKLE_HASH_LEN];
    int r = hash_all(leaves, batch, salt_key);

    if (r < 0)
        return r;
    memcpy(ret_proof->salt, leaves->salts[index], NTA_SALT_LEN);
    ret_proof->n_path = nta_merkle_path(leaves->hashes, batch->n_records, index, path);
    memcpy(ret_proof->path, path, ret_proof->n_path * sizeof(path[0]));
    return 0;
}

bool nta_proof_check(const struct nta_proof *proof, const struct nta_header *header, uint64_t index,
                     struct nta_span record)
{
    uint8_t leaf[NTA_MERKLE_HASH_LEN];

    if (proof->n_path > NTA_PROOF_PATH_MAX)
        return false;
    nta_merkle_leaf(salt_span(proof->salt), record, leaf);
    return nta_merkle_verify(
        leaf, index, header->n_records,
        (struct nta_span){.ptr = proof->path[0], .len = proof->n_path * sizeof(proof->path[0])},
        header->root);
}
