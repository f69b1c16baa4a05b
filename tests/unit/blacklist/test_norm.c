/* SPDX-License-Identifier: Apache-2.0 */
#include "lists.h"

#include <idn2.h>

static const char *normal(const char *text, size_t len)
{
    static char buf[NTA_NAME_SIZE];
    size_t n = nta_blacklist_name((struct nta_span){.ptr = (const uint8_t *)text, .len = len}, buf);

    assert_true(n < sizeof(buf));
    if (n == 0)
        return "";
    assert_int_equal(strlen(buf), n);
    return buf;
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
    assert_string_equal(NORMAL("example.0x1f"), "");
    assert_string_equal(NORMAL("0xc0000242"), "");
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

static void addresses_have_one_text(void **state)
{
    (void)state;
    assert_string_equal(NORMAL("192.0.2.1"), "192.0.2.1");
    assert_string_equal(NORMAL("2001:DB8:0::1"), "2001:db8::1");
    assert_string_equal(NORMAL("[2001:db8::1]"), "2001:db8::1");
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

/* ---- properties, over many made-up names ---- */

enum
{
    N_NAMES = 20000,
    TEXT_SIZE = 300,
};

static uint32_t random_state = 1;

static uint32_t next_random(uint32_t below)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % below;
}

/** A text made of the pieces, mostly a name, of up to 24 of them. */
static size_t make_text(char text[TEXT_SIZE], const char *const *pieces, size_t n_pieces)
{
    size_t len = 0;

    for (uint32_t n = next_random(24) + 1; n > 0; n--) {
        const char *piece = pieces[next_random((uint32_t)n_pieces)];

        memcpy(text + len, piece, strlen(piece));
        len += strlen(piece);
    }
    text[len] = '\0';
    return len;
}

static const char *const ascii[] = {"a",    "Z",    "9",    "-", "_",         ".",
                                    "xn--", "www.", ".COM", " ", "0123456789"};

static const char *const wide[] = {"a",
                                   "B",
                                   ".",
                                   "-",
                                   "7",
                                   "\xc3\xbc",
                                   "\xc3\x9c",
                                   "\xc3\x9f",
                                   "\xd0\xb6",
                                   "\xce\xa3",
                                   "\xe4\xbe\x8b",
                                   "\xe3\x80\x82",
                                   "u\xcc\x88"};

/**
 * What is given is a host name: letters, digits, hyphens, low lines, in labels of 1 to 63, not a
 * number at the end.
 */
static void check_form(const char *name)
{
    size_t len = strlen(name), start = 0;

    assert_true(len <= 253);
    assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_."), len);
    for (size_t i = 0; i <= len; i++) {
        if (i < len && name[i] != '.')
            continue;
        assert_in_range(i - start, 1, 63);
        if (i == len)
            assert_true(strspn(name + start, "0123456789") < len - start);
        start = i + 1;
    }
}

static void whatever_is_given_is_a_host_name(void **state)
{
    char text[TEXT_SIZE];
    unsigned n_given = 0;

    (void)state;
    for (int i = 0; i < N_NAMES; i++) {
        size_t len = i % 2 ? make_text(text, wide, NTA_N_ELEMENTS(wide))
                           : make_text(text, ascii, NTA_N_ELEMENTS(ascii));
        const char *name = normal(text, len);

        if (name[0] == '\0')
            continue;
        check_form(name);
        n_given++;
    }
    assert_true(n_given > N_NAMES / 20);
}

static void spelling_does_not_matter(void **state)
{
    char text[TEXT_SIZE], once[NTA_NAME_SIZE];
    unsigned n_given = 0;

    (void)state;
    for (int i = 0; i < N_NAMES; i++) {
        size_t len = make_text(text, ascii, NTA_N_ELEMENTS(ascii));
        bool dotted = len > 0 && text[len - 1] == '.';

        (void)snprintf(once, sizeof(once), "%s", normal(text, len));
        for (size_t j = 0; j < len; j++) {
            if ((text[j] | 0x20) >= 'a' && (text[j] | 0x20) <= 'z' && next_random(2))
                text[j] ^= 0x20;
        }
        if (!dotted)
            text[len++] = '.';
        assert_string_equal(normal(text, len), once);
        n_given += once[0] != '\0';
    }
    assert_true(n_given > N_NAMES / 20);
}

static void the_unicode_form_of_a_name_leads_back_to_it(void **state)
{
    char text[TEXT_SIZE], once[NTA_NAME_SIZE];
    unsigned n_given = 0;

    (void)state;
    for (int i = 0; i < N_NAMES; i++) {
        size_t len = make_text(text, wide, NTA_N_ELEMENTS(wide));
        char *unicode = NULL;

        (void)snprintf(once, sizeof(once), "%s", normal(text, len));
        if (!strstr(once, "xn--") || idn2_to_unicode_8z8z(once, &unicode, 0) != IDN2_OK)
            continue;
        assert_string_equal(normal(unicode, strlen(unicode)), once);
        idn2_free(unicode);
        n_given++;
    }
    assert_true(n_given > N_NAMES / 20);
}

/** From memory of exactly their length: the address sanitizer sees a byte too much. */
static void random_bytes_do_no_harm(void **state)
{
    (void)state;
    for (int i = 0; i < N_NAMES; i++) {
        size_t len = next_random(40);
        NTA_AUTO_FREE uint8_t *bytes = malloc(len ? len : 1);
        char buf[NTA_NAME_SIZE];

        assert_non_null(bytes);
        for (size_t j = 0; j < len; j++)
            bytes[j] =
                next_random(4) ? (uint8_t) "abc.-xn"[next_random(7)] : (uint8_t)next_random(256);
        assert_true(nta_blacklist_name((struct nta_span){.ptr = bytes, .len = len}, buf) <
                    sizeof(buf));
    }
}

static void a_listed_name_is_found_in_every_spelling(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of("B\xc3\xbc"
                                       "cher.example\nxn--e1afmkfd.example\nPlain.Example.\n",
                                       NULL);

    (void)state;
    assert_string_equal(verdict(set, "b\xc3\x9c"
                                     "cher.EXAMPLE."),
                        "xn--bcher-kva.example@1");
    assert_string_equal(verdict(set, "www.XN--bcher-kva.example"), "xn--bcher-kva.example@1");
    assert_string_equal(verdict(set, "bu\xcc\x88"
                                     "cher.example"),
                        "xn--bcher-kva.example@1");
    assert_string_equal(verdict(set, "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.example"),
                        "xn--e1afmkfd.example@2");
    assert_string_equal(verdict(set, "x.PLAIN.example"), "plain.example@3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_and_the_last_dot_do_not_matter),
        cmocka_unit_test(what_is_no_name_gives_nothing),
        cmocka_unit_test(addresses_have_one_text),
        cmocka_unit_test(both_forms_of_an_international_name_are_one),
        cmocka_unit_test(a_normal_name_is_its_own_normal_form),
        cmocka_unit_test(whatever_is_given_is_a_host_name),
        cmocka_unit_test(spelling_does_not_matter),
        cmocka_unit_test(the_unicode_form_of_a_name_leads_back_to_it),
        cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(a_listed_name_is_found_in_every_spelling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
