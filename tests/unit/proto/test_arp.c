/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/binding/arp.h"
#include "unit.h"

#define SECOND_NS INT64_C(1000000000)

/** A message between 10.0.0.`sender` at 02:…:`sender_mac` and another one; 0: no address. */
struct message
{
    uint8_t operation, sender_mac, sender, target_mac, target;
};

static struct nta_play play;

static void begin(void)
{
    play_begin(&play, &nta_proto_arp, false, 0);
}

static void put_end(uint8_t *at, uint8_t mac, uint8_t host)
{
    const uint8_t bytes[] = {mac ? 2 : 0, 0, 0, 0, 0, mac, 10, 0, 0, host};

    memcpy(at, bytes, sizeof(bytes));
    if (host == 0)
        memset(at + 6, 0, 4);
}

static void make(const struct message *message, uint8_t bytes[28])
{
    memcpy(bytes, "\0\1\x8\0\6\4\0", 7);
    bytes[7] = message->operation;
    put_end(bytes + 8, message->sender_mac, message->sender);
    put_end(bytes + 18, message->target_mac, message->target);
}

static void send(struct message message)
{
    uint8_t bytes[28];

    make(&message, bytes);
    memcpy(play.macs[0], bytes + 8, 6);
    assert_int_equal(play_probe(&play, 0, bytes, sizeof(bytes)), NTA_PARSE_OK);
    play_data(&play, 0, bytes, sizeof(bytes));
}

static void expect(const char *log)
{
    assert_string_equal(play_end(&play), log);
    play_done(&play);
}

#define ASKS(who, whom)    send((struct message){1, who, who, 0, whom})
#define ANSWERS(who, whom) send((struct message){2, who, who, whom, whom})
#define TOLD(state, mac, host)                                                                     \
    "arp binding arp " state " 02:00:00:00:00:" mac " addr=10.0.0." host "\n"
#define TOLD_ASKER(state, mac, host)                                                               \
    "arp binding arp " state " server 02:00:00:00:00:" mac " addr=10.0.0." host "\n"

static void an_answer_tells_who_answers_and_who_asked(void **state)
{
    (void)state;
    begin();
    ASKS(5, 7);
    assert_string_equal(play_said(&play), "");
    ANSWERS(7, 5);
    expect(TOLD("begin", "07", "7") TOLD_ASKER("begin", "05", "5"));
}

static void what_is_known_is_told_again_after_ten_minutes(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 3; i++) {
        ASKS(5, 7);
        ANSWERS(7, 5);
        play.io.wall_ns += 301 * SECOND_NS;
    }
    expect(TOLD("begin", "07", "7") TOLD_ASKER("begin", "05", "5") TOLD("renew", "07", "7")
               TOLD_ASKER("renew", "05", "5"));
}

static void what_nobody_asked_for_is_a_claim_told_once(void **state)
{
    (void)state;
    begin();
    ANSWERS(7, 5);
    ANSWERS(7, 5);
    ASKS(8, 8); /* announcements, both ways in which they are written */
    send((struct message){2, 9, 9, 9, 9});
    expect(TOLD("claimed", "07", "7") TOLD("claimed", "08", "8") TOLD("claimed", "09", "9"));
}

static void an_answer_that_comes_late_or_on_another_link_is_a_claim(void **state)
{
    (void)state;
    begin();
    ASKS(5, 7);
    play.io.link = 10;
    ANSWERS(7, 5);
    play.io.link = 0;
    play.io.wall_ns += 6 * SECOND_NS;
    ANSWERS(7, 5);
    expect(TOLD("claimed", "07", "7") TOLD("claimed", "07", "7"));
}

static void a_claim_takes_nothing_from_who_has_the_address(void **state)
{
    (void)state;
    begin();
    ASKS(5, 7);
    ANSWERS(7, 5);
    send((struct message){1, 0x66, 7, 0, 7}); /* another station announces 7 */
    send((struct message){1, 0x66, 7, 0, 5}); /* and asks as 7, */
    send((struct message){2, 5, 5, 0x66, 7}); /* which is answered */
    ASKS(5, 7);
    ANSWERS(7, 5);
    expect(TOLD("begin", "07", "7") TOLD_ASKER("begin", "05", "5") TOLD("claimed", "66", "7"));
}

