/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/http/http.h"
#include "proto/http/http2.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

#define BYTES(literal) (literal), sizeof(literal) - 1
#define SENT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

static struct nta_play play;

static void preface_is_taken_whole(void **state)
{
    static const char preface[] = PREFACE;

    (void)state;
    play_begin(&play, &nta_proto_http2, true, 80);
    for (size_t i = 1; i < sizeof(preface) - 1; i++)
        assert_int_equal(play_probe(&play, 0, preface, i), NTA_PARSE_MORE);
    assert_int_equal(play_probe(&play, 0, BYTES(PREFACE "more")), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, BYTES("PRI * HTTP/1.1\r\n")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 1, BYTES(PREFACE)), NTA_PARSE_OTHER);
    play_done(&play);
}

static void settings_of_the_server_are_taken(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_http2, true, 80);
    assert_int_equal(play_probe(&play, 1, BYTES("\0\0\0\4\0\0\0\0\0")), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 1, BYTES("\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64")), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 1, BYTES("\0\0\6\4\0\0\0\0\0\0\0\0\0\0\x64")),
                     NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 1, BYTES("\0\0\5\4\0\0\0\0\0\0\3")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 1, BYTES("\0\0\6\4\1\0\0\0\0\0\3")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 1, BYTES("\0\0\6\4\0\0\0")), NTA_PARSE_OTHER);
    play_done(&play);
}

#define SETTINGS "\0\0\0\4\0\0\0\0\0"
#define HEADS    "\x82\x86\x84\x41\x06x.test" /* GET, http, "/" */
#define REQUEST  "\0\0\x0b\1\5\0\0\0\1" HEADS
#define AGAIN    "\0\0\6\1\5\0\0\0\3\x82\x86\xbe\4\1a"
#define ASKS_X   "http2 request method=GET host=x.test target=/ at=1\n"
#define TELLS_X  "http2 exchange method=GET host=x.test target=/ at=1\n"
#define ASKS_A   "http2 request method=GET host=x.test target=a at=1\n"
#define TELLS_A  "http2 exchange method=GET host=x.test target=a at=1\n"

static void each_request_names_its_site(void **state)
{
    static const struct
    {
        struct nta_span sent;
        const char *says;
    } rows[] = {
        {SENT(PREFACE SETTINGS REQUEST), ASKS_X TELLS_X},
        {SENT(PREFACE SETTINGS "\0\0\4\x8\0\0\0\0\0\0\0\1\0" REQUEST REQUEST),
         ASKS_X ASKS_X TELLS_X TELLS_X},
        /* another one of the same connection, by what the first one said; content between them */
        {SENT(PREFACE REQUEST "\0\0\5\0\1\0\0\0\1hello" AGAIN),
         ASKS_X ASKS_A "http2 exchange method=GET host=x.test target=/ up=5 at=1\n" TELLS_A},
        /* cut anywhere */
        {SENT(PREFACE "\0\0\3\1\0\0\0\0\1\x82\x86\x84\0\0\0\x09\0\0\0\0\1\0\0\x08\x09\4\0\0\0\1"
                      "\x41\x06x.test" AGAIN),
         ASKS_X ASKS_A TELLS_X TELLS_A},
        /* padded, and with a priority */
        {SENT(PREFACE "\0\0\x13\1\x2d\0\0\0\1\2\0\0\0\0\x10" HEADS "\0\0"), ASKS_X TELLS_X},
        /* another site in Host */
        {SENT(PREFACE "\0\0\x13\1\5\0\0\0\1" HEADS "\x66\x06y.test"),
         "http2 request method=GET host=x.test target=/ hosts-differ=1 other-host=y.test at=1\n"
         "http2 exchange method=GET host=x.test target=/ hosts-differ=1 other-host=y.test at=1\n"},
        {SENT(PREFACE "\0\0\3\1\5\0\0\0\1\x82\x86\x84"), ""}, /* no site */
        {SENT(PREFACE "\0\0\3\1\x0d\0\0\0\1\3\x82\x86"), ""}, /* more padding than there is */
        {SENT(PREFACE "\0\x40\1\1\5\0\0\0\1\x82"), ""},       /* a frame that is too long */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t step = 1; step <= rows[i].sent.len; step += rows[i].sent.len - 1) {
            play_begin(&play, &nta_proto_http2, true, 80);
            play.io.saw_syn = true;
            (void)play_stream(&play, 0, rows[i].sent, step);
            play_data(&play, 1, BYTES(SETTINGS));
            assert_true(!play.done[0] && !play.done[1]);
            assert_string_equal(play_end(&play), rows[i].says);
            play_done(&play);
        }
    }
}

