/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/recognised/zerotier.h"
#include "unit.h"

static struct nta_play play;

/* Id, receiver, sender, flags, code, verb, versions, time, who the sender is, some of its key. */
static const uint8_t hello[] = "\0\1\2\3\4\5\6\7\x11\x22\x33\x44\x55\xaa\xbb\xcc\xdd\xee\0"
                               "\x10\x11\x12\x13\x14\x15\x16\x17\1\x0b\1\x0a\0\2"
                               "\0\0\1\xa2\x6f\x3f\x8c\0\xaa\xbb\xcc\xdd\xee\0keykeykey";

static enum nta_parse probe(const uint8_t *bytes, size_t len)
{
    return play_probe(&play, 0, bytes, len);
}

static void a_hello_is_known_on_any_port(void **state)
{
    static const uint16_t ports[] = {9993, 443, 40000};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(ports); i++) {
        play_begin(&play, &nta_proto_zerotier, false, ports[i]);
        assert_int_equal(probe(hello, sizeof(hello)), NTA_PARSE_OK);
        play_data(&play, 0, hello, sizeof(hello));
        assert_true(play.done[0] && play.done[1]);
        play_done(&play);
    }
}

static void every_prefix_of_its_head_is_other(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_zerotier, false, 9993);
    for (size_t n = 0; n < 47; n++)
        assert_int_equal(probe(hello, n), NTA_PARSE_OTHER);
    assert_int_equal(probe(hello, 47), NTA_PARSE_OK);
    play_done(&play);
}

static void what_does_not_fit_is_other(void **state)
{
    /* of the sender, that it is encrypted, the verb, the version, the time, the sender again */
    static const uint8_t places[] = {14, 18, 27, 28, 33, 42, 46};

    (void)state;
    play_begin(&play, &nta_proto_zerotier, false, 9993);
    for (size_t i = 0; i < NTA_N_ELEMENTS(places); i++) {
        uint8_t bytes[sizeof(hello)];

        memcpy(bytes, hello, sizeof(hello));
        bytes[places[i]] ^= 0xca;
        assert_int_equal(probe(bytes, sizeof(bytes)), NTA_PARSE_OTHER);
    }
    play_done(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_is_known_on_any_port),
        cmocka_unit_test(every_prefix_of_its_head_is_other),
        cmocka_unit_test(what_does_not_fit_is_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
