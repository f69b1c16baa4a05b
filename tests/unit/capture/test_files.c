/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "capture/collect.h"
#include "capture/image.h"

#include <errno.h>
#include <limits.h>

static char folder[] = "/tmp/nta_test_XXXXXX";

static const char *path_of(const char *name)
{
    static char paths[8][PATH_MAX];
    static size_t n;
    char *path = paths[n++ % 8];

    (void)snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return path;
}

static void both_byte_orders_and_both_units_are_read(void **state)
{
    static const struct
    {
        uint32_t magic;
        bool big;
        int64_t unit_ns;
    } forms[] = {{0xa1b2c3d4, false, 1000},
                 {0xa1b2c3d4, true, 1000},
                 {0xa1b23c4d, false, 1},
                 {0xa1b23c4d, true, 1}};
    struct image image;
    struct collected got;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(forms); i++) {
        image_start(&image, forms[i].magic, LINK_ETHERNET, forms[i].big);
        image_record(&image, 1700000000, 999999, 53);
        image_record(&image, UINT32_MAX, UINT32_MAX, 54);
        image_write(&image, image.len, path_of("form"));
        collect_file(path_of("form"), &got);
        assert_int_equal(got.rc, 0);
        assert_int_equal(got.n_packets, 2);
        assert_int_equal(got.packets[0].wall_ns,
                         1700000000 * NTA_NS_PER_S + 999999 * forms[i].unit_ns);
        assert_int_equal(got.packets[1].wall_ns,
                         UINT32_MAX * NTA_NS_PER_S + UINT32_MAX * forms[i].unit_ns);
        assert_int_equal(got.packets[0].kind, NTA_PACKET_UDP);
        assert_int_equal(got.packets[0].dst_port, 53);
        assert_int_equal(got.packets[1].dst_port, 54);
        assert_int_equal(got.packets[0].wire_len, 60);
        assert_int_equal(got.all, image.len);
        assert_int_equal(got.done, image.len);
    }
}

static void modified_record_headers_are_left_to_libpcap(void **state)
{
    struct image image;
    struct collected got;

    (void)state;
    for (int big = 0; big < 2; big++) {
        image_start(&image, 0xa1b2cd34, LINK_ETHERNET, big);
        for (uint16_t i = 0; i < 3; i++) {
            image_number(&image, 1000, 4);
            image_number(&image, i, 4);
            image_number(&image, 60, 4);
            image_number(&image, 60, 4);
            image_number(&image, 0, 8); /* interface, protocol, kind */
            image_frame(&image, 53);
        }
        image_write(&image, image.len, path_of("modified"));
        collect_file(path_of("modified"), &got);
        assert_int_equal(got.rc, 0);
        assert_int_equal(got.n_packets, 3);
        assert_int_equal(got.packets[2].wall_ns, 1000 * NTA_NS_PER_S + 2000);
        assert_int_equal(got.packets[2].dst_port, 53);
        image_write(&image, image.len - 1, path_of("modified"));
        collect_file(path_of("modified"), &got);
        assert_true(got.rc < 0);
        assert_int_equal(got.n_packets, 2);
        assert_int_equal(got.n_broken, 1);
    }
}

static void a_file_without_packets_is_fine(void **state)
{
    struct image image;
    struct collected got;

    (void)state;
    image_start(&image, 0xa1b2c3d4, LINK_ETHERNET, false);
    image_write(&image, image.len, path_of("none"));
    collect_file(path_of("none"), &got);
    assert_int_equal(got.rc, 0);
    assert_int_equal(got.n_packets, 0);
}

static void cut_anywhere_all_before_is_delivered(void **state)
{
    struct image image;
    struct collected got;

    (void)state;
    image_three(&image);
    for (size_t len = 0; len <= image.len; len++) {
        bool whole = len >= 24 && (len - 24) % RECORD_LEN == 0;

        image_write(&image, len, path_of("cut"));
        collect_file(path_of("cut"), &got);
        assert_int_equal(got.rc < 0, !whole);
        assert_int_equal(got.n_packets, len < 24 ? 0 : (len - 24) / RECORD_LEN);
        assert_int_equal(got.n_broken, len > 24 && !whole);
        if (!whole)
            assert_non_null(strstr(got.err.text, path_of("cut")));
    }
}

static void a_length_beyond_all_measure_ends_the_file(void **state)
{
    struct image image;
    struct collected got;

    (void)state;
    image_three(&image);
    memcpy(image.bytes + 24 + RECORD_LEN + 8, "\xff\xff\xff\x7f", 4);
    image_write(&image, image.len, path_of("claim"));
    collect_file(path_of("claim"), &got);
    assert_int_equal(got.rc, -EBADMSG);
    assert_int_equal(got.n_packets, 1);
    assert_int_equal(got.n_broken, 1);
}

