/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"
#include "record/grade.h"
#include "record/names.h"
#include "record/record.h"
#include "unit.h"

static void each_number_has_a_name_of_its_own(void **state)
{
    (void)state;
    NAMES_ARE_TOTAL(nta_record_event_name, NTA_RECORD_FLOW, NTA_RECORD_CANARY + 1);
    NAMES_ARE_TOTAL(nta_basis_name, NTA_BASIS_ADDRESS, NTA_BASIS_URL + 1);
    NAMES_ARE_TOTAL(nta_grade_name, NTA_GRADE_WEAK, NTA_GRADE_STRONG + 1);
    NAMES_ARE_TOTAL(nta_record_match_kind, 0, 7);
    NAMES_ARE_TOTAL(nta_record_severity, 1, 5);
}

static void what_has_no_name_is_shown_by_its_number(void **state)
{
    char buf[NTA_RECORD_NAME_SIZE];

    (void)state;
    assert_string_equal(nta_record_dns_type(65, buf), "HTTPS");
    assert_string_equal(nta_record_dns_type(65535, buf), "TYPE65535");
    assert_string_equal(nta_record_rcode(3, buf), "NXDOMAIN");
    assert_string_equal(nta_record_rcode(255, buf), "RCODE255");
    assert_string_equal(nta_record_transport(6, buf), "tcp");
    assert_string_equal(nta_record_transport(255, buf), "255");
    assert_string_equal(nta_record_app(NTA_APP_TLS), "tls");
    assert_string_equal(nta_record_app(UINT32_MAX), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_has_a_name_of_its_own),
        cmocka_unit_test(what_has_no_name_is_shown_by_its_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
