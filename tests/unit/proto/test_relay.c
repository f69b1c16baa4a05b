/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/clock.h"
#include "play.h"
#include "proto/tls/relay.h"
#include "unit.h"

#define BYTES(literal) (literal), sizeof(literal) - 1
#define MESSAGE(type, length)                                                                      \
    type length "\x21\x12\xa4\x42"                                                                 \
                "abcdefghijkl"
#define ALLOCATE  MESSAGE("\0\3", "\0\0")
#define ALLOCATED MESSAGE("\1\3", "\0\0")
#define ASKED     "GET / HTTP/1.1\r\nHost: x.y\r\n\r\n"
#define ANSWERED  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define QUESTION  "\0\7\1\0\0\1\0\0\0\0\0\0\1x\1y\0\0\1\0\1"
/* 198.51.100.53, port 8080 */
#define PEER             "\0\x12\0\x08\0\1\x3e\x82\xe7\x21\xc0\x77"
#define CHANNEL_ASKED    "\x40\1\0\x1d" ASKED "\0\0\0"
#define CHANNEL_QUESTION "\x40\1\0\x15" QUESTION "\0\0\0"
#define SEND_ASKED       MESSAGE("\0\x16", "\0\x30") PEER "\0\x13\0\x1d" ASKED "\0\0\0"
#define SEND_QUESTION    MESSAGE("\0\x16", "\0\x28") PEER "\0\x13\0\x15" QUESTION "\0\0\0"

static struct nta_play play;

static int setup(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_relay, true, 3478);
    play.io.saw_syn = true;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)play_end(&play);
    play_done(&play);
    return 0;
}

static void again(void)
{
    play_again(&play);
    play.io.saw_syn = true;
}

static void a_message_is_known_by_its_cookie(void **state)
{
    (void)state;
    for (size_t n = 1; n < 8; n++) {
        assert_int_equal(play_probe(&play, 0, ALLOCATE, n), NTA_PARSE_MORE);
        assert_int_equal(play_probe(&play, 1, ALLOCATE, n), NTA_PARSE_OTHER);
    }
    assert_int_equal(play_probe(&play, 0, ALLOCATE, 8), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 1, BYTES(ALLOCATED)), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, BYTES("\0\3\0\1\x21\x12\xa4\x42")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("\0\3\0\0\x21\x12\xa4\x43")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("GET / HTTP/1.1")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("\x40\1\0\4data")), NTA_PARSE_OTHER);
    play.io.saw_syn = false; /* its begin was missed */
    assert_int_equal(play_probe(&play, 0, BYTES("\x40\1\0\4data")), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, BYTES("\x40\1\0\4dat")), NTA_PARSE_OTHER);
    play.io.server_port = 443;
    assert_int_equal(play_probe(&play, 0, BYTES("\x40\1\0\4data")), NTA_PARSE_OTHER);
    play.io.is_stream = false;
    assert_int_equal(play_probe(&play, 0, BYTES(ALLOCATE)), NTA_PARSE_OTHER);
}

/** Pieces of any size, in channels and in indications, give the same. */
static void what_is_in_frames_is_read(void **state)
{
#define SENT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
    static const struct nta_span said[][2] = {
        {SENT(ALLOCATE CHANNEL_QUESTION CHANNEL_ASKED), SENT(ALLOCATED "\x40\1\0\x28" ANSWERED)},
        {SENT(ALLOCATE SEND_QUESTION SEND_ASKED),
         SENT(ALLOCATED MESSAGE("\0\x17", "\0\x38") PEER "\0\x13\0\x28" ANSWERED)},
    };
#undef SENT

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(said); i++) {
        for (size_t step = 1; step <= said[i][0].len; step++) {
            (void)play_stream(&play, 0, said[i][0], step);
            (void)play_stream(&play, 1, said[i][1], step);
            assert_false(play.handover || play.done[0]);
            (void)play_end(&play);
            assert_non_null(strstr(play_said(&play), "http exchange method=GET host=x.y target=/"));
            assert_non_null(strstr(play_said(&play), "dns question"));
            again();
        }
    }
}

