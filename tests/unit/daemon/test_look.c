/* SPDX-License-Identifier: Apache-2.0 */
/* Disks that are really full are those of tests/e2e/health.sh. */
#include "signs/look.h"
#include "unit.h"

static void a_folder_that_is_not_there_is_said(void **state)
{
    char text[400] = "";

    (void)state;
    assert_true(nta_look_disk_low("/nonexistent/\nfolder", 1, text, sizeof(text)));
    assert_string_equal(text, "/nonexistent/\\x0afolder cannot be asked how much is free: "
                              "No such file or directory");
}

static void nobody_looks_where_the_limit_is_zero(void **state)
{
    char text[400] = "";

    (void)state;
    assert_false(nta_look_disk_low("/nonexistent", 0, text, sizeof(text)));
    assert_string_equal(text, "");
}

static void a_limit_of_one_byte_is_not_reached(void **state)
{
    char text[400] = "";

    (void)state;
    assert_false(nta_look_disk_low(NTA_TEST_BINARY_DIR, 1, text, sizeof(text)));
}

static void the_folder_of_a_file_is_what_is_before_its_name(void **state)
{
    char folder[16];

    (void)state;
    nta_look_folder("/var/log/a", folder, sizeof(folder));
    assert_string_equal(folder, "/var/log");
    nta_look_folder("/a", folder, sizeof(folder));
    assert_string_equal(folder, "/");
    nta_look_folder("a", folder, sizeof(folder));
    assert_string_equal(folder, ".");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_that_is_not_there_is_said),
        cmocka_unit_test(nobody_looks_where_the_limit_is_zero),
        cmocka_unit_test(a_limit_of_one_byte_is_not_reached),
        cmocka_unit_test(the_folder_of_a_file_is_what_is_before_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
