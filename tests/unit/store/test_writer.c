/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One writer a store: the lock, the chain's row that is compared and set, and a file that goes away
 * under it.
 */

#include "base/own.h"
#include "store/lock.h"
#include "store/newest.h"
#include "store/scene.h"
#include "store/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

/** Append the sample, with no frontier. */
static int append_sample(struct scene *scene, const struct nta_store_head *head)
{
    return nta_store_append(scene->store, head, &scene->sample.stored, 1,
                            (struct nta_span){.len = 0}, &scene->err);
}

static int append(struct scene *scene, struct nta_store_head *head, uint64_t number,
                  int64_t first_ns, uint64_t salt)
{
    const struct sample_plan plan = {
        .sensor = 1, .number = number, .first_ns = first_ns, .body_len = 500, .salt = salt};

    sample_make(&scene->sample, &plan, head->hash);
    int result = append_sample(scene, head);

    if (result == 0) {
        head->number = number;
        memcpy(head->hash, scene->sample.hash, NTA_HASH_LEN);
    }
    return result;
}

/** The head of the chain's row. */
static int get_row(struct scene *scene, struct nta_store_head *ret_head)
{
    struct nta_store_place place;
    int result = nta_store_get_place(scene->store, scene_sensor, &place, &scene->err);

    *ret_head = place.head;
    return result;
}

/** The head of the last batch up to a number. */
static struct nta_store_head newest_of(struct scene *scene, uint64_t up_to)
{
    struct nta_store_last last;

    assert_int_equal(nta_store_newest(scene->store, scene_sensor, up_to, &last, &scene->err), 0);
    return last.head;
}

static void of_two_writers_one_is_told(void **state)
{
    struct scene *scene = *state;
    struct nta_store_head ours = {0}, theirs;

    assert_int_equal(append(scene, &ours, 1, 0, 0), 0);
    theirs = ours;
    assert_int_equal(append(scene, &ours, 2, 0, 0), 0);
    assert_int_equal(append(scene, &theirs, 2, SAMPLE_START_NS + 9 * SAMPLE_DAY_NS, 7), -EEXIST);
    assert_non_null(strstr(scene->err.text, "is at another batch 2, not at 1"));
    assert_int_equal(append(scene, &theirs, 2, 0, 0), 0); /* the same again is no other */
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 2);
    assert_true(scene->seen.is_chain);
}

static void a_chain_goes_on_behind_a_part_that_was_lost(void **state)
{
    struct scene *scene = *state;
    struct nta_store_head head = {0}, row, newest;

    assert_int_equal(append(scene, &head, 11, 0, 0), 0);
    row = head;
    memset(head.hash, 77, sizeof(head.hash)); /* of batch 77, which is not here */
    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 78, .body_len = 500},
                head.hash);
    assert_int_equal(append_sample(scene, &row), 0);
    assert_int_equal(get_row(scene, &row), 0);
    assert_int_equal(row.number, 78);
    newest = newest_of(scene, INT64_MAX);
    assert_memory_equal(&newest, &row, sizeof(row));
}

static void the_newest_batch_is_found_whatever_the_row_says(void **state)
{
    struct scene *scene = *state;
    struct nta_store_head head = {0}, newest;

    newest = newest_of(scene, INT64_MAX);
    assert_int_equal(newest.number, 0);
    for (uint64_t i = 1; i <= 20; i++) /* days that go to and fro */
        assert_int_equal(
            append(scene, &head, i, SAMPLE_START_NS + (int64_t)(i * 7 % 5) * SAMPLE_DAY_NS, 0), 0);
    newest = newest_of(scene, INT64_MAX);
    assert_memory_equal(&newest, &head, sizeof(head));
    assert_int_equal(nta_store_forget_from(scene->store, scene_sensor, 5, 19, &scene->err), 0);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 5);
    assert_int_equal(scene->seen.first, 1);
    assert_int_equal(scene->seen.last, 20);
}

