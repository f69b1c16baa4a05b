/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/tftp.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

#define BYTES(literal) (literal), sizeof(literal) - 1
#define REQUEST                                                                                    \
    "\0\1dir/boot.img\0octet\0blksize\0"                                                           \
    "16\0"

static struct nta_play play;

static void begin(enum nta_app expected_by)
{
    play_begin(&play, &nta_proto_tftp, false, 69);
    play.io.expected_by = expected_by;
}

static void expect(const char *text)
{
    assert_string_equal(play_end(&play), text);
    play_done(&play);
}

static void block(unsigned side, uint16_t number, size_t len)
{
    uint8_t datagram[600] = {0, 3, (uint8_t)(number >> 8), (uint8_t)number, 'M', 'Z'};

    play_data(&play, side, datagram, len + 4);
}

static void request_announces_the_flow_of_its_content(void **state)
{
    (void)state;
    begin(NTA_APP_NONE);
    play_data(&play, 0, BYTES(REQUEST));
    play_data(&play, 0, BYTES(REQUEST));
    expect("tftp begin method=READ path=/dir/boot.img client at :40000/udp\n");
}

static void request_from_the_presumed_server_swaps_the_sides(void **state)
{
    (void)state;
    begin(NTA_APP_NONE);
    play_data(&play, 1, BYTES("\0\2x\0mail\0"));
    expect("swapped tftp begin method=WRITE path=/x to_server=1 client at :69/udp\n");
}

static void server_asks_for_nothing(void **state)
{
    (void)state;
    begin(NTA_APP_NONE);
    play_data(&play, 0, BYTES("\0\1x\0mail\0"));
    play_data(&play, 1, BYTES("\0\1y\0mail\0"));
    expect("tftp begin method=READ path=/x client at :40000/udp\n");
}

static void repeated_blocks_count_once(void **state)
{
    (void)state;
    begin(NTA_APP_TFTP);
    play_data(&play, 1,
              BYTES("\0\6blksize\0"
                    "16\0"));
    block(1, 1, 16);
    block(1, 1, 16);
    block(1, 2, 16);
    block(1, 1, 16);
    block(1, 3, 2);
    block(1, 3, 2);
    expect("tftp end down=34 complete=1 type=application/x-dosexec-unsure\n");
}

static void lost_block_is_a_hole(void **state)
{
    (void)state;
    begin(NTA_APP_TFTP);
    block(0, 2, 512);
    block(0, 4, 2);
    expect("tftp end to_server=1 up=514 hole=1 complete=1\n");
}

static void lost_block_that_was_acknowledged_counts(void **state)
{
    (void)state;
    begin(NTA_APP_TFTP);
    play_data(&play, 1, BYTES("\0\6tsize\0001538\0"));
    block(0, 1, 512);
    play_data(&play, 1, BYTES("\0\4\0\2"));
    block(0, 4, 2); /* the third may not have been sent */
    assert_non_null(
        strstr(play_end(&play), " up=1026 lost-up=512 announced=1538 hole=1 complete=1 "));
    play_done(&play);
}

static void block_cut_by_the_snap_length_is_no_short_one(void **state)
{
    (void)state;
    begin(NTA_APP_TFTP);
    play.io.cut = 412;
    block(0, 1, 100);
    play.io.cut = 0;
    block(0, 2, 100);
    assert_non_null(strstr(play_end(&play), " up=612 lost-up=412 complete=1 "));
    play_done(&play);
}

static void error_is_the_status(void **state)
{
    (void)state;
    begin(NTA_APP_TFTP);
    play_data(&play, 1, BYTES("\0\5\0\1not here\0"));
    expect("tftp end status=1\n");
}

/* Programs that hide a file say that it ends: its receiver never gets that, and blocks follow. */
static void blocks_behind_an_error_are_the_file(void **state)
{
    (void)state;
    begin(NTA_APP_TFTP);
    play_data(&play, 0, BYTES("\0\5\0\0no\0"));
    block(1, 1, 512);
    block(1, 2, 2);
    expect("tftp end\ntftp end down=514 complete=1 type=application/x-dosexec-unsure\n");
}

static void a_short_block_before_a_whole_one_ends_nothing(void **state)
{
    (void)state;
    begin(NTA_APP_TFTP);
    block(1, 1, 2);
    block(1, 1, 512);
    block(1, 2, 2);
    assert_non_null(strstr(play_end(&play), "tftp end down=514 complete=1"));
    play_done(&play);
}

static void blocks_behind_an_end_that_was_acknowledged_are_told(void **state)
{
    (void)state;
    begin(NTA_APP_TFTP);
    block(1, 1, 2);
    play_data(&play, 0, BYTES("\0\4\0\1"));
    block(1, 1, 512);
    block(1, 2, 2);
    assert_non_null(strstr(play_end(&play), "tftp end down=514 hole=1 complete=1"));
    play_done(&play);
}

