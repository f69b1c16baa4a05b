/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "vault/crypto/digest.h"
#include "vault/crypto/gcm.h"
#include "vault/hex.h"

static void sha256_of_abc_is_the_standards(void **state)
{
    uint8_t hash[32];

    (void)state;
    nta_digest_of(nta_span_of("abc"), hash); /* FIPS 180-4's first example */
    assert_hex(hash, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    nta_digest_of((struct nta_span){0}, hash);
    assert_hex(hash, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231 sections 4.2, 4.3, 4.4 and 4.7 */
static void hmac_matches_rfc_4231(void **state)
{
    static const struct
    {
        const char *key, *data, *mac;
    } rows[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "dddddddddddddddddddddddddddddddddddddddddddddddddd"
         "dddddddddddddddddddddddddddddddddddddddddddddddddd",
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368"
         "204b6579204669727374",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        struct hex key = hex_of(rows[i].key), data = hex_of(rows[i].data);
        const struct nta_span parts[] = {
            {.ptr = data.bytes, .len = data.len / 2},
            {.ptr = data.bytes + data.len / 2, .len = data.len - data.len / 2},
        };
        struct nta_hmac_key hmac_key;
        uint8_t mac[32];

        nta_hmac_key_init(&hmac_key, hex_span(&key));
        for (int round = 0; round < 2; round++) {
            nta_hmac(&hmac_key, parts, NTA_N_ELEMENTS(parts), mac);
            assert_hex(mac, 32, rows[i].mac);
        }
    }
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test case 16 */
static void gcm_matches_its_authors_vector(void **state)
{
    struct hex key = hex_of("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    struct hex nonce = hex_of("cafebabefacedbaddecaf888");
    struct hex aad = hex_of("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    struct hex plain = hex_of("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                              "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    NTA_AUTO(nta_buf_done) struct nta_buf sealed = {0}, back = {0};

    (void)state;
    assert_int_equal(
        nta_gcm_seal(key.bytes, nonce.bytes, hex_span(&aad), hex_span(&plain), &sealed), 0);
    assert_hex(sealed.ptr, sealed.len,
               "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
               "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
               "76fc6ece0f4e1768cddf8853bb2d551b");
    assert_int_equal(
        nta_gcm_open(key.bytes, nonce.bytes, hex_span(&aad), nta_buf_span(&sealed), &back), 0);
    assert_memory_equal(back.ptr, plain.bytes, plain.len);
    nta_buf_clear(&back);
    sealed.ptr[3] ^= 1;
    assert_true(nta_gcm_open(key.bytes, nonce.bytes, hex_span(&aad), nta_buf_span(&sealed), &back) <
                0);
    assert_int_equal(back.len, 0);
    assert_true(nta_gcm_open(key.bytes, nonce.bytes, hex_span(&aad),
                             (struct nta_span){sealed.ptr, 15}, &back) < 0);
}

/*
 * FIPS 197 appendix C.3 gives AES-256 of one block; SP 800-38A F.5.5 the counter mode.  Salt 0 is
 * AES of zeros.
 */
static void a_salt_is_aes_of_its_index(void **state)
{
    struct hex key = hex_of("0000000000000000000000000000000000000000000000000000000000000000");
    uint8_t salts[300][NTA_SALT_LEN], first[1][NTA_SALT_LEN];

    (void)state;
    assert_int_equal(nta_salts(key.bytes, salts, 300), 0);
    assert_hex(salts[0], 16, "dc95c078a2408989ad48a21492842087");
    assert_hex(salts[1], 16, "530f8afbc74536b9a963b4f1c4cb738b");
    assert_int_equal(nta_salts(key.bytes, first, 1), 0);
    assert_memory_equal(first[0], salts[0], 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_abc_is_the_standards),
        cmocka_unit_test(hmac_matches_rfc_4231),
        cmocka_unit_test(gcm_matches_its_authors_vector),
        cmocka_unit_test(a_salt_is_aes_of_its_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
