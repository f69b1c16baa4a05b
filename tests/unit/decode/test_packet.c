/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of one packet: lengths, kinds, flags, hashes. */
#include "base/own.h"
#include "decode/bench.h"
#include "decode/frame.h"

#include <cmocka.h>

static struct bench bench;

static int fresh_bench(void **state)
{
    (void)state;
    bench_init(&bench);
    return 0;
}

#define ARP "0001 0800 0604 0002 020000000007 0a000007 020000000005 0a000005"

static void what_is_said_on_a_link_is_marked(void **state)
{
    (void)state;
    struct nta_packet arp = DECODE(&bench, 1, HEX(ARP), TAIL("0000"), ETH(0x0806));
    struct nta_packet dhcp = DECODE(&bench, 12, HEX("00"), UDP(67), IPV4(17));
    struct nta_packet other = DECODE(&bench, 12, HEX("00"), UDP(69), IPV4(17));

    assert_int_equal(arp.kind, NTA_PACKET_OTHER);
    assert_int_equal(arp.flags, NTA_PACKET_LINK | NTA_PACKET_MACS);
    assert_int_equal(arp.payload_off, 14);
    assert_int_equal(arp.payload_len, 28);
    assert_int_equal(dhcp.flags, NTA_PACKET_LINK);
    assert_int_equal(other.flags, 0);
}

static void arp_of_other_kinds_or_cut_short_says_nothing(void **state)
{
    (void)state;
    const struct nta_packet packets[] = {
        DECODE(&bench, 1, HEX("0006 0800 0604 0002 020000000007 0a000007 020000000005 0a000005"),
               ETH(0x0806)),
        DECODE(&bench, 1, HEX("0001 0800 0604 0002 020000000007 0a000007 020000000005 0a0000"),
               ETH(0x0806))};

    for (size_t i = 0; i < NTA_N_ELEMENTS(packets); i++)
        assert_int_equal(packets[i].flags & NTA_PACKET_LINK, 0);
}

static void neighbour_discovery_that_a_router_passed_on_is_none(void **state)
{
#define HEADER(hop_limit)                                                                          \
    "60000000 0018 3a" hop_limit                                                                   \
    "fe800000000000000000000000000005 fe800000000000000000000000000007 "
#define ADVERTISEMENT "88000000 60000000 fe800000000000000000000000000007"

    (void)state;
    const struct nta_packet near = DECODE(&bench, 12, HEX(HEADER("ff") ADVERTISEMENT));
    const struct nta_packet far = DECODE(&bench, 12, HEX(HEADER("fe") ADVERTISEMENT));

    assert_int_equal(near.kind, NTA_PACKET_IP);
    assert_int_equal(near.flags, NTA_PACKET_LINK);
    assert_int_equal(near.payload_len, 24);
    assert_int_equal(far.flags, 0);
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

static void ethernet_addresses_are_those_of_the_frame_around_the_packet(void **state)
{
    static const uint8_t src[6] = {10, 0, 0, 0, 0, 1}, dst[6] = {10, 0, 0, 0, 0, 2};

    (void)state;
    struct nta_packet packet =
        DECODE(&bench, 1, HEX("00"), UDP(9), IPV4(17), HEX("0800"),
               HEX("0a0000000002 0a0000000001"), HEX("0000 6558"), IPV4(47), ETH(0x0800));

    assert_int_equal(packet.kind, NTA_PACKET_UDP);
    assert_true(packet.flags & NTA_PACKET_MACS);
    assert_memory_equal(packet.src_mac, src, 6);
    assert_memory_equal(packet.dst_mac, dst, 6);
    packet = DECODE(&bench, 12, HEX("00"), UDP(9), IPV4(17));
    assert_false(packet.flags & NTA_PACKET_MACS);
}

static void ethernet_addresses_are_those_of_stations_not_of_a_mesh(void **state)
{
    static const uint8_t src[6] = {10, 0, 0, 0, 0, 1}, dst[6] = {10, 0, 0, 0, 0, 2};

    (void)state;
    struct nta_packet packet =
        DECODE(&bench, 1, HEX("00"), UDP(9), IPV4(17), HEX("0800"),
               HEX("0a0000000002 0a0000000001"), HEX("400f 3f01 020000000003"), ETH(0x4305));

    assert_memory_equal(packet.src_mac, src, 6);
    assert_memory_equal(packet.dst_mac, dst, 6);
}

#define INSIDE "0a000001 0a000002 0400 0009 0009 0000 58"

static void what_only_looks_like_a_tunnel_on_another_port_is_none(void **state)
{
    /* a checksum; a place that must be zero; a checksum, a length; nobody's address */
    static const char *const strange[] = {
        "08000000 00000100 020000000002 020000000001 0800 4500001d 00000000 40110000" INSIDE,
        "08000000 00000101 020000000002 020000000001 0800 4500001d 00000000 401166ce" INSIDE,
        "4500001d 00000000 40110000" INSIDE,
        "4500001d 00000000 401166ce" INSIDE "00",
        "60000000 00091140 40010db8000000000000000000000001 20010db8000000000000000000000002"
        "0400 0009 0009 0000 58",
    };
    struct nta_packet packet;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(strange); i++) {
        packet = DECODE(&bench, 1, HEX(strange[i]), UDP(40001), IPV4(17), ETH(0x0800));
        assert_int_equal(packet.dst_port, 40001);
        assert_false(packet.flags & NTA_PACKET_TUNNEL);
    }
    packet = DECODE(&bench, 12, HEX("4500001d 00000000 401166ce" INSIDE), UDP(40001), IPV4(17));
    assert_int_equal(packet.dst_port, 9);
    assert_true(packet.flags & NTA_PACKET_TUNNEL);
}

