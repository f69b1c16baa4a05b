/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/http/http2.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

#define BYTES(literal) (literal), sizeof(literal) - 1
#define PREFACE        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

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
#define SAYS_X                                                                                     \
    "http2 request method=GET host=x.test target=/ at=1\n"                                         \
    "http2 exchange method=GET host=x.test target=/ at=1\n"

#define AGAIN "\0\0\6\1\5\0\0\0\3\x82\x86\xbe\4\1a"
#define SAYS_A                                                                                     \
    "http2 request method=GET host=x.test target=a at=1\n"                                         \
    "http2 exchange method=GET host=x.test target=a at=1\n"

static void each_request_names_its_site(void **state)
{
    static const struct
    {
        struct nta_span sent;
        const char *says;
    } rows[] = {

#define SENT(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
        {SENT(PREFACE SETTINGS REQUEST), SAYS_X},
        {SENT(PREFACE SETTINGS "\0\0\4\x8\0\0\0\0\0\0\0\1\0" REQUEST REQUEST), SAYS_X SAYS_X},
        /* another one of the same connection, by what the first one said; content between them */
        {SENT(PREFACE REQUEST "\0\0\5\0\1\0\0\0\1hello" AGAIN), SAYS_X SAYS_A},
        /* cut anywhere */
        {SENT(PREFACE "\0\0\3\1\0\0\0\0\1\x82\x86\x84\0\0\0\x09\0\0\0\0\1\0\0\x08\x09\4\0\0\0\1"
                      "\x41\x06x.test" AGAIN),
         SAYS_X SAYS_A},
        /* padded, and with a priority */
        {SENT(PREFACE "\0\0\x13\1\x2d\0\0\0\1\2\0\0\0\0\x10" HEADS "\0\0"), SAYS_X},
        /* another site in Host */
        {SENT(PREFACE "\0\0\x13\1\5\0\0\0\1" HEADS "\x66\x06y.test"),
         "http2 request method=GET host=x.test target=/ hosts-differ=1 other-host=y.test at=1\n"
         "http2 exchange method=GET host=x.test target=/ hosts-differ=1 other-host=y.test at=1\n"},
        {SENT(PREFACE "\0\0\3\1\5\0\0\0\1\x82\x86\x84"), ""}, /* no site */
        {SENT(PREFACE "\0\0\3\1\x0d\0\0\0\1\3\x82\x86"), ""}, /* more padding than there is */
        {SENT(PREFACE "\0\x40\1\1\5\0\0\0\1\x82"), ""},       /* a frame that is too long */
#undef SENT
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t step = 1; step <= rows[i].sent.len; step += rows[i].sent.len - 1) {
            play_begin(&play, &nta_proto_http2, true, 80);
            play.io.saw_syn = true;
            (void)play_stream(&play, 0, rows[i].sent, step);
            assert_true(play.done[0] == play.io.limited && !play.done[1]);
            play_data(&play, 1, BYTES(SETTINGS));
            assert_true(play.done[1]);
            assert_string_equal(play_end(&play), rows[i].says);
            play_done(&play);
        }
    }
}

/** More costs more than it is worth: that is said, and nothing of the client's read behind it. */
static void fields_are_bounded(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_http2, true, 80);
    play_data(&play, 0, BYTES(PREFACE "\0\0\1\1\0\0\0\0\1\x82"));
    for (size_t i = 0; i < 15; i++)
        play_data(&play, 0, BYTES("\0\0\0\x09\0\0\0\0\1"));
    assert_false(play.done[0] || play.io.limited);
    play_data(&play, 0, BYTES("\0\0\0\x09\0\0\0\0\1"));
    assert_true(play.done[0] && play.io.limited);
    play_done(&play);
    play_begin(&play, &nta_proto_http2, true, 80); /* of another stream, or other frames */
    play_data(&play, 0, BYTES(PREFACE "\0\0\1\1\0\0\0\0\1\x82\0\0\0\x09\4\0\0\0\3"));
    assert_int_equal(play.last, NTA_PARSE_BAD);
    play_done(&play);
    play_begin(&play, &nta_proto_http2, true, 80);
    play_data(&play, 0, BYTES(PREFACE "\0\0\1\1\0\0\0\0\1\x82\0\0\0\0\0\0\0\0\1"));
    assert_int_equal(play.last, NTA_PARSE_BAD);
    play_done(&play);
}

static void content_is_passed_over(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_http2, true, 80);
    play_data(&play, 0, BYTES(PREFACE "\x10\0\0\0\0\0\0\0\1some"));
    assert_int_equal(play.skip[0], 0x100000 - 4);
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
    assert_string_equal(play_end(&play), SAYS_X);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preface_is_taken_whole),
        cmocka_unit_test(settings_of_the_server_are_taken),
        cmocka_unit_test(each_request_names_its_site),
        cmocka_unit_test(fields_are_bounded),
        cmocka_unit_test(content_is_passed_over),
        cmocka_unit_test(what_is_not_read_for_its_size_is_said),
        cmocka_unit_test(a_server_that_speaks_something_else_is_no_http2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
