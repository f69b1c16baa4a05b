/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/ftp/ftp.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

static struct nta_play play;

/* A talk: lines that begin with '<' are the server's; each turn in pieces of `cut` bytes. */
static const char *talk(const char *const *lines, size_t n, size_t cut, uint16_t port)
{
    play_begin(&play, &nta_proto_ftp, true, port);
    for (size_t i = 0; i < n; i++) {
        unsigned side = lines[i][0] == '<';
        const char *line = lines[i] + side;

        for (size_t at = 0, len = strlen(line), part; at < len; at += part) {
            part = len - at < cut ? len - at : cut;
            play_data(&play, side, line + at, part);
        }
    }
    return play_end(&play);
}

#define EXPECT(lines, text)                                                                        \
    do {                                                                                           \
        for (size_t cut = 1; cut < 80; cut += 13) {                                                \
            assert_string_equal(talk((lines), NTA_N_ELEMENTS(lines), cut, 21), (text));            \
            play_done(&play);                                                                      \
        }                                                                                          \
    } while (0)

static void passive_download_names_file_and_port(void **state)
{
    static const char *const lines[] = {"<220 ready\r\n",
                                        "USER ann\r\n",
                                        "<331 password\r\n",
                                        "PASS secret\r\n",
                                        "<230-hello\r\n200 not the end\r\n",
                                        "<230 in\r\n",
                                        "CWD pub\r\n",
                                        "<250 ok\r\n",
                                        "PASV\r\n",
                                        "<227 Entering Passive Mode (192,0,2,8,4,1).\r\n",
                                        "RETR a b.iso\r\n",
                                        "<150 here it comes\r\n",
                                        "<226 done\r\n"};

    (void)state;
    EXPECT(lines, "ftp begin method=RETR path=/pub/a b.iso server at 192.0.2.8:1025\n"
                  "ftp reply status=150\nftp reply status=226\n");
}

static void active_upload_names_the_client_port(void **state)
{
    static const char *const lines[] = {"<220 ready\r\n",
                                        "PORT 10,0,0,5,200,10\r\n",
                                        "<200 ok\r\n",
                                        "stor /up/x\r\n",
                                        "<150 go\r\n",
                                        "<226 done\r\n",
                                        "EPRT |2|2001:db8::5|5000|\r\n",
                                        "<200 ok\r\n",
                                        "APPE x\r\n",
                                        "<426 no\r\n"};

    (void)state;
    EXPECT(lines, "ftp begin method=STOR path=/up/x to_server=1 client at 10.0.0.5:51210\n"
                  "ftp reply status=150\nftp reply status=226\n"
                  "ftp begin method=APPE path=/x to_server=1 client at 2001:db8::5:5000\n"
                  "ftp reply status=426\n");
}

static void what_is_asked_for_before_the_port_is_known_learns_it(void **state)
{
    static const char *const one[] = {"EPSV\r\nRETR f\r\n", "<229 Entering (|||6446|)\r\n",
                                      "<150 go\r\n226 ok\r\n",
                                      "RETR g\r\n", /* the port was for f */
                                      "<226 ok\r\n"};
    static const char *const two[] = {"PASV\r\nRETR f\r\nPASV\r\nRETR g\r\n",
                                      "<227 (192,0,2,8,4,1)\r\n150 go\r\n550 no\r\n",
                                      "<227 (192,0,2,8,4,2)\r\n150 go\r\n226 ok\r\n"};
    static const char *const moved[] = {"CWD a\r\nPASV\r\nRETR f\r\n", "<250 ok\r\n",
                                        "<227 (192,0,2,8,4,1)\r\n226 ok\r\n"};

    (void)state;
    EXPECT(one, "ftp begin method=RETR path=/f\nftp reply server at :6446\n"
                "ftp reply status=150\nftp reply status=226\n"
                "ftp begin method=RETR path=/g\nftp reply status=226\n");
    EXPECT(two, "ftp begin method=RETR path=/f\nftp begin method=RETR path=/g\n"
                "ftp reply server at 192.0.2.8:1026\n"
                "ftp reply status=150\nftp reply status=226\n");
    EXPECT(moved, "ftp begin method=RETR path=/a/f\nftp reply server at 192.0.2.8:1025\n"
                  "ftp reply status=226\n");
}

