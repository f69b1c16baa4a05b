/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_play.h"
#include "proto/dns/dns_pending.h"

#define FRAMED_Q "\0\x21" QUESTION
#define FRAMED_R "\0\x31" RESPONSE

static void messages_over_tcp_may_be_cut_anywhere(void **state)
{
    static const char up[] = FRAMED_Q FRAMED_Q, down[] = FRAMED_R FRAMED_R;

    (void)state;
    for (size_t cut = 0; cut < sizeof(down); cut++) {
        size_t up_cut = cut < sizeof(up) ? cut : sizeof(up) - 1;

        play_begin(&play, &nta_proto_dns, true, 53);
        play_data(&play, 0, up, up_cut);
        play_data(&play, 0, up + up_cut, sizeof(up) - 1 - up_cut);
        play_data(&play, 1, down, cut);
        play_data(&play, 1, down + cut, sizeof(down) - 1 - cut);
        assert_int_equal(play.last, NTA_PARSE_OK);
        expect(ASKED ANSWERED UNASKED);
    }
}

static void tcp_is_recognised_once_its_first_question_is_there(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_dns, true, 5300);
    for (size_t len = 0; len < sizeof(FRAMED_Q) - 1; len++)
        assert_int_equal(play_probe(&play, 0, FRAMED_Q, len), NTA_PARSE_MORE);
    assert_int_equal(play_probe(&play, 0, BYTES(FRAMED_Q)), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, BYTES("GET / HTTP/1.1\r\nHost: a\r\n")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0,
                                BYTES("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"
                                      "abcdefg")),
                     NTA_PARSE_OTHER);
}

static void hole_within_a_tcp_message_loses_that_message_only(void **state)
{
    (void)state;
    for (size_t at = 3; at < 40; at++) {
        play_begin(&play, &nta_proto_dns, true, 53);
        play_data(&play, 1, FRAMED_R, at);
        play_gap(&play, 1, 5);
        play_data(&play, 1, &FRAMED_R[at + 5], sizeof(FRAMED_R) - 1 - at - 5);
        play_data(&play, 1, BYTES(FRAMED_R));
        expect(UNASKED);
    }
}

static void hole_over_a_message_boundary_ends_at_the_next_message(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_dns, true, 53);
    play_data(&play, 1, FRAMED_R, 20);
    play_gap(&play, 1, 100);
    play_data(&play, 1, BYTES("the tail of something"));
    play_data(&play, 1, BYTES(FRAMED_R));
    expect(UNASKED);
}

static void other_ports_take_only_what_is_usual(void **state)
{
    (void)state;
    udp(4000);
    assert_int_equal(play_probe(&play, 0, BYTES(QUESTION)), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 1, BYTES(RESPONSE)), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, BYTES("\x12\x34\x79\0\0\x01\0\0\0\0\0\0" Q_A)),
                     NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("\x12\x34\1\x40\0\x01\0\0\0\0\0\0" Q_A)),
                     NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("\x12\x34\1\0\0\x02\0\0\0\0\0\0" Q_A)),
                     NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("\x12\x34\1\0\0\x01\0\x01\0\0\0\0" Q_A)),
                     NTA_PARSE_OTHER);
    assert_int_equal(
        play_probe(&play, 0, BYTES("\x12\x34\1\0\0\x01\0\0\0\0\0\0\x01 \0\0\x01\0\x01")),
        NTA_PARSE_OTHER);
    assert_int_equal(
        play_probe(&play, 0, BYTES("\x12\x34\1\0\0\x01\0\0\0\0\0\0\x01x\0\0\x01\0\x07")),
        NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, QUESTION, sizeof(QUESTION) - 2), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("hello")), NTA_PARSE_OTHER);
    play_done(&play);
}

/* Messages of a transfer: with its question and one record, the same again, without it. */
#define Q_ZONE "\1z\0\0\xfc\0\1"
#define ZONE                                                                                       \
    "\0\x25\x12\x34\x84\0\0\1\0\1\0\0\0\0" Q_ZONE "\1a\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1"
#define MORE "\0\x1f\x12\x34\x84\0\0\0\0\1\0\0\0\0\1b\1z\0\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\2"

static void a_zone_is_told_once_in_however_many_messages_it_comes(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_dns, true, 53);
    play_data(&play, 0, BYTES("\0\x13\x12\x34\0\0\0\1\0\0\0\0\0\0" Q_ZONE));
    play_data(&play, 1, BYTES(ZONE MORE ZONE MORE));
    play_data(&play, 0, BYTES(FRAMED_Q));
    play_data(&play, 1, BYTES(FRAMED_R));
    expect("dns question 4660 name=z type=252 asked=1\n"
           "dns lookup 4660 name=z type=252 asked=1 rcode=0 [a.z 1 60 192.0.2.1]\n" ASKED ANSWERED);
    play_begin(&play, &nta_proto_dns, true, 53);
    play_data(&play, 1, BYTES(MORE MORE FRAMED_R));
    expect("dns lookup 4660 name=b.z type=1 rcode=0 [b.z 1 60 192.0.2.2]\n");
}

