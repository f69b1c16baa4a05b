/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "unit.h"

static const uint8_t eight[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static void numbers_are_read_in_network_order(void **state)
{
    struct nta_reader r = nta_reader_of(eight, sizeof(eight));

    (void)state;
    assert_int_equal(nta_read_u8(&r), 0x01);
    assert_int_equal(nta_read_be16(&r), 0x0203);
    assert_int_equal(nta_read_be24(&r), 0x040506);
    assert_int_equal(nta_reader_left(&r), 2);
    assert_int_equal(nta_reader_offset(&r), 6);
    assert_false(nta_reader_done(&r));
    nta_reader_seek(&r, 0);
    assert_int_equal(nta_read_be64(&r), 0x0102030405060708);
    assert_true(nta_reader_done(&r));
    nta_reader_seek(&r, 4);
    assert_int_equal(nta_read_be32(&r), 0x05060708);
}

static void one_byte_too_few_empties_the_reader_for_good(void **state)
{
    struct nta_reader r = nta_reader_of(eight, 3);

    (void)state;
    assert_int_equal(nta_read_be32(&r), 0);
    assert_false(nta_reader_ok(&r));
    assert_false(nta_reader_done(&r));
    assert_int_equal(nta_reader_left(&r), 0);
    assert_int_equal(nta_read_u8(&r), 0);
    assert_null(nta_reader_take(&r, 0));
    nta_reader_seek(&r, 0); /* going back does not heal it */
    assert_int_equal(nta_read_u8(&r), 0);
    assert_false(nta_reader_ok(&r));
}

static void lengths_cannot_wrap_around(void **state)
{
    struct nta_reader r = nta_reader_of(eight, 8);

    (void)state;
    nta_reader_skip(&r, 4);
    assert_null(nta_reader_take(&r, SIZE_MAX));
    assert_false(nta_reader_ok(&r));
    r = nta_reader_of(eight, 8);
    nta_reader_seek(&r, 9);
    assert_false(nta_reader_ok(&r));
    r = nta_reader_of(eight, 8);
    nta_reader_seek(&r, 8);
    assert_true(nta_reader_done(&r));
}

static void a_loop_over_what_is_left_ends(void **state)
{
    struct nta_reader r = nta_reader_of(eight, 8);
    unsigned n = 0;

    (void)state;
    while (nta_reader_left(&r) > 0) {
        (void)nta_read_be24(&r);
        n++;
    }
    assert_int_equal(n, 3);
    assert_false(nta_reader_ok(&r));
}

static void a_sub_reader_sees_its_own_bytes_only(void **state)
{
    struct nta_reader r = nta_reader_of(eight, 8);
    struct nta_reader sub = nta_read_sub(&r, 3);

    (void)state;
    assert_int_equal(nta_read_u8(&r), 4);
    assert_int_equal(nta_reader_left(&sub), 3);
    assert_int_equal(nta_reader_offset(&sub), 0);
    assert_int_equal(nta_read_be32(&sub), 0);
    assert_false(nta_reader_ok(&sub));
    assert_true(nta_reader_ok(&r)); /* the child's overrun is its own */
}

static void a_sub_reader_longer_than_its_parent_spoils_both(void **state)
{
    struct nta_reader r = nta_reader_of(eight, 8);
    struct nta_reader sub = nta_read_sub(&r, 9);

    (void)state;
    assert_false(nta_reader_ok(&r));
    assert_false(nta_reader_ok(&sub));
    assert_int_equal(nta_reader_left(&sub), 0);
}

static void a_sub_reader_of_nothing_is_no_failure(void **state)
{
    struct nta_reader none = nta_reader_of(NULL, 0);
    struct nta_reader sub = nta_read_sub(&none, 0);

    (void)state;
    assert_true(nta_reader_done(&none));
    assert_true(nta_reader_done(&sub));
    sub = nta_read_sub(&none, 1);
    assert_false(nta_reader_ok(&none));
    assert_false(nta_reader_ok(&sub));
    sub = nta_read_sub(&none, 0); /* none of one that has run dry before */
    assert_false(nta_reader_ok(&sub));
}

static void vectors_have_their_length_in_front(void **state)
{
    static const uint8_t bytes[] = {2, 'a', 'b', 0, 1, 'c', 5, 'x'};
    struct nta_reader r = nta_reader_of(bytes, sizeof(bytes));
    struct nta_reader v8 = nta_read_vec8(&r), v16 = nta_read_vec16(&r);

    (void)state;
    assert_int_equal(nta_reader_left(&v8), 2);
    assert_int_equal(nta_read_u8(&v16), 'c');
    assert_true(nta_reader_ok(&r));
    v8 = nta_read_vec8(&r);
    assert_false(nta_reader_ok(&v8));
}

static void a_span_that_is_too_long_is_empty(void **state)
{
    struct nta_reader r = nta_reader_of(eight, 8);
    struct nta_span span = nta_read_span(&r, 8);

    (void)state;
    assert_ptr_equal(span.ptr, eight);
    assert_int_equal(span.len, 8);
    span = nta_read_span(&r, 1);
    assert_null(span.ptr);
    assert_int_equal(span.len, 0);
}

/** RFC 9000 appendix A.1. */
static void quic_numbers_are_those_of_the_rfc(void **state)
{
    static const struct
    {
        uint8_t bytes[8];
        size_t len;
        uint64_t value;
    } vectors[] = {
        {{0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c}, 8, 151288809941952652},
        {{0x9d, 0x7f, 0x3e, 0x7d}, 4, 494878333},
        {{0x7b, 0xbd}, 2, 15293},
        {{0x25}, 1, 37},
        {{0x40, 0x25}, 2, 37},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 8, UINT64_C(0x3fffffffffffffff)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct nta_reader r = nta_reader_of(vectors[i].bytes, vectors[i].len);

        assert_int_equal(nta_read_varint(&r), vectors[i].value);
        assert_true(nta_reader_done(&r));
        for (size_t n = 0; n < vectors[i].len; n++) {
            r = nta_reader_of(vectors[i].bytes, n);
            assert_int_equal(nta_read_varint(&r), 0);
            assert_false(nta_reader_ok(&r));
        }
    }
}

static struct nta_reader of_text(const char *text)
{
    return nta_reader_of((const uint8_t *)text, strlen(text));
}

static void looking_takes_nothing(void **state)
{
    struct nta_reader r = nta_reader_of(eight, 3), none = nta_reader_of(NULL, 0);

    (void)state;
    assert_int_equal(nta_reader_peek(&r), 1);
    assert_int_equal(nta_reader_rest(&r).len, 3);
    nta_reader_skip(&r, 1);
    const size_t mark = nta_reader_offset(&r);

    assert_int_equal(nta_reader_peek(&r), 2);
    assert_ptr_equal(nta_reader_rest(&r).ptr, eight + 1);
    assert_int_equal(nta_read_rest(&r).len, 2);
    assert_int_equal(nta_reader_since(&r, mark).len, 2);
    assert_ptr_equal(nta_reader_since(&r, mark).ptr, eight + 1);
    assert_int_equal(nta_reader_peek(&r), 0);
    assert_int_equal(nta_reader_rest(&r).len, 0);
    assert_true(nta_reader_done(&r)); /* to look where nothing is left spoils nothing */
    assert_int_equal(nta_reader_peek(&none), 0);
    assert_int_equal(nta_reader_rest(&none).len, 0);
    assert_int_equal(nta_read_rest(&none).len, 0);
    assert_true(nta_reader_done(&none));
}

static void a_line_ends_with_lf_or_crlf(void **state)
{
    struct nta_reader r = of_text("one\r\ntwo\n\r\n\nfi\rve\r\r\nsix");
    static const char *const lines[] = {"one", "two", "", "", "fi\rve\r"};
    struct nta_span line = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(nta_read_line(&r, 100, &line), NTA_PARSE_OK);
        assert_true(nta_span_equal(line, nta_span_of(lines[i])));
    }
    assert_int_equal(nta_read_line(&r, 100, &line), NTA_PARSE_MORE);
    assert_int_equal(nta_reader_left(&r), 3); /* the beginning of a line stays */
    assert_int_equal(line.len, 6);            /* and so does what was given last */
    assert_true(nta_reader_ok(&r));
}