/** More costs more than it is worth: that is said, and what comes behind it is read. */
static void fields_are_bounded(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_http2, true, 80);
    play_data(&play, 0, BYTES(PREFACE "\0\0\1\1\0\0\0\0\1\x82"));
    for (size_t i = 0; i < 15; i++)
        play_data(&play, 0, BYTES("\0\0\0\x09\0\0\0\0\1"));
    assert_false(play.io.limited);
    play_data(&play, 0, BYTES("\0\0\0\x09\0\0\0\0\1"));
    assert_true(play.io.limited);
    play_data(&play, 0, BYTES(REQUEST));
    assert_string_equal(play_end(&play), ASKS_X TELLS_X);
    play_done(&play);
}

/** What belongs to no block ends it, whatever it says itself. */
static void a_block_that_breaks_off_is_said(void **state)
{
    static const struct nta_span rows[] = {
        SENT("\0\0\0\x09\4\0\0\0\3"), /* of another stream */
        SENT("\0\0\0\0\0\0\0\0\1"),   /* another frame */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        play_begin(&play, &nta_proto_http2, true, 80);
        play_data(&play, 0, BYTES(PREFACE "\0\0\x0b\1\1\0\0\0\1" HEADS));
        play_data(&play, 0, rows[i].ptr, rows[i].len);
        assert_true(play.io.limited);
        play_data(&play, 0, BYTES("\0\0\5\1\5\0\0\0\3\x82\x86\x84\xbe\xbf"));
        assert_string_equal(play_end(&play), ASKS_X TELLS_X); /* whose site is the other's? */
        play_done(&play);
    }
}

static void content_is_passed_over(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_http2, true, 80);
    play_data(&play, 0, BYTES(PREFACE "\x10\0\0\0\0\0\0\0\1some"));
    assert_int_equal(play.skip[0], 0x100000 - 4 - 1);
    play_done(&play);
}

static void what_is_not_read_for_its_size_is_said(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_http2, true, 80);
    play_data(&play, 0, BYTES(PREFACE REQUEST));
    assert_false(play.io.limited);
    (void)play_end(&play);
    play_done(&play);
    play_begin(&play, &nta_proto_http2, true, 80);
    play_data(&play, 0, BYTES(PREFACE "\0\0\x0b\1\1\0\0\0\1" HEADS)); /* too many fields follow */
    play_data(&play, 0, BYTES("\0\x80\1\x09\4\0\0\0\1"));
    assert_true(play.io.limited);
    assert_string_equal(play_end(&play), ASKS_X TELLS_X);
    play_done(&play);
    play_begin(&play, &nta_proto_http2, true, 80);
    play_data(&play, 0, BYTES(PREFACE "\0\x40\1\1\5\0\0\0\1\x82"));
    assert_true(play.io.limited);
    (void)play_end(&play);
    play_done(&play);
}

static void a_server_that_speaks_something_else_is_no_http2(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_http2, true, 80);
    play.io.saw_syn = true;
    play_data(&play, 0, BYTES(PREFACE));
    play_data(&play, 1, BYTES("\0\0"));
    assert_int_equal(play.last, NTA_PARSE_MORE);
    play_data(&play, 1, BYTES("\0\1\0\0\0\0\0"));
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    play_done(&play);
}

/* Frames of a server: HEADERS with status 200 and a length of one digit, or DATA. */
#define OK(stream, digit)        "\0\0\5\1\4\0\0\0" stream "\x88\x0f\x0d\1" digit
#define DATA(len, flags, stream) "\0\0" len "\0" flags "\0\0\0" stream
#define ANSWER_X                                                                                   \
    "http2 exchange method=GET host=x.test target=/ status=200 down=8 announced=9 complete=1 "     \
    "start=abcdefgh at=1\n"