static void a_packet_longer_than_a_block_is_cut_and_flagged(void **state)
{
    static uint8_t big[24 + 16 + 262144];
    struct image image;
    struct collected got;
    FILE *file;

    (void)state;
    image_start(&image, 0xa1b2c3d4, LINK_ETHERNET, false);
    memcpy(image.bytes + 16, "\x00\x00\x04\x00", 4); /* snap length 262144 */
    image_number(&image, 5, 8);
    image_number(&image, 262144, 4);
    image_number(&image, 262144, 4);
    memcpy(big, image.bytes, image.len);
    file = fopen(path_of("long"), "we");
    assert_non_null(file);
    assert_int_equal(fwrite(big, 1, sizeof(big), file), sizeof(big));
    assert_int_equal(fclose(file), 0);
    collect_file(path_of("long"), &got);
    assert_int_equal(got.rc, 0);
    assert_int_equal(got.n_packets, 1);
    assert_int_equal(got.packets[0].cap_len, NTA_BLOCK_PACKET_MAX);
    assert_int_equal(got.packets[0].wire_len, 262144);
    assert_true(got.packets[0].flags & NTA_PACKET_CUT);
    assert_int_equal(got.n_cut, 1);
}

static void an_unknown_link_type_is_said_and_counted(void **state)
{
    struct image image;
    struct collected got;

    (void)state;
    image_start(&image, 0xa1b2c3d4, 147, false); /* for private use */
    image_record(&image, 1, 1, 53);
    image_record(&image, 1, 1, 53);
    image_write(&image, image.len, path_of("link"));
    collect_file(path_of("link"), &got);
    assert_int_equal(got.rc, -EPROTONOSUPPORT);
    assert_non_null(strstr(got.err.text, "link type 147"));
    assert_non_null(strstr(got.err.text, path_of("link")));
    assert_int_equal(got.n_packets, 2);
    assert_int_equal(got.n_kind[NTA_PACKET_OTHER], 2);
}

static void what_is_no_capture_is_named_and_escaped(void **state)
{
    struct image image = {0};
    struct collected got;
    const char *path = path_of("no\x1b[31m");

    (void)state;
    image_fill(&image, 'x', 100);
    image_write(&image, image.len, path);
    collect_file(path, &got);
    assert_int_equal(got.rc, -EBADMSG);
    assert_non_null(strstr(got.err.text, "no\\x1b[31m: not a capture"));
    memcpy(image.bytes, "BZh", 3);
    image_write(&image, image.len, path_of("packed"));
    collect_file(path_of("packed"), &got);
    assert_int_equal(got.rc, -EBADMSG);
    assert_non_null(strstr(got.err.text, "bzip2"));
}

static void a_missing_first_file_and_a_folder_cannot_be_opened(void **state)
{
    struct collected got;

    (void)state;
    collect_file(path_of("missing"), &got);
    assert_int_equal(got.rc, -ENOENT);
    assert_non_null(strstr(got.err.text, path_of("missing")));
    collect_file(folder, &got);
    assert_int_equal(got.rc, -EISDIR);
}

/** Each bad file has its sentence. */
static void complain(void *owner, const char *sentence)
{
    struct nta_buf *sentences = owner;

    nta_buf_put(sentences, sentence, strlen(sentence));
    nta_buf_put_u8(sentences, '\n');
}

static void all_files_are_read_past_bad_ones(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sentences = {0};
    const char *files[] = {path_of("a"), path_of("text"), path_of("missing"), path_of("b")};
    const struct nta_capture_options options = {
        .files = files, .n_files = 4, .source = 9, .complain = complain, .owner = &sentences};
    struct image image;
    struct collected got;

    (void)state;
    image_three(&image);
    image_write(&image, image.len, files[0]);
    image_start(&image, 0xa1b23c4d, LINK_ETHERNET, true);
    image_record(&image, UINT32_MAX, 1, 99);
    image_write(&image, image.len, files[3]);
    memset(&image, 'x', 100);
    image_write(&image, 100, files[1]);
    collect_all(&options, &got);
    assert_int_equal(got.rc, -EBADMSG);
    assert_non_null(strstr(got.err.text, files[1]));
    assert_int_equal(got.n_packets, 4);
    for (uint16_t i = 0; i < 3; i++)
        assert_int_equal(got.packets[i].dst_port, 50 + i);
    assert_int_equal(got.packets[3].dst_port, 99);
    assert_int_equal(got.packets[3].source, 9);
    nta_buf_put_u8(&sentences, '\0');
    assert_non_null(strstr((char *)sentences.ptr, "text: not a capture file"));
    assert_non_null(strstr((char *)sentences.ptr, "missing: No such file"));
    /* nor does it end with the first one */
    const char *turned[] = {files[2], files[0]};
    const struct nta_capture_options bad_first = {.files = turned, .n_files = 2};

    collect_all(&bad_first, &got);
    assert_int_equal(got.rc, -ENOENT);
    assert_int_equal(got.n_packets, 3);
}

