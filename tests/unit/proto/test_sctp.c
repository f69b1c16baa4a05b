/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/sctp.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* A SACK that is passed over, "abcde" with its padding, then "xy" without. */
static const char packet[] = "\3\0\0\x10\0\0\0\1\0\0\0\2\0\0\0\0"
                             "\0\3\0\x15\0\0\0\7\0\1\0\0\0\0\0\0abcde\0\0\0"
                             "\0\3\0\x12\0\0\0\x08\0\1\0\1\0\0\0\0xy";

enum
{
    FIRST_END = 16 + 21, ///< The first DATA chunk without padding.
};

/** Read `len` bytes of an exact copy: how many DATA chunks, and the last verdict. */
static size_t count(const void *bytes, size_t len, enum nta_parse *ret_verdict)
{
    uint8_t *copy = malloc(len ? len : 1);
    struct nta_sctp_data data;
    size_t n = 0;

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    struct nta_reader r = nta_reader_of(copy, len);

    while ((*ret_verdict = nta_sctp_next(&r, &data)) == NTA_PARSE_OK) {
        assert_true(data.bytes.len > 0);
        assert_true(data.bytes.ptr >= copy && data.bytes.ptr + data.bytes.len <= copy + len);
        n++;
    }
    free(copy);
    return n;
}

static void data_chunks_are_found_between_others(void **state)
{
    struct nta_reader r = nta_reader_of((const uint8_t *)packet, sizeof(packet) - 1);
    struct nta_sctp_data data;

    (void)state;
    assert_int_equal(nta_sctp_next(&r, &data), NTA_PARSE_OK);
    assert_int_equal(data.tsn, 7);
    assert_int_equal(data.stream, 1);
    assert_int_equal(data.bytes.len, 5);
    assert_memory_equal(data.bytes.ptr, "abcde", 5);
    assert_int_equal(nta_sctp_next(&r, &data), NTA_PARSE_OK);
    assert_int_equal(data.tsn, 8);
    assert_memory_equal(data.bytes.ptr, "xy", 2);
    assert_int_equal(nta_sctp_next(&r, &data), NTA_PARSE_MORE);
}

static void a_length_that_cannot_be_is_bad(void **state)
{
    enum nta_parse verdict;

    (void)state;
    assert_int_equal(count("\0\3\0\3", 4, &verdict), 0);
    assert_int_equal(verdict, NTA_PARSE_BAD);
    assert_int_equal(count("\0\3\0\x10\0\0\0\7\0\1\0\0\0\0\0\0", 16, &verdict), 0);
    assert_int_equal(verdict, NTA_PARSE_BAD);
}

static void every_prefix_gives_what_is_whole(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof(packet) - 1; len++) {
        enum nta_parse verdict;

        assert_int_equal(count(packet, len, &verdict), len >= FIRST_END);
        assert_int_equal(verdict, NTA_PARSE_MORE);
    }
}

static void every_byte_may_be_anything(void **state)
{
    char copy[sizeof(packet) - 1];

    (void)state;
    for (size_t i = 0; i < sizeof(copy); i++) {
        for (int value = 0; value < 256; value++) {
            enum nta_parse verdict;

            memcpy(copy, packet, sizeof(copy));
            copy[i] = (char)value;
            assert_true(count(copy, sizeof(copy), &verdict) <= 3);
            assert_true(verdict == NTA_PARSE_MORE || verdict == NTA_PARSE_BAD);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_chunks_are_found_between_others),
        cmocka_unit_test(a_length_that_cannot_be_is_bad),
        cmocka_unit_test(every_prefix_gives_what_is_whole),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