static void begin_talk(const char *requests, size_t len)
{
    play_begin(&play, &nta_proto_http2, true, 80);
    play.io.saw_syn = play.io.wants_content = true;
    play_data(&play, 0, BYTES(PREFACE SETTINGS));
    play_data(&play, 0, requests, len);
    play_data(&play, 1, BYTES(SETTINGS));
}

static void check_talk(const char *part, bool is_said)
{
    const char *said = play_end(&play);

    if ((strstr(said, part) != NULL) != is_said)
        print_error("%s\n%s: %d\n", said, part, is_said);
    assert_true((strstr(said, part) != NULL) == is_said);
    play_done(&play);
}

/** However the frames are cut, padded, or mixed. */
static void each_answer_has_its_own_content(void **state)
{
    static const char sent[] = OK("\1", "8") OK("\3", "3")
        DATA("\3", "\0", "\1") "abc" DATA("\7", "\x08", "\3") "\3xyz\0\0\0" DATA("\0", "\1", "\3")
            DATA("\5", "\1", "\1") "defgh";

    (void)state;
    for (size_t step = 1; step <= sizeof(sent) - 1; step++) {
        begin_talk(BYTES(REQUEST AGAIN));
        (void)play_stream(&play, 1, (struct nta_span){(const uint8_t *)sent, sizeof(sent) - 1},
                          step);
        assert_non_null(strstr(play_said(&play),
                               "target=a status=200 down=3 announced=4 complete=1 "
                               "start=xyz at=1\n"));
        check_talk(ANSWER_X, true);
    }
}

static void what_is_announced_and_does_not_come_is_not_whole(void **state)
{
    (void)state;
    begin_talk(BYTES(REQUEST));
    play_data(&play, 1, BYTES(OK("\1", "9") DATA("\3", "\1", "\1") "abc"));
    check_talk("down=3 announced=10 start=abc at=1\n", true);
    begin_talk(BYTES(REQUEST)); /* more padding than there is */
    play_data(&play, 1, BYTES(OK("\1", "2") DATA("\3", "\x09", "\1") "\7ab"));
    check_talk("down=2 announced=3 complete=1 start=ab at=1\n", true);
}

/** What the client resets goes on until the server knows; what the server resets is over. */
static void what_is_reset_is_cut(void **state)
{
    (void)state;
    begin_talk(BYTES(REQUEST));
    play_data(&play, 1, BYTES(OK("\1", "8") DATA("\3", "\0", "\1") "abc"));
    play_data(&play, 0, BYTES("\0\0\4\3\0\0\0\0\1\0\0\0\x08"));
    play_data(&play, 1, BYTES(DATA("\2", "\0", "\1") "de"));
    assert_null(strstr(play_said(&play), "exchange"));
    play_data(&play, 1, BYTES("\0\0\1\1\5\0\0\0\3\x88"));
    assert_non_null(strstr(play_said(&play), "down=5 announced=9 start=abcde at=1\n"));
    play_done(&play);
    begin_talk(BYTES(REQUEST));
    play_data(&play, 1, BYTES(OK("\1", "8") DATA("\3", "\0", "\1") "abc"));
    play_data(&play, 1, BYTES("\0\0\4\3\0\0\0\0\1\0\0\0\x08"));
    assert_non_null(strstr(play_said(&play), "down=3 announced=9 start=abc at=1\n"));
    play_data(&play, 1, BYTES(DATA("\2", "\1", "\1") "de")); /* of no stream any more */
    check_talk("down=2", false);
}

static void a_hole_in_content_is_lost_content(void **state)
{
    (void)state;
    begin_talk(BYTES(REQUEST));
    play_data(&play, 1, BYTES(OK("\1", "8") DATA("\x8", "\1", "\1") "ab"));
    play_gap(&play, 1, 5);
    play_data(&play, 1, BYTES("h"));
    check_talk("down=8 lost=5 announced=9 complete=1 start=ab at=1\n", true);
}

