/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For tests: Initial packets sealed as a client would (RFC 9001 section 5), the other way round
 * than lib/proto does.
 */

#include "hello.h"
#include "proto/quic/quic_keys.h"

#include <openssl/evp.h>

static inline void seal_block(const uint8_t key[16], const uint8_t in[16], uint8_t out[16])
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;

    EVP_EncryptInit_ex(ctx, EVP_aes_128_ecb(), NULL, key, NULL);
    EVP_EncryptUpdate(ctx, out, &len, in, 16);
    EVP_CIPHER_CTX_free(ctx);
}

static inline void seal_payload(const struct nta_quic_keys *keys, uint32_t number,
                                const uint8_t *header, size_t header_len, uint8_t *payload,
                                size_t len)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t nonce[12];
    int n = 0;

    memcpy(nonce, keys->iv, sizeof(nonce));
    for (size_t i = 0; i < 4; i++)
        nonce[11 - i] ^= (uint8_t)(number >> 8 * i);
    EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, keys->key, nonce);
    EVP_EncryptUpdate(ctx, NULL, &n, header, (int)header_len);
    EVP_EncryptUpdate(ctx, payload, &n, payload, (int)len);
    EVP_EncryptFinal_ex(ctx, payload + len, &n);
    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, payload + len);
    EVP_CIPHER_CTX_free(ctx);
}

/** What an Initial is made of. */
struct seal
{
    uint32_t version, number;
    uint32_t key_version; ///< Whose salt; 0: `version`.
    const char *cid;      ///< Destination, 8 bytes.
    const char *key_cid;  ///< What the keys are made of; NULL: `cid`.
    const uint8_t *frames;
    size_t frames_len;
    size_t payload_len; ///< With padding.
    bool grease;        ///< Without the second bit.
    bool server;        ///< With the server's keys.
    const char *source; ///< Source, 8 bytes; NULL: an empty one.
};

/** Append a sealed Initial packet with a 4-byte packet number and no token. */
static inline void seal_initial(struct maker *datagram, const struct seal *seal)
{
    const struct nta_quic_version *row = nta_quic_version_find(seal->version);
    const char *key_cid = seal->key_cid ? seal->key_cid : seal->cid;
    struct nta_quic_keys keys;
    size_t begin = datagram->len;
    uint8_t mask[16];

    (seal->server ? nta_quic_server_keys_make : nta_quic_keys_make)(
        seal->key_version ? nta_quic_version_find(seal->key_version) : row,
        (struct nta_span){(const uint8_t *)key_cid, 8}, &keys);
    make_number(datagram, (row->is_v2 ? 0xd3U : 0xc3U) & (seal->grease ? 0xbfU : 0xffU), 1);
    make_number(datagram, seal->version, 4);
    make_number(datagram, 8, 1);
    make(datagram, seal->cid, 8);
    make_number(datagram, seal->source ? 8 : 0, 1);
    if (seal->source)
        make(datagram, seal->source, 8);
    make_number(datagram, 0, 1); /* no token */
    make_number(datagram, 0x4000 | (4 + seal->payload_len + 16), 2);

    size_t number_at = datagram->len;

    make_number(datagram, seal->number, 4);

    size_t payload_at = datagram->len;

    make(datagram, seal->frames, seal->frames_len);
    make_fill(datagram, 0, seal->payload_len - seal->frames_len + 16);
    seal_payload(&keys, seal->number, datagram->bytes + begin, payload_at - begin,
                 datagram->bytes + payload_at, seal->payload_len);
    seal_block(keys.hp, datagram->bytes + payload_at, mask);
    datagram->bytes[begin] ^= mask[0] & 0x0f;
    for (size_t i = 0; i < 4; i++)
        datagram->bytes[number_at + i] ^= mask[1 + i];
}

/** Append a CRYPTO frame with these bytes of a message. */
static inline void seal_crypto(struct maker *frames, const uint8_t *message, size_t begin,
                               size_t end)
{
    make_number(frames, 6, 1);
    make_number(frames, 0x4000 | begin, 2);
    make_number(frames, 0x4000 | (end - begin), 2);
    make(frames, message + begin, end - begin);
}
