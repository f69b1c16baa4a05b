/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/tls/stun.h"
#include "unit.h"

/*
 * RFC 5769 section 2.2, a response, without its fingerprint and integrity: SOFTWARE and
 * XOR-MAPPED-ADDRESS.
 */
static const char response[] =
    "\1\1\0\x1c\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
    "\x80\x22\0\x0btest vector\x20\0\x20\0\x08\0\1\xa1\x47\xe1\x12\xa6\x43";

/* The head of a ClientHello's only fragment; its body is not read here. */
static const char hello[] = "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0e\1\0\0\2\0\0\0\0\0\0\0\2xy";

static struct nta_play play;

#define PROBE(literal) play_probe(&play, 0, literal, sizeof(literal) - 1)

static int setup(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_stun, false, 3478);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)play_end(&play);
    play_done(&play);
    return 0;
}

static void messages_are_known_by_cookie_and_length(void **state)
{
    (void)state;
    assert_int_equal(PROBE(response), NTA_PARSE_OK);
    assert_int_equal(PROBE(hello), NTA_PARSE_OTHER);
    for (size_t n = 0; n < sizeof(response) - 1; n++)
        assert_int_equal(play_probe(&play, 0, response, n), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, response, sizeof(response)), NTA_PARSE_OTHER);
    play.io.is_stream = true;
    assert_int_equal(PROBE(response), NTA_PARSE_OTHER);
}

static void the_realm_of_an_error_is_told(void **state)
{
    /* RFC 8656 section 17, the first answer to Allocate: 401, a nonce, a realm, its padding */
    static const char refused[] = "\1\x13\0\x28\x21\x12\xa4\x42"
                                  "abcdefghijkl"
                                  "\0\x09\0\x04\0\0\4\1"
                                  "\0\x15\0\x05nonce\0\0\0"
                                  "\0\x14\0\x0dturn.example.\0\0\0";
    char other[sizeof(refused)];

    (void)state;
    play_data(&play, 1, refused, sizeof(refused) - 1);
    assert_string_equal(play_said(&play), "stun realm name=turn.example.\n");
    memcpy(other, refused, sizeof(other));
    other[1] = 3; /* a request says the realm that the client wants */
    other[0] = 0;
    play_again(&play);
    play_data(&play, 0, other, sizeof(other) - 1);
    assert_int_equal(play.n_events, 0);
    for (size_t i = 20; i < sizeof(refused) - 1; i++) {
        memcpy(other, refused, sizeof(other));
        other[i] = (char)0xff;
        play_again(&play);
        play_data(&play, 1, other, sizeof(other) - 1);
        assert_true(play.n_events <= 1);
    }
}

static void dtls_behind_messages_is_handed_over(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        play_data(&play, i % 2, response, sizeof(response) - 1);
    assert_false(play.handover || play.done[0]);
    play_data(&play, 1, hello, sizeof(hello) - 1);
    assert_true(play.handover && !play.done[0]);
}

static void what_a_relay_passes_on_is_handed_over(void **state)
{
    static const char channel[] = "\x40\1\0\x1b\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0e\1\0\0\2\0\0\0"
                                  "\0\0\0\0\2xy\0",
                      sent[] = "\0\x16\0\x20\x21\x12\xa4\x42"
                               "abcdefghijkl"
                               "\0\x13\0\x1b\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0e\1\0\0\2\0\0\0"
                               "\0\0\0\0\2xy\0",
                      media[] = "\x40\1\0\4\x80\x60\1\2";

    (void)state;
    assert_int_equal(PROBE(channel), NTA_PARSE_OK);
    assert_int_equal(PROBE(sent), NTA_PARSE_OK);
    play_data(&play, 0, media, sizeof(media) - 1);
    assert_false(play.handover);
    play_data(&play, 0, channel, sizeof(channel) - 1);
    assert_true(play.handover);
    const struct nta_span content = nta_stun_content(
        &play.io, (struct nta_span){(const uint8_t *)channel, sizeof(channel) - 1});

    assert_int_equal(content.len, sizeof(hello) - 1);
    assert_memory_equal(content.ptr, hello, content.len);
    play_again(&play);
    play_data(&play, 0, sent, sizeof(sent) - 1);
    assert_true(play.handover);
    for (size_t n = 0; n < sizeof(sent) - 1; n++) {
        uint8_t *cut = malloc(n + 1);

        assert_non_null(cut);
        memcpy(cut, sent, n);
        assert_int_equal(nta_stun_content(&play.io, (struct nta_span){cut, n}).len, 0);
        free(cut);
    }
    assert_int_equal(nta_stun_content(&play.io, nta_span_of(response)).len, 0);
    play.io.server_port = 443; /* numbers of channels say nothing elsewhere */
    assert_int_equal(PROBE(channel), NTA_PARSE_OTHER);
}

