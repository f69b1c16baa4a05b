/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/binding/dhcpv6.h"
#include "unit.h"

static struct nta_play play;

static void begin(void)
{
    play_begin(&play, &nta_proto_dhcpv6, false, 547);
    play.io.client_port = 546;
}

static void expect(const char *log)
{
    assert_string_equal(play_end(&play), log);
    play_done(&play);
}

#define SEND(side, literal) play_data(&play, side, literal, sizeof(literal) - 1)
#define NUMBER              "\1\2\3"
#define DUID                "\0\1\0\4duid"
#define NAME                "\0\x27\0\x0d\0\4pc-7\5local\0"
#define V6(last)            "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0" last
#define HOUR                "\0\0\x0e\x10"
#define NEVER               "\0\0\0\0"
#define ADDRESS(valid)      "\0\5\0\x18" V6("\7") HOUR valid
#define NA(valid)                                                                                  \
    "\0\3\0\x28"                                                                                   \
    "iaid" HOUR HOUR                                                                               \
    ADDRESS(valid)
#define PREFIX "\0\x1a\0\x19" HOUR HOUR "\x38" V6("\0")
#define PD                                                                                         \
    "\0\x19\0\x29"                                                                                 \
    "iaid" HOUR HOUR PREFIX
#define STATION              " 02:00:00:00:00:05"
#define SAID(state, message) "dhcpv6 binding dhcpv6 " state " message=" message
#define NAMED                " addr=2001:db8::7 name=pc-7.local client=duid"

#define BY " by=192.0.2.80"

static void a_reply_to_a_request_begins(void **state)
{
    (void)state;
    begin();
    assert_int_equal(play_probe(&play, 0, "\3" NUMBER, 4), NTA_PARSE_OK);
    SEND(0, "\3" NUMBER DUID NAME NA(HOUR));
    SEND(1, "\7" NUMBER DUID NA(HOUR) PD);
    expect(SAID("claimed", "REQUEST") STATION NAMED " valid=3600\n" SAID("begin", "REPLY")
               STATION NAMED BY " valid=3600\n" SAID("begin", "REPLY") STATION
           " addr=2001:db8::/56 name=pc-7.local client=duid" BY " valid=3600\n");
}

#define BARE STATION " addr=2001:db8::7 client=duid"
#define LAST " valid=3600\n"

static void renew_release_and_decline_say_what_became_of_it(void **state)
{
    (void)state;
    begin();
    SEND(0, "\5" NUMBER DUID NA(HOUR));
    SEND(1, "\7" NUMBER DUID NA(HOUR));
    SEND(0, "\x8" NUMBER DUID NA(HOUR));
    SEND(0, "\x9" NUMBER DUID NA(HOUR));
    expect(SAID("claimed", "RENEW") BARE LAST SAID("renew", "REPLY")
               BARE BY LAST SAID("end", "RELEASE") BARE LAST SAID("refused", "DECLINE") BARE LAST);
}

static void lifetime_zero_and_a_status_refuse(void **state)
{
    (void)state;
    begin();
    SEND(0, "\3" NUMBER DUID);
    SEND(1, "\7" NUMBER DUID NA(NEVER));
    SEND(1, "\7" NUMBER DUID "\0\3\0\x12"
            "iaid" HOUR HOUR "\0\x0d\0\2\0\2");
    expect(SAID("claimed", "REQUEST") STATION " client=duid\n" SAID("refused", "REPLY") BARE BY
           "\n" SAID("refused", "REPLY") STATION " client=duid" BY "\n");
}

static void a_reply_that_nobody_asked_for_is_a_claim(void **state)
{
    (void)state;
    begin();
    SEND(0, "\3"
            "\1\2\4" DUID);
    SEND(1, "\7" NUMBER DUID NA(HOUR));
    expect(SAID("claimed", "REQUEST") STATION " client=duid\n" SAID("claimed", "REPLY")
               BARE BY LAST);
}

#define RELAYED(type, message, len)                                                                \
    type "\0" V6("\1") V6("\2") "\0\x12\0\4ge-1"                                                   \
                                "\0\x4f\0\x8\0\1\2\0\0\0\0\x42"                                    \
                                "\0\x9" len message

