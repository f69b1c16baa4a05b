/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a packet is where several networks have the same addresses: the rule, and the table. */
#include "base/own.h"
#include "flow/network.h"
#include "flow_kit.h"
#include "flow_send.h"

enum
{
    VNI = NTA_PACKET_NETWORK_VNI,
    TEID = NTA_PACKET_NETWORK_TEID,
};

/** Of each row: does the packet join? */
static const struct
{
    const char *when;
    struct nta_network_facts facts;
    bool joins;
} cases[] = {

#define ROW(when, relation, sender, numbers, is_first, joins)                                      \
    {when, {NTA_NETWORK_##relation, NTA_SENDER_##sender, NTA_NUMBERS_##numbers, is_first}, joins},
    /* clang-format off */
    ROW("the usual packet",                        SAME,  SAME,     FIT,  false, true)
    ROW("far ahead, from who sent before",         SAME,  SAME,     NOT,  false, true)
    ROW("another router on the way",               SAME,  OTHER,    NONE, false, true)
    ROW("another machine, datagrams",              SAME,  STATION,  NONE, false, false)
    ROW("another machine, its own numbers",        SAME,  STATION,  NOT,  false, false)
    ROW("another machine that knows the numbers",  SAME,  STATION,  FIT,  false, true)
    ROW("the answer, tagged differently",          TAGS,  UNKNOWN,  NONE, true,  true)
    ROW("the answer of TCP, tagged differently",   TAGS,  UNKNOWN,  FIT,  true,  true)
    ROW("an answer to somebody else",              TAGS,  UNKNOWN,  NOT,  true,  false)
    ROW("the same segment behind a router",        TAGS,  OTHER,    FIT,  false, true)
    ROW("the same datagram behind a router",       TAGS,  FORWARDS, NONE, false, true)
    ROW("the same addresses in another VLAN",      TAGS,  OTHER,    NONE, false, false)
    ROW("the same, their frames without MACs",     TAGS,  UNKNOWN,  NONE, false, false)
    ROW("the same, behind one router",             TAGS,  SAME,     NONE, false, false)
    ROW("a SYN of its own in another VLAN",        TAGS,  OTHER,    NOT,  false, false)
    ROW("the answer with the receiver's id",       IDS,   UNKNOWN,  NONE, true,  true)
    ROW("the id has changed (a handover)",         IDS,   SAME,     NONE, false, true)
    ROW("the id has changed, and no MACs",         IDS,   UNKNOWN,  NONE, false, true)
    ROW("another id, other numbers",               IDS,   SAME,     NOT,  false, false)
    ROW("another id from another machine",         IDS,   STATION,  NONE, false, false)
    ROW("another id from another MAC",             IDS,   OTHER,    NONE, false, false)
    ROW("a network that is named otherwise",       OTHER, SAME,     FIT,  false, false)
    ROW("likewise, the first of its direction",    OTHER, UNKNOWN,  NONE, true,  false)
/* clang-format on */
#undef ROW
};

static void each_case_has_its_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        if (nta_network_joins(&cases[i].facts) != cases[i].joins)
            fail_msg("%s", cases[i].when);
    }
}

static struct nta_kit kit;

/** A packet between 1 and 2 in a VLAN, from a MAC to a MAC. */
static struct nta_packet tagged(enum nta_packet_kind kind, enum nta_dir dir, uint16_t vlan,
                                uint8_t src_mac, uint8_t dst_mac)
{
    struct nta_packet packet =
        dir == NTA_DIR_UP ? kit_packet(kind, 1, 2, 40000, 80) : kit_packet(kind, 2, 1, 80, 40000);

    packet.vlan[0] = vlan;
    packet.flags = src_mac || dst_mac ? NTA_PACKET_MACS : 0;
    packet.src_mac[5] = src_mac;
    packet.dst_mac[5] = dst_mac;
    return packet;
}

