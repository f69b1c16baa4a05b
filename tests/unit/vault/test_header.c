/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "names.h"
#include "vault/header.h"
#include "vault/hex.h"

static struct nta_header sample(void)
{
    struct nta_header header = {
        .number = 300,
        .first_ns = -5,
        .last_ns = INT64_C(1769860800123456789),
        .n_records = 4096,
    };

    memset(header.sensor, 0x11, sizeof(header.sensor));
    memset(header.nonce, 0x22, sizeof(header.nonce));
    return header;
}

static void a_header_comes_back_the_same(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_header header = sample(), back;

    (void)state;
    nta_header_encode(&header, &out);
    assert_true(nta_header_decode(nta_buf_span(&out), &back));
    assert_int_equal(back.number, 300);
    assert_int_equal(back.first_ns, -5);
    assert_int_equal(back.last_ns, header.last_ns);
    assert_int_equal(back.n_records, 4096);
    assert_memory_equal(back.sensor, header.sensor, sizeof(back.sensor));
    assert_memory_equal(back.nonce, header.nonce, sizeof(back.nonce));
}

static void assert_bad(const struct nta_header *header)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_header back;

    nta_header_encode(header, &out);
    assert_false(nta_header_decode(nta_buf_span(&out), &back));
}

static void numbers_no_batch_has_are_refused(void **state)
{
    struct nta_header header = sample();

    (void)state;
    header.n_records = 0;
    assert_bad(&header);
    header.n_records = NTA_BATCH_RECORDS + 1;
    assert_bad(&header);
    header = sample();
    header.number = 0;
    assert_bad(&header);
}

static void a_longer_way_to_write_the_same_is_refused(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0}, longer = {0};
    struct nta_header header = sample(), back;

    (void)state;
    nta_header_encode(&header, &out);
    nta_buf_put(&longer, out.ptr, 1);
    nta_buf_put(&longer, "\x18\x01", 2); /* version 1 in two bytes */
    nta_buf_put(&longer, out.ptr + 2, out.len - 2);
    assert_false(nta_header_decode(nta_buf_span(&longer), &back));
}

static void every_prefix_is_refused(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_header header = sample(), back;

    (void)state;
    nta_header_encode(&header, &out);
    for (size_t n = 0; n < out.len; n++) {
        NTA_AUTO_FREE uint8_t *exact = malloc(n ? n : 1);

        assert_non_null(exact);
        memcpy(exact, out.ptr, n);
        assert_false(nta_header_decode((struct nta_span){exact, n}, &back));
    }
    nta_buf_put_u8(&out, 0);
    assert_false(nta_header_decode(nta_buf_span(&out), &back));
}

static void a_flipped_byte_is_refused_or_read_as_it_stands(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0}, again = {0};
    struct nta_header header = sample(), back;

    (void)state;
    nta_header_encode(&header, &out);
    for (size_t i = 0; i < out.len; i++) {
        for (unsigned flip = 1; flip < 256; flip++) {
            out.ptr[i] ^= (uint8_t)flip;
            if (nta_header_decode(nta_buf_span(&out), &back)) {
                nta_buf_clear(&again);
                nta_header_encode(&back, &again);
                assert_true(nta_span_equal(nta_buf_span(&again), nta_buf_span(&out)));
            }
            out.ptr[i] ^= (uint8_t)flip;
        }
    }
}

static void associated_data_is_all_but_the_body_hash(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0}, aad = {0};
    struct nta_header header = sample();

    (void)state;
    nta_header_encode(&header, &out);
    nta_header_aad(nta_buf_span(&out), &aad);
    assert_int_equal(aad.len, out.len - 34);
    assert_int_equal(aad.ptr[0], 0x8b);
    assert_memory_equal(aad.ptr + 1, out.ptr + 1, aad.len - 1);
}

static void each_verdict_has_a_text_of_its_own(void **state)
{
    (void)state;
    NAMES_ARE_TOTAL(nta_check_text, NTA_CHECK_OK, NTA_CHECK_BODY + 1);
    NAMES_ARE_TOTAL(nta_key_check_text, NTA_KEY_OK, NTA_KEY_ROW + 1);
    NAMES_ARE_TOTAL(nta_values_check_text, NTA_VALUES_OK, NTA_VALUES_TOKENS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_verdict_has_a_text_of_its_own),
        cmocka_unit_test(a_header_comes_back_the_same),
        cmocka_unit_test(numbers_no_batch_has_are_refused),
        cmocka_unit_test(a_longer_way_to_write_the_same_is_refused),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(a_flipped_byte_is_refused_or_read_as_it_stands),
        cmocka_unit_test(associated_data_is_all_but_the_body_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
