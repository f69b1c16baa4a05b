/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/hpke.h"

#include "base/own.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/digest.h"
#include "vault/crypto/gcm.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#define LITERAL(text) ((struct nta_span){.ptr = (const uint8_t *)(text), .len = sizeof(text) - 1})

/* RFC 9180 section 4.1: "KEM" ‖ kem_id; section 5.1: "HPKE" ‖ kem_id ‖ kdf_id ‖ aead_id */
#define KEM_SUITE  LITERAL("KEM\x00\x20")
#define HPKE_SUITE LITERAL("HPKE\x00\x20\x00\x01\x00\x02")
#define VERSION    LITERAL("HPKE-v1")

enum
{
    HASH_LEN = 32,
    MODE_BASE = 0
};

/** LabeledExtract (section 4): HMAC(salt, "HPKE-v1" ‖ suite ‖ label ‖ ikm). */
static void extract(struct nta_span suite, struct nta_span salt, struct nta_span label,
                    struct nta_span ikm, uint8_t ret_prk[HASH_LEN])
{
    const struct nta_span parts[] = {VERSION, suite, label, ikm};
    struct nta_hmac_key key;

    nta_hmac_key_init(&key, salt);
    nta_hmac(&key, parts, NTA_N_ELEMENTS(parts), ret_prk);
    OPENSSL_cleanse(&key, sizeof(key));
}

/**
 * LabeledExpand (section 4) to `len` <= 32 bytes, which is one round of HKDF-Expand (RFC 5869
 * section 2.3): HMAC(prk, I2OSP(len, 2) ‖ "HPKE-v1" ‖ suite ‖ label ‖ info ‖ 0x01).
 */
static void expand(struct nta_span suite, const uint8_t prk[HASH_LEN], struct nta_span label,
                   struct nta_span info, uint8_t *ret_okm, size_t len)
{
    const uint8_t length[2] = {0, (uint8_t)len};
    const struct nta_span parts[] = {
        {.ptr = length, .len = sizeof(length)}, VERSION, suite, label, info, LITERAL("\x01"),
    };
    struct nta_hmac_key key;
    uint8_t mac[HASH_LEN];

    nta_hmac_key_init(&key, (struct nta_span){.ptr = prk, .len = HASH_LEN});
    nta_hmac(&key, parts, NTA_N_ELEMENTS(parts), mac);
    memcpy(ret_okm, mac, len);
    OPENSSL_cleanse(mac, sizeof(mac));
    OPENSSL_cleanse(&key, sizeof(key));
}

/** ExtractAndExpand (section 4.1) over the agreement of `secret_key` and `peer`. */
static int agree(const uint8_t secret_key[32], const uint8_t peer[32],
                 const uint8_t enc[NTA_HPKE_ENC_LEN], const uint8_t recipient[32],
                 uint8_t ret_shared[NTA_HPKE_SECRET_LEN])
{
    uint8_t dh[32], prk[HASH_LEN], context[64];
    int r = nta_x25519(secret_key, peer, dh);

    if (r < 0)
        return r;
    memcpy(context, enc, 32);
    memcpy(context + 32, recipient, 32);
    extract(KEM_SUITE, LITERAL(""), LITERAL("eae_prk"),
            (struct nta_span){.ptr = dh, .len = sizeof(dh)}, prk);
    expand(KEM_SUITE, prk, LITERAL("shared_secret"),
           (struct nta_span){.ptr = context, .len = sizeof(context)}, ret_shared,
           NTA_HPKE_SECRET_LEN);
    OPENSSL_cleanse(dh, sizeof(dh));
    OPENSSL_cleanse(prk, sizeof(prk));
    return 0;
}

int nta_hpke_decap(const uint8_t secret_key[32], const uint8_t enc[NTA_HPKE_ENC_LEN],
                   uint8_t ret_shared[NTA_HPKE_SECRET_LEN])
{
    uint8_t recipient[32];
    int r = nta_x25519_public(secret_key, recipient);

    return r < 0 ? r : agree(secret_key, enc, enc, recipient, ret_shared);
}

