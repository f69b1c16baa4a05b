/* SPDX-License-Identifier: Apache-2.0 */
/* Who somebody is goes before what a machine calls itself. */
#include "record/called.h"
#include "unit.h"

static void is_called(const struct nta_record_side *side, const char *name)
{
    assert_true(nta_span_equal(nta_record_called(side), nta_span_of(name)));
}

static void the_person_then_the_login_then_the_host(void **state)
{
    struct nta_record_side side = {.name = nta_span_of("laptop-7")};

    (void)state;
    is_called(&side, "laptop-7");
    side.login = nta_span_of("ann");
    is_called(&side, "ann");
    side.person = nta_span_of("Ann Example");
    is_called(&side, "Ann Example");
}

static void of_an_address_alone_there_is_no_name(void **state)
{
    const struct nta_record_side side = {.department = nta_span_of("class 7b")};

    (void)state;
    assert_int_equal(nta_record_called(&side).len, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_person_then_the_login_then_the_host),
        cmocka_unit_test(of_an_address_alone_there_is_no_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
