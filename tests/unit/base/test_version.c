/* SPDX-License-Identifier: Apache-2.0 */
#include "base/version.h"
#include "unit.h"

#include <string.h>

static void the_version_is_the_projects_own(void **state)
{
    (void)state;
    assert_string_equal(nta_version(), NTA_TEST_VERSION);
    assert_string_equal(nta_version_named(), "nta " NTA_TEST_VERSION);
}

static void the_build_id_is_hexadecimal_and_stays(void **state)
{
    char text[NTA_BUILD_ID_SIZE], again[NTA_BUILD_ID_SIZE];

    (void)state;
    assert_ptr_equal(nta_build_id(text), text);
    assert_string_equal(nta_build_id(again), text);
    assert_int_equal(strspn(text, "0123456789abcdef"), strlen(text));
    assert_int_equal(strlen(text) % 2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_is_the_projects_own),
        cmocka_unit_test(the_build_id_is_hexadecimal_and_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
