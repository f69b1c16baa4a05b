/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cut.h"
#include "base/span.h"
#include "unit.h"

/** A span that ends where `text` does: nothing may look for a NUL behind it. */
static struct nta_span of(const char *text)
{
    static uint8_t bytes[2][64];
    static unsigned turn;
    uint8_t *copy = bytes[turn++ % 2];
    size_t len = strlen(text);

    memset(copy, 'a', sizeof(bytes[0]));
    memcpy(copy, text, len);
    return (struct nta_span){.ptr = copy, .len = len};
}

static void assert_text(struct nta_span span, const char *text)
{
    assert_int_equal(span.len, strlen(text));
    assert_true(nta_span_equal(span, nta_span_of(text)));
}

static void a_text_has_no_nul_and_none_is_empty(void **state)
{
    (void)state;
    assert_int_equal(nta_span_of("abc").len, 3);
    assert_int_equal(nta_span_of("").len, 0);
    assert_int_equal(nta_span_of(NULL).len, 0);
}

static void spans_are_equal_byte_by_byte_or_whatever_the_case(void **state)
{
    (void)state;
    assert_true(nta_span_equal(of("abc"), of("abc")));
    assert_false(nta_span_equal(of("abc"), of("abC")));
    assert_false(nta_span_equal(of("abc"), of("ab")));
    assert_true(nta_span_equal((struct nta_span){0}, of("")));
    assert_true(nta_span_alike(of("aBc-1"), of("AbC-1")));
    assert_false(nta_span_alike(of("abc"), of("abcd")));
    assert_false(nta_span_alike(of("@"), of("`"))); /* one bit apart, and no letters */
    assert_false(nta_span_alike(of("["), of("{")));
    assert_true(nta_span_is(of("Chunked"), "chunked"));
    assert_false(nta_span_is(of("chunke"), "chunked"));
    assert_true(nta_span_is((struct nta_span){0}, ""));
}

static void a_nul_is_a_byte_like_any_other(void **state)
{
    const struct nta_span with = {(const uint8_t *)"a\0b", 3}, other = {(const uint8_t *)"a\0c", 3};

    (void)state;
    assert_false(nta_span_equal(with, other));
    assert_false(nta_span_alike(with, other));
    assert_false(nta_span_is(with, "a"));
    assert_int_equal(nta_span_find_byte(with, 0), 1);
}

static void order_is_by_bytes_and_the_shorter_is_first(void **state)
{
    (void)state;
    assert_true(nta_span_order(of("a"), of("b")) < 0);
    assert_true(nta_span_order(of("b"), of("ab")) > 0);
    assert_true(nta_span_order(of("ab"), of("abc")) < 0);
    assert_true(nta_span_order(of("abc"), of("ab")) > 0);
    assert_int_equal(nta_span_order(of("ab"), of("ab")), 0);
    assert_true(nta_span_order(of("\x7f"), of("\x80")) < 0);
    assert_true(nta_span_order((struct nta_span){0}, of("a")) < 0);
    assert_int_equal(nta_span_order((struct nta_span){0}, of("")), 0);
}

static void beginnings_are_known(void **state)
{
    const struct nta_span mark = nta_span_of("PROXY ");

    (void)state;
    assert_true(nta_span_begins(of("PROXY TCP4"), mark));
    assert_false(nta_span_begins(of("proxy TCP4"), mark));
    assert_false(nta_span_begins(of("PROX"), mark));
    assert_true(nta_span_begins((struct nta_span){0}, (struct nta_span){0}));
    assert_true(nta_span_starts(of("HTTP/1.1"), "http/"));
    assert_false(nta_span_starts(of("HTTP"), "http/"));
    assert_true(nta_span_starts(of("x"), ""));
}

static void a_beginning_may_still_become_the_whole(void **state)
{
    const struct nta_span mark = nta_span_of("220");

    (void)state;
    assert_int_equal(nta_span_becomes((struct nta_span){0}, mark), NTA_PARSE_MORE);
    assert_int_equal(nta_span_becomes(of("22"), mark), NTA_PARSE_MORE);
    assert_int_equal(nta_span_becomes(of("23"), mark), NTA_PARSE_OTHER);
    assert_int_equal(nta_span_becomes(of("220"), mark), NTA_PARSE_OK);
    assert_int_equal(nta_span_becomes(of("220 x"), mark), NTA_PARSE_OK);
}