static void who_answers_otherwise_is_told_too(void **state)
{
    (void)state;
    begin();
    ASKS(5, 7);
    ANSWERS(7, 5);
    send((struct message){2, 0x66, 7, 5, 5});
    expect(TOLD("begin", "07", "7") TOLD_ASKER("begin", "05", "5") TOLD("begin", "66", "7"));
}

static void a_probe_that_is_answered_is_refused(void **state)
{
    (void)state;
    begin();
    send((struct message){1, 5, 0, 0, 7});
    send((struct message){2, 7, 7, 5, 0});
    expect(TOLD("begin", "07", "7") TOLD_ASKER("refused", "05", "7"));
}

static void a_frame_of_another_station_teaches_nothing(void **state)
{
    uint8_t bytes[28];

    (void)state;
    begin();
    ASKS(5, 7);
    make(&(struct message){2, 7, 7, 5, 5}, bytes);
    memcpy(play.macs[0], "\2\0\0\0\0\x66", 6);
    play_data(&play, 0, bytes, sizeof(bytes));
    make(&(struct message){2, 7, 7, 5, 5}, bytes);
    bytes[8] = 3; /* of many */
    memcpy(play.macs[0], bytes + 8, 6);
    play_data(&play, 0, bytes, sizeof(bytes));
    expect("");
}

static void more_stations_than_there_is_space_for_push_the_oldest_out(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 4000; i++) {
        play.io.link = i >> 7;
        send((struct message){1, 200, 200, 0, (uint8_t)(1 + (i & 127))});
        send((struct message){2, (uint8_t)(1 + (i & 127)), (uint8_t)(1 + (i & 127)), 200, 200});
        play.io.wall_ns += SECOND_NS / 10;
    }
    assert_true(play.n_events >= 4000);
    play_end(&play);
    play_done(&play);
}

static void a_flood_of_claims_makes_nothing_forgotten(void **state)
{
    (void)state;
    begin();
    ASKS(5, 7);
    ANSWERS(7, 5);
    for (unsigned i = 0; i < 200000; i++) {
        const uint8_t host = (uint8_t)(10 + i % 200);

        play.io.link = 1 + i / 200;
        ASKS(host, host);
    }
    play.io.link = 0;
    const size_t n = play.n_events;

    send((struct message){1, 0x66, 7, 0, 5}); /* another station asks as 7 */
    send((struct message){2, 5, 5, 0x66, 7});
    assert_int_equal(play.n_events, n + 1);
    assert_non_null(strstr(play_said(&play), TOLD_ASKER("claimed", "66", "7")));
    play_end(&play);
    play_done(&play);
}

static void every_prefix_is_other_or_wants_more(void **state)
{
    uint8_t bytes[28];

    (void)state;
    make(&(struct message){2, 7, 7, 5, 5}, bytes);
    for (size_t len = 0; len < sizeof(bytes); len++) {
        begin();
        play_data(&play, 0, bytes, len);
        if (len > 0)
            assert_int_equal(play_call(&play, 0, (struct nta_span){bytes, len}), NTA_PARSE_MORE);
        expect("");
    }
}

static void every_byte_may_be_anything(void **state)
{
    (void)state;
    for (size_t i = 0; i < 28; i++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t bytes[28];

            begin();
            ASKS(5, 7);
            make(&(struct message){2, 7, 7, 5, 5}, bytes);
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
        cmocka_unit_test(what_is_known_is_told_again_after_ten_minutes),
        cmocka_unit_test(what_nobody_asked_for_is_a_claim_told_once),
        cmocka_unit_test(an_answer_that_comes_late_or_on_another_link_is_a_claim),
        cmocka_unit_test(a_claim_takes_nothing_from_who_has_the_address),
        cmocka_unit_test(who_answers_otherwise_is_told_too),
        cmocka_unit_test(a_probe_that_is_answered_is_refused),
        cmocka_unit_test(a_frame_of_another_station_teaches_nothing),
        cmocka_unit_test(more_stations_than_there_is_space_for_push_the_oldest_out),
        cmocka_unit_test(a_flood_of_claims_makes_nothing_forgotten),
        cmocka_unit_test(every_prefix_is_other_or_wants_more),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
