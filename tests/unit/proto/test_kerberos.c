/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/binding/kerberos.h"
#include "unit.h"

static struct nta_play play;

static void begin(bool is_stream)
{
    play_begin(&play, &nta_proto_kerberos, is_stream, 88);
}

static void expect(const char *log)
{
    assert_string_equal(play_end(&play), log);
    play_done(&play);
}

/* Elements are written with their lengths by hand; STRING is a GeneralString. */
#define STRING(len, text) "\x1b" len text
#define STATION           "PC-7          "
/* [4] body: kdc-options, [9] addresses: a NetBIOS name. */
#define ADDRESSES                     "\xa9\x1b\x30\x19\x30\x17\xa0\3\2\1\x14\xa1\x10\4\x0e" STATION
#define BODY                          "\xa4\x28\x30\x26\xa0\7\3\5\0\0\0\0\0" ADDRESSES
#define AS_REQ                        "\x6a\x36\x30\x34\xa1\3\2\1\5\xa2\3\2\1\x0a" BODY
#define TGS_REQ                       "\x6c\x0c\x30\x0a\xa1\3\2\1\5\xa2\3\2\1\x0c"
#define NAME1(len1, len2, len3, text) "\xa4" len1 "\x30" len2 "\xa0\3\2\1\1\xa1" len3 text
#define REALM                         "\xa3\x0d" STRING("\x0b", "EXAMPLE.ORG")
#define ANN                           NAME1("\x10", "\x0e", "\7", "\x30\5" STRING("\3", "ann"))
#define COMPUTER                      NAME1("\x12", "\x10", "\x9", "\x30\7" STRING("\5", "PC-7$"))
#define TICKET                        "\xa5\4\4\2xx\xa6\4\4\2yy"
#define REP(tag, len1, len2, kind, name)                                                           \
    tag len1 "\x30" len2 "\xa0\3\2\1\5\xa1\3\2\1" kind REALM name TICKET
#define AS_REP              REP("\x6b", "\x39", "\x37", "\x0b", ANN)
#define TGS_REP             REP("\x6d", "\x39", "\x37", "\x0d", ANN)
#define COMPUTER_REP        REP("\x6b", "\x3b", "\x39", "\x0b", COMPUTER)
#define ERROR               "\x7e\7\x30\5\xa0\3\2\1\5"
#define SEND(side, literal) play_data(&play, side, literal, sizeof(literal) - 1)
#define TOLD                                                                                       \
    "kerberos binding kerberos begin message=AS-REP addr=10.0.0.5 name=PC-7 login=ann "            \
    "domain=EXAMPLE.ORG\n"

static void a_ticket_tells_the_account(void **state)
{
    (void)state;
    begin(false);
    assert_int_equal(play_probe(&play, 0, AS_REQ, sizeof(AS_REQ) - 1), NTA_PARSE_OK);
    SEND(0, AS_REQ);
    assert_string_equal(play_said(&play), "");
    SEND(1, AS_REP);
    expect(TOLD);
}

static void another_ticket_renews(void **state)
{
    (void)state;
    begin(false);
    SEND(0, TGS_REQ);
    SEND(1, TGS_REP);
    expect("kerberos binding kerberos renew message=TGS-REP addr=10.0.0.5 login=ann "
           "domain=EXAMPLE.ORG\n");
}

static void a_computers_account_is_its_name(void **state)
{
    (void)state;
    begin(false);
    SEND(0, AS_REQ);
    SEND(1, COMPUTER_REP);
    expect("kerberos binding kerberos begin message=AS-REP addr=10.0.0.5 name=PC-7 "
           "domain=EXAMPLE.ORG\n");
}

static void what_was_refused_or_not_asked_for_tells_nothing(void **state)
{
    (void)state;
    begin(false);
    SEND(1, AS_REP);
    SEND(0, AS_REQ);
    SEND(1, ERROR);
    SEND(1, AS_REP);
    SEND(0, TGS_REQ);
    SEND(1, AS_REP);
    expect("");
}

static void a_stream_is_read_however_it_is_cut(void **state)
{
    static const char request[] = "\0\0\0\x38" AS_REQ, reply[] = "\0\0\0\x3b" AS_REP;

    (void)state;
    for (size_t step = 1; step < 70; step++) {
        begin(true);
        assert_int_equal(play_probe(&play, 0, request, sizeof(request) - 1), NTA_PARSE_OK);
        (void)play_stream(&play, 0,
                          (struct nta_span){(const uint8_t *)request, sizeof(request) - 1}, step);
        (void)play_stream(&play, 1, (struct nta_span){(const uint8_t *)reply, sizeof(reply) - 1},
                          step);
        expect(TOLD);
    }
}

static void a_reply_from_the_presumed_client_swaps_the_sides(void **state)
{
    (void)state;
    begin(false);
    SEND(1, AS_REQ);
    SEND(0, AS_REP);
    assert_true(play.swapped);
    play_end(&play);
    play_done(&play);
}

static void what_is_no_message_is_other(void **state)
{
    static const char *const wrong[] = {"\1\0\0\0", "\0\0\0\x10GET / HT", "\0\0\0\x10\x6a\4\4\2"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        begin(true);
        assert_int_equal(play_probe(&play, 0, wrong[i], i == 0 ? 4 : 8), NTA_PARSE_OTHER);
        SEND(0, "\0\0\0\x10GET / HT");
        assert_int_equal(play.last, NTA_PARSE_OTHER);
        expect("");
    }
}

static void every_prefix_wants_more(void **state)
{
    static const char request[] = "\0\0\0\x38" AS_REQ;

    (void)state;
    for (size_t len = 1; len < sizeof(request) - 1; len++) {
        begin(true);
        play_data(&play, 0, request, len);
        assert_int_equal(play.last, NTA_PARSE_MORE);
        expect("");
    }
}

static void every_byte_may_be_anything(void **state)
{
    static const char reply[] = AS_REP;

    (void)state;
    for (size_t i = 0; i < sizeof(reply) - 1; i++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t bytes[sizeof(reply)];

            memcpy(bytes, reply, sizeof(reply));
            bytes[i] = (uint8_t)value;
            begin(false);
            SEND(0, AS_REQ);
            play_data(&play, 1, bytes, sizeof(reply) - 1);
            play_end(&play);
            play_done(&play);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_tells_the_account),
        cmocka_unit_test(another_ticket_renews),
        cmocka_unit_test(a_computers_account_is_its_name),
        cmocka_unit_test(what_was_refused_or_not_asked_for_tells_nothing),
        cmocka_unit_test(a_stream_is_read_however_it_is_cut),
        cmocka_unit_test(a_reply_from_the_presumed_client_swaps_the_sides),
        cmocka_unit_test(what_is_no_message_is_other),
        cmocka_unit_test(every_prefix_wants_more),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