static void what_is_not_found_is_at_the_end(void **state)
{
    const struct nta_span none = {0};

    (void)state;
    assert_int_equal(nta_span_find_byte(of("a.b.c"), '.'), 1);
    assert_int_equal(nta_span_find_last(of("a.b.c"), '.'), 3);
    assert_int_equal(nta_span_find_byte(of("abc"), '.'), 3);
    assert_int_equal(nta_span_find_last(of("abc"), '.'), 3);
    assert_true(nta_span_has(of("a.b"), 'b'));
    assert_false(nta_span_has(of("a.b"), 'c'));
    assert_int_equal(nta_span_find(of("ab://c"), "://"), 2);
    assert_int_equal(nta_span_find(of("ab:/c"), "://"), 5);
    assert_int_equal(nta_span_find(of("ab:/c"), "/"), 3);
    assert_int_equal(nta_span_find_word(of("220 MyFTPd"), "ftp"), 6);
    assert_int_equal(nta_span_find_word(of("220 ft"), "ftp"), 6);
    assert_int_equal(nta_span_find_byte(none, 'a'), 0);
    assert_int_equal(nta_span_find_last(none, 'a'), 0);
    assert_int_equal(nta_span_find(none, "ab"), 0);
    assert_int_equal(nta_span_find_word(none, "ab"), 0);
    assert_false(nta_span_has(none, 'a'));
}

static void nothing_is_found_at_once_everywhere(void **state)
{
    const struct nta_span none = {0};

    (void)state;
    assert_int_equal(nta_span_find_span(of("abc"), none), 0);
    assert_int_equal(nta_span_find_span(none, none), 0);
    assert_int_equal(nta_span_find_span(of(""), of("")), 0);
    assert_int_equal(nta_span_find(of("abc"), ""), 0);
    assert_int_equal(nta_span_find_span(none, of("a")), 0); /* not found: at the end, as ever */
}

static void parts_are_cut_and_never_longer_than_the_whole(void **state)
{
    (void)state;
    assert_text(nta_span_first(of("abc"), 2), "ab");
    assert_text(nta_span_first(of("abc"), SIZE_MAX), "abc");
    assert_text(nta_span_from(of("abc"), 1), "bc");
    assert_text(nta_span_from(of("abc"), 3), "");
    assert_text(nta_span_from(of("abc"), 4), "");
    assert_text(nta_span_from(of("abc"), SIZE_MAX), "");
    assert_text(nta_span_before(of("text/html;x"), ';'), "text/html");
    assert_text(nta_span_before(of("text/html"), ';'), "text/html");
    assert_text(nta_span_before((struct nta_span){0}, ';'), "");
    assert_null(nta_span_from((struct nta_span){0}, 0).ptr);
}

static void a_text_is_taken_apart_at_a_byte(void **state)
{
    struct nta_span rest = of("one\n\nthree");

    (void)state;
    assert_text(nta_span_take(&rest, '\n'), "one");
    assert_text(nta_span_take(&rest, '\n'), "");
    assert_text(rest, "three");
    assert_text(nta_span_take(&rest, '\n'), "three");
    assert_int_equal(rest.len, 0);
    assert_text(nta_span_take(&rest, '\n'), "");
    rest = (struct nta_span){0};
    assert_text(nta_span_take(&rest, '\n'), "");
}

static bool is_blank(uint8_t c)
{
    return c == ' ';
}

static void what_counts_as_space_is_trimmed_at_both_ends(void **state)
{
    (void)state;
    assert_text(nta_span_trim_of(of("  a b  "), is_blank), "a b");
    assert_text(nta_span_trim_of(of("\ta "), is_blank), "\ta");
    assert_text(nta_span_trim_of(of("   "), is_blank), "");
    assert_text(nta_span_trim_of((struct nta_span){0}, is_blank), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_has_no_nul_and_none_is_empty),
        cmocka_unit_test(spans_are_equal_byte_by_byte_or_whatever_the_case),
        cmocka_unit_test(a_nul_is_a_byte_like_any_other),
        cmocka_unit_test(order_is_by_bytes_and_the_shorter_is_first),
        cmocka_unit_test(beginnings_are_known),
        cmocka_unit_test(a_beginning_may_still_become_the_whole),
        cmocka_unit_test(what_is_not_found_is_at_the_end),
        cmocka_unit_test(nothing_is_found_at_once_everywhere),
        cmocka_unit_test(parts_are_cut_and_never_longer_than_the_whole),
        cmocka_unit_test(a_text_is_taken_apart_at_a_byte),
        cmocka_unit_test(what_counts_as_space_is_trimmed_at_both_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