/*
 * A line of `len` bytes with this end, with a bound of 8: decided neither too early nor by how its
 * bytes came.
 */
static void check_bounded(size_t len, const char *end)
{
    char text[32];
    size_t whole = (size_t)snprintf(text, sizeof(text), "%.*s%s", (int)len, "abcdefghijkl", end);
    enum nta_parse last = NTA_PARSE_MORE;

    for (size_t n = 0; n <= whole; n++) {
        struct nta_reader r = nta_reader_of((const uint8_t *)text, n);
        struct nta_span line = {0};
        enum nta_parse verdict = nta_read_line(&r, 8, &line);

        assert_true(verdict == NTA_PARSE_OK ? n == whole : nta_reader_left(&r) == n);
        assert_true(last != NTA_PARSE_BAD || verdict == NTA_PARSE_BAD);
        last = verdict;
    }
    assert_int_equal(last, len <= 8 ? NTA_PARSE_OK : NTA_PARSE_BAD);
}

static void a_line_is_bounded_whatever_pieces_it_comes_in(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 12; len++) {
        check_bounded(len, "\n");
        check_bounded(len, "\r\n");
    }
}

/** What a line of at most `max` bytes is by the header's words; OK: `ret_len` without its end. */
static enum nta_parse line_by_the_words(struct nta_span bytes, size_t max, size_t *ret_len)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] != '\n')
            continue;
        *ret_len = i && bytes.ptr[i - 1] == '\r' ? i - 1 : i;
        return *ret_len > max ? NTA_PARSE_BAD : NTA_PARSE_OK;
    }
    if (bytes.len <= max || (bytes.len - 1 == max && bytes.ptr[max] == '\r'))
        return NTA_PARSE_MORE;
    return NTA_PARSE_BAD;
}

