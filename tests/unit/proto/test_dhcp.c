/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/binding/dhcp.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

enum
{
    HEAD_LEN = 240, ///< With the magic number.
    SERVER_AT = 44,
    FILE_AT = 108,
    MESSAGE_SIZE = 1024
};

/** A message: operation, addresses, a MAC that ends in 5, then options. */
struct message
{
    uint8_t bytes[MESSAGE_SIZE];
    size_t len;
};

static struct nta_play play;

static struct message make(uint8_t op, const char *had, const char *given)
{
    struct message message = {.bytes = {op, 1, 6}, .len = HEAD_LEN};

    memcpy(message.bytes + 12, had, 4);
    memcpy(message.bytes + 16, given, 4);
    memcpy(message.bytes + 28, "\2\0\0\0\0\5", 6);
    memcpy(message.bytes + 236, "\x63\x82\x53\x63", 4);
    return message;
}

static void put(struct message *message, const char *bytes, size_t len)
{
    memcpy(message->bytes + message->len, bytes, len);
    message->len += len;
}

#define PUT(message, literal) put(message, literal, sizeof(literal) - 1)
#define NO_ADDR               "\0\0\0\0"
#define REQUEST_OPTIONS                                                                            \
    "\x35\1\3\0\0\x32\4\x0a\0\0\x07\x36\4\x0a\0\0\1"                                               \
    "\x0c\6lap-7\0\xff\x0c\1x"
#define CLAIMED "dhcp binding dhcp claimed message="
#define REQUESTED                                                                                  \
    "dhcp binding dhcp claimed message=REQUEST 02:00:00:00:00:05 addr=10.0.0.7 name=lap-7 "        \
    "by=10.0.0.1\n"

static struct message request(void)
{
    struct message message = make(1, NO_ADDR, NO_ADDR);

    PUT(&message, REQUEST_OPTIONS);
    return message;
}

static void begin(void)
{
    play_begin(&play, &nta_proto_dhcp, false, 67);
    play.io.client_port = 68;
}

static void expect(const char *log)
{
    assert_string_equal(play_end(&play), log);
    play_done(&play);
}

static void request_tells_station_name_and_address_asked(void **state)
{
    struct message message = request();

    (void)state;
    begin();
    assert_int_equal(play_probe(&play, 0, message.bytes, message.len), NTA_PARSE_OK);
    play_data(&play, 0, message.bytes, message.len);
    expect(REQUESTED);
}

static void acknowledgement_tells_the_address_and_its_time(void **state)
{
    struct message message = make(2, NO_ADDR, "\x0a\0\0\x07");

    (void)state;
    const struct message asked = request();

    PUT(&message, "\x35\1\5\x33\4\0\0\x0e\x10\x36\4\x0a\0\0\1\xff");
    begin();
    play_data(&play, 0, asked.bytes, asked.len);
    play_data(&play, 1, message.bytes, message.len);
    expect(REQUESTED
           "dhcp binding dhcp begin message=ACK 02:00:00:00:00:05 addr=10.0.0.7 name=lap-7 "
           "by=10.0.0.1 valid=3600\n");
}

static void acknowledgement_of_what_the_station_has_renews(void **state)
{
    struct message message = make(2, "\x0a\0\0\x07", "\x0a\0\0\x07");

    (void)state;
    const struct message asked = request();

    PUT(&message, "\x35\1\5\x33\4\0\0\x0e\x10\x36\4\x0a\0\0\1\xff");
    begin();
    play_data(&play, 0, asked.bytes, asked.len);
    play_data(&play, 1, message.bytes, message.len);
    expect(REQUESTED
           "dhcp binding dhcp renew message=ACK 02:00:00:00:00:05 addr=10.0.0.7 name=lap-7 "
           "by=10.0.0.1 valid=3600\n");
}

static void answer_that_nobody_asked_for_is_a_claim(void **state)
{
    struct message message = make(2, NO_ADDR, "\x0a\0\0\x07"), other = request();

    (void)state;
    PUT(&message, "\x35\1\5\x33\4\0\0\x0e\x10\xff");
    other.bytes[7] = 1; /* another transaction */
    begin();
    play_data(&play, 0, other.bytes, other.len);
    play_data(&play, 1, message.bytes, message.len);
    expect(REQUESTED "dhcp binding dhcp claimed message=ACK 02:00:00:00:00:05 addr=10.0.0.7 "
                     "valid=3600\n");
}