/** RFC 6062 section 4.3, and what a proxy's client would be held to. */
static void whom_the_relay_is_to_go_to_is_told(void **state)
{
    (void)state;
    play_data(&play, 0, BYTES(ALLOCATE MESSAGE("\0\x0a", "\0\x0c") PEER));
    assert_string_equal(play_said(&play),
                        "stun begin method=CONNECT host=198.51.100.53 port=8080\n");
    play_data(&play, 1, BYTES(MESSAGE("\1\x1a", "\0\x08") "\0\x09\0\x04\0\0\4\x2f"));
    assert_non_null(strstr(play_said(&play), "stun end method=CONNECT host=198.51.100.53"));
    assert_non_null(strstr(play_said(&play), "status=447"));
    again();
    play_data(&play, 0,
              BYTES(MESSAGE("\0\x0a", "\0\x18") "\0\x12\0\x14\0\2\x3e\x82"
                                                "\x01\x13\xa9\xfa"
                                                "abcdefghijkm"));
    assert_non_null(strstr(play_said(&play), "host=2001:db8::1 port=8080"));
    again();
    play_data(&play, 0,
              BYTES(MESSAGE("\0\x0a", "\0\x0c") "\0\x12\0\x08\0\3\x3e\x82\xe7\x21\xc0\x77"));
    play_data(&play, 0, BYTES(MESSAGE("\0\x0a", "\0\x08") "\0\x12\0\x04\0\1\x3e\x82"));
    assert_string_equal(play_said(&play), "");
}

static void a_connection_that_is_bound_is_handed_over(void **state)
{
    static const char binds[] = MESSAGE("\0\x0b", "\0\x08") "\0\x2a\0\4\0\0\0\7";

    (void)state;
    play_data(&play, 0, BYTES(binds));
    play_data(&play, 1, BYTES(MESSAGE("\1\x1b", "\0\x08") "\0\x09\0\x04\0\0\4\0"));
    assert_false(play.handover);
    play_data(&play, 0, BYTES(binds));
    play_data(&play, 1, BYTES(MESSAGE("\1\x0b", "\0\0") "220 here"));
    assert_true(play.handover);
    assert_int_equal(play.kept[1].len, 8);
    again(); /* nobody asked */
    play_data(&play, 0, BYTES(ALLOCATE));
    play_data(&play, 1, BYTES(MESSAGE("\1\x0b", "\0\0")));
    assert_false(play.handover);
}

/** RFC 6062 section 4.3: the number that the relay gave leads from one connection to the other. */
static void a_bound_connection_has_the_peer_that_was_asked_for(void **state)
{
    static const char *const told = "stun begin method=CONNECT host=198.51.100.53 port=8080\n";

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        play_data(&play, 0, BYTES(ALLOCATE MESSAGE("\0\x0a", "\0\x0c") PEER));
        play_data(&play, 1, BYTES(MESSAGE("\1\x0a", "\0\x08") "\0\x2a\0\4\0\0\0\7"));
        play_clear(&play);
        nta_buf_clear(&play.log);
        play.addrs[0].bytes[15] = (uint8_t)(i == 1 ? 6 : 5);   /* another client of the relay's */
        play.addrs[1].bytes[15] = (uint8_t)(i == 2 ? 81 : 80); /* another relay */
        play.io.wall_ns += i == 3 ? 61 * NTA_NS_PER_S : 59 * NTA_NS_PER_S;
        play.io.link = i == 4;
        play_data(&play, 0, BYTES(MESSAGE("\0\x0b", "\0\x08") "\0\x2a\0\4\0\0\0\7"));
        assert_string_equal(play_said(&play), "");
        play_data(&play, 1, BYTES(MESSAGE("\1\x0b", "\0\0") "220 here"));
        assert_true(play.handover);
        assert_string_equal(play_said(&play), i == 0 ? told : "");
        again();
    }
    /* a peer who connects is no site that anybody visits */
    play_data(&play, 1, BYTES(MESSAGE("\0\x1c", "\0\x14") PEER "\0\x2a\0\4\0\0\0\7"));
    play_clear(&play);
    play_data(&play, 0, BYTES(MESSAGE("\0\x0b", "\0\x08") "\0\x2a\0\4\0\0\0\7"));
    play_data(&play, 1, BYTES(MESSAGE("\1\x0b", "\0\0")));
    assert_true(play.handover);
    assert_string_equal(play_said(&play), "");
}