/** A port that nobody used, and one that is asked for anew. */
static void an_older_port_is_not_taken_for_a_newer_one(void **state)
{
    static const char *const lines[] = {"PASV\r\n",
                                        "<227 (192,0,2,8,4,1)\r\n",
                                        "PASV\r\nRETR f\r\n",
                                        "<227 (192,0,2,8,4,2)\r\n",
                                        "<226 ok\r\n",
                                        "PASV\r\n",
                                        "<227 (192,0,2,8,4,3)\r\n",
                                        "EPSV\r\n",
                                        "<500 what?\r\n",
                                        "RETR g\r\n",
                                        "<425 no\r\n",
                                        "PASV\r\nEPSV\r\n",
                                        "<227 (192,0,2,8,4,4)\r\n",
                                        "RETR h\r\n",
                                        "<500 what?\r\n425 no\r\n"};

    (void)state;
    EXPECT(lines, "ftp begin method=RETR path=/f\nftp reply server at 192.0.2.8:1026\n"
                  "ftp reply status=226\n"
                  "ftp begin method=RETR path=/g\nftp reply status=425\n"
                  "ftp begin method=RETR path=/h\nftp reply status=425\n");
}

static void extended_passive_needs_no_address(void **state)
{
    static const char *const lines[] = {"EPSV\r\n", "<229 Entering (|||6446|)\r\n", "RETR f\r\n",
                                        "<550 no such file\r\n"};

    (void)state;
    EXPECT(lines, "ftp begin method=RETR path=/f server at :6446\nftp reply status=550\n");
}

static void working_directory_counts_once_confirmed(void **state)
{
    static const char *const lines[] = {"CWD a/b\r\n",     "<250 ok\r\n",
                                        "CDUP\r\n",        "<200 ok\r\n",
                                        "CWD nowhere\r\n", "<550 no\r\n",
                                        "RETR x\r\n",      "<226 ok\r\n",
                                        "PWD\r\n",         "<257 \"/h\"\"o\" here\r\n",
                                        "RETR ../y\r\n",   "<226 ok\r\n",
                                        "RETR z/./w\r\n",  "<226 ok\r\n"};

    (void)state;
    EXPECT(lines, "ftp begin method=RETR path=/a/x\nftp reply status=226\n"
                  "ftp begin method=RETR path=/y\nftp reply status=226\n"
                  "ftp begin method=RETR path=/h\"o/z/w\nftp reply status=226\n");
}

static void lost_replies_do_not_shift_those_behind_them(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_ftp, true, 21);
    play_data(&play, 0, "CWD a\r\n", 7);
    play_gap(&play, 1, 28);
    play_data(&play, 0, "CWD b\r\n", 7);
    play_data(&play, 0, "TYPE I\r\n", 8); /* neither is answered, and nothing tells of a hole yet */
    play_data(&play, 0, "EPSV\r\n", 6);
    play_data(&play, 1, "229 (|||7000|)\r\n", 16);
    play_data(&play, 0, "RETR x\r\n", 8);
    play_data(&play, 1, "226 ok\r\n", 8);
    assert_string_equal(play_end(&play), "ftp begin method=RETR path=/a/b/x server at :7000\n"
                                         "ftp reply status=226\n");
    play_done(&play);
}

static void line_behind_a_hole_counts(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_ftp, true, 21);
    play_data(&play, 0, "TYPE", 4);
    play_gap(&play, 0, 10);
    play_data(&play, 0, "RETR x\r\n", 8);
    assert_string_equal(play_end(&play), "ftp begin method=RETR path=/x\n");
    play_done(&play);
}

static void listing_has_no_path(void **state)
{
    static const char *const lines[] = {"PASV\r\n", "<227 =1,2,3,4,5,6\r\n", "LIST /pub\r\n",
                                        "<226 ok\r\n"};

    (void)state;
    EXPECT(lines, "ftp begin method=LIST server at 1.2.3.4:1286\nftp reply status=226\n");
}

static void unique_name_comes_with_the_reply(void **state)
{
    static const char *const lines[] = {"STOU\r\n", "<150 FILE: ftp0001\r\n", "<226 ok\r\n"};

    (void)state;
    EXPECT(lines, "ftp begin method=STOU to_server=1\n"
                  "ftp reply path=/ftp0001 status=150\nftp reply status=226\n");
}