static void send_tcp(struct nta_packet packet, uint8_t flags, uint32_t seq, uint32_t ack,
                     const char *text)
{
    packet.tcp_flags = flags;
    packet.tcp_seq = seq;
    packet.tcp_ack = ack;
    kit_send(&kit, packet, text);
}

static void send_both_ways(uint16_t vlan, uint8_t client, uint32_t isn, const char *text)
{
    const uint8_t router = 99;

    send_tcp(tagged(NTA_PACKET_TCP, UP, vlan, client, router), SYN, isn, 0, "");
    send_tcp(tagged(NTA_PACKET_TCP, DOWN, vlan, router, client), SYN_ACK, isn + 5000, isn + 1, "");
    send_tcp(tagged(NTA_PACKET_TCP, UP, vlan, client, router), ACK, isn + 1, isn + 5001, text);
}

static void the_same_ports_in_two_vlans_are_two_connections(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    send_both_ways(10, 1, 1000, "one");
    send_both_ways(20, 2, 70000000, "two");
    send_tcp(tagged(NTA_PACKET_TCP, DOWN, 10, 99, 1), ACK, 6001, 1004, "un");
    send_tcp(tagged(NTA_PACKET_TCP, DOWN, 20, 99, 2), ACK, 70005001, 70000004, "deux");
    assert_int_equal(nta_flows_len(kit.flows), 2);
    KIT_EXPECT(&kit, "up:one up:two down:un down:deux ");
    kit_close(&kit);
}

static void a_connection_tagged_differently_by_direction_is_one(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    send_tcp(tagged(NTA_PACKET_TCP, UP, 10, 1, 99), SYN, 1000, 0, "");
    send_tcp(tagged(NTA_PACKET_TCP, DOWN, 20, 98, 2), SYN_ACK, 5000, 1001, "");
    send_tcp(tagged(NTA_PACKET_TCP, UP, 10, 1, 99), ACK, 1001, 5001, "ask");
    send_tcp(tagged(NTA_PACKET_TCP, DOWN, 20, 98, 2), ACK, 5001, 1004, "answer");
    assert_int_equal(nta_flows_len(kit.flows), 1);
    KIT_EXPECT(&kit, "up:ask down:answer ");
    kit_send(&kit, tagged(NTA_PACKET_UDP, UP, 10, 1, 99), "ask");
    kit_send(&kit, tagged(NTA_PACKET_UDP, DOWN, 20, 98, 2), "answer");
    assert_int_equal(nta_flows_len(kit.flows), 2);
    KIT_EXPECT(&kit, "udp up:ask udp down:answer ");
    kit_close(&kit);
}

static void what_a_mirror_shows_on_both_sides_of_a_router_is_one(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    send_tcp(tagged(NTA_PACKET_TCP, UP, 10, 1, 99), SYN, 1000, 0, "");
    send_tcp(tagged(NTA_PACKET_TCP, UP, 20, 99, 50), SYN, 1000, 0, "");
    send_tcp(tagged(NTA_PACKET_TCP, DOWN, 20, 50, 99), SYN_ACK, 5000, 1001, "");
    send_tcp(tagged(NTA_PACKET_TCP, DOWN, 10, 99, 1), SYN_ACK, 5000, 1001, "");
    send_tcp(tagged(NTA_PACKET_TCP, UP, 10, 1, 99), ACK, 1001, 5001, "ask");
    send_tcp(tagged(NTA_PACKET_TCP, UP, 20, 99, 50), ACK, 1001, 5001, "ask");
    kit_send(&kit, tagged(NTA_PACKET_UDP, UP, 10, 1, 99), "ask");
    kit_send(&kit, tagged(NTA_PACKET_UDP, UP, 20, 99, 50), "ask");
    assert_int_equal(nta_flows_len(kit.flows), 2);
    kit_close(&kit);
}

