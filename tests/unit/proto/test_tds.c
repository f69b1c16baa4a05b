/* SPDX-License-Identifier: Apache-2.0 */
#include "hello.h"
#include "play.h"
#include "proto/tls/tds.h"
#include "unit.h"

enum
{
    CLIENT,
    SERVER,
    PRELOGIN = 18,
    HEAD_LEN = 8,
};

static struct nta_play play;
static struct maker records, wire;

static int setup(void **state)
{
    static struct maker message;

    (void)state;
    play_done(&play);
    play_begin(&play, &nta_proto_tds, true, 1433);
    message.len = records.len = wire.len = 0;
    make_client_hello(&message, "sql.example", 200);
    make_records(&records, message.bytes, message.len, 16384);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    play_done(&play);
    return 0;
}

/** Bytes of TLS in a packet of its own. */
static void make_packet(unsigned type, bool is_last, const uint8_t *bytes, size_t len)
{
    make_number(&wire, type, 1);
    make_number(&wire, is_last, 1);
    make_number(&wire, HEAD_LEN + len, 2);
    make_number(&wire, 0x00330100, 4); /* process, number, window */
    make(&wire, bytes, len);
}

/** All records, `size` bytes of them in each packet. */
static void make_packets(size_t size)
{
    for (size_t at = 0; at < records.len; at += size) {
        const size_t len = records.len - at < size ? records.len - at : size;

        make_packet(PRELOGIN, at + len == records.len, records.bytes + at, len);
    }
}

static enum nta_parse probe(size_t len)
{
    return play_probe(&play, CLIENT, wire.bytes, len);
}

static void assert_named(unsigned times)
{
    static const char expected[] = "tls client name=sql.example";

    assert_int_equal(play.n_events, times);
    assert_memory_equal(play_said(&play), expected, sizeof(expected) - 1);
}

static void a_hello_in_a_packet_is_known_and_read(void **state)
{
    (void)state;
    make_packets(4096);
    assert_int_equal(probe(wire.len), NTA_PARSE_OK);
    play_data(&play, CLIENT, wire.bytes, wire.len);
    assert_named(1);
    assert_true(play.done[CLIENT]);
    assert_false(play.done[SERVER]);
}

static void a_hello_over_many_packets_in_any_pieces_is_read(void **state)
{
    static const size_t sizes[] = {40, 100, 255}, pieces[] = {1, 7, 64, 1000};

    for (size_t i = 0; i < NTA_N_ELEMENTS(sizes); i++)
        for (size_t k = 0; k < NTA_N_ELEMENTS(pieces); k++) {
            (void)setup(state);
            make_packets(sizes[i]);
            for (size_t at = 0; at < wire.len && !play.done[CLIENT]; at += pieces[k])
                play_data(&play, CLIENT, wire.bytes + at, nta_smaller(pieces[k], wire.len - at));
            assert_named(1);
        }
}

static void every_prefix_wants_more(void **state)
{
    (void)state;
    make_packets(4096);
    for (size_t n = 0; n < HEAD_LEN + 6; n++)
        assert_int_equal(probe(n), NTA_PARSE_MORE);
    assert_int_equal(probe(HEAD_LEN + 6), NTA_PARSE_OK);
}

static void what_is_no_packet_with_a_hello_is_not_taken(void **state)
{
    /* type, status, length, window, kind of record, version, kind of message */
    static const size_t places[] = {0, 1, 2, 7, 8, 9, 13};

    (void)state;
    make_packets(4096);
    for (size_t i = 0; i < NTA_N_ELEMENTS(places); i++) {
        const uint8_t before = wire.bytes[places[i]];

        wire.bytes[places[i]] = 0x80;
        assert_int_equal(probe(wire.len), NTA_PARSE_OTHER);
        wire.bytes[places[i]] = before;
    }
    wire.len = 0;
    make_packet(PRELOGIN, true, (const uint8_t *)"\0\0\6\1\0\x10\0\1\xff", 9); /* the talk before */
    assert_int_equal(probe(wire.len), NTA_PARSE_OTHER);
}

static void a_server_that_answers_otherwise_is_none(void **state)
{
    (void)state;
    make_packets(4096);
    play_data(&play, CLIENT, wire.bytes, wire.len);
    play_data(&play, SERVER, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    assert_int_equal(play.last, NTA_PARSE_OTHER);
}

static void two_clients_are_none(void **state)
{
    (void)state;
    make_packets(4096);
    play_data(&play, CLIENT, wire.bytes, wire.len);
    play_data(&play, SERVER, wire.bytes, wire.len);
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    assert_named(1);
}

static void who_says_hello_as_a_client_is_the_client(void **state)
{
    (void)state;
    make_packets(4096);
    play_data(&play, SERVER, wire.bytes, wire.len);
    assert_true(play.swapped);
    assert_non_null(strstr(play_said(&play), "tls client name=sql.example"));
}

static void a_hello_that_is_cut_off_is_told_at_the_end(void **state)
{
    (void)state;
    make_packets(4096);
    play_data(&play, CLIENT, wire.bytes, wire.len - 4);
    assert_int_equal(play.n_events, 0);
    assert_non_null(strstr(play_end(&play), "sql.example"));
}

static void a_hello_larger_than_the_state_is_given_up(void **state)
{
    static struct maker message;

    (void)state;
    message.len = records.len = 0;
    make_client_hello(&message, "sql.example", 9000);
    make_records(&records, message.bytes, message.len, 16384);
    make_packets(4096);
    for (size_t at = 0; at < wire.len && !play.done[CLIENT]; at += 1460)
        play_data(&play, CLIENT, wire.bytes + at, nta_smaller(1460, wire.len - at));
    assert_true(play.done[CLIENT]);
    assert_int_equal(play.n_events, 0);
}

static void flipped_bytes_do_no_harm(void **state)
{
    make_packets(100);
    for (size_t i = 0; i < wire.len; i++) {
        const uint8_t before = wire.bytes[i];

        play_again(&play);
        wire.bytes[i] ^= 0xff;
        play_data(&play, CLIENT, wire.bytes, wire.len);
        (void)play_end(&play);
        wire.bytes[i] = before;
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hello_in_a_packet_is_known_and_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hello_over_many_packets_in_any_pieces_is_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(every_prefix_wants_more, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_packet_with_a_hello_is_not_taken, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_server_that_answers_otherwise_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(two_clients_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(who_says_hello_as_a_client_is_the_client, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hello_that_is_cut_off_is_told_at_the_end, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_hello_larger_than_the_state_is_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(flipped_bytes_do_no_harm, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
