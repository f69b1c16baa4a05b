/* SPDX-License-Identifier: Apache-2.0 */
/* Input that comes slowly, is kept from going on, or is asked to stop. */
#include "capture/collect.h"
#include "capture/image.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static char file_path[] = "/tmp/nta_test_XXXXXX";

struct feeder
{
    int fd;
    const struct image *image;
    size_t piece_len;
    bool hang;
};

static void *feed(void *arg)
{
    struct feeder *feeder = arg;

    for (size_t off = 0; off < feeder->image->len; off += feeder->piece_len) {
        size_t len = feeder->image->len - off;

        if (len > feeder->piece_len)
            len = feeder->piece_len;
        if (write(feeder->fd, feeder->image->bytes + off, len) != (ssize_t)len)
            break;
    }
    if (!feeder->hang)
        close(feeder->fd);
    return NULL;
}

/** Standard input is a pipe that gets the image in pieces. */
static void collect_stdin(const struct image *image, size_t piece_len, struct collected *got)
{
    int fds[2], saved = dup(STDIN_FILENO);
    struct feeder feeder = {.image = image, .piece_len = piece_len};
    pthread_t thread;

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_true(dup2(fds[0], STDIN_FILENO) >= 0);
    close(fds[0]);
    feeder.fd = fds[1];
    assert_int_equal(pthread_create(&thread, NULL, feed, &feeder), 0);
    collect_file("-", got);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(dup2(saved, STDIN_FILENO) >= 0);
    close(saved);
}

static void standard_input_comes_in_pieces_of_any_length(void **state)
{
    static const size_t pieces[] = {1, 3, 16, 23, 77, 1000};
    struct image image;
    struct collected got;

    (void)state;
    image_three(&image);
    for (size_t i = 0; i < NTA_N_ELEMENTS(pieces); i++) {
        collect_stdin(&image, pieces[i], &got);
        assert_int_equal(got.rc, 0);
        assert_int_equal(got.n_packets, 3);
        assert_int_equal(got.packets[2].dst_port, 52);
        assert_int_equal(got.all, 0);
    }
    image.len -= 5;
    collect_stdin(&image, 10, &got);
    assert_int_equal(got.rc, -ENODATA);
    assert_int_equal(got.n_packets, 2);
    assert_non_null(strstr(got.err.text, "standard input"));
}

static void *run(void *arg)
{
    struct nta_err err = {0};
    struct nta_capture *capture = arg;

    return nta_capture_run(capture, &err) == 0 ? NULL : arg;
}

/** The worker's side: the next block within ten seconds. */
static struct nta_block *await_block(struct nta_dispatch *dispatch)
{
    struct nta_block *block = NULL;

    for (int i = 0; i < 10000 && !(block = nta_dispatch_take(dispatch, 0)); i++)
        usleep(1000);
    if (!block)
        abort();
    return block;
}

static void a_silent_pipe_gives_what_it_has_and_can_be_stopped(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    const char *path = file_path;
    const struct nta_capture_options options = {.files = &path, .n_files = 1};
    struct image image;
    pthread_t thread;
    void *wrong;
    int fd;

    (void)state;
    image_three(&image);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, image.bytes, image.len), image.len);
    assert_int_equal(nta_dispatch_new(0, 1, 4, &dispatch, NULL), 0);
    assert_int_equal(nta_capture_open(&options, dispatch, &capture, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, run, capture), 0);
    assert_int_equal(await_block(dispatch)->n_packets, 3); /* though nothing follows */
    nta_capture_stop(capture);
    assert_int_equal(pthread_join(thread, &wrong), 0);
    assert_null(wrong);
    assert_true(await_block(dispatch)->flags & NTA_BLOCK_LAST);
    close(fd);
}

static void a_pipe_that_nobody_writes_into_can_be_stopped(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    const char *path = file_path;
    const struct nta_capture_options options = {.files = &path, .n_files = 1};
    pthread_t thread;
    void *wrong;

    (void)state;
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(nta_dispatch_new(0, 1, 4, &dispatch, NULL), 0);
    assert_int_equal(nta_capture_open(&options, dispatch, &capture, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, run, capture), 0);
    usleep(30000);
    nta_capture_stop(capture);
    assert_int_equal(pthread_join(thread, &wrong), 0);
    assert_null(wrong);
}

static void stop_ends_a_run_whose_worker_is_stuck(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    const char *path = file_path;
    const struct nta_capture_options options = {.files = &path, .n_files = 1};
    struct nta_block *kept[4];
    struct image image;
    pthread_t thread;
    FILE *file;

    (void)state;
    image_three(&image);
    file = fopen(path, "we");
    assert_non_null(file);
    (void)fwrite(image.bytes, 1, 24, file);
    for (int i = 0; i < 10000; i++)
        (void)fwrite(image.bytes + 24, 1, RECORD_LEN, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(nta_dispatch_new(0, 1, 3, &dispatch, NULL), 0);
    assert_int_equal(nta_capture_open(&options, dispatch, &capture, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, run, capture), 0);
    for (size_t i = 0; i < 3; i++)
        kept[i] = await_block(dispatch);
    nta_capture_stop(capture);
    usleep(50000);
    nta_dispatch_give_back(dispatch, 0, kept[0]);
    kept[3] = await_block(dispatch);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(kept[3]->flags & NTA_BLOCK_LAST);
}

static void pace_keeps_the_captured_distances(void **state)
{
    const char *path = file_path;
    const struct nta_capture_options options = {.files = &path, .n_files = 1, .pace = true};
    struct image image;
    struct collected got;
    int64_t start_ns, took_ns;

    (void)state;
    image_start(&image, 0xa1b2c3d4, LINK_ETHERNET, false);
    image_record(&image, 1000, 0, 53);
    image_record(&image, 1000, 100000, 53);
    image_record(&image, 900, 0, 53); /* back in time: no wait */
    image_record(&image, 900, 150000, 53);
    image_write(&image, image.len, path);
    start_ns = nta_clock_mono_ns();
    collect_all(&options, &got);
    took_ns = nta_clock_mono_ns() - start_ns;
    assert_int_equal(got.n_packets, 4);
    assert_in_range((uint64_t)took_ns, 250 * NTA_NS_PER_MS, 2000 * NTA_NS_PER_MS);
}

static int make_file(void **state)
{
    int fd = mkstemp(file_path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(file_path);
}

static int renew_file(void **state)
{
    return remove_file(state) == 0 && mknod(file_path, S_IFREG | 0600, 0) == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_input_comes_in_pieces_of_any_length),
        cmocka_unit_test_teardown(a_silent_pipe_gives_what_it_has_and_can_be_stopped, renew_file),
        cmocka_unit_test_teardown(a_pipe_that_nobody_writes_into_can_be_stopped, renew_file),
        cmocka_unit_test(stop_ends_a_run_whose_worker_is_stuck),
        cmocka_unit_test(pace_keeps_the_captured_distances),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