static void the_row_keeps_the_frontier_of_the_tree_before_its_batch(void **state)
{
    struct scene *scene = *state;
    struct nta_store_head head = {0};
    struct nta_store_place place;
    struct nta_log_tree tree = {0}, found;
    uint8_t bytes[NTA_LOG_FRONTIER_MAX], root[NTA_HASH_LEN], other[NTA_HASH_LEN];

    for (uint64_t i = 1; i <= 11; i++) {
        const struct sample_plan plan = {.sensor = 1, .number = i, .body_len = 100};
        struct nta_span frontier = {bytes, nta_log_frontier(&tree, bytes)};

        sample_make(&scene->sample, &plan, head.hash);
        assert_int_equal(
            nta_store_append(scene->store, &head, &scene->sample.stored, 1, frontier, &scene->err),
            0);
        head.number = i;
        memcpy(head.hash, scene->sample.hash, sizeof(head.hash));
        assert_int_equal(nta_store_get_place(scene->store, scene_sensor, &place, &scene->err), 0);
        assert_true(nta_log_from_frontier(
            i - 1, (struct nta_span){place.frontier, place.n_frontier}, &found));
        nta_log_root(&tree, root);
        nta_log_root(&found, other);
        assert_memory_equal(root, other, sizeof(root));
        nta_log_add(&tree, head.hash);
    }
    /* one that is not of its form is none */
    assert_int_equal(append(scene, &head, 12, 0, 0), 0);
    assert_int_equal(nta_store_get_place(scene->store, scene_sensor, &place, &scene->err), 0);
    assert_int_equal(place.head.number, 12);
    assert_int_equal(place.n_frontier, 0);
}

static void the_newest_batch_comes_with_its_signed_bytes(void **state)
{
    struct scene *scene = *state;
    struct nta_store_head head = {0};
    struct nta_store_last last;

    assert_int_equal(append(scene, &head, 1, 0, 0), 0);
    assert_int_equal(nta_store_newest(scene->store, scene_sensor, 9, &last, &scene->err), 0);
    assert_int_equal(last.head.number, 1);
    assert_int_equal(last.n_header, scene->sample.stored.sealed.header.len);
    assert_memory_equal(last.header, scene->sample.header, last.n_header);
    assert_memory_equal(last.signature, scene->sample.signature, sizeof(last.signature));
}

/** Another program writes into the store, without asking for the lock. */
static void meddle(const struct scene *scene, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(scene->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

static void a_row_that_is_nonsense_does_not_end_the_chain(void **state)
{
    struct scene *scene = *state;
    struct nta_store_head head = {0}, row;

    assert_int_equal(append(scene, &head, 1, 0, 0), 0);
    meddle(scene, "UPDATE chain SET number = 'abc'");
    assert_int_equal(get_row(scene, &row), -EBADMSG);
    assert_int_equal(append(scene, &head, 2, 0, 0), -EEXIST); /* it is told, and then goes on */
    row = (struct nta_store_head){0};
    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 2, .body_len = 500},
                head.hash);
    assert_int_equal(append_sample(scene, &row), 0);
    memcpy(head.hash, scene->sample.hash, NTA_HASH_LEN);
    /* and one that no number is behind */
    meddle(scene, "UPDATE chain SET number = 9223372036854775807");
    assert_int_equal(get_row(scene, &row), 0);
    assert_int_equal(row.number, INT64_MAX);
    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 3, .body_len = 500},
                head.hash);
    assert_int_equal(append_sample(scene, &row), 0);
    assert_int_equal(get_row(scene, &row), 0);
    assert_int_equal(row.number, 3);
}

static void a_number_above_does_not_hide_the_newest_below_it(void **state)
{
    struct scene *scene = *state;

    newest_check(scene->store, &scene->sample);
}

static void rows_that_are_nonsense_do_not_hide_the_newest_batch(void **state)
{
    struct scene *scene = *state;
    struct nta_store_head head = {0}, newest;

    for (uint64_t i = 1; i <= 4; i++)
        assert_int_equal(append(scene, &head, i, 0, 0), 0);
    meddle(scene, "INSERT INTO head SELECT sensor, 'zzz', class, day, 0, 0, 0, 0, data_key, header,"
                  " signature, marks FROM head WHERE number = 1");
    meddle(scene, "INSERT INTO head SELECT sensor, 9223372036854775807, class, day, 0, 0, 0, 0,"
                  " data_key, header, signature, marks FROM head WHERE number = 1");
    newest = newest_of(scene, nta_store_number_max(4));
    assert_memory_equal(&newest, &head, sizeof(head));
    newest = newest_of(scene, 3);
    assert_int_equal(newest.number, 3);
    assert_true(nta_store_number_max(UINT64_C(1) << 62) > UINT64_C(1) << 62);
    assert_true(nta_store_number_max(UINT64_MAX) < INT64_MAX);
}

