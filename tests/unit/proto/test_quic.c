/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/quic/quic.h"
#include "seal.h"
#include "unit.h"

#define HELLO_START "quic client name=www.example.com alpn=h2,http/1.1 versions=0304,0303 ja4=q13d"

static const char cid_one[] = "\x83\x94\xc8\xf0\x3e\x51\x57\x08";
static const char cid_two[] = "abcdefgh";

struct rig
{
    struct nta_play play;
    struct maker hello, frames, datagram;
    struct seal seal;
};

static void rig_reset(struct rig *rig)
{
    play_done(&rig->play);
    play_begin(&rig->play, &nta_proto_quic, false, 443);
    rig->frames.len = rig->datagram.len = 0;
    rig->seal = (struct seal){.version = 1, .cid = cid_one, .payload_len = 1162};
}

static void rig_hello(struct rig *rig, size_t pad)
{
    rig->hello.len = 0;
    make_client_hello(&rig->hello, "www.example.com", pad);
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    if (!rig)
        return -1;
    rig_reset(rig);
    rig_hello(rig, 0);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    play_done(&rig->play);
    free(rig);
    return 0;
}

/* Seal the frames that are there into the datagram. */
static void seal_frames(struct rig *rig)
{
    rig->seal.frames = rig->frames.bytes;
    rig->seal.frames_len = rig->frames.len;
    if (rig->seal.payload_len < rig->frames.len)
        rig->seal.payload_len = rig->frames.len;
    seal_initial(&rig->datagram, &rig->seal);
    rig->seal.number++;
    rig->frames.len = 0;
}

static enum nta_parse send_bytes(struct rig *rig, enum nta_side side, struct nta_span bytes)
{
    return play_call(&rig->play, side, bytes);
}

static enum nta_parse send_datagram(struct rig *rig, enum nta_side side)
{
    enum nta_parse verdict =
        send_bytes(rig, side, (struct nta_span){rig->datagram.bytes, rig->datagram.len});

    rig->datagram.len = 0;
    return verdict;
}

static void expect_hello(struct rig *rig)
{
    const char *said = play_said(&rig->play);

    assert_int_equal(rig->play.n_events, 1);
    said += rig->play.io.swap ? strlen("swapped ") : 0;
    assert_memory_equal(said, HELLO_START, strlen(HELLO_START));
    assert_true(rig->play.io.done_both);
}

static void a_hello_in_one_packet_is_reported_for_every_version(void **state)
{
    struct rig *rig = *state;
    const uint32_t versions[] = {1,          0x6b3343cf, 0x709a50c4, 0xff00001d, 0xff000020,
                                 0xff000021, 0xff000022, 0xff00001b, 0xfaceb001, 0xfaceb002};

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        rig_reset(rig);
        rig->seal.version = versions[i];
        seal_crypto(&rig->frames, rig->hello.bytes, 0, rig->hello.len);
        seal_frames(rig);
        assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
        expect_hello(rig);
        assert_false(rig->play.io.swap);
    }
}

static void
a_hello_that_asks_for_a_version_negotiation_is_opened_with_the_keys_hoped_for(void **state)
{
    struct rig *rig = *state;
    const uint32_t hoped_for[] = {1, 0xff00001d};

    for (size_t i = 0; i < 2; i++) {
        rig_reset(rig);
        rig->seal.version = 0x1a2a3a4a;
        rig->seal.key_version = hoped_for[i];
        rig->seal.payload_len = 1200;
        seal_crypto(&rig->frames, rig->hello.bytes, 0, rig->hello.len);
        seal_frames(rig);
        assert_int_equal(nta_proto_quic.probe(&rig->play.io, (struct nta_span){rig->datagram.bytes,
                                                                               rig->datagram.len}),
                         NTA_PARSE_OK);
        assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
        expect_hello(rig);
    }
}

static void frames_in_any_order_with_pings_and_overlaps_are_put_together(void **state)
{
    struct rig *rig = *state;
    size_t len = rig->hello.len;

    make_number(&rig->frames, 1, 1);
    seal_crypto(&rig->frames, rig->hello.bytes, 60, len);
    make_number(&rig->frames, 0, 3);
    seal_crypto(&rig->frames, rig->hello.bytes, 10, 30);
    seal_crypto(&rig->frames, rig->hello.bytes, 20, 62);
    make_number(&rig->frames, 1, 1);
    seal_crypto(&rig->frames, rig->hello.bytes, 0, 12);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    expect_hello(rig);
}

