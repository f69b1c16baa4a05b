/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/memory.h"
#include "base/own.h"
#include "unit.h"

#include <stdint.h>

static void memory_is_zero_and_aligned(void **state)
{
    static const size_t sizes[] = {1, 63, 64, 65, 4097};

    (void)state;
    for (size_t alignment = 16; alignment <= 4096; alignment *= 2) {
        for (size_t i = 0; i < NTA_N_ELEMENTS(sizes); i++) {
            NTA_AUTO_FREE uint8_t *memory = nta_memory_new(sizes[i], alignment);

            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % alignment, 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(memory[k], 0);
            memset(memory, 0xff, sizes[i]); /* so that what is reused would show */
        }
    }
}

static void elements_lie_one_behind_the_other(void **state)
{
    NTA_AUTO_FREE uint8_t *memory = nta_memory_array(1000, 24, 64);

    (void)state;
    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % 64, 0);
    for (size_t i = 0; i < (size_t)1000 * 24; i++)
        assert_int_equal(memory[i], 0);
    memset(memory, 0xff, (size_t)1000 * 24);
}

static void more_than_a_size_can_say_is_refused(void **state)
{
    (void)state;
    assert_null(nta_memory_array(SIZE_MAX / 8, 16, 64)); /* the product goes round */
    assert_null(nta_memory_array(2, SIZE_MAX / 2 + 1, 64));
    assert_null(nta_memory_new(SIZE_MAX - 8, 64)); /* rounding up does */
}

static void a_page_lies_where_the_kernel_can_make_it_large(void **state)
{
    (void)state;
    for (int is_large = 0; is_large < 2; is_large++) {
        NTA_AUTO_FREE uint8_t *page = nta_memory_page(is_large);

        assert_non_null(page);
        assert_int_equal((uintptr_t)page % NTA_MEMORY_LARGE_PAGE, 0);
        page[0] = page[NTA_MEMORY_LARGE_PAGE - 1] = 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zero_and_aligned),
        cmocka_unit_test(elements_lie_one_behind_the_other),
        cmocka_unit_test(more_than_a_size_can_say_is_refused),
        cmocka_unit_test(a_page_lies_where_the_kernel_can_make_it_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
