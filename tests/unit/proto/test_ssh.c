/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/ssh.h"
#include "unit.h"

#define CLIENT "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"
#define SERVER "SSH-2.0-dropbear_2022.83\r\n"
#define KEX    "\0\0\0\x06\x08\x14\n\n\r\n" /* binary, with ends of lines in it */

#define CLIENT_SAID "ssh software client=OpenSSH_9.2p1 Debian-2+deb12u3\n"
#define SERVER_SAID "ssh software server=dropbear_2022.83\n"

static struct nta_play play;

static int setup(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_ssh, true, 22);
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

static void expect(const char *text)
{
    assert_string_equal(play_end(&play), text);
}

static void both_sides_say_their_software_and_no_more_is_read(void **state)
{
    (void)state;
    SEND(0, CLIENT KEX);
    assert_true(!play.done[0] && !play.done[1]);
    SEND(1, SERVER KEX);
    assert_true(play.done[0] && play.done[1]);
    SEND(1, KEX);
    expect(CLIENT_SAID SERVER_SAID);
}

static void a_stream_byte_by_byte_says_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CLIENT) - 1; i++)
        play_data(&play, 0, &CLIENT[i], 1);
    for (size_t i = 0; i < sizeof(SERVER) - 1; i++)
        play_data(&play, 1, &SERVER[i], 1);
    expect(CLIENT_SAID SERVER_SAID);
}

static void the_first_bytes_tell(void **state)
{
    static const char *const others[] = {"",
                                         "S5H-2.0-x",
                                         "SSH-3.0-x",
                                         "220 mail.example ESMTP\r\n",
                                         "hello\r\nworld\r\n",
                                         "SSH\r\n",
                                         "\0\r\nSSH-2.0-x\r\n"};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(others); i++)
        assert_int_equal(play_probe(&play, 0, others[i], strlen(others[i])), NTA_PARSE_OTHER);
    for (size_t n = 1; n < 6; n++)
        assert_int_equal(play_probe(&play, 0, CLIENT, n), NTA_PARSE_MORE);
    for (size_t n = 6; n < sizeof(CLIENT); n++)
        assert_int_equal(play_probe(&play, 0, CLIENT, n), NTA_PARSE_OK);
    assert_int_equal(PROBE(1, "SSH-1.99-Cisco-1.25\n"), NTA_PARSE_OK);
    assert_int_equal(PROBE(1, "Welcome\r\n\r\n" SERVER), NTA_PARSE_OK);
    play.io.expected_by = NTA_APP_FTP;
    assert_int_equal(PROBE(0, CLIENT), NTA_PARSE_OTHER);
    play.io.expected_by = NTA_APP_NONE;
    play.io.is_stream = false;
    assert_int_equal(PROBE(0, CLIENT), NTA_PARSE_OTHER);
}

static void lines_before_are_a_servers_and_turn_the_sides(void **state)
{
    (void)state;
    SEND(0, "Welcome\r\n\nno entry\r\n" SERVER);
    SEND(1, CLIENT);
    expect("swapped " SERVER_SAID "swapped " CLIENT_SAID);
}

/** Who is the client is known then: it says nothing before, and lines of its own are no SSH. */
static void an_opening_that_was_seen_keeps_the_sides(void **state)
{
    (void)state;
    play.io.saw_syn = true;
    assert_int_equal(PROBE(0, "Welcome\r\n" SERVER), NTA_PARSE_OTHER);
    assert_int_equal(PROBE(1, "Welcome\r\n" SERVER), NTA_PARSE_OK);
    assert_int_equal(PROBE(1, "220 mail\r\n" SERVER), NTA_PARSE_OTHER);
    SEND(0, "EHLO x\r\n" SERVER);
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    expect("");
    play_again(&play);
    play.io.saw_syn = true;
    SEND(1, "Welcome\r\n");
    SEND(0, CLIENT KEX);
    SEND(1, "no entry\r\n" SERVER);
    assert_true(play.done[0] && play.done[1]);
    expect(CLIENT_SAID SERVER_SAID);
}

