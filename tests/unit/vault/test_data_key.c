/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/curve.h"
#include "vault/data_key.h"
#include "vault/hex.h"
#include "vault/tokens.h"
#include "vault/vault_kit.h"

enum
{
    N_AUDITORS = 3
};

static const struct nta_key_use use = {
    .sensor = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
    .class = NTA_CLASS_TRAFFIC,
    .day = 20786,
};

/** Auditor i has the secret key of bytes i + 1. */
static struct nta_auditors auditors(uint8_t secrets[N_AUDITORS][NTA_KEY_LEN])
{
    struct nta_auditors all = {.n = N_AUDITORS};

    for (size_t i = 0; i < N_AUDITORS; i++) {
        memset(secrets[i], (int)i + 1, NTA_KEY_LEN);
        assert_int_equal(nta_x25519_public(secrets[i], all.keys[i]), 0);
    }
    return all;
}

static void get_secret(uint8_t secret[NTA_KEY_LEN])
{
    for (size_t i = 0; i < NTA_KEY_LEN; i++)
        secret[i] = (uint8_t)(0x20 + i);
}

static void keys_are_those_that_another_program_derives(void **state)
{
    uint8_t secret[NTA_KEY_LEN], token[NTA_TOKEN_LEN];
    struct nta_data_key key;

    (void)state;
    get_secret(secret);
    nta_data_key_expand(secret, &key);
    assert_hex(key.body, sizeof(key.body),
               "646c2affa385aeb30be6ae3693ba6e1cefe6a8dee27ad1a50fcafbe065f491f0");
    nta_token_of(&key.tokens[NTA_VALUE_SITE], NTA_VALUE_SITE, nta_span_of("example.com"), token);
    assert_hex(token, sizeof(token), "93a39077926ad2f8");
    /* one value of two kinds, and of two secrets, is not to be linked */
    nta_token_of(&key.tokens[NTA_VALUE_LIST], NTA_VALUE_SITE, nta_span_of("example.com"), token);
    assert_memory_not_equal(token, "\x93\xa3\x90\x77", 4);
    secret[0] ^= 1;
    nta_data_key_expand(secret, &key);
    nta_token_of(&key.tokens[NTA_VALUE_SITE], NTA_VALUE_SITE, nta_span_of("example.com"), token);
    assert_memory_not_equal(token, "\x93\xa3\x90\x77", 4);
}

static void make(struct nta_buf *blob, uint8_t secrets[N_AUDITORS][NTA_KEY_LEN])
{
    const struct nta_auditors all = auditors(secrets);
    uint8_t secret[NTA_KEY_LEN];
    struct nta_err err = {0};

    get_secret(secret);
    assert_int_equal(nta_key_blob_make(&use, 1234, &all, secret, blob, &err), 0);
}

/** Open it as the blob that a header names. */
static int open_blob(const struct nta_buf *blob, const struct nta_key_use *as,
                     const uint8_t auditor[NTA_KEY_LEN], uint8_t opened[NTA_KEY_LEN])
{
    uint8_t id[NTA_DATA_KEY_ID_LEN];

    nta_key_blob_id(nta_buf_span(blob), id);
    return nta_key_blob_open(nta_buf_span(blob), id, as, auditor, opened);
}

static void each_auditor_opens_it_and_nobody_else(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    uint8_t secrets[N_AUDITORS][NTA_KEY_LEN], opened[NTA_KEY_LEN], secret[NTA_KEY_LEN];
    struct nta_key_blob read;

    (void)state;
    make(&blob, secrets);
    get_secret(secret);
    assert_true(nta_key_blob_read(nta_buf_span(&blob), &read));
    assert_int_equal(read.n_auditors, N_AUDITORS);
    assert_int_equal(read.made_ns, 1234);
    assert_memory_equal(&read.use, &use, sizeof(use));
    for (size_t i = 0; i < N_AUDITORS; i++) {
        memset(opened, 0, sizeof(opened));
        assert_int_equal(open_blob(&blob, &use, secrets[i], opened), 0);
        assert_memory_equal(opened, secret, sizeof(secret));
    }
    secrets[0][5] ^= 1;
    assert_int_equal(open_blob(&blob, &use, secrets[0], opened), -ENOKEY);
}