static void a_line_is_as_the_words_say_for_each_text_and_bound(void **state)
{
    static const size_t bounds[] = {0, 1, 2, 3, 4, SIZE_MAX - 2, SIZE_MAX - 1, SIZE_MAX};
    uint8_t text[6];

    (void)state;
    for (unsigned number = 0; number < 4096; number++) { /* six of three kinds, up to an end */
        struct nta_span bytes = {.ptr = text};

        for (unsigned rest = number; bytes.len < sizeof(text) && rest % 4 != 3; rest /= 4)
            text[bytes.len++] = (uint8_t) "a\r\n"[rest % 4];
        for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
            struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
            struct nta_span line = {.len = sizeof(text) + 1};
            size_t len = line.len;

            assert_int_equal(nta_read_line(&r, bounds[i], &line),
                             line_by_the_words(bytes, bounds[i], &len));
            assert_true(line.len == len || len <= sizeof(text));
            assert_int_equal(nta_reader_offset(&r) > 0, line.len <= sizeof(text));
        }
    }
}

static void a_text_ends_with_the_byte_that_is_asked_for(void **state)
{
    struct nta_reader r = nta_reader_of((const uint8_t *)"name\0\0ab", 8),
                      none = nta_reader_of(NULL, 0);
    struct nta_span text = {0};

    (void)state;
    assert_int_equal(nta_read_until(&r, 0, 3, &text), NTA_PARSE_BAD);
    assert_int_equal(nta_reader_left(&r), 8);
    assert_int_equal(nta_read_until(&r, 0, 4, &text), NTA_PARSE_OK);
    assert_int_equal(text.len, 4);
    assert_int_equal(nta_read_until(&r, 0, 0, &text), NTA_PARSE_OK);
    assert_int_equal(text.len, 0);
    assert_int_equal(nta_read_until(&r, 0, 2, &text), NTA_PARSE_MORE);
    assert_int_equal(nta_read_until(&r, 0, 1, &text), NTA_PARSE_BAD);
    assert_int_equal(nta_read_until(&r, 0, SIZE_MAX, &text), NTA_PARSE_MORE);
    assert_int_equal(nta_read_until(&none, 0, 10, &text), NTA_PARSE_MORE);
    assert_int_equal(nta_read_line(&none, 10, &text), NTA_PARSE_MORE);
    (void)nta_read_be64(&r);
    assert_int_equal(nta_read_until(&r, 0, 10, &text),
                     NTA_PARSE_MORE); /* it ran dry, and stays so */
    assert_false(nta_reader_ok(&r));
}

static void a_limit_ends_a_reader_that_may_still_go_back(void **state)
{
    struct nta_reader r = nta_reader_of(eight, 8), short_one = nta_reader_of(eight, 2),
                      none = nta_reader_of(NULL, 0);

    (void)state;
    nta_reader_limit(&none, 0); /* the sanitizers' build sees what is added to NULL */
    assert_true(nta_reader_done(&none));
    nta_reader_skip(&r, 4);
    nta_reader_limit(&r, 2);
    assert_int_equal(nta_reader_left(&r), 2);
    assert_int_equal(nta_read_be16(&r), 0x0506);
    assert_true(nta_reader_done(&r));
    nta_reader_seek(&r, 1);
    assert_int_equal(nta_read_u8(&r), 2);
    nta_reader_limit(&short_one, 3);
    assert_false(nta_reader_ok(&short_one));
    nta_reader_fail(&r); /* what it said makes no sense */
    assert_false(nta_reader_ok(&r));
    assert_int_equal(nta_reader_left(&r), 0);
    assert_int_equal(nta_reader_left(&short_one), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_in_network_order),
        cmocka_unit_test(one_byte_too_few_empties_the_reader_for_good),
        cmocka_unit_test(lengths_cannot_wrap_around),
        cmocka_unit_test(a_loop_over_what_is_left_ends),
        cmocka_unit_test(a_sub_reader_sees_its_own_bytes_only),
        cmocka_unit_test(a_sub_reader_longer_than_its_parent_spoils_both),
        cmocka_unit_test(a_sub_reader_of_nothing_is_no_failure),
        cmocka_unit_test(vectors_have_their_length_in_front),
        cmocka_unit_test(a_span_that_is_too_long_is_empty),
        cmocka_unit_test(looking_takes_nothing),
        cmocka_unit_test(a_line_ends_with_lf_or_crlf),
        cmocka_unit_test(a_line_is_bounded_whatever_pieces_it_comes_in),
        cmocka_unit_test(a_line_is_as_the_words_say_for_each_text_and_bound),
        cmocka_unit_test(a_text_ends_with_the_byte_that_is_asked_for),
        cmocka_unit_test(a_limit_ends_a_reader_that_may_still_go_back),
        cmocka_unit_test(quic_numbers_are_those_of_the_rfc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
