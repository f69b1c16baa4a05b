/* SPDX-License-Identifier: Apache-2.0 */
#include "hello.h"
#include "play.h"
#include "proto/quic/gquic.h"
#include "proto/quic/quic.h"
#include "unit.h"

static struct maker maker;

static void the_name_is_read(void **state)
{
    struct nta_span name;

    (void)state;
    maker.len = 0;
    make_google_hello(&maker, "www.example.org");
    assert_int_equal(nta_gquic_hello_read((struct nta_span){maker.bytes, maker.len}, &name),
                     NTA_PARSE_OK);
    assert_int_equal(name.len, 15);
    assert_memory_equal(name.ptr, "www.example.org", 15);
}

static void every_prefix_up_to_the_name_wants_more(void **state)
{
    struct nta_span name;

    (void)state;
    maker.len = 0;
    make_google_hello(&maker, "www.example.org");
    for (size_t len = 4; len < 8 + 24 + 304 + 15; len++)
        assert_int_equal(nta_gquic_hello_read((struct nta_span){maker.bytes, len}, &name),
                         NTA_PARSE_MORE);
}

static void contradictions_are_bad(void **state)
{
    const struct
    {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"REJ\0\1\0\0\0", 8},
        {"CHLO\xff\xff\0\0", 8},
        {"CHLO\2\0\0\0VER\0\x10\0\0\0SNI\0\x08\0\0\0", 24},
        {"CHLO\1\0\0\0SNI\0\0\1\0\0", 16},
    };
    struct nta_span name;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct nta_span message = {(const uint8_t *)cases[i].bytes, cases[i].len};

        assert_int_equal(nta_gquic_hello_read(message, &name), NTA_PARSE_BAD);
    }
}

static void public_headers_are_known_by_their_version(void **state)
{
    const struct
    {
        const char *bytes;
        size_t len;
        enum nta_parse verdict;
    } cases[] = {
        {"\x0d"
         "12345678Q043",
         13, NTA_PARSE_OK},
        {"\x09"
         "12345678Q039",
         13, NTA_PARSE_OK},
        {"\x09"
         "12345678Q0",
         11, NTA_PARSE_MORE},
        {"\x0c"
         "12345678Q043",
         13, NTA_PARSE_OTHER},
        {"\x09"
         "12345678Q051",
         13, NTA_PARSE_OTHER},
        {"\xc3Q046", 5, NTA_PARSE_OK},
        {"\xc3Q050", 5, NTA_PARSE_OTHER},
        {"", 0, NTA_PARSE_MORE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct nta_span datagram = {(const uint8_t *)cases[i].bytes, cases[i].len};

        assert_int_equal(nta_gquic_probe(datagram), cases[i].verdict);
    }
}

static void facebooks_zero_hello_over_tcp_is_reported_at_every_step(void **state)
{
    static struct nta_play play;
    static struct maker wire;

    (void)state;
    maker.len = wire.len = 0;
    make_google_hello(&maker, "www.example.org");
    make(&wire, "1QTV0", 5);
    make_number(&wire, __builtin_bswap32((uint32_t)maker.len), 4);
    make(&wire, maker.bytes, maker.len);

    const struct nta_span bytes = {wire.bytes, wire.len};

    play_begin(&play, &nta_proto_quic, true, 443);
    assert_int_equal(play_probe(&play, NTA_FROM_CLIENT, bytes.ptr, 3), NTA_PARSE_MORE);
    assert_int_equal(play_probe(&play, NTA_FROM_CLIENT, bytes.ptr, bytes.len), NTA_PARSE_OK);
    for (size_t step = 1; step < 100; step += 7) {
        play_again(&play);
        assert_int_equal(play_stream(&play, NTA_FROM_CLIENT, bytes, step), NTA_PARSE_OK);
        assert_string_equal(play_said(&play), "quic client name=www.example.org ja4=\n");
    }
    play_done(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_is_read),
        cmocka_unit_test(every_prefix_up_to_the_name_wants_more),
        cmocka_unit_test(contradictions_are_bad),
        cmocka_unit_test(facebooks_zero_hello_over_tcp_is_reported_at_every_step),
        cmocka_unit_test(public_headers_are_known_by_their_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
