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

static void check_users(const char *text, bool is_cut, const char *left)
{
    char buf[128];
    const size_t len = nta_url_drop_users(memcpy(buf, text, strlen(text)), strlen(text), is_cut);

    if (!nta_span_equal((struct nta_span){(const uint8_t *)buf, len}, nta_span_of(left)))
        print_error("%s: %.*s\n", text, (int)len, buf);
    assert_true(nta_span_equal((struct nta_span){(const uint8_t *)buf, len}, nta_span_of(left)));
}

static void user_info_is_taken_out_wherever_a_url_is(void **state)
{
    static const char *const rows[][2] = {
        {"http://u:p@a.test/x", "http://a.test/x"},
        {"http://u:p@ss:w/ord@a.test/x", "http://a.test/x"},
        {"http://a.test/http://u:p@b.test/x", "http://a.test/http://b.test/x"},
        {"http://a.test/?to=ftp://u:p@b.test&x", "http://a.test/?to=ftp://b.test&x"},
        {"http://a.test/?to=http%3A%2f%2Fu%3ap%40b.test%2Fx",
         "http://a.test/?to=http%3A%2f%2Fb.test%2Fx"},
        {"/%253A%252F%252Fu%253Ap%2540b", "/%253A%252F%252Fb"},
        {"/%3A//only%40b/c@d", "/%3A//b/c@d"},
        {"//u:p@b/", "//b/"},
        {"http://u:p@q@b/", "http://b/"},
        {"http://u:p/q@b/c", "http://b/c"}, /* a slash that is not escaped */
        {"http://a.test//@scope/x", "http://a.test//@scope/x"},
        {"http://a.test:8080/@scope/x", "http://a.test:8080/@scope/x"},
        {"http://[2001:db8::1]:80/a@b", "http://[2001:db8::1]:80/a@b"},
        {"http://a.test/a@b:c", "http://a.test/a@b:c"},
        {"mail a@b.test", "mail a@b.test"},
        {"%", "%"},
        {"://", "://"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_users(rows[i][0], false, rows[i][1]);
    check_users("/http://user:passw", true, "/http://");
    check_users("/http://user:passw", false, "/http://user:passw");
    check_users("/http://b.test:80", true, "/http://b.test:80");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_as_browsers_do),
        cmocka_unit_test(user_info_is_taken_out_wherever_a_url_is),
        cmocka_unit_test(a_number_at_the_end_is_no_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
