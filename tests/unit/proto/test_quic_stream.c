/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/quic_stream.h"
#include "unit.h"

static void frames_that_an_initial_cannot_hold_are_bad(void **state)
{
    static struct nta_tls_stream stream;

    const struct
    {
        const char *bytes;
        size_t len;
        enum nta_parse verdict;
    } cases[] = {
        {"\0\0\x01\0", 4, NTA_PARSE_OK},
        {"\x02\x05\x00\x01\x00\x01\x01\x06\x00\x01z", 11, NTA_PARSE_OK},
        {"\x03\x05\x00\x00\x00\x01\x01\x01\x01", 9, NTA_PARSE_OK},
        {"\x1c\x01\x00\x00", 4, NTA_PARSE_OK},
        {"\x06\x00\x05zzzz", 7, NTA_PARSE_BAD},
        {"\x06\x00\xff\xff\xff\xff\xff\xff\xff\xffz", 11, NTA_PARSE_BAD},
        {"\x02\x05\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x01\x01", 14, NTA_PARSE_BAD},
        {"\x10\x05", 2, NTA_PARSE_BAD},
        {"\x40", 1, NTA_PARSE_BAD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct nta_span payload = {(const uint8_t *)cases[i].bytes, cases[i].len};

        assert_int_equal(nta_quic_stream_frames(&stream, payload, false), cases[i].verdict);
    }
    assert_int_equal(nta_tls_stream_head(&stream).len, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_that_an_initial_cannot_hold_are_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
