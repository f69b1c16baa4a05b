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

static void nothing_more_is_read(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_http2, true, 80);
    play_data(&play, 0, BYTES(PREFACE));
    assert_true(play.done[0] && !play.done[1]);
    play_data(&play, 1, BYTES("\0\0\0\4\0\0\0\0\0"));
    assert_true(play.done[0] && play.done[1]);
    assert_string_equal(play_end(&play), "");
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
        cmocka_unit_test(nothing_more_is_read),
        cmocka_unit_test(a_server_that_speaks_something_else_is_no_http2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