static void the_realm_of_an_error_is_told(void **state)
{
    (void)state;
    play_data(&play, 0, BYTES(ALLOCATE));
    play_data(&play, 1, BYTES(MESSAGE("\1\x13", "\0\x14") "\0\x14\0\x0drelay.example\0\0\0"));
    assert_string_equal(play_said(&play), "stun realm name=relay.example\n");
}

static void behind_a_hole_whole_frames_are_read(void **state)
{
    (void)state;
    play_data(&play, 0,
              BYTES(ALLOCATE "\x40\1\0\x1d"
                             "GET"));
    play_gap(&play, 0, 100);
    play_data(&play, 0, BYTES("\x40\1\0\4of what was lost"));
    play_data(&play, 0, BYTES("\x40\1\0\x15" QUESTION "\0\0\0"));
    assert_non_null(strstr(play_said(&play), "dns question"));
    assert_null(strstr(play_said(&play), "http"));
}

static void what_is_no_frame_is_another_protocol(void **state)
{
    (void)state;
    play_data(&play, 0, BYTES(ALLOCATE "\x80media"));
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    again();
    play_data(&play, 0, BYTES(ALLOCATE "\0\1\0\0GET / HTTP"));
    assert_int_equal(play.last, NTA_PARSE_OTHER);
}

static void long_frames_are_passed_over_and_media_is_given_up(void **state)
{
    (void)state;
    play_data(&play, 0, BYTES(ALLOCATE "\x40\1\xff\xffmore"));
    assert_true(play.io.limited);
    assert_int_equal(play.skip[0], 0xffff + 1 - 4);
    again();
    for (unsigned i = 0; i < 100; i++)
        play_data(&play, 0, BYTES("\x40\1\0\4\x80\x60\1\2"));
    assert_false(play.done[0]); /* nobody has answered */
    play_data(&play, 1, BYTES(ALLOCATED));
    assert_true(play.done[0] && play.done[1]);
}

static void flipped_bytes_do_no_harm(void **state)
{
    static const char whole[] =
        ALLOCATE MESSAGE("\0\x0a", "\0\x0c") PEER "\x40\1\0\x1d" ASKED "\0\0\0";
    char flipped[sizeof(whole)];

    (void)state;
    for (size_t at = 0; at < (sizeof(whole) - 1) * 8; at++) {
        memcpy(flipped, whole, sizeof(whole));
        flipped[at / 8] = (char)((unsigned char)flipped[at / 8] ^ 1U << at % 8);
        play_data(&play, at & 1, flipped, sizeof(whole) - 1);
        (void)play_end(&play);
        again();
    }
}

int main(void)
{
#define IN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN(a_message_is_known_by_its_cookie),
        IN(what_is_in_frames_is_read),
        IN(whom_the_relay_is_to_go_to_is_told),
        IN(a_connection_that_is_bound_is_handed_over),
        IN(a_bound_connection_has_the_peer_that_was_asked_for),
        IN(the_realm_of_an_error_is_told),
        IN(behind_a_hole_whole_frames_are_read),
        IN(what_is_no_frame_is_another_protocol),
        IN(long_frames_are_passed_over_and_media_is_given_up),
        IN(flipped_bytes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
