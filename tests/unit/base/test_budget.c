/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/budget.h"
#include "unit.h"

#include <assert.h>
#include <pthread.h>

enum
{
    LIMIT = 800,
    SHARES = 4,
    CHUNK = 10,
    ROUNDS = 20000
};

static void alone_it_is_the_limit(void **state)
{
    struct nta_budget budget;
    struct nta_share share;

    (void)state;
    nta_budget_init(&budget, LIMIT, 1, CHUNK);
    nta_share_init(&share, &budget);
    for (int i = 0; i < LIMIT; i++)
        assert_true(nta_share_take(&share, 1));
    assert_false(nta_share_take(&share, 1));
    nta_share_give(&share, 1);
    assert_true(nta_share_take(&share, 1));
}

static void without_a_budget_there_is_no_limit(void **state)
{
    struct nta_share share;

    (void)state;
    nta_share_init(&share, NULL);
    assert_true(nta_share_take(&share, UINT64_C(1) << 60));
    nta_share_give(&share, UINT64_C(1) << 60);
}

static void one_may_have_nearly_all_and_the_others_keep_their_own(void **state)
{
    struct nta_budget budget;
    struct nta_share shares[SHARES];
    uint64_t n = 0;

    (void)state;
    nta_budget_init(&budget, LIMIT, SHARES, CHUNK);
    for (size_t i = 0; i < SHARES; i++)
        nta_share_init(&shares[i], &budget);
    while (nta_share_take(&shares[0], 1))
        n++;
    assert_int_equal(n, LIMIT - LIMIT / 8 / SHARES * (SHARES - 1));
    for (size_t i = 1; i < SHARES; i++) {
        for (n = 0; nta_share_take(&shares[i], 1);)
            n++;
        assert_int_equal(n, LIMIT / 8 / SHARES);
    }
    /* what the first gives back, another one can have */
    nta_share_give(&shares[0], 100);
    for (n = 0; nta_share_take(&shares[1], 1);)
        n++;
    assert_in_range(n, 100 - CHUNK, 100);
}

static void what_does_not_fit_changes_nothing(void **state)
{
    struct nta_budget budget;
    struct nta_share share;

    (void)state;
    nta_budget_init(&budget, LIMIT, 2, CHUNK);
    nta_share_init(&share, &budget);
    assert_false(nta_share_take(&share, LIMIT));
    assert_int_equal(share.used, 0);
    assert_true(nta_share_take(&share, LIMIT / 2));
}

static void a_limit_below_the_number_of_shares_leaves_one_each(void **state)
{
    struct nta_budget budget;
    struct nta_share share;

    (void)state;
    nta_budget_init(&budget, 2, SHARES, CHUNK);
    for (size_t i = 0; i < SHARES; i++) {
        nta_share_init(&share, &budget);
        assert_true(nta_share_take(&share, 1));
        assert_false(nta_share_take(&share, 1));
    }
}

static _Atomic uint64_t in_use;

static void *come_and_go(void *arg)
{
    struct nta_share *share = arg;
    uint64_t n = 0;

    for (uint64_t i = 0; i < ROUNDS; i++) {
        if (i % 7 < 5 && nta_share_take(share, i % 3 + 1)) {
            n += i % 3 + 1;
            atomic_fetch_add(&in_use, i % 3 + 1);
        } else if (n > 0) {
            atomic_fetch_sub(&in_use, n); /* before another one can have it */
            nta_share_give(share, n);
            n = 0;
        }
        assert(atomic_load(&in_use) <= LIMIT);
    }
    return NULL;
}

static void all_together_never_exceed_it(void **state)
{
    struct nta_budget budget;
    struct nta_share shares[SHARES];
    pthread_t threads[SHARES];

    (void)state;
    nta_budget_init(&budget, LIMIT, SHARES, CHUNK);
    for (size_t i = 0; i < SHARES; i++) {
        nta_share_init(&shares[i], &budget);
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &shares[i]), 0);
    }
    for (size_t i = 0; i < SHARES; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone_it_is_the_limit),
        cmocka_unit_test(without_a_budget_there_is_no_limit),
        cmocka_unit_test(one_may_have_nearly_all_and_the_others_keep_their_own),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(a_limit_below_the_number_of_shares_leaves_one_each),
        cmocka_unit_test(all_together_never_exceed_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
