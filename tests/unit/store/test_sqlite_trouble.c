/* SPDX-License-Identifier: Apache-2.0 */

/* The SQLite store when something is wrong: the file, the disk, the process. */

#include "base/own.h"
#include "store/scene.h"
#include "store/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void a_store_that_is_not_there_is_said(void **state)
{
    struct scene *scene = *state;
    struct nta_store *store = NULL;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/none\n.db", scene->folder);
    assert_int_equal(nta_store_open_sqlite(path, false, &store, &scene->err), -ENOENT);
    assert_non_null(strstr(scene->err.text, "none\\x0a.db"));
    assert_null(store);
    (void)snprintf(path, sizeof(path), "%s/none/x.db", scene->folder);
    assert_int_equal(nta_store_open_sqlite(path, true, &store, &scene->err), -ENOENT);
}

static void overwrite(const char *path, long offset, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, offset), (ssize_t)len);
    assert_int_equal(close(fd), 0);
}

static void a_newer_store_is_refused_and_a_foreign_file_too(void **state)
{
    struct scene *scene = *state;
    static const uint8_t version[4] = {0, 0, 0, 9}, application[4] = {1, 2, 3, 4};
    static const char text[] = "This is a letter to my aunt.\nIt is longer than a header, and as "
                               "such it cannot be a database, whoever looks at it.\n";

    scene_put_some(scene, 1, 1, 10);
    nta_store_close(&scene->store);
    overwrite(scene->path, 60, version, sizeof(version)); /* user_version, SQLite format 1.3.13 */
    for (int create = 0; create < 2; create++) {
        assert_int_equal(nta_store_open_sqlite(scene->path, create, &scene->store, &scene->err),
                         -EPROTO);
        assert_non_null(strstr(scene->err.text, "newer NTA (its form is 9"));
    }
    overwrite(scene->path, 68, application, sizeof(application));
    assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err), -EPROTO);
    assert_non_null(strstr(scene->err.text, "another program's database"));
    overwrite(scene->path, 0, text, sizeof(text));
    assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err), -EPROTO);
    assert_non_null(strstr(scene->err.text, "not an SQLite file"));
}

static void others_cannot_read_the_file(void **state)
{
    struct scene *scene = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};

    scene_put_some(scene, 1, 1, 10);
    for (size_t i = 0; i < NTA_N_ELEMENTS(ends); i++) {
        struct stat status;
        char path[128];

        (void)snprintf(path, sizeof(path), "%s%s", scene->path, ends[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0137, 0);
    }
}

static void a_copy_without_its_log_is_readable_where_nothing_can_be_written(void **state)
{
    struct scene *scene = *state;
    char path[128], copy[160];

    scene_put_some(scene, 1, 3, 1000);
    nta_store_close(&scene->store);
    (void)snprintf(path, sizeof(path), "%s/a%%b?c#d.db", scene->folder);
    assert_int_equal(rename(scene->path, path), 0);
    (void)snprintf(copy, sizeof(copy), "%s-shm", scene->path);
    (void)unlink(copy);
    (void)snprintf(copy, sizeof(copy), "%s-wal", scene->path);
    (void)unlink(copy);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(scene->folder, 0555), 0);
    if (geteuid() == 0)
        assert_int_equal(seteuid(65534), 0);
    if (nta_store_open_sqlite(path, false, &scene->store, &scene->err) == 0)
        scene_collect(scene, &(struct nta_store_query){0});
    if (geteuid() == 65534)
        assert_int_equal(seteuid(0), 0);
    (void)chmod(scene->folder, 0755);
    assert_string_equal(scene->err.text, "");
    assert_int_equal(scene->seen.n, 3);
}

/** The child: one commit after another, each told on the pipe only when it is durable. */
static void write_until_killed(const char *path, int out)
{
    static struct sample sample;
    struct nta_store *store = NULL;
    struct nta_err err;

    if (nta_store_open_sqlite(path, true, &store, &err) < 0)
        _exit(1);
    for (uint64_t i = 1;; i++) {
        sample_make(&sample, &(struct sample_plan){.sensor = 1, .number = i, .body_len = 150000},
                    i == 1 ? NULL : sample.hash);
        if (nta_store_put_batches(store, &sample.stored, 1, &err) < 0 ||
            write(out, &i, sizeof(i)) != sizeof(i))
            _exit(1);
    }
}

