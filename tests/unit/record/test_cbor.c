/* SPDX-License-Identifier: Apache-2.0 */
#include "record/cbor/cbor.h"
#include "record/helper.h"
#include "record/sample.h"

#include <cbor.h>
#include <math.h>

/* Values and bytes of RFC 8949 appendix A. */

static void assert_out(struct nta_buf *out, struct nta_span expected)
{
    assert_int_equal(out->len, expected.len);
    assert_memory_equal(out->ptr, expected.ptr, expected.len);
    nta_buf_clear(out);
}

static void integers_have_the_shortest_head(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    static const struct
    {
        uint64_t value;
        struct nta_span bytes;
    } rows[] = {
        {0, TEXT_ROW("\x00")},
        {23, TEXT_ROW("\x17")},
        {24, TEXT_ROW("\x18\x18")},
        {255, TEXT_ROW("\x18\xff")},
        {256, TEXT_ROW("\x19\x01\x00")},
        {65536, TEXT_ROW("\x1a\x00\x01\x00\x00")},
        {1000000000000, TEXT_ROW("\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00")},
        {UINT64_MAX, TEXT_ROW("\x1b\xff\xff\xff\xff\xff\xff\xff\xff")},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        struct nta_reader r = nta_reader_of(rows[i].bytes.ptr, rows[i].bytes.len);

        assert_true(nta_cbor_get_uint(&r) == rows[i].value && nta_reader_done(&r));
        nta_cbor_put_uint(&out, rows[i].value);
        assert_out(&out, rows[i].bytes);
    }
}

static void negative_integers_reach_the_smallest(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    static const struct
    {
        int64_t value;
        struct nta_span bytes;
    } rows[] = {
        {-1, TEXT_ROW("\x20")},
        {-10, TEXT_ROW("\x29")},
        {-100, TEXT_ROW("\x38\x63")},
        {-1000, TEXT_ROW("\x39\x03\xe7")},
        {INT64_MIN, TEXT_ROW("\x3b\x7f\xff\xff\xff\xff\xff\xff\xff")},
        {INT64_MAX, TEXT_ROW("\x1b\x7f\xff\xff\xff\xff\xff\xff\xff")},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        struct nta_reader r = nta_reader_of(rows[i].bytes.ptr, rows[i].bytes.len);

        assert_true(nta_cbor_get_int(&r) == rows[i].value && nta_reader_done(&r));
        nta_cbor_put_int(&out, rows[i].value);
        assert_out(&out, rows[i].bytes);
    }
    struct nta_reader r = nta_reader_of((const uint8_t *)"\x3b\x80\x00\x00\x00\x00\x00\x00\x00", 9);

    (void)nta_cbor_get_int(&r);
    assert_false(nta_reader_ok(&r)); /* below INT64_MIN */
}

static void floats_take_the_shortest_form_that_keeps_them(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    static const struct
    {
        double value;
        struct nta_span bytes;
    } rows[] = {
        {0.0, TEXT_ROW("\xf9\x00\x00")},
        {-0.0, TEXT_ROW("\xf9\x80\x00")},
        {1.0, TEXT_ROW("\xf9\x3c\x00")},
        {1.1, TEXT_ROW("\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a")},
        {1.5, TEXT_ROW("\xf9\x3e\x00")},
        {65504.0, TEXT_ROW("\xf9\x7b\xff")},
        {100000.0, TEXT_ROW("\xfa\x47\xc3\x50\x00")},
        {3.4028234663852886e+38, TEXT_ROW("\xfa\x7f\x7f\xff\xff")},
        {1.0e+300, TEXT_ROW("\xfb\x7e\x37\xe4\x3c\x88\x00\x75\x9c")},
        {5.960464477539063e-8, TEXT_ROW("\xf9\x00\x01")},
        {0.00006103515625, TEXT_ROW("\xf9\x04\x00")},
        {-4.0, TEXT_ROW("\xf9\xc4\x00")},
        {-4.1, TEXT_ROW("\xfb\xc0\x10\x66\x66\x66\x66\x66\x66")},
        {(double)INFINITY, TEXT_ROW("\xf9\x7c\x00")},
        {(double)-INFINITY, TEXT_ROW("\xf9\xfc\x00")},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        struct nta_reader r = nta_reader_of(rows[i].bytes.ptr, rows[i].bytes.len);

        assert_true(nta_cbor_get_double(&r) == rows[i].value && nta_reader_done(&r));
        nta_cbor_put_double(&out, rows[i].value);
        assert_out(&out, rows[i].bytes);
    }
    nta_cbor_put_double(&out, (double)NAN);
    assert_out(&out, TEXT("\xf9\x7e\x00"));
}

