/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a frame holds beside its packet: the outer connections of tunnels, and frames that were sent
 * as one.
 */
#include "base/own.h"
#include "decode/bench.h"
#include "decode/frame.h"

#include <cmocka.h>

static struct bench bench;
static struct nta_outer_packets outer_packets;

static int fresh_bench(void **state)
{
    (void)state;
    bench_init(&bench);
    outer_packets = (struct nta_outer_packets){0};
    bench.decode.outer_packets = &outer_packets;
    return 0;
}

/** Innermost first; the innermost packet is an ICMP message from 10.0.0.1 to 10.0.0.2. */
struct row
{
    const char *name;
    enum nta_tunnel tunnel;
    uint16_t dst_port; ///< Of the outer connection; 0: it has none.
    struct step steps[STEPS_MAX];
};

static const struct row rows[] = {
    {"vxlan", NTA_TUNNEL_VXLAN, 4789, {ETH(0x0800), HEX("08000000 00000100"), UDP(4789), IPV4(17)}},
    {"geneve",
     NTA_TUNNEL_GENEVE,
     6081,
     {ETH(0x0800), HEX("0000 6558 000001 00"), UDP(6081), IPV4(17)}},
    {"gtp", NTA_TUNNEL_GTP, 2152, {HEX("00000001"), LEN(-4), HEX("30ff"), UDP(2152), IPV4(17)}},
    {"tzsp", NTA_TUNNEL_TZSP, 37008, {ETH(0x0800), HEX("0100 0001 01"), UDP(37008), IPV4(17)}},
    {"capwap",
     NTA_TUNNEL_CAPWAP,
     5247,
     {ETH(0x0800), HEX("00100000 00000000"), UDP(5247), IPV4(17)}},
    {"l2tp", NTA_TUNNEL_L2TP, 1701, {HEX("ff03 0021"), HEX("0002 0001 0001"), UDP(1701), IPV4(17)}},
    {"l2tp in ip", NTA_TUNNEL_L2TP, 0, {ETH(0x0800), HEX("0000002a"), IPV4(115)}},
    {"lisp", NTA_TUNNEL_LISP, 4341, {HEX("c0010203 00000001"), UDP(4341), IPV4(17)}},
    {"gue", NTA_TUNNEL_GUE, 6080, {HEX("0004 0000"), UDP(6080), IPV4(17)}},
    {"eoip", NTA_TUNNEL_GRE, 0, {ETH(0x0800), HEX("0700"), LEN(-2), HEX("2001 6400"), IPV4(47)}},
    {"gre in udp", NTA_TUNNEL_GRE, 4754, {HEX("0000 0800"), UDP(4754), IPV4(17)}},
    {"mpls in udp", NTA_TUNNEL_MPLS, 6635, {HEX("000101ff"), UDP(6635), IPV4(17)}},
    {"gre", NTA_TUNNEL_GRE, 0, {HEX("0000 0800"), IPV4(47)}},
    {"erspan",
     NTA_TUNNEL_ERSPAN,
     0,
     {ETH(0x0800), HEX("1000 88be 00000001 1000000100000000"), IPV4(47)}},
    {"erspan iii",
     NTA_TUNNEL_ERSPAN,
     0,
     {ETH(0x0800), HEX("1000 22eb 00000001 200000010000000000000000"), IPV4(47)}},
    {"pptp",
     NTA_TUNNEL_PPTP,
     0,
     {HEX("0021"), HEX("00000001 00000002"), HEX("3081 880b 001e 0001"), IPV4(47)}},
    {"etherip", NTA_TUNNEL_ETHERIP, 0, {ETH(0x0800), HEX("3000"), IPV4(97)}},
    {"mpls", NTA_TUNNEL_MPLS, 0, {HEX("000101ff"), IPV4(137)}},
    {"ip in ip", NTA_TUNNEL_IPIP, 0, {IPV4(4)}},
    {"4in6", NTA_TUNNEL_FOUR_IN_6, 0, {IPV6(4)}},
};

static struct nta_packet decode_row(const struct row *row)
{
    static const struct step inside = IPV4(1);
    struct frame frame;

    frame_init(&frame);
    frame_step(&frame, &(struct step)HEX("0800 f7ff 0000 0000"));
    frame_step(&frame, &inside);
    frame_steps(&frame, row->steps, STEPS_MAX);
    frame_step(&frame, &(struct step)ETH(row->steps[0].kind == STEP_IPV6 ? 0x86dd : 0x0800));
    return bench_frame(&bench, 1, &frame);
}

