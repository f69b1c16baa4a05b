/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/recognised/rsync.h"
#include "unit.h"

#define OLD    "@RSYNCD: 29\n"
#define TODAYS "@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n"

static struct nta_play play;

static int setup(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_rsync, true, 873);
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

#define SAYS_PUB "rsync begin path=/pub\nrsync end path=/pub\n"

static void a_greeting_of_each_side_and_the_module_end_it(void **state)
{
    (void)state;
    assert_int_equal(PROBE(0, TODAYS), NTA_PARSE_OK);
    assert_int_equal(PROBE(1, OLD "Welcome\n"), NTA_PARSE_OK);
    SEND(1, OLD);
    assert_true(!play.done[0] && !play.done[1]);
    SEND(0, TODAYS "pub\n");
    assert_true(play.done[0] && play.done[1] && !play.swapped);
    assert_string_equal(play_said(&play), SAYS_PUB);
}

static void byte_by_byte_it_is_the_same(void **state)
{
    (void)state;
    (void)play_stream(&play, 1, nta_span_of(OLD), 1);
    assert_false(play.done[1]);
    (void)play_stream(&play, 0, nta_span_of(TODAYS "pub\n"), 1);
    assert_true(play.done[0] && play.done[1]);
    assert_string_equal(play_said(&play), SAYS_PUB);
}

/** Nor does what the server says meanwhile matter. */
static void a_list_is_no_module(void **state)
{
    static const char *const lines[] = {"#list\n", "\n", "p\1\n"};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(lines); i++) {
        play_again(&play);
        SEND(0, TODAYS);
        SEND(1, OLD "Welcome\n");
        play_data(&play, 0, lines[i], strlen(lines[i]));
        assert_true(play.done[0] && play.done[1]);
        assert_string_equal(play_said(&play), "");
    }
}

static void a_part_may_be_it(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(TODAYS) - 1; n++)
        assert_int_equal(play_probe(&play, n & 1, TODAYS, n),
                         n > 0 ? NTA_PARSE_MORE : NTA_PARSE_OTHER);
}

static void what_is_no_greeting_is_other(void **state)
{
    static const char *const others[] = {"@RSYNCD: \n",        "@RSYNCD: OK\n",   "@RSYNCD:31.0\n",
                                         "@rsyncd: 31.0\n",    "@RSYNCD: 31\r\n", "@ERROR: no\n",
                                         "@RSYNCD: 3\x16\3\1", "@RSYNCD: x",      "SSH-2.0-x\r\n",
                                         "GET / HTTP/1.1\r\n"};
    char line[300];

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(others); i++)
        assert_int_equal(play_probe(&play, 0, others[i], strlen(others[i])), NTA_PARSE_OTHER);
    memset(line, '1', sizeof(line)); /* a line without an end */
    memcpy(line, OLD, 9);
    assert_int_equal(play_probe(&play, 0, line, 254), NTA_PARSE_MORE);
    assert_int_equal(play_probe(&play, 0, line, 255), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, line, sizeof(line)), NTA_PARSE_OTHER);
    play.io.is_stream = false;
    assert_int_equal(PROBE(0, OLD), NTA_PARSE_OTHER);
    play.io.is_stream = true;
    play.io.expected_by = NTA_APP_FTP;
    assert_int_equal(PROBE(0, OLD), NTA_PARSE_OTHER);
}

/** One side can say anything: its word alone hides nothing. */
static void whoever_answers_otherwise_or_does_not_wait_speaks_another(void **state)
{
    (void)state;
    SEND(0, OLD);
    SEND(1, "HTTP/1.1 400 Bad Request\r\n");
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    play_again(&play);
    SEND(0, OLD "GET / HTTP/1.1\r\n");
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    play_again(&play);
    SEND(0, OLD);
    SEND(0, OLD);
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    assert_false(play.done[0]);
}

static void flipped_bytes_do_no_harm(void **state)
{
    char line[sizeof(TODAYS)] = TODAYS;

    (void)state;
    for (size_t at = 0; at < (sizeof(TODAYS) - 1) * 8; at++) {
        line[at / 8] = (char)(line[at / 8] ^ 1 << at % 8);
        play_again(&play);
        play_data(&play, 0, line, sizeof(line) - 1);
        assert_true(at / 8 >= 9 || play.last == NTA_PARSE_OTHER);
        line[at / 8] = (char)(line[at / 8] ^ 1 << at % 8);
    }
}

int main(void)
{
#define IN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN(a_greeting_of_each_side_and_the_module_end_it),
        IN(a_list_is_no_module),
        IN(byte_by_byte_it_is_the_same),
        IN(a_part_may_be_it),
        IN(what_is_no_greeting_is_other),
        IN(whoever_answers_otherwise_or_does_not_wait_speaks_another),
        IN(flipped_bytes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
