/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/digest.h"

#include "base/own.h"

#include <openssl/crypto.h>

enum
{
    BLOCK_LEN = 64
};

void nta_hmac_key_init(struct nta_hmac_key *key, struct nta_span secret)
{
    uint8_t block[BLOCK_LEN] = {0};
    uint8_t padded[BLOCK_LEN];

    if (secret.len > BLOCK_LEN)
        nta_digest_of(secret, block);
    else if (secret.len)
        memcpy(block, secret.ptr, secret.len);
    for (size_t i = 0; i < BLOCK_LEN; i++)
        padded[i] = block[i] ^ 0x36;
    nta_digest_init(&key->inner);
    nta_digest_put(&key->inner, padded, BLOCK_LEN);
    for (size_t i = 0; i < BLOCK_LEN; i++)
        padded[i] = block[i] ^ 0x5c;
    nta_digest_init(&key->outer);
    nta_digest_put(&key->outer, padded, BLOCK_LEN);
    OPENSSL_cleanse(block, sizeof(block));
    OPENSSL_cleanse(padded, sizeof(padded));
}

void nta_hmac(const struct nta_hmac_key *key, const struct nta_span *parts, size_t n_parts,
              uint8_t ret_mac[32])
{
    struct nta_digest digest = key->inner;
    uint8_t inner[32];

    for (size_t i = 0; i < n_parts; i++)
        nta_digest_put(&digest, parts[i].ptr, parts[i].len);
    nta_digest_end(&digest, inner);
    digest = key->outer;
    nta_digest_put(&digest, inner, sizeof(inner));
    nta_digest_end(&digest, ret_mac);
    OPENSSL_cleanse(&digest, sizeof(digest)); /* the result may be a key */
    OPENSSL_cleanse(inner, sizeof(inner));
}

void nta_hkdf_expand(const struct nta_hmac_key *secret, const char *info, struct nta_span more,
                     uint8_t ret_key[32])
{
    static const uint8_t counter = 1; /* of the one block that is needed */
    const struct nta_span parts[] = {nta_span_of(info), more, {.ptr = &counter, .len = 1}};

    nta_hmac(secret, parts, NTA_N_ELEMENTS(parts), ret_key);
}
