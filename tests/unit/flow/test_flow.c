/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_kit.h"
#include "flow_send.h"

static struct nta_kit kit;

static void udp(uint32_t from, uint32_t to, uint16_t src_port, uint16_t dst_port, const char *text)
{
    kit_send(&kit, kit_packet(NTA_PACKET_UDP, from, to, src_port, dst_port), text);
}

static void both_ways_of_a_udp_conversation_are_one_flow(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    udp(1, 2, 40000, 53, "question");
    udp(2, 1, 53, 40000, "answer");
    udp(1, 2, 40001, 53, "other");
    assert_int_equal(nta_flows_len(kit.flows), 2);
    KIT_EXPECT(&kit, "udp up:question udp down:answer udp up:other ");
    kit_close(&kit);
    KIT_EXPECT(&kit, "end drain end drain ");
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_FLOW_ONE_WAY), 1);
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_FLOWS), 2);
}

static void flows_with_one_hash_are_told_apart_by_key(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    for (uint32_t i = 0; i < 20; i++) {
        struct nta_packet packet = kit_packet(NTA_PACKET_UDP, i % 5, 100, (uint16_t)(i / 5), 53);

        packet.flow_hash = 0xffffffff;
        kit_send(&kit, packet, "");
        kit_send(&kit, packet, "");
    }
    assert_int_equal(nta_flows_len(kit.flows), 20);
    kit_close(&kit);
}

static void bytes_are_counted_by_wire_length(void **state)
{
    struct nta_packet packet = kit_packet(NTA_PACKET_UDP, 1, 2, 40000, 4433);

    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    packet.payload_wire_len = 1200;
    kit_send(&kit, packet, "cut");
    kit_close(&kit);
    assert_int_equal(kit.last.sides[NTA_DIR_UP].bytes, 1200);
    assert_int_equal(kit.last.sides[NTA_DIR_UP].packets, 1);
    assert_int_equal(kit.last.sides[NTA_DIR_DOWN].packets, 0);
}

static void the_well_known_port_is_the_server(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    udp(2, 1, 53, 40000, "answer");
    udp(2, 1, 5353, 5353, "same");
    udp(3, 4, 50000, 40000, "first");
    KIT_EXPECT(&kit, "udp down:answer udp up:same udp up:first ");
    kit_close(&kit);
}

static void other_protocols_are_only_counted(void **state)
{
    struct nta_packet packet = kit_packet(NTA_PACKET_IP, 1, 2, 7, 9);

    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    kit_send(&kit, packet, "gre");
    packet.src_port = 8; /* not valid in this kind */
    kit_send(&kit, packet, "gre");
    packet.kind = NTA_PACKET_FRAGMENT;
    kit_send(&kit, packet, "not ours");
    kit_close(&kit);
    KIT_EXPECT(&kit, "end drain ");
    assert_int_equal(kit.last.sides[NTA_DIR_UP].bytes, 6);
    assert_int_equal(kit.last.client_port, 0);
}

static void packets_of_sctp_are_shown_by_their_ports(void **state)
{
    struct nta_packet packet = kit_packet(NTA_PACKET_IP, 1, 2, 7000, 9);

    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    packet.ip_proto = NTA_PACKET_PROTO_SCTP;
    kit_send(&kit, packet, "chunks");
    kit_close(&kit);
    KIT_EXPECT(&kit, "udp up:chunks end drain ");
    assert_int_equal(kit.last.client_port, 7000);
    assert_int_equal(kit.last.server_port, 9);
}

static void each_direction_has_the_tags_of_its_first_packet(void **state)
{
    struct nta_packet up = kit_packet(NTA_PACKET_UDP, 1, 2, 40000, 9999), down = up;

    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    up.vlan[0] = 10;
    kit_send(&kit, up, "one");
    down = kit_packet(NTA_PACKET_UDP, 2, 1, 9999, 40000);
    down.vlan[0] = 20;
    down.vlan[1] = 5;
    kit_send(&kit, down, "two");
    kit_send(&kit, down, "three");
    assert_int_equal(nta_flows_len(kit.flows), 1);
    kit_close(&kit);
    assert_int_equal(kit.last.sides[NTA_DIR_UP].vlan[0], 10);
    assert_int_equal(kit.last.sides[NTA_DIR_UP].vlan[1], 0);
    assert_int_equal(kit.last.sides[NTA_DIR_DOWN].vlan[0], 20);
    assert_int_equal(kit.last.sides[NTA_DIR_DOWN].vlan[1], 5);
}

