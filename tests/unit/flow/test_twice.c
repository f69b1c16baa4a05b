/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams in front of a router and behind it. */
#include "base/own.h"
#include "flow/keep/twice.h"
#include "unit.h"

enum
{
    V4_LEN = 20,
    V6_LEN = 40,
    UDP_LEN = 8,
    SIZE = V6_LEN + UDP_LEN + 2000,
};

/** A copy; what is 0 is as in the first row. */
struct copy
{
    uint8_t hops, src_mac, dst_mac;
    uint16_t id;
    uint8_t src; ///< Last byte of its address.
    int64_t at_ns;
    bool is_v6, is_cut, no_macs;
    size_t len;
    char first, last;
};

static struct nta_flow_twice twice;

static int fresh(void **state)
{
    (void)state;
    memset(&twice, 0, sizeof(twice));
    return 0;
}

static bool take(struct copy copy)
{
    uint8_t bytes[SIZE] = {0};
    const size_t head = (copy.is_v6 ? V6_LEN : V4_LEN) + UDP_LEN, len = copy.len ? copy.len : 64;
    struct nta_packet packet = {
        .kind = NTA_PACKET_UDP,
        .ip_proto = 17,
        .flags = copy.no_macs ? 0 : NTA_PACKET_MACS,
        .flow_hash = 42,
        .order_ns = copy.at_ns,
        .src_port = 50000,
        .dst_port = 53,
        .payload_off = (uint32_t)head,
        .payload_len = (uint32_t)(copy.is_cut ? len - 1 : len),
        .payload_wire_len = (uint32_t)len,
    };

    packet.src = nta_addr_v4((const uint8_t[]){10, 0, 0, copy.src ? copy.src : 5});
    packet.src_mac[5] = copy.src_mac ? copy.src_mac : 1;
    packet.dst_mac[5] = copy.dst_mac ? copy.dst_mac : 2;
    bytes[0] = copy.is_v6 ? 0x60 : 0x45;
    bytes[5] = copy.is_v6 ? 0 : (uint8_t)(copy.id ? copy.id : 7);
    bytes[copy.is_v6 ? 7 : 8] = copy.hops ? copy.hops : 64;
    memset(bytes + head, 'x', len);
    bytes[head] = (uint8_t)(copy.first ? copy.first : 'a');
    bytes[head + len - 1] = (uint8_t)(copy.last ? copy.last : 'z');
    return nta_flow_came_twice(&twice, &packet, bytes);
}

#define TAKE(...) take((struct copy){__VA_ARGS__})
#define BEHIND    .hops = 63, .src_mac = 3, .dst_mac = 4

static void one_hop_on_it_came_twice(void **state)
{
    for (unsigned v6 = 0; v6 < 2; v6++) {
        (void)fresh(state);
        assert_false(TAKE(.is_v6 = v6));
        assert_true(TAKE(BEHIND, .is_v6 = v6, .at_ns = 1000));
        assert_false(TAKE(.is_v6 = v6, .at_ns = 2000)); /* its sender says it again */
    }
}

static void the_far_side_may_be_shown_first(void **state)
{
    (void)state;
    assert_false(TAKE(BEHIND));
    assert_true(TAKE(.at_ns = 1000));
}

static void anything_else_is_another_datagram(void **state)
{
    static const struct copy others[] = {
        {.hops = 64, .src_mac = 3, .dst_mac = 4}, /* no router was between */
        {.hops = 62, .src_mac = 3, .dst_mac = 4},
        {.hops = 63}, /* the same machines */
        {.hops = 63, .src_mac = 3},
        {.hops = 63, .dst_mac = 4},
        {BEHIND, .id = 8},
        {BEHIND, .src = 6},
        {BEHIND, .len = 63},
        {BEHIND, .first = 'b'},
        {BEHIND, .last = 'y'},
        {BEHIND, .is_cut = true},
        {BEHIND, .no_macs = true},
        {BEHIND, .at_ns = NTA_FLOW_TWICE_NS},
        {BEHIND, .at_ns = -1},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(others); i++) {
        (void)fresh(state);
        assert_false(take((struct copy){0}));
        if (take(others[i]))
            fail_msg("row %zu", i);
    }
}

/** To keep long ones costs something: only where a mirror is known to show them twice. */
static void long_ones_are_known_once_short_ones_were(void **state)
{
    const int64_t minute_ns = INT64_C(60000000000);

    (void)state;
    assert_false(TAKE(.len = 1400));
    assert_false(TAKE(BEHIND, .len = 1400));
    assert_false(TAKE(.len = 64));
    assert_true(TAKE(BEHIND, .len = 64));
    assert_false(TAKE(.len = 1400));
    assert_true(TAKE(BEHIND, .len = 1400));
    assert_false(TAKE(.len = 1501));
    assert_false(TAKE(BEHIND, .len = 1501));
    assert_false(TAKE(.len = 1400, .at_ns = minute_ns));
    assert_false(TAKE(BEHIND, .len = 1400, .at_ns = minute_ns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_hop_on_it_came_twice, fresh),
        cmocka_unit_test_setup(the_far_side_may_be_shown_first, fresh),
        cmocka_unit_test_setup(anything_else_is_another_datagram, fresh),
        cmocka_unit_test_setup(long_ones_are_known_once_short_ones_were, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
