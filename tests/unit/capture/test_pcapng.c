/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/collect.h"
#include "capture/image.h"
#include "capture/link.h"

#include <errno.h>

static char path[] = "/tmp/nta_test_XXXXXX";
static bool no_memory;

int __real_nta_link_init_number(uint32_t number, uint32_t snap_len, const char *filter,
                                struct nta_link *ret_link, struct nta_err *err);
int __wrap_nta_link_init_number(uint32_t number, uint32_t snap_len, const char *filter,
                                struct nta_link *ret_link, struct nta_err *err);

int __wrap_nta_link_init_number(uint32_t number, uint32_t snap_len, const char *filter,
                                struct nta_link *ret_link, struct nta_err *err)
{
    if (!no_memory)
        return __real_nta_link_init_number(number, snap_len, filter, ret_link, err);
    *ret_link = (struct nta_link){.number = number};
    return nta_err_set(err, -ENOMEM, "no memory");
}

/** Where a block's first length goes once the block is complete. */
static size_t begin(struct image *image, uint32_t type)
{
    image_number(image, type, 4);
    image_number(image, 0, 4);
    return image->len - 8;
}

static void end(struct image *image, size_t at)
{
    size_t here = image->len;
    uint32_t len = (uint32_t)(here - at + 4);

    image->len = at + 4;
    image_number(image, len, 4);
    image->len = here;
    image_number(image, len, 4);
}

static void section(struct image *image, bool big)
{
    size_t at;

    image->big = big;
    at = begin(image, 0x0a0d0d0a);
    image_number(image, 0x1a2b3c4d, 4);
    image_number(image, 1, 2);
    image_number(image, 0, 2);
    image_number(image, UINT64_MAX, 8);
    end(image, at);
}

static void interface(struct image *image, uint16_t link_type, uint32_t snap_len, uint8_t power)
{
    size_t at = begin(image, 1);

    image_number(image, link_type, 2);
    image_number(image, 0, 2);
    image_number(image, snap_len, 4);
    image_number(image, 9, 2);
    image_number(image, 1, 2);
    image_number(image, power, 1);
    image_fill(image, 0, 3);
    image_number(image, 0, 4);
    end(image, at);
}

static void enhanced(struct image *image, uint32_t number, uint64_t count, uint16_t port)
{
    size_t at = begin(image, 6);

    image_number(image, number, 4);
    image_number(image, count >> 32, 4);
    image_number(image, count & UINT32_MAX, 4);
    image_number(image, 60, 4);
    image_number(image, 60, 4);
    image_frame(image, port);
    end(image, at);
}

static void obsolete(struct image *image, uint16_t number, uint64_t count, uint16_t port)
{
    size_t at = begin(image, 2);

    image_number(image, number, 2);
    image_number(image, 0xffff, 2);
    image_number(image, count >> 32, 4);
    image_number(image, count & UINT32_MAX, 4);
    image_number(image, 60, 4);
    image_number(image, 60, 4);
    image_frame(image, port);
    end(image, at);
}

static void simple(struct image *image, uint16_t port)
{
    size_t at = begin(image, 3);

    image_number(image, 60, 4);
    image_frame(image, port);
    end(image, at);
}

static void collect_image(const struct image *image, size_t len, struct collected *got)
{
    image_write(image, len, path);
    collect_file(path, got);
}

static void all_packet_blocks_are_read_in_both_byte_orders(void **state)
{
    struct collected got;

    (void)state;
    for (int big = 0; big < 2; big++) {
        struct image image = {0};
        size_t at;

        section(&image, big);
        interface(&image, 1, 0, 9);
        enhanced(&image, 0, 1700000000123456789, 50);
        at = begin(&image, 0xbad); /* whatever it is */
        image_fill(&image, 1, 40);
        end(&image, at);
        obsolete(&image, 0, 1700000000123456790, 51);
        simple(&image, 52);
        collect_image(&image, image.len, &got);
        assert_int_equal(got.rc, 0);
        assert_int_equal(got.n_packets, 3);
        for (uint16_t i = 0; i < 3; i++)
            assert_int_equal(got.packets[i].dst_port, 50 + i);
        assert_int_equal(got.packets[0].wall_ns, 1700000000123456789);
        assert_int_equal(got.packets[1].wall_ns, 1700000000123456790);
        assert_int_equal(got.packets[2].wall_ns, 1700000000123456790);
    }
}

