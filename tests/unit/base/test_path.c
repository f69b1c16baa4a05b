/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/path.h"
#include "base/own.h"
#include "unit.h"

static void there_is_one_slash_between(void **state)
{
    static const struct
    {
        const char *dir, *name, *path;
    } paths[] = {
        {"/var/lib/nta", "journal.db", "/var/lib/nta/journal.db"},
        {"/var/lib/nta///", "keys", "/var/lib/nta/keys"},
        {"x/", "", "x"},
        {"x", "", "x"},
        {"/", "x", "/x"},
        {"//", "x", "/x"},
        {"/", "", "/"},
        {".", "x", "./x"},
        {"a//b/", "x", "a//b/x"}, /* as it was named */
    };

    char path[64];

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(paths); i++) {
        assert_true(nta_path_join(paths[i].dir, paths[i].name, path, sizeof(path)));
        assert_string_equal(path, paths[i].path);
    }
}

static void what_does_not_fit_is_none(void **state)
{
    char path[8] = "before";

    (void)state;
    assert_true(nta_path_join("/abc", "de", path, sizeof(path)));
    assert_string_equal(path, "/abc/de");
    assert_false(nta_path_join("/abc", "def", path, sizeof(path)));
    assert_string_equal(path, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_one_slash_between),
        cmocka_unit_test(what_does_not_fit_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
