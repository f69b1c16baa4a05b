/* SPDX-License-Identifier: Apache-2.0 */
#include "ring/ring.h"
#include "ring/wait.h"
#include "unit.h"

#include <pthread.h>
#include <stdlib.h>

enum
{
    HAND_OVERS = 1000000,
    N_CARGO = 512
};

/** Indices as if `n` items had gone through already. */
static void age(struct nta_ring *ring, uint64_t n)
{
    atomic_store(&ring->tail, n);
    atomic_store(&ring->head, n);
    ring->head_seen = n;
    ring->tail_seen = n;
}

/** A pointer for each number; where it points does not matter. */
static void *item(size_t n)
{
    static char things[4096];

    return &things[n % sizeof(things)];
}

static void size_is_rounded_up_to_a_power_of_two(void **state)
{
    static const size_t sizes[][2] = {{1, 1}, {2, 2}, {3, 4}, {4, 4}, {5, 8}, {1000, 1024}};
    struct nta_ring ring;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t n = 0;

        assert_int_equal(nta_ring_init(&ring, sizes[i][0]), 0);
        while (nta_ring_push(&ring, item(n)))
            n++;
        assert_int_equal(n, sizes[i][1]);
        nta_ring_done(&ring);
    }
}

static void a_size_that_no_memory_holds_is_refused(void **state)
{
    struct nta_ring ring;

    (void)state;
    assert_true(nta_ring_init(&ring, SIZE_MAX) < 0);
    nta_ring_done(&ring);
}

static void done_takes_a_zeroed_ring_and_null(void **state)
{
    struct nta_ring ring = {0};

    (void)state;
    nta_ring_done(&ring);
    nta_ring_done(NULL);
}

static void an_empty_ring_gives_null(void **state)
{
    struct nta_ring ring;

    (void)state;
    assert_int_equal(nta_ring_init(&ring, 4), 0);
    assert_null(nta_ring_pop(&ring));
    assert_int_equal(nta_ring_len(&ring), 0);
    assert_true(nta_ring_push(&ring, item(1)));
    assert_ptr_equal(nta_ring_pop(&ring), item(1));
    assert_null(nta_ring_pop(&ring));
    nta_ring_done(&ring);
}

static void a_full_ring_refuses_and_keeps_what_it_has(void **state)
{
    struct nta_ring ring;

    (void)state;
    assert_int_equal(nta_ring_init(&ring, 4), 0);
    for (size_t i = 0; i < 4; i++)
        assert_true(nta_ring_push(&ring, item(i)));
    assert_false(nta_ring_push(&ring, item(9)));
    assert_int_equal(nta_ring_len(&ring), 4);
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(nta_ring_pop(&ring), item(i));
    assert_null(nta_ring_pop(&ring));
    nta_ring_done(&ring);
}

/** Fill to each level and empty again, from indices that start at `start`. */
static void go_round(uint64_t start)
{
    struct nta_ring ring;
    size_t next_in = 0;
    size_t next_out = 0;

    assert_int_equal(nta_ring_init(&ring, 8), 0);
    age(&ring, start);
    for (size_t level = 1; level <= 8; level++) {
        for (size_t i = 0; i < level; i++)
            assert_true(nta_ring_push(&ring, item(next_in++)));
        assert_int_equal(nta_ring_len(&ring), level);
        if (level == 8)
            assert_false(nta_ring_push(&ring, item(0)));
        for (size_t i = 0; i < level; i++)
            assert_ptr_equal(nta_ring_pop(&ring), item(next_out++));
        assert_null(nta_ring_pop(&ring));
    }
    nta_ring_done(&ring);
}

static void slots_are_used_again_in_order(void **state)
{
    (void)state;
    for (uint64_t start = 0; start < 17; start++)
        go_round(start);
}

static void indices_wrap_at_their_largest_value(void **state)
{
    (void)state;
    for (uint64_t back = 0; back < 80; back++)
        go_round(UINT64_MAX - back);
}

static void a_full_ring_across_the_wrap_refuses(void **state)
{
    struct nta_ring ring;

    (void)state;
    assert_int_equal(nta_ring_init(&ring, 4), 0);
    age(&ring, UINT64_MAX - 1);
    for (size_t i = 0; i < 4; i++)
        assert_true(nta_ring_push(&ring, item(i)));
    assert_false(nta_ring_push(&ring, item(4)));
    assert_int_equal(nta_ring_len(&ring), 4);
    assert_ptr_equal(nta_ring_pop(&ring), item(0));
    assert_true(nta_ring_push(&ring, item(4)));
    assert_false(nta_ring_push(&ring, item(5)));
    for (size_t i = 1; i < 5; i++)
        assert_ptr_equal(nta_ring_pop(&ring), item(i));
    assert_null(nta_ring_pop(&ring));
    nta_ring_done(&ring);
}

