/* SPDX-License-Identifier: Apache-2.0 */
#include "session/content/ranges.h"
#include "unit.h"

#include <stdlib.h>

enum
{
    SIZE = 200
};

static void pieces_in_any_order_are_one_range(void **state)
{
    struct nta_ranges ranges = {0};

    (void)state;
    assert_true(nta_ranges_add(&ranges, 20, 30));
    assert_true(nta_ranges_add(&ranges, 0, 10));
    assert_int_equal(ranges.n, 2);
    assert_false(nta_ranges_cover(&ranges, 30));
    assert_true(nta_ranges_add(&ranges, 10, 20));
    assert_int_equal(ranges.n, 1);
    assert_true(nta_ranges_cover(&ranges, 30));
    assert_false(nta_ranges_cover(&ranges, 31));
    assert_int_equal(nta_ranges_bytes(&ranges), 30);
}

static void an_empty_piece_is_none(void **state)
{
    struct nta_ranges ranges = {0};

    (void)state;
    assert_true(nta_ranges_add(&ranges, 7, 7));
    assert_true(nta_ranges_add(&ranges, 9, 3));
    assert_int_equal(ranges.n, 0);
    assert_false(nta_ranges_cover(&ranges, 0));
}

/* Held against one mark a byte. */
static void whatever_comes_counts_once(void **state)
{
    (void)state;
    srandom(1);
    for (unsigned round = 0; round < 2000; round++) {
        struct nta_ranges ranges = {0};
        bool marks[SIZE] = {false};
        uint64_t want = 0;

        for (unsigned i = 0; i < 20; i++) {
            const uint64_t begin = (uint64_t)random() % SIZE;
            const uint64_t end = begin + (uint64_t)random() % (SIZE - begin);

            assert_true(nta_ranges_add(&ranges, begin, end));
            for (uint64_t k = begin; k < end; k++)
                marks[k] = true;
        }
        for (unsigned i = 0; i < SIZE; i++)
            want += marks[i];
        assert_int_equal(nta_ranges_bytes(&ranges), want);
        for (unsigned i = 1; i < ranges.n; i++)
            assert_true(ranges.all[i - 1].end < ranges.all[i].begin);
    }
}

static void more_pieces_than_there_is_space_for_are_not_said_to_have_come(void **state)
{
    struct nta_ranges ranges = {0};

    (void)state;
    for (uint64_t i = 0; i < NTA_RANGES_MAX; i++)
        assert_true(nta_ranges_add(&ranges, 10 * i, 10 * i + 5));
    assert_false(nta_ranges_add(&ranges, 10000, 10001));
    assert_true(nta_ranges_add(&ranges, 3, 12)); /* what touches others has space */
    assert_int_equal(ranges.n, NTA_RANGES_MAX - 1);
    assert_int_equal(nta_ranges_bytes(&ranges), NTA_RANGES_MAX * 5 + 5);
    assert_true(nta_ranges_add(&ranges, UINT64_MAX - 1, UINT64_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_in_any_order_are_one_range),
        cmocka_unit_test(an_empty_piece_is_none),
        cmocka_unit_test(whatever_comes_counts_once),
        cmocka_unit_test(more_pieces_than_there_is_space_for_are_not_said_to_have_come),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
