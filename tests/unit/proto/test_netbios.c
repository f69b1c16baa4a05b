/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/binding/netbios.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

#define HEAD      "\x11\x02\x1a\x2b\x0a\0\0\5\0\x8a\0\xbb\0\0"
#define LAPTOP    " EMEBFAFEEPFACNDHCACACACACACACAAA" /* "LAPTOP-7", a station */
#define WORKGROUP " FHEPFCELEHFCEPFFFACACACACACACABN" /* "WORKGROUP", its browsers */
#define TOLD      "netbios binding netbios begin 02:00:00:00:00:05 addr=10.0.0.5 "
#define REPORTED  TOLD "name=LAPTOP-7 to=WORKGROUP\n"

static const char whole[] = HEAD LAPTOP "\0" WORKGROUP "\0\xffSMB\x25";
static struct nta_play play;

static void expect(const char *log)
{
    assert_string_equal(play_end(&play), log);
    play_done(&play);
}

static void begin(void)
{
    play_begin(&play, &nta_proto_netbios, false, 138);
    play.io.client_port = 138;
}

#define SEND(literal) play_data(&play, 0, literal, sizeof(literal) - 1)

static void both_names_are_reported_once(void **state)
{
    (void)state;
    begin();
    assert_int_equal(play_probe(&play, 0, whole, sizeof(whole) - 1), NTA_PARSE_OK);
    SEND(whole);
    SEND(whole);
    expect(REPORTED);
}

static void a_new_name_is_reported(void **state)
{
    (void)state;
    begin();
    SEND(whole);
    SEND(HEAD WORKGROUP "\0" LAPTOP "\0");
    expect(REPORTED TOLD "name=WORKGROUP to=LAPTOP-7\n");
}

static void a_scope_behind_a_name_is_passed_over(void **state)
{
    (void)state;
    begin();
    SEND(HEAD LAPTOP "\3abc\2de\0" WORKGROUP "\0");
    expect(REPORTED);
}

static void messages_without_names_and_other_ports_are_not_it(void **state)
{
    static const char error[] = "\x13\x02\x1a\x2b\x0a\0\0\5\0\x8a\x82\0\0\0\0\0";

    (void)state;
    begin();
    assert_int_equal(play_probe(&play, 0, error, sizeof(error) - 1), NTA_PARSE_OTHER);
    play.io.client_port = play.io.server_port = 139;
    assert_int_equal(play_probe(&play, 0, whole, sizeof(whole) - 1), NTA_PARSE_OTHER);
    expect("");
}

static void letters_that_encode_nothing_are_bad(void **state)
{
    static const char wrong[] = HEAD " EMEBFAFEEPFACNDHCACACACACACACAA~"
                                     "\0" WORKGROUP "\0";
    struct nta_reader r = nta_reader_of((const uint8_t *)wrong, sizeof(wrong) - 1);

    (void)state;
    begin();
    assert_int_equal(nta_proto_netbios.feed(play.state, &play.io, &r), NTA_PARSE_BAD);
    expect("");
}

/* Each prefix lies in a buffer of exactly its size. */
static void each_prefix_gives_nothing(void **state)
{
    const size_t needed = sizeof(HEAD) - 1 + sizeof(LAPTOP) + sizeof(WORKGROUP);

    (void)state;
    for (size_t len = 0; len < needed; len++) {
        begin();
        uint8_t *exact = malloc(len ? len : 1);

        assert_non_null(exact);
        memcpy(exact, whole, len);
        struct nta_reader r = nta_reader_of(exact, len);

        assert_int_equal(nta_proto_netbios.feed(play.state, &play.io, &r), NTA_PARSE_MORE);
        expect("");
        free(exact);
    }
}

static void flipped_bytes_do_no_harm(void **state)
{
    uint8_t bytes[sizeof(whole) - 1];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        memcpy(bytes, whole, sizeof(bytes));
        bytes[i] ^= 0xff;
        begin();
        (void)play_probe(&play, 0, bytes, sizeof(bytes));
        play_data(&play, 0, bytes, sizeof(bytes));
        (void)play_end(&play);
        play_done(&play);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_names_are_reported_once),
        cmocka_unit_test(a_new_name_is_reported),
        cmocka_unit_test(a_scope_behind_a_name_is_passed_over),
        cmocka_unit_test(messages_without_names_and_other_ports_are_not_it),
        cmocka_unit_test(letters_that_encode_nothing_are_bad),
        cmocka_unit_test(each_prefix_gives_nothing),
        cmocka_unit_test(flipped_bytes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
