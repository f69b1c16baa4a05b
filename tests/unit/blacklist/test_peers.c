/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What users of other systems complain about when it comes to lists: each once, so that it does not
 * come back.
 */
#include "lists.h"

#include <errno.h>

/**
 * Some lists reject what is written in Unicode, some what is in punycode, some match one of the two
 * only.
 */
static void an_international_name_is_one_name_in_whatever_form(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84\n"
               "xn--bcher-kva.example\n||m\xc3\xbcnchen.example^\n",
               NULL);

    (void)state;
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_bad, 0);
    assert_string_not_equal(verdict(set, "xn--e1afmkfd.xn--p1ai"), "-");
    assert_string_not_equal(
        verdict(set, "www.\xd0\x9f\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84"), "-");
    assert_string_not_equal(verdict(set, "B\xc3\x9c"
                                         "CHER.example"),
                            "-");
    assert_string_not_equal(verdict(set, "XN--MNCHEN-3YA.example."), "-");
}

/** A suffix in Cyrillic is a suffix as well: it would cover all of a country. */
static void an_international_suffix_is_not_taken(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of("\xd1\x80\xd1\x84\nxn--p1ai\nok.example\n", NULL);

    (void)state;
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_domains, 1);
    assert_string_equal(verdict(set, "xn--e1afmkfd.xn--p1ai"), "-");
}

/** One rule for subdomains, whatever the format it came in. */
static void what_subdomains_mean_does_not_depend_on_luck(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of("a.example\n=b.example\n*.c.example\n||d.example^\n"
                                       "0.0.0.0 e.example\naddress=/f.example/#\n",
                                       NULL);

    (void)state;
    assert_string_not_equal(verdict(set, "x.y.a.example"), "-");
    assert_string_not_equal(verdict(set, "a.example"), "-");
    assert_string_equal(verdict(set, "nota.example"), "-");
    assert_string_equal(verdict(set, "x.b.example"), "-");
    assert_string_not_equal(verdict(set, "b.example"), "-");
    assert_string_equal(verdict(set, "c.example"), "-");
    assert_string_not_equal(verdict(set, "x.c.example"), "-");
    assert_string_not_equal(verdict(set, "x.d.example"), "-");
    assert_string_not_equal(verdict(set, "x.e.example"), "-");
    assert_string_not_equal(verdict(set, "x.f.example"), "-");
}

/**
 * Reloads that ignore what was added, or what was taken away; entries low in a long list that never
 * match.
 */
static void what_was_added_counts_and_what_was_removed_does_not(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    (void)state;
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *before = set_of("old.example\nboth.example\n", NULL);
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *after = set_of("both.example\nnew.example\n", NULL);

    assert_string_equal(verdict(before, "new.example"), "-");
    assert_string_equal(verdict(after, "old.example"), "-");
    assert_string_equal(verdict(after, "new.example"), "new.example@2");
    assert_string_equal(verdict(after, "both.example"), "both.example@1");
    for (unsigned i = 1; i <= 100000; i++)
        nta_buf_printf(&text, "n%u.example\n", i);
    nta_buf_put_u8(&text, 0);
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *large = set_of((const char *)text.ptr, NULL);

    assert_string_equal(verdict(large, "n1.example"), "n1.example@1");
    assert_string_equal(verdict(large, "x.n50001.example"), "n50001.example@50001");
    assert_string_equal(verdict(large, "n100000.example"), "n100000.example@100000");
    assert_string_equal(verdict(large, "n100001.example"), "-");
}

/** A key of an API that expired gives a page or nothing in place of a list. */
static void a_page_in_place_of_a_list_is_refused(void **state)
{
    static const char *const pages[] = {
        "",
        "\n\n",
        "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n",
        "{\"error\": \"unknown_auth_key\"}\n",
        "404: Not Found\n",
        "Forbidden\n"};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(pages); i++) {
        NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
        struct nta_err err = {0};

        assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
        assert_true(add_text(builder, pages[i], false, NULL, &err) < 0);
        assert_true(strlen(err.text) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_international_name_is_one_name_in_whatever_form),
        cmocka_unit_test(an_international_suffix_is_not_taken),
        cmocka_unit_test(what_subdomains_mean_does_not_depend_on_luck),
        cmocka_unit_test(what_was_added_counts_and_what_was_removed_does_not),
        cmocka_unit_test(a_page_in_place_of_a_list_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