void nta_hpke_schedule(const uint8_t shared[NTA_HPKE_SECRET_LEN], struct nta_span info,
                       uint8_t ret_key[NTA_HPKE_KEY_LEN],
                       uint8_t ret_base_nonce[NTA_HPKE_NONCE_LEN])
{
    uint8_t context[1 + 2 * HASH_LEN] = {MODE_BASE};
    uint8_t secret[HASH_LEN];
    const struct nta_span context_span = {.ptr = context, .len = sizeof(context)};

    extract(HPKE_SUITE, LITERAL(""), LITERAL("psk_id_hash"), LITERAL(""), context + 1);
    extract(HPKE_SUITE, LITERAL(""), LITERAL("info_hash"), info, context + 1 + HASH_LEN);
    extract(HPKE_SUITE, (struct nta_span){.ptr = shared, .len = NTA_HPKE_SECRET_LEN},
            LITERAL("secret"), LITERAL(""), secret);
    expand(HPKE_SUITE, secret, LITERAL("key"), context_span, ret_key, NTA_HPKE_KEY_LEN);
    expand(HPKE_SUITE, secret, LITERAL("base_nonce"), context_span, ret_base_nonce,
           NTA_HPKE_NONCE_LEN);
    OPENSSL_cleanse(secret, sizeof(secret));
}

/**
 * The first message of a context: its nonce is the base nonce as it is (section 5.2, sequence
 * number 0).
 */
static int seal_with(const uint8_t shared[NTA_HPKE_SECRET_LEN], struct nta_span info,
                     struct nta_span aad, struct nta_span plain, struct nta_buf *out)
{
    uint8_t key[NTA_HPKE_KEY_LEN], nonce[NTA_HPKE_NONCE_LEN];

    nta_hpke_schedule(shared, info, key, nonce);
    int r = nta_gcm_seal(key, nonce, aad, plain, out);

    OPENSSL_cleanse(key, sizeof(key));
    return r;
}

int nta_hpke_seal(const uint8_t public_key[32], struct nta_span info, struct nta_span aad,
                  struct nta_span plain, uint8_t ret_enc[NTA_HPKE_ENC_LEN], struct nta_buf *out)
{
    uint8_t ephemeral[32], enc[NTA_HPKE_ENC_LEN], shared[NTA_HPKE_SECRET_LEN];
    int r = RAND_priv_bytes(ephemeral, sizeof(ephemeral)) == 1 ? 0 : -EIO;

    if (r == 0)
        r = nta_x25519_public(ephemeral, enc);
    if (r == 0)
        r = agree(ephemeral, public_key, enc, public_key, shared);
    if (r == 0)
        r = seal_with(shared, info, aad, plain, out);
    if (r == 0)
        memcpy(ret_enc, enc, sizeof(enc));
    OPENSSL_cleanse(ephemeral, sizeof(ephemeral));
    OPENSSL_cleanse(shared, sizeof(shared));
    return r;
}

int nta_hpke_open(const uint8_t secret_key[32], const uint8_t enc[NTA_HPKE_ENC_LEN],
                  struct nta_span info, struct nta_span aad, struct nta_span sealed,
                  struct nta_buf *out)
{
    uint8_t shared[NTA_HPKE_SECRET_LEN], key[NTA_HPKE_KEY_LEN], nonce[NTA_HPKE_NONCE_LEN];
    int r = nta_hpke_decap(secret_key, enc, shared);

    if (r < 0)
        return r;
    nta_hpke_schedule(shared, info, key, nonce);
    r = nta_gcm_open(key, nonce, aad, sealed, out);
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(shared, sizeof(shared));
    return r;
}

int nta_hpke_open_key(const uint8_t secret_key[32], const uint8_t enc[NTA_HPKE_ENC_LEN],
                      struct nta_span info, struct nta_span aad, struct nta_span sealed,
                      uint8_t ret_key[32])
{
    struct nta_buf plain = {0};
    int r = nta_hpke_open(secret_key, enc, info, aad, sealed, &plain);

    if (r == 0 && plain.len == 32)
        memcpy(ret_key, plain.ptr, 32);
    else if (r == 0)
        r = -EBADMSG;
    if (plain.ptr)
        OPENSSL_cleanse(plain.ptr, plain.size);
    nta_buf_done(&plain);
    return r;
}
