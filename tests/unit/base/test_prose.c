/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/prose.h"
#include "unit.h"

#include <locale.h>

static void expect(const char *text, unsigned columns, const char *expected)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    nta_prose_put(&out, nta_span_of(text), columns);
    nta_buf_put_u8(&out, '\0');
    assert_false(out.failed);
    assert_string_equal((const char *)out.ptr, expected);
}

static void lines_that_fit_stay(void **state)
{
    (void)state;
    expect("", 10, "");
    expect("abc def\n", 7, "abc def\n");
    expect("abc  def\n\n ghi", 8, "abc  def\n\n ghi");
    expect("a line that is not for a terminal", 0, "a line that is not for a terminal");
}

static void lines_break_at_blanks_under_their_text(void **state)
{
    (void)state;
    expect("abc def ghi", 7, "abc def\n  ghi");
    expect("abc def ghi jkl\n", 7, "abc def\n  ghi\n  jkl\n");
    expect("state   it is bad now", 16, "state   it is\n        bad now");
    expect("    in here already", 12, "    in here\n    already");
    expect("It ends.  And goes on", 15, "It ends.  And\n  goes on"); /* no label */
    expect("日本 日本 日本", 9, "日本 日本\n  日本");
}

static void no_word_is_broken(void **state)
{
    (void)state;
    expect("in /a/long/path it is", 8, "in\n  /a/long/path\n  it is");
    expect("head    0123456789abcdef", 12, "head    0123456789abcdef");
    expect("0123456789abcdef", 4, "0123456789abcdef");
}

static void what_is_no_terminal_gets_lines_as_they_are(void **state)
{
    FILE *file = tmpfile();
    char line[128] = "";

    (void)state;
    assert_non_null(file);
    assert_int_equal(setenv("COLUMNS", "10", 1), 0); /* NOLINT(concurrency-mt-unsafe) */
    assert_int_equal(nta_prose_columns(file), 0);
    nta_prose_print(file, "a line of %s\n", "more than ten columns");
    rewind(file);
    assert_non_null(fgets(line, sizeof(line), file));
    assert_string_equal(line, "a line of more than ten columns\n");
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_fit_stay),
        cmocka_unit_test(lines_break_at_blanks_under_their_text),
        cmocka_unit_test(no_word_is_broken),
        cmocka_unit_test(what_is_no_terminal_gets_lines_as_they_are),
    };

    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* NOLINT(concurrency-mt-unsafe) */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
