/* SPDX-License-Identifier: Apache-2.0 */
#include "hello.h"
#include "play.h"
#include "proto/tls/openvpn.h"
#include "unit.h"

enum
{
    CLIENT,
    SERVER,
    RESET_CLIENT = 7 << 3,
    RESET_SERVER = 8 << 3,
    CONTROL = 4 << 3,
    ACK = 5 << 3,
    DATA = 9 << 3,
    CONTENT = 100, ///< Bytes of TLS in one packet.
};

static struct
{
    struct nta_play play;
    size_t hmac_len;
    struct maker packet;
} rig;

static struct maker hello;

static int setup(void **state)
{
    static struct maker message;

    (void)state;
    rig.packet.len = rig.hmac_len = 0;
    play_done(&rig.play);
    play_begin(&rig.play, &nta_proto_openvpn, false, 1194);
    message.len = hello.len = 0;
    make_client_hello(&message, "vpn.example", 400);
    make_records(&hello, message.bytes, message.len, 16384);
    return 0;
}

/** Type, session, HMAC and number, one acknowledgement of the server's. */
static void begin_packet(unsigned side, unsigned type)
{
    rig.packet.len = 0;
    make_number(&rig.packet, type, 1);
    make(&rig.packet, side == CLIENT ? "clientid" : "serverid", 8);
    if (rig.hmac_len > 0) {
        make_fill(&rig.packet, 0x5a, rig.hmac_len);
        make_number(&rig.packet, UINT64_C(1) << 32 | 1700000000, 8);
    }
    make_number(&rig.packet, side == SERVER, 1);
    if (side == SERVER)
        make(&rig.packet, "\0\0\0\0clientid", 12);
}

static void make_reset(unsigned side)
{
    begin_packet(side, side == CLIENT ? RESET_CLIENT : RESET_SERVER);
    make_number(&rig.packet, 0, 4);
}

/** Piece `i` of the hello, as message `i` + 1. */
static void make_piece(unsigned side, uint32_t i)
{
    size_t at = (size_t)i * CONTENT;

    begin_packet(side, CONTROL);
    make_number(&rig.packet, i + 1, 4);
    make(&rig.packet, hello.bytes + at, hello.len - at < CONTENT ? hello.len - at : CONTENT);
}

/** The packet, `len` bytes of it, from an exact copy. */
static enum nta_parse feed(unsigned side, size_t len)
{
    return play_call(&rig.play, side, (struct nta_span){rig.packet.bytes, len});
}

static void send_packet(unsigned side)
{
    assert_int_equal(feed(side, rig.packet.len), NTA_PARSE_OK);
}

static enum nta_parse probe(const uint8_t *bytes, size_t len)
{
    return nta_proto_openvpn.probe(&rig.play.io, (struct nta_span){bytes, len});
}

#define N_PIECES ((uint32_t)((hello.len + CONTENT - 1) / CONTENT))

static void assert_named(void)
{
    static const char expected[] = "openvpn client name=vpn.example";

    assert_int_equal(rig.play.n_events, 1);
    assert_memory_equal(play_said(&rig.play), expected, sizeof(expected) - 1);
}

static void resets_are_known_with_each_kind_of_hmac(void **state)
{
    static const size_t hmac_lens[] = {0, 16, 20, 28, 32, 48, 64};

    (void)state;
    for (size_t i = 0; i < sizeof(hmac_lens) / sizeof(hmac_lens[0]); i++) {
        rig.hmac_len = hmac_lens[i];
        for (unsigned side = CLIENT; side <= SERVER; side++) {
            make_reset(side);
            assert_int_equal(probe(rig.packet.bytes, rig.packet.len), NTA_PARSE_OK);
            make_number(&rig.packet, 0, 1);
            assert_int_equal(probe(rig.packet.bytes, rig.packet.len), NTA_PARSE_OTHER);
            rig.packet.bytes[rig.packet.len - 2] ^= 1;
            assert_int_equal(probe(rig.packet.bytes, rig.packet.len - 1), NTA_PARSE_OTHER);
        }
    }
    make_piece(CLIENT, 0);
    assert_int_equal(probe(rig.packet.bytes, rig.packet.len), NTA_PARSE_OTHER);
}

static void every_prefix_wants_more_over_tcp_and_is_nothing_over_udp(void **state)
{
    static struct maker framed;

    (void)state;
    make_reset(CLIENT);
    framed.len = 0;
    make_number(&framed, rig.packet.len, 2);
    make(&framed, rig.packet.bytes, rig.packet.len);
    for (size_t n = 0; n < rig.packet.len; n++)
        assert_int_equal(probe(rig.packet.bytes, n), NTA_PARSE_OTHER);
    rig.play.io.is_stream = true;
    for (size_t n = 0; n < framed.len; n++)
        assert_int_equal(probe(framed.bytes, n), NTA_PARSE_MORE);
    assert_int_equal(probe(framed.bytes, framed.len), NTA_PARSE_OK);
}