static void all_that_was_committed_survives_a_kill(void **state)
{
    struct scene *scene = *state;

    for (unsigned round = 0; round < 8; round++) {
        int ends[2], status;
        uint64_t number = 0, committed = 0;
        struct nta_store_place place;
        pid_t child;

        nta_store_close(&scene->store);
        (void)unlink(scene->path);
        assert_int_equal(pipe(ends), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_until_killed(scene->path, ends[1]);
        (void)close(ends[1]);
        while (number < 20 + round * 7)
            assert_int_equal(read(ends[0], &number, sizeof(number)), sizeof(number));
        (void)usleep(300 * round);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        committed = number;
        while (read(ends[0], &number, sizeof(number)) == sizeof(number))
            committed = number;
        (void)close(ends[0]);
        assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err), 0);
        scene_collect(scene, &(struct nta_store_query){0});
        assert_true(scene->seen.is_chain);
        assert_int_equal(scene->seen.first, 1);
        assert_true(scene->seen.n == committed || scene->seen.n == committed + 1);
        assert_int_equal(nta_store_get_place(scene->store, scene_sensor, &place, &scene->err), 0);
        assert_int_equal(place.head.number, scene->seen.n);
        assert_memory_equal(place.head.hash, scene->seen.hash, NTA_HASH_LEN);
    }
}

static void a_full_disk_is_said_and_writing_goes_on_when_there_is_space(void **state)
{
    struct scene *scene = *state;
    struct rlimit old, small;
    uint64_t number = 0;
    int result = 0;

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 8388608, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    while (result == 0 && number < 200)
        result = scene_put(
            scene, &(struct sample_plan){.sensor = 1, .number = ++number, .body_len = 200000});
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(result, -ENOSPC);
    assert_non_null(strstr(scene->err.text, "no room left"));
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, number - 1);
    assert_true(scene->seen.is_chain);
    assert_int_equal(nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err), 0);
    scene_put_some(scene, number + 1, number + 5, 200000);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, number + 5);
    assert_true(scene->seen.is_chain);
}

/**
 * In the child, which has a mount namespace of its own: fill a small file system, make space, go
 * on.
 */
static int fill_file_system(struct scene *scene)
{
    uint64_t number = 0;
    int result = 0;

    nta_store_close(&scene->store);
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", scene->folder, "tmpfs", 0, "size=6m") < 0)
        return 77;
    if (nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err) < 0)
        return 1;
    while (result == 0 && number < 100)
        result = scene_put(
            scene, &(struct sample_plan){.sensor = 1, .number = ++number, .body_len = 100000});
    if (result != -ENOSPC || !strstr(scene->err.text, "no room left"))
        return 2;
    if (mount(NULL, scene->folder, NULL, MS_REMOUNT, "size=64m") < 0)
        return 77;
    if (nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err) < 0)
        return 3;
    if (nta_store_each(scene->store, &(struct nta_store_query){0}, sample_collect, &scene->seen,
                       &scene->err) < 0)
        return 4;
    return scene->seen.is_chain && scene->seen.n == number ? 0 : 5;
}

static void a_full_file_system_is_said_and_writing_goes_on_when_it_grows(void **state)
{
    struct scene *scene = *state;
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(fill_file_system(scene));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(a_store_that_is_not_there_is_said),
        TEST(a_newer_store_is_refused_and_a_foreign_file_too),
        TEST(others_cannot_read_the_file),
        TEST(a_copy_without_its_log_is_readable_where_nothing_can_be_written),
        TEST(all_that_was_committed_survives_a_kill),
        TEST(a_full_disk_is_said_and_writing_goes_on_when_there_is_space),
        TEST(a_full_file_system_is_said_and_writing_goes_on_when_it_grows),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
