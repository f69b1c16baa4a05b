/* SPDX-License-Identifier: Apache-2.0 */
/* Ports on which peers said that they take others. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "session/state/announced.h"
#include "unit.h"

#define S NTA_NS_PER_S

static struct nta_announced announced;

static int fresh(void **state)
{
    (void)state;
    memset(&announced, 0, sizeof(announced));
    return 0;
}

static struct nta_announced_peer peer(uint8_t last, uint16_t port)
{
    return (struct nta_announced_peer){
        .addr = nta_addr_v4((const uint8_t[]){10, 0, 0, last}), .network = 7, .port = port};
}

static void note(uint8_t last, uint16_t port, int64_t wall_ns)
{
    const struct nta_announced_peer one = peer(last, port);

    nta_announced_note(&announced, &one, wall_ns);
}

static bool has(uint8_t last, uint16_t port, int64_t wall_ns)
{
    const struct nta_announced_peer one = peer(last, port);

    return nta_announced_has(&announced, &one, wall_ns);
}

static void it_holds_for_a_quarter_of_an_hour(void **state)
{
    (void)state;
    note(5, 6881, 100 * S);
    assert_true(has(5, 6881, 100 * S));
    assert_true(has(5, 6881, 999 * S));
    assert_false(has(5, 6881, 1000 * S));
    note(5, 6881, 900 * S);
    assert_true(has(5, 6881, 1000 * S));
    assert_false(has(5, 6882, 1000 * S));
    assert_false(has(6, 6881, 1000 * S));
    assert_false(has(5, 6881, INT64_MIN));
}

static void another_network_is_another_peer(void **state)
{
    struct nta_announced_peer there = peer(5, 6881);

    (void)state;
    note(5, 6881, 100 * S);
    there.network = 8;
    assert_false(nta_announced_has(&announced, &there, 100 * S));
}

static void no_port_is_none(void **state)
{
    (void)state;
    note(5, 0, 100 * S);
    assert_false(has(5, 0, 100 * S));
    assert_int_equal(announced.places[0].wall_ns, 0);
}

/** Who says many ports has the last few; the others' stay. */
static void one_address_takes_no_others_place(void **state)
{
    (void)state;
    for (uint8_t i = 1; i < NTA_ANNOUNCED_MAX; i++)
        note(i, 6881, 100 * S + i);
    for (uint16_t port = 1; port <= 1000; port++)
        note(200, port, 200 * S + port);
    for (uint8_t i = 1; i < NTA_ANNOUNCED_MAX - NTA_ANNOUNCED_PORTS; i++)
        assert_true(has((uint8_t)(i + NTA_ANNOUNCED_PORTS), 6881, 300 * S));
    assert_true(has(200, 1000, 300 * S));
    assert_true(has(200, 997, 300 * S));
    assert_false(has(200, 996, 300 * S));
}

static void the_oldest_gives_its_place(void **state)
{
    (void)state;
    for (uint8_t i = 1; i <= NTA_ANNOUNCED_MAX; i++)
        note(i, 6881, 100 * S + i);
    note(1, 6881, 200 * S);
    note(100, 6881, 201 * S);
    assert_true(has(1, 6881, 202 * S));
    assert_false(has(2, 6881, 202 * S));
    assert_true(has(3, 6881, 202 * S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_holds_for_a_quarter_of_an_hour, fresh),
        cmocka_unit_test_setup(another_network_is_another_peer, fresh),
        cmocka_unit_test_setup(no_port_is_none, fresh),
        cmocka_unit_test_setup(one_address_takes_no_others_place, fresh),
        cmocka_unit_test_setup(the_oldest_gives_its_place, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