/** Frames are found again, and what comes between is content of the only answer. */
static void behind_a_hole_frames_are_found_again(void **state)
{
    (void)state;
    begin_talk(BYTES(REQUEST));
    play_data(&play, 1, BYTES(OK("\1", "8") DATA("\3", "\0", "\1") "ab"));
    play_gap(&play, 1, 1 + 9 + 1);
    play_data(&play, 1, BYTES("efg"));
    play_data(&play, 1, BYTES(DATA("\1", "\1", "\1") "h"));
    check_talk("down=8 lost=2 announced=9 complete=1 hole=1 start=ab at=1\n", true);
    begin_talk(BYTES(REQUEST AGAIN)); /* of two, nobody knows whose */
    play_data(&play, 1, BYTES(OK("\1", "8") OK("\3", "8") DATA("\3", "\0", "\1") "ab"));
    play_gap(&play, 1, 1 + 9 + 1);
    play_data(&play, 1, BYTES("efg"));
    play_data(&play, 1, BYTES(DATA("\1", "\1", "\1") "h" DATA("\0", "\1", "\3")));
    check_talk("target=/ status=200 down=4 lost=1 announced=9 hole=1 start=ab at=1\n", true);
    begin_talk(BYTES(REQUEST)); /* what looks like a head leads to none */
    play_data(&play, 1, BYTES(OK("\1", "8") DATA("\3", "\0", "\1") "ab"));
    play_gap(&play, 1, 1 + 9 + 1);
    play_data(&play, 1, BYTES(DATA("\1", "\0", "\1") "xMore of the content"));
    play_data(&play, 1, BYTES(DATA("\1", "\1", "\1") "h"));
    check_talk("hole=1 start=ab at=1\n", true);
}

/** What nobody asked for is nobody's, and the server's own streams are passed over. */
static void what_is_pushed_is_passed_over(void **state)
{
    (void)state;
    begin_talk(BYTES(REQUEST));
    play_data(&play, 1, BYTES("\0\0\7\5\4\0\0\0\1\0\0\0\2\x82\x86\x84"));
    play_data(&play, 1, BYTES(OK("\2", "3") DATA("\3", "\1", "\2") "abc"));
    play_data(&play, 1, BYTES(OK("\1", "8") DATA("\x8", "\1", "\1") "abcdefgh"));
    assert_string_equal(play_end(&play), ASKS_X "http2 content bytes=abcdefgh\n" ANSWER_X);
    play_done(&play);
}

/** A hole before an answer says nothing of it; one that took its head leaves its content. */
static void a_hole_ends_where_an_answer_begins(void **state)
{
    (void)state;
    begin_talk(BYTES(REQUEST));
    play_gap(&play, 1, 20);
    play_data(&play, 1, BYTES(OK("\1", "8") DATA("\x8", "\1", "\1") "abcdefgh"));
    check_talk("complete=1 start=abcdefgh at=1\n", true);
    begin_talk(BYTES(REQUEST));
    play_gap(&play, 1, 14);
    play_data(&play, 1, BYTES(DATA("\x8", "\0", "\1") "abcdefgh" DATA("\0", "\0", "\1")));
    play_data(&play, 1, BYTES("\0\0\x05\1\5\0\0\0\1\x40\1x\1y"));
    check_talk("down=8", true);
}

/** A head that was found may lead further than what is here. */
static void a_head_may_lead_out(void **state)
{
    (void)state;
    begin_talk(BYTES(REQUEST));
    play_data(&play, 1, BYTES(OK("\1", "8") DATA("\3", "\0", "\1") "ab"));
    play_gap(&play, 1, 1 + 9 + 1);
    play_data(&play, 1, BYTES("e" DATA("\3", "\1", "\1")));
    play_data(&play, 1, BYTES("fgh"));
    check_talk("down=8 lost=2 announced=9 complete=1 hole=1 start=ab at=1\n", true);
}

/** The oldest of which least is known gives up; what is asked for is told all the same. */
static void streams_are_bounded(void **state)
{
    char ask[] = "\0\0\4\1\5\0\0\0\1\x82\x86\x84\xbe";
    size_t n = 0;

    (void)state;
    begin_talk(BYTES(REQUEST));
    play_data(&play, 1, BYTES(OK("\1", "8") DATA("\3", "\0", "\1") "abc"));
    for (char id = 3; id < 3 + 2 * NTA_HTTP2_STREAMS; id = (char)(id + 2)) {
        ask[8] = id;
        play_data(&play, 0, ask, sizeof(ask) - 1);
    }
    assert_true(play.io.limited);
    play_data(&play, 1, BYTES(DATA("\5", "\1", "\1") "defgh"));
    for (const char *at = play_said(&play); (at = strstr(at, "request")); at++)
        n++;
    assert_int_equal(n, 1 + NTA_HTTP2_STREAMS);
    check_talk(ANSWER_X, true);
}