/** What libcbor says of the fraction in these bytes. */
static void on_number(void *number, float value)
{
    *(double *)number = (double)value;
}

/** Each half there is, and what lies between it and the next one. */
static void each_half_is_what_another_library_says(void **state)
{
    struct cbor_callbacks callbacks = cbor_empty_callbacks;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    callbacks.float2 = on_number;
    for (unsigned half = 0; half <= UINT16_MAX; half++) {
        const uint8_t bytes[] = {0xf9, (uint8_t)(half >> 8), (uint8_t)half};
        struct nta_reader r = nta_reader_of(bytes, sizeof(bytes));
        const double value = nta_cbor_get_double(&r);
        double said = 0;

        assert_int_equal(cbor_stream_decode(bytes, sizeof(bytes), &callbacks, &said).read, 3);
        assert_true(nta_reader_done(&r) && (value == said || (isnan(value) && isnan(said))));
        if (isnan(value))
            continue;
        nta_cbor_put_double(&out, value);
        assert_out(&out, (struct nta_span){bytes, sizeof(bytes)});
        if (isinf(value))
            continue;
        nta_cbor_put_double(&out, nextafter(value, 1e9)); /* no half holds that */
        assert_int_equal(out.ptr[0], 0xfb);
        nta_buf_clear(&out);
    }
}

static void longer_fractions_are_what_another_library_says(void **state)
{
    uint64_t bits = 0x9e3779b97f4a7c15;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        uint8_t expected[16];
        float single;
        double value;
        size_t len;

        bits = bits * 6364136223846793005U + 1442695040888963407U;
        memcpy(&value, &bits, sizeof(value));
        memcpy(&single, &bits, sizeof(single));
        if (i % 2)
            value = (double)single;
        if (!isfinite(value))
            continue;
        nta_cbor_put_double(&out, value);
        len = out.len == 9   ? cbor_encode_double(value, expected, sizeof(expected))
              : out.len == 5 ? cbor_encode_single((float)value, expected, sizeof(expected))
                             : cbor_encode_half((float)value, expected, sizeof(expected));
        struct nta_reader r = nta_reader_of(out.ptr, out.len);

        assert_true(nta_cbor_get_double(&r) == value && nta_reader_done(&r));
        assert_out(&out, (struct nta_span){expected, len});
    }
}

static void flags_are_two_bytes_and_no_others(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    nta_cbor_put_bool(&out, true);
    assert_out(&out, TEXT("\xf5"));
    nta_cbor_put_bool(&out, false);
    assert_out(&out, TEXT("\xf4"));
    for (unsigned first = 0; first <= UINT8_MAX; first++) {
        const uint8_t bytes[9] = {(uint8_t)first};
        struct nta_reader r = nta_reader_of(bytes, sizeof(bytes));
        const bool value = nta_cbor_get_bool(&r);

        assert_true(nta_reader_ok(&r) == (first == 0xf4 || first == 0xf5) &&
                    value == (first == 0xf5));
    }
}

static void text_that_is_not_utf8_becomes_bytes(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    nta_cbor_put_text(&out, TEXT("\xc3\xbc"));
    assert_out(&out, TEXT("\x62\xc3\xbc"));
    nta_cbor_put_text(&out, TEXT("12345678\xc3"));
    assert_out(&out, TEXT("\x49"
                          "12345678\xc3"));
    nta_cbor_put_text(&out, (struct nta_span){0});
    assert_out(&out, TEXT("\x60"));
}

static void a_wrong_type_empties_the_reader(void **state)
{
    struct nta_reader r = nta_reader_of((const uint8_t *)"\x01\x01", 2);

    (void)state;
    assert_int_equal(nta_cbor_get_bytes(&r).len, 0);
    assert_false(nta_reader_ok(&r));
    assert_int_equal(nta_reader_left(&r), 0);
    assert_int_equal(nta_cbor_get_uint(&r), 0);
}