static void for_another_use_it_is_refused(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    uint8_t secrets[N_AUDITORS][NTA_KEY_LEN], opened[NTA_KEY_LEN];
    struct nta_key_use others[3] = {use, use, use};

    (void)state;
    make(&blob, secrets);
    others[0].sensor[3]++;
    others[1].class = NTA_CLASS_EVIDENCE;
    others[2].day++;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(open_blob(&blob, &others[i], secrets[0], opened), -EBADMSG);
}

static void a_changed_byte_is_another_key(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    uint8_t secrets[N_AUDITORS][NTA_KEY_LEN], opened[NTA_KEY_LEN] = {0};
    static const uint8_t zeros[NTA_KEY_LEN];
    uint8_t id[NTA_DATA_KEY_ID_LEN];
    struct nta_key_blob read;
    size_t n_opened = 0;

    (void)state;
    make(&blob, secrets);
    nta_key_blob_id(nta_buf_span(&blob), id);
    for (size_t i = 0; i < blob.len; i++) {
        blob.ptr[i] ^= 1;
        assert_int_equal(nta_key_blob_open(nta_buf_span(&blob), id, &use, secrets[1], opened),
                         -EBADMSG);
        assert_memory_equal(opened, zeros, sizeof(zeros));
        blob.ptr[i] ^= 1;
    }
    /* without the header's word: what is of the other two auditors, and the time, could be changed,
     * and what is this one's could not */
    for (size_t i = 0; i < blob.len; i++) {
        blob.ptr[i] ^= 1;
        n_opened += open_blob(&blob, &use, secrets[1], opened) == 0;
        blob.ptr[i] ^= 1;
    }
    assert_true(n_opened > 0 && n_opened <= 2 * 100 + 8);
    for (size_t len = 0; len < blob.len; len++)
        assert_false(nta_key_blob_read((struct nta_span){blob.ptr, len}, &read));
    nta_buf_put_u8(&blob, 0);
    assert_false(nta_key_blob_read(nta_buf_span(&blob), &read));
}

static void for_no_auditor_no_key_is_made(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    uint8_t secrets[N_AUDITORS][NTA_KEY_LEN], secret[NTA_KEY_LEN];
    struct nta_auditors all = auditors(secrets);
    struct nta_err err = {0};

    (void)state;
    get_secret(secret);
    nta_buf_puts(&blob, "before");
    all.n = 0;
    assert_int_equal(nta_key_blob_make(&use, 1234, &all, secret, &blob, &err), -EINVAL);
    all.n = N_AUDITORS;
    memset(all.keys[2], 0, sizeof(all.keys[2])); /* no usable key */
    assert_int_equal(nta_key_blob_make(&use, 1234, &all, secret, &blob, &err), -EBADMSG);
    assert_true(nta_span_is(nta_buf_span(&blob), "before"));
}

/** Both ends of a day, and its neighbours outside of 32 bits, which are no other day's bits. */
static void a_day_is_within_32_bits(void **state)
{
    static const int64_t days[] = {INT32_MIN, -1, 0, INT32_MAX};
    uint8_t secrets[N_AUDITORS][NTA_KEY_LEN], secret[NTA_KEY_LEN], opened[NTA_KEY_LEN];
    const struct nta_auditors all = auditors(secrets);
    struct nta_err err = {0};

    (void)state;
    get_secret(secret);
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
        struct nta_key_use on = use;

        on.day = days[i];
        assert_int_equal(nta_key_blob_make(&on, INT64_MIN, &all, secret, &blob, &err), 0);
        assert_int_equal(open_blob(&blob, &on, secrets[0], opened), 0);
        on.day += INT64_C(1) << 32;
        assert_int_equal(open_blob(&blob, &on, secrets[0], opened), -EBADMSG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_those_that_another_program_derives),
        cmocka_unit_test(each_auditor_opens_it_and_nobody_else),
        cmocka_unit_test(for_another_use_it_is_refused),
        cmocka_unit_test(a_changed_byte_is_another_key),
        cmocka_unit_test(for_no_auditor_no_key_is_made),
        cmocka_unit_test(a_day_is_within_32_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
