/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/smb/smb.h"
#include "smb_wire.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

static struct nta_play play;
static struct smb_wire wire;
static size_t cut = 4096;

static void send(unsigned side)
{
    smb_close(&wire);
    for (size_t at = 0, n; at < wire.len; at += n) {
        n = wire.len - at < cut ? wire.len - at : cut;
        play_data(&play, side, wire.bytes + at, n);
    }
}

#define SEND(side, make)                                                                           \
    do {                                                                                           \
        smb_frame(&wire);                                                                          \
        make;                                                                                      \
        send(side);                                                                                \
    } while (0)

static void begin(const char *share, uint8_t type)
{
    play_begin(&play, &nta_proto_smb, true, 445);
    SEND(0, smb_ask_tree(&wire, 1, share));
    SEND(1, smb_give_tree(&wire, 1, type));
}

static void open_file(const char *name, uint32_t attributes)
{
    SEND(0, smb_ask_create(&wire, 2, name));
    SEND(1, smb_give_create(&wire, 2, 'f', attributes));
}

static void expect(const char *text)
{
    assert_string_equal(play_end(&play), text);
    play_done(&play);
}

static void read_file_is_reported_with_share_and_server(void **state)
{
    (void)state;
    for (cut = 1; cut < 300; cut += 37) {
        begin("\\\\fs1\\media", 1);
        open_file("films\\a b.mkv", 0);
        SEND(0, smb_ask_read(&wire, 3, 'f', 0, 0));
        SEND(0, smb_ask_read(&wire, 4, 'f', 0, 9));
        SEND(1, smb_give_read(&wire, 4, "more", 4));
        SEND(1, smb_give_read(&wire, 3, "MZcontent", 9));
        SEND(0, smb_ask_close(&wire, 5, 'f', 0));
        SEND(1, smb_give_close(&wire, 5));
        const char *log = play_end(&play);

        assert_ptr_equal(log,
                         strstr(log, "smb begin method=READ host=fs1 path=/media/films/a b.mkv\n"
                                     "smb end method=READ host=fs1 path=/media/films/a b.mkv "
                                     "down=13"));
        play_done(&play);
    }
    cut = 4096;
}

static void written_file_is_reported_at_the_end_of_the_flow(void **state)
{
    (void)state;
    begin("\\\\192.0.2.8\\up", 1);
    open_file("x", 0);
    SEND(0, smb_ask_write(&wire, 3, 'f', 0, "PK\3\4abc", 7));
    SEND(0, smb_ask_write(&wire, 4, 'f', 7, "defg", 4));
    expect("smb begin method=WRITE path=/up/x to_server=1\n"
           "smb end method=WRITE path=/up/x to_server=1 up=11 "
           "type=application/zip\n");
}

/** Its mark is further behind than any other's. */
static void type_of_a_tar_archive_is_known(void **state)
{
    char tar[512] = "etc/passwd";

    (void)state;
    memcpy(tar + 257, "ustar", 5);
    begin("\\\\192.0.2.8\\up", 1);
    open_file("x", 0);
    SEND(0, smb_ask_write(&wire, 3, 'f', 0, tar, sizeof(tar)));
    expect("smb begin method=WRITE path=/up/x to_server=1\n"
           "smb end method=WRITE path=/up/x to_server=1 up=512 type=application/x-tar\n");
}

/** The same parser memory, another connection. */
static void begin_another(void)
{
    void *shared = play.io.shared;

    play.io.shared = NULL;
    (void)play_end(&play);
    play_done(&play);
    play_begin(&play, &nta_proto_smb, true, 445);
    free(play.io.shared);
    play.io.shared = shared;
}

static void a_file_is_known_to_all_connections_of_its_session(void **state)
{
    (void)state;
    begin("\\\\fs1\\media", 1);
    open_file("a.iso", 0);
    begin_another();
    SEND(0, smb_ask_read(&wire, 3, 'f', 0, 9));
    SEND(1, smb_give_read(&wire, 3, "more", 4));
    expect("smb begin method=READ host=fs1 path=/media/a.iso\n"
           "smb end method=READ host=fs1 path=/media/a.iso down=4\n");
}

static void another_session_has_other_files(void **state)
{
    (void)state;
    begin("\\\\fs1\\media", 1);
    open_file("a.iso", 0);
    begin_another();
    smb_frame(&wire);
    smb_ask_read(&wire, 3, 'f', 0, 9);
    wire.bytes[4 + 40] ^= 1;
    send(0);
    SEND(1, smb_give_read(&wire, 3, "more", 4));
    assert_null(strstr(play_end(&play), "a.iso"));
    play_done(&play);
}

