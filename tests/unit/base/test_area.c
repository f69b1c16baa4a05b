/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/area.h"
#include "unit.h"

#include <stdint.h>
#include <string.h>

static void areas_are_zero_and_writable_to_the_last_byte(void **state)
{
    static const size_t sizes[] = {1, 4096, 100001, 2 << 20, (5 << 20) + 17};

    (void)state;
    for (int use = NTA_AREA_GROWS; use <= NTA_AREA_HOT; use++) {
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            uint8_t *area = nta_area_new(sizes[i], (enum nta_area_use)use);

            assert_non_null(area);
            assert_int_equal((uintptr_t)area % 4096, 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(area[k], 0);
            memset(area, 0xff, sizes[i]);
            nta_area_free(area, sizes[i]);
        }
    }
}

static void large_pages_can_be_had_from_the_first_byte_on(void **state)
{
    void *area = nta_area_new(3 << 20, NTA_AREA_ROAMS);

    (void)state;
    assert_int_equal((uintptr_t)area % (2 << 20), 0);
    nta_area_free(area, 3 << 20);
}

static void what_is_reserved_costs_nothing_and_too_much_is_refused(void **state)
{
    const size_t huge = (size_t)1 << 36; /* more than a machine has; sanitizers leave that free */
    void *area = nta_area_new(huge, NTA_AREA_GROWS);

    (void)state;
    assert_non_null(area);
    nta_area_free(area, huge);
    assert_null(nta_area_new(SIZE_MAX / 2, NTA_AREA_GROWS));
    assert_null(nta_area_new(SIZE_MAX / 2, NTA_AREA_ROAMS));
    nta_area_free(NULL, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_are_zero_and_writable_to_the_last_byte),
        cmocka_unit_test(large_pages_can_be_had_from_the_first_byte_on),
        cmocka_unit_test(what_is_reserved_costs_nothing_and_too_much_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