static void answer_of_a_server_that_was_not_chosen_is_a_claim(void **state)
{
    struct message message = make(2, NO_ADDR, "\x0a\0\0\x07"), asked = request();

    (void)state;
    PUT(&message, "\x35\1\5\x33\4\0\0\x0e\x10\x36\4\x0a\0\0\2\xff");
    begin();
    play_data(&play, 0, asked.bytes, asked.len);
    play_data(&play, 1, message.bytes, message.len);
    expect(REQUESTED "dhcp binding dhcp claimed message=ACK 02:00:00:00:00:05 addr=10.0.0.7 "
                     "by=10.0.0.2 valid=3600\n");
}

static void answer_on_another_link_or_a_minute_late_is_a_claim(void **state)
{
    struct message message = make(2, NO_ADDR, "\x0a\0\0\x07"), asked = request();

    (void)state;
    PUT(&message, "\x35\1\5\x33\4\0\0\x0e\x10\xff");
    begin();
    play_data(&play, 0, asked.bytes, asked.len);
    play.io.link = 10;
    play_data(&play, 1, message.bytes, message.len);
    play.io.link = 0;
    play.io.wall_ns += 61 * INT64_C(1000000000);
    play_data(&play, 1, message.bytes, message.len);
#define LATE "dhcp binding dhcp claimed message=ACK 02:00:00:00:00:05 addr=10.0.0.7 valid=3600\n"
    expect(REQUESTED LATE LATE);
}

static void answer_to_inform_gives_no_address(void **state)
{
    struct message message = make(2, "\x0a\0\0\x07", NO_ADDR);

    (void)state;
    PUT(&message, "\x35\1\5\xff");
    begin();
    play_data(&play, 1, message.bytes, message.len);
    expect("dhcp binding dhcp claimed message=ACK 02:00:00:00:00:05 addr=10.0.0.7\n");
}

static void release_ends_and_decline_and_nak_refuse(void **state)
{
    struct message release = make(1, "\x0a\0\0\x07", NO_ADDR);
    struct message decline = make(1, NO_ADDR, NO_ADDR), nak = make(2, NO_ADDR, NO_ADDR);

    (void)state;
    PUT(&release, "\x35\1\7\xff");
    PUT(&decline, "\x35\1\4\x32\4\x0a\0\0\x07\xff");
    PUT(&nak, "\x35\1\6\x36\4\x0a\0\0\1\xff");
    begin();
    play_data(&play, 0, release.bytes, release.len);
    play_data(&play, 0, decline.bytes, decline.len);
    play_data(&play, 1, nak.bytes, nak.len);
    expect("dhcp binding dhcp end message=RELEASE 02:00:00:00:00:05 addr=10.0.0.7\n"
           "dhcp binding dhcp refused message=DECLINE 02:00:00:00:00:05 addr=10.0.0.7\n"
           "dhcp binding dhcp refused message=NAK 02:00:00:00:00:05 by=10.0.0.1\n");
}

static void client_id_vendor_and_circuit_are_told(void **state)
{
    struct message message = make(1, NO_ADDR, NO_ADDR);

    (void)state;
    PUT(&message, "\x35\1\1\x3d\3\0ab\x3c\4MSFT\x52\x0a\2\2rr\1\4sw/7\xff");
    begin();
    play_data(&play, 0, message.bytes, message.len);
    expect(CLAIMED "DISCOVER 02:00:00:00:00:05 client=\\x00ab vendor=MSFT circuit=sw/7\n");
}

static void reply_from_the_presumed_client_swaps_the_sides(void **state)
{
    struct message message = make(2, NO_ADDR, "\x0a\0\0\x07");

    (void)state;
    PUT(&message, "\x35\1\2\xff");
    begin();
    play_data(&play, 0, message.bytes, message.len);
    expect("swapped dhcp binding dhcp claimed message=OFFER 02:00:00:00:00:05 addr=10.0.0.7\n");
}

static void full_name_stands_in_for_a_missing_host_name(void **state)
{
    struct message wire = make(1, "\x0a\0\0\x07", NO_ADDR), text = wire;

    (void)state;
    PUT(&wire, "\x35\1\3\x51\x0e\4\0\0\3lap\5local\0\xff");
    PUT(&text, "\x35\1\3\x51\6\0\0\0lap\xff");
    begin();
    play_data(&play, 0, wire.bytes, wire.len);
    play_data(&play, 0, text.bytes, text.len);
    expect(CLAIMED "REQUEST 02:00:00:00:00:05 addr=10.0.0.7 name=lap.local\n" CLAIMED
                   "REQUEST 02:00:00:00:00:05 addr=10.0.0.7 name=lap\n");
}