static void macs_and_tags_come_from_the_first_packet(void **state)
{
    struct nta_packet packet = kit_packet(NTA_PACKET_UDP, 2, 1, 53, 40000);

    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    packet.flags = NTA_PACKET_MACS;
    packet.src_mac[5] = 2;
    packet.dst_mac[5] = 1;
    packet.n_vlan = 1;
    packet.vlan[0] = 10;
    kit_send(&kit, packet, "answer");
    kit_close(&kit);
    assert_true(kit.last.has_macs);
    assert_int_equal(kit.last.client_mac[5], 1);
    assert_int_equal(kit.last.server_mac[5], 2);
    assert_int_equal(kit.last.sides[NTA_DIR_DOWN].vlan[0], 10);
}

static void at_the_limit_the_least_recently_seen_goes(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.n_flows = 3});
    for (uint32_t i = 1; i <= 3; i++) {
        kit.wall_ns += 1;
        udp(i, 100, 40000, 53, "");
    }
    kit.wall_ns += 1;
    udp(1, 100, 40000, 53, "");
    udp(4, 100, 40000, 53, "");
    KIT_EXPECT(&kit, "end evicted ");
    assert_true(kit.last.client.bytes[15] == 2);
    /* another list, older than those left */
    udp(3, 100, 40000, 53, "");
    udp(5, 100, 40000, 53, "");
    KIT_EXPECT(&kit, "end evicted ");
    assert_true(kit.last.client.bytes[15] == 1);
    assert_int_equal(nta_flows_len(kit.flows), 3);
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_FLOW_EVICTED), 2);
    kit_close(&kit);
}

static void eviction_looks_at_all_kinds_of_flows(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.n_flows = 2});
    kit_handshake(&kit);
    kit.wall_ns += S;
    udp(1, 2, 1, 53, "");
    kit.wall_ns += S;
    udp(1, 2, 2, 53, "");
    KIT_EXPECT(&kit, "end evicted ");
    assert_int_equal(kit.last.ip_proto, 6);
    kit_close(&kit);
}

/* `n` handshakes that nobody goes on with, each from another host. */
static void flood(uint32_t n, bool answered)
{
    for (uint32_t i = 0; i < n; i++) {
        struct nta_packet syn = kit_packet(NTA_PACKET_TCP, 1000 + i, 2, 40000, 80);

        kit.wall_ns += 1;
        syn.tcp_flags = NTA_TCP_SYN;
        kit_send(&kit, syn, "");
        if (!answered)
            continue;
        struct nta_packet back = kit_packet(NTA_PACKET_TCP, 2, 1000 + i, 80, 40000);

        back.tcp_flags = NTA_TCP_SYN | NTA_TCP_ACK;
        back.tcp_ack = 1;
        kit_send(&kit, back, "");
    }
}

static void half_open_connections_go_before_all_that_live(void **state)
{
    for (int answered = 0; answered < 2; answered++) {
        (void)state;
        kit_open(&kit, (struct nta_flow_options){.n_flows = 8});
        kit_handshake(&kit);
        kit.wall_ns += S;
        udp(1, 2, 40001, 9999, "");
        flood(100, answered);
        const uint64_t n = kit_counted(&kit, NTA_COUNTER_FLOW_EVICTED);

        kit.len = 0;
        kit_tcp(&kit, NTA_DIR_UP, NTA_TCP_ACK, 1000, 5000, "still");
        udp(1, 2, 40001, 9999, "there");
        KIT_EXPECT(&kit, "up:still udp up:there ");
        assert_int_equal(n, 94);
        kit_close(&kit);
    }
}

static void what_rests_goes_first_unless_it_goes_on(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.n_flows = 3, .udp_idle_ns = 60 * S});
    udp(1, 2, 1, 53, "");
    kit.wall_ns += S;
    udp(1, 2, 2, 53, "");
    kit.rests = true;
    udp(1, 2, 3, 53, "rests");
    kit.rests = false;
    udp(1, 2, 4, 53, "");
    assert_int_equal(kit.last.client_port, 3);
    kit.rests = true;
    udp(1, 2, 4, 53, "rests");
    kit.rests = false;
    kit.wall_ns += 4 * S;
    udp(1, 2, 4, 53, "on");
    kit.wall_ns += 4 * S;
    nta_flows_tick(kit.flows, kit.wall_ns);
    assert_int_equal(nta_flows_len(kit.flows), 3);
    kit.rests = true;
    udp(1, 2, 4, 53, "rests");
    kit.wall_ns += 6 * S;
    nta_flows_tick(kit.flows, kit.wall_ns);
    assert_int_equal(nta_flows_len(kit.flows), 2);
    kit_close(&kit);
}