static void a_block_far_ahead_hides_none_of_the_others(void **state)
{
    (void)state;
    begin(NTA_APP_TFTP);
    block(1, 1, 512);
    block(1, 30000, 512);
    block(1, 2, 512);
    block(1, 3, 2);
    assert_non_null(strstr(play_end(&play), "tftp end down=1026 complete=1"));
    play_done(&play);
}

/** RFC 7440: the receiver missed a block, and has what comes behind it sent again. */
static void a_window_that_is_sent_again_has_no_hole(void **state)
{
    (void)state;
    for (unsigned is_resent = 0; is_resent < 2; is_resent++) {
        begin(NTA_APP_TFTP);
        play.io.wants_content = true;
        block(1, 1, 512);
        block(1, 3, 512);
        block(1, 4, 2);
        for (unsigned i = 2; is_resent && i < 5; i++)
            block(1, (uint16_t)i, i < 4 ? 512 : 2);
        const char *said = play_end(&play);

        assert_non_null(strstr(said, is_resent ? "tftp end down=1538 complete=1"
                                               : "tftp end down=1026 hole=1 complete=1"));
        assert_true(!is_resent == !strstr(said, "content at=1536"));
        play_done(&play);
    }
}

static void server_may_answer_from_its_own_port(void **state)
{
    (void)state;
    begin(NTA_APP_NONE);
    play_data(&play, 0, BYTES("\0\1f\0netascii\0"));
    block(1, 1, 2);
    play_data(&play, 0, BYTES("\0\1g\0netascii\0"));
    expect("tftp begin method=READ path=/f client at :40000/udp\n"
           "tftp end method=READ path=/f down=2 complete=1 type=application/x-dosexec-unsure\n"
           "tftp begin method=READ path=/g client at :40000/udp\n");
}

static void block_numbers_wrap(void **state)
{
    (void)state;
    begin(NTA_APP_TFTP);
    for (uint32_t i = 1; i < 70000; i++)
        block(1, (uint16_t)i, 512);
    block(1, (uint16_t)70000, 0);
    assert_non_null(strstr(play_end(&play), "down=35839488 complete=1"));
    play_done(&play);
}

static void only_whole_requests_are_taken(void **state)
{
    (void)state;
    begin(NTA_APP_NONE);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(play_probe(&play, 0, REQUEST, i), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES(REQUEST)), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, BYTES("\0\1x\0other\0")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("\0\1\7\0octet\0")), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, BYTES("\0\3\0\1octet\0")), NTA_PARSE_OTHER);
    play_done(&play);
}

static void every_byte_may_be_anything(void **state)
{
    static const char *const all[] = {REQUEST, "\0\3\0\1hello",
                                      ("\0\6blksize\000"
                                       "16\0"),
                                      "\0\5\0\1oh\0"};
    static const size_t lens[] = {sizeof(REQUEST) - 1, 9, 13, 7};

    (void)state;
    for (size_t i = 0; i < sizeof(REQUEST) * 256; i++) {
        begin(i & 1 ? NTA_APP_TFTP : NTA_APP_NONE);
        for (size_t j = 0; j < NTA_N_ELEMENTS(all); j++) {
            char bytes[64];
            size_t len = i / 256 < lens[j] ? i / 256 : lens[j];

            memcpy(bytes, all[j], lens[j]);
            bytes[i / 256] = (char)i;
            play_data(&play, j > 0, bytes, lens[j]);
            play_data(&play, j > 0, bytes, len);
        }
        play_end(&play);
        play_done(&play);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_announces_the_flow_of_its_content),
        cmocka_unit_test(request_from_the_presumed_server_swaps_the_sides),
        cmocka_unit_test(server_asks_for_nothing),
        cmocka_unit_test(repeated_blocks_count_once),
        cmocka_unit_test(lost_block_is_a_hole),
        cmocka_unit_test(lost_block_that_was_acknowledged_counts),
        cmocka_unit_test(block_cut_by_the_snap_length_is_no_short_one),
        cmocka_unit_test(error_is_the_status),
        cmocka_unit_test(blocks_behind_an_error_are_the_file),
        cmocka_unit_test(a_short_block_before_a_whole_one_ends_nothing),
        cmocka_unit_test(blocks_behind_an_end_that_was_acknowledged_are_told),
        cmocka_unit_test(a_block_far_ahead_hides_none_of_the_others),
        cmocka_unit_test(a_window_that_is_sent_again_has_no_hole),
        cmocka_unit_test(server_may_answer_from_its_own_port),
        cmocka_unit_test(block_numbers_wrap),
        cmocka_unit_test(only_whole_requests_are_taken),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
