/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/curve.h"

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

/** Little-endian: a < b. */
static bool is_below(const uint8_t a[32], const uint8_t b[32])
{
    for (size_t i = 32; i-- > 0;) {
        if (a[i] != b[i])
            return a[i] < b[i];
    }
    return false;
}

/**
 * y of the five points of small order but for their sign of x: 0, 1, p - 1, and the two of order 8.
 */
static const uint8_t small_order[][32] = {
    {0},
    {1},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};

bool nta_ed25519_usable(const uint8_t public_key[32])
{
    static const uint8_t prime[32] = {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
    uint8_t y[32];

    memcpy(y, public_key, sizeof(y));
    y[31] &= 0x7f; /* the sign of x */
    for (size_t i = 0; i < NTA_N_ELEMENTS(small_order); i++) {
        if (memcmp(y, small_order[i], sizeof(y)) == 0)
            return false;
    }
    return is_below(y, prime);
}

/** The two halves of a signature are in the one form that each has. */
static bool is_proper(struct nta_span signature)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                      0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};

    return signature.len == 64 && nta_ed25519_usable(signature.ptr) &&
           is_below(signature.ptr + 32, order);
}

bool nta_ed25519_verify(const uint8_t public_key[32], const char *domain, struct nta_span message,
                        struct nta_span signature)
{
    NTA_AUTO(nta_buf_done) struct nta_buf input = {0};
    NTA_AUTO(md_ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    NTA_AUTO(pkey_free)
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);

    return nta_ed25519_usable(public_key) && is_proper(signature) &&
           prepare(&input, domain, message) == 0 && ctx && key &&
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

bool nta_x25519_usable(const uint8_t public_key[32])
{
    /* any secret will do: as a multiple of 8 (RFC 7748 section 5) it takes each point of small
     * order to zero */
    static const uint8_t secret[32] = {8};
    uint8_t shared[32];

    return nta_x25519(secret, public_key, shared) == 0;
}
