/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of several captures come to their worker in the order of time. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "ring/merge.h"
#include "unit.h"

#include <stdlib.h>

enum
{
    SOURCES = 3,
    BLOCKS = 6,
    TAKEN_MAX = 64
};

static const uint8_t bytes[NTA_BLOCK_PACKET_MAX];

struct plant
{
    struct nta_dispatch *dispatches[SOURCES];
    struct nta_counters counters;
    struct nta_merge merge;
    struct nta_wake wake;
    int64_t mono_ns; ///< When packets are put.
};

static struct plant plant;

static int build(void **state)
{
    (void)state;
    memset(&plant, 0, sizeof(plant));
    for (uint32_t i = 0; i < SOURCES; i++) {
        assert_int_equal(nta_dispatch_new(i, 1, BLOCKS, &plant.dispatches[i], NULL), 0);
        nta_dispatch_set_wake(plant.dispatches[i], 0, &plant.wake);
    }
    nta_merge_init(&plant.merge, plant.dispatches, SOURCES, 0, &plant.counters);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < SOURCES; i++)
        nta_dispatch_free(&plant.dispatches[i]);
    return 0;
}

static void put(uint32_t source, int64_t order_ns, uint32_t len)
{
    struct nta_packet packet = {
        .order_ns = order_ns, .wall_ns = order_ns, .cap_len = len, .source = (uint8_t)source};

    assert_int_equal(nta_dispatch_put(plant.dispatches[source], 0, &packet, bytes, plant.mono_ns),
                     NTA_PUT_OK);
}

static void hand_over(uint32_t source)
{
    nta_dispatch_flush(plant.dispatches[source], plant.mono_ns + 1, 0);
}

/** All of a source up to here was handed over. */
static void pass(uint32_t source, int64_t order_ns)
{
    hand_over(source);
    nta_dispatch_pass(plant.dispatches[source], order_ns);
}

/** What has its turn, as text: a letter for the source and the order of each packet. */
static const char *taken(int64_t mono_ns)
{
    static char text[TAKEN_MAX * 8];
    struct nta_run run;
    size_t len = 0;

    text[0] = '\0';
    while (nta_merge_take(&plant.merge, mono_ns, &run))
        for (uint32_t i = run.first; i < run.end && len + 8 < sizeof(text); i++) {
            const struct nta_packet *packet = &nta_block_packets(run.block)[i];

            len += (size_t)snprintf(text + len, sizeof(text) - len, "%c%d ", 'a' + packet->source,
                                    (int)packet->order_ns);
        }
    return text;
}

static uint64_t n_late(void)
{
    return nta_counted(&plant.counters, NTA_COUNTER_ORDER_LATE);
}

static void a_packet_waits_until_every_other_source_has_passed_it(void **state)
{
    (void)state;
    put(0, 10, 60);
    put(0, 20, 60);
    pass(0, 20);
    assert_string_equal(taken(0), "");
    pass(1, 15);
    assert_string_equal(taken(0), ""); /* nothing is known of the third */
    pass(2, 12);
    assert_string_equal(taken(0), "a10 ");
    put(2, 18, 60);
    pass(2, 30);
    assert_string_equal(taken(0), "");
    pass(1, 19);
    assert_string_equal(taken(0), "c18 ");
    pass(1, 20);
    assert_string_equal(taken(0), "a20 ");
    assert_int_equal(n_late(), 0);
}

static void runs_alternate_packet_by_packet_and_ties_go_by_source(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 4; i++) {
        put(0, 10 * i, 60);
        put(1, 10 * i + (i % 2 ? 5 : 0), 60);
    }
    for (uint32_t i = 0; i < SOURCES; i++)
        pass(i, 100);
    assert_string_equal(taken(0), "a0 b0 a10 b15 a20 b20 a30 b35 ");
    assert_int_equal(n_late(), 0);
}

static void nobody_waits_for_a_source_that_ended(void **state)
{
    (void)state;
    put(0, 10, 60);
    put(1, 20, 60);
    pass(0, 10);
    nta_dispatch_end(plant.dispatches[1], 0);
    nta_dispatch_end(plant.dispatches[2], 0);
    assert_string_equal(taken(0), "a10 ");
    assert_string_equal(taken(0), "");
    assert_false(nta_merge_ended(&plant.merge));
    nta_dispatch_end(plant.dispatches[0], 0);
    assert_string_equal(taken(0), "b20 ");
    assert_true(nta_merge_ended(&plant.merge));
}