static void an_id_that_names_a_network_parts_and_one_of_a_direction_does_not(void **state)
{
    struct nta_packet up = tagged(NTA_PACKET_UDP, UP, 0, 0, 0),
                      down = tagged(NTA_PACKET_UDP, DOWN, 0, 0, 0);

    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    up.network_kind = down.network_kind = VNI;
    up.network = 10;
    down.network = 20;
    kit_send(&kit, up, "ask");
    kit_send(&kit, down, "answer");
    assert_int_equal(nta_flows_len(kit.flows), 2);
    nta_flows_pass(kit.flows, &up);
    assert_int_equal(nta_flows_packet(kit.flows, &up, (const uint8_t *)"")->network, 10);
    nta_flows_drain(kit.flows);
    up.network_kind = down.network_kind = TEID;
    kit_send(&kit, up, "ask");
    kit_send(&kit, down, "answer");
    assert_int_equal(nta_flows_len(kit.flows), 1);
    kit_close(&kit);
}

/** Every MAC is a machine's own. */
static bool is_always_other(void *owner, const struct nta_flow *flow, enum nta_dir dir,
                            const struct nta_packet *packet)
{
    (void)owner, (void)flow, (void)packet;
    return dir == NTA_DIR_UP;
}

static void another_machine_on_the_address_has_flows_of_its_own(void **state)
{
    struct nta_flow_ops ops = kit_ops;
    struct nta_flow_options options = {
        .n_flows = 100, .stream_flow_bytes = 1 << 16, .stream_all_bytes = 1 << 20};
    struct nta_err err;

    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    nta_flows_free(&kit.flows);
    ops.is_other_machine = is_always_other;
    assert_int_equal(nta_flows_new(&options, &ops, &kit, &kit.counters, &kit.flows, &err), 0);
    kit_send(&kit, tagged(NTA_PACKET_UDP, UP, 0, 1, 99), "mine");
    kit_send(&kit, tagged(NTA_PACKET_UDP, UP, 0, 2, 99), "his");
    assert_int_equal(nta_flows_len(kit.flows), 2);
    nta_flows_drain(kit.flows);
    send_both_ways(0, 1, 1000, "mine");
    send_tcp(tagged(NTA_PACKET_TCP, UP, 0, 2, 99), ACK, 900000000, 123, "forged");
    assert_int_equal(nta_flows_len(kit.flows), 2);
    send_tcp(tagged(NTA_PACKET_TCP, UP, 0, 2, 99), ACK, 1005, 6001, "overheard");
    assert_int_equal(nta_flows_len(kit.flows), 2);
    const struct nta_packet next = tagged(NTA_PACKET_TCP, UP, 0, 1, 99);

    nta_flows_pass(kit.flows, &next);
    assert_true(nta_flows_packet(kit.flows, &next, (const uint8_t *)"")->two_machines);
    nta_flows_drain(kit.flows);
    nta_flows_free(&kit.flows);
}

/** Whoever chooses tags makes no chain that is long to walk. */
static void of_too_many_networks_the_flow_seen_longest_ago_ends(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    for (uint16_t vlan = 1; vlan <= 4000; vlan++) {
        kit.wall_ns += 1000;
        kit_send(&kit, tagged(NTA_PACKET_UDP, UP, vlan, 1, 99), "");
        assert_true(nta_flows_len(kit.flows) <= NTA_FLOW_TWINS_MAX);
    }
    assert_int_equal(nta_flows_len(kit.flows), NTA_FLOW_TWINS_MAX);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_has_its_answer),
        cmocka_unit_test(the_same_ports_in_two_vlans_are_two_connections),
        cmocka_unit_test(a_connection_tagged_differently_by_direction_is_one),
        cmocka_unit_test(what_a_mirror_shows_on_both_sides_of_a_router_is_one),
        cmocka_unit_test(an_id_that_names_a_network_parts_and_one_of_a_direction_does_not),
        cmocka_unit_test(another_machine_on_the_address_has_flows_of_its_own),
        cmocka_unit_test(of_too_many_networks_the_flow_seen_longest_ago_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
