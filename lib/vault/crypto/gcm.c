/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/gcm.h"

#include "base/own.h"

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

NTA_DEFINE_FREE(cipher_ctx_free, EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

int nta_gcm_seal(const uint8_t key[32], const uint8_t nonce[NTA_GCM_NONCE_LEN], struct nta_span aad,
                 struct nta_span plain, struct nta_buf *out)
{
    NTA_AUTO(cipher_ctx_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t *buf = nta_buf_reserve(out, plain.len + NTA_GCM_TAG_LEN);
    int len = 0, rest = 0;

    if (!ctx || !buf)
        return -ENOMEM;
    if (plain.len > INT_MAX || aad.len > INT_MAX ||
        EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) != 1 ||
        EVP_EncryptUpdate(ctx, NULL, &len, aad.ptr, (int)aad.len) != 1 ||
        EVP_EncryptUpdate(ctx, buf, &len, plain.ptr, (int)plain.len) != 1 ||
        EVP_EncryptFinal_ex(ctx, buf + len, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, NTA_GCM_TAG_LEN, buf + plain.len) != 1)
        return -EIO;
    out->len += plain.len + NTA_GCM_TAG_LEN;
    return 0;
}

int nta_gcm_open(const uint8_t key[32], const uint8_t nonce[NTA_GCM_NONCE_LEN], struct nta_span aad,
                 struct nta_span sealed, struct nta_buf *out)
{
    NTA_AUTO(cipher_ctx_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t tag[NTA_GCM_TAG_LEN];
    int len = 0, rest = 0;

    if (sealed.len < NTA_GCM_TAG_LEN || sealed.len > INT_MAX || aad.len > INT_MAX)
        return -EBADMSG;
    size_t plain_len = sealed.len - NTA_GCM_TAG_LEN;
    uint8_t *buf = nta_buf_reserve(out, plain_len + 1); /* one more: reserving nothing gives NULL */

    if (!ctx || !buf)
        return -ENOMEM;
    memcpy(tag, sealed.ptr + plain_len, sizeof(tag));
    if (EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) != 1 ||
        EVP_DecryptUpdate(ctx, NULL, &len, aad.ptr, (int)aad.len) != 1 ||
        EVP_DecryptUpdate(ctx, buf, &len, sealed.ptr, (int)plain_len) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, NTA_GCM_TAG_LEN, tag) != 1)
        return -EIO;
    if (EVP_DecryptFinal_ex(ctx, buf + len, &rest) != 1) {
        OPENSSL_cleanse(buf, plain_len); /* nobody reads what nobody vouches for */
        return -EBADMSG;
    }
    out->len += plain_len;
    return 0;
}

int nta_salts(const uint8_t salt_key[32], uint8_t (*ret_salts)[NTA_SALT_LEN], size_t n)
{
    /* blocks i = 0, 1, ... encrypted are the key stream of counter mode that starts at zero (SP
     * 800-38A section 6.5) */
    static const uint8_t start[16];
    NTA_AUTO(cipher_ctx_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;

    if (n > INT_MAX / NTA_SALT_LEN)
        return -EIO;
    memset(ret_salts, 0, n * NTA_SALT_LEN);
    if (!ctx || EVP_EncryptInit_ex(ctx, EVP_aes_256_ctr(), NULL, salt_key, start) != 1 ||
        EVP_EncryptUpdate(ctx, ret_salts[0], &len, ret_salts[0], (int)(n * NTA_SALT_LEN)) != 1)
        return -EIO;
    return 0;
}