static void after_long_enough_what_is_there_goes_on_and_what_is_late_is_counted(void **state)
{
    (void)state;
    plant.mono_ns = 1000;
    put(0, 10, 60);
    put(1, 11, 60);
    pass(0, 10);
    pass(1, 11);
    assert_string_equal(taken(1000 + NTA_MERGE_HOLD_MAX_NS), "");
    assert_string_equal(taken(1001 + NTA_MERGE_HOLD_MAX_NS), "a10 b11 ");
    put(2, 5, 60);
    put(2, 12, 60);
    pass(0, 20);
    pass(1, 20);
    pass(2, 20);
    assert_string_equal(taken(0), "c5 c12 ");
    assert_int_equal(n_late(), 1);
}

/** A source that says nothing must not lead to loss at another one. */
static void a_lane_with_half_its_blocks_waiting_goes_on(void **state)
{
    (void)state;
    for (int i = 1; i <= BLOCKS / 2; i++)
        put(0, i, NTA_BLOCK_PACKET_MAX);
    hand_over(0);
    assert_string_equal(taken(0), ""); /* one is at work, so fewer wait */
    put(0, 10, NTA_BLOCK_PACKET_MAX);
    hand_over(0);
    assert_string_equal(taken(0), "a1 ");
    for (int i = 20; i < 20 + BLOCKS; i++) {
        put(0, i, NTA_BLOCK_PACKET_MAX);
        hand_over(0);
        (void)taken(0);
    }
}

static void an_empty_block_tells_the_time_and_goes_back(void **state)
{
    struct nta_run run;

    (void)state;
    nta_dispatch_flush(plant.dispatches[1], NTA_NS_PER_S, 4711);
    assert_true(nta_merge_take(&plant.merge, 0, &run));
    assert_int_equal(run.first, run.end);
    assert_int_equal(run.block->now_wall_ns, 4711);
    assert_false(nta_merge_take(&plant.merge, 0, &run));
    for (int i = 0; i < 3 * BLOCKS; i++) { /* all blocks came back */
        nta_dispatch_flush(plant.dispatches[1], (i + 2) * NTA_NS_PER_S, i);
        assert_true(nta_merge_take(&plant.merge, 0, &run));
        assert_false(nta_merge_take(&plant.merge, 0, &run));
    }
}

/** However packets fall to workers, each sees its own in the order in which all are. */
static void order_is_the_same_however_it_is_shared_out(void **state)
{
    uint32_t random = 7;
    int64_t order[SOURCES] = {0}, last = -1;
    struct nta_run run;
    int n = 0;

    (void)state;
    for (int i = 0; i < 500; i++) {
        random = random * 1103515245 + 12345;
        const uint32_t source = random >> 16 & 1 ? (uint32_t)i % SOURCES : 0;

        put(source, order[source] += random >> 20 & 7, 60);
        pass(source, order[source]);
        while (nta_merge_take(&plant.merge, 0, &run))
            for (uint32_t k = run.first; k < run.end; k++, n++) {
                assert_true(nta_block_packets(run.block)[k].order_ns >= last);
                last = nta_block_packets(run.block)[k].order_ns;
            }
        if (i % 4 == 0) /* nobody keeps the others waiting for long */
            for (uint32_t s = 0; s < SOURCES; s++)
                pass(s, order[s] = order[0] > order[s] ? order[0] : order[s]);
    }
    for (uint32_t s = 0; s < SOURCES; s++)
        nta_dispatch_end(plant.dispatches[s], 0);
    while (nta_merge_take(&plant.merge, 0, &run))
        n += (int)(run.end - run.first);
    assert_int_equal(n, 500);
    assert_int_equal(n_late(), 0);
    assert_true(nta_merge_ended(&plant.merge));
}

static void one_dispatch_gives_whole_blocks_at_once(void **state)
{
    struct nta_run run;

    (void)state;
    nta_merge_init(&plant.merge, plant.dispatches, 1, 0, &plant.counters);
    put(0, 20, 60);
    put(0, 10, 60);
    hand_over(0);
    assert_true(nta_merge_take(&plant.merge, 0, &run));
    assert_int_equal(run.end - run.first, 2);
    assert_false(nta_merge_take(&plant.merge, 0, &run));
    nta_dispatch_end(plant.dispatches[0], 0);
    assert_true(nta_merge_take(&plant.merge, 0, &run));
    assert_false(nta_merge_take(&plant.merge, 0, &run));
    assert_true(nta_merge_ended(&plant.merge));
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, build, tear_down)
    const struct CMUnitTest tests[] = {
        FRESH(a_packet_waits_until_every_other_source_has_passed_it),
        FRESH(runs_alternate_packet_by_packet_and_ties_go_by_source),
        FRESH(nobody_waits_for_a_source_that_ended),
        FRESH(after_long_enough_what_is_there_goes_on_and_what_is_late_is_counted),
        FRESH(a_lane_with_half_its_blocks_waiting_goes_on),
        FRESH(an_empty_block_tells_the_time_and_goes_back),
        FRESH(order_is_the_same_however_it_is_shared_out),
        FRESH(one_dispatch_gives_whole_blocks_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
