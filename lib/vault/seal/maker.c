/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/seal/maker.h"

#include "base/own.h"
#include "vault/crypto/gcm.h"
#include "vault/crypto/secret.h"
#include "vault/header.h"
#include "vault/leaves.h"
#include "vault/tokens.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>

struct secrets
{
    uint8_t salt_key[NTA_KEY_LEN];
};

struct nta_maker
{
    struct secrets *secrets;    ///< Owned (vault/crypto/secret.h).
    struct nta_body *body;      ///< Owned.
    struct nta_leaves *leaves;  ///< Owned.
    struct nta_tokens *tokens;  ///< Owned.
    struct nta_buf packed, aad; ///< `packed` is records in clear, compressed.
    /* what was given last */
    struct nta_buf header, tokens_made, sealed;
    uint8_t signature[NTA_SIGNATURE_LEN];
};

/** Nothing of the records stays behind in clear. */
static void wipe_packed(struct nta_maker *maker)
{
    if (maker->packed.ptr)
        OPENSSL_cleanse(maker->packed.ptr, maker->packed.len);
    nta_buf_clear(&maker->packed);
}

void nta_maker_free(struct nta_maker **maker)
{
    struct nta_maker *dead = NTA_TAKE(*maker);

    if (!dead)
        return;
    nta_secret_free(dead->secrets, sizeof(*dead->secrets));
    nta_body_free(&dead->body);
    nta_leaves_free(&dead->leaves);
    nta_tokens_free(&dead->tokens);
    wipe_packed(dead);
    nta_buf_done(&dead->packed);
    nta_buf_done(&dead->aad);
    nta_buf_done(&dead->header);
    nta_buf_done(&dead->tokens_made);
    nta_buf_done(&dead->sealed);
    free(dead);
}

int nta_maker_new(struct nta_maker **ret_maker)
{
    NTA_AUTO(nta_maker_free) struct nta_maker *maker = calloc(1, sizeof(*maker));

    if (!maker)
        return -ENOMEM;
    maker->secrets = nta_secret_new(sizeof(*maker->secrets));
    if (!maker->secrets)
        return -ENOMEM;
    int r = nta_body_new(&maker->body);

    if (r == 0)
        r = nta_leaves_new(&maker->leaves);
    if (r == 0)
        r = nta_tokens_new(&maker->tokens);
    if (r == 0)
        *ret_maker = NTA_TAKE(maker);
    return r;
}

/** The Merkle root over salted records, and the packed body with the salt key in it. */
static int pack(struct nta_maker *maker, const struct nta_batch *batch, struct nta_header *header)
{
    uint8_t *salt_key = maker->secrets->salt_key;
    int r = RAND_priv_bytes(salt_key, NTA_KEY_LEN) == 1 ? 0 : -EIO;

    nta_buf_clear(&maker->packed);
    if (r == 0)
        r = nta_leaves_root(maker->leaves, batch, salt_key, header->root);
    if (r == 0)
        r = nta_body_pack(maker->body, batch, salt_key, &maker->packed);
    OPENSSL_cleanse(salt_key, NTA_KEY_LEN);
    nta_leaves_wipe(maker->leaves, batch->n_records);
    return r;
}

/** Encrypt the packed body under the header's other fields, then finish the header. */
static int encrypt_body(struct nta_maker *maker, const struct nta_data_key *key,
                        struct nta_header *header)
{
    if (RAND_bytes(header->nonce, sizeof(header->nonce)) != 1)
        return -EIO;
    nta_buf_clear(&maker->header);
    nta_buf_clear(&maker->aad);
    nta_buf_clear(&maker->sealed);
    nta_header_encode(header, &maker->header);
    if (maker->header.failed)
        return -ENOMEM;
    nta_header_aad(nta_buf_span(&maker->header), &maker->aad);
    if (maker->aad.failed)
        return -ENOMEM;
    int r = nta_gcm_seal(key->body, header->nonce, nta_buf_span(&maker->aad),
                         nta_buf_span(&maker->packed), &maker->sealed);

    if (r < 0)
        return r;
    nta_digest_of(nta_buf_span(&maker->sealed), header->body_hash);
    nta_buf_clear(&maker->header);
    nta_header_encode(header, &maker->header);
    return maker->header.failed ? -ENOMEM : 0;
}

int nta_maker_seal(struct nta_maker *maker, const struct nta_batch *batch,
                   const struct nta_maker_keys *keys, struct nta_header *header,
                   struct nta_sealed *ret_sealed)
{
    const struct nta_token_keys token_keys = {
        .keys = keys->data->tokens,
        .n = NTA_N_ELEMENTS(keys->data->tokens),
        .number = keys->number,
    };

    assert(batch->n_records > 0 && batch->n_records <= NTA_BATCH_RECORDS);
    header->version = NTA_SEALED_VERSION;
    header->n_records = (uint32_t)batch->n_records;
    header->first_ns = batch->first_ns;
    header->last_ns = batch->last_ns;
    int r = nta_tokens_of(maker->tokens, &token_keys, batch, &maker->tokens_made);

    if (r == 0) {
        nta_digest_of(nta_buf_span(&maker->tokens_made), header->tokens_hash);
        r = pack(maker, batch, header);
    }
    if (r == 0)
        r = encrypt_body(maker, keys->data, header);
    wipe_packed(maker);
    if (r == 0)
        r = keys->sign(keys->signer, NTA_HEADER_DOMAIN_2, nta_buf_span(&maker->header),
                       maker->signature);
    if (r < 0)
        return r;
    *ret_sealed = (struct nta_sealed){
        .header = nta_buf_span(&maker->header),
        .signature = {.ptr = maker->signature, .len = sizeof(maker->signature)},
        .tokens = nta_buf_span(&maker->tokens_made),
        .body = nta_buf_span(&maker->sealed),
    };
    return 0;
}
