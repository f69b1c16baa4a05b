/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/seal/maker.h"

#include "base/own.h"
#include "vault/crypto/gcm.h"
#include "vault/header.h"
#include "vault/tokens.h"

#include <assert.h>
#include <errno.h>
#include <openssl/rand.h>
#include <stdlib.h>

struct nta_maker
{
    struct nta_packer *packer; ///< Owned.
    struct nta_packed packed;  ///< What was not packed before.
    struct nta_tokens *tokens; ///< Owned.
    struct nta_buf aad;
    /* what was given last */
    struct nta_buf header, tokens_made, sealed;
    uint8_t signature[NTA_SIGNATURE_LEN];
};

void nta_maker_free(struct nta_maker **maker)
{
    struct nta_maker *dead = NTA_TAKE(*maker);

    if (!dead)
        return;
    nta_packer_free(&dead->packer);
    nta_packed_done(&dead->packed);
    nta_tokens_free(&dead->tokens);
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
    int r = nta_packer_new(&maker->packer);

    if (r == 0)
        r = nta_tokens_new(&maker->tokens);
    if (r == 0)
        *ret_maker = NTA_TAKE(maker);
    return r;
}

/** Encrypt the packed body under the header's other fields, then finish the header. */
static int encrypt_body(struct nta_maker *maker, const struct nta_data_key *key,
                        const struct nta_packed *packed, struct nta_header *header)
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
                         nta_buf_span(&packed->bytes), &maker->sealed);

    if (r < 0)
        return r;
    nta_digest_of(nta_buf_span(&maker->sealed), header->body_hash);
    nta_buf_clear(&maker->header);
    nta_header_encode(header, &maker->header);
    return maker->header.failed ? -ENOMEM : 0;
}

/** With the body that was packed before, or now. */
static int seal(struct nta_maker *maker, const struct nta_maker_batch *batch,
                const struct nta_maker_keys *keys, struct nta_header *header)
{
    const struct nta_token_keys token_keys = {
        .keys = keys->data->tokens,
        .n = NTA_N_ELEMENTS(keys->data->tokens),
        .number = keys->number,
    };
    const struct nta_packed *packed = batch->packed;
    int r = nta_tokens_of(maker->tokens, &token_keys, batch->records, &maker->tokens_made);

    if (r == 0 && !(packed && packed->bytes.len)) {
        r = nta_packer_pack(maker->packer, batch->records, &maker->packed);
        packed = &maker->packed;
    }
    if (r < 0)
        return r;
    nta_digest_of(nta_buf_span(&maker->tokens_made), header->tokens_hash);
    memcpy(header->root, packed->root, sizeof(header->root));
    r = encrypt_body(maker, keys->data, packed, header);
    return r < 0 ? r
                 : keys->sign(keys->signer, NTA_HEADER_DOMAIN_2, nta_buf_span(&maker->header),
                              maker->signature);
}

int nta_maker_seal(struct nta_maker *maker, const struct nta_maker_batch *batch,
                   const struct nta_maker_keys *keys, struct nta_header *header,
                   struct nta_sealed *ret_sealed)
{
    const struct nta_batch *records = batch->records;

    assert(records->n_records > 0 && records->n_records <= NTA_BATCH_RECORDS);
    header->version = NTA_SEALED_VERSION;
    header->n_records = (uint32_t)records->n_records;
    header->first_ns = records->first_ns;
    header->last_ns = records->last_ns;
    int r = seal(maker, batch, keys, header);

    nta_packed_clear(&maker->packed);
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
