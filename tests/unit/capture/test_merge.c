/* SPDX-License-Identifier: Apache-2.0 */
/* Several files: their packets come in the order of time, however they are cut and named. */
#include "collect.h"
#include "image.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

enum
{
    N_FILES = 60,
    START = 1000,
    ETHERNET = 1
};

static char folder[] = "/tmp/nta-merge-XXXXXX";
static char paths[N_FILES][PATH_MAX];
static const char *names[N_FILES];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    for (size_t i = 0; i < N_FILES; i++) {
        (void)snprintf(paths[i], sizeof(paths[i]), "%s/%zu", folder, i);
        names[i] = paths[i];
    }
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_FILES; i++)
        (void)unlink(paths[i]);
    return rmdir(folder);
}

/** A file with `n` packets, `step` apart, from `first` seconds on; ports count up from `port`. */
static void write_file(size_t i, uint32_t first, uint32_t step, size_t n, uint16_t port)
{
    struct image image;

    image_start(&image, 0xa1b2c3d4, ETHERNET, false);
    for (size_t k = 0; k < n; k++)
        image_record(&image, first + (uint32_t)k * step, 0, (uint16_t)(port + k));
    image_write(&image, image.len, paths[i]);
}

static void collect_files(size_t n, struct collected *got)
{
    const struct nta_capture_options options = {.files = names, .n_files = n};

    collect_all(&options, got);
}

static void assert_in_order(const struct collected *got)
{
    for (size_t i = 1; i < got->n_packets && i < COLLECT_MAX; i++)
        assert_true(got->packets[i - 1].order_ns <= got->packets[i].order_ns);
}

static void both_directions_of_a_tap_are_one_capture(void **state)
{
    struct collected got;

    (void)state;
    write_file(0, START, 2, 20, 100);
    write_file(1, START + 1, 2, 20, 200);
    collect_files(2, &got);
    assert_int_equal(got.rc, 0);
    assert_int_equal(got.n_packets, 40);
    assert_int_equal(got.n_late, 0);
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(got.packets[i].dst_port, (i % 2 ? 200 : 100) + i / 2);
    assert_int_equal(got.done, got.all);
}

static void of_equal_times_the_file_named_first_comes_first(void **state)
{
    struct collected got;

    (void)state;
    write_file(0, START, 0, 10, 300);
    write_file(1, START, 0, 10, 100);
    collect_files(2, &got);
    assert_int_equal(got.n_packets, 20);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(got.packets[i].dst_port, i < 10 ? 300 + i : 90 + i);
}

/** More than can be open at a time. */
static void files_that_follow_each_other_come_in_order_however_named(void **state)
{
    struct collected got;

    (void)state;
    for (size_t i = 0; i < N_FILES; i++)
        write_file(i, START + (uint32_t)(N_FILES - i) * 10, 10, 1, (uint16_t)(N_FILES - i));
    collect_files(N_FILES, &got);
    assert_int_equal(got.rc, 0);
    assert_int_equal(got.n_packets, N_FILES);
    assert_int_equal(got.n_late, 0);
    for (size_t i = 0; i < N_FILES; i++)
        assert_int_equal(got.packets[i].dst_port, i + 1);
    assert_int_equal(got.done, got.all);
}

/** What does not fit is not lost, and said. */
static void more_files_at_a_time_than_can_be_open_are_read_late(void **state)
{
    struct collected got;

    (void)state;
    for (size_t i = 0; i < N_FILES; i++)
        write_file(i, START, 1, 10, 1);
    collect_files(N_FILES, &got);
    assert_int_equal(got.rc, 0);
    assert_int_equal(got.n_packets, N_FILES * 10);
    assert_in_range(got.n_late, 1, N_FILES * 10);
    assert_in_order(&got);
}

/** A clock that went back inside a file neither ends it nor holds up the others. */
static void a_file_whose_clock_went_back_stays_in_its_own_order(void **state)
{
    struct image image;
    struct collected got;

    (void)state;
    image_start(&image, 0xa1b2c3d4, ETHERNET, false);
    image_record(&image, START, 0, 1);
    image_record(&image, START + 100, 0, 2);
    image_record(&image, START + 1, 0, 3);
    image_record(&image, START + 2, 0, 4);
    image_write(&image, image.len, paths[0]);
    write_file(1, START + 50, 1000, 2, 100);
    collect_files(2, &got);
    assert_int_equal(got.n_packets, 6);
    static const uint16_t ports[] = {1, 100, 2, 3, 4, 101};

    for (size_t i = 0; i < 6; i++)
        assert_int_equal(got.packets[i].dst_port, ports[i]);
    assert_in_order(&got);
}

static void a_broken_file_does_not_end_the_others(void **state)
{
    struct image image;
    struct collected got;

    (void)state;
    image_start(&image, 0xa1b2c3d4, ETHERNET, false);
    image_record(&image, START, 0, 1);
    image_record(&image, START + 2, 0, 2);
    image_write(&image, image.len - 1, paths[0]);
    write_file(1, START + 1, 2, 3, 100);
    collect_files(2, &got);
    assert_int_equal(got.rc, -ENODATA);
    assert_non_null(strstr(got.err.text, paths[0]));
    assert_int_equal(got.n_packets, 4);
    assert_int_equal(got.n_broken, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_of_a_tap_are_one_capture),
        cmocka_unit_test(of_equal_times_the_file_named_first_comes_first),
        cmocka_unit_test(files_that_follow_each_other_come_in_order_however_named),
        cmocka_unit_test(more_files_at_a_time_than_can_be_open_are_read_late),
        cmocka_unit_test(a_file_whose_clock_went_back_stays_in_its_own_order),
        cmocka_unit_test(a_broken_file_does_not_end_the_others),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
