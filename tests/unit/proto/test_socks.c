/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/socks.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

#define BYTES(literal) (literal), sizeof(literal) - 1

static struct nta_play play;

/**
 * Both sides by turns, the client first; each turn in two pieces, the first of `cut` bytes.  True:
 * handed over.
 */
static bool talk(const char *const *turns, const size_t *lens, size_t n, size_t cut)
{
    bool handover;

    play_begin(&play, &nta_proto_socks, true, 1080);
    for (size_t i = 0; i < n; i++) {
        size_t first = cut < lens[i] ? cut : lens[i];

        play_data(&play, i & 1, turns[i], first);
        if (first < lens[i])
            play_data(&play, i & 1, turns[i] + first, lens[i] - first);
    }
    handover = play.handover;
    play_end(&play);
    play_done(&play);
    return handover;
}

static void expect_handover(const char *const *turns, const size_t *lens, size_t n)
{
    for (size_t cut = 1; cut < 40; cut++) {
        assert_true(talk(turns, lens, n, cut));
        assert_false(talk(turns, lens, n - 1, cut));
    }
}

static void version_5_is_handed_over_when_granted(void **state)
{
    static const char *const turns[] = {"\5\2\0\2", "\5\0", "\5\1\0\3\6x.test\0\x50",
                                        "\5\0\0\1\0\0\0\0\0\0"};
    static const size_t lens[] = {4, 2, 13, 10};

    (void)state;
    expect_handover(turns, lens, 4);
}

static void version_5_with_password_is_handed_over(void **state)
{
    static const char *const turns[] = {"\5\1\2",
                                        "\5\2",
                                        "\1\3bob\4word",
                                        "\1\0",
                                        "\5\1\0\4\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\1\xbb",
                                        "\5\0\0\3\1p\4\x38"};
    static const size_t lens[] = {3, 2, 10, 2, 22, 8};

    (void)state;
    expect_handover(turns, lens, 6);
}

static void version_4_is_handed_over_when_granted(void **state)
{
    static const char *const plain[] = {"\4\1\0\x50\xc0\0\2\1me\0", "\0\x5a\0\0\0\0\0\0"};
    static const char *const named[] = {"\4\1\0\x50\0\0\0\1\0x.test\0", "\0\x5a\0\0\0\0\0\0"};
    static const size_t plain_lens[] = {11, 8}, named_lens[] = {16, 8};

    (void)state;
    expect_handover(plain, plain_lens, 2);
    expect_handover(named, named_lens, 2);
}

static void bound_port_waits_for_the_second_reply(void **state)
{
    static const char *const turns[] = {"\5\1\0",
                                        "\5\0",
                                        "\5\2\0\1\xc0\0\2\1\0\x50",
                                        "\5\0\0\1\0\0\0\0\0\0",
                                        "",
                                        "\5\0\0\1\0\0\0\0\0\0"};
    static const size_t lens[] = {3, 2, 10, 10, 0, 10};

    (void)state;
    expect_handover(turns, lens, 6);
}

static void refusal_ends_it(void **state)
{
    static const char *const method[] = {"\5\1\0", "\5\xff"};
    static const char *const target[] = {"\5\1\0", "\5\0", "\5\1\0\1\xc0\0\2\1\0\x50",
                                         "\5\5\0\1\0\0\0\0\0\0"};
    static const size_t method_lens[] = {3, 2}, target_lens[] = {3, 2, 10, 10};

    (void)state;
    assert_false(talk(method, method_lens, 2, 40));
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    assert_false(talk(target, target_lens, 4, 40));
    assert_int_equal(play.last, NTA_PARSE_OTHER);
}

static void client_bytes_wait_for_the_reply(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_socks, true, 1080);
    play_data(&play, 0, BYTES("\5\1\0"));
    play_data(&play, 1, BYTES("\5\0"));
    play_data(&play, 0, BYTES("\5\1\0\1\xc0\0\2\1\0\x50GET / HTTP/1.1\r\n"));
    assert_int_equal(play.last, NTA_PARSE_MORE);
    assert_int_equal(play.kept[0].len, 16);
    play_data(&play, 1, BYTES("\5\0\0\1\0\0\0\0\0\0"));
    assert_true(play.handover);
    play_end(&play);
    play_done(&play);
}

static void client_alone_is_handed_over_with_its_next_bytes(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_socks, true, 1080);
    play_data(&play, 0, BYTES("\4\1\0\x50\xc0\0\2\1\0"));
    assert_false(play.handover);
    play_data(&play, 0, BYTES("GET / HTTP/1.1\r\n"));
    assert_true(play.handover);
    play_end(&play);
    play_done(&play);
}

static void greeting_from_the_presumed_server_swaps_the_sides(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_socks, true, 1080);
    play_data(&play, 1, BYTES("\5\1\0"));
    assert_true(play.swapped);
    play_data(&play, 0, BYTES("\5\0"));
    play_data(&play, 1, BYTES("\5\1\0\1\xc0\0\2\1\0\x50"));
    play_data(&play, 0, BYTES("\5\0\0\1\0\0\0\0\0\0"));
    assert_true(play.handover);
    play_end(&play);
    play_done(&play);
}

