/* SPDX-License-Identifier: Apache-2.0 */
/* The hash of a file read over SMB: where all its bytes come, each once. */
#include "pipeline/kit.h"
#include "proto/smb_wire.h"

/* SHA-256 of "abc" (FIPS 180-4) */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

enum
{
    SIZE_AT = NTA_SMB_HEADER_LEN + 48 ///< EndofFile of an answer to CREATE ([MS-SMB2] 2.2.14).
};

static struct kit kit;
static struct smb_wire wire;
static struct wire_tcp tcp;
static uint64_t message;
static char line[4096];

static int setup(void **state)
{
    static const struct nta_span none;

    (void)state;
    kit_init(&kit);
    kit_list(&kit, ABC "\n", false);
    tcp = (struct wire_tcp){{"10.0.0.5", 41000}, {"198.51.100.7", 445}, {1, 1}};
    message = 0;
    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static void send(unsigned side)
{
    smb_close(&wire);
    wire_segment(&kit.wire, &tcp, side, WIRE_ACK, (struct nta_span){wire.bytes, wire.len});
}

static void open_file(const char *name, uint8_t id, uint8_t size)
{
    smb_frame(&wire);
    smb_ask_create(&wire, ++message, name);
    send(0);
    smb_frame(&wire);
    smb_give_create(&wire, message, id, 0);
    wire.bytes[wire.command + SIZE_AT] = size;
    send(1);
}

static void read_file(uint8_t id, uint64_t offset, const char *text)
{
    smb_frame(&wire);
    smb_ask_read(&wire, ++message, id, 0, offset);
    send(0);
    smb_frame(&wire);
    smb_give_read(&wire, message, text, strlen(text));
    send(1);
}

static void close_file(uint8_t id)
{
    smb_frame(&wire);
    smb_ask_close(&wire, ++message, id, 0);
    send(0);
    smb_frame(&wire);
    smb_give_close(&wire, message);
    send(1);
}

static bool is_hashed(const char *name)
{
    kit_says(&kit, "\"event\":\"request\"", name, "\"app\":\"smb\"", line, sizeof(line));
    return strstr(line, "\"sha256\":\"") != NULL;
}

static void a_file_read_in_order_is_hashed(void **state)
{
    (void)state;
    open_file("a.exe", 'a', 3);
    read_file('a', 0, "a");
    read_file('a', 1, "bc");
    close_file('a');
    kit_run(&kit);
    assert_true(is_hashed("a.exe"));
    assert_non_null(strstr(line, ABC));
    assert_non_null(strstr(line, "\"complete\":true"));
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "\"kind\":\"hash\"", NULL, 0), 1);
}

/* As browsing a folder gives them: one after the other, and the first is closed last. */
static void each_of_several_files_has_its_own(void **state)
{
    (void)state;
    open_file("a.exe", 'a', 3);
    open_file("b.ini", 'b', 3);
    read_file('b', 0, "xyz");
    close_file('b');
    read_file('a', 0, "abc");
    close_file('a');
    kit_run(&kit);
    assert_true(is_hashed("b.ini"));
    assert_null(strstr(line, ABC));
    assert_true(is_hashed("a.exe"));
    assert_non_null(strstr(line, ABC));
}

/* The bytes of one are never taken for those of another that goes on where it stopped. */
static void files_that_are_read_by_turns_are_not_mixed(void **state)
{
    (void)state;
    open_file("a.exe", 'a', 3);
    open_file("b.ini", 'b', 3);
    read_file('b', 0, "x");
    read_file('a', 0, "a");
    read_file('b', 1, "bc");
    read_file('a', 1, "bc");
    close_file('b');
    close_file('a');
    kit_run(&kit);
    assert_true(is_hashed("b.ini"));
    assert_null(strstr(line, ABC));
    assert_true(is_hashed("a.exe"));
    assert_non_null(strstr(line, ABC));
}

