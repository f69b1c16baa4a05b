/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One TCP packet inside everything that can carry it: it must always be found, and never with a
 * byte too many.
 */
#include "base/own.h"
#include "decode/bench.h"
#include "decode/frame.h"

#include <cmocka.h>

struct sample
{
    const char *name;
    int link_type;
    bool tunnelled;
    uint8_t n_vlan;
    struct step steps[STEPS_MAX]; ///< Around the TCP packet, from the inside out.
};

#define SNAP           "aaaa03 000000 0800"
#define WLAN_ADDRESSES "020000000001 020000000002 020000000003 0000"

static const struct sample samples[] = {
    {"ethernet", 1, 0, 0, {ETH(0x0800)}},
    {"ethernet with padding", 1, 0, 0, {TAIL("0000000000000000"), ETH(0x0800)}},
    {"802.1Q", 1, 0, 1, {HEX("000a 0800"), ETH(0x8100)}},
    {"802.1ad", 1, 0, 2, {HEX("000a 8100 0014 0800"), ETH(0x88a8)}},
    {"802.1Q in 0x9100", 1, 0, 2, {HEX("000a 8100 0014 0800"), ETH(0x9100)}},
    {"802.1Q in 0x9200", 1, 0, 2, {HEX("000a 8100 0014 0800"), ETH(0x9200)}},
    {"802.1Q in 0x9300", 1, 0, 2, {HEX("000a 8100 0014 0800"), ETH(0x9300)}},
    {"three tags", 1, 0, 2, {HEX("000a 8100 0014 8100 001e 0800"), ETH(0x8100)}},
    {"priority tag", 1, 0, 0, {HEX("e000 0800"), ETH(0x8100)}},
    {"vn tag", 1, 0, 0, {HEX("00000001 0800"), ETH(0x8926)}},
    {"metadata tag", 1, 0, 0, {HEX("0101 00010002 0800"), ETH(0x8909)}},
    {"extended bridge's tag", 1, 0, 0, {HEX("00010002 0000 0800"), ETH(0x893f)}},
    {"hsr", 1, 0, 0, {HEX("103a 0007 0800"), ETH(0x892f)}},
    {"802.3 snap", 1, 0, 0, {HEX(SNAP), LEN(0), HEX("020000000002020000000001")}},
    {"tagged 802.3 snap", 1, 0, 1, {HEX(SNAP), LEN(0), HEX("000a"), ETH(0x8100)}},
    {"802.3 llc ip", 1, 0, 0, {HEX("060603"), LEN(0), HEX("020000000002020000000001")}},
    {"cooked", 113, 0, 0, {HEX("0000 0001 0006 0200000000010000 0800")}},
    {"cooked with tag", 113, 0, 1, {HEX("0000 0001 0006 0200000000010000 8100 000a 0800")}},
    {"cooked llc", 113, 0, 0, {HEX("0000 0001 0006 0200000000010000 0004" SNAP)}},
    {"cooked v2", 276, 0, 0, {HEX("0800 0000 00000002 0001 00 06 0200000000010000")}},
    {"raw 12", 12, 0, 0, {{0}}},
    {"raw 14", 14, 0, 0, {{0}}},
    {"raw 101", 101, 0, 0, {{0}}},
    {"raw ipv4", 228, 0, 0, {{0}}},
    {"null, little endian", 0, 0, 0, {HEX("02000000")}},
    {"null, big endian", 0, 0, 0, {HEX("00000002")}},
    {"null, EtherType", 0, 0, 0, {HEX("0f000800")}},
    {"loop", 108, 0, 0, {HEX("00000002")}},
    {"nflog", 239, 0, 0, {HEX("02000000 08000100 aabbccdd 31000900")}},
    {"pflog",
     117,
     0,
     0,
     {HEX("3d020000"
          "00000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000"
          "00000000")}},
    {"ppi", 192, 0, 0, {ETH(0x0800), HEX("00000800 01000000")}},
    {"pktap", 258, 0, 0, {ETH(0x0800), HEX("10000000 01000000 01000000 00000000")}},
    {"fddi", 10, 0, 0, {HEX("50 020000000002 020000000001" SNAP)}},
    {"ipoib",
     242,
     0,
     0,
     {HEX("00000000000000000000000000000000000000000000000000000000000000000000000000000000 "
          "08000000")}},
    {"atm snap", 11, 0, 0, {HEX(SNAP)}},
    {"bridged in atm", 11, 0, 0, {ETH(0x0800), HEX("aaaa03 0080c2 0007 0000")}},
    {"ipnet", 226, 0, 0, {HEX("01 02 0003 00000018 00000001 00000000 00000000 00000001")}},
    {"slip", 8, 0, 0, {HEX("00 45 0000000000000000000000000000")}},
    {"switch tag of marvell", 284, 0, 1, {HEX("020000000002020000000001 e018000a 0800")}},
    {"switch tag of marvell, untagged", 284, 0, 0, {HEX("020000000002020000000001 c018000a 0800")}},
    {"switch tag of marvell and 802.1Q",
     284,
     0,
     2,
     {HEX("020000000002020000000001 e018000a 8100 0014 0800")}},
    {"switch tag of marvell, typed",
     285,
     0,
     1,
     {HEX("020000000002020000000001 dada 0000 2018000a 0800")}},
    {"switch tag of marvell around snap",
     284,
     0,
     0,
     {HEX(SNAP), LEN(0), HEX("020000000002020000000001 c018000a")}},
    {"switch tag of broadcom", 281, 0, 0, {HEX("020000000002020000000001 00000008 0800")}},
    {"switch tag of broadcom in front", 282, 0, 0, {ETH(0x0800), HEX("00000008")}},
    {"ppp", 9, 0, 0, {HEX("ff03 0021")}},
    {"ppp without address", 9, 0, 0, {HEX("0021")}},
    {"ppp with short protocol", 9, 0, 0, {HEX("21")}},
    {"ppp serial", 50, 0, 0, {HEX("ff03 0021")}},
    {"ppp with direction", 204, 0, 0, {HEX("01 ff03 0021")}},
    {"pppd", 166, 0, 0, {HEX("01 03 0021")}},
    {"cisco hdlc", 104, 0, 0, {HEX("0f00 0800")}},
    {"cisco hdlc multicast", 50, 0, 0, {HEX("8f00 0800")}},
    {"frame relay", 107, 0, 0, {HEX("1841 03 cc")}},
    {"frame relay snap", 107, 0, 0, {HEX("1841 03 00 80 000000 0800")}},
    {"frame relay cisco", 107, 0, 0, {HEX("1841 0800")}},
    {"pppoe", 1, 0, 0, {HEX("0021"), LEN(0), HEX("1100 0001"), ETH(0x8864)}},
    {"pppoe with short protocol", 1, 0, 0, {HEX("21"), LEN(0), HEX("1100 0001"), ETH(0x8864)}},
    {"pppoe link", 51, 0, 0, {HEX("0021"), LEN(0), HEX("1100 0001")}},
    {"802.11 from ds", 105, 0, 0, {HEX("0802 0000" WLAN_ADDRESSES SNAP)}},
    {"802.11 to ds", 105, 0, 0, {HEX("0801 0000" WLAN_ADDRESSES SNAP)}},
    {"802.11 qos", 105, 0, 0, {HEX("8802 0000" WLAN_ADDRESSES "0000" SNAP)}},
    {"802.11 qos with control", 105, 0, 0, {HEX("8882 0000" WLAN_ADDRESSES "0000 00000000" SNAP)}},
    {"802.11 wds", 105, 0, 0, {HEX("0803 0000" WLAN_ADDRESSES "020000000004" SNAP)}},
    {"802.11 aggregate",
     105,
     0,
     0,
     {HEX(SNAP), LEN(0), HEX("8802 0000" WLAN_ADDRESSES "8000 020000000002 020000000001")}},
    {"radiotap", 127, 0, 0, {HEX("00000800 00000000 0802 0000" WLAN_ADDRESSES SNAP)}},
    {"radiotap with padding",
     127,
     0,
     0,
     {HEX("0000 1900 030000a0 01000000 00000000 0000000000000000 20 8802 0000" WLAN_ADDRESSES
          "0000 0000" SNAP)}},
    {"avs", 163, 0, 0, {HEX("80211001 00000010 0000000000000000 0802 0000" WLAN_ADDRESSES SNAP)}},
    {"mpls", 1, 0, 0, {HEX("00010040 00020140"), ETH(0x8847)}},
    {"mpls pseudo-wire", 1, 0, 0, {ETH(0x0800), HEX("00010140 00000000"), ETH(0x8847)}},
    {"mpls ethernet", 1, 0, 0, {ETH(0x0800), HEX("00010140"), ETH(0x8848)}},
    {"macsec, authenticated", 1, 0, 0, {HEX("2000 00000001 0200000000010001 0800"), ETH(0x88e5)}},
    {"mirror time stamp",
     1,
     0,
     1,
     {HEX("0001 0010 5ceeed58 19c38c2c 8100 000a 0800"), ETH(0xd28b)}},
    {"short mirror time stamp", 1, 0, 0, {HEX("0001 0120 ed951815 2474 0800"), ETH(0xd28b)}},
    {"gre metadata", 12, 1, 0, {HEX("2000 8909 00000028 0800 0101 0001 0000"), IPV4(47)}},
    {"backbone bridge", 1, 0, 0, {ETH(0x0800), HEX("00000001"), ETH(0x88e7)}},
    {"trill", 1, 0, 0, {ETH(0x0800), HEX("0040 0001 0002 00000000"), ETH(0x22f3)}},
    {"mesh", 1, 0, 0, {ETH(0x0800), HEX("400f 3f01 020000000003"), ETH(0x4305)}},
    {"mesh, to all", 1, 0, 0, {ETH(0x0800), HEX("010f 3200 00000001 020000000003"), ETH(0x4305)}},
    {"mesh, with who sent it",
     1,
     0,
     0,
     {ETH(0x0800), HEX("420f 3f01 020000000003 020000000004 0100"), ETH(0x4305)}},
    {"fabric path", 1, 0, 0, {ETH(0x0800), HEX("0041"), ETH(0x8903)}},
    {"nsh", 1, 0, 0, {HEX("0002 0101 00000100"), ETH(0x894f)}},
    {"nsh ethernet", 1, 0, 0, {ETH(0x0800), HEX("0002 0103 00000100"), ETH(0x894f)}},
    {"ip in ip", 1, 1, 0, {IPV4(4), ETH(0x0800)}},
    {"4in6", 1, 1, 0, {IPV6(4), ETH(0x86dd)}},
    {"mpls in ip", 1, 1, 0, {HEX("00010140"), IPV4(137), ETH(0x0800)}},
    {"etherip", 1, 1, 0, {ETH(0x0800), HEX("3000"), IPV4(97), ETH(0x0800)}},
    {"ethernet in ipv6", 1, 1, 0, {ETH(0x0800), IPV6(143), ETH(0x86dd)}},
    {"ah", 12, 1, 0, {HEX("0404 0000 00000001 00000001 000000000000000000000000"), IPV4(51)}},
    {"gre", 12, 1, 0, {HEX("0000 0800"), IPV4(47)}},
    {"gre with all fields",
     12,
     1,
     0,
     {HEX("f000 0800 00000000 00000001 00000002 0800 00 04 01020304 0000 0000"), IPV4(47)}},
    {"gre with ethernet", 12, 1, 0, {ETH(0x0800), HEX("2000 6558 00000001"), IPV4(47)}},
    {"pptp",
     12,
     1,
     0,
     {HEX("0021"), HEX("00000001 00000002"), HEX("3081 880b 002f 0001"), IPV4(47)}},
    {"erspan i", 12, 1, 0, {ETH(0x0800), HEX("0000 88be"), IPV4(47)}},
    {"erspan ii",
     12,
     1,
     1,
     {HEX("000a 0800"), ETH(0x8100), HEX("1000 88be 00000001 1000000100000000"), IPV4(47)}},
    {"erspan iii",
     12,
     1,
     0,
     {ETH(0x0800), HEX("1000 22eb 00000001 200000010000000000000000"), IPV4(47)}},
    {"erspan iii with sub-header",
     12,
     1,
     0,
     {ETH(0x0800), HEX("1000 22eb 00000001 200000010000000000000001 0000000000000000"), IPV4(47)}},
    {"wccp", 12, 1, 0, {HEX("0000 883e 00000000"), IPV4(47)}},
    {"air over gre", 12, 1, 0, {HEX("0000 8200 0802 0000" WLAN_ADDRESSES SNAP), IPV4(47)}},
    {"vxlan", 1, 1, 0, {ETH(0x0800), HEX("08000000 00000100"), UDP(4789), IPV4(17), ETH(0x0800)}},
    {"vxlan with reserved bits",
     1,
     1,
     0,
     {ETH(0x0800), HEX("ff01d1f2 00000b00"), UDP(4789), IPV4(17), ETH(0x0800)}},
    {"vxlan 8472",
     1,
     1,
     0,
     {ETH(0x0800), HEX("88000001 00000100"), UDP(8472), IPV4(17), ETH(0x0800)}},
    {"vxlan gpe", 1, 1, 0, {HEX("0c000001 00000100"), UDP(4790), IPV4(17), ETH(0x0800)}},
    {"geneve",
     1,
     1,
     0,
     {ETH(0x0800), HEX("0100 6558 00000100 0102 0300"), UDP(6081), IPV6(17), ETH(0x86dd)}},
    {"geneve ip", 1, 1, 0, {HEX("0000 0800 00000100"), UDP(6081), IPV4(17), ETH(0x0800)}},
    {"gtp-u", 12, 1, 0, {HEX("00000001"), LEN(-4), HEX("30ff"), UDP(2152), IPV4(17)}},
    {"gtp-u with extensions",
     12,
     1,
     0,
     {HEX("00000001 0001 00 85 01 1001 85 02 100203040506 00"), LEN(-4), HEX("34ff"), UDP(2152),
      IPV4(17)}},
    {"tzsp", 12, 1, 0, {ETH(0x0800), HEX("0100 0001 0a01d8 00 01"), UDP(37008), IPV4(17)}},
    {"tzsp air",
     12,
     1,
     0,
     {HEX("0802 0000" WLAN_ADDRESSES SNAP), HEX("0100 0012 01"), UDP(37008), IPV4(17)}},
    {"capwap, 802.3", 12, 1, 0, {ETH(0x0800), HEX("00100000 00000000"), UDP(5247), IPV4(17)}},
    {"capwap, 802.11",
     12,
     1,
     0,
     {HEX("0801 0000" WLAN_ADDRESSES SNAP), HEX("00100300 00000000"), UDP(5247), IPV4(17)}},
    {"capwap, 802.11 with its control swapped and a header of four words",
     12,
     1,
     0,
     {HEX("0188 0000" WLAN_ADDRESSES "0000" SNAP), HEX("00200320 00000000 04bf230000000000"),
      UDP(5247), IPV4(17)}},
    {"capwap, first fragment",
     12,
     1,
     0,
     {HEX("0208 0000" WLAN_ADDRESSES SNAP), HEX("00100380 00070000"), UDP(5247), IPV4(17)}},
    {"lwapp",
     12,
     1,
     0,
     {HEX("0208 0000" WLAN_ADDRESSES SNAP), HEX("c0de"), LEN(-2), HEX("0000"), UDP(12222),
      IPV4(17)}},
    {"lwapp behind a mac, with its control swapped",
     12,
     1,
     0,
     {HEX("0801 0000" WLAN_ADDRESSES SNAP), HEX("c0de"), LEN(-2), HEX("020000000064 0000"),
      UDP(12222), IPV4(17)}},
    {"vxlan on another port",
     12,
     1,
     0,
     {ETH(0x0800), HEX("08000000 00000100"), UDP(40000), IPV4(17)}},
    {"geneve on another port",
     12,
     1,
     0,
     {ETH(0x0800), HEX("00006558 00000100"), UDP(40000), IPV4(17)}},
    {"ip in udp", 12, 1, 0, {UDP(40000), IPV4(17)}},
    {"ipv6 in udp", 12, 1, 0, {IPV6(4), UDP(40000), IPV4(17)}},
    {"l2tp", 12, 1, 0, {HEX("00010002 ff03 0021"), LEN(4), HEX("4002"), UDP(1701), IPV4(17)}},
    {"l2tp version 3", 12, 1, 0, {ETH(0x0800), HEX("0003 0000 0000002a"), UDP(1701), IPV4(17)}},
    {"l2tp version 3 with a cookie and the layer inside",
     12,
     1,
     0,
     {ETH(0x0800), HEX("0003 0000 0000002a 99c0ffee99c0ffee 40000001"), UDP(1701), IPV4(17)}},
    {"l2tp in ip", 12, 1, 0, {ETH(0x0800), HEX("0000002a"), IPV4(115)}},
    {"l2tp in ip with a cookie",
     12,
     1,
     1,
     {HEX("000a 0800"), ETH(0x8100), HEX("0000002a 99c0ffee"), IPV4(115)}},
    {"eoip", 12, 1, 0, {ETH(0x0800), HEX("0700"), LEN(-2), HEX("2001 6400"), IPV4(47)}},
    {"lisp", 12, 1, 0, {HEX("c0010203 00000001"), UDP(4341), IPV4(17)}},
    {"lisp with an instance", 12, 1, 0, {HEX("88010203 00002a01"), UDP(4341), IPV4(17)}},
    {"gue", 12, 1, 0, {HEX("0004 0000"), UDP(6080), IPV4(17)}},
    {"gue with fields", 12, 1, 0, {HEX("0104 4000 00000007"), UDP(6080), IPV4(17)}},
    {"gue, ethernet", 12, 1, 0, {ETH(0x0800), HEX("008f 0000"), UDP(6080), IPV4(17)}},
    {"gue, gre", 12, 1, 0, {HEX("0000 0800 "), HEX("002f 0000"), UDP(6080), IPV4(17)}},
    {"gue, ip alone", 12, 1, 0, {UDP(6080), IPV4(17)}},
    {"teredo", 12, 1, 0, {IPV6(4), UDP(3544), IPV4(17)}},
    {"teredo with indications",
     12,
     1,
     0,
     {IPV6(4), HEX("0001 02 01 aabb cc 0000000000000001 00 0000 1234 01020304"), UDP(3544),
      IPV4(17)}},
    {"teredo on another port",
     12,
     1,
     0,
     {HEX("fe800000000000000000000000000001 200100000102030480000efe01020304"), HEX("0440"),
      LEN(-34), HEX("60000000"), UDP(40001), IPV4(17)}},
    {"mpls over udp", 12, 1, 0, {HEX("00010140"), UDP(6635), IPV4(17)}},
    {"gre over udp", 12, 1, 0, {HEX("0000 0800"), UDP(4754), IPV4(17)}},
    {"ayiya",
     12,
     1,
     0,
     {IPV6(4),
      HEX("41520129 00000000 20010db8000000000000000000000001"
          "0000000000000000000000000000000000000000"),
      UDP(5072), IPV4(17)}},
    {"6in4 in gre in vxlan",
     1,
     1,
     1,
     {IPV6(4), IPV4(41), HEX("0000 0800"), IPV4(47), HEX("000a 0800"), ETH(0x8100),
      HEX("08000000 00000100"), UDP(4789), IPV4(17), ETH(0x0800)}},
};

