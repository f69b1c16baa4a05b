/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/pool.h"
#include "unit.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static void objects_are_zeroed_apart_and_aligned(void **state)
{
    struct nta_pool pool;
    uint8_t *objects[10];

    (void)state;
    assert_int_equal(nta_pool_init(&pool, 24, 10), 0);
    for (size_t i = 0; i < 10; i++) {
        objects[i] = nta_pool_take(&pool);
        assert_non_null(objects[i]);
        assert_int_equal((uintptr_t)objects[i] % 16, 0);
        for (size_t k = 0; k < 24; k++)
            assert_int_equal(objects[i][k], 0);
        memset(objects[i], (int)i + 1, 24);
    }
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(objects[i][23], i + 1);
    nta_pool_done(&pool);
}

static void the_limit_is_hard_and_what_is_given_back_comes_again(void **state)
{
    struct nta_pool pool;

    (void)state;
    assert_int_equal(nta_pool_init(&pool, 16, 2), 0);
    uint8_t *a = nta_pool_take(&pool), *b = nta_pool_take(&pool);

    assert_null(nta_pool_take(&pool));
    assert_int_equal(pool.n_used, 2);
    memset(a, 0xff, 16);
    nta_pool_give(&pool, a);
    nta_pool_give(&pool, NULL);
    assert_int_equal(pool.n_used, 1);
    assert_ptr_equal(nta_pool_take(&pool), a);
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(a[i], 0);
    nta_pool_give(&pool, a);
    nta_pool_give(&pool, b);
    assert_ptr_equal(nta_pool_take(&pool), b); /* last in, first out */
    assert_ptr_equal(nta_pool_take(&pool), a);
    assert_null(nta_pool_take(&pool));
    assert_int_equal(pool.slabs.n_touched, 2);
    nta_pool_done(&pool);
}

static void a_huge_pool_costs_nothing_until_it_is_used(void **state)
{
    struct nta_pool pool;

    (void)state;
    assert_int_equal(nta_pool_init(&pool, 4096, 1 << 20), 0);
    assert_non_null(nta_pool_take(&pool));
    assert_int_equal(pool.slabs.n_touched, 1);
    nta_pool_done(&pool);
}

/** Pages of the mapping that are memory. */
static size_t resident(uint8_t *area, size_t bytes)
{
    static unsigned char pages[1 << 16];
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t n = (bytes + page - 1) / page;
    size_t sum = 0;

    assert_true(n <= sizeof(pages));
    assert_int_equal(mincore(area, bytes, pages), 0);
    for (size_t i = 0; i < n; i++)
        sum += pages[i] & 1;
    return sum * page;
}

static void after_a_flood_memory_goes_back_and_what_lives_stays(void **state)
{
    enum
    {
        N = 40000,
        SIZE = 952
    };

    static uint8_t *objects[N];
    struct nta_pool pool;

    (void)state;
    assert_int_equal(nta_pool_init(&pool, SIZE, N), 0);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < N; i++) {
            objects[i] = nta_pool_take_part(&pool, 8);
            memset(objects[i], (int)i, SIZE);
        }
        assert_null(nta_pool_take(&pool));
        assert_true(resident(pool.area, pool.area_bytes) >= (size_t)N * SIZE);
        for (size_t i = N / 40; i < N; i++)
            nta_pool_give(&pool, objects[i]);
        nta_pool_trim(&pool);
        assert_true(resident(pool.area, pool.area_bytes) >= (size_t)N * SIZE);
        nta_pool_trim(&pool);
        assert_true(resident(pool.area, pool.area_bytes) <= 3 << 20);
        for (size_t i = 0; i < N / 40; i++) {
            assert_int_equal(objects[i][SIZE - 1], (uint8_t)i);
            nta_pool_give(&pool, objects[i]);
        }
    }
    for (size_t i = 0; i < 3; i++)
        nta_pool_trim(&pool);
    assert_int_equal(resident(pool.area, pool.area_bytes), 0);
    nta_pool_done(&pool);
}

static void what_is_warm_is_memory_before_its_use_and_stays_it(void **state)
{
    struct nta_warm warm = {8 << 20};
    struct nta_pool pool;
    static void *objects[5000];

    (void)state;
    assert_int_equal(nta_pool_init(&pool, 1024, 5000), 0);
    nta_pool_warm(&pool, &warm, 3 << 20); /* the second slab of large pages is not whole */
    if (warm.bytes_left == 8 << 20) { /* a kernel before 5.14 does not know how: nothing changes */
        assert_int_equal(resident(pool.area, pool.area_bytes), 0);
        nta_pool_done(&pool);
        return;
    }
    assert_int_equal(warm.bytes_left, 5 << 20);
    assert_true(resident(pool.area, pool.area_bytes) >= 3 << 20);
    for (size_t i = 0; i < 5000; i++)
        assert_non_null(objects[i] = nta_pool_take(&pool));
    for (size_t i = 0; i < 5000; i++)
        nta_pool_give(&pool, objects[i]);
    for (size_t i = 0; i < 3; i++)
        nta_pool_trim(&pool);
    assert_int_equal(resident(pool.area, pool.area_bytes), NTA_AREA_SMALL + NTA_AREA_LARGE);
    warm.bytes_left = 0;
    nta_pool_warm(&pool, &warm, SIZE_MAX);
    assert_int_equal(resident(pool.area, pool.area_bytes), NTA_AREA_SMALL + NTA_AREA_LARGE);
    nta_pool_done(&pool);
    warm.bytes_left = 64 << 20; /* of a small one, all of it */
    assert_int_equal(nta_pool_init(&pool, 1024, 100), 0);
    nta_pool_warm(&pool, &warm, SIZE_MAX);
    assert_int_equal(pool.slabs.n_warm, 1);
    assert_int_equal(warm.bytes_left, (64 << 20) - pool.area_bytes);
    nta_pool_done(&pool);
}

static void sizes_that_make_no_sense_are_refused(void **state)
{
    struct nta_pool pool;

    (void)state;
    assert_int_equal(nta_pool_init(&pool, 0, 1), -EINVAL);
    assert_int_equal(nta_pool_init(&pool, 16, 0), -EINVAL);
    assert_int_equal(nta_pool_init(&pool, 16, SIZE_MAX / 8), -EINVAL);
    assert_int_equal(nta_pool_init(&pool, SIZE_MAX, 1), -EINVAL);
    assert_int_equal(nta_pool_init(&pool, (256 << 10) + 1, 1), -EINVAL);
    nta_pool_done(&pool); /* a pool that never was is fine */
    assert_null(nta_pool_take(&pool));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_zeroed_apart_and_aligned),
        cmocka_unit_test(the_limit_is_hard_and_what_is_given_back_comes_again),
        cmocka_unit_test(a_huge_pool_costs_nothing_until_it_is_used),
        cmocka_unit_test(after_a_flood_memory_goes_back_and_what_lives_stays),
        cmocka_unit_test(what_is_warm_is_memory_before_its_use_and_stays_it),
        cmocka_unit_test(sizes_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
