/* SPDX-License-Identifier: Apache-2.0 */
#include "lists.h"

static const char *normal(const char *text, size_t len)
{
    static char room[NTA_NAME_SIZE];
    size_t n =
        nta_blacklist_name((struct nta_span){.ptr = (const uint8_t *)text, .len = len}, room);

    assert_true(n < sizeof(room));
    if (n == 0)
        return "";
    assert_int_equal(strlen(room), n);
    return room;
}

#define NORMAL(text) normal(text, sizeof(text) - 1)

static void case_and_the_last_dot_do_not_matter(void **state)
{
    (void)state;
    assert_string_equal(NORMAL("WWW.Example.COM."), "www.example.com");
    assert_string_equal(NORMAL("a_b.-x-.example"), "a_b.-x-.example");
    assert_string_equal(NORMAL("localhost"), "localhost");
}

static void what_is_no_name_gives_nothing(void **state)
{
    char long_label[80], long_name[300];

    (void)state;
    assert_string_equal(NORMAL(""), "");
    assert_string_equal(NORMAL("."), "");
    assert_string_equal(NORMAL("a..b"), "");
    assert_string_equal(NORMAL(".a"), "");
    assert_string_equal(NORMAL("a.."), "");
    assert_string_equal(NORMAL("a b.example"), "");
    assert_string_equal(NORMAL("a\0b.example"), "");
    assert_string_equal(NORMAL("a/b"), "");
    assert_string_equal(NORMAL("1.2.3"), "");
    assert_string_equal(NORMAL("1.2.3.256"), "");
    assert_string_equal(NORMAL("example.1"), "");
    assert_string_equal(NORMAL("\xff\xfe.example"), "");
    memset(long_label, 'a', sizeof(long_label));
    assert_int_equal(strlen(normal(long_label, 63)), 63);
    assert_string_equal(normal(long_label, 64), "");
    for (size_t i = 0; i < sizeof(long_name); i++)
        long_name[i] = i % 2 ? '.' : 'a';
    assert_int_equal(strlen(normal(long_name, 253)), 253);
    assert_int_equal(strlen(normal(long_name, 254)), 253); /* with its last dot */
    assert_string_equal(normal(long_name, 255), "");
}

static void addresses_stay_as_they_are(void **state)
{
    (void)state;
    assert_string_equal(NORMAL("192.0.2.1"), "192.0.2.1");
    assert_string_equal(NORMAL("2001:DB8::1"), "2001:DB8::1");
    assert_string_equal(NORMAL("[2001:db8::1]"), "[2001:db8::1]");
    assert_string_equal(NORMAL("[]"), "");
}

static void both_forms_of_an_international_name_are_one(void **state)
{
    (void)state;
    assert_string_equal(NORMAL("B\xc3\xbc"
                               "cher.example"),
                        "xn--bcher-kva.example");
    assert_string_equal(NORMAL("XN--BCHER-KVA.example"), "xn--bcher-kva.example");
    assert_string_equal(NORMAL("\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84"),
                        "xn--e1afmkfd.xn--p1ai");
    /* an ideographic full stop parts labels, and a combining mark joins its letter */
    assert_string_equal(NORMAL("bu\xcc\x88"
                               "cher\xe3\x80\x82xn--p1ai\xe3\x80\x82"),
                        "xn--bcher-kva.xn--p1ai");
}

static void a_normal_name_is_its_own_normal_form(void **state)
{
    static const char letters[] = "aZ9-_.\xc3\xbc\xd1\x80x";
    uint32_t seed = 7;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[24], once[NTA_NAME_SIZE];
        size_t len = 0;

        while (len < sizeof(text)) {
            seed = seed * 1664525 + 1013904223;
            text[len++] = letters[(seed >> 16) % (sizeof(letters) - 1)];
            if (seed >> 28 == 0)
                break;
        }
        (void)snprintf(once, sizeof(once), "%s", normal(text, len));
        assert_string_equal(normal(once, strlen(once)), once);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_and_the_last_dot_do_not_matter),
        cmocka_unit_test(what_is_no_name_gives_nothing),
        cmocka_unit_test(addresses_stay_as_they_are),
        cmocka_unit_test(both_forms_of_an_international_name_are_one),
        cmocka_unit_test(a_normal_name_is_its_own_normal_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
