/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of one packet: lengths, kinds, flags, hashes, counters. */
#include "base/own.h"
#include "decode/frame.h"

#include <cmocka.h>

static struct bench bench;

static int fresh_bench(void **state)
{
    (void)state;
    bench_init(&bench);
    return 0;
}

static struct nta_packet decode_steps(int link_type, const struct step *steps, size_t n_steps)
{
    struct frame frame;

    frame_init(&frame);
    frame_steps(&frame, steps, n_steps);
    return bench_frame(&bench, link_type, &frame);
}

#define DECODE(link_type, ...)                                                                     \
    decode_steps((link_type), (const struct step[]){__VA_ARGS__},                                  \
                 NTA_N_ELEMENTS(((const struct step[]){__VA_ARGS__})))

static void assert_counted(enum nta_counter which, uint64_t n)
{
    assert_int_equal(nta_counted(&bench.counters, which), n);
}

static uint64_t unknown(enum nta_unknown_kind kind, uint32_t number)
{
    for (size_t i = 0; i < NTA_UNKNOWN_SLOTS; i++)
        if (bench.unknowns.slots[i].key == (((uint32_t)kind + 1) << 24 | number))
            return bench.unknowns.slots[i].n;
    return 0;
}

static void addresses_keep_their_byte_order(void **state)
{
    static const uint8_t src[4] = {192, 0, 2, 1}, dst[4] = {198, 51, 100, 2};
    struct frame frame;

    (void)state;
    frame_tcp(&frame);
    struct nta_packet packet = bench_frame(&bench, 12, &frame);
    struct nta_addr want_src = nta_addr_v4(src), want_dst = nta_addr_v4(dst);

    assert_true(nta_addr_equal(&packet.src, &want_src));
    assert_true(nta_addr_equal(&packet.dst, &want_dst));
}

static void ethernet_addresses_are_the_outermost(void **state)
{
    static const uint8_t src[6] = {2, 0, 0, 0, 0, 1}, dst[6] = {2, 0, 0, 0, 0, 2};

    (void)state;
    struct nta_packet packet =
        DECODE(1, HEX("00"), UDP(9), IPV4(17), HEX("0800"), HEX("0a0000000002 0a0000000001"),
               HEX("0000 6558"), IPV4(47), ETH(0x0800));

    assert_int_equal(packet.kind, NTA_PACKET_UDP);
    assert_true(packet.flags & NTA_PACKET_MACS);
    assert_memory_equal(packet.src_mac, src, 6);
    assert_memory_equal(packet.dst_mac, dst, 6);
    packet = DECODE(12, HEX("00"), UDP(9), IPV4(17));
    assert_false(packet.flags & NTA_PACKET_MACS);
}

static void wlan_addresses_are_the_ends_not_the_access_point(void **state)
{
    static const uint8_t one[6] = {2, 0, 0, 0, 0, 1}, three[6] = {2, 0, 0, 0, 0, 3};

    (void)state;
    struct nta_packet packet =
        DECODE(105, HEX("00"), UDP(9), IPV4(17),
               HEX("0802 0000 020000000001 020000000002 020000000003 0000 aaaa03 000000 0800"));

    assert_memory_equal(packet.src_mac, three, 6);
    assert_memory_equal(packet.dst_mac, one, 6);
}

static void ipv6_extension_headers_are_walked(void **state)
{
    (void)state;
    struct nta_packet packet = DECODE(
        1, HEX("6869"), UDP(53), HEX("1104 0000 00000001 00000002 000000000000000000000000"),
        HEX("3300 0000 00000000"), HEX("3c02 0000 00000000 00000000000000000000000000000000"),
        HEX("2b00 0104 00000000"), IPV6(0), ETH(0x86dd));

    assert_int_equal(packet.kind, NTA_PACKET_UDP);
    assert_int_equal(packet.ip_proto, 17);
    assert_int_equal(packet.src_port, 40000);
    assert_int_equal(packet.dst_port, 53);
    assert_int_equal(packet.l3_off, 14);
    assert_int_equal(packet.payload_len, 2);
    assert_int_equal(packet.payload_wire_len, 2);
    assert_false(packet.flags & NTA_PACKET_TUNNEL);
}

