/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "export/map/xml.h"
#include "unit.h"

static void check(const char *text, const char *wanted)
{
    struct nta_buf out = {0};

    nta_xml_text(&out, nta_span_of(text));
    nta_buf_put_u8(&out, 0);
    assert_string_equal((const char *)out.ptr, wanted);
    nta_buf_done(&out);
}

static void markup_becomes_entities(void **state)
{
    (void)state;
    check("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;");
    check("", "");
    check("]]>", "]]&gt;");
    check("&lt;", "&amp;lt;");
}

static void what_xml_forbids_is_shown_escaped(void **state)
{
    (void)state;
    check("\x01\x1b[0m", "\\x01\\x1b[0m");
    check("bad\xff", "bad\\xff");
    check("\xef\xbf\xbe", "\\xef\\xbf\\xbe"); /* U+FFFE is no XML character */
    check("Tōkyō", "Tōkyō");
}

static void a_shown_text_is_not_escaped_again(void **state)
{
    struct nta_buf out = {0};

    (void)state;
    nta_xml_shown(&out, "\\x01 <");
    nta_buf_put_u8(&out, 0);
    assert_string_equal((const char *)out.ptr, "\\x01 &lt;");
    nta_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_becomes_entities),
        cmocka_unit_test(what_xml_forbids_is_shown_escaped),
        cmocka_unit_test(a_shown_text_is_not_escaped_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
