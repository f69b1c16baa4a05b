/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/newfile.h"
#include "base/own.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static char folder[64], path[80], temporary[80];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/nta-newfile-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof(path), "%s/x", folder);
    (void)snprintf(temporary, sizeof(temporary), "%s/.x.new", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)unlink(temporary);
    return rmdir(folder); /* fails if anything else is left */
}

static unsigned n_files(void)
{
    DIR *dir = opendir(folder);
    unsigned n = 0;

    assert_non_null(dir);
    while (readdir(dir)) // NOLINT(concurrency-mt-unsafe): one thread
        n++;
    (void)closedir(dir);
    return n - 2; /* . and .. */
}

static void assert_holds(const char *expected)
{
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[64] = "";

    assert_true(fd >= 0);
    assert_true(read(fd, text, sizeof(text) - 1) >= 0);
    assert_string_equal(text, expected);
}

static int put(const char *text, bool replaces)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    int r = nta_newfile_open(&file, path, 0600);

    if (r == 0)
        r = nta_write_all(file.fd, text, strlen(text));
    return r < 0 ? r : nta_newfile_commit(&file, replaces);
}

static void it_appears_when_it_is_whole(void **state)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    struct stat st;

    (void)state;
    assert_int_equal(nta_newfile_open(&file, path, 0640), 0);
    assert_int_equal(nta_write_all(file.fd, "whole", 5), 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(nta_newfile_commit(&file, false), 0);
    assert_holds("whole");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(n_files(), 1);
}

static void what_is_given_up_leaves_the_old_one(void **state)
{
    struct nta_newfile file = NTA_NEWFILE_NONE;

    (void)state;
    nta_newfile_drop(&file); /* never open */
    assert_int_equal(put("old", false), 0);
    assert_int_equal(nta_newfile_open(&file, path, 0600), 0);
    assert_int_equal(nta_write_all(file.fd, "half", 4), 0);
    nta_newfile_drop(&file);
    nta_newfile_drop(&file);
    assert_holds("old");
    assert_int_equal(n_files(), 1);
}

static void another_is_replaced_only_if_it_may_be(void **state)
{
    (void)state;
    assert_int_equal(put("one", false), 0);
    assert_int_equal(put("two", false), -EEXIST);
    assert_holds("one");
    assert_int_equal(put("three", true), 0);
    assert_holds("three");
    assert_int_equal(n_files(), 1);
}

static void of_two_writers_one_is_told(void **state)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile first = NTA_NEWFILE_NONE;

    (void)state;
    assert_int_equal(nta_newfile_open(&first, path, 0600), 0);
    assert_int_equal(nta_write_all(first.fd, "first", 5), 0);
    assert_int_equal(put("second", true), -EBUSY);
    assert_int_equal(nta_newfile_commit(&first, false), 0);
    assert_holds("first");
    assert_int_equal(put("second", true), 0);
    assert_holds("second");
}

/** Of a run that was cut off. */
static void a_leftover_is_used_again(void **state)
{
    NTA_AUTO_FD int fd = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    (void)state;
    assert_int_equal(nta_write_all(fd, "a longer leftover", 17), 0);
    assert_int_equal(put("short", false), 0);
    assert_holds("short");
    assert_int_equal(n_files(), 1);
}

static void nothing_is_written_through_links(void **state)
{
    char elsewhere[80];

    (void)state;
    (void)snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", folder);
    assert_int_equal(symlink(elsewhere, temporary), 0);
    assert_int_equal(symlink(elsewhere, path), 0);
    assert_int_equal(put("here", false), -EEXIST);
    assert_int_equal(put("here", true), 0);
    assert_int_equal(access(elsewhere, F_OK), -1);
    assert_holds("here");
    /* a hard link: what it leads to stays as it is */
    assert_int_equal(link(path, temporary), 0);
    assert_int_equal(put("there", false), -EEXIST);
    assert_holds("here");
}

static void what_is_no_file_name_is_refused(void **state)
{
    struct nta_newfile file = NTA_NEWFILE_NONE;
    char name[NAME_MAX + 1];

    (void)state;
    memset(name, 'x', sizeof(name));
    name[NAME_MAX] = '\0'; /* as long as may be, but its temporary name is longer */
    assert_int_equal(nta_newfile_open(&file, name, 0600), -ENAMETOOLONG);
    assert_int_equal(nta_newfile_open(&file, "/tmp/", 0600), -EISDIR);
    assert_int_equal(nta_newfile_open(&file, "/nowhere/at/all", 0600), -ENOENT);
    assert_int_equal(file.fd, -1);
    assert_int_equal(nta_sync_folder("/nowhere/at/all"), -ENOENT);
    assert_int_equal(nta_sync_folder(path), 0);
}

/** Of three the second cannot get its place: the first has it, the others leave nothing. */
static void of_many_that_are_placed_at_once_a_failure_leaves_nothing(void **state)
{
    struct nta_newfile file[3] = {NTA_NEWFILE_NONE, NTA_NEWFILE_NONE, NTA_NEWFILE_NONE};
    struct nta_newfile *all[3] = {&file[0], &file[1], &file[2]};
    char name[3][sizeof(path) + 2];

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
            (void)snprintf(name[i], sizeof(name[i]), "%s%.*s", path, i, "xx");
            assert_int_equal(nta_newfile_open(&file[i], name[i], 0600), 0);
            assert_int_equal(nta_write_all(file[i].fd, "all", 3), 0);
        }
        if (round == 1) {
            assert_int_equal(unlink(name[1]), 0);
            assert_int_equal(mkdir(name[1], 0700), 0);
            assert_int_equal(unlink(name[2]), 0);
        }
        assert_int_equal(nta_newfile_commit_all(all, 3), round == 0 ? 0 : -EISDIR);
        assert_holds("all");
        assert_int_equal(n_files(), round == 0 ? 3 : 2);
    }
    assert_int_equal(nta_newfile_commit_all(all, 0), 0);
    assert_int_equal(rmdir(name[1]), 0);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(it_appears_when_it_is_whole),
        IN_FOLDER(what_is_given_up_leaves_the_old_one),
        IN_FOLDER(another_is_replaced_only_if_it_may_be),
        IN_FOLDER(of_two_writers_one_is_told),
        IN_FOLDER(a_leftover_is_used_again),
        IN_FOLDER(nothing_is_written_through_links),
        IN_FOLDER(what_is_no_file_name_is_refused),
        IN_FOLDER(of_many_that_are_placed_at_once_a_failure_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