static void endless_extension_headers_end(void **state)
{
    struct frame frame;

    (void)state;
    frame_init(&frame);
    for (int i = 0; i < 100; i++)
        frame_step(&frame, &(struct step)HEX("3c00 0000 00000000"));
    frame_step(&frame, &(struct step)IPV6(60));
    struct nta_packet packet = bench_frame(&bench, 12, &frame);

    assert_int_equal(packet.kind, NTA_PACKET_IP);
    assert_counted(NTA_COUNTER_DECODE_DEPTH, 1);
}

static void atomic_fragment_is_a_whole_packet(void **state)
{
    (void)state;
    struct nta_packet packet =
        DECODE(12, HEX("6869"), UDP(53), HEX("1100 0000 00000001"), IPV6(44));

    assert_int_equal(packet.kind, NTA_PACKET_UDP);
}

static void fragments_have_addresses_and_no_ports(void **state)
{
    (void)state;
    struct nta_packet v6 = DECODE(12, HEX("0102030405060708"), HEX("1100 0008 00000001"), IPV6(44));
    struct nta_packet v4 =
        DECODE(12, HEX("4500001c 12342001 40110000 0a000001 0a000002 0102030405060708"));

    assert_int_equal(v6.kind, NTA_PACKET_FRAGMENT);
    assert_int_equal(v4.kind, NTA_PACKET_FRAGMENT);
    assert_int_equal(v6.ip_proto, 17);
    assert_int_equal(v4.ip_proto, 17);
    assert_int_equal(v4.src_port | v4.dst_port | v6.src_port | v6.dst_port, 0);
    assert_int_equal(v6.payload_off, 48);
    assert_int_equal(v4.payload_off, 20);
    assert_int_equal(v4.payload_len, 8);
    assert_int_not_equal(v4.addr_hash, 0);

    struct nta_packet whole = DECODE(12, HEX("00"), UDP(9), IPV4(17));

    assert_int_equal(whole.addr_hash, v4.addr_hash);
}

static void captured_and_wire_length_are_apart(void **state)
{
    struct frame frame;

    (void)state;
    frame_tcp(&frame);
    struct nta_packet packet = bench_decode(&bench, 12, frame_bytes(&frame), 42, 45);

    assert_int_equal(packet.kind, NTA_PACKET_TCP);
    assert_int_equal(packet.payload_len, 2);
    assert_int_equal(packet.payload_wire_len, 5);
    assert_true(packet.flags & NTA_PACKET_CUT);
}

static void headers_may_claim_more_than_is_there(void **state)
{
    struct frame frame;

    (void)state;
    frame_tcp(&frame);
    set_be16(frame.room + frame.start + 2, 65535);
    struct nta_packet packet = bench_frame(&bench, 12, &frame);

    assert_int_equal(packet.kind, NTA_PACKET_TCP);
    assert_int_equal(packet.payload_len, 5);
    assert_int_equal(packet.payload_wire_len, 65495);
}

static void tcp_cut_in_its_options_keeps_its_length(void **state)
{
    (void)state;
    struct frame frame;

    frame_init(&frame);
    frame_steps(&frame,
                (const struct step[]){HEX("04d20050 00000001 00000002 80180400 00000000"
                                          "0101080a0000000100000002 6869"),
                                      IPV4(6)},
                2);
    struct nta_packet packet = bench_decode(&bench, 12, frame_bytes(&frame), 44, 54);

    assert_int_equal(packet.kind, NTA_PACKET_TCP);
    assert_int_equal(packet.payload_len, 0);
    assert_int_equal(packet.payload_off, 44);
    assert_int_equal(packet.payload_wire_len, 2);
}

static void length_zero_means_to_the_end(void **state)
{
    struct frame frame;

    (void)state;
    frame_tcp(&frame);
    set_be16(frame.room + frame.start + 2, 0);
    frame_step(&frame, &(struct step)ETH(0x0800));
    struct nta_packet packet =
        bench_decode(&bench, 1, frame_bytes(&frame), frame_len(&frame), 100000);

    assert_int_equal(packet.payload_len, 5);
    assert_int_equal(packet.payload_wire_len, 100000 - 54);
}

static void jumbo_payload_option_is_the_length(void **state)
{
    struct frame frame;

    (void)state;
    frame_init(&frame);
    frame_steps(&frame,
                (const struct step[]){HEX("04d20050 00000001 00000002 50180400 00000000 6869"),
                                      HEX("0600 c204 00015f90"), IPV6(0)},
                3);
    set_be16(frame.room + frame.start + 4, 0);
    struct nta_packet packet =
        bench_decode(&bench, 12, frame_bytes(&frame), frame_len(&frame), 90040);

    assert_int_equal(packet.kind, NTA_PACKET_TCP);
    assert_int_equal(packet.payload_len, 2);
    assert_int_equal(packet.payload_wire_len, 90000 - 28);
}

