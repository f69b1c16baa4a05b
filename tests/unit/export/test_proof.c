/* SPDX-License-Identifier: Apache-2.0 */
/* A page says what it was made of; a byte that was changed is found, wherever it is. */
#include "base/own.h"
#include "base/version.h"
#include "export/page/proof.h"
#include "unit.h"

#include <stdlib.h>

#define HEADS "chain head of sensor 00: batch 7, 11, tree 22\n"
#define DATA  "{\"about\":{\"title\":\"x\"},\"rows\":[1,2,3]}"
#define PAGE                                                                                       \
    "<!doctype html>\n<title>Network report</title>\n"                                             \
    "<script type=\"text/plain\" id=\"proof\"></script>\n"                                         \
    "<script type=\"application/json\" id=\"data\">" DATA "</script>\n<script>f()</script>\n"

static struct nta_buf page;

static int make(void **state)
{
    (void)state;
    nta_buf_clear(&page);
    nta_page_put_proven(&page, nta_span_of(PAGE), "de", nta_span_of(HEADS));
    return page.failed;
}

static void it_is_as_it_says(void **state)
{
    struct nta_page_proof proof;

    (void)state;
    assert_int_equal(nta_page_look(nta_buf_span(&page), &proof), NTA_PAGE_WHOLE);
    assert_true(nta_span_is(proof.version, nta_version()));
    assert_true(nta_span_is(proof.lang, "de"));
    assert_true(nta_span_is(proof.heads, HEADS));
    assert_true(nta_span_is(proof.data, DATA));
}

static void it_may_have_neither_language_nor_heads(void **state)
{
    struct nta_page_proof proof;

    (void)state;
    nta_buf_clear(&page);
    nta_page_put_proven(&page, nta_span_of(PAGE), NULL, nta_span_of(""));
    assert_int_equal(nta_page_look(nta_buf_span(&page), &proof), NTA_PAGE_WHOLE);
    assert_int_equal(proof.lang.len, 0);
    assert_int_equal(proof.heads.len, 0);
}

static void each_byte_that_is_changed_is_found(void **state)
{
    struct nta_page_proof proof = {.lang.len = 99};

    (void)state;
    for (size_t i = 0; i < page.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            page.ptr[i] ^= (uint8_t)(1U << bit);
            assert_int_not_equal(nta_page_look(nta_buf_span(&page), &proof), NTA_PAGE_WHOLE);
            page.ptr[i] ^= (uint8_t)(1U << bit);
        }
    }
    assert_int_equal(proof.lang.len, 99); /* nothing is filled */
}

static void each_byte_that_is_added_or_gone_is_found(void **state)
{
    struct nta_page_proof proof;

    (void)state;
    for (size_t i = 0; i < page.len; i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf more = {0}, less = {0};

        nta_buf_put(&more, page.ptr, i);
        nta_buf_puts(&more, "a");
        nta_buf_put(&more, page.ptr + i, page.len - i);
        nta_buf_put(&less, page.ptr, i);
        nta_buf_put(&less, page.ptr + i + 1, page.len - i - 1);
        assert_int_not_equal(nta_page_look(nta_buf_span(&more), &proof), NTA_PAGE_WHOLE);
        assert_int_not_equal(nta_page_look(nta_buf_span(&less), &proof), NTA_PAGE_WHOLE);
    }
}

static void a_page_that_is_cut_is_found(void **state)
{
    struct nta_page_proof proof;

    (void)state;
    for (size_t len = 0; len < page.len; len++) {
        uint8_t *exact = malloc(len ? len : 1);

        memcpy(exact, page.ptr, len);
        assert_int_not_equal(nta_page_look((struct nta_span){exact, len}, &proof), NTA_PAGE_WHOLE);
        free(exact);
    }
}

static void it_says_what_is_wrong(void **state)
{
    struct nta_page_proof proof;

    (void)state;
    assert_int_equal(nta_page_look(nta_span_of(PAGE), &proof), NTA_PAGE_STRANGE);
    assert_int_equal(nta_page_look(nta_span_of("<!doctype html>"), &proof), NTA_PAGE_STRANGE);
    nta_buf_put_u8(&page, 0);
    uint8_t *title = (uint8_t *)strstr((char *)page.ptr, "\"title\":\"x\"");
    uint8_t *f = (uint8_t *)strstr((char *)page.ptr, "f()");

    page.len--;
    title[9] = 'y';
    assert_int_equal(nta_page_look(nta_buf_span(&page), &proof), NTA_PAGE_DATA);
    title[9] = 'x';
    f[0] = 'g';
    assert_int_equal(nta_page_look(nta_buf_span(&page), &proof), NTA_PAGE_OUTSIDE);
}

#define ROW(function) cmocka_unit_test_setup(function, make)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(it_is_as_it_says),
        ROW(it_may_have_neither_language_nor_heads),
        ROW(each_byte_that_is_changed_is_found),
        ROW(each_byte_that_is_added_or_gone_is_found),
        ROW(a_page_that_is_cut_is_found),
        ROW(it_says_what_is_wrong),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);

    nta_buf_done(&page);
    return failed;
}
