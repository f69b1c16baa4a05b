/* SPDX-License-Identifier: Apache-2.0 */
/* nta finds nta-full as they are built and as they are installed, wherever that is. */
#include "base/own.h"
#include "front/become.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
    SIZE = 256
};

static char folder[] = "/tmp/nta-become-XXXXXX";

static int make_folders(void **state)
{
    static const char *const names[] = {"/bin", "/libexec", "/libexec/nta"};
    char path[SIZE];

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", folder, names[i]);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    return 0;
}

static int remove_folders(void **state)
{
    static const char *const names[] = {"/libexec/nta", "/libexec", "/bin", ""};
    char path[SIZE];

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", folder, names[i]);
        assert_int_equal(rmdir(path), 0);
    }
    return 0;
}

static void put(const char *name, mode_t mode, char path[SIZE])
{
    (void)snprintf(path, SIZE, "%s/%s", folder, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);

    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, mode), 0);
    (void)close(fd);
}

static void beside_it_or_where_it_is_installed(void **state)
{
    char self[SIZE], installed[SIZE], beside[SIZE], found[SIZE], short_of[16];

    (void)state;
    (void)snprintf(self, sizeof(self), "%s/bin/nta", folder);
    assert_false(nta_full_find(self, found, sizeof(found)));
    put("libexec/nta/nta-full", 0644, installed); /* nothing that can be run */
    assert_false(nta_full_find(self, found, sizeof(found)));
    assert_int_equal(chmod(installed, 0755), 0);
    assert_true(nta_full_find(self, found, sizeof(found)));
    assert_non_null(strstr(found, "/bin/../libexec/nta/nta-full"));
    put("bin/nta-full", 0755, beside);
    assert_true(nta_full_find(self, found, sizeof(found)));
    assert_string_equal(found, beside);
    assert_false(nta_full_find(self, short_of, sizeof(short_of)));
    assert_int_equal(unlink(beside) + unlink(installed), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(beside_it_or_where_it_is_installed, make_folders,
                                        remove_folders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