static void update_shows_its_zone(void **state)
{
    (void)state;
    udp(53);
    assert_int_equal(
        play_probe(&play, 0, BYTES("\0\x02\x28\0\0\x01\0\0\0\x01\0\0\x01z\0\0\x06\0\x01\0\0")),
        NTA_PARSE_OK);
    play_data(&play, 0, BYTES("\0\x02\x28\0\0\x01\0\0\0\x01\0\0\x01z\0\0\x06\0\x01"));
    expect("dns question 2 name=z type=6 asked=1\ndns lookup 2 name=z type=6 asked=1\n");
}

/* Zone "z"; a record that must not be there; two of "h.z", one of the zone itself, one of "i". */
#define UPDATE_RECORDS                                                                             \
    "\x01z\0\0\x06\0\x01\x01x\0\0\xff\0\xfe\0\0\0\0\0\0\x01h\xc0\x0c\0\x1c\0\xff\0\0\0\0\0\0"      \
    "\xc0\x20\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01\xc0\x0c\0\x02\0\x01\0\0\0\x3c\0\0"         \
    "\x01i\0\0\x01\0\xff\0\0\0\0\0\0"
#define UPDATE "\0\x07\x28\0\0\x01\0\x01\0\x04\0\0" UPDATE_RECORDS

static void update_names_the_hosts_that_it_sets(void **state)
{
    (void)state;
    udp(53);
    play_data(&play, 0, BYTES(UPDATE));
    play_data(&play, 1, BYTES("\0\x07\xa8\x05\0\x01\0\0\0\0\0\0\x01z\0\0\x06\0\x01"));
    expect("dns question 7 name=z type=6 asked=1\ndns question 7 name=h.z type=28 asked=1\n"
           "dns question 7 name=i type=1 asked=1\ndns lookup 7 name=z type=6 asked=1 rcode=5\n"
           "dns lookup 7 name=h.z type=28 asked=1 rcode=5\ndns lookup 7 name=i type=1 asked=1 "
           "rcode=5\n");
}

static void update_cut_anywhere_tells_what_is_whole(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(UPDATE) - 1; n++) {
        udp(53);
        play_data(&play, 0, UPDATE, n);
        const char *log = play_end(&play);

        assert_int_equal(strstr(log, "lookup 7 name=h.z type=28 asked=1\n") != NULL, n >= 46);
        assert_null(strstr(log, "name=i"));
        play_done(&play);
    }
}

static void update_of_many_hosts_names_the_first_of_them(void **state)
{
    char bytes[12 + 7 + 20 * 13] = "\0\x07\x28\0\0\x01\0\0\0\x14\0\0\x01z\0\0\x06\0\x01";
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < 20; i++)
        memcpy(bytes + 19 + i * 13, (char[]){1, (char)('a' + i), 0, 0, 1, 0, 1}, 7);
    udp(53);
    play_data(&play, 0, bytes, sizeof(bytes));
    for (const char *at = play_end(&play); (at = strstr(at, "question")); at++)
        n++;
    play_done(&play);
    assert_int_equal(n, 8);
}

static void multicast_announcement_of_many_names_tells_sixteen(void **state)
{
    char bytes[12 + 20 * 13] = "\0\0\x84\0\0\0\0\x14\0\0\0\0";
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < 20; i++)
        memcpy(bytes + 12 + i * 13, (char[]){1, (char)('a' + i), 0, 0, 16, 0, 1}, 7);
    udp(5353);
    play_data(&play, 0, bytes, sizeof(bytes));
    for (const char *at = play_end(&play); (at = strstr(at, "lookup 0")); at++)
        n += strstr(at, "cut=1") != NULL;
    play_done(&play);
    assert_int_equal(n, 16);
}

static void multicast_announcement_is_named_by_its_owners(void **state)
{
    (void)state;
    udp(5353);
    play_data(&play, 0,
              BYTES("\0\0\x84\0\0\0\0\x01\0\0\0\x02"
                    "\x05_http\0\0\x0c\0\x01\0\0\0\x78\0\x09\x06printr\xc0\x0c"
                    "\x01p\0\0\x01\x80\x01\0\0\0\x78\0\x04\xc0\0\x02\x09"
                    "\x01p\0\0\x2f\x80\x01\0\0\0\x78\0\x02\0\0"));
    assert_false(play.swapped);
    expect("mdns lookup 0 name=_http type=12 rcode=0 [_http 12 120 printr._http]\n"
           "mdns lookup 0 name=p type=1 rcode=0 [p 1 120 192.0.2.9]\n");
}

static void llmnr_is_known_by_its_port(void **state)
{
    (void)state;
    udp(5355);
    play_data(&play, 0, BYTES("\0\x07\0\0\0\x01\0\0\0\0\0\0\x04wpad\0\0\x01\0\x01"));
    expect("llmnr question 7 name=wpad type=1 asked=1\nllmnr lookup 7 name=wpad type=1 asked=1\n");
}

#define NB_NAME                                                                                    \
    "\x20"                                                                                         \
    "EGFCEFEECACACACACACACACACACACAAA"                                                             \
    "\0"

