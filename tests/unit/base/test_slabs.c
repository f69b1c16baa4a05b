/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/slabs.h"
#include "unit.h"

#include <errno.h>

static void the_lowest_with_room_comes_first(void **state)
{
    struct nta_slabs slabs;

    (void)state;
    assert_int_equal(nta_slabs_init(&slabs, 5, 1, 2), 0);
    assert_int_equal(slabs.n_slabs, 3);
    static const size_t expected[] = {0, 1, 1, 2, 2, NTA_SLAB_NONE};

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_int_equal(nta_slabs_take(&slabs), expected[i]);
    nta_slabs_give(&slabs, 2);
    nta_slabs_give(&slabs, 0);
    assert_int_equal(nta_slabs_take(&slabs), 0);
    assert_int_equal(nta_slabs_take(&slabs), 2);
    assert_int_equal(nta_slabs_take(&slabs), NTA_SLAB_NONE);
    nta_slabs_done(&slabs);
}

static void of_many_slabs_the_front_is_found_again(void **state)
{
    enum
    {
        N = 1000
    };

    struct nta_slabs slabs;

    (void)state;
    assert_int_equal(nta_slabs_init(&slabs, N, 1, 1), 0);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(nta_slabs_take(&slabs), i);
    nta_slabs_give(&slabs, N - 1);
    nta_slabs_give(&slabs, 70);
    assert_int_equal(nta_slabs_take(&slabs), 70);
    assert_int_equal(nta_slabs_take(&slabs), N - 1);
    nta_slabs_done(&slabs);
}

static void what_rested_a_whole_round_is_idle_once(void **state)
{
    struct nta_slabs slabs;

    (void)state;
    assert_int_equal(nta_slabs_init(&slabs, 4, 2, 2), 0);
    for (size_t i = 0; i < 4; i++)
        (void)nta_slabs_touch(&slabs, nta_slabs_take(&slabs));
    assert_int_equal(nta_slabs_next_idle(&slabs, 0), NTA_SLAB_NONE); /* all are in use */
    nta_slabs_give(&slabs, 1);
    nta_slabs_give(&slabs, 1);
    assert_int_equal(nta_slabs_next_idle(&slabs, 0), NTA_SLAB_NONE); /* seen, not yet rested */
    assert_int_equal(nta_slabs_take(&slabs), 1);
    nta_slabs_give(&slabs, 1);
    assert_int_equal(nta_slabs_next_idle(&slabs, 0), NTA_SLAB_NONE); /* it was used since */
    assert_int_equal(nta_slabs_next_idle(&slabs, 0), 1);
    assert_int_equal(nta_slabs_next_idle(&slabs, 2), NTA_SLAB_NONE);
    assert_int_equal(slabs.n_touched, 2);
    assert_int_equal(nta_slabs_next_idle(&slabs, 0), NTA_SLAB_NONE); /* nothing more to give */
    nta_slabs_done(&slabs);
}

static void too_many_are_no_memory(void **state)
{
    struct nta_slabs slabs;

    (void)state;
    assert_int_equal(nta_slabs_init(&slabs, SIZE_MAX, 1, 1), -ENOMEM);
    nta_slabs_done(&slabs); /* one that never was is fine */
    assert_int_equal(nta_slabs_take(&slabs), NTA_SLAB_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lowest_with_room_comes_first),
        cmocka_unit_test(of_many_slabs_the_front_is_found_again),
        cmocka_unit_test(what_rested_a_whole_round_is_idle_once),
        cmocka_unit_test(too_many_are_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
