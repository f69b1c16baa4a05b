/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/binding/ndp.h"
#include "unit.h"

enum
{
    MESSAGE_LEN = 32, ///< With one option.
    SOLICITATION = 135,
    ADVERTISEMENT = 136,
    SOLICITED = 0x60,
};

static struct nta_play play;

static void begin(void)
{
    play_begin(&play, &nta_proto_ndp, false, 0);
}

static void expect(const char *log)
{
    assert_string_equal(play_end(&play), log);
    play_done(&play);
}

/** fe80::`host`, or a group; NULL: none. */
static struct nta_addr addr(const char *text)
{
    struct nta_addr parsed = {0};

    if (text)
        assert_int_equal(nta_addr_parse(text, strlen(text), &parsed), 0);
    return parsed;
}

/** Both ends of the frame that comes next. */
static void frame(const char *src, uint8_t src_mac, const char *dst, uint8_t dst_mac)
{
    play.addrs[0] = addr(src);
    play.addrs[1] = addr(dst);
    play.macs[0][5] = src_mac;
    play.macs[1][5] = dst_mac;
    play.macs[1][0] = dst_mac == 0xff ? 0x33 : 2;
}

static void make(uint8_t type, uint8_t flags, const char *target, uint8_t mac,
                 uint8_t bytes[MESSAGE_LEN])
{
    const struct nta_addr about = addr(target);

    memset(bytes, 0, MESSAGE_LEN);
    bytes[0] = type;
    bytes[4] = flags;
    memcpy(bytes + 8, about.bytes, NTA_ADDR_LEN);
    bytes[24] = type == SOLICITATION ? 1 : 2;
    bytes[25] = 1;
    bytes[26] = 2;
    bytes[31] = mac;
}

/** Without an option if `mac` is 0. */
static void send(uint8_t type, uint8_t flags, const char *target, uint8_t mac)
{
    uint8_t bytes[MESSAGE_LEN];

    make(type, flags, target, mac, bytes);
    assert_int_equal(play_probe(&play, 0, bytes, sizeof(bytes)), NTA_PARSE_OK);
    play_data(&play, 0, bytes, mac ? MESSAGE_LEN : 24);
}

#define ASKED_AT "ff02::1:ff00:7"
#define TOLD(state, mac, host)                                                                     \
    "ndp binding ndp " state " 02:00:00:00:00:" mac " addr=fe80::" host "\n"
#define TOLD_ASKER(state, mac, host)                                                               \
    "ndp binding ndp " state " server 02:00:00:00:00:" mac " addr=fe80::" host "\n"

static void ask(void)
{
    frame("fe80::5", 5, ASKED_AT, 0xff);
    send(SOLICITATION, 0, "fe80::7", 5);
}

static void answer(uint8_t mac)
{
    frame("fe80::7", mac, "fe80::5", 5);
    send(ADVERTISEMENT, SOLICITED, "fe80::7", mac);
}

static void an_answer_tells_who_answers_and_who_asked(void **state)
{
    (void)state;
    begin();
    ask();
    assert_string_equal(play_said(&play), "");
    answer(7);
    expect(TOLD("begin", "07", "7") TOLD_ASKER("begin", "05", "5"));
}

static void an_answer_without_the_option_is_of_its_frame(void **state)
{
    (void)state;
    begin();
    frame("fe80::5", 5, "fe80::7", 7);
    send(SOLICITATION, 0, "fe80::7", 0);
    frame("fe80::7", 7, "fe80::5", 5);
    send(ADVERTISEMENT, SOLICITED, "fe80::7", 0);
    expect(TOLD("begin", "07", "7") TOLD_ASKER("begin", "05", "5"));
}

static void what_nobody_asked_for_is_a_claim(void **state)
{
    (void)state;
    begin();
    answer(7);
    frame("fe80::8", 8, "ff02::1", 0xff);
    send(ADVERTISEMENT, 0x20, "fe80::8", 8);
    expect(TOLD("claimed", "07", "7") TOLD("claimed", "08", "8"));
}

static void a_duplicate_address_is_refused(void **state)
{
    (void)state;
    begin();
    frame(NULL, 5, ASKED_AT, 0xff);
    send(SOLICITATION, 0, "fe80::7", 0);
    frame("fe80::7", 7, "ff02::1", 0xff);
    send(ADVERTISEMENT, 0x20, "fe80::7", 7);
    expect(TOLD("begin", "07", "7") TOLD_ASKER("refused", "05", "7"));
}

static void a_frame_of_another_station_teaches_nothing(void **state)
{
    (void)state;
    begin();
    ask();
    frame("fe80::7", 0x66, "fe80::5", 5);
    send(ADVERTISEMENT, SOLICITED, "fe80::7", 7);
    expect("");
}

static void options_that_end_nowhere_and_groups_are_bad(void **state)
{
    uint8_t bytes[MESSAGE_LEN];

    (void)state;
    begin();
    make(SOLICITATION, 0, "fe80::7", 5, bytes);
    bytes[25] = 0;
    assert_int_equal(play_call(&play, 0, (struct nta_span){bytes, MESSAGE_LEN}), NTA_PARSE_BAD);
    bytes[25] = 2;
    assert_int_equal(play_call(&play, 0, (struct nta_span){bytes, MESSAGE_LEN}), NTA_PARSE_BAD);
    make(SOLICITATION, 0, "ff02::1", 5, bytes);
    assert_int_equal(play_call(&play, 0, (struct nta_span){bytes, MESSAGE_LEN}), NTA_PARSE_BAD);
    make(SOLICITATION, 0, "fe80::7", 5, bytes);
    for (size_t len = 2; len < 24; len++)
        assert_int_equal(play_call(&play, 0, (struct nta_span){bytes, len}), NTA_PARSE_MORE);
    expect("");
}

static void every_byte_may_be_anything(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGE_LEN; i++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t bytes[MESSAGE_LEN];

            begin();
            ask();
            frame("fe80::7", 7, "fe80::5", 5);
            make(ADVERTISEMENT, SOLICITED, "fe80::7", 7, bytes);
            bytes[i] = (uint8_t)value;
            (void)play_probe(&play, 0, bytes, sizeof(bytes));
            play_data(&play, 0, bytes, sizeof(bytes));
            play_end(&play);
            play_done(&play);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_tells_who_answers_and_who_asked),
        cmocka_unit_test(an_answer_without_the_option_is_of_its_frame),
        cmocka_unit_test(what_nobody_asked_for_is_a_claim),
        cmocka_unit_test(a_duplicate_address_is_refused),
        cmocka_unit_test(a_frame_of_another_station_teaches_nothing),
        cmocka_unit_test(options_that_end_nowhere_and_groups_are_bad),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
