/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/curve.h"

#include "base/buf.h"
#include "base/own.h"

#include <errno.h>
#include <openssl/evp.h>

NTA_DEFINE_FREE(pkey_free, EVP_PKEY, EVP_PKEY_free)
NTA_DEFINE_FREE(pkey_ctx_free, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
NTA_DEFINE_FREE(md_ctx_free, EVP_MD_CTX, EVP_MD_CTX_free)

static int public_of(int type, const uint8_t secret[32], uint8_t ret_public[32])
{
    size_t len = 32;
    NTA_AUTO(pkey_free) EVP_PKEY *key = EVP_PKEY_new_raw_private_key(type, NULL, secret, len);

    if (!key || EVP_PKEY_get_raw_public_key(key, ret_public, &len) != 1)
        return -EIO;
    return 0;
}

int nta_ed25519_public(const uint8_t secret[32], uint8_t ret_public[32])
{
    return public_of(EVP_PKEY_ED25519, secret, ret_public);
}

int nta_x25519_public(const uint8_t secret[32], uint8_t ret_public[32])
{
    return public_of(EVP_PKEY_X25519, secret, ret_public);
}

/** What is really signed.  -ENOMEM if there is no memory. */
static int prepare(struct nta_buf *out, const char *domain, struct nta_span message)
{
    if (domain)
        nta_buf_put(out, domain, strlen(domain) + 1);
    nta_buf_put(out, message.ptr, message.len);
    return out->failed ? -ENOMEM : 0;
}

int nta_ed25519_sign(const uint8_t secret[32], const char *domain, struct nta_span message,
                     uint8_t ret_signature[64])
{
    NTA_AUTO(nta_buf_done) struct nta_buf input = {0};
    NTA_AUTO(md_ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    NTA_AUTO(pkey_free)
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, 32);
    size_t len = 64;

    if (prepare(&input, domain, message) < 0)
        return -ENOMEM;
    if (!ctx || !key || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestSign(ctx, ret_signature, &len, input.ptr, input.len) != 1 || len != 64)
        return -EIO;
    return 0;
}

bool nta_ed25519_verify(const uint8_t public_key[32], const char *domain, struct nta_span message,
                        struct nta_span signature)
{
    NTA_AUTO(nta_buf_done) struct nta_buf input = {0};
    NTA_AUTO(md_ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    NTA_AUTO(pkey_free)
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);

    return signature.len == 64 && prepare(&input, domain, message) == 0 && ctx && key &&
           EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
           EVP_DigestVerify(ctx, signature.ptr, signature.len, input.ptr, input.len) == 1;
}

int nta_x25519(const uint8_t secret[32], const uint8_t public_key[32], uint8_t ret_shared[32])
{
    NTA_AUTO(pkey_free)
    EVP_PKEY *ours = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
    NTA_AUTO(pkey_free)
    EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public_key, 32);
    NTA_AUTO(pkey_ctx_free) EVP_PKEY_CTX *ctx = ours ? EVP_PKEY_CTX_new(ours, NULL) : NULL;
    size_t len = 32;

    if (!ctx || !theirs || EVP_PKEY_derive_init(ctx) != 1 ||
        EVP_PKEY_derive_set_peer(ctx, theirs) != 1)
        return -EIO;
    /* libcrypto refuses an all-zero result, as RFC 9180 section 7.1.4 demands */
    if (EVP_PKEY_derive(ctx, ret_shared, &len) != 1 || len != 32)
        return -EBADMSG;
    return 0;
}
