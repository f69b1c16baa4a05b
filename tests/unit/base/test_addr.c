/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"
#include "unit.h"

#include <errno.h>

static struct nta_addr addr_of(const char *text)
{
    struct nta_addr addr = {0};

    assert_int_equal(nta_addr_parse(text, strlen(text), &addr), 0);
    return addr;
}

static void assert_printed(const char *text, const char *expected)
{
    char shown[NTA_ADDR_TEXT_SIZE];
    struct nta_addr addr = addr_of(text);

    assert_string_equal(nta_addr_text(&addr, shown), expected);
}

static struct nta_prefix prefix_of(const char *text)
{
    struct nta_prefix prefix = {.len = 255};
    struct nta_err err = {0};

    if (nta_prefix_parse(text, strlen(text), &prefix, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    return prefix;
}

static void assert_has(const char *prefix_text, const char *addr_text, bool expected)
{
    struct nta_prefix prefix = prefix_of(prefix_text);
    struct nta_addr addr = addr_of(addr_text);

    assert_int_equal(nta_prefix_has(&prefix, &addr), expected);
}

static void text_is_that_of_rfc_5952(void **state)
{
    (void)state;
    assert_printed("192.0.2.1", "192.0.2.1");
    assert_printed("2001:DB8:0:0:0:0:0:1", "2001:db8::1");
    assert_printed("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
    assert_printed("::", "::");
    assert_printed("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                   "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void ipv4_in_its_mapped_form_is_the_same_address(void **state)
{
    struct nta_addr plain = addr_of("198.51.100.7"), mapped = addr_of("::ffff:198.51.100.7");

    (void)state;
    assert_true(nta_addr_equal(&plain, &mapped));
    assert_true(nta_addr_is_v4(&mapped));
    assert_printed("::ffff:c633:6407", "198.51.100.7");
    mapped = addr_of("::198.51.100.7");
    assert_false(nta_addr_is_v4(&mapped));
}

static void what_is_no_address_is_refused_and_touches_nothing(void **state)
{
    static const char *const wrong[] = {"",          "1",        "1.2.3",   "1.2.3.4.5",
                                        "256.1.1.1", "1.2.3.4 ", " ::1",    "1.2.3.4/8",
                                        "::1%lo",    "g::",      "1::2::3", "01.2.3.4"};
    struct nta_addr addr, before;

    (void)state;
    memset(&before, 0x5a, sizeof(before));
    addr = before;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(nta_addr_parse(wrong[i], strlen(wrong[i]), &addr), -EINVAL);
        assert_memory_equal(&addr, &before, sizeof(addr));
    }
    assert_int_equal(nta_addr_parse("1.2.3.4\0x", 9, &addr), -EINVAL);
    assert_int_equal(nta_addr_parse("1.2.3.45", 7, &addr), 0); /* exactly so many bytes */
    assert_int_equal(addr.bytes[15], 4);
}

static void a_prefix_counts_in_128_bits(void **state)
{
    (void)state;
    assert_int_equal(prefix_of("10.0.0.0/8").len, 104);
    assert_int_equal(prefix_of("0.0.0.0/0").len, 96);
    assert_int_equal(prefix_of("10.0.0.1").len, 128);
    assert_int_equal(prefix_of("::/0").len, 0);
    assert_int_equal(prefix_of("2001:db8::/32").len, 32);
    assert_int_equal(prefix_of("::ffff:10.0.0.0/104").len, 104);
}

static void a_prefix_holds_exactly_its_addresses(void **state)
{
    (void)state;
    assert_has("10.0.0.0/8", "10.255.255.255", true);
    assert_has("10.0.0.0/8", "11.0.0.0", false);
    assert_has("10.0.0.0/9", "10.127.255.255", true);
    assert_has("10.0.0.0/9", "10.128.0.0", false);
    assert_has("192.0.2.255/32", "192.0.2.255", true);
    assert_has("192.0.2.255/32", "192.0.2.254", false);
    assert_has("0.0.0.0/0", "255.1.2.3", true);
    assert_has("0.0.0.0/0", "2001:db8::1", false);
    assert_has("::/0", "10.0.0.1", false); /* IPv4 is kept inside IPv6 only here */
    assert_has("::/8", "10.0.0.1", false);
    assert_has("::/8", "::5", true);
    assert_has("::ffff:10.0.0.0/104", "10.0.0.1", true);
    assert_has("2001:db8::/33", "2001:db8:7fff::", true);
    assert_has("2001:db8::/33", "2001:db8:8000::", false);
}

static void any_of_several_prefixes_is_enough(void **state)
{
    const struct nta_prefix two[2] = {prefix_of("10.0.0.0/8"), prefix_of("fd00::/8")};
    struct nta_addr in = addr_of("fd12::1"), out = addr_of("192.0.2.1");

    (void)state;
    assert_true(nta_prefix_any(two, 2, &in));
    assert_false(nta_prefix_any(two, 2, &out));
    assert_false(nta_prefix_any(two, 0, &in));
}

static void a_wrong_prefix_says_why_and_touches_nothing(void **state)
{
    static const struct
    {
        const char *text, *says;
    } wrong[] = {
        {"10.0.0.0/33", "from 0 to 32"},   {"10.0.0.0/", "from 0 to 32"},
        {"10.0.0.0/-1", "from 0 to 32"},   {"10.0.0.0/8x", "from 0 to 32"},
        {"10.0.0.0/0008", "from 0 to 32"}, {"::/129", "from 0 to 128"},
        {"10.0.0.1/8", "bits set behind"}, {"2001:db8::1/64", "bits set behind"},
        {"::ffff:1.2.3.4/0", "bits set"},  {"x/8", "not an IP address"},
        {"/8", "not an IP address"},       {"", "not an IP address"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct nta_prefix prefix = {.len = 77};
        struct nta_err err = {0};

        assert_int_equal(nta_prefix_parse(wrong[i].text, strlen(wrong[i].text), &prefix, &err),
                         -EINVAL);
        assert_int_equal(prefix.len, 77);
        if (!strstr(err.text, wrong[i].says))
            fail_msg("%s: \"%s\"", wrong[i].text, err.text);
    }
}

static void an_ipv4_address_is_found_inside(void **state)
{
    static const struct
    {
        const char *outside, *inside; /* NULL: none */
    } rows[] = {
        {"64:ff9b::c000:221", "192.0.2.33"},                    /* RFC 6052 section 2.4 */
        {"2002:c000:0204::1", "192.0.2.4"},                     /* RFC 3056 section 2 */
        {"2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.45"}, /* RFC 4380 section 4 */
        {"2001:db8::1", NULL},
        {"64:ff9b:1::c000:221", NULL}, /* of a network's own making: it may lie elsewhere */
        {"64:ff9b::", NULL},           /* 0.0.0.0 */
        {"2001:0:cb00:7101::1", NULL}, /* 255.255.255.254 */
        {"2002:7f00:1::", NULL},       /* 127.0.0.1 */
        {"192.0.2.1", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[NTA_ADDR_TEXT_SIZE];
        struct nta_addr outside, inside;

        assert_int_equal(nta_addr_parse(rows[i].outside, strlen(rows[i].outside), &outside), 0);
        assert_int_equal(nta_addr_inside(&outside, &inside), rows[i].inside != NULL);
        if (rows[i].inside)
            assert_string_equal(nta_addr_text(&inside, text), rows[i].inside);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ipv4_address_is_found_inside),
        cmocka_unit_test(text_is_that_of_rfc_5952),
        cmocka_unit_test(ipv4_in_its_mapped_form_is_the_same_address),
        cmocka_unit_test(what_is_no_address_is_refused_and_touches_nothing),
        cmocka_unit_test(a_prefix_counts_in_128_bits),
        cmocka_unit_test(a_prefix_holds_exactly_its_addresses),
        cmocka_unit_test(any_of_several_prefixes_is_enough),
        cmocka_unit_test(a_wrong_prefix_says_why_and_touches_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
