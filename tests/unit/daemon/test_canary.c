/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/clock.h"
#include "base/text.h"
#include "signs/canary.h"
#include "unit.h"

static struct nta_canary canary;

static int start(void **state)
{
    (void)state;
    canary = (struct nta_canary){.n_sources = 1, .n_workers = 1};
    return nta_canary_init(&canary, 300 * NTA_NS_PER_S, 30 * NTA_NS_PER_S);
}

static enum nta_canary_change tick(int64_t second)
{
    return nta_canary_tick(&canary, second * NTA_NS_PER_S, second);
}

static void find(uint64_t ticket)
{
    char site[NTA_NAME_SIZE];

    for (const char *kind = "dt"; *kind; kind++) {
        (void)snprintf(site, sizeof(site), "%c-0-0-%llu.x", *kind, (unsigned long long)ticket);
        nta_canary_found(&canary, nta_span_of(site));
    }
}

static void one_that_is_found_is_well(void **state)
{
    (void)state;
    assert_int_equal(tick(1), NTA_CANARY_ASK);
    find(canary.ticket);
    assert_int_equal(tick(2), NTA_CANARY_SAME);
    assert_false(canary.bad);
    assert_int_equal(canary.found_wall_ns, 2);
    assert_int_equal(tick(300), NTA_CANARY_SAME);
    assert_int_equal(tick(301), NTA_CANARY_ASK);
}

/** A round that is asked for begins after the asking, and is the one whose number was told. */
static void one_may_be_asked_for_at_once(void **state)
{
    (void)state;
    assert_int_equal(tick(1), NTA_CANARY_ASK);
    assert_int_equal(nta_canary_begin(&canary), 2); /* the one that is on began before */
    find(canary.ticket);
    assert_int_equal(tick(2), NTA_CANARY_SAME);
    assert_int_equal(canary.n_rounds, 1);
    assert_int_equal(tick(3), NTA_CANARY_ASK);
    find(canary.ticket);
    assert_int_equal(tick(4), NTA_CANARY_SAME);
    assert_int_equal(canary.n_rounds, 2);
    assert_int_equal(tick(5), NTA_CANARY_SAME); /* and no more */
    assert_int_equal(nta_canary_begin(&canary), 3);
    assert_int_equal(tick(6), NTA_CANARY_ASK);
}

static void each_round_that_is_missed_is_reported_until_one_is_found(void **state)
{
    (void)state;
    assert_int_equal(tick(1), NTA_CANARY_ASK);
    assert_int_equal(tick(11), NTA_CANARY_ASK); /* single ones may get lost */
    assert_int_equal(tick(31), NTA_CANARY_LOST);
    assert_true(canary.bad);
    assert_string_equal(canary.missing,
                        "worker 1 by DNS from interface 1, worker 1 by TLS from interface 1");
    assert_int_equal(tick(32), NTA_CANARY_ASK);
    assert_int_equal(tick(62), NTA_CANARY_STILL); /* what explained the first may be over */
    assert_int_equal(tick(63), NTA_CANARY_ASK);
    find(canary.ticket);
    assert_int_equal(tick(64), NTA_CANARY_BACK);
    assert_false(canary.bad);
}

static void one_of_a_round_before_does_not_count(void **state)
{
    (void)state;
    assert_int_equal(tick(1), NTA_CANARY_ASK);
    uint64_t old = canary.ticket;

    assert_int_equal(tick(31), NTA_CANARY_LOST);
    assert_int_equal(tick(32), NTA_CANARY_ASK);
    find(old);
    assert_int_equal(tick(62), NTA_CANARY_STILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_that_is_found_is_well, start),
        cmocka_unit_test_setup(one_may_be_asked_for_at_once, start),
        cmocka_unit_test_setup(each_round_that_is_missed_is_reported_until_one_is_found, start),
        cmocka_unit_test_setup(one_of_a_round_before_does_not_count, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
