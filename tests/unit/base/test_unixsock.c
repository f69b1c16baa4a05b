/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/unixsock.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[32], path[64];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/nta-sock-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/s", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void it_is_open_to_its_group(void **state)
{
    struct stat stat;
    int fd = nta_unixsock_listen(path, 4, NULL);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(lstat(path, &stat), 0);
    assert_int_equal(stat.st_mode, S_IFSOCK | 0660);
    (void)close(fd);
}

static void one_in_use_is_not_taken_away_and_one_that_was_left_is(void **state)
{
    struct nta_err err = {0};
    int fd = nta_unixsock_listen(path, 4, NULL);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(nta_unixsock_listen(path, 4, &err), -EADDRINUSE);
    assert_non_null(strstr(err.text, path));
    (void)close(fd); /* as a kill does it */
    fd = nta_unixsock_listen(path, 4, &err);
    assert_true(fd >= 0);
    (void)close(fd);
}

static void a_file_is_never_replaced(void **state)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    (void)state;
    assert_int_equal(write(fd, "mine", 4), 4);
    (void)close(fd);
    assert_int_equal(nta_unixsock_listen(path, 4, NULL), -EADDRINUSE);
    assert_int_equal(access(path, F_OK), 0);
}

static void a_long_path_is_refused(void **state)
{
    char text[300];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[0] = '/';
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(nta_unixsock_listen(text, 4, NULL), -EINVAL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(it_is_open_to_its_group),
        IN_FOLDER(one_in_use_is_not_taken_away_and_one_that_was_left_is),
        IN_FOLDER(a_file_is_never_replaced),
        cmocka_unit_test(a_long_path_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