static void a_count_larger_than_the_bytes_is_refused(void **state)
{
    struct nta_reader r =
        nta_reader_of((const uint8_t *)"\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x00", 10);

    (void)state;
    assert_int_equal(nta_cbor_get_array(&r), 0);
    assert_false(nta_reader_ok(&r));
}

static void skipping_passes_over_one_whole_item(void **state)
{
    static const struct nta_span items[] = {
        TEXT_ROW("\x82\x01\xa1\x61x\x82\x02\x03"),
        TEXT_ROW("\x80"),
        TEXT_ROW("\xa0"),
        TEXT_ROW("\x45hello"),
        TEXT_ROW("\x81\x81\x80"),
        TEXT_ROW("\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x00"),
        TEXT_ROW("\x83\xf5\xf9\x3c\x00\x19\x01\x00"),
    };
    static const struct nta_span bad[] = {
        TEXT_ROW(""),
        TEXT_ROW("\x81"),
        TEXT_ROW("\xa1\x01"),
        TEXT_ROW("\x9f\xff"),
        TEXT_ROW("\xff"),
        TEXT_ROW("\xc0\x01"),
        TEXT_ROW("\xf6"),
        TEXT_ROW("\x1c"),
        TEXT_ROW("\x82\x01"),
        TEXT_ROW("\x19\x01"),
        TEXT_ROW("\x5b\xff\xff\xff\xff\xff\xff\xff\xff\x00"),
        TEXT_ROW("\xbb\x80\x00\x00\x00\x00\x00\x00\x00\x01\x01"),
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(items); i++) {
        struct nta_reader r = nta_reader_of(items[i].ptr, items[i].len);

        nta_cbor_skip(&r);
        assert_true(nta_reader_done(&r));
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++) {
        struct nta_reader r = nta_reader_of(bad[i].ptr, bad[i].len);

        nta_cbor_skip(&r);
        assert_false(nta_reader_ok(&r));
    }
}

/**
 * A map of `n` pairs, key and value the same, within one of one pair; what stands before and
 * behind it stays.
 */
static void check_map_of(unsigned n)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_cbor_map outer = nta_cbor_map_open(&out, NULL, 0);
    struct nta_cbor_map inner = nta_cbor_map_open(&out, &outer, 5);

    for (unsigned i = 0; i < n; i++)
        nta_cbor_put_uint(nta_cbor_map_pair(&inner, i), i);
    nta_cbor_map_close(&inner);
    nta_cbor_put_uint(nta_cbor_map_pair(&outer, 6), 7);
    nta_cbor_map_close(&outer);
    struct nta_reader r = nta_reader_of(out.ptr, out.len);

    assert_int_equal(nta_cbor_get_map(&r), n ? 2 : 1);
    if (n) {
        assert_int_equal(nta_cbor_get_uint(&r), 5);
        assert_int_equal(nta_cbor_get_map(&r), n);
    }
    for (unsigned i = 0; i < 2 * n; i++)
        assert_int_equal(nta_cbor_get_uint(&r), i / 2);
    assert_int_equal(nta_cbor_get_uint(&r), 6);
    assert_int_equal(nta_cbor_get_uint(&r), 7);
    assert_true(nta_reader_done(&r));
}

static void a_map_says_how_many_pairs_it_has(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 40; n++)
        check_map_of(n); /* from 24 on the head is longer than what was left for it */
    check_map_of(255);
    check_map_of(256);
    check_map_of(70000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_says_how_many_pairs_it_has),
        cmocka_unit_test(integers_have_the_shortest_head),
        cmocka_unit_test(negative_integers_reach_the_smallest),
        cmocka_unit_test(floats_take_the_shortest_form_that_keeps_them),
        cmocka_unit_test(each_half_is_what_another_library_says),
        cmocka_unit_test(longer_fractions_are_what_another_library_says),
        cmocka_unit_test(flags_are_two_bytes_and_no_others),
        cmocka_unit_test(text_that_is_not_utf8_becomes_bytes),
        cmocka_unit_test(a_wrong_type_empties_the_reader),
        cmocka_unit_test(a_count_larger_than_the_bytes_is_refused),
        cmocka_unit_test(skipping_passes_over_one_whole_item),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
