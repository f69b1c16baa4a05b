/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "signs/losses.h"
#include "unit.h"

static struct nta_health_state states[NTA_N_CAUSES];
static uint64_t counters[NTA_N_COUNTERS];

static uint64_t counted(const void *owner, enum nta_counter which)
{
    (void)owner;
    return counters[which];
}

static struct nta_losses losses;

static void at(int64_t second, struct nta_health *health)
{
    nta_losses_take(&losses, second * NTA_NS_PER_S, counted, NULL, health);
    (void)nta_health_get(health, states);
}

static int start(void **state)
{
    (void)state;
    losses = (struct nta_losses){0};
    memset(counters, 0, sizeof(counters));
    return 0;
}

static void each_loss_counter_has_a_row(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++)
        if (nta_counter_infos[i].place != NTA_LOST_NONE && !nta_losses_know((enum nta_counter)i))
            fail_msg("%s: no row says what it means for health", nta_counter_infos[i].name);
    assert_false(nta_losses_know(NTA_COUNTER_RECEIVED));
}

static void each_row_sets_its_cause(void **state)
{
    static const struct
    {
        enum nta_counter counter;
        enum nta_cause cause;
        const char *detail;
    } rows[] = {
        {NTA_COUNTER_DROP_KERNEL, NTA_CAUSE_LOST_PACKETS, "3 packets (capture.drop.kernel)"},
        {NTA_COUNTER_DROP_INTERFACE, NTA_CAUSE_LOST_PACKETS, "3 packets (capture.drop.interface)"},
        {NTA_COUNTER_DROP_RING, NTA_CAUSE_LOST_PACKETS, "3 packets (capture.drop.ring)"},
        {NTA_COUNTER_DROP_HEARSAY, NTA_CAUSE_LOST_PACKETS, "3 packets (capture.drop.hearsay)"},
        {NTA_COUNTER_DROP_OUTER, NTA_CAUSE_LOST_PACKETS, "3 packets (capture.drop.carrier)"},
        {NTA_COUNTER_FLOW_EVICTED, NTA_CAUSE_LOST_FLOWS, "3 flows (flow.evicted)"},
        {NTA_COUNTER_STATE_LIMIT, NTA_CAUSE_LOST_STATE, "3 flows (proto.state_limit)"},
        {NTA_COUNTER_STREAM_ALL_LIMIT, NTA_CAUSE_LOST_STATE, "3 flows (stream.all_limit)"},
        {NTA_COUNTER_RECORD_DROP, NTA_CAUSE_LOST_RECORDS, "3 records (record.drop)"},
        {NTA_COUNTER_RECORD_LOST, NTA_CAUSE_LOST_RECORDS, "3 records (record.lost)"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();
        char expected[200];

        (void)start(NULL);
        at(10, health);
        counters[rows[i].counter] = 3;
        at(11, health);
        (void)snprintf(expected, sizeof(expected), "%s in the last minute", rows[i].detail);
        assert_true(states[rows[i].cause].on);
        assert_string_equal(states[rows[i].cause].detail, expected);
        assert_int_equal(nta_health_n_bad(states), 1);
    }
}

static void what_the_traffic_brings_is_no_cause(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();

    (void)state;
    at(10, health);
    counters[NTA_COUNTER_DECODE_BAD] = counters[NTA_COUNTER_STREAM_GAP] = 1000;
    counters[NTA_COUNTER_FRAGMENT_DROP] = counters[NTA_COUNTER_STREAM_FLOW_LIMIT] = 1000;
    at(11, health);
    assert_int_equal(nta_health_n_bad(states), 0);
}

static void what_was_before_the_first_look_is_no_loss(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();

    (void)state;
    counters[NTA_COUNTER_RECORD_DROP] = 77;
    at(10, health);
    at(11, health);
    assert_false(states[NTA_CAUSE_LOST_RECORDS].on);
}

static void a_quiet_minute_clears_it(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();

    (void)state;
    at(10, health);
    for (int64_t second = 11; second < 200; second++) { /* more than a minute of it */
        counters[NTA_COUNTER_DROP_RING] += 2;
        at(second, health);
    }
    assert_string_equal(states[NTA_CAUSE_LOST_PACKETS].detail,
                        "120 packets (capture.drop.ring) in the last minute");
    assert_int_equal(states[NTA_CAUSE_LOST_PACKETS].n_times, 1);
    for (int64_t second = 200; second < 259; second++)
        at(second, health);
    assert_true(states[NTA_CAUSE_LOST_PACKETS].on);
    assert_string_equal(states[NTA_CAUSE_LOST_PACKETS].detail,
                        "2 packets (capture.drop.ring) in the last minute");
    at(259, health);
    assert_false(states[NTA_CAUSE_LOST_PACKETS].on);
}

static void looks_may_come_often_or_late(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();

    (void)state;
    at(10, health);
    for (unsigned i = 0; i < 100; i++) { /* asked a hundred times a second */
        counters[NTA_COUNTER_FLOW_EVICTED]++;
        at(11, health);
    }
    assert_string_equal(states[NTA_CAUSE_LOST_FLOWS].detail,
                        "100 flows (flow.evicted) in the last minute");
    at(INT64_C(5000000000), health); /* nobody looked for long */
    assert_false(states[NTA_CAUSE_LOST_FLOWS].on);
    counters[NTA_COUNTER_FLOW_EVICTED]++;
    at(INT64_C(5000000000), health);
    assert_true(states[NTA_CAUSE_LOST_FLOWS].on);
}

static void all_at_once_fit(void **state)
{
    NTA_AUTO(nta_health_free) struct nta_health *health = nta_health_new();

    (void)state;
    at(10, health);
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++)
        counters[i] = UINT64_MAX;
    at(11, health);
    assert_int_equal(nta_health_n_bad(states), 4);
    assert_non_null(strstr(states[NTA_CAUSE_LOST_PACKETS].detail,
                           "18446744073709551615 packets (capture.drop.carrier) in the last"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_loss_counter_has_a_row, start),
        cmocka_unit_test_setup(each_row_sets_its_cause, start),
        cmocka_unit_test_setup(what_the_traffic_brings_is_no_cause, start),
        cmocka_unit_test_setup(what_was_before_the_first_look_is_no_loss, start),
        cmocka_unit_test_setup(a_quiet_minute_clears_it, start),
        cmocka_unit_test_setup(looks_may_come_often_or_late, start),
        cmocka_unit_test_setup(all_at_once_fit, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