/** Stream 0 is the connection (RFC 9113 section 5.1.1): what asks there waits for nothing. */
static void what_is_asked_of_no_stream_is_told_at_once(void **state)
{
    static uint8_t first[9 + 6 + 2000 + 8] = "\0\x07\xde\1\5\0\0\0\0\x82\x86\x44\x7f\xd1\x0e";
    const struct nta_http2_more *more;

    (void)state;
    begin_talk(BYTES(REQUEST));
    memset(first + 15, 'a', 2000);
    memcpy(first + 15 + 2000, "\x41\x06x.test", 8);
    play_data(&play, 0, first, sizeof(first));
    for (size_t i = 0; i < 2 * NTA_HTTP2_STREAMS; i++) {
        play_data(&play, 0, BYTES("\0\0\4\1\5\0\0\0\0\x82\x86\xbf\xbe"));
        assert_non_null(strstr(play_said(&play), "exchange"));
        nta_buf_clear(&play.log);
    }
    more = play.io.extra;
    assert_true(more->streams.n_open == 1 && more->streams.texts_len < NTA_HTTP2_TEXTS_SIZE);
    play_data(&play, 1, BYTES(OK("\1", "8") DATA("\x8", "\1", "\1") "abcdefgh"));
    check_talk(ANSWER_X, true);
}

/** Stored where nothing is lent: told at once, without its answer. */
static void without_memory_requests_are_told(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_http2, true, 80);
    play.lends_nothing = true;
    play_data(&play, 0, BYTES(PREFACE REQUEST));
    assert_string_equal(play_said(&play), ASKS_X TELLS_X);
    play_data(&play, 1, BYTES(SETTINGS OK("\1", "8") DATA("\3", "\0", "\1") "abc"));
    assert_int_equal(play.last, NTA_PARSE_OK);
    assert_string_equal(play_end(&play), ASKS_X TELLS_X);
    play_done(&play);
}

static void an_upgrade_is_answered_in_stream_1(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_http, true, 80);
    play_data(&play, 0, BYTES("GET /a HTTP/1.1\r\nHost: x.test\r\nUpgrade: h2c\r\n\r\n"));
    play_data(&play, 1, BYTES("HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n" SETTINGS));
    play_data(&play, 0, BYTES(PREFACE));
    play_data(&play, 1, BYTES(OK("\1", "3") DATA("\3", "\1", "\1") "abc"));
    assert_string_equal(play_end(&play),
                        "http request method=GET host=x.test target=/a file=a at=1\n"
                        "http2 exchange method=GET host=x.test target=/a status=200 file=a down=3 "
                        "announced=4 complete=1 start=abc at=1\n");
    play_done(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preface_is_taken_whole),
        cmocka_unit_test(settings_of_the_server_are_taken),
        cmocka_unit_test(each_request_names_its_site),
        cmocka_unit_test(fields_are_bounded),
        cmocka_unit_test(a_block_that_breaks_off_is_said),
        cmocka_unit_test(content_is_passed_over),
        cmocka_unit_test(each_answer_has_its_own_content),
        cmocka_unit_test(what_is_announced_and_does_not_come_is_not_whole),
        cmocka_unit_test(what_is_reset_is_cut),
        cmocka_unit_test(a_hole_in_content_is_lost_content),
        cmocka_unit_test(behind_a_hole_frames_are_found_again),
        cmocka_unit_test(what_is_pushed_is_passed_over),
        cmocka_unit_test(a_hole_ends_where_an_answer_begins),
        cmocka_unit_test(a_head_may_lead_out),
        cmocka_unit_test(streams_are_bounded),
        cmocka_unit_test(what_is_asked_of_no_stream_is_told_at_once),
        cmocka_unit_test(without_memory_requests_are_told),
        cmocka_unit_test(an_upgrade_is_answered_in_stream_1),
        cmocka_unit_test(what_is_not_read_for_its_size_is_said),
        cmocka_unit_test(a_server_that_speaks_something_else_is_no_http2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
