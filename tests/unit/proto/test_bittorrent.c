/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/bittorrent.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

#define BYTES(literal) (literal), sizeof(literal) - 1
#define HALF           "\x01\x23\x45\x67\x89\xab\xcd\xef"
#define HASH           HALF HALF "\x01\x23\x45\x67"
#define HEX            "0123456789abcdef0123456789abcdef01234567"
#define HANDSHAKE                                                                                  \
    "\x13"                                                                                         \
    "BitTorrent protocol\0\0\0\0\0\0\0\0" HASH "-XX0001-0123456789ab"
#define PIECE "\0\0\0\x0d\7\0\0\0\1\0\0\0\0abcd"

static struct nta_play play;

static void expect(const char *text)
{
    assert_string_equal(play_end(&play), text);
    play_done(&play);
}

static void begin(bool is_stream)
{
    play_begin(&play, &nta_proto_bittorrent, is_stream, 6881);
}

static void peers_are_followed_by_their_messages(void **state)
{
    static const char up[] = HANDSHAKE "\0\0\0\0\0\0\0\1\2" PIECE;
    static const char down[] = HANDSHAKE PIECE "\0\0\0\5\4\0\0\0\1" PIECE;

    (void)state;
    for (size_t cut = 1; cut < 90; cut += 11) {
        begin(true);
        for (size_t at = 0, n; at < sizeof(up) - 1; at += n) {
            n = sizeof(up) - 1 - at < cut ? sizeof(up) - 1 - at : cut;
            play_data(&play, 0, up + at, n);
        }
        for (size_t at = 0, n; at < sizeof(down) - 1; at += n) {
            n = sizeof(down) - 1 - at < cut ? sizeof(down) - 1 - at : cut;
            play_data(&play, 1, down + at, n);
        }
        expect("bittorrent begin method=PEER path=" HEX "\n"
               "bittorrent end method=PEER path=" HEX " up=4 down=8\n");
    }
}

static void hole_in_a_piece_is_known(void **state)
{
    (void)state;
    begin(true);
    play_data(&play, 1, BYTES(HANDSHAKE "\0\0\0\x6d\7\0\0\0\1\0\0\0\0abcd"));
    play_gap(&play, 1, 95 + 6); /* 95 of it lie in what is skipped */
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    expect("bittorrent begin method=PEER path=" HEX "\n"
           "bittorrent end method=PEER path=" HEX " down=100 lost-down=96 hole=1\n");
}

static void message_too_long_ends_it(void **state)
{
    (void)state;
    begin(true);
    play_data(&play, 0, BYTES(HANDSHAKE "\x7f\0\0\0\7"));
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    play_end(&play);
    play_done(&play);
}

static void answer_may_stand_behind_the_end_of_a_negotiation(void **state)
{
    static const char strange[3000];

    (void)state;
    begin(true);
    play_data(&play, 0, BYTES(HANDSHAKE));
    play_data(&play, 1, strange, 500);
    play_data(&play, 1, BYTES("strange" HANDSHAKE PIECE));
    expect("bittorrent begin method=PEER path=" HEX "\n"
           "bittorrent end method=PEER path=" HEX " down=4\n");
    begin(true);
    play_data(&play, 0, BYTES(HANDSHAKE));
    play_data(&play, 1, strange, sizeof(strange));
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    play_end(&play);
    play_done(&play);
}

static void handshake_over_utp_is_found(void **state)
{
    static const char data[] = "\x01\1"
                               "0123456789abcdefgh"
                               "\0\4abcd" HANDSHAKE;

    (void)state;
    begin(false);
    assert_int_equal(play_probe(&play, 0,
                                BYTES("\x41\0"
                                      "0123456789abcdefgh")),
                     NTA_PARSE_OTHER);
    for (size_t i = 0; i < 74; i++)
        assert_int_equal(play_probe(&play, 0, data, i), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES(data)), NTA_PARSE_OK);
    play_data(&play, 0, BYTES(data));
    play_data(&play, 1, BYTES(data));
    expect("bittorrent begin method=PEER path=" HEX "\n"
           "bittorrent end method=PEER path=" HEX "\n");
}

#define LOOKED_FOR "eed7642ecc2b54580df1f236b23454dd633b0bab"