static void a_hello_in_pieces_is_reported(void **state)
{
    (void)state;
    for (rig.hmac_len = 0; rig.hmac_len <= 20; rig.hmac_len += 20) {
        play_again(&rig.play);
        make_reset(CLIENT);
        send_packet(CLIENT);
        make_reset(SERVER);
        send_packet(SERVER);
        for (uint32_t i = 0; i < N_PIECES; i++) {
            make_piece(CLIENT, i);
            send_packet(CLIENT);
            send_packet(CLIENT); /* sent again */
        }
        assert_named();
    }
}

static void pieces_in_any_order_are_put_together(void **state)
{
    (void)state;
    assert_true(N_PIECES > 4);
    make_reset(CLIENT);
    send_packet(CLIENT);
    for (uint32_t i = N_PIECES; i-- > 0;) {
        make_piece(CLIENT, i ^ (i < (N_PIECES & ~1U))); /* 5 4 3 2 1 0, by pairs the other way */
        send_packet(CLIENT);
    }
    assert_named();
}

static void who_resets_first_is_the_client_whoever_is_seen_first(void **state)
{
    (void)state;
    make_reset(SERVER);
    send_packet(CLIENT);
    assert_true(rig.play.io.swap);
}

static void a_hello_that_is_cut_is_reported_at_the_end(void **state)
{
    (void)state;
    make_reset(CLIENT);
    send_packet(CLIENT);
    for (uint32_t i = 0; i + 1 < N_PIECES; i++) {
        make_piece(CLIENT, i);
        send_packet(CLIENT);
    }
    assert_int_equal(rig.play.n_events, 0);
    (void)play_end(&rig.play);
    assert_named();
}

static void data_ends_it(void **state)
{
    (void)state;
    make_reset(CLIENT);
    send_packet(CLIENT);
    begin_packet(CLIENT, ACK);
    send_packet(CLIENT);
    assert_false(rig.play.io.done_both);
    begin_packet(CLIENT, DATA);
    send_packet(CLIENT);
    assert_true(rig.play.io.done_both);
}

static void what_is_sealed_is_recognised_and_left(void **state)
{
    (void)state;
    rig.play.io.wall_ns = INT64_C(1700000500) * 1000000000;
    rig.packet.len = 0;
    make_number(&rig.packet, RESET_CLIENT, 1);
    make(&rig.packet, "clientid", 8);
    make_number(&rig.packet, UINT64_C(0x0f000001) << 32 | 1700000000, 8);
    make_fill(&rig.packet, 0x77, 32 + 5);
    assert_int_equal(probe(rig.packet.bytes, rig.packet.len), NTA_PARSE_OK);
    send_packet(CLIENT);
    assert_true(rig.play.io.done_both);
    rig.play.io.wall_ns = 0; /* another time: these are other bytes */
    assert_int_equal(probe(rig.packet.bytes, rig.packet.len), NTA_PARSE_OTHER);
}

static void cut_and_flipped_packets_do_no_harm(void **state)
{
    (void)state;
    for (size_t at = 0; at < 1120; at++) {
        memset(rig.play.state, 0, sizeof(rig.play.state));
        rig.play.io.done_both = rig.play.io.swap = false;
        make_reset(CLIENT);
        (void)feed(CLIENT, rig.packet.len);
        make_piece(CLIENT, 1);
        (void)feed(CLIENT, at < rig.packet.len ? at : rig.packet.len);
        rig.packet.bytes[at / 8 % rig.packet.len] ^= (uint8_t)(1U << at % 8);
        (void)feed(CLIENT, rig.packet.len);
        make_piece(CLIENT, 0);
        rig.packet.bytes[at / 8 % rig.packet.len] ^= (uint8_t)(1U << at % 8);
        (void)feed(CLIENT, rig.packet.len);
        nta_proto_openvpn.end(rig.play.state, &rig.play.io);
    }
}

static void content_without_end_is_bounded(void **state)
{
    (void)state;
    memset(hello.bytes, 0x16, sizeof(hello.bytes));
    hello.bytes[1] = hello.bytes[2] = 3;
    hello.len = sizeof(hello.bytes);
    make_reset(CLIENT);
    send_packet(CLIENT);
    for (uint32_t i = 0; i < 100 && !rig.play.io.done_both; i++) {
        make_piece(CLIENT, i);
        (void)feed(CLIENT, rig.packet.len);
    }
    assert_true(rig.play.io.done_both);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(resets_are_known_with_each_kind_of_hmac),
        TEST(every_prefix_wants_more_over_tcp_and_is_nothing_over_udp),
        TEST(a_hello_in_pieces_is_reported),
        TEST(pieces_in_any_order_are_put_together),
        TEST(who_resets_first_is_the_client_whoever_is_seen_first),
        TEST(a_hello_that_is_cut_is_reported_at_the_end),
        TEST(data_ends_it),
        TEST(what_is_sealed_is_recognised_and_left),
        TEST(cut_and_flipped_packets_do_no_harm),
        TEST(content_without_end_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
