/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/recognised/git.h"
#include "unit.h"

#define ASKS    "0033git-upload-pack /project.git\0host=myserver.com\0"
#define ASKS_V2 "003dgit-upload-pack /project.git\0host=git.example\0\0version=2\0"
#define REFS    "0032348534c760d2f56ecf93f8d67b84c5f0aba077c1 HEAD\0"

static struct nta_play play;

static int setup(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_git, true, 9418);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    play_done(&play);
    return 0;
}

#define SEND(side, literal)  play_data(&play, side, literal, sizeof(literal) - 1)
#define PROBE(side, literal) play_probe(&play, side, literal, sizeof(literal) - 1)

static void a_request_and_the_answer_end_it(void **state)
{
    (void)state;
    assert_int_equal(PROBE(0, ASKS), NTA_PARSE_OK);
    assert_int_equal(PROBE(0, ASKS_V2), NTA_PARSE_OK);
    assert_int_equal(PROBE(0, "0015git-receive-pack /\n"), NTA_PARSE_OTHER); /* 23 bytes */
    assert_int_equal(PROBE(0, "0017git-receive-pack /\n"), NTA_PARSE_OK);
    SEND(0, ASKS);
    assert_true(!play.done[0] && !play.done[1]);
    assert_string_equal(play_said(&play),
                        "git begin method=git-upload-pack host=myserver.com path=/project.git\n"
                        "git end method=git-upload-pack host=myserver.com path=/project.git\n");
    SEND(1, REFS);
    assert_true(play.done[0] && play.done[1] && !play.swapped);
}

static void the_host_is_told_as_the_client_wrote_it(void **state)
{
    static const struct
    {
        const char *parameters, *told;
    } rows[] = {
        {"host=g.example:9418", " host=g.example port=9418"},
        {"host=[2001:db8::1]:99", " host=[2001:db8::1] port=99"},
        {"HOST=[2001:db8::1]", " host=[2001:db8::1]"},
        {"x=y\1host=g.example", " host=g.example"},
        {"host=g.example:65536", ""},
        {"host=g.example:9a", ""},
        {"host=", ""},
        {"version=2", ""},
    };

    char asks[96], told[256];

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        const int len = snprintf(asks, sizeof(asks), "%04zxgit-receive-pack /r%c%s%c",
                                 25 + strlen(rows[i].parameters), 1, rows[i].parameters, 1);

        for (int at = 0; at < len; at++) {
            if (asks[at] == 1)
                asks[at] = 0;
        }
        play_again(&play);
        play_data(&play, 0, asks, (size_t)len);
        assert_int_equal(play.last, NTA_PARSE_OK);
        (void)snprintf(told, sizeof(told),
                       "git begin method=git-receive-pack%s path=/r to_server=1\n"
                       "git end method=git-receive-pack%s path=/r to_server=1\n",
                       rows[i].told, rows[i].told);
        assert_string_equal(play_said(&play), told);
    }
}

static void byte_by_byte_it_is_the_same(void **state)
{
    const struct nta_span asks = {(const uint8_t *)ASKS, sizeof(ASKS) - 1};

    (void)state;
    (void)play_stream(&play, 0, asks, 1);
    assert_false(play.done[0]);
    (void)play_stream(&play, 1, nta_span_of("0000"), 1);
    assert_true(play.done[0] && play.done[1]);
}

static void whoever_asks_is_the_client(void **state)
{
    (void)state;
    assert_int_equal(PROBE(1, ASKS), NTA_PARSE_OK);
    SEND(1, ASKS);
    assert_true(play.swapped);
    SEND(0, "003cERR access denied or repository not exported: /project.git");
    assert_true(play.done[0] && play.done[1]);
    play_again(&play);
    play.io.saw_syn = true;
    assert_int_equal(PROBE(1, ASKS), NTA_PARSE_OTHER);
}

/** An archive is asked for in several packets, behind which the answer is waited for. */
static void a_client_may_go_on_in_packets(void **state)
{
    (void)state;
    SEND(0, "0021git-upload-archive /p\0host=h\0"
            "0012argument HEAD\n0000");
    SEND(0, "0000");
    assert_int_equal(play.last, NTA_PARSE_OK);
    assert_false(play.done[0]);
    SEND(1, "0008ACK\n");
    assert_true(play.done[0]);
}

static void a_part_may_be_it(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(ASKS) - 1; n++)
        assert_int_equal(play_probe(&play, 0, ASKS, n), n > 0 ? NTA_PARSE_MORE : NTA_PARSE_OTHER);
}

static void what_asks_for_nothing_is_other(void **state)
{
    static const char *const others[] = {
        "0000",
        "0004",
        "0401git-upload-pack /",
        "ffffgit-upload-pack /",
        "0033git-upload-pack p",
        "0033git-upload-pack /\r\n",
        "0033git-upload-pack /\x16\3\1",
        "0033git-upload-pack /\n/x",
        "0010git-upload-pack /",
        "0033GIT-UPLOAD-PACK /",
        "001ggit-upload-pack /",
        "GET / HTTP/1.1\r\n",
        REFS,
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(others); i++)
        assert_int_equal(play_probe(&play, 0, others[i], strlen(others[i])), NTA_PARSE_OTHER);
    play.io.is_stream = false;
    assert_int_equal(PROBE(0, ASKS), NTA_PARSE_OTHER);
    play.io.is_stream = true;
    play.io.expected_by = NTA_APP_FTP;
    assert_int_equal(PROBE(0, ASKS), NTA_PARSE_OTHER);
}

/** One side can say anything: its word alone hides nothing. */
static void whoever_goes_on_otherwise_speaks_another(void **state)
{
    (void)state;
    SEND(0, ASKS);
    SEND(1, "HTTP/1.1 400 Bad Request\r\n");
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    play_again(&play);
    SEND(0, ASKS "GET / HTTP/1.1\r\n");
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    play_again(&play);
    SEND(0, ASKS);
    SEND(0, "\x16\3\1\2\0");
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    assert_false(play.done[0]);
}

static void flipped_bytes_do_no_harm(void **state)
{
    char asks[sizeof(ASKS)] = ASKS;

    (void)state;
    for (size_t at = 0; at < (sizeof(ASKS) - 1) * 8; at++) {
        asks[at / 8] = (char)(asks[at / 8] ^ 1 << at % 8);
        play_again(&play);
        play_data(&play, 0, asks, sizeof(asks) - 1);
        assert_true(at / 8 < 4 || at / 8 >= 21 || play.last == NTA_PARSE_OTHER);
        asks[at / 8] = (char)(asks[at / 8] ^ 1 << at % 8);
    }
}

int main(void)
{
#define IN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN(a_request_and_the_answer_end_it), IN(the_host_is_told_as_the_client_wrote_it),
        IN(byte_by_byte_it_is_the_same),     IN(whoever_asks_is_the_client),
        IN(a_client_may_go_on_in_packets),   IN(a_part_may_be_it),
        IN(what_asks_for_nothing_is_other),  IN(whoever_goes_on_otherwise_speaks_another),
        IN(flipped_bytes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