static void a_file_read_in_any_order_is_hashed_in_its_own(void **state)
{
    (void)state;
    open_file("turned.exe", 'b', 3);
    read_file('b', 1, "bc");
    read_file('b', 0, "a");
    close_file('b');
    kit_run(&kit);
    assert_true(is_hashed("turned.exe"));
    assert_non_null(strstr(line, ABC));
}

static void channel(unsigned i)
{
    static struct wire_tcp channels[2];

    if (i == 1 && channels[1].seq[0] == 0) {
        channels[1] = (struct wire_tcp){{"10.0.0.5", 41001}, {"198.51.100.7", 445}, {7, 8}};
        wire_segment(&kit.wire, &channels[1], 0, WIRE_SYN, (struct nta_span){0});
        wire_segment(&kit.wire, &channels[1], 1, WIRE_SYN | WIRE_ACK, (struct nta_span){0});
    }
    channels[1 - i] = tcp;
    tcp = channels[i];
}

/* [MS-SMB2] 3.2.4.1.7: one session over two connections; the second one closes the file. */
static void a_file_read_over_two_channels_is_one(void **state)
{
    (void)state;
    open_file("both.exe", 'a', 3);
    read_file('a', 0, "a");
    channel(1);
    read_file('a', 1, "bc");
    close_file('a');
    channel(0);
    kit_run(&kit);
    kit_says(&kit, "\"event\":\"download\"", "both.exe", ABC, line, sizeof(line));
    assert_non_null(strstr(line, "\"complete\":true,\"parts\":2"));
    assert_non_null(strstr(line, "\"bytes\":3,"));
    assert_int_equal(kit_find(&kit, "\"event\":\"download\"", "both.exe", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "\"kind\":\"hash\"", NULL, 0), 1);
}

/* One half was read twice: as many bytes as the file has, and not the file. */
static void a_half_that_is_read_twice_is_no_whole(void **state)
{
    (void)state;
    open_file("half.exe", 'a', 6);
    read_file('a', 0, "abc");
    read_file('a', 0, "abc");
    close_file('a');
    kit_run(&kit);
    assert_false(is_hashed("half.exe"));
    assert_null(strstr(line, "\"complete\":true"));
}

static void a_file_that_was_read_twice_is_one_if_its_bytes_are_the_same(void **state)
{
    (void)state;
    open_file("twice.exe", 'c', 3);
    read_file('c', 0, "abc");
    read_file('c', 0, "abc");
    close_file('c');
    open_file("other.exe", 'd', 3);
    read_file('d', 0, "abc");
    read_file('d', 1, "xc");
    close_file('d');
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"event\":\"download\"", ABC, NULL, 0), 1);
    kit_says(&kit, "\"event\":\"download\"", "other.exe", "\"no_hash\":\"overlap\"", line,
             sizeof(line));
    assert_non_null(strstr(line, "\"complete\":false"));
}

static void what_is_not_whole_is_not_hashed(void **state)
{
    (void)state;
    open_file("short.exe", 'a', 4);
    read_file('a', 0, "abc");
    close_file('a');
    open_file("grows.exe", 'd', 0);
    read_file('d', 0, "abc");
    close_file('d');
    open_file("rest.exe", 'e', 3);
    read_file('e', 3, "abc");
    close_file('e');
    kit_run(&kit);
    assert_false(is_hashed("short.exe"));
    assert_false(is_hashed("grows.exe"));
    assert_false(is_hashed("rest.exe"));
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "\"kind\":\"hash\"", NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_read_in_order_is_hashed, setup, teardown),
        cmocka_unit_test_setup_teardown(each_of_several_files_has_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(files_that_are_read_by_turns_are_not_mixed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_file_read_in_any_order_is_hashed_in_its_own, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_file_read_over_two_channels_is_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_half_that_is_read_twice_is_no_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_was_read_twice_is_one_if_its_bytes_are_the_same,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_whole_is_not_hashed, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