static void a_relay_tells_interface_and_mac(void **state)
{
    (void)state;
    begin();
    SEND(0, RELAYED("\x0c", "\3" NUMBER DUID, "\0\x0c"));
    SEND(1, RELAYED("\x0d", "\7" NUMBER DUID NA(HOUR), "\0\x38"));
    expect(SAID("claimed", "REQUEST") " 02:00:00:00:00:42 client=duid circuit=ge-1\n" SAID(
        "begin", "REPLY") " 02:00:00:00:00:42 addr=2001:db8::7 client=duid circuit=ge-1" BY LAST);
}

#define LINK_LOCAL "\xfe\x80\0\0\0\0\0\0"
#define FROM(type, interface_id, inner, len)                                                       \
    type "\0" V6("\1") LINK_LOCAL interface_id "\0\x12\0\4ge-1"                                    \
                                               "\0\x9" len inner

/** Of two relays the one at the client says it; another address than the MAC's says nothing. */
static void the_client_s_link_local_address_tells_its_mac(void **state)
{
    (void)state;
    begin();
    SEND(0, FROM("\x0c", "\0\0\0\xff\xfe\0\0\6", "\3" NUMBER DUID, "\0\x0c"));
    SEND(0, FROM("\x0c", "\0\0\0\xff\xfe\0\0\6",
                 FROM("\x0c", "\1\2\3\4\5\6\7\x8", "\3" NUMBER DUID, "\0\x0c"), "\0\x3a"));
    expect(SAID("claimed", "REQUEST") " 02:00:00:00:00:06 client=duid circuit=ge-1\n" SAID(
        "claimed", "REQUEST") " client=duid circuit=ge-1\n");
}

static void relays_without_end_are_bad(void **state)
{
    static uint8_t bytes[64 * 38 + 16];
    size_t len = sizeof(bytes);

    (void)state;
    for (size_t at = 0; at + 38 < len; at += 38) {
        bytes[at] = 12;
        bytes[at + 35] = 9;
        bytes[at + 36] = (uint8_t)((len - at - 38) >> 8);
        bytes[at + 37] = (uint8_t)(len - at - 38);
    }
    begin();
    assert_int_equal(play_call(&play, 0, (struct nta_span){bytes, len}), NTA_PARSE_BAD);
    expect("");
}

static void every_prefix_tells_what_is_whole(void **state)
{
    static const char whole[] = "\3" NUMBER DUID NAME NA(HOUR);

    (void)state;
    for (size_t len = 1; len < sizeof(whole) - 1; len++) {
        begin();
        const enum nta_parse verdict =
            play_call(&play, 0, (struct nta_span){(const uint8_t *)whole, len});

        assert_int_equal(verdict, len < 4 ? NTA_PARSE_MORE : NTA_PARSE_OK);
        play_end(&play);
        play_done(&play);
    }
}

static void every_byte_may_be_anything(void **state)
{
    static const char whole[] = RELAYED("\x0d", "\7" NUMBER DUID NAME NA(HOUR) PD, "\0\x73");

    (void)state;
    for (size_t i = 0; i < sizeof(whole) - 1; i++) {
        for (size_t value = 0; value < 256; value += 1 + i % 3) {
            uint8_t bytes[sizeof(whole)];

            memcpy(bytes, whole, sizeof(whole));
            bytes[i] = (uint8_t)value;
            begin();
            (void)play_probe(&play, 1, bytes, sizeof(whole) - 1);
            play_data(&play, 1, bytes, sizeof(whole) - 1);
            play_end(&play);
            play_done(&play);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_to_a_request_begins),
        cmocka_unit_test(renew_release_and_decline_say_what_became_of_it),
        cmocka_unit_test(lifetime_zero_and_a_status_refuse),
        cmocka_unit_test(a_reply_that_nobody_asked_for_is_a_claim),
        cmocka_unit_test(a_relay_tells_interface_and_mac),
        cmocka_unit_test(the_client_s_link_local_address_tells_its_mac),
        cmocka_unit_test(relays_without_end_are_bad),
        cmocka_unit_test(every_prefix_tells_what_is_whole),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