/** RFC 3659 section 5.3: 350; who did not read that yet, or was refused, knows no place. */
static void a_place_in_the_file_counts_once_the_server_agreed(void **state)
{
    static const char *const agreed[] = {"REST 500\r\n", "<350 so be it\r\n", "RETR f\r\n",
                                         "<226 ok\r\n"};
    static const char *const refused[] = {"REST 500\r\n", "<502 no\r\n", "RETR f\r\n",
                                          "<226 ok\r\n"};
    static const char *const unread[] = {"REST 500\r\nRETR f\r\n", "<502 no\r\n226 ok\r\n"};
    static const char *const unseen[] = {"REST 500\r\n", "RETR f\r\n", "<150 go\r\n226 ok\r\n"};

    (void)state;
    EXPECT(agreed, "ftp begin method=RETR path=/f first=500\nftp reply status=226\n");
    EXPECT(refused, "ftp begin method=RETR path=/f\nftp reply status=226\n");
    EXPECT(unread, "ftp begin method=RETR path=/f\nftp reply status=226\n");
    EXPECT(unseen, "ftp begin method=RETR path=/f\nftp reply status=150\n"
                   "ftp reply status=226\n");
}

static void secured_connection_is_handed_over(void **state)
{
    static const char *const lines[] = {"<220 ready\r\n", "AUTH TLS\r\n", "<234 go\r\n"};

    (void)state;
    assert_string_equal(talk(lines, 3, 80, 21), "");
    assert_true(play.handover);
    play_done(&play);
}

static void no_login_is_kept(void **state)
{
    static const char *const lines[] = {"<220 x\r\n",       "USER ann\r\n", "<331 \r\n",
                                        "PASS hunter2\r\n", "<230 \r\n",    "ACCT payroll\r\n"};

    (void)state;
    talk(lines, NTA_N_ELEMENTS(lines), 80, 21);
    for (size_t i = 0; i + 7 <= sizeof(play.state); i++) {
        assert_memory_not_equal(play.state + i, "hunter2", 7);
        assert_memory_not_equal(play.state + i, "payroll", 7);
    }
    play_done(&play);
}

/** Of a line that is too long the beginning is read, the rest is passed over. */
static void long_line_says_the_same_in_whatever_pieces(void **state)
{
    static const size_t lengths[] = {1023, 1024, 1025, 1026, 1027, 3000, 6000};
    static char line[6003], text[4000];
    const char *const lines[] = {line, "RETR f\r\n", "<226 ok\r\n", "<226 ok\r\n"};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(lengths); i++) {
        memset(line, 'x', lengths[i]);
        memcpy(line, "RETR ", 5);
        memcpy(line + lengths[i], "\r\n", 3);
        (void)snprintf(text, sizeof(text), "%s", talk(lines, 4, sizeof(line), 21));
        play_done(&play);
        assert_non_null(strstr(text, "ftp begin method=RETR path=/xxx"));
        assert_non_null(strstr(text, "ftp begin method=RETR path=/f\n"));
        for (size_t cut = 1; cut < sizeof(line); cut += cut < 1020 || cut > 1030 ? 73 : 1) {
            assert_string_equal(talk(lines, 4, cut, 21), text);
            play_done(&play);
        }
    }
}

static void nonsense_is_given_up(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_ftp, true, 21);
    for (int i = 0; i < 12; i++)
        play_data(&play, 0, "hello world\r\n", 13);
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    play_end(&play);
    play_done(&play);
}

static enum nta_parse probe(uint16_t port, unsigned side, const char *text)
{
    enum nta_parse verdict;

    play_begin(&play, &nta_proto_ftp, true, port);
    verdict = play_probe(&play, side, text, strlen(text));
    play_done(&play);
    return verdict;
}

static void greeting_elsewhere_must_name_ftp(void **state)
{
    (void)state;
    assert_int_equal(probe(21, 1, "22"), NTA_PARSE_MORE);
    assert_int_equal(probe(21, 1, "220 x"), NTA_PARSE_OK);
    assert_int_equal(probe(21, 0, "USER x\r\n"), NTA_PARSE_OK);
    assert_int_equal(probe(21, 0, "GET / HTTP/1.0\r\n"), NTA_PARSE_OTHER);
    assert_int_equal(probe(2121, 1, "220 pro"), NTA_PARSE_MORE);
    assert_int_equal(probe(2121, 1, "220 ProFTPD here\r\n"), NTA_PARSE_OK);
    assert_int_equal(probe(25, 1, "220 ftp.example ESMTP\r\n"), NTA_PARSE_OTHER);
    assert_int_equal(probe(110, 0, "USER x\r\n"), NTA_PARSE_OTHER);
}

