/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/seal/packer.h"

#include "base/own.h"
#include "vault/crypto/secret.h"
#include "vault/leaves.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>

struct secrets
{
    uint8_t salt_key[NTA_KEY_LEN];
};

struct nta_packer
{
    struct secrets *secrets;   ///< Owned (vault/crypto/secret.h).
    struct nta_body *body;     ///< Owned.
    struct nta_leaves *leaves; ///< Owned.
    struct nta_buf space;      ///< As large as a body may become; secret.
};

void nta_packer_free(struct nta_packer **packer)
{
    struct nta_packer *dead = NTA_TAKE(*packer);

    if (!dead)
        return;
    nta_secret_free(dead->secrets, sizeof(*dead->secrets));
    nta_body_free(&dead->body);
    nta_leaves_free(&dead->leaves);
    nta_buf_done(&dead->space);
    free(dead);
}

int nta_packer_new(struct nta_packer **ret_packer)
{
    NTA_AUTO(nta_packer_free) struct nta_packer *packer = calloc(1, sizeof(*packer));

    if (!packer)
        return -ENOMEM;
    packer->space.secret = true;
    packer->secrets = nta_secret_new(sizeof(*packer->secrets));
    if (!packer->secrets)
        return -ENOMEM;
    int r = nta_body_new(&packer->body);

    if (r == 0)
        r = nta_leaves_new(&packer->leaves);
    if (r == 0)
        *ret_packer = NTA_TAKE(packer);
    return r;
}

/** Into the packer's own space, which is larger than what comes of it. */
static int pack(struct nta_packer *packer, const struct nta_batch *batch,
                uint8_t ret_root[NTA_HASH_LEN])
{
    uint8_t *salt_key = packer->secrets->salt_key;
    int r = RAND_priv_bytes(salt_key, NTA_KEY_LEN) == 1 ? 0 : -EIO;

    if (r == 0)
        r = nta_leaves_root(packer->leaves, batch, salt_key, ret_root);
    if (r == 0)
        r = nta_body_pack(packer->body, batch, salt_key, &packer->space);
    OPENSSL_cleanse(salt_key, NTA_KEY_LEN);
    nta_leaves_wipe(packer->leaves, batch->n_records);
    return r;
}

int nta_packer_pack(struct nta_packer *packer, const struct nta_batch *batch,
                    struct nta_packed *packed)
{
    assert(batch->n_records > 0 && batch->n_records <= NTA_BATCH_RECORDS);
    nta_packed_clear(packed);
    packed->bytes.secret = true;
    int r = pack(packer, batch, packed->root);

    if (r == 0)
        nta_buf_put(&packed->bytes, packer->space.ptr, packer->space.len);
    nta_buf_clear(&packer->space);
    if (r == 0 && packed->bytes.failed)
        r = -ENOMEM;
    if (r < 0)
        nta_packed_clear(packed);
    return r;
}

void nta_packed_clear(struct nta_packed *packed)
{
    nta_buf_clear(&packed->bytes);
}

void nta_packed_done(struct nta_packed *packed)
{
    nta_buf_done(&packed->bytes);
}
