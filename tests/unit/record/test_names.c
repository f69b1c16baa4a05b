/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"
#include "record/grade.h"
#include "record/names.h"
#include "record/record.h"
#include "unit.h"

static void each_number_has_a_name_of_its_own(void **state)
{
    (void)state;
    NAMES_ARE_TOTAL(nta_record_event_name, NTA_RECORD_FLOW, NTA_RECORD_PSEUDONYM + 1);
    NAMES_ARE_TOTAL(nta_basis_name, NTA_BASIS_ADDRESS, NTA_BASIS_URL + 1);
    NAMES_ARE_TOTAL(nta_grade_name, NTA_GRADE_WEAK, NTA_GRADE_STRONG + 1);
    NAMES_ARE_TOTAL(nta_record_match_kind, 0, NTA_MATCH_PROGRAM + 1);
    NAMES_ARE_TOTAL(nta_record_severity, 1, 5);
}

/** Each table of words, by one line. */
static void each_word_stands_for_one_number(void **state)
{
    (void)state;
#define IS_TOTAL(type, prefix, ...)                                                                \
    NAMES_ARE_REVERSIBLE(nta_##type##_name, nta_##type##_number, 1, NTA_##prefix##_END);
    NTA_WORD_TYPES(IS_TOTAL)
    NTA_WORD_PARTS(IS_TOTAL)
    assert_int_equal(nta_act_number("visited"), 0);
    assert_int_equal(nta_act_number(""), 0);
    static_assert(NTA_DOUBT_END <= 16, "bits of `doubts`");
}

static void a_type_says_what_kind_of_file_it_is(void **state)
{
    static const struct
    {
        const char *type;
        enum nta_file_kind kind;
    } rows[] = {
        {"", NTA_FILE_KIND_NONE},
        {"application/octet-stream", NTA_FILE_KIND_NONE},
        {"video/x-matroska", NTA_FILE_KIND_VIDEO},
        {"Video/MP4; codecs=avc1", NTA_FILE_KIND_VIDEO},
        {"application/x-dosexec", NTA_FILE_KIND_PROGRAM},
        {"application/zip ; x=y", NTA_FILE_KIND_ARCHIVE},
        {"application/zippy", NTA_FILE_KIND_OTHER},
        {"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
         NTA_FILE_KIND_DOCUMENT},
        {"application/x-bittorrent", NTA_FILE_KIND_TORRENT},
        {"text/html", NTA_FILE_KIND_OTHER},
        {"video", NTA_FILE_KIND_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(nta_file_kind_of(nta_span_of(rows[i].type)), rows[i].kind);
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

static void is_called(const struct nta_record_side *side, const char *name)
{
    assert_true(nta_span_equal(nta_record_called(side), nta_span_of(name)));
}

static void a_person_goes_before_a_login_before_what_a_machine_calls_itself(void **state)
{
    struct nta_record_side side = {.department = nta_span_of("class 7b")};

    (void)state;
    is_called(&side, "");
    side.name = nta_span_of("laptop-7");
    is_called(&side, "laptop-7");
    side.login = nta_span_of("ann");
    is_called(&side, "ann");
    side.person = nta_span_of("Ann Example");
    is_called(&side, "Ann Example");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_has_a_name_of_its_own),
        cmocka_unit_test(each_word_stands_for_one_number),
        cmocka_unit_test(a_type_says_what_kind_of_file_it_is),
        cmocka_unit_test(what_has_no_name_is_shown_by_its_number),
        cmocka_unit_test(a_person_goes_before_a_login_before_what_a_machine_calls_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
