/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/binding/radius.h"
#include "unit.h"

#define SECOND_NS INT64_C(1000000000)

struct packet
{
    uint8_t bytes[512];
    size_t len;
};

static struct nta_play play;

static void begin(void)
{
    play_begin(&play, &nta_proto_radius, false, 1813);
}

static void expect(const char *log)
{
    assert_string_equal(play_end(&play), log);
    play_done(&play);
}

/** A packet of this code and number with these attributes. */
static struct packet make(uint8_t code, uint8_t number, const char *attributes, size_t len)
{
    struct packet packet = {.bytes = {code, number}, .len = 20 + len};

    packet.bytes[2] = (uint8_t)(packet.len >> 8);
    packet.bytes[3] = (uint8_t)packet.len;
    memcpy(packet.bytes + 20, attributes, len);
    return packet;
}

static void send(const struct packet *packet)
{
    const unsigned side = packet->bytes[0] == 5;

    assert_int_equal(play_probe(&play, side, packet->bytes, packet->len), NTA_PARSE_OK);
    play_data(&play, side, packet->bytes, packet->len);
}

#define ASK(number, literal)                                                                       \
    do {                                                                                           \
        const struct packet asked_ = make(4, number, literal, sizeof(literal) - 1);                \
        send(&asked_);                                                                             \
    } while (0)

static void acknowledge(uint8_t number)
{
    const struct packet packet = make(5, number, "", 0);

    send(&packet);
}

#define STATUS(n) "\x28\6\0\0\0" n
#define ANN       "\1\5ann"
#define AT        "\x8\6\x0a\1\0\7"
#define STATION                                                                                    \
    "\x1f\x13"                                                                                     \
    "02-00-00-00-00-07"
#define SESSION "\x2c\4s1"
#define START   STATUS("\1") ANN AT STATION SESSION
#define WHO     " 02:00:00:00:00:07 addr=10.1.0.7 login=ann session=s1 by=10.0.0.5"

static void a_start_counts_once_it_is_acknowledged(void **state)
{
    (void)state;
    begin();
    ASK(7, START);
    assert_string_equal(play_said(&play), "");
    acknowledge(7);
    acknowledge(7);
    expect("radius binding radius begin message=Start" WHO "\n");
}

static void interim_and_stop_renew_and_end(void **state)
{
    (void)state;
    begin();
    ASK(1, STATUS("\3") ANN AT STATION SESSION "\x29\6\0\0\0\5");
    acknowledge(1);
    ASK(2, STATUS("\2") ANN AT STATION SESSION);
    acknowledge(2);
    expect("radius binding radius renew message=Interim-Update" WHO " age=5\n"
           "radius binding radius end message=Stop" WHO "\n");
}

static void accounting_on_ends_all_that_the_access_server_told(void **state)
{
    (void)state;
    begin();
    ASK(1, STATUS("\7") "\4\6\x0a\0\0\x02");
    acknowledge(1);
    ASK(2, STATUS("\x8"));
    acknowledge(2);
    expect("radius binding radius end message=Accounting-On by=10.0.0.2\n"
           "radius binding radius end message=Accounting-Off by=10.0.0.5\n");
}

static void addresses_of_ipv6_are_told_each(void **state)
{
    (void)state;
    begin();
    ASK(1, STATUS("\1") ANN "\x61\x0c\0\x3c"
                            "\x20\1\x0d\xb8\0\0\0\x1f"
                            "\xa8\x12\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7");
    acknowledge(1);
    expect(
        "radius binding radius begin message=Start addr=2001:db8:0:10::/60 login=ann by=10.0.0.5\n"
        "radius binding radius begin message=Start addr=2001:db8::7 login=ann by=10.0.0.5\n");
}

static void who_has_no_address_yet_is_told_by_the_mac(void **state)
{
    (void)state;
    begin();
    ASK(1, STATUS("\1") "\1\x0chost/pc-7."
                        "\x1f\x0e"
                        "0200.0000.07"
                        "\x57\6ge-1");
    acknowledge(1);
    ASK(2, STATUS("\1") "\1\x0bhost/pc-7"
                        "\x1f\x10"
                        "0200.0000.0007"
                        "\x57\6ge-1");
    acknowledge(2);
    expect("radius binding radius begin message=Start name=pc-7. circuit=ge-1 by=10.0.0.5\n"
           "radius binding radius begin message=Start 02:00:00:00:00:07 name=pc-7 circuit=ge-1 "
           "by=10.0.0.5\n");
}

static void answers_that_are_late_or_of_another_number_or_link_tell_nothing(void **state)
{
    (void)state;
    begin();
    ASK(7, START);
    acknowledge(8);
    play.io.link = UINT64_C(10) << 48;
    acknowledge(7);
    play.io.link = 0;
    play.io.wall_ns += 31 * SECOND_NS;
    acknowledge(7);
    expect("");
}

static void attributes_that_lie_about_their_length_are_bad(void **state)
{
    static const char *const wrong[] = {"\1\1", "\1\x40", "\1"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        begin();
        const struct packet packet = make(4, 1, wrong[i], strlen(wrong[i]));

        assert_int_equal(play_call(&play, 0, (struct nta_span){packet.bytes, packet.len}),
                         NTA_PARSE_BAD);
        expect("");
    }
}

static void every_prefix_is_other_or_wants_more(void **state)
{
    const struct packet packet = make(4, 1, START, sizeof(START) - 1);

    (void)state;
    for (size_t len = 1; len < packet.len; len++) {
        begin();
        assert_int_equal(play_probe(&play, 0, packet.bytes, len), NTA_PARSE_OTHER);
        assert_int_equal(play_call(&play, 0, (struct nta_span){packet.bytes, len}), NTA_PARSE_MORE);
        expect("");
    }
}

static void every_byte_may_be_anything(void **state)
{
    const struct packet whole = make(4, 1, START, sizeof(START) - 1);

    (void)state;
    for (size_t i = 0; i < whole.len; i++) {
        for (unsigned value = 0; value < 256; value++) {
            struct packet packet = whole;

            begin();
            packet.bytes[i] = (uint8_t)value;
            (void)play_probe(&play, 0, packet.bytes, packet.len);
            play_data(&play, 0, packet.bytes, packet.len);
            acknowledge(1);
            play_end(&play);
            play_done(&play);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_counts_once_it_is_acknowledged),
        cmocka_unit_test(interim_and_stop_renew_and_end),
        cmocka_unit_test(accounting_on_ends_all_that_the_access_server_told),
        cmocka_unit_test(addresses_of_ipv6_are_told_each),
        cmocka_unit_test(who_has_no_address_yet_is_told_by_the_mac),
        cmocka_unit_test(answers_that_are_late_or_of_another_number_or_link_tell_nothing),
        cmocka_unit_test(attributes_that_lie_about_their_length_are_bad),
        cmocka_unit_test(every_prefix_is_other_or_wants_more),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