static void udp_length_cuts_what_is_behind(void **state)
{
    (void)state;
    struct nta_packet packet = DECODE(12, HEX("9c400035 000a0000 6869"), TAIL("ffff"), IPV4(17));

    assert_int_equal(packet.payload_len, 2);
    assert_int_equal(packet.payload_wire_len, 2);
    packet = DECODE(12, HEX("9c400035 00640000 6869"), IPV4(17));
    assert_int_equal(packet.payload_wire_len, 2);
    packet = DECODE(12, HEX("9c400035 00000000 6869"), IPV4(17));
    assert_int_equal(packet.payload_wire_len, 2);
}

static void contradictions_are_bad(void **state)
{
    static const char *const headers[] = {
        "45000013 12344000 40060000 c0000201 c6336402",          /* total < header */
        "44000014 12344000 40060000 c0000201 c6336402",          /* header < 20 */
        "65000014 12344000 40060000 c0000201 c6336402",          /* version */
        "45000018 12344000 40060000 c0000201 c6336402 04d20050", /* no room for TCP */
        "45000028 12344000 40060000 c0000201 c6336402 04d20050 0000000000000000 4018040000000000",
        "45000028 12344000 40060000 c0000201 c6336402 04d20050 0000000000000000 6018040000000000",
        "4500001c 12344000 40110000 c0000201 c6336402 04d20050 00070000", /* UDP < 8 */
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(headers); i++) {
        bench_init(&bench);
        struct nta_packet packet = DECODE(228, HEX(headers[i]), TAIL("00000000"));

        assert_int_equal(packet.kind, NTA_PACKET_OTHER);
        assert_int_equal(packet.addr_hash, 0);
        assert_int_equal(packet.flow_hash, 0);
        assert_counted(NTA_COUNTER_DECODE_BAD, 1);
        assert_counted(NTA_COUNTER_DECODE_SHORT, 0);
    }
}

static void header_behind_the_snap_length_is_short(void **state)
{
    struct frame frame;

    (void)state;
    frame_tcp(&frame);
    struct nta_packet packet = bench_decode(&bench, 12, frame_bytes(&frame), 30, 45);

    assert_int_equal(packet.kind, NTA_PACKET_OTHER);
    assert_counted(NTA_COUNTER_DECODE_SHORT, 1);
    assert_counted(NTA_COUNTER_DECODE_BAD, 0);
}

static void both_directions_hash_alike(void **state)
{
    (void)state;
    struct nta_packet there = DECODE(12, HEX("9c400035 000a0000 6869"),
                                     HEX("4500001e 00000000 40110000 0a000001 0a000002"));
    struct nta_packet back = DECODE(12, HEX("00359c40 000a0000 6869"),
                                    HEX("4500001e 00000000 40110000 0a000002 0a000001"));
    struct nta_packet other = DECODE(12, HEX("00369c40 000a0000 6869"),
                                     HEX("4500001e 00000000 40110000 0a000002 0a000001"));
    struct nta_packet crossed = DECODE(12, HEX("00359c40 000a0000 6869"),
                                       HEX("4500001e 00000000 40110000 0a000001 0a000002"));

    assert_int_equal(there.flow_hash, back.flow_hash);
    assert_int_equal(there.addr_hash, back.addr_hash);
    assert_int_equal(other.addr_hash, back.addr_hash);
    assert_int_not_equal(other.flow_hash, back.flow_hash);
    assert_int_not_equal(crossed.flow_hash, there.flow_hash);
}

static void both_directions_hash_alike_in_ipv6(void **state)
{
    static const char there[] = "60000000 000a1140 20010db8000000000000000000000001"
                                "20010db8000000000000000000000002 9c400035 000a0000 6869";
    static const char back[] = "60000000 000a1140 20010db8000000000000000000000002"
                               "20010db8000000000000000000000001 00359c40 000a0000 6869";

    (void)state;
    struct nta_packet a = DECODE(229, HEX(there)), b = DECODE(229, HEX(back));

    assert_int_equal(a.kind, NTA_PACKET_UDP);
    assert_int_equal(a.flow_hash, b.flow_hash);
    assert_int_equal(a.addr_hash, b.addr_hash);
}

