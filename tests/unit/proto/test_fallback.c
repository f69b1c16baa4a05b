/* SPDX-License-Identifier: Apache-2.0 */
#include "hello.h"
#include "play.h"
#include "proto/tls/fallback.h"
#include "unit.h"

#include <stdlib.h>

struct rig
{
    struct nta_play play;
    struct maker hello;
    size_t consumed;
};

static int setup(void **state)
{
    static struct maker message;
    struct rig *rig = calloc(1, sizeof(*rig));

    if (!rig)
        return -1;
    play_begin(&rig->play, &nta_proto_fallback, true, 12345);
    message.len = 0;
    make_client_hello(&message, "www.example.com", 0);
    make_records(&rig->hello, message.bytes, message.len, 16384);
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

/* Show what is left of this side with `bytes` behind it. */
static enum nta_parse say(struct rig *rig, enum nta_side side, const void *bytes, size_t len)
{
    struct nta_buf *kept = &rig->play.kept[side];

    nta_buf_put(kept, bytes, len);
    const size_t shown = kept->len;
    const enum nta_parse verdict = play_call(&rig->play, side, nta_buf_span(kept));

    rig->consumed = shown - rig->play.n_left;
    return verdict;
}

static void say_text(struct rig *rig, enum nta_side side, const char *text)
{
    (void)say(rig, side, text, strlen(text));
    assert_false(rig->play.io.handover);
}

static void tls_after_starttls_is_handed_over(void **state)
{
    struct rig *rig = *state;
    const char *greeting = "220 mail.example.com ready\r\n";
    struct nta_span first = {(const uint8_t *)greeting, strlen(greeting)};

    assert_int_equal(nta_proto_fallback.probe(&rig->play.io, first), NTA_PARSE_OK);
    say_text(rig, NTA_FROM_SERVER, greeting);
    say_text(rig, NTA_FROM_CLIENT, "EHLO laptop\r\n");
    say_text(rig, NTA_FROM_SERVER, "250 STARTTLS\r\n");
    say_text(rig, NTA_FROM_CLIENT, "STARTTLS\r\n");
    say_text(rig, NTA_FROM_SERVER, "220 go ahead\r\n");
    for (size_t n = 0; n < 10; n++)
        assert_int_equal(say(rig, NTA_FROM_CLIENT, rig->hello.bytes + n, 1), NTA_PARSE_MORE);
    assert_int_equal(say(rig, NTA_FROM_CLIENT, rig->hello.bytes + 10, rig->hello.len - 10),
                     NTA_PARSE_OK);
    assert_true(rig->play.io.handover);
    assert_int_equal(rig->play.kept[NTA_FROM_CLIENT].len, rig->hello.len);
}

/** One segment has the command, or the head of a message that nobody knows, and the hello. */
static void a_hello_that_ends_a_segment_is_found(void **state)
{
    struct rig *rig = *state;
    static const char before[] = "\x07\x16\x03\x01\x16 starttls\r\n";
    uint8_t segment[1024];

    say_text(rig, NTA_FROM_SERVER, "* hi\r\n");
    memcpy(segment, before, sizeof(before) - 1);
    memcpy(segment + sizeof(before) - 1, rig->hello.bytes, rig->hello.len);
    segment[sizeof(before) - 1 + rig->hello.len] =
        'x'; /* more behind it: it is not said by a client */
    (void)say(rig, NTA_FROM_CLIENT, segment, sizeof(before) + rig->hello.len);
    assert_false(rig->play.io.handover);
    (void)say(rig, NTA_FROM_CLIENT, segment, sizeof(before) - 1 + rig->hello.len);
    assert_true(rig->play.io.handover);
    assert_true(rig->play.io.quoted);
    assert_int_equal(rig->consumed, sizeof(before) - 1);
    assert_int_equal(rig->play.kept[NTA_FROM_CLIENT].len, rig->hello.len);
}

/** What a server sends is no client's, whatever it looks like. */
static void a_hello_inside_what_a_server_sends_is_none(void **state)
{
    struct rig *rig = *state;
    uint8_t segment[1024] = "200 here is one: ";
    const size_t before = strlen((const char *)segment);

    say_text(rig, NTA_FROM_CLIENT, "show\r\n");
    memcpy(segment + before, rig->hello.bytes, rig->hello.len);
    (void)say(rig, NTA_FROM_SERVER, segment, before + rig->hello.len);
    assert_false(rig->play.io.handover);
}

static void short_answers_are_not_held_back(void **state)
{
    struct rig *rig = *state;
    struct nta_span first = {(const uint8_t *)"\0\0\0\x08\x04\xd2\x16\x2f", 8};

    assert_int_equal(nta_proto_fallback.probe(&rig->play.io, first), NTA_PARSE_OK);
    assert_int_equal(say(rig, NTA_FROM_CLIENT, first.ptr, first.len), NTA_PARSE_OK);
    assert_int_equal(say(rig, NTA_FROM_SERVER, "S", 1), NTA_PARSE_OK);
    assert_int_equal(rig->consumed, 1);
    assert_int_equal(say(rig, NTA_FROM_CLIENT, rig->hello.bytes, rig->hello.len), NTA_PARSE_OK);
    assert_true(rig->play.io.handover);
}

static void a_proxy_line_is_passed_over(void **state)
{
    struct rig *rig = *state;
    const char line[] = "PROXY TCP4 192.0.2.1 192.0.2.2 50000 443\r\n";

    assert_int_equal(say(rig, NTA_FROM_CLIENT, line, 3), NTA_PARSE_MORE);
    assert_int_equal(say(rig, NTA_FROM_CLIENT, line + 3, 17), NTA_PARSE_MORE);
    assert_int_equal(say(rig, NTA_FROM_CLIENT, line + 20, sizeof(line) - 21), NTA_PARSE_OK);
    assert_true(rig->play.io.handover);
    assert_int_equal(rig->consumed, sizeof(line) - 1);
    assert_string_equal(play_said(&rig->play), " forwarded addr=192.0.2.1\n");
}

static void a_binary_proxy_header_is_passed_over(void **state)
{
    struct rig *rig = *state;
    const char header[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"
                          "abcdefghijkl";

    assert_int_equal(say(rig, NTA_FROM_CLIENT, header, 20), NTA_PARSE_MORE);
    assert_int_equal(say(rig, NTA_FROM_CLIENT, header + 20, sizeof(header) - 21), NTA_PARSE_OK);
    assert_true(rig->play.io.handover);
    assert_int_equal(rig->consumed, sizeof(header) - 1);
    assert_string_equal(play_said(&rig->play), " forwarded addr=97.98.99.100\n");
}

/** What a proxy asks on its own, or does not name, is for nobody else. */
static void a_proxy_header_may_name_nobody(void **state)
{
    static const char *const lines[] = {"PROXY UNKNOWN\r\n", "PROXY TCP4 here there 1 2\r\n",
                                        "PROXY TCP4\r\n", "PROXY \r\n"};
    static const char heads[][28] = {"\r\n\r\n\0\r\nQUIT\n\x20\x11\0\x0c"
                                     "abcdefghijkl",
                                     "\r\n\r\n\0\r\nQUIT\n\x21\x31\0\x0c"
                                     "abcdefghijkl",
                                     "\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x0c"
                                     "abcdefghijkl"};
    struct rig *rig = *state;

    for (size_t i = 0; i < NTA_N_ELEMENTS(lines) + NTA_N_ELEMENTS(heads); i++) {
        const bool is_line = i < NTA_N_ELEMENTS(lines);
        const char *header = is_line ? lines[i] : heads[i - NTA_N_ELEMENTS(lines)];

        assert_int_equal(say(rig, NTA_FROM_CLIENT, header, is_line ? strlen(header) : 28),
                         NTA_PARSE_OK);
        assert_string_equal(play_said(&rig->play), "");
        play_again(&rig->play);
        rig->consumed = 0;
    }
}

static void what_another_protocol_knows_is_left_to_it(void **state)
{
    struct rig *rig = *state;
    const char *request = "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n";
    struct nta_span cut = {(const uint8_t *)request, 2};

    assert_int_equal(nta_proto_fallback.probe(&rig->play.io, cut), NTA_PARSE_MORE);
    say_text(rig, NTA_FROM_SERVER, "the middle of a page</p>");
    assert_int_equal(say(rig, NTA_FROM_CLIENT, request, strlen(request)), NTA_PARSE_OK);
    assert_true(rig->play.io.handover);
    assert_int_equal(rig->consumed, 0);
}

static void what_only_looks_like_a_hello_is_not_handed_over(void **state)
{
    struct rig *rig = *state;
    const char *cases[] = {
        "\x16\x03\x01\x02\x00\x05\x00\x01\xfc\x03\x03zzz", /* no hello */
        "\x16\x03\x01\x02\x00\x01\x00\x00\xfc\x03\x03zzz", /* shorter than its record */
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x09\x03zzz", /* version */
        "\x16\x03\x09\x02\x00\x01\x00\x01\xfc\x03\x03zzz",
    };

    say_text(rig, NTA_FROM_CLIENT, "hello, this is nobody's protocol\r\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(say(rig, NTA_FROM_CLIENT, cases[i], 14), NTA_PARSE_OK);
        assert_false(rig->play.io.handover);
    }
}

/* Else it would be handed over and come back for ever. */
static void a_hello_that_no_protocol_takes_is_not_handed_over(void **state)
{
    static const uint8_t hello[64] = {22, 3, 5, 0, 46, 1, 0, 0, 42, 3, 3}; /* of version 3.5 */
    struct rig *rig = *state;

    for (unsigned side = 0; side < 2; side++) {
        assert_int_equal(say(rig, (enum nta_side)side, hello, sizeof(hello)), NTA_PARSE_OK);
        assert_false(rig->play.io.handover);
        assert_int_equal(rig->consumed, sizeof(hello));
    }
}

static void the_watch_ends(void **state)
{
    struct rig *rig = *state;
    unsigned n = 0;

    do
        say_text(rig, NTA_FROM_CLIENT, "NOOP\r\n");
    while (!rig->play.io.done_both && ++n < 1000);
    assert_true(n < 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tls_after_starttls_is_handed_over),
        TEST(a_hello_that_ends_a_segment_is_found),
        TEST(a_hello_inside_what_a_server_sends_is_none),
        TEST(short_answers_are_not_held_back),
        TEST(a_proxy_line_is_passed_over),
        TEST(a_binary_proxy_header_is_passed_over),
        TEST(a_proxy_header_may_name_nobody),
        TEST(what_another_protocol_knows_is_left_to_it),
        TEST(what_only_looks_like_a_hello_is_not_handed_over),
        TEST(a_hello_that_no_protocol_takes_is_not_handed_over),
        TEST(the_watch_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
