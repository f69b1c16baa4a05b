/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/collect.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

enum
{
    LINK_ETHERNET = 1,
    RECORD_LEN = 16 + 60
};

static char folder[] = "/tmp/nta_test_XXXXXX";

static const char *path_of(const char *name)
{
    static char paths[8][PATH_MAX];
    static size_t n;
    char *path = paths[n++ % 8];

    (void)snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return path;
}

static void start(struct image *image, uint32_t magic, uint32_t link_type, bool big)
{
    image->len = 0;
    image->big = big;
    image_number(image, magic, 4);
    image_number(image, 2, 2);
    image_number(image, 4, 2);
    image_number(image, 0, 8);
    image_number(image, 65535, 4);
    image_number(image, link_type, 4);
}

static void record(struct image *image, uint32_t seconds, uint32_t fraction, uint16_t port)
{
    image_number(image, seconds, 4);
    image_number(image, fraction, 4);
    image_number(image, 60, 4);
    image_number(image, 60, 4);
    image_frame(image, port);
}

/** Three packets, in Ethernet and microseconds. */
static void three(struct image *image)
{
    start(image, 0xa1b2c3d4, LINK_ETHERNET, false);
    for (uint16_t i = 0; i < 3; i++)
        record(image, 1000U + i, 7, (uint16_t)(50 + i));
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
        start(&image, forms[i].magic, LINK_ETHERNET, forms[i].big);
        record(&image, 1700000000, 999999, 53);
        record(&image, UINT32_MAX, UINT32_MAX, 54);
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
        start(&image, 0xa1b2cd34, LINK_ETHERNET, big);
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
    start(&image, 0xa1b2c3d4, LINK_ETHERNET, false);
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
    three(&image);
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
    three(&image);
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
    start(&image, 0xa1b2c3d4, LINK_ETHERNET, false);
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
    start(&image, 0xa1b2c3d4, 147, false); /* for private use */
    record(&image, 1, 1, 53);
    record(&image, 1, 1, 53);
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
    memcpy(image.bytes, "\x1f\x8b\x08", 3);
    image_write(&image, image.len, path_of("packed"));
    collect_file(path_of("packed"), &got);
    assert_int_equal(got.rc, -EBADMSG);
    assert_non_null(strstr(got.err.text, "gzip"));
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

static void files_are_read_in_order_and_past_bad_ones(void **state)
{
    const char *files[] = {path_of("a"), path_of("text"), path_of("missing"), path_of("b")};
    const struct nta_capture_options options = {.files = files, .n_files = 4, .source = 9};
    struct image image;
    struct collected got;

    (void)state;
    three(&image);
    image_write(&image, image.len, files[0]);
    start(&image, 0xa1b23c4d, LINK_ETHERNET, true);
    record(&image, 1, 1, 99);
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
}

static void a_filter_lets_through_what_it_names(void **state)
{
    const char *path = path_of("filter");
    const struct nta_capture_options options = {
        .files = &path, .n_files = 1, .filter = "udp dst port 51"};
    struct image image;
    struct collected got;

    (void)state;
    three(&image);
    image_write(&image, image.len, path);
    collect_all(&options, &got);
    assert_int_equal(got.rc, 0);
    assert_int_equal(got.n_packets, 1);
    assert_int_equal(got.packets[0].dst_port, 51);
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
    assert_int_equal(nta_capture_check_filter("tcp prot 80", &err), -EINVAL);
    assert_non_null(strstr(err.text, "tcp prot 80"));
    assert_int_equal(nta_capture_check_filter("tcp port 80", &err), 0);
}

static void a_filter_that_a_files_link_type_lacks_is_said_for_that_file(void **state)
{
    const char *files[] = {path_of("raw"), path_of("ether")};
    const struct nta_capture_options options = {
        .files = files, .n_files = 2, .filter = "ether src 02:00:00:00:00:02"};
    struct image image;
    struct collected got;

    (void)state;
    start(&image, 0xa1b2c3d4, 101, false);
    record(&image, 1, 1, 53);
    image_write(&image, image.len, files[0]);
    three(&image);
    image_write(&image, image.len, files[1]);
    collect_all(&options, &got);
    assert_int_equal(got.rc, -EINVAL);
    assert_non_null(strstr(got.err.text, files[0]));
    assert_int_equal(got.n_packets, 3);
}

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
    three(&image);
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
    assert_non_null(block);
    return block;
}

static void a_silent_pipe_gives_what_it_has_and_can_be_stopped(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    const char *path = path_of("fifo");
    const struct nta_capture_options options = {.files = &path, .n_files = 1};
    struct image image;
    pthread_t thread;
    void *wrong;
    int fd;

    (void)state;
    three(&image);
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

static void stop_ends_a_run_whose_worker_is_stuck(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    const char *path = path_of("many");
    const struct nta_capture_options options = {.files = &path, .n_files = 1};
    struct nta_block *kept[4];
    struct image image;
    pthread_t thread;
    FILE *file;

    (void)state;
    three(&image);
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
    const char *path = path_of("pace");
    const struct nta_capture_options options = {.files = &path, .n_files = 1, .pace = true};
    struct image image;
    struct collected got;
    int64_t start_ns, took_ns;

    (void)state;
    start(&image, 0xa1b2c3d4, LINK_ETHERNET, false);
    record(&image, 1000, 0, 53);
    record(&image, 1000, 100000, 53);
    record(&image, 900, 0, 53); /* back in time: no wait */
    record(&image, 900, 150000, 53);
    image_write(&image, image.len, path);
    start_ns = nta_clock_mono_ns();
    collect_all(&options, &got);
    took_ns = nta_clock_mono_ns() - start_ns;
    assert_int_equal(got.n_packets, 4);
    assert_in_range((uint64_t)took_ns, 250 * NTA_NS_PER_MS, 2000 * NTA_NS_PER_MS);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"form",   "modified",   "none",   "cut",  "claim", "long",
                                        "link",   "no\x1b[31m", "packed", "a",    "text",  "b",
                                        "filter", "raw",        "ether",  "fifo", "many",  "pace"};

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
        cmocka_unit_test(files_are_read_in_order_and_past_bad_ones),
        cmocka_unit_test(a_filter_lets_through_what_it_names),
        cmocka_unit_test(a_filter_that_is_wrong_is_named_with_the_reason),
        cmocka_unit_test(a_filter_that_a_files_link_type_lacks_is_said_for_that_file),
        cmocka_unit_test(standard_input_comes_in_pieces_of_any_length),
        cmocka_unit_test(a_silent_pipe_gives_what_it_has_and_can_be_stopped),
        cmocka_unit_test(stop_ends_a_run_whose_worker_is_stuck),
        cmocka_unit_test(pace_keeps_the_captured_distances),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
