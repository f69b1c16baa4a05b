/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/url.h"
#include "unit.h"

static const char *ipv4(const char *host)
{
    static char text[NTA_ADDR_TEXT_SIZE];
    struct nta_addr addr;

    return nta_url_ipv4(nta_span_of(host), &addr) ? nta_addr_text(&addr, text) : "-";
}

static void numbers_are_read_as_browsers_do(void **state)
{
    (void)state;
    assert_string_equal(ipv4("192.0.2.66"), "192.0.2.66");
    assert_string_equal(ipv4("0xc0000242"), "192.0.2.66");
    assert_string_equal(ipv4("3221226050"), "192.0.2.66");
    assert_string_equal(ipv4("0300.0.02.0x42"), "192.0.2.66");
    assert_string_equal(ipv4("192.578"), "192.0.2.66");
    assert_string_equal(ipv4("192.0.578"), "192.0.2.66");
    assert_string_equal(ipv4("192.0.2.66."), "192.0.2.66");
    assert_string_equal(ipv4("0x"), "0.0.0.0");
    assert_string_equal(ipv4("255.255.255.255"), "255.255.255.255");
    assert_string_equal(ipv4("4294967295"), "255.255.255.255");
    assert_string_equal(ipv4("4294967296"), "-");
    assert_string_equal(ipv4("1.2.3.256"), "-");
    assert_string_equal(ipv4("1.256.1.1"), "-");
    assert_string_equal(ipv4("1.2.65536"), "-");
    assert_string_equal(ipv4("1.2.3.4.5"), "-");
    assert_string_equal(ipv4("1..2.3"), "-");
    assert_string_equal(ipv4("08"), "-");
    assert_string_equal(ipv4("0xg"), "-");
    assert_string_equal(ipv4(""), "-");
    assert_string_equal(ipv4("."), "-");
    assert_string_equal(ipv4("99999999999999999999999999"), "-");
}

static bool ends(const char *host)
{
    return nta_url_ends_in_number(nta_span_of(host));
}

static void a_number_at_the_end_is_no_name(void **state)
{
    (void)state;
    assert_true(ends("a.1"));
    assert_true(ends("a.0x1f"));
    assert_true(ends("a.0x1f."));
    assert_true(ends("a.0x"));
    assert_true(ends("09"));
    assert_false(ends("a.b1"));
    assert_false(ends("a.0xg"));
    assert_false(ends("a"));
    assert_false(ends(""));
    assert_false(ends("1."
                      "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_as_browsers_do),
        cmocka_unit_test(a_number_at_the_end_is_no_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