static void each_tunnel_gives_its_outer_connection(void **state)
{
    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        const struct row *row = &rows[i];
        const struct nta_packet *outer_packet = &outer_packets.packets[0];

        outer_packets.n = 0;
        struct nta_packet packet = decode_row(row);

        if (packet.kind != NTA_PACKET_IP || packet.ip_proto != 1 || outer_packets.n != 1 ||
            outer_packet->kind != NTA_PACKET_OUTER || outer_packet->tunnel != row->tunnel ||
            outer_packet->dst_port != row->dst_port)
            fail_msg("%s: kind %u, %u outer packets, tunnel %u, port %u", row->name, packet.kind,
                     outer_packets.n, outer_packet->tunnel, outer_packet->dst_port);
        /* its headers are there up to the packet inside, and all that it carried is counted */
        assert_int_equal(outer_packet->cap_len, packet.l3_off);
        assert_int_equal(outer_packet->payload_off + outer_packet->payload_len,
                         outer_packet->cap_len);
        assert_int_equal(outer_packet->payload_wire_len,
                         packet.wire_len - outer_packet->payload_off);
        assert_int_not_equal(outer_packet->flow_hash, packet.flow_hash);
    }
}

static void six_in_four_and_six_in_six(void **state)
{
    (void)state;
    (void)DECODE(&bench, 12, HEX("00"), UDP(9), IPV6(17), IPV4(41));
    (void)DECODE(&bench, 12, HEX("00"), UDP(9), IPV6(17), IPV6(41));
    assert_int_equal(outer_packets.n, 2);
    assert_int_equal(outer_packets.packets[0].tunnel, NTA_TUNNEL_SIX_IN_4);
    assert_int_equal(outer_packets.packets[1].tunnel, NTA_TUNNEL_SIX_IN_6);
}

static void teredo_is_known_by_its_port_or_its_addresses(void **state)
{
    (void)state;
    struct nta_packet packet = DECODE(&bench, 12, HEX("00"), UDP(9), IPV6(17), UDP(3544), IPV4(17));

    assert_false(packet.any_port);
    packet = DECODE(&bench, 12,
                    HEX("6000000000003b40 20010000000000000000000000000001"
                        "20010db8000000000000000000000002"),
                    UDP(50000), IPV4(17));
    assert_true(packet.any_port); /* what is inside, and not what carries it */
    assert_false(outer_packets.packets[1].any_port);
    assert_int_equal(outer_packets.n, 2);
    assert_int_equal(outer_packets.packets[0].tunnel, NTA_TUNNEL_TEREDO);
    assert_int_equal(outer_packets.packets[1].tunnel, NTA_TUNNEL_TEREDO);
}

/** A datagram on ports of somebody's choice is one only if all that is inside holds. */
static void on_any_port_what_is_inside_must_hold(void **state)
{
    static const struct
    {
        struct step inside, head;
        bool is_one;
    } cases[] = {
        {HEX("0035 1000 0008 0000"), IPV4(17), true},
        {HEX("0800 f7ff 0000 0000"), IPV4(1), true},
        {HEX("0035 1000 0009 0000"), IPV4(17), false}, /* its length */
        {HEX("0035 1000 0008 0000"), IPV4(6), false},  /* too short for TCP */
        {HEX("0035 1000 00000000 00000000 2000 0000 0000 0000"), IPV4(6), false},
        {HEX("0035 1000 00000000 00000000 5000 0000 0000 0000"), IPV4(6), true},
        {HEX("0035 1000 0008 0000"), IPV4(200), false}, /* nobody's protocol */
        {HEX("0035 1000 0008 0000"), IPV4(0), false},
        {HEX("0035 1000 0008 0000"), IPV4(4), false}, /* no IP */
        {HEX("0035 1000 0008 0000"), IPV6(17), true},
        {HEX("0035 1000 0007 0000"), IPV6(17), false},
        {HEX("0035 1000 0008 0000"), IPV6(60), false},
        {HEX("0035 1000 0008 0000"), IPV6(59), false}, /* nothing, it says */
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        struct frame frame;

        outer_packets.n = 0;
        frame_init(&frame);
        frame_step(&frame, &cases[i].inside);
        frame_step(&frame, &cases[i].head);
        frame_step(&frame, &(struct step)UDP(40000));
        frame_step(&frame, &(struct step)IPV4(17));
        (void)bench_frame(&bench, 12, &frame);
        if (outer_packets.n != cases[i].is_one)
            fail_msg("row %zu", i);
    }
}

