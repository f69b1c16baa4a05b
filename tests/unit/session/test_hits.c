/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "session/state/hits.h"
#include "unit.h"

enum
{
    N = 4
};

static struct nta_hits hits;
static struct nta_flow flows[N + 1];
static struct nta_conn conns[N + 1];
static const struct nta_conn_hit hit = {.line = 7};

static int setup(void **state)
{
    (void)state;
    memset(conns, 0, sizeof(conns));
    for (size_t i = 0; i < NTA_N_ELEMENTS(flows); i++)
        flows[i].conn = &conns[i];
    return nta_hits_init(&hits, N);
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(flows); i++)
        nta_hits_drop(&hits, &conns[i]);
    assert_null(hits.oldest);
    assert_null(hits.newest);
    nta_hits_done(&hits);
    return 0;
}

static void set(size_t i, int64_t wall_ns)
{
    assert_true(nta_hits_set(&hits, &flows[i], &hit, wall_ns));
}

static void the_oldest_is_due_first_and_not_before_its_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < N; i++)
        set(i, (int64_t)i);
    assert_null(nta_hits_due(&hits, NTA_HITS_WAIT_NS - 1));
    for (size_t i = 0; i < N; i++) {
        assert_ptr_equal(nta_hits_due(&hits, INT64_MAX), &flows[i]);
        nta_hits_settle(&hits, &conns[i]);
        nta_hits_settle(&hits, &conns[i]); /* twice is once */
    }
    assert_null(nta_hits_due(&hits, INT64_MAX));
    assert_int_equal(conns[0].hit->line, 7);
    assert_int_equal(conns[3].hit->wall_ns, 3);
}

static void what_is_dropped_in_the_middle_is_due_no_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < N; i++)
        set(i, (int64_t)i);
    nta_hits_drop(&hits, &conns[1]);
    nta_hits_drop(&hits, &conns[0]);
    nta_hits_drop(&hits, &conns[3]);
    assert_ptr_equal(nta_hits_due(&hits, INT64_MAX), &flows[2]);
    nta_hits_settle(&hits, &conns[2]);
    assert_null(nta_hits_due(&hits, INT64_MAX));
    assert_null(conns[1].hit);
    assert_non_null(conns[2].hit);
}

static void another_hit_waits_anew(void **state)
{
    (void)state;
    set(0, 0);
    set(1, 1);
    set(0, 2);
    assert_ptr_equal(nta_hits_due(&hits, NTA_HITS_WAIT_NS + 1), &flows[1]);
    nta_hits_settle(&hits, &conns[1]);
    assert_null(nta_hits_due(&hits, NTA_HITS_WAIT_NS + 1));
    assert_ptr_equal(nta_hits_due(&hits, NTA_HITS_WAIT_NS + 2), &flows[0]);
}

static void without_memory_there_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < N; i++)
        set(i, (int64_t)i);
    assert_false(nta_hits_set(&hits, &flows[N], &hit, 0));
    assert_null(conns[N].hit);
}

static void a_time_at_its_end_does_not_wrap(void **state)
{
    (void)state;
    set(0, INT64_MAX);
    assert_null(nta_hits_due(&hits, INT64_MAX - 1));
    assert_non_null(nta_hits_due(&hits, INT64_MAX));
}

static void a_hit_of_a_far_time_keeps_no_other_waiting(void **state)
{
    const int64_t later = 3600 * NTA_NS_PER_S;

    (void)state;
    set(0, later);
    set(1, 5);
    assert_null(nta_hits_due(&hits, later - NTA_HITS_AHEAD_NS / 2)); /* packets out of order */
    assert_ptr_equal(nta_hits_due(&hits, 6), &flows[0]);
    nta_hits_settle(&hits, &conns[0]);
    assert_null(nta_hits_due(&hits, 6));
    assert_ptr_equal(nta_hits_due(&hits, 5 + NTA_HITS_WAIT_NS), &flows[1]);
    assert_ptr_equal(nta_hits_due(&hits, INT64_MIN), &flows[1]);
}

int main(void)
{
#define IN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN(the_oldest_is_due_first_and_not_before_its_time),
        IN(what_is_dropped_in_the_middle_is_due_no_more),
        IN(another_hit_waits_anew),
        IN(without_memory_there_is_none),
        IN(a_time_at_its_end_does_not_wrap),
        IN(a_hit_of_a_far_time_keeps_no_other_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