static void one_host_with_itself_hashes_alike(void **state)
{
    (void)state;
    struct nta_packet there =
        DECODE(12, HEX("9c400035 00080000"), HEX("4500001c 00000000 40110000 7f000001 7f000001"));
    struct nta_packet back =
        DECODE(12, HEX("00359c40 00080000"), HEX("4500001c 00000000 40110000 7f000001 7f000001"));

    assert_int_equal(there.flow_hash, back.flow_hash);
}

static void hashes_depend_on_the_key(void **state)
{
    struct frame frame;

    (void)state;
    frame_tcp(&frame);
    struct nta_packet one = bench_frame(&bench, 12, &frame);

    bench.decode.key.k0++;
    struct nta_packet two = bench_frame(&bench, 12, &frame);

    assert_int_not_equal(one.flow_hash, two.flow_hash);
    assert_int_not_equal(one.addr_hash, two.addr_hash);
}

static void what_is_not_known_is_counted_by_number(void **state)
{
    (void)state;
    struct nta_packet packet = DECODE(1, HEX("0000"), ETH(0x4321));

    assert_int_equal(packet.kind, NTA_PACKET_OTHER);
    packet = DECODE(1, HEX("0000"), IPV4(253), ETH(0x0800));
    assert_int_equal(packet.kind, NTA_PACKET_IP);
    assert_int_equal(packet.ip_proto, 253);
    packet = DECODE(147, HEX("0000"));
    assert_int_equal(packet.kind, NTA_PACKET_OTHER);
    assert_counted(NTA_COUNTER_DECODE_UNKNOWN, 3);
    assert_int_equal(unknown(NTA_UNKNOWN_ETHER_TYPE, 0x4321), 1);
    assert_int_equal(unknown(NTA_UNKNOWN_IP_PROTO, 253), 1);
    assert_int_equal(unknown(NTA_UNKNOWN_LINK_TYPE, 147), 1);
    assert_false(nta_decode_knows_link(147));
    assert_false(nta_decode_knows_link(-1));
    assert_true(nta_decode_knows_link(1));
}

static void what_is_known_but_carries_nothing_is_not_counted(void **state)
{
    (void)state;
    struct nta_packet arp = DECODE(1, HEX("0001080006040001"), ETH(0x0806));
    struct nta_packet stp = DECODE(1, HEX("424203 0000"), LEN(0), HEX("0180c2000000 020000000001"));
    struct nta_packet icmp = DECODE(1, HEX("0800 0000 00010001"), IPV4(1), ETH(0x0800));

    assert_int_equal(arp.kind, NTA_PACKET_OTHER);
    assert_int_equal(stp.kind, NTA_PACKET_OTHER);
    assert_int_equal(icmp.kind, NTA_PACKET_IP);
    assert_int_equal(icmp.ip_proto, 1);
    assert_int_equal(icmp.payload_len, 8);
    assert_int_not_equal(icmp.addr_hash, 0);
    for (int which = 0; which < NTA_N_COUNTERS; which++)
        assert_counted((enum nta_counter)which, 0);
}

static void tunnel_port_without_a_tunnel_stays_udp(void **state)
{
    static const unsigned ports[] = {4789, 8472, 4790, 6081, 2152, 37008,
                                     1701, 3544, 6635, 4754, 5072};
    static const char *const payloads[] = {
        "",
        "08",
        "0800000000000100",
        "0800000000000100 020000000002020000000001 0800 45",
        "0800000000000100 020000000002020000000001 0800 4500ffff000000000000000000000000000000000000",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "30ff000400000001 45000000",
        "0000080045000014000000004006000000000000",
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(ports); i++) {
        for (size_t j = 0; j < NTA_N_ELEMENTS(payloads); j++) {
            struct nta_packet packet =
                DECODE(1, HEX(payloads[j]), UDP(ports[i]), IPV4(17), ETH(0x0800));

            assert_int_equal(packet.kind, NTA_PACKET_UDP);
            assert_int_equal(packet.dst_port, ports[i]);
            assert_int_equal(packet.l3_off, 14);
            assert_int_equal(packet.payload_off, 42);
            assert_false(packet.flags & NTA_PACKET_TUNNEL);
            assert_int_equal(packet.n_vlan, 0);
        }
    }
    for (int which = 0; which < NTA_N_COUNTERS; which++)
        assert_counted((enum nta_counter)which, 0);
}