static void nested_tunnels_are_given_outermost_first_and_bounded(void **state)
{
    (void)state;
    struct nta_packet packet = DECODE(&bench, 12, HEX("00"), UDP(9), IPV4(17), IPV4(4), IPV6(4),
                                      IPV6(41), IPV4(41), HEX("0000 0800"), IPV4(47));

    assert_int_equal(packet.kind, NTA_PACKET_UDP);
    assert_int_equal(outer_packets.n, NTA_OUTER_PACKETS_MAX);
    assert_int_equal(outer_packets.packets[0].tunnel, NTA_TUNNEL_GRE);
    assert_int_equal(outer_packets.packets[1].tunnel, NTA_TUNNEL_SIX_IN_4);
    assert_int_equal(outer_packets.packets[2].tunnel, NTA_TUNNEL_SIX_IN_6);
    assert_int_equal(outer_packets.packets[3].tunnel, NTA_TUNNEL_FOUR_IN_6);
    assert_int_equal(nta_counted(&bench.counters, NTA_COUNTER_DECODE_OUTER), 1);
}

static void a_packet_without_a_tunnel_has_none(void **state)
{
    (void)state;
    (void)DECODE(&bench, 1, HEX("00"), UDP(9), IPV4(17), ETH(0x0800));
    (void)DECODE(&bench, 1, HEX("00000000"), UDP(4789), IPV4(17), ETH(0x0800));
    (void)DECODE(&bench, 1, HEX("0806 0001"), UDP(4789), IPV4(17), ETH(0x0800));
    (void)DECODE(&bench, 12, HEX("0000 0000"), IPV4(47)); /* a keep-alive */
    assert_int_equal(outer_packets.n, 0);
}

static void what_is_broken_inside_was_carried_all_the_same(void **state)
{
    (void)state;
    struct nta_packet packet = DECODE(&bench, 12, HEX("0000"), IPV4(6), HEX("0000 0800"), IPV4(47));

    assert_int_equal(packet.kind, NTA_PACKET_OTHER);
    assert_int_equal(outer_packets.n, 1);
    assert_int_equal(outer_packets.packets[0].payload_wire_len, 4 + 20 + 2);
}

static void a_fragment_inside_was_carried(void **state)
{
    (void)state;
    struct nta_packet packet =
        DECODE(&bench, 12, HEX("45000018 12342000 40110000 0a000001 0a000002 00000000"), IPV4(4));

    assert_int_equal(packet.kind, NTA_PACKET_FRAGMENT);
    assert_int_equal(outer_packets.n, 1);
}

static void a_mirrored_frame_has_addresses_and_tag_of_its_own(void **state)
{
    static const uint8_t station[6] = {10, 0, 0, 0, 0, 1}, mirror[6] = {2, 0, 0, 0, 0, 1};
    const struct nta_packet *outer_packet = &outer_packets.packets[0];

    (void)state;
    struct nta_packet packet =
        DECODE(&bench, 1, HEX("00"), UDP(9), IPV4(17), HEX("0a0000000002 0a0000000001 0800"),
               HEX("1000 88be 00000001 1017000100000000"), IPV4(47), HEX("0007 0800"), ETH(0x8100));

    assert_memory_equal(packet.src_mac, station, 6);
    assert_int_equal(packet.n_vlan, 1);
    assert_int_equal(packet.vlan[0], 23); /* as the mirror's header says */
    assert_memory_equal(outer_packet->src_mac, mirror, 6);
    assert_int_equal(outer_packet->n_vlan, 1);
    assert_int_equal(outer_packet->vlan[0], 7);
}

static void a_tag_that_the_mirrored_frame_kept_counts_once(void **state)
{
    (void)state;
    struct nta_packet packet =
        DECODE(&bench, 1, HEX("00"), UDP(9), IPV4(17), HEX("0019 0800"), ETH(0x8100),
               HEX("1000 88be 00000001 1019180100000000"), IPV4(47), ETH(0x0800));

    assert_int_equal(packet.n_vlan, 1);
    assert_int_equal(packet.vlan[0], 25);
}

static void a_tunnel_without_a_packet_leaves_the_frame_alone(void **state)
{
    static const uint8_t outer[6] = {2, 0, 0, 0, 0, 1};

    (void)state;
    /* a VXLAN frame with ARP in it, tagged */
    struct nta_packet packet = DECODE(&bench, 1, HEX("0001 0800 0604 0001"),
                                      HEX("0a0000000002 0a0000000001 8100 0005 0806"),
                                      HEX("08000000 00000100"), UDP(4789), IPV4(17), ETH(0x0800));

    assert_int_equal(packet.kind, NTA_PACKET_UDP);
    assert_int_equal(packet.dst_port, 4789);
    assert_memory_equal(packet.src_mac, outer, 6);
    assert_int_equal(packet.n_vlan, 0);
    assert_int_equal(outer_packets.n, 0);
}

/*
 * Two frames that the air carried as one: 802.11 QoS data, each frame with its ends, length, SNAP,
 * IP and UDP to `port`.
 */
