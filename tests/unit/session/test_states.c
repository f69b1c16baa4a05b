/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/states.h"
#include "unit.h"

enum
{
    SIZE = 64,
    ZEROED = 8,
    N = 4
};

static struct nta_states states;
static struct nta_budget budget;
static struct nta_share share;
static struct nta_flow flows[2 * N];
static struct nta_holder holders[2 * N];
static void *objects[2 * N];

static int setup(void **state)
{
    (void)state;
    memset(holders, 0, sizeof(holders));
    nta_budget_init(&budget, UINT64_C(2) * N * SIZE, 1, SIZE);
    nta_share_init(&share, &budget);
    assert_int_equal(nta_states_init(&states, SIZE, ZEROED, N, &share), 0);
    for (size_t i = 0; i < N; i++) {
        objects[i] = nta_states_take(&states, &holders[i], &flows[i]);
        assert_non_null(objects[i]);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nta_states_done(&states);
    return 0;
}

static void give(size_t i)
{
    nta_states_give(&states, &holders[i], objects[i]);
    objects[i] = NULL;
}

/** Pools that share a limit leave each other what they do not use. */
static void bytes_of_all_pools_have_a_limit(void **state)
{
    struct nta_states other;
    void *large;

    (void)state;
    assert_int_equal(nta_states_init(&other, (size_t)2 * SIZE, 0, N, &share), 0);
    assert_int_equal(nta_states_used(&states), N * SIZE);
    large = nta_states_take(&other, &holders[N], &flows[N]);
    assert_non_null(large);
    assert_non_null(nta_states_take(&other, &holders[N + 1], &flows[N + 1]));
    assert_null(nta_states_take(&other, &holders[N + 2], &flows[N + 2]));
    give(0);
    assert_null(nta_states_take(&other, &holders[N + 2], &flows[N + 2]));
    give(1);
    assert_non_null(nta_states_take(&other, &holders[N + 2], &flows[N + 2]));
    nta_states_give(&other, &holders[N], large);
    for (size_t i = 0; i < 2; i++)
        objects[i] = nta_states_take(&states, &holders[i], &flows[i]);
    assert_null(nta_states_take(&states, &holders[N + 3], &flows[N + 3])); /* its own limit */
    assert_int_equal(share.used, 2 * N * SIZE);
    nta_states_done(&other);
}

static void at_the_limit_the_oldest_is_named(void **state)
{
    (void)state;
    assert_null(nta_states_take(&states, &holders[N], &flows[N]));
    assert_ptr_equal(nta_states_oldest(&states), &flows[0]);
    give(0);
    objects[N] = nta_states_take(&states, &holders[N], &flows[N]);
    assert_non_null(objects[N]);
    assert_ptr_equal(nta_states_oldest(&states), &flows[1]);
}

static void who_was_used_since_is_passed_over_once(void **state)
{
    (void)state;
    holders[0].used = holders[1].used = true;
    assert_ptr_equal(nta_states_oldest(&states), &flows[2]);
    give(2);
    give(3);
    assert_ptr_equal(nta_states_oldest(&states), &flows[0]);
}

static void somebody_is_named_though_all_were_used(void **state)
{
    (void)state;
    for (size_t i = 0; i < N; i++)
        holders[i].used = true;
    assert_ptr_equal(nta_states_oldest(&states), &flows[0]);
}

static void any_of_them_can_give_up(void **state)
{
    (void)state;
    give(1);
    assert_ptr_equal(nta_states_oldest(&states), &flows[0]);
    give(0);
    assert_ptr_equal(nta_states_oldest(&states), &flows[2]);
    give(3);
    give(2);
    assert_null(nta_states_oldest(&states));
    nta_states_give(&states, &holders[2], NULL);
    assert_int_equal(states.pool.n_used, 0);
}

static void what_need_not_be_zero_is_left_as_it_was(void **state)
{
    static const uint8_t none[ZEROED];

    (void)state;
    memset(objects[0], 0xff, SIZE);
    give(0);
    objects[0] = nta_states_take(&states, &holders[0], &flows[0]);
    assert_memory_equal(objects[0], none, ZEROED);
    assert_int_equal(((uint8_t *)objects[0])[SIZE - 1], 0xff);
}

int main(void)
{
#define ON_STATES(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        ON_STATES(bytes_of_all_pools_have_a_limit),
        ON_STATES(at_the_limit_the_oldest_is_named),
        ON_STATES(who_was_used_since_is_passed_over_once),
        ON_STATES(somebody_is_named_though_all_were_used),
        ON_STATES(any_of_them_can_give_up),
        ON_STATES(what_need_not_be_zero_is_left_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