static void a_hello_over_three_datagrams_in_any_order_is_reported(void **state)
{
    struct rig *rig = *state;
    const size_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}};

    rig_hello(rig, 2900);
    for (size_t i = 0; i < 4; i++) {
        rig_reset(rig);
        for (size_t n = 0; n < 3; n++) {
            size_t begin = orders[i][n] * 1100;
            size_t end = begin + 1100 < rig->hello.len ? begin + 1100 : rig->hello.len;

            assert_int_equal(rig->play.n_events, 0);
            seal_crypto(&rig->frames, rig->hello.bytes, begin, end);
            seal_frames(rig);
            assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
        }
        expect_hello(rig);
    }
}

static void coalesced_packets_are_walked(void **state)
{
    struct rig *rig = *state;

    make_number(&rig->datagram, 0xd1, 1); /* 0-RTT in front */
    make_number(&rig->datagram, 1, 4);
    make_number(&rig->datagram, 0, 2);
    make_number(&rig->datagram, 20, 1);
    make_fill(&rig->datagram, 9, 20);
    rig->seal.payload_len = 200;
    seal_crypto(&rig->frames, rig->hello.bytes, 0, 50);
    seal_frames(rig);
    seal_crypto(&rig->frames, rig->hello.bytes, 50, rig->hello.len);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    expect_hello(rig);
}

static void packets_to_another_id_in_the_datagram_are_passed_over(void **state)
{
    struct rig *rig = *state;

    rig->seal.cid = cid_two;
    rig->seal.key_cid = "whatever";
    seal_crypto(&rig->frames, rig->hello.bytes, 0, 50);
    seal_frames(rig);
    rig->seal.cid = cid_one;
    rig->seal.key_cid = NULL;
    seal_crypto(&rig->frames, rig->hello.bytes, 0, rig->hello.len);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    assert_int_equal(rig->play.n_events, 0);
}

static void what_cannot_be_opened_needs_no_memory(void **state)
{
    struct rig *rig = *state;

    rig->seal.key_cid = "whatever";
    seal_crypto(&rig->frames, rig->hello.bytes, 0, 50);
    seal_frames(rig);
    (void)send_datagram(rig, NTA_FROM_CLIENT);
    assert_true(rig->play.io.idle);
    rig->seal.key_cid = NULL;
    seal_crypto(&rig->frames, rig->hello.bytes, 0, 50);
    seal_frames(rig);
    (void)send_datagram(rig, NTA_FROM_CLIENT);
    assert_false(rig->play.io.idle);
}

static void the_second_bit_may_be_anything(void **state)
{
    struct rig *rig = *state;

    rig->seal.grease = true;
    rig->seal.payload_len = 1300;
    seal_crypto(&rig->frames, rig->hello.bytes, 0, rig->hello.len);
    seal_frames(rig);
    assert_int_equal(nta_proto_quic.probe(
                         &rig->play.io, (struct nta_span){rig->datagram.bytes, rig->datagram.len}),
                     NTA_PARSE_OK);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    expect_hello(rig);
}

static void the_servers_packets_in_between_do_no_harm(void **state)
{
    struct rig *rig = *state;

    seal_crypto(&rig->frames, rig->hello.bytes, 0, 50);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    rig->seal.key_cid = "whatever";
    rig->seal.cid = cid_two;
    seal_crypto(&rig->frames, rig->hello.bytes, 0, 50);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_SERVER), NTA_PARSE_OK);
    rig->seal.key_cid = cid_one; /* the client answers to the server's id, with the old keys */
    seal_crypto(&rig->frames, rig->hello.bytes, 50, rig->hello.len);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    expect_hello(rig);
}

