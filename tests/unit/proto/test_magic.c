/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "proto/file/magic.h"
#include "unit.h"

static struct nta_span text(const char *bytes)
{
    return nta_span_of(bytes);
}

static void marks_name_types(void **state)
{
    (void)state;
    assert_string_equal(nta_magic_type(text("%PDF-1.7\n")), "application/pdf");
    assert_null(nta_magic_type(text("nothing that is known")));
    assert_null(nta_magic_type(text("")));
}

static void bytes_without_its_mark_deny_a_type(void **state)
{
    static const struct
    {
        const char *announced, *first;
        bool denied;
    } cases[] = {
        {"image/png", "\x1e\x3c\x8d\x64ZZZZZZZZZZZZZZZZ", true},
        {"Image/PNG ; q=1", "\x1e\x3c\x8d\x64ZZZZZZZZZZZZZZZZ", true},
        {"image/png", "\x89PNG\r\n\x1a\nZZZZZZZZZZZZ", false},
        {"image/png", "ZZZZZZZZZZZZZZZ", false}, /* too short to tell */
        {"application/pdf", "\n\n%PDF-1.4 and so on", false},
        {"application/pdf", "<html><body>not here</body>", true},
        {"application/octet-stream", "\x01\x02\x03\x04\x05\x06\x07\x08ZZZZZZZZ", false},
        {"text/html; charset=utf-8", "\x01\x02\x03\x04\x05\x06\x07\x08ZZZZZZZZ", true},
        {"text/html; charset=utf-8", "<p>\xc3\xa4\r\n\tund so weiter</p>", false},
        {"text/plain", "\xff\xfeh\x01i\x01h\x01i\x01h\x01i\x01h\x01i\x01", false}, /* UTF-16 */
        {"text/plain", "\x1b$B%F%9%H\x1b(B in ISO 2022", false},
        {"application/json", "{\"a\": 1, \"b\": [2, 3]}", false},
        {"application/json", "\x02\x03ZZZZZZZZZZZZZZZZ", true},
        {"", "\x02\x03ZZZZZZZZZZZZZZZZ", false},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        const bool denied = nta_magic_denies(text(cases[i].announced), text(cases[i].first));

        if (denied != cases[i].denied)
            fail_msg("case %zu: %d", i, denied);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_name_types),
        cmocka_unit_test(bytes_without_its_mark_deny_a_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
