/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/user.h"
#include "unit.h"

static void who_has_a_name_is_called_by_it_and_who_has_none_by_the_number(void **state)
{
    char name[NTA_USER_NAME_SIZE];

    (void)state;
    assert_string_equal(nta_user_name(0, name), "root");
    assert_string_equal(nta_user_name(3999999999U, name), "uid 3999999999");
    assert_ptr_equal(nta_user_name(0, name), name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_a_name_is_called_by_it_and_who_has_none_by_the_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