static void a_retry_changes_the_keys_and_begins_anew(void **state)
{
    struct rig *rig = *state;

    seal_crypto(&rig->frames, rig->hello.bytes, 30, 50);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    make_number(&rig->datagram, 0xf0000000010008, 7);
    make(&rig->datagram, cid_two, 8);
    make_fill(&rig->datagram, 5, 40);
    assert_int_equal(send_datagram(rig, NTA_FROM_SERVER), NTA_PARSE_OK);
    rig->seal.cid = cid_two;
    seal_crypto(&rig->frames, rig->hello.bytes, 0, rig->hello.len);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    expect_hello(rig);
}

static void a_version_negotiation_is_followed(void **state)
{
    struct rig *rig = *state;
    struct nta_span datagram = {rig->datagram.bytes, 1200};

    make_number(&rig->datagram, 0xca1a2a3a4a, 5);
    make_number(&rig->datagram, 8, 1);
    make(&rig->datagram, cid_one, 8);
    make_fill(&rig->datagram, 0, 1200 - rig->datagram.len);
    assert_int_equal(nta_proto_quic.probe(&rig->play.io, datagram), NTA_PARSE_OK);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    make_number(&rig->datagram, 0x80000000000008, 7);
    make(&rig->datagram, cid_one, 8);
    make_number(&rig->datagram, 0x00000001, 4);
    datagram.len = rig->datagram.len;
    assert_int_equal(nta_proto_quic.probe(&rig->play.io, datagram), NTA_PARSE_OK);
    assert_int_equal(send_datagram(rig, NTA_FROM_SERVER), NTA_PARSE_OK);
    seal_crypto(&rig->frames, rig->hello.bytes, 0, rig->hello.len);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    expect_hello(rig);
}

static void a_hello_from_the_server_turns_the_sides(void **state)
{
    struct rig *rig = *state;

    seal_crypto(&rig->frames, rig->hello.bytes, 0, rig->hello.len);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_SERVER), NTA_PARSE_OK);
    expect_hello(rig);
    assert_true(rig->play.io.swap);
}

static void an_incomplete_hello_tells_its_name_at_the_end(void **state)
{
    struct rig *rig = *state;

    seal_crypto(&rig->frames, rig->hello.bytes, 0, rig->hello.len - 10);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    assert_int_equal(rig->play.n_events, 0);
    (void)play_end(&rig->play);
    assert_string_equal(play_said(&rig->play),
                        "quic client name=www.example.com versions=0304,0303 cut ja4=\n");
}

static void a_flow_that_cannot_be_opened_is_given_up(void **state)
{
    struct rig *rig = *state;
    unsigned n = 0;

    do {
        rig->seal.key_cid = "whatever";
        seal_frames(rig);
        assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    } while (!rig->play.io.done_both && ++n < 100);
    assert_true(n < 20);
    assert_int_equal(rig->play.n_events, 0);
}

static void googles_hello_in_clear_is_reported(void **state)
{
    struct rig *rig = *state;
    const char *expected = "quic client name=www.example.org ja4=\n";

    make_number(&rig->datagram, 0x0d, 1);
    make(&rig->datagram, cid_one, 8);
    make(&rig->datagram, "Q043\x01............\xa0\x01\x04\x00", 21);
    make_google_hello(&rig->datagram, "www.example.org");
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    assert_string_equal(play_said(&rig->play), expected);

    rig_reset(rig);
    make(&rig->datagram, "\xc3Q046\x50", 6);
    make(&rig->datagram, cid_one, 8);
    make(&rig->datagram, "\0\0\0\x01............\xa0\x01\x04\x00", 20);
    make_google_hello(&rig->datagram, "www.example.org");
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    assert_string_equal(play_said(&rig->play), expected);
}

static void googles_sealed_hello_is_reported(void **state)
{
    struct rig *rig = *state;

    rig->hello.len = 0;
    make_google_hello(&rig->hello, "www.example.org");
    rig->seal.version = 0x51303530;
    make_number(&rig->frames, 8, 1);
    make_number(&rig->frames, 0, 1);
    make_number(&rig->frames, 0x4000 | rig->hello.len, 2);
    make(&rig->frames, rig->hello.bytes, rig->hello.len);
    seal_frames(rig);
    assert_int_equal(send_datagram(rig, NTA_FROM_CLIENT), NTA_PARSE_OK);
    assert_string_equal(play_said(&rig->play), "quic client name=www.example.org ja4=\n");
}