static void broken_inside_of_a_tunnel_leaves_the_outside(void **state)
{
    static const uint8_t outer[4] = {10, 0, 0, 1};

    (void)state;
    struct nta_packet packet = DECODE(12, HEX("45"), HEX("0000 0800"), IPV4(47));
    struct nta_addr want = nta_addr_v4(outer);

    assert_int_equal(packet.kind, NTA_PACKET_IP);
    assert_int_equal(packet.ip_proto, 47);
    assert_true(nta_addr_equal(&packet.src, &want));
    assert_counted(NTA_COUNTER_DECODE_BAD, 1);
}

static void nested_tunnels_end(void **state)
{
    struct frame frame;

    (void)state;
    frame_tcp(&frame);
    for (int i = 0; i < 50; i++)
        frame_step(&frame, &(struct step)IPV4(4));
    struct nta_packet packet = bench_frame(&bench, 12, &frame);

    assert_int_equal(packet.kind, NTA_PACKET_IP);
    assert_counted(NTA_COUNTER_DECODE_DEPTH, 1);
}

static void datagram_keeps_what_its_packet_knew(void **state)
{
    struct frame frame;

    (void)state;
    frame_tcp(&frame);
    struct nta_packet packet = {.wall_ns = 5,
                                .cap_len = 45,
                                .wire_len = 45,
                                .source = 2,
                                .kind = NTA_PACKET_FRAGMENT,
                                .n_vlan = 1,
                                .vlan = {10},
                                .flags = NTA_PACKET_MACS | NTA_PACKET_TUNNEL | NTA_PACKET_CUT,
                                .src_mac = {2},
                                .dst_mac = {4}};

    nta_decode_datagram(&bench.decode, frame_bytes(&frame), &packet);
    assert_int_equal(packet.kind, NTA_PACKET_TCP);
    assert_int_equal(packet.flags, NTA_PACKET_MACS | NTA_PACKET_TUNNEL | NTA_PACKET_FRAG_END);
    assert_int_equal(packet.wall_ns, 5);
    assert_int_equal(packet.source, 2);
    assert_int_equal(packet.vlan[0], 10);
    assert_int_equal(packet.src_mac[0], 2);
    assert_int_equal(packet.l3_off, 0);
    assert_int_equal(packet.payload_off, 40);

    struct nta_packet direct = bench_frame(&bench, 12, &frame);

    assert_int_equal(direct.flow_hash, packet.flow_hash);
}

static void empty_packet_is_bad_or_short(void **state)
{
    (void)state;
    for (int link_type = 0; link_type < 300; link_type++) {
        struct nta_packet packet = bench_decode(&bench, link_type, (const uint8_t *)"", 0, 0);

        assert_int_equal(packet.kind, NTA_PACKET_OTHER);
        packet = bench_decode(&bench, link_type, (const uint8_t *)"", 0, UINT32_MAX);
        assert_int_equal(packet.kind, NTA_PACKET_OTHER);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fresh_bench)
    const struct CMUnitTest tests[] = {
        TEST(addresses_keep_their_byte_order),
        TEST(ethernet_addresses_are_the_outermost),
        TEST(wlan_addresses_are_the_ends_not_the_access_point),
        TEST(ipv6_extension_headers_are_walked),
        TEST(endless_extension_headers_end),
        TEST(atomic_fragment_is_a_whole_packet),
        TEST(fragments_have_addresses_and_no_ports),
        TEST(captured_and_wire_length_are_apart),
        TEST(headers_may_claim_more_than_is_there),
        TEST(tcp_cut_in_its_options_keeps_its_length),
        TEST(length_zero_means_to_the_end),
        TEST(jumbo_payload_option_is_the_length),
        TEST(udp_length_cuts_what_is_behind),
        TEST(contradictions_are_bad),
        TEST(header_behind_the_snap_length_is_short),
        TEST(both_directions_hash_alike),
        TEST(both_directions_hash_alike_in_ipv6),
        TEST(one_host_with_itself_hashes_alike),
        TEST(hashes_depend_on_the_key),
        TEST(what_is_not_known_is_counted_by_number),
        TEST(what_is_known_but_carries_nothing_is_not_counted),
        TEST(tunnel_port_without_a_tunnel_stays_udp),
        TEST(broken_inside_of_a_tunnel_leaves_the_outside),
        TEST(nested_tunnels_end),
        TEST(datagram_keeps_what_its_packet_knew),
        TEST(empty_packet_is_bad_or_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