static void build(const struct sample *sample, struct frame *frame)
{
    frame_tcp(frame);
    frame_steps(frame, sample->steps, STEPS_MAX);
}

static void check_text(const struct nta_addr *addr, const char *text)
{
    char buf[NTA_ADDR_TEXT_SIZE];

    assert_string_equal(nta_addr_text(addr, buf), text);
}

static void every_encapsulation_shows_the_packet(void **state)
{
    static struct bench bench;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(samples); i++) {
        const struct sample *sample = &samples[i];
        struct frame frame;

        bench_init(&bench);
        build(sample, &frame);
        struct nta_packet packet = bench_frame(&bench, sample->link_type, &frame);

        if (packet.kind != NTA_PACKET_TCP)
            print_error("%s: kind %u\n", sample->name, (unsigned)packet.kind);
        assert_int_equal(packet.kind, NTA_PACKET_TCP);
        check_text(&packet.src, "192.0.2.1");
        check_text(&packet.dst, "198.51.100.2");
        assert_int_equal(packet.src_port, 1234);
        assert_int_equal(packet.dst_port, 80);
        assert_int_equal(packet.tcp_seq, 0x11223344);
        assert_int_equal(packet.tcp_ack, 0x55667788);
        assert_int_equal(packet.tcp_flags, NTA_TCP_PSH | NTA_TCP_ACK);
        assert_int_equal(packet.payload_len, 5);
        assert_int_equal(packet.payload_wire_len, 5);
        assert_memory_equal(frame_bytes(&frame) + packet.payload_off, "hello", 5);
        assert_int_equal(packet.payload_off, packet.l3_off + 40);
        assert_int_equal(!!(packet.flags & NTA_PACKET_TUNNEL), sample->tunnelled);
        assert_int_equal(packet.n_vlan, sample->n_vlan);
        if (packet.n_vlan > 0)
            assert_int_equal(packet.vlan[0], 10);
        if (packet.n_vlan > 1)
            assert_int_equal(packet.vlan[1], 20);
        assert_int_equal(packet.wall_ns, 42);
        assert_int_equal(packet.data_off, 7);
        assert_int_equal(packet.source, 3);
        for (int which = 0; which < NTA_N_COUNTERS; which++)
            assert_int_equal(nta_counted(&bench.counters, (enum nta_counter)which), 0);
    }
}