static void every_prefix_wants_more_or_tells_nothing(void **state)
{
    struct rig *rig = *state;
    size_t len = 0;

    seal_crypto(&rig->frames, rig->hello.bytes, 0, rig->hello.len);
    seal_frames(rig);
    len = rig->datagram.len;
    for (size_t n = 0; n < len; n++) {
        struct nta_span cut = {rig->datagram.bytes, n};
        enum nta_parse probed = nta_proto_quic.probe(&rig->play.io, cut);

        memset(rig->play.state, 0, sizeof(rig->play.state));
        rig->play.io.memo = 0;

        enum nta_parse verdict = send_bytes(rig, NTA_FROM_CLIENT, cut);

        assert_true(n == 0 || verdict == NTA_PARSE_MORE);
        assert_true(probed == NTA_PARSE_OK || probed == NTA_PARSE_OTHER);
        assert_int_equal(rig->play.n_events, 0);
    }
}

static void flipped_bytes_do_no_harm(void **state)
{
    struct rig *rig = *state;

    rig->seal.payload_len = 200;
    seal_crypto(&rig->frames, rig->hello.bytes, 0, rig->hello.len);
    seal_frames(rig);
    for (size_t at = 0; at < rig->datagram.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct nta_span datagram = {rig->datagram.bytes, rig->datagram.len};

            rig->datagram.bytes[at] ^= (uint8_t)(1U << bit);
            memset(rig->play.state, 0, sizeof(rig->play.state));
            (void)nta_proto_quic.probe(&rig->play.io, datagram);
            (void)send_bytes(rig, NTA_FROM_CLIENT, datagram);
            assert_int_equal(rig->play.n_events, 0);
            rig->datagram.bytes[at] ^= (uint8_t)(1U << bit);
        }
    }
}

static void the_probe_refuses_what_is_not_quic(void **state)
{
    struct rig *rig = *state;

    const struct
    {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www", 16}, /* DNS */
        {"\x80\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00", 12},        /* no fixed bit */
        {"\xc0\x00\x00\x00\x01\xff\x00\x00\x00\x00\x00\x00", 12}, /* connection id too long */
        {"\x40\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00", 12}, /* short header */
        {"\xc0\x12\x34\x56\x78\x00\x00\x00\x00\x00\x00\x00", 12}, /* no such version */
        {"\xca\x0a\x0a\x0a\x0a\x00\x00\x00\x00\x00\x00\x00", 12}, /* reserved, but short */
        {"\x80\x00\x00\x00\x00\x00\x00\x12\x34\x56\x78\x9a", 12}, /* an odd list of versions */
        {"\x09....zzzzQ999....", 17},
        {"", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct nta_span first = {(const uint8_t *)cases[i].bytes, cases[i].len};

        assert_int_equal(nta_proto_quic.probe(&rig->play.io, first), NTA_PARSE_OTHER);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_hello_in_one_packet_is_reported_for_every_version),
        TEST(a_hello_that_asks_for_a_version_negotiation_is_opened_with_the_keys_hoped_for),
        TEST(frames_in_any_order_with_pings_and_overlaps_are_put_together),
        TEST(a_hello_over_three_datagrams_in_any_order_is_reported),
        TEST(coalesced_packets_are_walked),
        TEST(packets_to_another_id_in_the_datagram_are_passed_over),
        TEST(what_cannot_be_opened_needs_no_memory),
        TEST(the_second_bit_may_be_anything),
        TEST(the_servers_packets_in_between_do_no_harm),
        TEST(a_retry_changes_the_keys_and_begins_anew),
        TEST(a_version_negotiation_is_followed),
        TEST(a_hello_from_the_server_turns_the_sides),
        TEST(an_incomplete_hello_tells_its_name_at_the_end),
        TEST(a_flow_that_cannot_be_opened_is_given_up),
        TEST(googles_hello_in_clear_is_reported),
        TEST(googles_sealed_hello_is_reported),
        TEST(every_prefix_wants_more_or_tells_nothing),
        TEST(flipped_bytes_do_no_harm),
        TEST(the_probe_refuses_what_is_not_quic),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