#define AIR "8802 0000 020000000001 020000000002 020000000003 0000 8000"
#define FRAME(port)                                                                                \
    "0a0000000002 0a0000000001 0025 aaaa03 000000 0800 4500001d 00000000 40110000 0a000001 "       \
    "0a000002 0400" port "0009 0000 58"

static void frames_in_one_are_all_decoded(void **state)
{
    static const uint8_t station[6] = {10, 0, 0, 0, 0, 1};
    struct frame frame;

    (void)state;
    frame_init(&frame);
    frame_step(&frame, &(struct step)HEX(AIR FRAME("0007") "00" FRAME("0008") "00" FRAME("0009")));
    struct nta_packet packet = bench_frame(&bench, 105, &frame);

    assert_int_equal(packet.dst_port, 7);
    assert_memory_equal(packet.src_mac, station, 6);
    for (uint16_t port = 8; port <= 9; port++) {
        const uint8_t *at = nta_decode_next(&bench.decode, frame_bytes(&frame), &packet);

        assert_non_null(at);
        assert_int_equal(packet.kind, NTA_PACKET_UDP);
        assert_int_equal(packet.dst_port, port);
        assert_int_equal(packet.cap_len, 29);
        assert_int_equal(at[0], 0x45);
        assert_int_equal(at[packet.payload_off], 'X');
        assert_memory_equal(packet.src_mac, station, 6);
        assert_int_equal(packet.wall_ns, 42);
    }
    assert_null(nta_decode_next(&bench.decode, frame_bytes(&frame), &packet));
    assert_int_equal(outer_packets.rest_end, 0);
}

static void frames_in_one_are_bounded(void **state)
{
    struct frame frame;
    struct nta_packet packet;
    int n = 1;

    (void)state;
    frame_init(&frame);
    for (int i = 0; i < 75; i++) /* what fits into the space of a frame */
        frame_step(&frame, &(struct step)HEX(FRAME("0007") "00"));
    frame_step(&frame, &(struct step)HEX(AIR));
    packet = bench_frame(&bench, 105, &frame);
    while (nta_decode_next(&bench.decode, frame_bytes(&frame), &packet))
        n++;
    assert_int_equal(n, 65);
    assert_int_equal(nta_counted(&bench.counters, NTA_COUNTER_DECODE_DEPTH), 1);
}

/*
 * Each prefix, as a capture that cuts packets gives it: what is whole is told, nothing is read
 * behind it.
 */
static void frames_in_one_may_be_cut_anywhere(void **state)
{
    struct frame frame;

    (void)state;
    frame_init(&frame);
    frame_step(&frame, &(struct step)HEX(AIR FRAME("0007") "00" FRAME("0008")));
    for (size_t len = 0; len <= frame_len(&frame); len++) {
        uint8_t *exact = malloc(len ? len : 1);
        struct nta_packet packet = {.cap_len = (uint32_t)len,
                                    .wire_len = (uint32_t)frame_len(&frame)};

        assert_non_null(exact);
        memcpy(exact, frame_bytes(&frame), len);
        nta_decode_packet(&bench.decode, 105, exact, &packet);
        const uint8_t *at = exact;

        while ((at = nta_decode_next(&bench.decode, exact, &packet)))
            assert_true(at + packet.cap_len <= exact + len);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_tunnel_gives_its_outer_connection, fresh_bench),
        cmocka_unit_test_setup(six_in_four_and_six_in_six, fresh_bench),
        cmocka_unit_test_setup(teredo_is_known_by_its_port_or_its_addresses, fresh_bench),
        cmocka_unit_test_setup(on_any_port_what_is_inside_must_hold, fresh_bench),
        cmocka_unit_test_setup(nested_tunnels_are_given_outermost_first_and_bounded, fresh_bench),
        cmocka_unit_test_setup(a_packet_without_a_tunnel_has_none, fresh_bench),
        cmocka_unit_test_setup(what_is_broken_inside_was_carried_all_the_same, fresh_bench),
        cmocka_unit_test_setup(a_fragment_inside_was_carried, fresh_bench),
        cmocka_unit_test_setup(a_mirrored_frame_has_addresses_and_tag_of_its_own, fresh_bench),
        cmocka_unit_test_setup(a_tag_that_the_mirrored_frame_kept_counts_once, fresh_bench),
        cmocka_unit_test_setup(a_tunnel_without_a_packet_leaves_the_frame_alone, fresh_bench),
        cmocka_unit_test_setup(frames_in_one_are_all_decoded, fresh_bench),
        cmocka_unit_test_setup(frames_in_one_are_bounded, fresh_bench),
        cmocka_unit_test_setup(frames_in_one_may_be_cut_anywhere, fresh_bench),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
