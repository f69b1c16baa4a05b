/* SPDX-License-Identifier: Apache-2.0 */
#include "hello.h"
#include "play.h"
#include "proto/tls/dtls.h"
#include "unit.h"

static struct maker body;

/* The hand-made ClientHello's body, with a cookie as DTLS has it. */
static void make_body(void)
{
    static struct maker message;

    message.len = body.len = 0;
    make_client_hello(&message, "www.example.com", 0);
    make(&body, message.bytes + 4, 35);
    body.bytes[0] = 0xfe;
    body.bytes[1] = 0xfd;
    make(&body, "\4cook", 5);
    make(&body, message.bytes + 39, message.len - 39);
}

static void make_fragment(struct maker *datagram, size_t begin, size_t end, uint16_t sequence)
{
    make_number(datagram, 0x16fefd0000, 5);
    make_number(datagram, begin, 6);
    make_number(datagram, 12 + end - begin, 2);
    make_number(datagram, 1, 1);
    make_number(datagram, body.len, 3);
    make_number(datagram, sequence, 2);
    make_number(datagram, begin, 3);
    make_number(datagram, end - begin, 3);
    make(datagram, body.bytes + begin, end - begin);
}

struct rig
{
    struct nta_play play;
    struct maker datagram;
};

static struct rig rig;

static int setup(void **state)
{
    (void)state;
    rig.datagram.len = 0;
    play_done(&rig.play);
    play_begin(&rig.play, &nta_proto_dtls, false, 443);
    make_body();
    return 0;
}

static enum nta_parse send_datagram(void)
{
    struct nta_span bytes = {rig.datagram.bytes, rig.datagram.len};

    rig.datagram.len = 0;
    return play_call(&rig.play, NTA_FROM_CLIENT, bytes);
}

static void expect_hello(void)
{
    const char *expected =
        "dtls client name=www.example.com alpn=h2,http/1.1 versions=0304,0303 ja4=d";

    assert_int_equal(rig.play.n_events, 1);
    assert_memory_equal(play_said(&rig.play), expected, strlen(expected));
    assert_true(rig.play.io.done_both);
}

static void a_hello_in_one_datagram_is_reported(void **state)
{
    (void)state;
    make_fragment(&rig.datagram, 0, body.len, 0);
    assert_int_equal(
        nta_proto_dtls.probe(&rig.play.io, (struct nta_span){rig.datagram.bytes, rig.datagram.len}),
        NTA_PARSE_OK);
    assert_int_equal(send_datagram(), NTA_PARSE_OK);
    expect_hello();
}

static void fragments_in_any_order_are_put_together(void **state)
{
    (void)state;
    make_fragment(&rig.datagram, 60, body.len, 1);
    assert_int_equal(send_datagram(), NTA_PARSE_OK);
    make_fragment(&rig.datagram, 20, 70, 1);
    make_fragment(&rig.datagram, 0, 20, 1);
    assert_int_equal(send_datagram(), NTA_PARSE_OK);
    expect_hello();
}

static void fragments_of_another_message_do_not_mix(void **state)
{
    (void)state;
    make_fragment(&rig.datagram, 0, 60, 0);
    make_fragment(&rig.datagram, 60, body.len, 1);
    assert_int_equal(send_datagram(), NTA_PARSE_OK);
    assert_int_equal(rig.play.n_events, 0);
}

static void every_prefix_wants_more(void **state)
{
    static struct maker whole;

    (void)state;
    whole.len = 0;
    make_fragment(&whole, 0, body.len, 0);
    for (size_t n = 1; n < whole.len; n++) {
        make(&rig.datagram, whole.bytes, n);
        memset(rig.play.state, 0, sizeof(rig.play.state));
        assert_int_equal(send_datagram(), NTA_PARSE_MORE);
        assert_int_equal(nta_proto_dtls.probe(&rig.play.io, (struct nta_span){whole.bytes, n}),
                         NTA_PARSE_OTHER);
    }
    assert_int_equal(rig.play.n_events, 0);
}

static void flipped_bytes_do_no_harm(void **state)
{
    static struct maker whole;

    (void)state;
    whole.len = 0;
    make_fragment(&whole, 0, body.len, 0);
    for (size_t at = 0; at < whole.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            whole.bytes[at] ^= (uint8_t)(1U << bit);
            make(&rig.datagram, whole.bytes, whole.len);
            memset(rig.play.state, 0, sizeof(rig.play.state));
            rig.play.io.done_both = false;
            (void)send_datagram();
            whole.bytes[at] ^= (uint8_t)(1U << bit);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_hello_in_one_datagram_is_reported),
        TEST(fragments_in_any_order_are_put_together),
        TEST(fragments_of_another_message_do_not_mix),
        TEST(every_prefix_wants_more),
        TEST(flipped_bytes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