static void http_and_dns_in_a_channel_are_read_there(void **state)
{
    static const char asked[] = "\x40\1\0\x1dGET / HTTP/1.1\r\nHost: x.y\r\n\r\n\0\0\0",
                      answered[] = "\x40\1\0\x28HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                      question[] = "\x40\1\0\x15\0\7\1\0\0\1\0\0\0\0\0\0\1x\1y\0\0\1\0\1\0\0\0";

    (void)state;
    play_data(&play, 0, asked, sizeof(asked) - 1);
    play_data(&play, 1, answered, sizeof(answered) - 1);
    assert_non_null(strstr(play_said(&play), "http request method=GET host=x.y target=/"));
    assert_non_null(strstr(play_said(&play), "target=/ status=200 down=2"));
    play_data(&play, 0, question, sizeof(question) - 1);
    assert_non_null(strstr(play_said(&play), "x.y"));
    assert_false(play.handover || play.done[0]);
    play_again(&play);
    play.lends_nothing = true;
    play_data(&play, 0, asked, sizeof(asked) - 1);
    assert_null(strstr(play_said(&play), "http request"));
    play.lends_nothing = false;
}

/** He asks through the relay who is behind it: before it is told, he is the client. */
static void a_peer_who_asks_is_the_client(void **state)
{
    static const char asked[] = "\x40\1\0\x1dGET / HTTP/1.1\r\nHost: x.y\r\n\r\n\0\0\0",
                      answered[] = "\x40\1\0\x28HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                      question[] = "\x40\1\0\x15\0\7\1\0\0\1\0\0\0\0\0\0\1x\1y\0\0\1\0\1\0\0\0";

    (void)state;
    play_data(&play, 1, asked, sizeof(asked) - 1);
    assert_non_null(strstr(play_said(&play), "swapped http request method=GET host=x.y target=/ "));
    play_data(&play, 0, answered, sizeof(answered) - 1);
    assert_non_null(strstr(play_said(&play), "status=200 down=2"));
    /* what asks back as well has two clients: nothing more of it is told */
    nta_buf_clear(&play.log);
    play_data(&play, 0, question, sizeof(question) - 1);
    play_data(&play, 0, asked, sizeof(asked) - 1);
    assert_null(strstr(play_said(&play), "request"));
}

static void a_flow_without_dtls_is_given_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 63; i++)
        play_data(&play, 0, i % 2 ? "\x80media" : response, i % 2 ? 6 : sizeof(response) - 1);
    assert_false(play.done[0]);
    play_data(&play, 0, "", 0);
    assert_true(play.done[0] && play.done[1] && !play.handover);
}

static void flipped_bytes_do_no_harm(void **state)
{
    char flipped[sizeof(hello)];

    (void)state;
    for (size_t at = 0; at < (sizeof(hello) - 1) * 8; at++) {
        memcpy(flipped, hello, sizeof(hello));
        flipped[at / 8] = (char)((unsigned char)flipped[at / 8] ^ 1U << at % 8);
        play_data(&play, 0, flipped, sizeof(hello) - 1);
        assert_int_equal(play.log.len, 0);
        (void)teardown(state);
        (void)setup(state);
    }
}

int main(void)
{
#define IN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN(messages_are_known_by_cookie_and_length),  IN(the_realm_of_an_error_is_told),
        IN(dtls_behind_messages_is_handed_over),      IN(what_a_relay_passes_on_is_handed_over),
        IN(http_and_dns_in_a_channel_are_read_there), IN(a_peer_who_asks_is_the_client),
        IN(a_flow_without_dtls_is_given_up),          IN(flipped_bytes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
