/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/pings.h"
#include "unit.h"

#include <string.h>

enum
{
    ASK = 8,
    REPLY = 0,
    ASK6 = 128,
    REPLY6 = 129,
    LEN = 108,
};

static struct nta_pings pings;

static int setup(void **state)
{
    (void)state;
    memset(&pings, 0, sizeof(pings));
    return 0;
}

static void say(uint8_t type, uint16_t number, uint8_t filling)
{
    uint8_t message[LEN] = {type, 0, 0, 0, 0, 7, (uint8_t)(number >> 8), (uint8_t)number};

    memset(message + 8, filling, LEN - 8);
    assert_true(nta_pings_is_echo((struct nta_span){message, LEN}));
    nta_pings_see(&pings, (struct nta_span){message, LEN});
}

static void other_data_in_many_replies_is_a_tunnel(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < 40; i++) {
        say(ASK, i, 1);
        say(REPLY, i, 2);
        assert_int_equal(pings.is_tunnel, i >= 15);
    }
}

static void so_it_is_over_ipv6(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < 16; i++) {
        say(ASK6, i, 1);
        say(REPLY6, i, 2);
    }
    assert_true(pings.is_tunnel);
}

static void replies_that_repeat_their_requests_are_none(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < 1000; i++) {
        say(ASK, i, (uint8_t)i);
        say(REPLY, i, (uint8_t)i);
    }
    assert_false(pings.is_tunnel);
}

static void many_under_way_and_replies_to_none_are_none(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < 1000; i++) {
        say(ASK, i, (uint8_t)i);
        if (i >= 5)
            say(REPLY, (uint16_t)(i - 5), (uint8_t)(i - 5));
        say(REPLY, (uint16_t)(i + 5000), 3);
    }
    assert_false(pings.is_tunnel);
}

static void errors_and_what_is_short_are_no_echo(void **state)
{
    const uint8_t unreachable[16] = {3, 1}, coded[16] = {8, 1}, request[8] = {8};

    (void)state;
    assert_false(nta_pings_is_echo((struct nta_span){unreachable, 16}));
    assert_false(nta_pings_is_echo((struct nta_span){coded, 16}));
    assert_false(nta_pings_is_echo((struct nta_span){request, 7}));
    assert_true(nta_pings_is_echo((struct nta_span){request, 8}));
    nta_pings_see(&pings, (struct nta_span){request, 8});
    assert_false(nta_pings_is_echo((struct nta_span){0}));
}

int main(void)
{
#define NEW(test) cmocka_unit_test_setup(test, setup)
    const struct CMUnitTest tests[] = {
        NEW(other_data_in_many_replies_is_a_tunnel),
        NEW(so_it_is_over_ipv6),
        NEW(replies_that_repeat_their_requests_are_none),
        NEW(many_under_way_and_replies_to_none_are_none),
        NEW(errors_and_what_is_short_are_no_echo),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