static void a_filter_lets_through_what_it_names(void **state)
{
    const char *path = path_of("filter");
    const struct nta_capture_options options = {
        .files = &path, .n_files = 1, .filter = "udp dst port 51"};
    struct image image;
    struct collected got;

    (void)state;
    image_three(&image);
    image_write(&image, image.len, path);
    collect_all(&options, &got);
    assert_int_equal(got.rc, 0);
    assert_int_equal(got.n_packets, 1);
    assert_int_equal(got.packets[0].dst_port, 51);
}

/** A filter is refused, and this word is named with that for it; NULL: none is. */
static void check_wrong_word(const char *filter, const char *wrong, const char *right)
{
    struct nta_err err = {0};

    assert_int_equal(nta_capture_check_filter(filter, -1, &err), -EINVAL);
    const char *at = strstr(err.text, " is no word of the language");

    if ((at != NULL) != (wrong != NULL) || (at && (!strstr(err.text, wrong) || !strstr(at, right))))
        fail_msg("%s: %s", filter, err.text);
}

static void a_filter_that_is_wrong_is_named_with_the_reason(void **state)
{
    const char *path = path_of("filter");
    const struct nta_capture_options options = {
        .files = &path, .n_files = 1, .filter = "prot\x07 80"};
    struct collected got;
    struct nta_err err = {0};

    (void)state;
    collect_all(&options, &got);
    assert_int_equal(got.rc, -EINVAL);
    assert_non_null(strstr(got.err.text, "prot\\x07 80"));
    assert_int_equal(nta_capture_check_filter("tcp prot 80", -1, &err), -EINVAL);
    assert_non_null(strstr(err.text, "tcp prot 80"));
    assert_int_equal(nta_capture_check_filter("tcp port 80", -1, &err), 0);
    check_wrong_word("udp and prot 53", "\"prot\"", "\"proto\"");
    check_wrong_word("tcpp", "\"tcpp\"", "\"tcp\"");
    check_wrong_word("(tcp port 80) andd udp", "\"andd\"", "\"and\"");
    check_wrong_word("host 192.0.2.1 or or udp", NULL, NULL); /* no word is wrong by itself */
    check_wrong_word("tcp port http port", NULL, NULL);
}

static void a_filter_that_a_files_link_type_lacks_is_said_for_that_file(void **state)
{
    const char *files[] = {path_of("raw"), path_of("ether")};
    const struct nta_capture_options options = {
        .files = files, .n_files = 2, .filter = "ether src 02:00:00:00:00:02"};
    struct image image;
    struct collected got;

    (void)state;
    image_start(&image, 0xa1b2c3d4, 101, false);
    image_record(&image, 1, 1, 53);
    image_write(&image, image.len, files[0]);
    image_three(&image);
    image_write(&image, image.len, files[1]);
    collect_all(&options, &got);
    assert_int_equal(got.rc, -EINVAL);
    assert_non_null(strstr(got.err.text, files[0]));
    assert_int_equal(got.n_packets, 3);
}

static void a_filter_that_only_other_links_know_is_no_error(void **state)
{
    const char *path = path_of("wlan");
    const struct nta_capture_options options = {.files = &path, .n_files = 1, .filter = "type mgt"};
    struct image image;
    struct collected got;

    (void)state;
    assert_true(nta_capture_check_filter("type mgt", -1, NULL) < 0);
    assert_int_equal(nta_capture_check_filter("type mgt", 105 /* IEEE 802.11 */, NULL), 0);
    image_start(&image, 0xa1b2c3d4, 105, false);
    image_record(&image, 1, 1, 53);
    image_write(&image, image.len, path);
    collect_all(&options, &got);
    assert_int_equal(got.rc, 0);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"form",   "modified",   "none",   "cut", "claim", "long",
                                        "link",   "no\x1b[31m", "packed", "a",   "text",  "b",
                                        "filter", "raw",        "ether",  "wlan"};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++)
        (void)unlink(path_of(names[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_byte_orders_and_both_units_are_read),
        cmocka_unit_test(modified_record_headers_are_left_to_libpcap),
        cmocka_unit_test(a_file_without_packets_is_fine),
        cmocka_unit_test(cut_anywhere_all_before_is_delivered),
        cmocka_unit_test(a_length_beyond_all_measure_ends_the_file),
        cmocka_unit_test(a_packet_longer_than_a_block_is_cut_and_flagged),
        cmocka_unit_test(an_unknown_link_type_is_said_and_counted),
        cmocka_unit_test(what_is_no_capture_is_named_and_escaped),
        cmocka_unit_test(a_missing_first_file_and_a_folder_cannot_be_opened),
        cmocka_unit_test(all_files_are_read_past_bad_ones),
        cmocka_unit_test(a_filter_lets_through_what_it_names),
        cmocka_unit_test(a_filter_that_is_wrong_is_named_with_the_reason),
        cmocka_unit_test(a_filter_that_only_other_links_know_is_no_error),
        cmocka_unit_test(a_filter_that_a_files_link_type_lacks_is_said_for_that_file),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