static void what_follows_the_first_line_must_be_ssh(void **state)
{
    static const struct
    {
        unsigned side;
        const char *bytes;
        size_t len;
        enum nta_parse verdict;
    } rows[] = {

#define ROW(side, literal, verdict) {side, literal, sizeof(literal) - 1, verdict}
        ROW(1, "500 what?\r\n", NTA_PARSE_OTHER),
        ROW(1, "500-what?\r\n", NTA_PARSE_OTHER),
        ROW(1, "500\r\n", NTA_PARSE_OTHER),
        ROW(1, "HTTP/1.1 400 Bad Request\r\n", NTA_PARSE_OTHER),
        ROW(1, "5000 users\r\n", NTA_PARSE_OK),
        ROW(0, "EHLO x\r\n", NTA_PARSE_OTHER),
        ROW(0, "\x16\3\1\0\5", NTA_PARSE_OTHER),
        ROW(0, "\0\0\0\3abc\x16\3\1", NTA_PARSE_OTHER),
        ROW(0, "\0\0\0\3abc\0\0\0\1a", NTA_PARSE_OK),
        ROW(0, "\0\1\0\1", NTA_PARSE_OTHER),
        ROW(0, "\0\1\0\0abc", NTA_PARSE_OK),
#undef ROW
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        SEND(0, CLIENT);
        play_data(&play, rows[i].side, rows[i].bytes, rows[i].len);
        assert_int_equal(play.last, rows[i].verdict);
        (void)teardown(state);
        (void)setup(state);
    }
    SEND(0, CLIENT "\0\0\0\x40 within this packet");
    assert_int_equal(play.last, NTA_PARSE_OK);
    SEND(0, "\x16\3\1\0\5");
    assert_int_equal(play.last, NTA_PARSE_OTHER);
}

static void lines_before_are_bounded(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 32; i++)
        SEND(1, "x\r\n");
    assert_int_equal(play.last, NTA_PARSE_OK);
    SEND(1, "x\r\n");
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    expect("");
}

static void a_line_is_bounded(void **state)
{
    char line[256] = "SSH-2.0-";

    (void)state;
    memset(line + 8, 'x', sizeof(line) - 8);
    play_data(&play, 0, line, 254);
    assert_int_equal(play.last, NTA_PARSE_MORE);
    line[254] = '\n';
    play_data(&play, 0, line + 254, 1);
    assert_int_equal(play.last, NTA_PARSE_OK);
    play_data(&play, 1, line, 254);
    play_data(&play, 1, "xx", 2);
    assert_int_equal(play.last, NTA_PARSE_OTHER);
}

static void what_breaks_the_form_is_bad_and_what_is_no_line_is_other(void **state)
{
    static const struct
    {
        const char *bytes;
        enum nta_parse verdict;
    } rows[] = {{"SSH-2.0\r\n", NTA_PARSE_BAD},
                {"SSH-2.0-\r\n", NTA_PARSE_BAD},
                {"SSH-2.0-a\033[2Jb\r\n", NTA_PARSE_OTHER},
                {"\1\2\3\n", NTA_PARSE_OTHER}};

    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        play_data(&play, 1, rows[i].bytes, strlen(rows[i].bytes));
        assert_int_equal(play.last, rows[i].verdict);
        expect("");
        (void)teardown(state);
        (void)setup(state);
    }
}

static void every_prefix_wants_more(void **state)
{
    for (size_t n = 1; n < sizeof(CLIENT) - 1; n++) {
        play_data(&play, 0, CLIENT, n);
        assert_int_equal(play.last, NTA_PARSE_MORE);
        expect("");
        (void)teardown(state);
        (void)setup(state);
    }
}

static void flipped_bytes_do_no_harm(void **state)
{
    static const char whole[] = "Welcome\r\n" SERVER;
    char flipped[sizeof(whole)];

    for (size_t at = 0; at < (sizeof(whole) - 1) * 8; at++) {
        memcpy(flipped, whole, sizeof(whole));
        flipped[at / 8] = (char)((unsigned char)flipped[at / 8] ^ 1U << at % 8);
        play_data(&play, 1, flipped, sizeof(whole) - 1);
        (void)play_probe(&play, 1, flipped, sizeof(whole) - 1);
        assert_true(strlen(play_end(&play)) < 2 * sizeof(whole) + 32);
        (void)teardown(state);
        (void)setup(state);
    }
}

int main(void)
{
#define IN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN(both_sides_say_their_software_and_no_more_is_read),
        IN(a_stream_byte_by_byte_says_the_same),
        IN(the_first_bytes_tell),
        IN(lines_before_are_a_servers_and_turn_the_sides),
        IN(an_opening_that_was_seen_keeps_the_sides),
        IN(what_follows_the_first_line_must_be_ssh),
        IN(lines_before_are_bounded),
        IN(a_line_is_bounded),
        IN(what_breaks_the_form_is_bad_and_what_is_no_line_is_other),
        IN(every_prefix_wants_more),
        IN(flipped_bytes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