static void every_encapsulation_but_another_network_gives_the_same_hash(void **state)
{
    static struct bench bench;
    uint64_t flow_hash = 0;

    (void)state;
    bench_init(&bench);
    for (size_t i = 0; i < NTA_N_ELEMENTS(samples); i++) {
        struct frame frame;

        build(&samples[i], &frame);
        struct nta_packet packet = bench_frame(&bench, samples[i].link_type, &frame);

        if (i == 0)
            flow_hash = packet.flow_hash;
        if (nta_packet_names_network(packet.network_kind))
            assert_int_not_equal(packet.flow_hash, flow_hash);
        else
            assert_int_equal(packet.flow_hash, flow_hash);
    }
}

static void check_bounds(const struct nta_packet *packet)
{
    assert_true(packet->kind <= NTA_PACKET_FRAGMENT);
    assert_true(packet->n_vlan <= NTA_PACKET_VLANS);
    if (packet->kind == NTA_PACKET_OTHER)
        return;
    assert_true((uint64_t)packet->payload_off + packet->payload_len <= packet->cap_len);
    assert_true(packet->payload_wire_len >= packet->payload_len);
    assert_true(packet->l3_off < packet->payload_off);
}

static void every_prefix_stays_in_bounds(void **state)
{
    static struct bench bench;

    (void)state;
    bench_init(&bench);
    for (size_t i = 0; i < NTA_N_ELEMENTS(samples); i++) {
        struct frame frame;

        build(&samples[i], &frame);
        for (size_t len = 0; len < frame_len(&frame); len++) {
            struct nta_packet packet = bench_decode(&bench, samples[i].link_type,
                                                    frame_bytes(&frame), len, frame_len(&frame));

            check_bounds(&packet);
            assert_true(packet.flags & NTA_PACKET_CUT);
            packet = bench_decode(&bench, samples[i].link_type, frame_bytes(&frame), len, len);
            check_bounds(&packet);
        }
    }
}

static void every_flipped_byte_stays_in_bounds(void **state)
{
    static const uint8_t masks[] = {0xff, 0x80, 0x01, 0x10, 0x08};
    static struct bench bench;

    (void)state;
    bench_init(&bench);
    for (size_t i = 0; i < NTA_N_ELEMENTS(samples); i++) {
        struct frame frame;

        build(&samples[i], &frame);
        for (size_t at = frame.start; at < frame.end; at++) {
            for (size_t m = 0; m < sizeof(masks); m++) {
                frame.buf[at] ^= masks[m];
                struct nta_packet packet = bench_frame(&bench, samples[i].link_type, &frame);

                check_bounds(&packet);
                frame.buf[at] ^= masks[m];
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_encapsulation_shows_the_packet),
        cmocka_unit_test(every_encapsulation_but_another_network_gives_the_same_hash),
        cmocka_unit_test(every_prefix_stays_in_bounds),
        cmocka_unit_test(every_flipped_byte_stays_in_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
