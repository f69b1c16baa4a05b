/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/own.h"
#include "base/text.h"
#include "blacklist/json/json.h"
#include "unit.h"

#include <stdlib.h>

static struct nta_buf heard;

/** Each token as one sign, texts in <>. */
static void on_token(void *owner, const struct nta_json *json, enum nta_json_token token,
                     struct nta_span text)
{
    static const char signs[] = "{}[]";

    (void)owner;
    if (token <= NTA_JSON_ARRAY_END) {
        nta_buf_put_u8(&heard, (uint8_t)signs[token]);
        return;
    }
    nta_buf_printf(&heard, "%s%u<",
                   token == NTA_JSON_KEY    ? "k"
                   : token == NTA_JSON_TEXT ? "t"
                                            : "w",
                   (unsigned)json->line);
    nta_text_escape(&heard, text);
    nta_buf_puts(&heard, json->cut ? ">!" : ">");
}

/** What is heard of a text in pieces of `step` bytes, "FAULT: ..." behind it. */
static const char *read_in(struct nta_span text, size_t step)
{
    NTA_AUTO_FREE struct nta_json *json = calloc(1, sizeof(*json));

    assert_non_null(json);
    json->token = on_token;
    nta_buf_clear(&heard);
    for (size_t i = 0; i < text.len; i += step)
        (void)nta_json_read(json, nta_span_first(nta_span_from(text, i), step));
    if (!nta_json_end(json))
        nta_buf_printf(&heard, "FAULT: %s", json->fault);
    nta_buf_put_u8(&heard, 0);
    assert_false(heard.failed);
    return (const char *)heard.ptr;
}

static const char *read_text(const char *text)
{
    return read_in(nta_span_of(text), SIZE_MAX);
}

static void tokens_come_in_their_order(void **state)
{
    (void)state;
    assert_string_equal(read_text("{\"a\": [1, -2.5e+3, true],\n\"b\":{\"c\":null}} "),
                        "{k1<a>[w1<1>w1<-2.5e+3>w1<true>]k2<b>{k2<c>w2<null>}}");
    assert_string_equal(read_text("[]"), "[]");
    assert_string_equal(read_text("{}\n{}\n[\"x\"]"), "{}{}[t3<x>]");
    assert_string_equal(read_text("\xef\xbb\xbf{}"), "{}");
    assert_string_equal(read_text("12"), "w1<12>");
    assert_string_equal(read_text(""), "");
}

static void escapes_are_taken_off(void **state)
{
    (void)state;
    assert_string_equal(read_text("[\"a\\/\\\"\\\\b\"]"), "[t1<a/\"\\\\b>]");
    assert_string_equal(read_text("[\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"]"),
                        "[t1<A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80>]");
}

static void what_is_broken_is_said(void **state)
{
    static const char *const broken[] = {
        "{",
        "[",
        "[1",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "[1,]",
        "[,1]",
        "{,}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "[1 2]",
        "]",
        "}",
        "[}",
        "{]",
        "{\"a\":1]",
        "[01]",
        "[1.]",
        "[.5]",
        "[-]",
        "[1e]",
        "[+1]",
        "[nul]",
        "[True]",
        "[\"a]",
        "[\"\\x\"]",
        "[\"\\u12g4\"]",
        "[\"\\ud800\"]",
        "[\"\\udc00\"]",
        "[\"\\ud800\\u0041\"]",
        "[\"\\ud800x\"]",
        "[\"\\ud800\\n\"]",
        "[\"\t\"]",
        "\xef\xbb{}",
        "\xef",
        "[\xef\xbb\xbf]",
        "#{}",
        "{}x",
        "[1]]",
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(broken); i++) {
        if (!strstr(read_text(broken[i]), "FAULT"))
            fail_msg("%s is taken: %s", broken[i], (const char *)heard.ptr);
    }
}

static void pieces_say_what_the_whole_says(void **state)
{
    static const char text[] =
        "\xef\xbb\xbf {\"k\\u00e9y\": [\"v\\ud83d\\ude00\", 1.5e-7, false, {}, "
        "[[]]],\r\n \"b\": \"\"}\n[\"c\"] 17 [x";
    char whole[1024];

    (void)state;
    (void)snprintf(whole, sizeof(whole), "%s", read_text(text));
    assert_non_null(strstr(whole, "FAULT"));
    for (size_t step = 1; step < sizeof(text); step++)
        assert_string_equal(read_in(nta_span_of(text), step), whole);
}

static void depth_has_a_bound(void **state)
{
    char text[2 * NTA_JSON_DEPTH_MAX + 3];

    (void)state;
    for (size_t n = NTA_JSON_DEPTH_MAX; n <= NTA_JSON_DEPTH_MAX + 1; n++) {
        memset(text, '[', n);
        memset(text + n, ']', n);
        text[2 * n] = '\0';
        assert_int_equal(strstr(read_text(text), "64 levels") != NULL, n > NTA_JSON_DEPTH_MAX);
    }
}

static void a_longer_text_is_marked_as_cut(void **state)
{
    NTA_AUTO_FREE char *text = malloc(NTA_JSON_TEXT_MAX + 8);

    (void)state;
    assert_non_null(text);
    for (size_t n = NTA_JSON_TEXT_MAX; n <= NTA_JSON_TEXT_MAX + 1; n++) {
        text[0] = '[';
        text[1] = '"';
        memset(text + 2, 'a', n);
        memcpy(text + 2 + n, "\"]", 3);
        assert_int_equal(strstr(read_text(text), ">!") != NULL, n > NTA_JSON_TEXT_MAX);
        assert_int_equal(strlen((const char *)heard.ptr), NTA_JSON_TEXT_MAX + 6 + (n % 2 == 0));
    }
}

static void lists_in_lines_are_none(void **state)
{
    static const struct
    {
        const char *text;
        enum nta_parse kind;
    } rows[] = {
        {"", NTA_PARSE_MORE},
        {" \n", NTA_PARSE_MORE},
        {"{", NTA_PARSE_MORE},
        {"[ ", NTA_PARSE_MORE},
        {"\xef\xbb", NTA_PARSE_MORE},
        {"\xef\xbb\xbf", NTA_PARSE_MORE},
        {"{\"", NTA_PARSE_OK},
        {"\xef\xbb\xbf\n[\n {", NTA_PARSE_OK},
        {"[\"", NTA_PARSE_OK},
        {"[[", NTA_PARSE_OK},
        {"{}", NTA_PARSE_OK},
        {"[Adblock Plus 2.0]", NTA_PARSE_OTHER},
        {"[2001:db8::1]:443", NTA_PARSE_OTHER},
        {"bad.example", NTA_PARSE_OTHER},
        {"{bad", NTA_PARSE_OTHER},
        {"#[\"", NTA_PARSE_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        if (nta_json_begins(nta_span_of(rows[i].text)) != rows[i].kind)
            fail_msg("%s", rows[i].text);
    }
}

static int teardown(void **state)
{
    (void)state;
    nta_buf_done(&heard);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_come_in_their_order),
        cmocka_unit_test(escapes_are_taken_off),
        cmocka_unit_test(what_is_broken_is_said),
        cmocka_unit_test(pieces_say_what_the_whole_says),
        cmocka_unit_test(depth_has_a_bound),
        cmocka_unit_test(a_longer_text_is_marked_as_cut),
        cmocka_unit_test(lists_in_lines_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