/* A datagram of the parted flow: its first letter names the part. */
static void part(const char *text)
{
    udp(1, 2, 40000, 443, text);
}

static void parts_are_flows_of_their_own(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.n_flows = 64, .udp_idle_ns = 60 * S});
    kit.parts = true;
    part("a1");
    part("b1");
    part("a2");
    part("c1");
    udp(2, 1, 443, 40000, "b2");
    assert_int_equal(nta_flows_len(kit.flows), 3);
    KIT_EXPECT(&kit, "udp up:a1 udp up:b1 udp up:a2 udp up:c1 udp down:b2 ");
    kit.wall_ns += 50 * S;
    part("b3");
    kit.wall_ns += 20 * S;
    nta_flows_tick(kit.flows, kit.wall_ns); /* the newest and the first are gone */
    assert_int_equal(nta_flows_len(kit.flows), 1);
    part("b4");
    assert_int_equal(nta_flows_len(kit.flows), 1);
    part("d1");
    assert_int_equal(nta_flows_len(kit.flows), 2);
    kit.wall_ns += 100 * S;
    part("d2"); /* idle: begins anew */
    nta_flows_tick(kit.flows, kit.wall_ns);
    assert_int_equal(nta_flows_len(kit.flows), 1);
    kit_close(&kit);
}

/** What a TCP flow beside them in the index keeps is no part's number. */
static void parts_leave_beside_a_tcp_flow_that_keeps_bytes(void **state)
{
    struct nta_packet tcp = kit_packet(NTA_PACKET_TCP, 7, 8, 50000, 80);
    struct nta_packet first = kit_packet(NTA_PACKET_UDP, 1, 2, 40000, 443);

    (void)state;
    tcp.flow_hash = first.flow_hash = 0xffffffff;
    for (uint32_t n_before = 0; n_before < 8; n_before++) {
        kit_open(&kit, (struct nta_flow_options){.n_flows = 64});
        for (uint32_t i = 0; i < n_before; i++)
            udp(3, 4, (uint16_t)(1 + i), 9999, "");
        tcp.tcp_seq = 1000;
        tcp.tcp_flags = NTA_TCP_SYN;
        kit_send(&kit, tcp, "");
        kit.leave_below = 100;
        tcp.tcp_seq = 1001;
        tcp.tcp_flags = NTA_TCP_ACK;
        kit_send(&kit, tcp, "half!"); /* kept: 5 bytes, be the flow the fifth or not */
        kit.parts = true;
        for (char letter = 'a'; letter <= 'z'; letter++) /* the oldest leave */
            kit_send(&kit, first, (char[]){letter, '\0'});
        assert_int_equal(nta_flows_len(kit.flows), n_before + 1 + NTA_FLOW_PARTS_MAX);
        kit_close(&kit);
    }
}

static void of_too_many_parts_the_oldest_ends(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.n_flows = 64});
    kit.parts = true;
    for (char letter = 'a'; letter <= 'z'; letter++)
        part((char[]){letter, '\0'});
    assert_int_equal(nta_flows_len(kit.flows), NTA_FLOW_PARTS_MAX);
    kit_close(&kit);
    /* and parts that the table needs the space of */
    kit_open(&kit, (struct nta_flow_options){.n_flows = 3});
    kit.parts = true;
    for (int i = 0; i < 200; i++)
        part((char[]){(char)('a' + i * 7 % 11), '\0'});
    assert_int_equal(nta_flows_len(kit.flows), 3);
    kit_close(&kit);
}

