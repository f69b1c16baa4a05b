/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "base/own.h"
#include "base/text.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#define SPAN(literal) ((struct nta_span){(const uint8_t *)(literal), sizeof(literal) - 1})

typedef void shape_fn(struct nta_buf *out, struct nta_span text);

static void assert_shape(shape_fn *shape, struct nta_span text, const char *expected)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    shape(&out, text);
    nta_buf_put_u8(&out, 0);
    assert_false(out.failed);
    assert_string_equal((const char *)out.ptr, expected);
}

static void printable_text_stays(void **state)
{
    (void)state;
    assert_shape(nta_text_escape, SPAN("a b~!\"'"), "a b~!\"'");
    assert_shape(nta_text_escape, SPAN("Reykjav\xc3\xadk"), "Reykjav\xc3\xadk");
    assert_shape(nta_text_escape, SPAN("\xe6\x9d\xb1\xe4\xba\xac"), "\xe6\x9d\xb1\xe4\xba\xac");
    assert_shape(nta_text_escape, SPAN("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
    assert_shape(nta_text_escape, SPAN(""), "");
}

static void a_backslash_is_doubled(void **state)
{
    (void)state;
    assert_shape(nta_text_escape, SPAN("\\x41"), "\\\\x41");
    assert_shape(nta_text_escape, SPAN("\\"), "\\\\");
}

static void controls_are_shown_as_bytes(void **state)
{
    (void)state;
    assert_shape(nta_text_escape, SPAN("\0a\n\r\t\x1b["), "\\x00a\\x0a\\x0d\\x09\\x1b[");
    assert_shape(nta_text_escape, SPAN("\x7f"), "\\x7f");
    assert_shape(nta_text_escape, SPAN("\xc2\x85\xc2\x9b"),
                 "\\xc2\\x85\\xc2\\x9b"); /* C1: NEL, CSI */
}

static void what_reorders_or_hides_text_is_shown_as_bytes(void **state)
{
    (void)state;
    assert_shape(nta_text_escape,
                 SPAN("a\xe2\x80\xae"
                      "b"),
                 "a\\xe2\\x80\\xaeb");                                               /* U+202E */
    assert_shape(nta_text_escape, SPAN("\xe2\x80\x8b"), "\\xe2\\x80\\x8b");          /* U+200B */
    assert_shape(nta_text_escape, SPAN("\xe2\x80\xa8"), "\\xe2\\x80\\xa8");          /* U+2028 */
    assert_shape(nta_text_escape, SPAN("\xe2\x81\xa6"), "\\xe2\\x81\\xa6");          /* U+2066 */
    assert_shape(nta_text_escape, SPAN("\xd8\x9c"), "\\xd8\\x9c");                   /* U+061C */
    assert_shape(nta_text_escape, SPAN("\xef\xbb\xbf"), "\\xef\\xbb\\xbf");          /* U+FEFF */
    assert_shape(nta_text_escape, SPAN("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81"); /* a tag */
    assert_shape(nta_text_escape, SPAN("\xe3\x85\xa4"), "\\xe3\\x85\\xa4"); /* U+3164, a blank */
    assert_shape(nta_text_escape, SPAN("\xef\xb8\x8f"), "\\xef\\xb8\\x8f"); /* U+FE0F */
    assert_shape(nta_text_escape, SPAN("\xcd\x8f"), "\\xcd\\x8f");          /* U+034F */
    assert_shape(nta_text_escape, SPAN("\xcd\x8e"), "\xcd\x8e"); /* but a letter's mark */
}

static void bytes_that_are_not_utf8_are_shown_as_bytes(void **state)
{
    (void)state;
    assert_shape(nta_text_escape,
                 SPAN("\x80"
                      "a\xff"),
                 "\\x80a\\xff");
    assert_shape(nta_text_escape, SPAN("\xc0\xaf"), "\\xc0\\xaf");          /* overlong / */
    assert_shape(nta_text_escape, SPAN("\xe0\x80\xaf"), "\\xe0\\x80\\xaf"); /* overlong */
    assert_shape(nta_text_escape, SPAN("\xf0\x80\x80\xaf"), "\\xf0\\x80\\x80\\xaf");
    assert_shape(nta_text_escape, SPAN("\xed\xa0\x80"), "\\xed\\xa0\\x80"); /* surrogate */
    assert_shape(nta_text_escape, SPAN("\xf4\x90\x80\x80"),
                 "\\xf4\\x90\\x80\\x80");                          /* > U+10FFFF */
    assert_shape(nta_text_escape, SPAN("\xe2\x82"), "\\xe2\\x82"); /* cut off */
}

static void json_has_quotes_and_doubles_the_backslashes_of_the_shown_form(void **state)
{
    (void)state;
    assert_shape(nta_text_json, SPAN("a\"b"), "\"a\\\"b\"");
    assert_shape(nta_text_json, SPAN("\n"), "\"\\\\x0a\"");
    assert_shape(nta_text_json, SPAN("\\"), "\"\\\\\\\\\"");
    assert_shape(nta_text_json, SPAN("</script>"), "\"</script>\"");
    assert_shape(nta_text_json, SPAN(""), "\"\"");
}

static void a_csv_cell_is_never_a_formula(void **state)
{
    (void)state;
    assert_shape(nta_text_csv, SPAN("=1+1"), "\"'=1+1\"");
    assert_shape(nta_text_csv, SPAN("+1"), "\"'+1\"");
    assert_shape(nta_text_csv, SPAN("-1"), "\"'-1\"");
    assert_shape(nta_text_csv, SPAN("@SUM(A1)"), "\"'@SUM(A1)\"");
    assert_shape(nta_text_csv, SPAN("\t=1"), "\"'\\x09=1\"");
    assert_shape(nta_text_csv, SPAN("say \"a\",b"), "\"say \"\"a\"\",b\"");
    assert_shape(nta_text_csv, SPAN("1=1"), "\"1=1\"");
}

static void what_is_too_long_is_cut_at_a_whole_character(void **state)
{
    char buf[8];

    (void)state;
    assert_string_equal(nta_text_escape_to(buf, 3, SPAN("a\xc3\xad")), "a");
    assert_string_equal(nta_text_escape_to(buf, 4, SPAN("a\xc3\xad")), "a\xc3\xad");
    assert_string_equal(nta_text_escape_to(buf, 4, SPAN("\n")), "");
    assert_string_equal(nta_text_escape_to(buf, 5, SPAN("\nxyz")), "\\x0a");
    assert_string_equal(nta_text_escape_to(buf, 2, SPAN("\\")), "");
    assert_string_equal(nta_text_escape_to(buf, 1, SPAN("abc")), "");
    memset(buf, 'z', sizeof(buf));
    (void)nta_text_escape_to(buf, 0, SPAN("abc"));
    assert_int_equal(buf[0], 'z');
}

/** Read the shown form back, as its description says. */
static size_t unescape(const uint8_t *shown, size_t len, uint8_t *out)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (shown[i] != '\\') {
            out[n++] = shown[i];
        } else if (shown[i + 1] == '\\') {
            out[n++] = '\\';
            i++;
        } else {
            const char digits[3] = {(char)shown[i + 2], (char)shown[i + 3], '\0'};

            assert_int_equal(shown[i + 1], 'x');
            out[n++] = (uint8_t)strtoul(digits, NULL, 16);
            i += 3;
        }
    }
    return n;
}

static void the_shown_form_turns_back_into_the_same_bytes(void **state)
{
    static const char bits[] = "\\x41\xc3\xad\xe2\x80\xae\xf0\x9f\x98\x80\xed\xa0\x80\x00\x7f\"=";
    unsigned seed = 1;

    (void)state;
    for (unsigned round = 0; round < 5000; round++) {
        NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
        uint8_t text[64], back[64];
        size_t len = (size_t)(seed >> 8) % sizeof(text);

        for (size_t i = 0; i < len; i++) {
            seed = seed * 1103515245U + 12345U;
            text[i] = round % 2 ? (uint8_t)(seed >> 16)
                                : (uint8_t)bits[(seed >> 16) % (sizeof(bits) - 1)];
        }
        nta_text_escape(&out, (struct nta_span){text, len});
        for (size_t i = 0; i < out.len;) {
            size_t n = nta_text_utf8_len(out.ptr + i, out.len - i);

            assert_true(n > 0 && out.ptr[i] >= 0x20 && out.ptr[i] != 0x7f);
            i += n;
        }
        assert_int_equal(unescape(out.ptr, out.len, back), len);
        assert_memory_equal(back, text, len);
        seed = seed * 1103515245U + 12345U;
    }
}

static void a_shown_text_is_cut_between_characters_and_escapes(void **state)
{
    static const char shown[] = "a\\x0ab\\\\\xc3\xbc\xf0\x9f\x98\x80.";
    static const uint8_t ends[] = {0, 1, 1, 1, 1, 5, 6, 6, 8, 8, 10, 10, 10, 10, 14, 15};

    (void)state;
    for (size_t max = 0; max < sizeof(ends); max++)
        assert_int_equal(nta_text_cut(nta_span_of(shown), max), ends[max]);
    assert_int_equal(nta_text_cut(nta_span_of(shown), SIZE_MAX), sizeof(shown) - 1);
}

static void a_guarded_text_keeps_its_escapes_and_says_where_it_was_cut(void **state)
{
    char buf[12];

    (void)state;
    assert_string_equal(nta_text_guard_to(buf, 12, nta_span_of("a\\x0ab\\\\")), "a\\x0ab\\\\");
    assert_string_equal(nta_text_guard_to(buf, 12, nta_span_of("a\nb")), "a\\x0ab");
    assert_string_equal(nta_text_guard_to(buf, 12, nta_span_of("12345678901")), "12345678901");
    assert_string_equal(nta_text_guard_to(buf, 12, nta_span_of("123456789012")), "12345678...");
    assert_string_equal(nta_text_guard_to(buf, 12, nta_span_of("12345\\x0a7890")), "12345...");
    assert_string_equal(nta_text_guard_to(buf, 12, nta_span_of("12345\n7890")), "12345...");
    assert_string_equal(nta_text_guard_to(buf, 12, nta_span_of("")), "");
    assert_string_equal(nta_text_guard_to(buf, 4, nta_span_of("\n")), "...");
}

__attribute__((format(printf, 3, 4))) static size_t print(char *buf, size_t size,
                                                          const char *format, ...)
{
    va_list args;

    va_start(args, format);
    size_t n = nta_text_vprintf_to(buf, size, format, args);

    va_end(args);
    return n;
}

static void a_sentence_that_is_too_long_is_cut_with_a_sign(void **state)
{
    char buf[12];

    (void)state;
    assert_int_equal(print(buf, 12, "%s", "12345678901"), 11);
    assert_string_equal(buf, "12345678901");
    assert_int_equal(print(buf, 12, "%s", "123456789012"), 11);
    assert_string_equal(buf, "12345678...");
    assert_int_equal(print(buf, 12, "1234567%s", "\xc3\xbc\xc3\xbc\xc3\xbc"), 10);
    assert_string_equal(buf, "1234567...");
    assert_int_equal(print(buf, 12, "12345%s", "\\xff\\xff\\xff"), 8);
    assert_string_equal(buf, "12345...");
}

static void the_systems_words_are_there_however_long_the_text_is(void **state)
{
    char path[2000];
    struct nta_err err;

    (void)state;
    memset(path, 'p', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(nta_err_sys(&err, -ENOENT, "cannot open %s", path), -ENOENT);
    assert_int_equal(strlen(err.text), NTA_ERR_SIZE - 1);
    assert_non_null(strstr(err.text, "ppp...: No such file or directory"));
    (void)nta_err_prefix(&err, 0, "%s", path);
    assert_true(strlen(err.text) < NTA_ERR_SIZE);
    (void)nta_err_set(&err, 0, "it");
    (void)nta_err_prefix(&err, 0, "%s", "here");
    assert_string_equal(err.text, "here: it");
    (void)nta_err_sys(&err, -ENOENT, "%s", "a");
    assert_string_equal(err.text, "a: No such file or directory");
}

static void a_shown_text_is_not_escaped_again_in_json(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    nta_text_json_shown(&out, nta_span_of("a\\x0a\"b"));
    assert_true(nta_span_equal(nta_buf_span(&out), nta_span_of("\"a\\\\x0a\\\"b\"")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printable_text_stays),
        cmocka_unit_test(a_backslash_is_doubled),
        cmocka_unit_test(controls_are_shown_as_bytes),
        cmocka_unit_test(what_reorders_or_hides_text_is_shown_as_bytes),
        cmocka_unit_test(bytes_that_are_not_utf8_are_shown_as_bytes),
        cmocka_unit_test(json_has_quotes_and_doubles_the_backslashes_of_the_shown_form),
        cmocka_unit_test(a_csv_cell_is_never_a_formula),
        cmocka_unit_test(what_is_too_long_is_cut_at_a_whole_character),
        cmocka_unit_test(a_shown_text_is_cut_between_characters_and_escapes),
        cmocka_unit_test(a_guarded_text_keeps_its_escapes_and_says_where_it_was_cut),
        cmocka_unit_test(a_sentence_that_is_too_long_is_cut_with_a_sign),
        cmocka_unit_test(the_systems_words_are_there_however_long_the_text_is),
        cmocka_unit_test(a_shown_text_is_not_escaped_again_in_json),
        cmocka_unit_test(the_shown_form_turns_back_into_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