/** What crosses between the two threads: plain memory, whose owner the ring alone decides. */
struct cargo
{
    uint64_t number, check;
};

struct line
{
    struct nta_ring there, back;
    struct nta_wake wake_there, wake_back;
    bool with_wake;
};

static struct cargo *await(struct nta_ring *ring, struct nta_wake *wake)
{
    struct nta_backoff backoff = {0};
    struct cargo *cargo;

    while (!(cargo = nta_ring_pop(ring))) {
        if (wake) {
            uint32_t key = nta_wake_prepare(wake);

            if (nta_ring_len(ring) == 0)
                nta_wake_sleep(wake, key, INT64_C(100000000000));
        } else {
            nta_backoff_wait(&backoff);
        }
    }
    return cargo;
}

static void *consume(void *arg)
{
    struct line *line = arg;

    for (uint64_t i = 0; i < HAND_OVERS; i++) {
        struct cargo *cargo = await(&line->there, line->with_wake ? &line->wake_there : NULL);

        if (cargo->number != i || cargo->check != ~i * 3)
            return cargo;
        cargo->number = cargo->check = 0;
        if (!nta_ring_push(&line->back, cargo))
            return cargo;
        if (line->with_wake)
            nta_wake_signal(&line->wake_back);
    }
    return NULL;
}

/** A million hand-overs of pieces of memory, there and back, by two threads. */
static void hand_over_a_million(bool with_wake)
{
    static struct cargo cargo[N_CARGO];
    struct line line = {.with_wake = with_wake};
    pthread_t consumer;
    void *wrong;

    assert_int_equal(nta_ring_init(&line.there, N_CARGO), 0);
    assert_int_equal(nta_ring_init(&line.back, N_CARGO), 0);
    age(&line.there, UINT64_MAX - HAND_OVERS / 2);
    age(&line.back, UINT64_MAX - HAND_OVERS / 3);
    for (size_t i = 0; i < N_CARGO; i++)
        assert_true(nta_ring_push(&line.back, &cargo[i]));
    assert_int_equal(pthread_create(&consumer, NULL, consume, &line), 0);
    for (uint64_t i = 0; i < HAND_OVERS; i++) {
        struct cargo *one = await(&line.back, with_wake ? &line.wake_back : NULL);

        *one = (struct cargo){.number = i, .check = ~i * 3};
        if (!nta_ring_push(&line.there, one))
            fail_msg("no space at %llu", (unsigned long long)i);
        if (with_wake)
            nta_wake_signal(&line.wake_there);
    }
    assert_int_equal(pthread_join(consumer, &wrong), 0);
    assert_null(wrong);
    nta_ring_done(&line.there);
    nta_ring_done(&line.back);
}

static void two_threads_hand_over_a_million_in_order(void **state)
{
    (void)state;
    hand_over_a_million(false);
}

static void no_wake_up_is_lost_in_a_million(void **state)
{
    (void)state;
    hand_over_a_million(true);
}

static void a_signal_after_the_announcement_prevents_sleep(void **state)
{
    struct nta_wake wake = {0};
    uint32_t key = nta_wake_prepare(&wake);

    (void)state;
    nta_wake_signal(&wake);
    nta_wake_sleep(&wake, key, INT64_C(60000000000)); /* returns at once, or the test times out */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_is_rounded_up_to_a_power_of_two),
        cmocka_unit_test(a_size_that_no_memory_holds_is_refused),
        cmocka_unit_test(done_takes_a_zeroed_ring_and_null),
        cmocka_unit_test(an_empty_ring_gives_null),
        cmocka_unit_test(a_full_ring_refuses_and_keeps_what_it_has),
        cmocka_unit_test(slots_are_used_again_in_order),
        cmocka_unit_test(indices_wrap_at_their_largest_value),
        cmocka_unit_test(a_full_ring_across_the_wrap_refuses),
        cmocka_unit_test(two_threads_hand_over_a_million_in_order),
        cmocka_unit_test(no_wake_up_is_lost_in_a_million),
        cmocka_unit_test(a_signal_after_the_announcement_prevents_sleep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