static void idle_flows_end_by_their_kinds_time(void **state)
{
    struct nta_packet syn = kit_packet(NTA_PACKET_TCP, 5, 6, 9, 11);

    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    syn.tcp_flags = NTA_TCP_SYN;
    kit_send(&kit, syn, "");
    kit_handshake(&kit);
    udp(1, 2, 1, 53, "");
    udp(1, 2, 2, 53, "");
    kit_send(&kit, kit_packet(NTA_PACKET_TCP, 7, 8, 9, 10), "x");
    KIT_EXPECT(&kit, "up:x ");
    kit.wall_ns += 31 * S;
    nta_flows_tick(kit.flows, kit.wall_ns);
    KIT_EXPECT(&kit, "end idle "); /* nothing but a SYN */
    assert_int_equal(kit.last.server_port, 11);
    kit.wall_ns += 250 * S;
    udp(1, 2, 2, 53, "");
    KIT_EXPECT(&kit, "");
    nta_flows_tick(kit.flows, kit.wall_ns + 20 * S);
    KIT_EXPECT(&kit, "end idle end idle on "); /* one side, datagrams; what both said is told */
    assert_int_equal(kit.last.client_port, 1);
    nta_flows_tick(kit.flows, kit.wall_ns + 301 * S);
    KIT_EXPECT(&kit, "end idle ");
    kit.wall_ns += 7100 * S;
    udp(1, 2, 3, 53, "");
    KIT_EXPECT(&kit, "");
    nta_flows_tick(kit.flows, kit.wall_ns + 100 * S);
    KIT_EXPECT(&kit, "end idle ");
    assert_int_equal(nta_flows_len(kit.flows), 1);
    kit_close(&kit);
}

static void a_quiet_connection_goes_on_and_is_told_once(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    kit_handshake(&kit);
    for (int i = 0; i < 3; i++) {
        kit.wall_ns += 1000 * S;
        if (i == 1) /* before the packet, or with it */
            nta_flows_tick(kit.flows, kit.wall_ns - 1 * S);
        kit_tcp(&kit, UP, ACK, 1000 + (uint32_t)i, 5000, "x");
        KIT_EXPECT(&kit, "on up:x ");
        assert_int_equal(nta_flows_len(kit.flows), 1);
    }
    kit_close(&kit);
}

static void a_packet_for_an_idle_flow_opens_a_new_one(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.udp_idle_ns = 60 * S});
    udp(1, 2, 1, 53, "a");
    kit.wall_ns += 61 * S;
    udp(1, 2, 1, 53, "b");
    KIT_EXPECT(&kit, "udp up:a end idle udp up:b ");
    assert_int_equal(nta_flows_len(kit.flows), 1);
    kit_close(&kit);
}

static void long_flows_are_reported_of_while_they_go_on(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.long_flow_ns = 100 * S});
    for (int i = 0; i <= 25; i++) {
        udp(1, 2, 1, 53, "");
        kit.wall_ns += 10 * S;
    }
    KIT_EXPECT(&kit, "on on ");
    kit_close(&kit);
}

static void time_that_jumps_breaks_nothing(void **state)
{
    static const int64_t times[] = {0,           INT64_MAX, INT64_MIN, -1, 1000 * S, INT64_MAX - 1,
                                    2000000 * S, 5,         INT64_MAX};

    (void)state;
    kit_open(&kit, (struct nta_flow_options){.n_flows = 8});
    for (size_t i = 0; i < 400; i++) {
        kit.wall_ns = times[i % (sizeof(times) / sizeof(times[0]))];
        udp((uint32_t)i % 11, 100, 1, 53, "");
        nta_flows_tick(kit.flows, times[(i * 7) % (sizeof(times) / sizeof(times[0]))]);
        assert_true(nta_flows_len(kit.flows) <= 8);
    }
    kit_close(&kit);
    assert_true(kit.last.last_wall_ns >= kit.last.first_wall_ns);
}

static void a_clock_set_back_neither_ends_nor_keeps_flows(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.udp_idle_ns = 60 * S});
    udp(1, 2, 1, 53, "");
    kit.wall_ns -= 900 * S;
    udp(1, 2, 2, 53, "");
    nta_flows_tick(kit.flows, kit.wall_ns);
    KIT_EXPECT(&kit, "");
    nta_flows_tick(kit.flows, kit.wall_ns + 61 * S);
    KIT_EXPECT(&kit, "end idle end idle ");
    kit_close(&kit);
}

static void beginning_told_late_is_no_step_of_the_clock(void **state)
{
    struct nta_packet packet = kit_packet(NTA_PACKET_UDP, 1, 2, 1, 53);

    (void)state;
    packet.flags = NTA_PACKET_FRAG_END | NTA_PACKET_CUT;
    kit_open(&kit, (struct nta_flow_options){0});
    udp(1, 2, 2, 53, "");
    for (int i = 0; i < 10; i++) {
        kit.wall_ns -= 30 * S;
        kit_send(&kit, packet, "");
        kit.wall_ns += 30 * S;
        udp(3, 4, 1, 53, "");
    }
    nta_flows_tick(kit.flows, kit.wall_ns);
    KIT_EXPECT(&kit, "");
    assert_int_equal(nta_flows_len(kit.flows), 3);
    kit_close(&kit);
}