static void netbios_name_is_decoded(void **state)
{
    (void)state;
    udp(137);
    play_data(&play, 0, BYTES("\0\x08\x01\x10\0\x01\0\0\0\0\0\0" NB_NAME "\0\x20\0\x01"));
    play_data(&play, 1,
              BYTES("\0\x08\x85\0\0\0\0\x01\0\0\0\0" NB_NAME
                    "\0\x20\0\x01\0\0\0\x3c\0\x06\0\0\xc0\0\x02\x07"));
    expect("netbios question 8 name=FRED type=32 asked=1\n"
           "netbios lookup 8 name=FRED type=32 asked=1 rcode=0 [FRED 1 60 192.0.2.7]\n");
}

static void netbios_scope_is_kept(void **state)
{
    (void)state;
    udp(137);
    play_data(&play, 0,
              BYTES("\0\x08\x01\x10\0\x01\0\0\0\0\0\0\x20"
                    "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\x03org\0\0\x21\0\x01"));
    expect("netbios question 8 name=*.org type=33 asked=1\n"
           "netbios lookup 8 name=*.org type=33 asked=1\n");
}

/* One of many questions, or its answer without a record. */
static void many(unsigned side, size_t i)
{
    uint8_t message[] = "\0\0\1\0\0\1\0\0\0\0\0\0\x04n000\x07"
                        "example\0\0\1\0\1";

    message[0] = (uint8_t)(i >> 8);
    message[1] = (uint8_t)i;
    message[2] = side ? 0x81 : 1;
    for (size_t k = 0, rest = i; k < 3; k++, rest /= 10)
        message[16 - k] = (uint8_t)('0' + rest % 10);
    play_data(&play, side, message, sizeof(message) - 1);
}

static size_t count_lines(const char *log, const char *with)
{
    size_t n = 0;

    for (const char *at = log; (at = strstr(at, with)); at++)
        n++;
    return n;
}

static void hundreds_of_questions_wait_on_one_pair_of_ports(void **state)
{
    const size_t n = NTA_DNS_PENDING_LARGE;

    (void)state;
    udp(53);
    for (size_t i = 0; i < n; i++)
        many(0, i);
    for (size_t i = n; i-- > 0;) /* not in their order */
        many(1, i * 7 % n);
    for (size_t i = 0; i < 2 * n; i++) { /* and again, a few at a time, round the rings */
        many(0, 600 + i % 300);
        many(1, 600 + i % 300);
    }
    const char *log = play_end(&play);

    assert_int_equal(count_lines(log, "lookup"), 3 * n);
    assert_int_equal(count_lines(log, "asked=1 rcode=0"), 3 * n);
    play_done(&play);
}

static void beyond_that_the_oldest_is_told_as_not_answered(void **state)
{
    (void)state;
    udp(53);
    for (size_t i = 0; i < NTA_DNS_PENDING_LARGE + 1; i++)
        many(0, i);
    assert_int_equal(count_lines(play_said(&play), "lookup"), 1);
    assert_non_null(strstr(play_said(&play), "lookup 0 name=n000.example type=1 asked=1\n"));
    play_done(&play);
    udp(53);
    play.lends_nothing = true;
    for (size_t i = 0; i < NTA_DNS_PENDING_SMALL + 1; i++)
        many(0, i);
    assert_int_equal(count_lines(play_said(&play), "lookup"), 1);
    play_done(&play);
}

static void nothing_is_kept_while_no_question_waits(void **state)
{
    (void)state;
    udp(53);
    play_data(&play, 0, BYTES(QUESTION));
    assert_false(play.io.idle);
    play_data(&play, 1, BYTES(RESPONSE));
    assert_true(play.io.idle);
    /* who is the server stays known */
    play_data(&play, 1, BYTES(QUESTION));
    assert_false(play.swapped);
    play_done(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_over_tcp_may_be_cut_anywhere),
        cmocka_unit_test(hundreds_of_questions_wait_on_one_pair_of_ports),
        cmocka_unit_test(beyond_that_the_oldest_is_told_as_not_answered),
        cmocka_unit_test(nothing_is_kept_while_no_question_waits),
        cmocka_unit_test(tcp_is_recognised_once_its_first_question_is_there),
        cmocka_unit_test(hole_within_a_tcp_message_loses_that_message_only),
        cmocka_unit_test(hole_over_a_message_boundary_ends_at_the_next_message),
        cmocka_unit_test(other_ports_take_only_what_is_usual),
        cmocka_unit_test(a_zone_is_told_once_in_however_many_messages_it_comes),
        cmocka_unit_test(update_shows_its_zone),
        cmocka_unit_test(update_names_the_hosts_that_it_sets),
        cmocka_unit_test(update_cut_anywhere_tells_what_is_whole),
        cmocka_unit_test(update_of_many_hosts_names_the_first_of_them),
        cmocka_unit_test(multicast_announcement_is_named_by_its_owners),
        cmocka_unit_test(multicast_announcement_of_many_names_tells_sixteen),
        cmocka_unit_test(llmnr_is_known_by_its_port),
        cmocka_unit_test(netbios_name_is_decoded),
        cmocka_unit_test(netbios_scope_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