/** What cannot be read since memory is out is said, and does not end what can. */
static void an_interface_without_memory_is_told(void **state)
{
    struct image image = {0};
    struct collected got;

    (void)state;
    section(&image, false);
    interface(&image, 1, 0, 9);
    enhanced(&image, 0, 1700000000123456789, 50);
    no_memory = true;
    collect_image(&image, image.len, &got);
    no_memory = false;
    assert_int_equal(got.rc, -ENOMEM);
    assert_non_null(strstr(got.err.text, "no memory"));
    collect_image(&image, image.len, &got);
    assert_int_equal(got.rc, 0);
    assert_int_equal(got.n_packets, 1);
}

static void interfaces_may_differ_in_link_type_snap_length_and_unit(void **state)
{
    struct image image = {0};
    struct collected got;

    (void)state;
    section(&image, false);
    interface(&image, 1, 65535, 6);
    interface(&image, 147, 100, 9);
    interface(&image, 113, 0, 3);
    enhanced(&image, 0, 5000000, 50);
    enhanced(&image, 1, 6000000000, 51);
    enhanced(&image, 2, 7000, 52);
    enhanced(&image, 0, 8000000, 53);
    collect_image(&image, image.len, &got);
    assert_int_equal(got.rc, -EPROTONOSUPPORT);
    assert_non_null(strstr(got.err.text, "link type 147"));
    assert_int_equal(got.n_packets, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(got.packets[i].wall_ns, (5 + i) * NTA_NS_PER_S);
    assert_int_equal(got.packets[0].kind, NTA_PACKET_UDP);
    assert_int_equal(got.packets[1].kind, NTA_PACKET_OTHER);
    assert_int_equal(got.packets[3].dst_port, 53);
}

static void a_new_section_forgets_interfaces_and_byte_order(void **state)
{
    struct image image = {0};
    struct collected got;

    (void)state;
    section(&image, false);
    interface(&image, 1, 0, 6);
    enhanced(&image, 0, 1, 50);
    section(&image, true);
    interface(&image, 1, 0, 9);
    enhanced(&image, 0, 1, 51);
    collect_image(&image, image.len, &got);
    assert_int_equal(got.rc, 0);
    assert_int_equal(got.n_packets, 2);
    assert_int_equal(got.packets[0].wall_ns, 1000);
    assert_int_equal(got.packets[1].wall_ns, 1);
    section(&image, true);
    enhanced(&image, 0, 1, 52);
    collect_image(&image, image.len, &got);
    assert_int_equal(got.rc, -EBADMSG);
    assert_int_equal(got.n_packets, 2);
}

static void cut_anywhere_all_before_is_delivered(void **state)
{
    struct image image = {0};
    struct collected got;
    size_t ends[8], n_ends = 0;

    (void)state;
    section(&image, true);
    ends[n_ends++] = image.len;
    interface(&image, 1, 0, 6);
    ends[n_ends++] = image.len;
    enhanced(&image, 0, 1, 50);
    ends[n_ends++] = image.len;
    obsolete(&image, 0, 2, 51);
    ends[n_ends++] = image.len;
    simple(&image, 52);
    ends[n_ends++] = image.len;
    for (size_t len = 0; len <= image.len; len++) {
        size_t n_whole = 0;

        while (n_whole < n_ends && ends[n_whole] <= len)
            n_whole++;
        collect_image(&image, len, &got);
        assert_int_equal(got.n_packets, n_whole > 2 ? n_whole - 2 : 0);
        assert_int_equal(got.rc == 0, n_whole > 0 && ends[n_whole - 1] == len);
    }
}

static void any_byte_may_be_wrong(void **state)
{
    struct image image = {0};
    struct collected got;

    (void)state;
    section(&image, false);
    interface(&image, 1, 0, 6);
    enhanced(&image, 0, 1, 50);
    simple(&image, 52);
    for (size_t i = 0; i < image.len; i++) {
        for (unsigned flip = 1; flip < 256; flip = flip * 16 + 15) {
            image.bytes[i] ^= (uint8_t)flip;
            collect_image(&image, image.len, &got);
            assert_true(got.n_packets <= 2);
            image.bytes[i] ^= (uint8_t)flip;
        }
    }
}

static void blocks_that_contradict_themselves_end_the_file(void **state)
{
    struct image image = {0};
    struct collected got;
    size_t at;

    (void)state;
    section(&image, false);
    interface(&image, 1, 0, 6);
    at = image.len;
    enhanced(&image, 0, 1, 50);
    image.bytes[at + 20] = 255; /* captured length behind the block's end */
    collect_image(&image, image.len, &got);
    assert_int_equal(got.rc, -EBADMSG);
    assert_non_null(strstr(got.err.text, "longer than its block"));
    image.bytes[at + 20] = 60;
    image.bytes[at + 8] = 1; /* interface 1 */
    collect_image(&image, image.len, &got);
    assert_non_null(strstr(got.err.text, "interface"));
    image.bytes[at + 8] = 0;
    image.bytes[image.len - 4] ^= 4;
    collect_image(&image, image.len, &got);
    assert_non_null(strstr(got.err.text, "differ"));
    assert_int_equal(got.n_packets, 0);
    assert_int_equal(got.n_broken, 1);
}

static void a_block_longer_than_the_buffer_is_skipped(void **state)
{
    static uint8_t zeros[3 * 1024 * 1024];
    struct image head = {0}, tail = {0};
    struct collected got;
    const uint32_t len = sizeof(zeros) + 12;
    FILE *file = fopen(path, "we");

    (void)state;
    section(&head, false);
    interface(&head, 1, 0, 6);
    enhanced(&head, 0, 1, 50);
    image_number(&head, 0xbad, 4);
    image_number(&head, len, 4);
    image_number(&tail, len, 4);
    enhanced(&tail, 0, 1, 51);
    assert_non_null(file);
    (void)fwrite(head.bytes, 1, head.len, file);
    (void)fwrite(zeros, 1, sizeof(zeros), file);
    (void)fwrite(tail.bytes, 1, tail.len, file);
    assert_int_equal(fclose(file), 0);
    collect_file(path, &got);
    assert_int_equal(got.rc, 0);
    assert_int_equal(got.n_packets, 2);
    assert_int_equal(got.packets[1].dst_port, 51);
}

static void a_filter_is_compiled_for_each_link_type(void **state)
{
    const char *file = path;
    const struct nta_capture_options options = {
        .files = &file, .n_files = 1, .filter = "udp dst port 50"};
    struct image image = {0};
    struct collected got;

    (void)state;
    section(&image, false);
    interface(&image, 1, 0, 6);
    interface(&image, 101, 0, 6);
    enhanced(&image, 0, 1, 50);
    enhanced(&image, 0, 1, 51);
    enhanced(&image, 1, 1, 50); /* no IP packet if it does not start with Ethernet */
    image_write(&image, image.len, path);
    collect_all(&options, &got);
    assert_int_equal(got.rc, 0);
    assert_int_equal(got.n_packets, 1);
}

static int make_file(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_packet_blocks_are_read_in_both_byte_orders),
        cmocka_unit_test(an_interface_without_memory_is_told),
        cmocka_unit_test(interfaces_may_differ_in_link_type_snap_length_and_unit),
        cmocka_unit_test(a_new_section_forgets_interfaces_and_byte_order),
        cmocka_unit_test(cut_anywhere_all_before_is_delivered),
        cmocka_unit_test(any_byte_may_be_wrong),
        cmocka_unit_test(blocks_that_contradict_themselves_end_the_file),
        cmocka_unit_test(a_block_longer_than_the_buffer_is_skipped),
        cmocka_unit_test(a_filter_is_compiled_for_each_link_type),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
