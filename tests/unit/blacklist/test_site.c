/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "blacklist/name/site.h"
#include "unit.h"

static void a_site_has_one_text(void **state)
{
    static const struct
    {
        enum nta_site_form form;
        const char *wire, *text;
    } cases[] = {
        {NTA_SITE_DNS, "WWW.Example.COM", "www.example.com"},
        {NTA_SITE_TEXT, "WWW.Example.COM.", "www.example.com"},
        {NTA_SITE_HOST, "WWW.Example.COM.", "www.example.com"},
        /* no host names: folded all the same */
        {NTA_SITE_DNS, "A B.Bad.Example", "a b.bad.example"},
        {NTA_SITE_TEXT, "A B.Bad.Example.", "a b.bad.example"},
        /* only in DNS does a backslash mean a byte of a label */
        {NTA_SITE_DNS, "a\\.B.example", "a\\.b.example"},
        {NTA_SITE_DNS, "a\\\\B.example", "a\\\\b.example"},
        {NTA_SITE_DNS, "a b\\.", "a b\\."},
        {NTA_SITE_TEXT, "a\\.B.example", "a\\\\.b.example"},
        /* only in a URL does a percent sign, or a number an address */
        {NTA_SITE_HOST, "%62ad.example", "bad.example"},
        {NTA_SITE_TEXT, "%62ad.example", "%62ad.example"},
        {NTA_SITE_HOST, "0xc0000242", "192.0.2.66"},
        {NTA_SITE_HOST, "192.0.2.66", "192.0.2.66"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        char buf[NTA_NAME_SIZE];
        const struct nta_span text = nta_site_text(nta_span_of(cases[i].wire), cases[i].form, buf);

        if (!nta_span_equal(text, nta_span_of(cases[i].text)))
            fail_msg("case %zu: %.*s", i, (int)text.len, (const char *)text.ptr);
    }
}

static void of_a_long_one_the_right_end_is_kept(void **state)
{
    enum
    {
        LEN = 2000
    };

    static const char end[] = ".bad.example";
    uint8_t wire[LEN];
    char buf[NTA_NAME_SIZE];

    (void)state;
    for (size_t odd = 0; odd < 2; odd++) {
        for (size_t i = 0; i < LEN; i++)
            wire[i] = i % 2 == odd ? '\\' : '.';
        memcpy(wire + LEN - strlen(end), end, strlen(end));
        for (unsigned form = NTA_SITE_DNS; form <= NTA_SITE_HOST; form++) {
            const struct nta_span text = nta_site_text((struct nta_span){.ptr = wire, .len = LEN},
                                                       (enum nta_site_form)form, buf);

            assert_true(text.len > 200 && text.len < NTA_NAME_SIZE);
            assert_memory_equal(text.ptr + text.len - strlen(end), end, strlen(end));
        }
    }
}

static void a_dot_inside_a_label_parts_none(void **state)
{
    char buf[NTA_NAME_SIZE];

    (void)state;
    assert_true(nta_span_is(nta_site_labels(nta_span_of("a\\.b.example"), buf), "a\\_b.example"));
    assert_true(nta_span_is(nta_site_labels(nta_span_of("a.b.example"), buf), "a.b.example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_site_has_one_text),
        cmocka_unit_test(of_a_long_one_the_right_end_is_kept),
        cmocka_unit_test(a_dot_inside_a_label_parts_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
