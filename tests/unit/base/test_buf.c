/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/own.h"
#include "unit.h"

static void appending_keeps_order_and_grows(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf buf = {0};

    (void)state;
    for (unsigned i = 0; i < 10000; i++)
        nta_buf_put(&buf, &(uint8_t[3]){(uint8_t)i, (uint8_t)(i >> 8), 7}, 3);
    assert_false(buf.failed);
    assert_int_equal(buf.len, 30000);
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(buf.ptr[3 * i] | buf.ptr[3 * i + 1] << 8, i);
    assert_int_equal(nta_buf_span(&buf).len, 30000);
}

static void nothing_can_be_appended(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf buf = {0};

    (void)state;
    nta_buf_put(&buf, NULL, 0);
    nta_buf_puts(&buf, "");
    nta_buf_printf(&buf, "%s", "");
    assert_int_equal(buf.len, 0);
    assert_false(buf.failed);
}

static void printf_writes_at_the_end_without_its_nul(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf buf = {0};
    char longer[1000];

    (void)state;
    memset(longer, 'x', sizeof(longer));
    nta_buf_puts(&buf, "ab");
    nta_buf_printf(&buf, "%d-%.*s", 42, (int)sizeof(longer), longer);
    nta_buf_put_u8(&buf, 'c');
    assert_int_equal(buf.len, 2 + 3 + sizeof(longer) + 1);
    assert_memory_equal(buf.ptr, "ab42-xxx", 8);
    assert_int_equal(buf.ptr[buf.len - 1], 'c');
}

static void failure_is_sticky_until_cleared(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf buf = {0};

    (void)state;
    nta_buf_puts(&buf, "abc");
    assert_null(nta_buf_reserve(&buf, SIZE_MAX - 8));
    assert_true(buf.failed);
    nta_buf_puts(&buf, "def");
    nta_buf_printf(&buf, "%d", 1);
    assert_int_equal(buf.len, 3);
    const uint8_t *memory = buf.ptr;

    nta_buf_clear(&buf);
    nta_buf_puts(&buf, "ghi");
    assert_false(buf.failed);
    assert_ptr_equal(buf.ptr, memory);
    assert_memory_equal(buf.ptr, "ghi", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appending_keeps_order_and_grows),
        cmocka_unit_test(nothing_can_be_appended),
        cmocka_unit_test(printf_writes_at_the_end_without_its_nul),
        cmocka_unit_test(failure_is_sticky_until_cleared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
