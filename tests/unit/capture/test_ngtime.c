/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/ngtime.h"
#include "unit.h"

static void microseconds_are_the_rule(void **state)
{
    struct nta_ngtime time = nta_ngtime_of_options(NULL, 0, false);

    (void)state;
    assert_int_equal(nta_ngtime_ns(&time, 1700000000123456), 1700000000123456000);
}

static void powers_of_ten_and_of_two_are_units(void **state)
{
    static const struct
    {
        uint8_t resolution;
        uint64_t count;
        int64_t ns;
    } rows[] = {
        {9, 1700000000123456789, 1700000000123456789},
        {0, 17, 17000000000},
        {3, 17001, 17001000000},
        {12, UINT64_C(17000000000001999), 17000000000001},
        {0x80 | 1, 3, 1500000000},
        {0x80 | 10, 1025, 1000976562},
        {0x80 | 63, UINT64_MAX, 1999999999},
        {19, UINT64_C(15000000000000000000), 1500000000},
        {20, 1000000, 1000000000},        /* too fine: as microseconds */
        {0x80 | 64, 1000000, 1000000000}, /* likewise */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint8_t options[] = {9, 0, 1, 0, rows[i].resolution, 0, 0, 0, 0, 0, 0, 0};
        struct nta_ngtime time = nta_ngtime_of_options(options, sizeof(options), false);

        assert_int_equal(nta_ngtime_ns(&time, rows[i].count), rows[i].ns);
    }
}

static void the_offset_is_added_in_seconds(void **state)
{
    const uint8_t big[] = {0, 14, 0, 8, 0, 0, 0, 0, 0, 0, 1, 0};
    const uint8_t back[] = {14, 0, 8, 0, 255, 255, 255, 255, 255, 255, 255, 255};
    struct nta_ngtime time = nta_ngtime_of_options(big, sizeof(big), true);

    (void)state;
    assert_int_equal(nta_ngtime_ns(&time, 5), 256000005000);
    time = nta_ngtime_of_options(back, sizeof(back), false);
    assert_int_equal(nta_ngtime_ns(&time, 3000000), 2000000000);
}

static void a_time_beyond_all_years_is_the_last_one(void **state)
{
    const uint8_t options[] = {9, 0, 1, 0, 0, 0, 0, 0};
    struct nta_ngtime time = nta_ngtime_of_options(options, sizeof(options), false);

    (void)state;
    assert_int_equal(nta_ngtime_ns(&time, UINT64_MAX), INT64_MAX);
    assert_int_equal(nta_ngtime_ns(&time, 1ULL << 40), INT64_MAX);
}

static void options_that_break_off_are_harmless(void **state)
{
    const uint8_t options[] = {1, 0, 3, 0, 'a', 'b', 'c', 0, 9, 0, 1, 0, 9, 0, 0, 0};

    (void)state;
    for (size_t len = 0; len <= sizeof(options); len++) {
        struct nta_ngtime time = nta_ngtime_of_options(options, len, false);

        assert_int_equal(time.per_second, len < sizeof(options) ? 1000000 : 1000000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(microseconds_are_the_rule),
        cmocka_unit_test(powers_of_ten_and_of_two_are_units),
        cmocka_unit_test(the_offset_is_added_in_seconds),
        cmocka_unit_test(a_time_beyond_all_years_is_the_last_one),
        cmocka_unit_test(options_that_break_off_are_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