static void what_only_ftp_says_shows_it_anywhere(void **state)
{
    static const char *const replies[] = {
        "331 Password\r\n",
        "332 Account\r\n",
        "230 User logged in\r\n",
        "227 Entering (192,0,2,80,195,81)\r\n",
        "229 Entering (|||50001|)\r\n",
    };
    static const char *const others[] = {
        "227 go on\r\n",   "229 go on\r\n",        "230 list of articles follows\r\n",
        "250 fine\r\n",    "+OK 331 messages\r\n", "381 more\r\n",
        "3310 x\r\n",      "PORT 80\r\n",          "EPRT here\r\n",
        "PASS secret\r\n",
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(replies); i++)
        assert_int_equal(probe(2121, 1, replies[i]), NTA_PARSE_OK);
    assert_int_equal(probe(2121, 0, "PORT 10,9,0,5,156,65\r\n"), NTA_PARSE_OK);
    assert_int_equal(probe(2121, 0, "EPRT |2|fd00::5|40001|\r\n"), NTA_PARSE_OK);
    for (size_t i = 0; i < NTA_N_ELEMENTS(others); i++) {
        assert_int_equal(probe(2121, 0, others[i]), NTA_PARSE_OTHER);
        assert_int_equal(probe(2121, 1, others[i]), NTA_PARSE_OTHER);
    }
}

static void content_is_reported_by_its_start(void **state)
{
    static const char body[300] = "MZ and more";

    (void)state;
    play_begin(&play, &nta_proto_ftp_data, true, 40001);
    assert_int_equal(play_probe(&play, 1, body, 3), NTA_PARSE_OTHER);
    play.io.expected_by = NTA_APP_FTP;
    assert_int_equal(play_probe(&play, 1, body, 3), NTA_PARSE_OK);
    for (size_t i = 0; i < sizeof(body); i += 10)
        play_data(&play, 1, body + i, 10);
    assert_true(play.done[0] && play.done[1]);
    assert_non_null(strstr(play_end(&play), "ftp data type="));
    play_done(&play);
}

static const char up[] = "USER a\r\nCWD /x\r\nPASV\r\nRETR y\r\nEPRT |1|10.0.0.5|99|\r\nSTOU\r\n";
static const char down[] = "220 a\r\n331 b\r\n250 c\r\n227 (1,2,3,4,5,6)\r\n150 -\r\n226 d\r\n200 "
                           "e\r\n150 FILE: q\r\n226 f\r\n";

static void play_both(const char *a, size_t a_len, const char *b, size_t b_len)
{
    play_begin(&play, &nta_proto_ftp, true, 21);
    (void)play_probe(&play, 0, a, a_len);
    (void)play_probe(&play, 1, b, b_len);
    play_data(&play, 0, a, a_len);
    play_data(&play, 1, b, b_len);
    play_gap(&play, 1, 10);
    play_data(&play, 1, b, b_len);
    play_end(&play);
    play_done(&play);
}

static void each_prefix_is_fine(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(up); i++)
        play_both(up, i, down, sizeof(down) - 1);
    for (size_t i = 0; i < sizeof(down); i++)
        play_both(up, sizeof(up) - 1, down, i);
}

static void every_byte_may_be_anything(void **state)
{
    char a[sizeof(up)], b[sizeof(down)];

    (void)state;
    for (size_t i = 0; i < sizeof(up) * 256; i++) {
        memcpy(a, up, sizeof(a));
        a[i / 256] = (char)i;
        play_both(a, sizeof(a) - 1, down, sizeof(down) - 1);
    }
    for (size_t i = 0; i < sizeof(down) * 256; i++) {
        memcpy(b, down, sizeof(b));
        b[i / 256] = (char)i;
        play_both(up, sizeof(up) - 1, b, sizeof(b) - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passive_download_names_file_and_port),
        cmocka_unit_test(active_upload_names_the_client_port),
        cmocka_unit_test(what_is_asked_for_before_the_port_is_known_learns_it),
        cmocka_unit_test(an_older_port_is_not_taken_for_a_newer_one),
        cmocka_unit_test(extended_passive_needs_no_address),
        cmocka_unit_test(working_directory_counts_once_confirmed),
        cmocka_unit_test(lost_replies_do_not_shift_those_behind_them),
        cmocka_unit_test(line_behind_a_hole_counts),
        cmocka_unit_test(listing_has_no_path),
        cmocka_unit_test(unique_name_comes_with_the_reply),
        cmocka_unit_test(a_place_in_the_file_counts_once_the_server_agreed),
        cmocka_unit_test(secured_connection_is_handed_over),
        cmocka_unit_test(no_login_is_kept),
        cmocka_unit_test(long_line_says_the_same_in_whatever_pieces),
        cmocka_unit_test(nonsense_is_given_up),
        cmocka_unit_test(greeting_elsewhere_must_name_ftp),
        cmocka_unit_test(what_only_ftp_says_shows_it_anywhere),
        cmocka_unit_test(content_is_reported_by_its_start),
        cmocka_unit_test(each_prefix_is_fine),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