static void channel_of_a_request_is_no_status(void **state)
{
    (void)state;
    begin("\\\\fs1\\up", 1);
    open_file("x", 0);
    smb_frame(&wire);
    smb_ask_write(&wire, 3, 'f', 0, "abc", 3);
    wire.bytes[4 + 8] = 1; /* section 2.2.1.2: ChannelSequence */
    send(0);
    expect("smb begin method=WRITE host=fs1 path=/up/x to_server=1\n"
           "smb end method=WRITE host=fs1 path=/up/x to_server=1 up=3\n");
}

static void related_commands_are_about_the_file_just_opened(void **state)
{
    (void)state;
    begin("\\\\fs1\\s", 1);
    smb_frame(&wire);
    smb_ask_create(&wire, 2, "doc");
    smb_ask_read(&wire, 3, 0xff, 4, 0);
    smb_ask_close(&wire, 4, 0xff, 4);
    send(0);
    smb_frame(&wire);
    smb_give_create(&wire, 2, 'd', 0);
    smb_give_read(&wire, 3, "hello", 5);
    smb_give_close(&wire, 4);
    send(1);
    expect("smb begin method=READ host=fs1 path=/s/doc\n"
           "smb end method=READ host=fs1 path=/s/doc down=5\n");
}

static void pipes_and_folders_are_no_files(void **state)
{
    (void)state;
    begin("\\\\fs1\\IPC$", 2);
    open_file("srvsvc", 0);
    SEND(0, smb_ask_write(&wire, 3, 'f', 0, "rpc", 3));
    expect("");
    begin("\\\\fs1\\s", 1);
    open_file("folder", 0x10);
    SEND(0, smb_ask_read(&wire, 3, 'f', 0, 0));
    expect("");
}

static void refused_file_is_forgotten(void **state)
{
    (void)state;
    begin("\\\\fs1\\s", 1);
    SEND(0, smb_ask_create(&wire, 2, "no"));
    SEND(1, smb_header(&wire, NTA_SMB_CREATE, 1, 2, 0x103));
    SEND(1, smb_header(&wire, NTA_SMB_CREATE, 1, 2, 0xc0000022));
    expect("");
}

static void file_opened_before_us_has_no_name(void **state)
{
    (void)state;
    begin("\\\\fs1\\s", 1);
    SEND(0, smb_ask_read(&wire, 3, 'q', 0, 5));
    SEND(1, smb_give_read(&wire, 3, "abc", 3));
    expect("smb begin method=READ host=fs1 path=/s/\n"
           "smb end method=READ host=fs1 path=/s/ down=3\n");
}

static void more_files_than_places_are_reported_early(void **state)
{
    (void)state;
    begin("\\\\fs1\\s", 1);
    for (unsigned i = 0; i < 40; i++) {
        char name[3] = {'a', (char)('a' + i % 26), 0};

        SEND(0, smb_ask_create(&wire, 100 + 2 * i, name));
        SEND(1, smb_give_create(&wire, 100 + 2 * i, (uint8_t)(1 + i), 0));
        SEND(0, smb_ask_write(&wire, 101 + 2 * i, (uint8_t)(1 + i), 0, "x", 1));
    }
    const char *log = play_end(&play);
    size_t n = 0;

    for (const char *at = log; (at = strstr(at, "smb end")) != NULL; at++)
        n++;
    assert_int_equal(n, 40);
    play_done(&play);
}

static void names_are_utf_8(void **state)
{
    uint8_t buf[16];

    (void)state;
    /* U+00E9, a backslash, U+20AC, U+1F600, half a pair */
    static const uint8_t utf16[] = {0xe9, 0, '\\', 0, 0xac, 0x20, 0x3d, 0xd8, 0, 0xde, 0, 0xd8};
    size_t len = nta_smb_utf8((struct nta_span){utf16, sizeof(utf16)}, buf, sizeof(buf));

    assert_int_equal(len, 13);
    assert_memory_equal(buf, "\xc3\xa9/\xe2\x82\xac\xf0\x9f\x98\x80\xed\xa0\x80", 13);
    assert_int_equal(nta_smb_utf8((struct nta_span){utf16, sizeof(utf16)}, buf, 4), 3);
}

static void encrypted_message_ends_it(void **state)
{
    (void)state;
    begin("\\\\fs1\\s", 1);
    play_data(&play, 0, "\0\0\0\x08\xfdSMBabcd", 12);
    assert_true(play.done[0] && play.done[1]);
    expect("");
}

