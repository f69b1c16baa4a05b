/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a store changes no file of its folder and leaves none, and yet sees what is there. */
#include "base/own.h"
#include "store/hostile.h"
#include "store/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

/** Names, bytes and times of all that is in a folder, as a number. */
static uint64_t sum_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    uint64_t sum = 0;

    assert_non_null(dir);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    while ((entry = readdir(dir))) {
        char path[400];
        struct stat status;
        size_t len = 0;
        uint64_t one = 1469598103934665603U;

        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        assert_int_equal(stat(path, &status), 0);
        NTA_AUTO_FREE uint8_t *bytes = hostile_read(path, &len);

        for (const char *c = entry->d_name; *c; c++)
            one = (one ^ (uint8_t)*c) * 1099511628211U;
        for (size_t i = 0; i < len; i++)
            one = (one ^ bytes[i]) * 1099511628211U;
        one = (one ^ (uint64_t)status.st_mtim.tv_nsec) * 1099511628211U;
        sum += one ^ (uint64_t)status.st_uid ^ (uint64_t)status.st_mode << 32;
    }
    (void)closedir(dir);
    return sum;
}

static void copy_beside(const char *from, const char *to, const char *suffix)
{
    char a[128], b[128];
    size_t len = 0;

    (void)snprintf(a, sizeof(a), "%s%s", from, suffix);
    (void)snprintf(b, sizeof(b), "%s%s", to, suffix);
    NTA_AUTO_FREE uint8_t *bytes = hostile_read(a, &len);

    hostile_write(b, bytes, len);
}

/** Read all of a store in each way there is; its folder must be as before. */
static void read_without_a_trace(struct scene *scene, const char *path, const char *folder,
                                 uint64_t n)
{
    struct nta_store *reader = NULL, *kept = scene->store;
    struct nta_store_size size;
    struct sample_seen seen = {0};
    uint64_t before = sum_folder(folder), count = 0;

    if (nta_store_open_sqlite(path, false, &reader, &scene->err) < 0)
        fail_msg("%s", scene->err.text);
    scene->store = reader;
    scene_collect(scene, &(struct nta_store_query){0});
    scene->store = kept;
    assert_int_equal(scene->seen.n, n);
    assert_int_equal(scene->seen.n_faulty, 0);
    assert_int_equal(nta_store_measure(reader, &size, &scene->err), 0);
    assert_int_equal(nta_store_count(reader, &(struct nta_store_query){0}, &count, &scene->err), 0);
    assert_int_equal(count, n);
    assert_int_equal(nta_store_freeze(reader, &scene->err), 0);
    assert_int_equal(
        nta_store_each(reader, &(struct nta_store_query){0}, sample_collect, &seen, &scene->err),
        0);
    assert_int_equal(seen.n, n);
    nta_store_thaw(reader);
    nta_store_close(&reader);
    assert_int_equal(sum_folder(folder), before);
}

static void a_store_at_rest_stays_as_it_is(void **state)
{
    struct scene *scene = *state;
    char copy[160], shm[128];

    scene_put_some(scene, 1, 30, 10000);
    nta_store_close(&scene->store);
    read_without_a_trace(scene, scene->path, scene->folder, 30); /* with the writer's files */
    (void)snprintf(shm, sizeof(shm), "%s-shm", scene->path);
    (void)unlink(shm);
    read_without_a_trace(scene, scene->path, scene->folder, 30);
    (void)snprintf(shm, sizeof(shm), "%s-wal", scene->path);
    (void)unlink(shm);
    read_without_a_trace(scene, scene->path, scene->folder, 30);
    (void)snprintf(copy, sizeof(copy), "%s/copy with ?%%#.db", scene->folder);
    copy_beside(scene->path, copy, "");
    read_without_a_trace(scene, copy, scene->folder, 30);
    (void)unlink(copy);
}