static void what_is_looked_for_in_the_own_network_names_the_torrents(void **state)
{
    static const char search[] =
        "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n"
        "Infohash: " LOOKED_FOR "\r\nINFOHASH:" LOOKED_FOR "\r\n"
        "Infohash: short\r\nInfohash: " LOOKED_FOR "0\r\n\r\n\r\n";

    (void)state;
    play_begin(&play, &nta_proto_bittorrent, false, 6771);
    assert_int_equal(play_probe(&play, 0, search, sizeof(search) - 1), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, search, 10), NTA_PARSE_OTHER);
    play_data(&play, 0, search, sizeof(search) - 1);
    assert_int_equal(play.n_events, 4);
    assert_non_null(strstr(play_said(&play),
                           "bittorrent begin method=SEARCH path=" LOOKED_FOR " listens=6881\n"));
    play_end(&play);
    play_done(&play);
}

static void announcement_to_a_tracker_names_the_torrent(void **state)
{
    static const char connect[] = "\0\0\4\x17\x27\x10\x19\x80\0\0\0\0abcd";
    static char announce[98] = "CONNIDXX\0\0\0\1efgh" HASH;

    (void)state;
    begin(false);
    assert_int_equal(play_probe(&play, 0, BYTES(connect)), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, announce, sizeof(announce)), NTA_PARSE_OTHER);
    play_data(&play, 0, BYTES(connect));
    play_data(&play, 1, BYTES("\0\0\0\0abcdCONNIDXX"));
    play_data(&play, 0, announce, sizeof(announce) - 1);
    play_data(&play, 0, announce, sizeof(announce));
    expect("bittorrent begin method=ANNOUNCE path=" HEX "\n"
           "bittorrent end method=ANNOUNCE path=" HEX "\n");
}

static void dht_is_recognised(void **state)
{
    static const char ping[] = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";

    (void)state;
    begin(false);
    assert_int_equal(play_probe(&play, 0, BYTES(ping)), NTA_PARSE_OK);
    for (size_t i = 0; i < sizeof(ping) - 1; i++)
        assert_int_equal(play_probe(&play, 0, ping, i), NTA_PARSE_OTHER);
    play_data(&play, 0, BYTES(ping));
    expect("");
}

static void request_to_a_tracker_names_the_torrent(void **state)
{
    static const char *const bad[] = {"/announce",
                                      "/announce?info_hash=%01%23",
                                      "/announce?xinfo_hash=01234567890123456789",
                                      "/announce?info_hash=%zz234567890123456789",
                                      "info_hash=",
                                      ""};
    char hex[NTA_BITTORRENT_HEX_LEN];

    (void)state;
    assert_true(nta_bittorrent_announced(
        nta_span_of("/a?x=1&info_hash=%01%23Eg%89%ab%CD%ef%01%23Eg%89%ab%cd%ef%01%23Eg&port=1"),
        hex));
    assert_memory_equal(hex, HEX, sizeof(hex));
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++)
        assert_false(nta_bittorrent_announced(nta_span_of(bad[i]), hex));
}

static void every_byte_may_be_anything(void **state)
{
    static const char talk[] = HANDSHAKE PIECE "\0\0\0\1\1" PIECE;
    char bytes[sizeof(talk)];

    (void)state;
    for (size_t i = 0; i < sizeof(talk) * 256; i++) {
        memcpy(bytes, talk, sizeof(talk));
        bytes[i / 256] = (char)i;
        begin(i & 1);
        (void)play_probe(&play, 0, bytes, i / 256);
        play_data(&play, 0, bytes, sizeof(bytes) - 1);
        play_gap(&play, 0, i % 7);
        play_data(&play, 0, talk, i / 256);
        play_end(&play);
        play_done(&play);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peers_are_followed_by_their_messages),
        cmocka_unit_test(hole_in_a_piece_is_known),
        cmocka_unit_test(message_too_long_ends_it),
        cmocka_unit_test(answer_may_stand_behind_the_end_of_a_negotiation),
        cmocka_unit_test(handshake_over_utp_is_found),
        cmocka_unit_test(what_is_looked_for_in_the_own_network_names_the_torrents),
        cmocka_unit_test(announcement_to_a_tracker_names_the_torrent),
        cmocka_unit_test(dht_is_recognised),
        cmocka_unit_test(request_to_a_tracker_names_the_torrent),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
