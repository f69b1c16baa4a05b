/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "base/own.h"
#include "unit.h"

#include <stdlib.h>

static const uint8_t bytes[] = {0x00, 0x09, 0x9f, 0xaf, 0xff};
static const char digits[] = "00099fafff";

static void two_digits_a_byte_in_lower_case(void **state)
{
    char text[NTA_HEX_SIZE(sizeof(bytes))];

    (void)state;
    assert_string_equal(nta_hex_text(bytes, sizeof(bytes), text), digits);
    assert_string_equal(nta_hex_text(bytes, 0, text), "");
    assert_ptr_equal(nta_hex_put(bytes, sizeof(bytes), text), text + 2 * sizeof(bytes));
}

static void what_is_in_a_buffer_stays(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf buf = {0};

    (void)state;
    nta_buf_puts(&buf, "x");
    nta_buf_put_hex(&buf, bytes, sizeof(bytes));
    nta_buf_put_hex(&buf, NULL, 0);
    nta_buf_put_u8(&buf, 0);
    assert_string_equal((const char *)buf.ptr, "x00099fafff");
}

static void digits_of_either_case_are_read(void **state)
{
    uint8_t buf[sizeof(bytes)];

    (void)state;
    assert_true(nta_hex_parse(digits, sizeof(buf), buf));
    assert_memory_equal(buf, bytes, sizeof(bytes));
    assert_true(nta_hex_parse("00099FaFFf-12", sizeof(buf), buf));
    assert_memory_equal(buf, bytes, sizeof(bytes));
}

static void only_digits_are_digits(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        int value = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        assert_int_equal(nta_hex_digit((unsigned char)c), value);
    }
}

static void a_text_that_ends_early_is_not_read_past(void **state)
{
    uint8_t buf[sizeof(bytes)];

    (void)state;
    for (size_t len = 0; len < sizeof(digits) - 1; len++) {
        NTA_AUTO_FREE char *exact = strndup(digits, len); /* a sanitizer sees one step too far */

        assert_false(nta_hex_parse(exact, sizeof(buf), buf));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_digits_a_byte_in_lower_case),
        cmocka_unit_test(what_is_in_a_buffer_stays),
        cmocka_unit_test(digits_of_either_case_are_read),
        cmocka_unit_test(only_digits_are_digits),
        cmocka_unit_test(a_text_that_ends_early_is_not_read_past),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