static void only_what_can_be_a_greeting_is_taken(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_socks, true, 1080);
    assert_int_equal(play_probe(&play, 0, BYTES("\5")), NTA_PARSE_MORE);
    assert_int_equal(play_probe(&play, 0, BYTES("\5\2\0")), NTA_PARSE_MORE);
    assert_int_equal(play_probe(&play, 0, BYTES("\5\2\0\2")), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, BYTES("\5\1\x40")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("\5\0\x0b")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("\4\1\0\x50\xc0\0\2\1me")), NTA_PARSE_MORE);
    assert_int_equal(play_probe(&play, 0, BYTES("\4\1\0\x50\xc0\0\2\1me\0")), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, BYTES("\4\1\0\0\xc0\0\2\1me\0")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("\4\1\0\x50\xc0\0\2\1\7\0")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 1, BYTES("\5\0")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 1, BYTES("\4\1\0\x50\xc0\0\2\1me\0")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 1, BYTES("\5\1\0")), NTA_PARSE_OK);
    play_done(&play);
}

static void target_and_reply_are_reported(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_socks, true, 1080);
    play_data(&play, 0, BYTES("\5\1\0"));
    play_data(&play, 1, BYTES("\5\0"));
    play_data(&play, 0, BYTES("\5\1\0\3\6x.test\0\x50"));
    play_data(&play, 1, BYTES("\5\5\0\1\0\0\0\0\0\0"));
    assert_string_equal(play_end(&play),
                        "socks begin method=CONNECT host=x.test port=80\n"
                        "socks end method=CONNECT host=x.test port=80 status=5 complete=1\n");
    play_done(&play);
}

static void name_of_4a_is_reported_without_the_user(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_socks, true, 1080);
    play_data(&play, 0, BYTES("\4\1\0\x50\0\0\0\1secret\0x.test\0"));
    play_data(&play, 1, BYTES("\0\x5a\0\0\0\0\0\0"));
    assert_string_equal(play_end(&play),
                        "socks begin method=CONNECT host=x.test port=80\n"
                        "socks end method=CONNECT host=x.test port=80 status=90 complete=1\n");
    play_done(&play);
}

static void association_announces_its_datagrams(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_socks, true, 1080);
    play_data(&play, 0, BYTES("\5\1\0"));
    play_data(&play, 1, BYTES("\5\0"));
    play_data(&play, 0, BYTES("\5\3\0\1\0\0\0\0\0\0"));
    play_data(&play, 1, BYTES("\5\0\0\1\xc0\0\2\1\4\1"));
    assert_true(play.done[0] && play.done[1]);
    assert_string_equal(play_end(&play), "socks begin method=ASSOCIATE server at :1025/udp\n");
    play_done(&play);
}

static void first_datagram_names_the_target(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_socks, false, 1025);
    assert_int_equal(play_probe(&play, 0, BYTES("\0\0\0\1")), NTA_PARSE_OTHER);
    play.io.expected_by = NTA_APP_SOCKS;
    assert_int_equal(play_probe(&play, 0, BYTES("\0\0\0\1")), NTA_PARSE_OK);
    play_data(&play, 0, BYTES("\0\0\0\3\6x.test\0\x35hello"));
    play_data(&play, 1, BYTES("\0\0\0\1\xc0\0\2\1\0\x35hi"));
    play_data(&play, 1, BYTES("\0\0\0\1"));
    assert_string_equal(play_end(&play),
                        "socks begin method=ASSOCIATE host=x.test port=53\n"
                        "socks end method=ASSOCIATE host=x.test port=53 up=5 down=2 complete=1\n");
    play_done(&play);
}

static void preamble_of_a_proxy_that_connects_is_passed_over(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_socks, true, 1080);
    play_data(&play, 1, BYTES("\5\1\0"));
    play_data(&play, 1, BYTES("\5\1\0\1\xc0\0\2\1\0\x50"));
    play_data(&play, 0, BYTES("NZ\x8d\5\0"));
    play_data(&play, 0, BYTES("\5\0\0\1\0\0\0\0\0\0"));
    assert_true(play.handover);
    play_end(&play);
    play_done(&play);
}

static void every_byte_may_be_anything(void **state)
{
    static const char up[] = "\5\1\2\1\3bob\4word\5\1\0\3\6x.test\0\x50",
                      down[] = "\5\2\1\0\5\0\0\1\0\0\0\0\0\0";

    (void)state;
    for (size_t i = 0; i < (sizeof(up) + sizeof(down)) * 256; i++) {
        char a[sizeof(up)], b[sizeof(down)];

        memcpy(a, up, sizeof(a));
        memcpy(b, down, sizeof(b));
        if (i / 256 < sizeof(a))
            a[i / 256] = (char)i;
        else
            b[i / 256 - sizeof(a)] = (char)i;
        play_begin(&play, &nta_proto_socks, true, 1080);
        (void)play_probe(&play, 0, a, sizeof(a));
        play_data(&play, 0, a, sizeof(a));
        play_data(&play, 1, b, sizeof(b));
        play_end(&play);
        play_done(&play);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_5_is_handed_over_when_granted),
        cmocka_unit_test(version_5_with_password_is_handed_over),
        cmocka_unit_test(version_4_is_handed_over_when_granted),
        cmocka_unit_test(bound_port_waits_for_the_second_reply),
        cmocka_unit_test(refusal_ends_it),
        cmocka_unit_test(client_bytes_wait_for_the_reply),
        cmocka_unit_test(client_alone_is_handed_over_with_its_next_bytes),
        cmocka_unit_test(greeting_from_the_presumed_server_swaps_the_sides),
        cmocka_unit_test(only_what_can_be_a_greeting_is_taken),
        cmocka_unit_test(target_and_reply_are_reported),
        cmocka_unit_test(name_of_4a_is_reported_without_the_user),
        cmocka_unit_test(association_announces_its_datagrams),
        cmocka_unit_test(first_datagram_names_the_target),
        cmocka_unit_test(preamble_of_a_proxy_that_connects_is_passed_over),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