/** As Kea answers; it is the same name. */
static void the_dot_behind_a_whole_name_is_no_part_of_it(void **state)
{
    struct message name = make(1, "\x0a\0\0\x07", NO_ADDR), full = name;

    (void)state;
    PUT(&name, "\x35\1\3\x0c\4lap.\xff");
    PUT(&full, "\x35\1\3\x51\7\0\0\0lap.\xff");
    begin();
    play_data(&play, 0, name.bytes, name.len);
    play_data(&play, 0, full.bytes, full.len);
    expect(CLAIMED "REQUEST 02:00:00:00:00:05 addr=10.0.0.7 name=lap\n" CLAIMED
                   "REQUEST 02:00:00:00:00:05 addr=10.0.0.7 name=lap\n");
}

static void options_go_on_in_the_fields_for_file_and_server(void **state)
{
    struct message message = make(1, NO_ADDR, NO_ADDR);

    (void)state;
    memcpy(message.bytes + FILE_AT, "\x0c\3lap\xff", 6);
    memcpy(message.bytes + SERVER_AT, "\x32\4\x0a\0\0\x07\xff", 7);
    PUT(&message, "\x35\1\3\x34\1\3\xff");
    begin();
    play_data(&play, 0, message.bytes, message.len);
    expect(CLAIMED "REQUEST 02:00:00:00:00:05 addr=10.0.0.7 name=lap\n");
}

static void message_without_a_type_gives_nothing(void **state)
{
    struct message message = make(1, NO_ADDR, NO_ADDR);

    (void)state;
    PUT(&message, "\x0c\3lap\xff");
    begin();
    assert_int_equal(play_probe(&play, 0, message.bytes, message.len), NTA_PARSE_OK);
    play_data(&play, 0, message.bytes, message.len);
    expect("");
}

static void other_ports_and_numbers_are_not_taken(void **state)
{
    struct message message = request();

    (void)state;
    play_begin(&play, &nta_proto_dhcp, false, 4011);
    play.io.client_port = 68;
    assert_int_equal(play_probe(&play, 0, message.bytes, message.len), NTA_PARSE_OTHER);
    expect("");
    begin();
    message.bytes[0] = 3;
    assert_int_equal(play_probe(&play, 0, message.bytes, message.len), NTA_PARSE_OTHER);
    play_data(&play, 0, message.bytes, message.len);
    expect("");
}

static void every_prefix_wants_more_or_tells_what_is_whole(void **state)
{
    struct message message = request();

    (void)state;
    for (size_t len = 1; len < message.len; len++) {
        begin();
        play_data(&play, 0, message.bytes, len);
        const char *log = play_end(&play);

        if (len < HEAD_LEN + 3) /* not even the type is whole */
            assert_string_equal(log, "");
        else
            assert_non_null(strstr(log, CLAIMED "REQUEST 02:00:00:00:00:05"));
        play_done(&play);
    }
}

static void every_byte_may_be_anything(void **state)
{
    struct message message = request();

    (void)state;
    for (size_t i = 0; i < message.len; i++) {
        uint8_t was = message.bytes[i];

        for (size_t value = 0; value < 256; value += 1 + i % 3) {
            message.bytes[i] = (uint8_t)value;
            begin();
            (void)play_probe(&play, 0, message.bytes, message.len);
            play_data(&play, 0, message.bytes, message.len);
            play_end(&play);
            play_done(&play);
        }
        message.bytes[i] = was;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_tells_station_name_and_address_asked),
        cmocka_unit_test(acknowledgement_tells_the_address_and_its_time),
        cmocka_unit_test(acknowledgement_of_what_the_station_has_renews),
        cmocka_unit_test(answer_that_nobody_asked_for_is_a_claim),
        cmocka_unit_test(answer_of_a_server_that_was_not_chosen_is_a_claim),
        cmocka_unit_test(answer_on_another_link_or_a_minute_late_is_a_claim),
        cmocka_unit_test(answer_to_inform_gives_no_address),
        cmocka_unit_test(release_ends_and_decline_and_nak_refuse),
        cmocka_unit_test(client_id_vendor_and_circuit_are_told),
        cmocka_unit_test(reply_from_the_presumed_client_swaps_the_sides),
        cmocka_unit_test(full_name_stands_in_for_a_missing_host_name),
        cmocka_unit_test(the_dot_behind_a_whole_name_is_no_part_of_it),
        cmocka_unit_test(options_go_on_in_the_fields_for_file_and_server),
        cmocka_unit_test(message_without_a_type_gives_nothing),
        cmocka_unit_test(other_ports_and_numbers_are_not_taken),
        cmocka_unit_test(every_prefix_wants_more_or_tells_what_is_whole),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