static void wlan_addresses_are_the_ends_not_the_access_point(void **state)
{
    static const uint8_t one[6] = {2, 0, 0, 0, 0, 1}, three[6] = {2, 0, 0, 0, 0, 3};

    (void)state;
    struct nta_packet packet =
        DECODE(&bench, 105, HEX("00"), UDP(9), IPV4(17),
               HEX("0802 0000 020000000001 020000000002 020000000003 0000 aaaa03 000000 0800"));

    assert_memory_equal(packet.src_mac, three, 6);
    assert_memory_equal(packet.dst_mac, one, 6);
}

static void ipv6_extension_headers_are_walked(void **state)
{
    (void)state;
    struct nta_packet packet = DECODE(&bench, 1, HEX("6869"), UDP(53),
                                      HEX("1104 0000 00000001 00000002 000000000000000000000000"),
                                      HEX("3300 0000 00000000"),
                                      HEX("3c02 0000 00000000 00000000000000000000000000000000"),
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

static void atomic_fragment_is_a_whole_packet(void **state)
{
    (void)state;
    struct nta_packet packet =
        DECODE(&bench, 12, HEX("6869"), UDP(53), HEX("1100 0000 00000001"), IPV6(44));

    assert_int_equal(packet.kind, NTA_PACKET_UDP);
}

static void fragments_have_addresses_and_no_ports(void **state)
{
    (void)state;
    struct nta_packet v6 =
        DECODE(&bench, 12, HEX("0102030405060708"), HEX("1100 0008 00000001"), IPV6(44));
    struct nta_packet v4 =
        DECODE(&bench, 12, HEX("4500001c 12342001 40110000 0a000001 0a000002 0102030405060708"));

    assert_int_equal(v6.kind, NTA_PACKET_FRAGMENT);
    assert_int_equal(v4.kind, NTA_PACKET_FRAGMENT);
    assert_int_equal(v6.ip_proto, 17);
    assert_int_equal(v4.ip_proto, 17);
    assert_int_equal(v4.src_port | v4.dst_port | v6.src_port | v6.dst_port, 0);
    assert_int_equal(v6.payload_off, 48);
    assert_int_equal(v4.payload_off, 20);
    assert_int_equal(v4.payload_len, 8);
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

static void what_headers_claim_beyond_the_frame_does_not_count(void **state)
{
    struct frame frame;

    (void)state;
    frame_tcp(&frame);
    set_be16(frame.buf + frame.start + 2, 65535);
    struct nta_packet packet = bench_frame(&bench, 12, &frame);

    assert_int_equal(packet.kind, NTA_PACKET_TCP);
    assert_int_equal(packet.payload_len, 5);
    assert_int_equal(packet.payload_wire_len, 5);
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
    set_be16(frame.buf + frame.start + 2, 0);
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
    set_be16(frame.buf + frame.start + 4, 0);
    struct nta_packet packet =
        bench_decode(&bench, 12, frame_bytes(&frame), frame_len(&frame), 90040);

    assert_int_equal(packet.kind, NTA_PACKET_TCP);
    assert_int_equal(packet.payload_len, 2);
    assert_int_equal(packet.payload_wire_len, 90000 - 28);
}

static void udp_length_cuts_what_is_behind(void **state)
{
    (void)state;
    struct nta_packet packet =
        DECODE(&bench, 12, HEX("9c400035 000a0000 6869"), TAIL("ffff"), IPV4(17));

    assert_int_equal(packet.payload_len, 2);
    assert_int_equal(packet.payload_wire_len, 2);
    packet = DECODE(&bench, 12, HEX("9c400035 00640000 6869"), IPV4(17));
    assert_int_equal(packet.payload_wire_len, 2);
    packet = DECODE(&bench, 12, HEX("9c400035 00000000 6869"), IPV4(17));
    assert_int_equal(packet.payload_wire_len, 2);
}

static void both_directions_hash_alike(void **state)
{
    (void)state;
    struct nta_packet there = DECODE(&bench, 12, HEX("9c400035 000a0000 6869"),
                                     HEX("4500001e 00000000 40110000 0a000001 0a000002"));
    struct nta_packet back = DECODE(&bench, 12, HEX("00359c40 000a0000 6869"),
                                    HEX("4500001e 00000000 40110000 0a000002 0a000001"));
    struct nta_packet other = DECODE(&bench, 12, HEX("00369c40 000a0000 6869"),
                                     HEX("4500001e 00000000 40110000 0a000002 0a000001"));
    struct nta_packet crossed = DECODE(&bench, 12, HEX("00359c40 000a0000 6869"),
                                       HEX("4500001e 00000000 40110000 0a000001 0a000002"));

    assert_int_equal(there.flow_hash, back.flow_hash);
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
    struct nta_packet a = DECODE(&bench, 229, HEX(there)), b = DECODE(&bench, 229, HEX(back));

    assert_int_equal(a.kind, NTA_PACKET_UDP);
    assert_int_equal(a.flow_hash, b.flow_hash);
}

static void one_host_with_itself_hashes_alike(void **state)
{
    (void)state;
    struct nta_packet there = DECODE(&bench, 12, HEX("9c400035 00080000"),
                                     HEX("4500001c 00000000 40110000 7f000001 7f000001"));
    struct nta_packet back = DECODE(&bench, 12, HEX("00359c40 00080000"),
                                    HEX("4500001c 00000000 40110000 7f000001 7f000001"));

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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fresh_bench)
    const struct CMUnitTest tests[] = {
        TEST(what_is_said_on_a_link_is_marked),
        TEST(arp_of_other_kinds_or_cut_short_says_nothing),
        TEST(neighbour_discovery_that_a_router_passed_on_is_none),
        TEST(addresses_keep_their_byte_order),
        TEST(ethernet_addresses_are_those_of_the_frame_around_the_packet),
        TEST(ethernet_addresses_are_those_of_stations_not_of_a_mesh),
        TEST(what_only_looks_like_a_tunnel_on_another_port_is_none),
        TEST(wlan_addresses_are_the_ends_not_the_access_point),
        TEST(ipv6_extension_headers_are_walked),
        TEST(atomic_fragment_is_a_whole_packet),
        TEST(fragments_have_addresses_and_no_ports),
        TEST(captured_and_wire_length_are_apart),
        TEST(what_headers_claim_beyond_the_frame_does_not_count),
        TEST(tcp_cut_in_its_options_keeps_its_length),
        TEST(length_zero_means_to_the_end),
        TEST(jumbo_payload_option_is_the_length),
        TEST(udp_length_cuts_what_is_behind),
        TEST(both_directions_hash_alike),
        TEST(both_directions_hash_alike_in_ipv6),
        TEST(one_host_with_itself_hashes_alike),
        TEST(hashes_depend_on_the_key),
        TEST(datagram_keeps_what_its_packet_knew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