static void sources_of_different_times_do_not_age_each_other(void **state)
{
    struct nta_packet packet = kit_packet(NTA_PACKET_UDP, 3, 4, 1, 53);

    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    for (int i = 0; i < 10; i++) {
        udp(1, 2, 1, 53, "");
        kit.wall_ns += 1000000 * S;
        packet.source = 1;
        kit_send(&kit, packet, "");
        kit.wall_ns -= 999999 * S;
    }
    assert_int_equal(nta_flows_len(kit.flows), 2);
    KIT_EXPECT(&kit, "");
    kit_close(&kit);
}

static void sides_taken_the_wrong_way_round_are_swapped(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    kit.swap_next = true;
    udp(3, 4, 50000, 40000, "a");
    udp(4, 3, 40000, 50000, "b");
    udp(3, 4, 50000, 40000, "c");
    KIT_EXPECT(&kit, "udp up:a turned udp up:b udp down:c ");
    kit_close(&kit);
    assert_int_equal(kit.last.client_port, 40000);
    assert_int_equal(kit.last.sides[NTA_DIR_UP].bytes, 1);
    assert_int_equal(kit.last.sides[NTA_DIR_DOWN].bytes, 2);
}

static void many_flows_come_and_go(void **state)
{
    uint32_t random = 1;

    (void)state;
    kit_open(&kit, (struct nta_flow_options){.n_flows = 1000, .udp_idle_ns = 500});
    for (int i = 0; i < 200000; i++) {
        random = random * 1664525 + 1013904223;
        kit.wall_ns += 1;
        kit.len = 0;
        udp(random >> 21, 2, 1, 53, "");
        if (i % 64 == 0)
            nta_flows_tick(kit.flows, kit.wall_ns);
        assert_true(nta_flows_len(kit.flows) <= 1000);
    }
    kit.len = 0;
    kit_close(&kit);
}

static void senseless_bounds_are_refused(void **state)
{
    struct nta_flow_options options = {.n_flows = 0};
    struct nta_flows *flows = NULL;
    struct nta_counters counters = {0};
    struct nta_err err;

    (void)state;
    assert_true(nta_flows_new(&options, &kit_ops, NULL, &counters, &flows, &err) < 0);
    options.n_flows = (size_t)1 << 40;
    assert_true(nta_flows_new(&options, &kit_ops, NULL, &counters, &flows, &err) < 0);
    assert_null(flows);
    assert_non_null(strstr(err.text, "flow table"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_of_a_udp_conversation_are_one_flow),
        cmocka_unit_test(flows_with_one_hash_are_told_apart_by_key),
        cmocka_unit_test(bytes_are_counted_by_wire_length),
        cmocka_unit_test(the_well_known_port_is_the_server),
        cmocka_unit_test(other_protocols_are_only_counted),
        cmocka_unit_test(packets_of_sctp_are_shown_by_their_ports),
        cmocka_unit_test(each_direction_has_the_tags_of_its_first_packet),
        cmocka_unit_test(macs_and_tags_come_from_the_first_packet),
        cmocka_unit_test(at_the_limit_the_least_recently_seen_goes),
        cmocka_unit_test(eviction_looks_at_all_kinds_of_flows),
        cmocka_unit_test(half_open_connections_go_before_all_that_live),
        cmocka_unit_test(what_rests_goes_first_unless_it_goes_on),
        cmocka_unit_test(parts_are_flows_of_their_own),
        cmocka_unit_test(parts_leave_beside_a_tcp_flow_that_keeps_bytes),
        cmocka_unit_test(of_too_many_parts_the_oldest_ends),
        cmocka_unit_test(idle_flows_end_by_their_kinds_time),
        cmocka_unit_test(a_quiet_connection_goes_on_and_is_told_once),
        cmocka_unit_test(a_packet_for_an_idle_flow_opens_a_new_one),
        cmocka_unit_test(long_flows_are_reported_of_while_they_go_on),
        cmocka_unit_test(time_that_jumps_breaks_nothing),
        cmocka_unit_test(a_clock_set_back_neither_ends_nor_keeps_flows),
        cmocka_unit_test(beginning_told_late_is_no_step_of_the_clock),
        cmocka_unit_test(sources_of_different_times_do_not_age_each_other),
        cmocka_unit_test(sides_taken_the_wrong_way_round_are_swapped),
        cmocka_unit_test(many_flows_come_and_go),
        cmocka_unit_test(senseless_bounds_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
