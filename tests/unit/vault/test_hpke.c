/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/hpke.h"
#include "vault/hex.h"

#include <errno.h>

/* RFC 9180's published vectors, mode 0, kem_id 32, kdf_id 1, aead_id 2, first encryption. */
static const char info_hex[] = "4f6465206f6e2061204772656369616e2055726e";
static const char recipient_hex[] =
    "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d";
static const char enc_hex[] = "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256";
static const char shared_hex[] = "3101c54c3a4f87439eaac080699ed9bbcc726ffe44e860c0424ccb7e3e2ead7b";

static void decap_gives_the_rfcs_shared_secret(void **state)
{
    struct hex recipient = hex_of(recipient_hex), enc = hex_of(enc_hex);
    struct hex ephemeral =
        hex_of("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11");
    uint8_t shared[32], public_key[32];

    (void)state;
    assert_int_equal(nta_x25519_public(recipient.bytes, public_key), 0);
    assert_hex(public_key, 32, "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c");
    assert_int_equal(nta_x25519_public(ephemeral.bytes, public_key), 0);
    assert_hex(public_key, 32, enc_hex);
    assert_int_equal(nta_hpke_decap(recipient.bytes, enc.bytes, shared), 0);
    assert_hex(shared, 32, shared_hex);
}

static void key_schedule_gives_the_rfcs_key_and_nonce(void **state)
{
    struct hex shared = hex_of(shared_hex), info = hex_of(info_hex);
    uint8_t key[32], nonce[12];

    (void)state;
    nta_hpke_schedule(shared.bytes, hex_span(&info), key, nonce);
    assert_hex(key, 32, "f50b0609186798729ed0564b36ef2ef8044f1f9d05636874d1f46c819c7a669f");
    assert_hex(nonce, 12, "151d9929e2449747889bc923");
}

static void the_rfcs_ciphertext_opens(void **state)
{
    struct hex recipient = hex_of(recipient_hex), enc = hex_of(enc_hex), info = hex_of(info_hex);
    struct hex aad = hex_of("436f756e742d30");
    struct hex sealed = hex_of("e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be99319"
                               "80a41de125a925cdad859d5b7a");
    NTA_AUTO(nta_buf_done) struct nta_buf plain = {0};

    (void)state;
    assert_int_equal(nta_hpke_open(recipient.bytes, enc.bytes, hex_span(&info), hex_span(&aad),
                                   hex_span(&sealed), &plain),
                     0);
    assert_true(nta_span_equal(nta_buf_span(&plain), nta_span_of("Beauty is truth, truth beauty")));
}

static void what_is_sealed_opens_for_its_recipient_only(void **state)
{
    uint8_t secret[32] = {7}, other[32] = {8}, public_key[32], enc[32];
    struct nta_span info = nta_span_of("info"), aad = nta_span_of("aad");
    NTA_AUTO(nta_buf_done) struct nta_buf sealed = {0}, plain = {0};

    (void)state;
    assert_int_equal(nta_x25519_public(secret, public_key), 0);
    assert_int_equal(nta_hpke_seal(public_key, info, aad, nta_span_of("secret text"), enc, &sealed),
                     0);
    struct nta_span text = nta_buf_span(&sealed);

    assert_int_equal(nta_hpke_open(secret, enc, info, aad, text, &plain), 0);
    assert_true(nta_span_equal(nta_buf_span(&plain), nta_span_of("secret text")));
    assert_int_equal(nta_hpke_open(other, enc, info, aad, text, &plain), -EBADMSG);
    assert_int_equal(nta_hpke_open(secret, enc, aad, aad, text, &plain), -EBADMSG);
    assert_int_equal(nta_hpke_open(secret, enc, info, info, text, &plain), -EBADMSG);
    for (size_t i = 0; i < 32; i++) {
        enc[i] ^= 1;
        assert_int_equal(nta_hpke_open(secret, enc, info, aad, text, &plain), -EBADMSG);
        enc[i] ^= 1;
    }
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.ptr[i] ^= 0x80;
        assert_int_equal(nta_hpke_open(secret, enc, info, aad, text, &plain), -EBADMSG);
        sealed.ptr[i] ^= 0x80;
    }
    assert_int_equal(plain.len, strlen("secret text"));
}

static void each_seal_has_a_key_of_its_own(void **state)
{
    uint8_t secret[32] = {7}, public_key[32], enc[2][32];
    NTA_AUTO(nta_buf_done) struct nta_buf sealed = {0};

    (void)state;
    assert_int_equal(nta_x25519_public(secret, public_key), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(nta_hpke_seal(public_key, nta_span_of(""), nta_span_of(""),
                                       nta_span_of("x"), enc[i], &sealed),
                         0);
    assert_memory_not_equal(enc[0], enc[1], 32);
    assert_memory_not_equal(sealed.ptr, sealed.ptr + 17, 17);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decap_gives_the_rfcs_shared_secret),
        cmocka_unit_test(key_schedule_gives_the_rfcs_key_and_nonce),
        cmocka_unit_test(the_rfcs_ciphertext_opens),
        cmocka_unit_test(what_is_sealed_opens_for_its_recipient_only),
        cmocka_unit_test(each_seal_has_a_key_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