static void frame_behind_a_hole_is_found(void **state)
{
    static char content[200];

    (void)state;
    memset(content, 'c', sizeof(content));
    begin("\\\\fs1\\s", 1);
    open_file("x", 0);
    smb_frame(&wire);
    smb_ask_write(&wire, 3, 'f', 10, content, sizeof(content));
    smb_close(&wire);
    play_data(&play, 0, wire.bytes, wire.len - 4);
    play_gap(&play, 0, 3); /* lies in what is skipped */
    play_gap(&play, 0, 101);
    SEND(0, smb_ask_write(&wire, 4, 'f', 300, "ab", 2));
    expect("smb begin method=WRITE host=fs1 path=/s/x to_server=1\n"
           "smb end method=WRITE host=fs1 path=/s/x to_server=1 up=202 lost-up=4\n");
}

static void message_from_the_presumed_server_swaps_the_sides(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_smb, true, 40001);
    SEND(1, smb_ask_tree(&wire, 1, "\\\\fs1\\s"));
    assert_true(play.swapped);
    expect("");
}

static void only_smb_is_taken(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_smb, true, 445);
    assert_int_equal(play_probe(&play, 0, "\0\0\0\x40", 4), NTA_PARSE_MORE);
    assert_int_equal(play_probe(&play, 0, "\0\0\0\x40\xfeSMB", 8), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, "\0\0\0\x40\xffSMB", 8), NTA_PARSE_OK);
    assert_int_equal(play_probe(&play, 0, "\0\0\0\x40\xfbSMB", 8), NTA_PARSE_OTHER);
    assert_int_equal(play_probe(&play, 0, "\x81\0\0\x44", 4), NTA_PARSE_OTHER);
    play.io.server_port = 139;
    assert_int_equal(play_probe(&play, 0, "\x81\0\0\x44", 4), NTA_PARSE_OK);
    play_done(&play);
}

/* A whole talk, of which one byte may be changed and the end may be missing. */
static void talk(size_t at, uint8_t value, size_t len)
{
    static struct smb_wire all[2];

    for (unsigned side = 0; side < 2; side++) {
        struct smb_wire *w = &all[side];

        smb_frame(w);
        if (side == 0) {
            smb_ask_tree(w, 1, "\\\\f\\s");
            smb_ask_create(w, 2, "n\\m");
            smb_ask_read(w, 3, 0xff, 4, 0);
            smb_ask_close(w, 4, 0xff, 4);
            smb_ask_write(w, 5, 'z', 0, "PK", 2);
        } else {
            smb_give_tree(w, 1, 1);
            smb_give_create(w, 2, 'f', 0);
            smb_give_read(w, 3, "abc", 3);
            smb_give_close(w, 4);
        }
        smb_close(w);
    }
    play_begin(&play, &nta_proto_smb, true, 445);
    for (unsigned side = 0; side < 2; side++) {
        size_t n = len < all[side].len ? len : all[side].len;

        all[side].bytes[at % all[side].len] ^= value;
        (void)play_probe(&play, side, all[side].bytes, n);
        play_data(&play, side, all[side].bytes, n);
        play_gap(&play, side, 3);
        play_data(&play, side, all[side].bytes, all[side].len);
    }
    play_end(&play);
    play_done(&play);
}

static void each_prefix_and_every_byte_may_be_anything(void **state)
{
    (void)state;
    for (size_t i = 0; i < 700; i++)
        talk(0, 0, i);
    for (size_t i = 0; i < 700 * 255; i += 3)
        talk(i / 255, (uint8_t)(1 + i % 255), 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_file_is_reported_with_share_and_server),
        cmocka_unit_test(written_file_is_reported_at_the_end_of_the_flow),
        cmocka_unit_test(a_file_is_known_to_all_connections_of_its_session),
        cmocka_unit_test(another_session_has_other_files),
        cmocka_unit_test(type_of_a_tar_archive_is_known),
        cmocka_unit_test(channel_of_a_request_is_no_status),
        cmocka_unit_test(related_commands_are_about_the_file_just_opened),
        cmocka_unit_test(pipes_and_folders_are_no_files),
        cmocka_unit_test(refused_file_is_forgotten),
        cmocka_unit_test(file_opened_before_us_has_no_name),
        cmocka_unit_test(more_files_than_places_are_reported_early),
        cmocka_unit_test(names_are_utf_8),
        cmocka_unit_test(encrypted_message_ends_it),
        cmocka_unit_test(frame_behind_a_hole_is_found),
        cmocka_unit_test(message_from_the_presumed_server_swaps_the_sides),
        cmocka_unit_test(only_smb_is_taken),
        cmocka_unit_test(each_prefix_and_every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