/**
 * The kernel refuses to open a file for writing, as it does with a disk that fails or rights that
 * are wrong.
 */
static int open_readers_only(const char *path, int flags, int mode)
{
    if ((flags & O_ACCMODE) == O_RDWR && strstr(path, "journal.db")) {
        errno = EIO;
        return -1;
    }
    return open(path, flags, mode);
}

/** SQLite opens such a file to be read, and says so at the first write: for ever. */
static void a_file_that_can_only_be_read_is_no_writers(void **state)
{
    struct scene *scene = *state;
    struct nta_store *store = NULL;
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

    assert_int_equal(vfs->xSetSystemCall(vfs, "open", (sqlite3_syscall_ptr)open_readers_only),
                     SQLITE_OK);
    int result = nta_store_open_sqlite(scene->path, true, &store, &scene->err);

    assert_int_equal(vfs->xSetSystemCall(vfs, "open", NULL), SQLITE_OK);
    assert_true(result < 0);
    assert_null(store);
}

static void a_file_that_goes_away_is_noticed(void **state)
{
    static const char *const ends[] = {"", "-wal"};
    struct scene *scene = *state;
    char path[128], moved[160];

    for (size_t i = 0; i < NTA_N_ELEMENTS(ends); i++) {
        struct nta_store_head head = {0};

        assert_int_equal(append(scene, &head, 1, 0, 0), 0);
        assert_false(nta_store_has_moved(scene->store));
        (void)snprintf(path, sizeof(path), "%s%s", scene->path, ends[i]);
        (void)snprintf(moved, sizeof(moved), "%s.moved", path);
        assert_int_equal(rename(path, moved), 0);
        assert_true(nta_store_has_moved(scene->store));
        assert_int_equal(link(moved, path), 0); /* the very same one is back */
        assert_false(nta_store_has_moved(scene->store));
        assert_int_equal(unlink(path), 0);
        assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0); /* another one */
        assert_true(nta_store_has_moved(scene->store));
        nta_store_close(&scene->store);
        (void)unlink(scene->path);
        (void)snprintf(path, sizeof(path), "%s-wal", scene->path);
        (void)unlink(path);
        assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err), 0);
    }
}

/**
 * Another program opens the store and closes it: as long as we are there, it is not the last, and
 * the log stays.
 */
static void who_else_closes_the_store_leaves_the_log(void **state)
{
    struct scene *scene = *state; /* which made the store */
    struct nta_store_head head = {0};
    int status;

    assert_int_equal(append(scene, &head, 1, 0, 0), 0);
    assert_false(nta_store_has_moved(scene->store));
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        char command[256];

        (void)snprintf(command, sizeof(command),
                       "import sqlite3; db = sqlite3.connect('%s', isolation_level=None); "
                       "db.execute('BEGIN EXCLUSIVE'); db.execute('ROLLBACK'); db.close()",
                       scene->path);
        _exit(execlp("python3", "python3", "-c", command, (char *)NULL));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_false(nta_store_has_moved(scene->store));
    assert_int_equal(append(scene, &head, 2, 0, 0), 0);
    assert_false(nta_store_has_moved(scene->store));
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 2);
}

/* ---- the lock ---- */

/** A child that holds the lock until its end of the pipe closes. */
static pid_t hold(const char *path, int *ret_fd)
{
    int there[2], back[2];
    char byte = 0;

    assert_int_equal(pipe(there), 0);
    assert_int_equal(pipe(back), 0);
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        struct nta_store_lock *lock = NULL;
        struct nta_err err;

        (void)close(there[1]);
        if (nta_store_lock_take(path, false, &lock, &err) < 0)
            _exit(1);
        (void)!write(back[1], "x", 1);
        (void)!read(there[0], &byte, 1);
        _exit(0); /* as if killed: nothing is given back */
    }
    (void)close(there[0]);
    (void)close(back[1]);
    assert_int_equal(read(back[0], &byte, 1), 1);
    (void)close(back[0]);
    *ret_fd = there[1];
    return child;
}