static void a_copy_with_its_log_is_read_with_it(void **state)
{
    struct scene *scene = *state;
    char folder[] = "/tmp/nta-copy-XXXXXX", copy[64], name[80];
    struct stat status;

    scene_put_some(scene, 1, 30, 10000);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(copy, sizeof(copy), "%s/c.db", folder);
    copy_beside(scene->path, copy, "");
    copy_beside(scene->path, copy, "-wal");
    (void)snprintf(name, sizeof(name), "%s-wal", copy);
    assert_int_equal(stat(name, &status), 0);
    assert_true(status.st_size > 100000); /* or this would show nothing */
    read_without_a_trace(scene, copy, folder, 30);
    copy_beside(scene->path, copy, "-shm");
    read_without_a_trace(scene, copy, folder, 30);
    for (const char *const *suffix = (const char *const[]){"", "-wal", "-shm", NULL}; *suffix;
         suffix++) {
        (void)snprintf(name, sizeof(name), "%s%s", copy, *suffix);
        assert_int_equal(unlink(name), 0);
    }
    assert_int_equal(rmdir(folder), 0); /* nothing else was in it */
}

static void a_reader_that_was_first_sees_what_a_writer_adds(void **state)
{
    struct scene *scene = *state;
    struct nta_store *reader = NULL, *writer = NULL;

    scene_put_some(scene, 1, 5, 1000);
    nta_store_close(&scene->store);
    assert_int_equal(nta_store_open_sqlite(scene->path, false, &reader, &scene->err), 0);
    scene->store = reader;
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 5);
    assert_int_equal(nta_store_open_sqlite(scene->path, true, &writer, &scene->err), 0);
    for (uint64_t i = 6; i <= 40; i++) {
        scene->store = writer;
        scene_put_some(scene, i, i, 200000); /* 7 MB: emptied into the file every 16 */
        scene->store = reader;
        scene_collect(scene, &(struct nta_store_query){0});
        assert_int_equal(scene->seen.n, i);
        assert_true(scene->seen.is_chain);
    }
    scene->store = NULL;
    nta_store_close(&writer);
    nta_store_close(&reader);
}

/** In a child: write until killed. */
static void write_on(const char *path, int fd)
{
    static struct sample sample;
    struct nta_store *store = NULL;
    struct nta_err err = {0};

    if (nta_store_open_sqlite(path, true, &store, &err) < 0)
        _exit(1);
    for (uint64_t i = 1;; i++) {
        sample_make(&sample, &(struct sample_plan){.sensor = 1, .number = i, .body_len = 30000},
                    i == 1 ? NULL : sample.hash);
        if (nta_store_put_batches(store, &sample.stored, 1, &err) < 0 ||
            write(fd, &i, sizeof(i)) != sizeof(i))
            _exit(1);
    }
}

static void readers_beside_a_writer_of_another_process_see_a_chain(void **state)
{
    struct scene *scene = *state;
    int ends[2], status;
    uint64_t number = 0;

    nta_store_close(&scene->store);
    assert_int_equal(pipe(ends), 0);
    /* a writer that is not without end ahead of who reads: the store stays small */
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) >= 0);
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        write_on(scene->path, ends[1]);
    (void)close(ends[1]);
    for (int i = 0; i < 25; i++) {
        for (int k = 0; k < 4; k++)
            assert_int_equal(read(ends[0], &number, sizeof(number)), sizeof(number));
        assert_int_equal(nta_store_open_sqlite(scene->path, false, &scene->store, &scene->err), 0);
        scene_collect(scene, &(struct nta_store_query){0});
        assert_true(scene->seen.is_chain);
        assert_int_equal(scene->seen.n_faulty, 0);
        assert_true(scene->seen.n >= number);
        nta_store_close(&scene->store);
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)close(ends[0]);
    /* killed: what it left is read as it lies */
    assert_int_equal(nta_store_open_sqlite(scene->path, false, &scene->store, &scene->err), 0);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_true(scene->seen.is_chain);
    assert_true(scene->seen.n >= number);
    number = scene->seen.n;
    nta_store_close(&scene->store);
    read_without_a_trace(scene, scene->path, scene->folder, number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(a_store_at_rest_stays_as_it_is),
        TEST(a_copy_with_its_log_is_read_with_it),
        TEST(a_reader_that_was_first_sees_what_a_writer_adds),
        TEST(readers_beside_a_writer_of_another_process_see_a_chain),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
