/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/hpke.h"
#include "vault/hex.h"

#include <errno.h>
#include <openssl/evp.h>

/* RFC 8032 section 7.1, tests 1 to 3 */
static void ed25519_matches_rfc_8032(void **state)
{
    static const struct
    {
        const char *secret, *public_key, *message, *signature;
    } rows[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
         "c"
         "f9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
         "0"
         "f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
         "8"
         "4dc6594a7c15e9716ed28dc027beceea1ec40a"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        struct hex secret = hex_of(rows[i].secret), message = hex_of(rows[i].message);
        uint8_t public_key[32], signature[64];

        assert_int_equal(nta_ed25519_public(secret.bytes, public_key), 0);
        assert_hex(public_key, 32, rows[i].public_key);
        assert_int_equal(nta_ed25519_sign(secret.bytes, NULL, hex_span(&message), signature), 0);
        assert_hex(signature, 64, rows[i].signature);
        struct nta_span span = {.ptr = signature, .len = sizeof(signature)};

        assert_true(nta_ed25519_verify(public_key, NULL, hex_span(&message), span));
        assert_false(nta_ed25519_verify(public_key, "", hex_span(&message), span));
        span.len--;
        assert_false(nta_ed25519_verify(public_key, NULL, hex_span(&message), span));
    }
}

static void a_signature_of_one_domain_is_none_of_another(void **state)
{
    uint8_t secret[32] = {1}, public_key[32], signature[64];
    struct nta_span span = {.ptr = signature, .len = sizeof(signature)};

    (void)state;
    assert_int_equal(nta_ed25519_public(secret, public_key), 0);
    assert_int_equal(nta_ed25519_sign(secret, "one", nta_span_of("text"), signature), 0);
    assert_true(nta_ed25519_verify(public_key, "one", nta_span_of("text"), span));
    assert_false(nta_ed25519_verify(public_key, "two", nta_span_of("text"), span));
    assert_false(nta_ed25519_verify(public_key, "one", nta_span_of("texts"), span));
    signature[10] ^= 4;
    assert_false(nta_ed25519_verify(public_key, "one", nta_span_of("text"), span));
}

/* RFC 7748 section 6.1 */
static void x25519_matches_rfc_7748(void **state)
{
    struct hex bob = hex_of("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    uint8_t public_key[32], shared[32];

    (void)state;
    assert_int_equal(nta_x25519_public(bob.bytes, public_key), 0);
    assert_hex(public_key, 32, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    struct hex peer = hex_of("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");

    assert_int_equal(nta_x25519(bob.bytes, peer.bytes, shared), 0);
    assert_hex(shared, 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

static void a_point_of_small_order_is_refused(void **state)
{
    uint8_t secret[32] = {5}, zero[32] = {0}, one[32] = {1}, shared[32];

    (void)state;
    assert_int_equal(nta_x25519(secret, zero, shared), -EBADMSG);
    assert_int_equal(nta_x25519(secret, one, shared), -EBADMSG);
}

/*
 * every encoding, canonical or not, of the eight points of small order of Ed25519, but for the sign
 * of x
 */
static const char *const small_points[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

/**
 * Signatures that fit any message with such a key: R the base point and S 1; R the neutral point
 * and S 0.
 */
static const char *const forged[] = {
    "5866666666666666666666666666666666666666666666666666666666666666"
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000",
};

/** As libcrypto says, which does not look at the key. */
static bool libcrypto_verifies(const uint8_t public_key[32], const struct hex *signature)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool verifies =
        key && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestVerify(ctx, signature->bytes, signature->len, (const uint8_t *)"text", 4) == 1;

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return verifies;
}

static void no_signature_by_a_key_of_small_order_is_good(void **state)
{
    unsigned n_forged = 0;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(small_points); i++) {
        struct hex key = hex_of(small_points[i]);

        for (int sign = 0; sign < 2; sign++) {
            assert_false(nta_ed25519_usable(key.bytes));
            for (size_t k = 0; k < NTA_N_ELEMENTS(forged); k++) {
                struct hex signature = hex_of(forged[k]);

                n_forged += libcrypto_verifies(key.bytes, &signature);
                assert_false(
                    nta_ed25519_verify(key.bytes, NULL, nta_span_of("text"), hex_span(&signature)));
            }
            key.bytes[31] ^= 0x80;
        }
    }
    assert_true(n_forged >= 2); /* or this would show nothing */
}

static void a_key_or_signature_has_one_form(void **state)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                      0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    uint8_t secret[32] = {1}, public_key[32], signature[64];
    struct nta_span span = {.ptr = signature, .len = sizeof(signature)};
    unsigned carry = 0;

    (void)state;
    assert_int_equal(nta_ed25519_public(secret, public_key), 0);
    assert_true(nta_ed25519_usable(public_key));
    assert_int_equal(nta_ed25519_sign(secret, NULL, nta_span_of("text"), signature), 0);
    assert_true(nta_ed25519_verify(public_key, NULL, nta_span_of("text"), span));
    for (size_t i = 0; i < 32;
         i++) { /* S and the group's order: the same number for the equation */
        carry += (unsigned)signature[32 + i] + order[i];
        signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_false(nta_ed25519_verify(public_key, NULL, nta_span_of("text"), span));
    for (unsigned above = 0; above < 19; above++) { /* y of p and more is that of y - p */
        struct hex key = hex_of(small_points[5]);

        key.bytes[0] = (uint8_t)(key.bytes[0] + above);
        assert_false(nta_ed25519_usable(key.bytes));
    }
}

/* u of the points of small order (RFC 7748 section 6, and cr.yp.to/ecdh.html), canonical or not */
static void
an_auditor_of_small_order_is_refused_and_so_is_what_is_sealed_with_such_a_point(void **state)
{
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    uint8_t secret[32] = {9}, public_key[32], shared[32];

    (void)state;
    assert_int_equal(nta_x25519_public(secret, public_key), 0);
    assert_true(nta_x25519_usable(public_key));
    for (size_t i = 0; i < NTA_N_ELEMENTS(points); i++) {
        struct hex point = hex_of(points[i]);

        for (int high = 0; high < 2; high++) { /* the highest bit is not looked at */
            assert_false(nta_x25519_usable(point.bytes));
            assert_int_equal(nta_hpke_decap(secret, point.bytes, shared), -EBADMSG);
            point.bytes[31] ^= 0x80;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ed25519_matches_rfc_8032),
        cmocka_unit_test(a_signature_of_one_domain_is_none_of_another),
        cmocka_unit_test(x25519_matches_rfc_7748),
        cmocka_unit_test(a_point_of_small_order_is_refused),
        cmocka_unit_test(no_signature_by_a_key_of_small_order_is_good),
        cmocka_unit_test(a_key_or_signature_has_one_form),
        cmocka_unit_test(
            an_auditor_of_small_order_is_refused_and_so_is_what_is_sealed_with_such_a_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
