/* SPDX-License-Identifier: Apache-2.0 */
/* What a stranger wrote is text in each channel: no link, no mention, no markup. */
#include "notify/escape.h"
#include "unit.h"

static void becomes(enum nta_notify_channel channel, const char *text, const char *want)
{
    struct nta_buf out = {0};

    nta_notify_escape(&out, channel, nta_span_of(text));
    nta_buf_put_u8(&out, '\0');
    assert_string_equal((const char *)out.ptr, want);
    nta_buf_done(&out);
}

static void names_are_no_links(void **state)
{
    (void)state;
    becomes(NTA_NOTIFY_MAIL, "https://bad.example/a.zip", "https[:]//bad[.]example/a[.]zip");
    becomes(NTA_NOTIFY_TEAMS, "bad.example", "bad[.]example");
    becomes(NTA_NOTIFY_MATRIX, "b\u00fcrger.example.", "b\u00fcrger[.]example.");
    becomes(NTA_NOTIFY_MAIL, "the end. Next", "the end. Next");
}

static void addresses_stay(void **state)
{
    (void)state;
    becomes(NTA_NOTIFY_MAIL, "10.0.0.5", "10.0.0.5");
    becomes(NTA_NOTIFY_SLACK, "2001:db8::5", "2001:db8::5");
    becomes(NTA_NOTIFY_MAIL, "10.0.0.5.example", "10[.]0[.]0[.]5[.]example");
}

static void nobody_is_called(void **state)
{
    (void)state;
    becomes(NTA_NOTIFY_MATRIX, "@room @ann", "(at)room (at)ann");
    becomes(NTA_NOTIFY_SLACK, "<!channel> <@U1> & @here",
            "&lt;!channel&gt; &lt;(at)U1&gt; &amp; (at)here");
    becomes(NTA_NOTIFY_SLACK, "*b*", "*\u200bb*\u200b");
}

static void programs_get_it_as_it_is(void **state)
{
    (void)state;
    becomes(NTA_NOTIFY_JSON, "https://bad.example/<a>@b", "https://bad.example/<a>@b");
}

static void html_has_no_markup(void **state)
{
    struct nta_buf out = {0};

    (void)state;
    nta_notify_html(&out, nta_span_of("<a href=\"x\">&'"));
    nta_buf_put_u8(&out, '\0');
    assert_string_equal((const char *)out.ptr, "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
    nta_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_no_links), cmocka_unit_test(addresses_stay),
        cmocka_unit_test(nobody_is_called),   cmocka_unit_test(programs_get_it_as_it_is),
        cmocka_unit_test(html_has_no_markup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