static void who_holds_the_lock_is_named(void **state)
{
    struct scene *scene = *state;
    NTA_AUTO(nta_store_lock_free) struct nta_store_lock *lock = NULL;
    char text[64];
    int fd, status;
    pid_t child = hold(scene->path, &fd);

    assert_int_equal(nta_store_lock_take(scene->path, false, &lock, &scene->err), -EBUSY);
    assert_null(lock);
    (void)snprintf(text, sizeof(text), "is in use by process %ld (", (long)child);
    if (!strstr(scene->err.text, text) || !strstr(scene->err.text, "test_unit_store_writer"))
        fail_msg("\"%s\"", scene->err.text);
    (void)close(fd);
    assert_int_equal(waitpid(child, &status, 0), child);
    /* its file is there still, and says nothing */
    assert_int_equal(nta_store_lock_take(scene->path, false, &lock, &scene->err), 0);
}

static void waiting_ends_when_the_holder_does(void **state)
{
    struct scene *scene = *state;
    NTA_AUTO(nta_store_lock_free) struct nta_store_lock *lock = NULL;
    int fd, status;
    pid_t child = hold(scene->path, &fd), closer = fork();

    if (closer == 0) {
        (void)usleep(300000);
        _exit(0); /* and with it the last writing end but ours */
    }
    int64_t began_ns = nta_clock_mono_ns();

    (void)close(fd);
    assert_int_equal(nta_store_lock_take(scene->path, true, &lock, &scene->err), 0);
    assert_true(nta_clock_mono_ns() - began_ns >= 200 * NTA_NS_PER_MS);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(waitpid(closer, &status, 0), closer);
}

static void a_lock_file_that_was_removed_is_made_again(void **state)
{
    struct scene *scene = *state;
    NTA_AUTO(nta_store_lock_free) struct nta_store_lock *lock = NULL, *second = NULL;
    char path[128];

    assert_int_equal(nta_store_beside(scene->path, ".lock", path, sizeof(path)), 0);
    assert_string_equal(strrchr(path, '/'), "/journal.lock");
    assert_int_equal(nta_store_beside("x", ".lock", path, 6), -ENAMETOOLONG);
    assert_int_equal(nta_store_lock_take(scene->path, false, &lock, &scene->err), 0);
    assert_int_equal(nta_store_lock_take(scene->path, false, &second, &scene->err), -EBUSY);
    nta_store_lock_free(&lock);
    assert_int_equal(nta_store_lock_take(scene->path, false, &second, &scene->err), 0);
    assert_int_equal(nta_store_lock_take("/nowhere/x.db", false, &lock, &scene->err), -ENOENT);
    assert_non_null(strstr(scene->err.text, "/nowhere/x.db cannot be locked"));
}

static void a_lock_that_was_replaced_is_taken_again_or_lost(void **state)
{
    struct scene *scene = *state;
    NTA_AUTO(nta_store_lock_free) struct nta_store_lock *lock = NULL, *second = NULL;
    char file[128], dir[128], old[140], command[512];
    int fd, status;

    assert_int_equal(nta_store_beside(scene->path, ".lock", file, sizeof(file)), 0);
    (void)snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(scene->path, '/') - scene->path),
                   scene->path);
    (void)snprintf(old, sizeof(old), "%s.old", dir);
    assert_int_equal(nta_store_lock_take(scene->path, false, &lock, &scene->err), 0);
    assert_int_equal(nta_store_lock_keep(lock, &scene->err), 0);
    assert_int_equal(unlink(file), 0); /* the file */
    assert_int_equal(nta_store_lock_keep(lock, &scene->err), 0);
    assert_int_equal(nta_store_lock_take(scene->path, false, &second, &scene->err), -EBUSY);
    assert_int_equal(rename(dir, old), 0); /* the folder, of which there is no other yet */
    assert_int_equal(nta_store_lock_keep(lock, &scene->err), -ENOENT);
    assert_int_equal(mkdir(dir, 0700), 0);
    pid_t child = hold(scene->path, &fd); /* and another was quicker */

    assert_int_equal(nta_store_lock_keep(lock, &scene->err), -EBUSY);
    if (!strstr(scene->err.text, "was removed or replaced") ||
        !strstr(scene->err.text, "is in use by process"))
        fail_msg("\"%s\"", scene->err.text);
    (void)close(fd);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(nta_store_lock_keep(lock, &scene->err), 0);
    assert_int_equal(nta_store_lock_take(scene->path, false, &second, &scene->err), -EBUSY);
    (void)snprintf(command, sizeof(command), "rm -rf %s && mv %s %s", dir, old, dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe): ours */
    assert_int_equal(nta_store_lock_keep(lock, &scene->err), 0);
    assert_int_equal(nta_store_lock_take(scene->path, false, &second, &scene->err), -EBUSY);
}

