/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The low-level calls are deprecated because they bypass providers; here that is what is wanted:
 * they do not allocate.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "proto/tls/sha256.h"

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

enum
{
    BLOCK_LEN = SHA256_CBLOCK,
    ONE_BLOCK_MAX = BLOCK_LEN - 9, /* what fits beside the end mark and the length */
    LABEL_MAX = 32,
};

static_assert(SHA256_DIGEST_LENGTH == NTA_SHA256_LEN, "digest length");
static_assert(sizeof(SHA_LONG) == sizeof(uint32_t), "words of the state");

void nta_sha256(const void *data, size_t len, uint8_t ret_digest[NTA_SHA256_LEN])
{
    SHA256_CTX ctx;

    SHA256_Init(&ctx);
    SHA256_Update(&ctx, data, len);
    SHA256_Final(ret_digest, &ctx);
}

static void words_out(const uint32_t state[8], uint8_t *out)
{
    for (size_t i = 0; i < 8; i++) {
        uint32_t word = htobe32(state[i]);

        memcpy(out + 4 * i, &word, sizeof(word));
    }
}

/* The state after one 64-byte block that is `byte` xor the key padded with zeros. */
static void pad_state(const uint8_t *secret, size_t len, uint8_t byte, uint32_t ret_state[8])
{
    SHA256_CTX ctx;
    uint8_t block[BLOCK_LEN];

    memset(block, byte, sizeof(block));
    for (size_t i = 0; i < len; i++)
        block[i] ^= secret[i];
    SHA256_Init(&ctx);
    SHA256_Transform(&ctx, block);
    memcpy(ret_state, ctx.h, sizeof(ctx.h));
}

void nta_proto_hmac_key_set(struct nta_proto_hmac_key *key, const uint8_t *secret, size_t len)
{
    assert(len <= BLOCK_LEN);
    pad_state(secret, len, 0x36, key->inner);
    pad_state(secret, len, 0x5c, key->outer);
}

/* Finish a hash whose first block gave `state` with one block more. */
static void last_block(const uint32_t state[8], const uint8_t *data, size_t len,
                       uint8_t out[NTA_SHA256_LEN])
{
    SHA256_CTX ctx;
    uint8_t block[BLOCK_LEN] = {0};
    uint16_t n_bits = htobe16((uint16_t)((BLOCK_LEN + len) * 8));

    memcpy(block, data, len);
    block[len] = 0x80;
    memcpy(block + BLOCK_LEN - sizeof(n_bits), &n_bits, sizeof(n_bits));
    memset(&ctx, 0, sizeof(ctx));
    memcpy(ctx.h, state, sizeof(ctx.h));
    SHA256_Transform(&ctx, block);
    words_out(ctx.h, out);
}

void nta_proto_hmac(const struct nta_proto_hmac_key *key, const uint8_t *data, size_t len,
                    uint8_t ret_mac[NTA_SHA256_LEN])
{
    uint8_t inner[NTA_SHA256_LEN];

    assert(len <= ONE_BLOCK_MAX);
    last_block(key->inner, data, len, inner);
    last_block(key->outer, inner, sizeof(inner), ret_mac);
}

void nta_hkdf_label(const struct nta_proto_hmac_key *secret, const char *label, uint8_t *ret_out,
                    size_t len)
{
    static const char prefix[] = "tls13 ";
    uint8_t info[4 + sizeof(prefix) + LABEL_MAX], mac[NTA_SHA256_LEN];
    size_t label_len = strlen(label), n = 0;

    assert(len <= sizeof(mac) && label_len <= LABEL_MAX);
    info[n++] = 0;
    info[n++] = (uint8_t)len;
    info[n++] = (uint8_t)(sizeof(prefix) - 1 + label_len);
    memcpy(info + n, prefix, sizeof(prefix) - 1);
    n += sizeof(prefix) - 1;
    memcpy(info + n, label, label_len);
    n += label_len;
    info[n++] = 0; /* empty context */
    info[n++] = 1; /* T(1), RFC 5869 section 2.3 */
    nta_proto_hmac(secret, info, n, mac);
    memcpy(ret_out, mac, len);
}