/** Who has just locked the file has not written into it yet. */
static void a_holder_that_has_not_signed_yet_is_waited_for(void **state)
{
    struct scene *scene = *state;
    NTA_AUTO(nta_store_lock_free) struct nta_store_lock *lock = NULL;
    char path[128];
    int status;

    assert_int_equal(nta_store_beside(scene->path, ".lock", path, sizeof(path)), 0);
    NTA_AUTO_FD int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_int_equal(flock(fd, LOCK_EX), 0);
    pid_t child = fork();

    if (child == 0) {
        (void)usleep(20000);
        _exit(pwrite(fd, "4711 ntad --foreground\n", 23, 0) == 23 ? 0 : 1);
    }
    assert_int_equal(nta_store_lock_take(scene->path, false, &lock, &scene->err), -EBUSY);
    if (!strstr(scene->err.text, "process 4711 (ntad --foreground)"))
        fail_msg("\"%s\"", scene->err.text);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_lock_that_is_another_file_is_refused_and_left_as_it_is(void **state)
{
    struct scene *scene = *state;
    NTA_AUTO(nta_store_lock_free) struct nta_store_lock *lock = NULL;
    char path[128], other[160], text[32] = "";

    assert_int_equal(nta_store_beside(scene->path, ".lock", path, sizeof(path)), 0);
    (void)snprintf(other, sizeof(other), "%s.other", path);
    NTA_AUTO_FD int fd = open(other, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_int_equal(write(fd, "precious", 8), 8);
    assert_int_equal(link(other, path), 0);
    assert_int_equal(nta_store_lock_take(scene->path, false, &lock, &scene->err), -EINVAL);
    assert_int_equal(pread(fd, text, sizeof(text), 0), 8);
    assert_string_equal(text, "precious");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(nta_store_lock_take(scene->path, false, &lock, &scene->err), -ELOOP);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(nta_store_lock_take(scene->path, false, &lock, &scene->err), -EINVAL);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(other), 0);
    assert_null(lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(of_two_writers_one_is_told),
        TEST(a_chain_goes_on_behind_a_part_that_was_lost),
        TEST(the_newest_batch_is_found_whatever_the_row_says),
        TEST(the_row_keeps_the_frontier_of_the_tree_before_its_batch),
        TEST(the_newest_batch_comes_with_its_signed_bytes),
        TEST(a_row_that_is_nonsense_does_not_end_the_chain),
        TEST(a_number_above_does_not_hide_the_newest_below_it),
        TEST(rows_that_are_nonsense_do_not_hide_the_newest_batch),
        TEST(a_file_that_can_only_be_read_is_no_writers),
        TEST(a_file_that_goes_away_is_noticed),
        TEST(who_else_closes_the_store_leaves_the_log),
        TEST(who_holds_the_lock_is_named),
        TEST(waiting_ends_when_the_holder_does),
        TEST(a_lock_file_that_was_removed_is_made_again),
        TEST(a_lock_that_was_replaced_is_taken_again_or_lost),
        TEST(a_holder_that_has_not_signed_yet_is_waited_for),
        TEST(a_lock_that_is_another_file_is_refused_and_left_as_it_is),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
