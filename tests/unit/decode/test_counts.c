/* SPDX-License-Identifier: Apache-2.0 */
/* What is not understood: where decoding stops, what is left of the packet, what is counted. */
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

/** 192.0.2.1:1234 > 198.51.100.2:80, SYN; checksums as tcpdump -vv finds them correct. */
#define SYN_TCP  "04d20050 11223344 00000000 50020400 76230000"
#define SYN_IPV4 "45000028 12344000 4006 3c65 c0000201 c6336402"

static void wrong_checksums_are_counted_and_read(void **state)
{
    struct nta_packet packet = DECODE(&bench, 228, HEX(SYN_TCP), HEX(SYN_IPV4));

    (void)state;
    assert_int_equal(packet.kind, NTA_PACKET_TCP);
    assert_counted(NTA_COUNTER_DECODE_CHECKSUM, 0);
    packet =
        DECODE(&bench, 228, HEX("04d20050 11223344 00000000 50020400 76240000"), HEX(SYN_IPV4));
    assert_int_equal(packet.kind, NTA_PACKET_TCP);
    assert_counted(NTA_COUNTER_DECODE_CHECKSUM, 1);
    packet = DECODE(&bench, 228, HEX(SYN_TCP), HEX("45000028 12344000 40060000 c0000201 c6336402"));
    assert_int_equal(packet.kind, NTA_PACKET_TCP);
    assert_counted(NTA_COUNTER_DECODE_CHECKSUM, 2);
    /* IP in IP, all three wrong: one packet */
    packet = DECODE(&bench, 228, HEX("04d20050 11223344 00000000 50020400 76240000"),
                    HEX("45000028 12344000 40060000 c0000201 c6336402"),
                    HEX("4500003c 12344000 40040000 c0000201 c6336402"));
    assert_int_equal(packet.kind, NTA_PACKET_TCP);
    assert_counted(NTA_COUNTER_DECODE_CHECKSUM, 3);
}

static void a_syn_that_is_cut_has_no_checksum_to_tell(void **state)
{
    struct frame frame;

    (void)state;
    frame_init(&frame);
    frame_steps(&frame, (const struct step[]){HEX(SYN_TCP), HEX(SYN_IPV4)}, 2);
    frame.buf[frame.start + 20] ^= 1;
    (void)bench_decode(&bench, 228, frame_bytes(&frame), frame_len(&frame), frame_len(&frame));
    assert_counted(NTA_COUNTER_DECODE_CHECKSUM, 1);
    frame.buf[frame.start + 3] = 0x30; /* 8 bytes of data that were not captured */
    set_checksum(frame.buf + frame.start, 10, 20);
    (void)bench_decode(&bench, 228, frame_bytes(&frame), frame_len(&frame), frame_len(&frame) + 8);
    assert_counted(NTA_COUNTER_DECODE_CHECKSUM, 1);
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

    assert_int_equal(packet.kind, NTA_PACKET_OTHER);
    assert_counted(NTA_COUNTER_DECODE_DEPTH, 1);
}

static void contradictions_are_bad(void **state)
{
    static const char *const headers[] = {
        "45000013 12344000 40060000 c0000201 c6336402",          /* total < header */
        "44000014 12344000 40060000 c0000201 c6336402",          /* header < 20 */
        "65000014 12344000 40060000 c0000201 c6336402",          /* version */
        "45000018 12344000 40060000 c0000201 c6336402 04d20050", /* no space for TCP */
        "45000028 12344000 40060000 c0000201 c6336402 04d20050 0000000000000000 4018040000000000",
        "45000028 12344000 40060000 c0000201 c6336402 04d20050 0000000000000000 6018040000000000",
        "4500001c 12344000 40110000 c0000201 c6336402 04d20050 00070000", /* UDP < 8 */
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(headers); i++) {
        bench_init(&bench);
        struct nta_packet packet = DECODE(&bench, 228, HEX(headers[i]), TAIL("00000000"));

        assert_int_equal(packet.kind, NTA_PACKET_OTHER);
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

static void what_is_not_known_is_counted_by_number(void **state)
{
    (void)state;
    struct nta_packet packet = DECODE(&bench, 1, HEX("0000"), ETH(0x4321));

    assert_int_equal(packet.kind, NTA_PACKET_OTHER);
    packet = DECODE(&bench, 1, HEX("0000"), IPV4(253), ETH(0x0800));
    assert_int_equal(packet.kind, NTA_PACKET_IP);
    assert_int_equal(packet.ip_proto, 253);
    packet = DECODE(&bench, 147, HEX("0000"));
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
    struct nta_packet arp = DECODE(&bench, 1, HEX("0001080006040001"), ETH(0x0806));
    struct nta_packet stp =
        DECODE(&bench, 1, HEX("424203 0000"), LEN(0), HEX("0180c2000000 020000000001"));
    struct nta_packet icmp = DECODE(&bench, 1, HEX("0800 0000 00010001"), IPV4(1), ETH(0x0800));

    assert_int_equal(arp.kind, NTA_PACKET_OTHER);
    assert_int_equal(stp.kind, NTA_PACKET_OTHER);
    assert_int_equal(icmp.kind, NTA_PACKET_IP);
    assert_int_equal(icmp.ip_proto, 1);
    assert_int_equal(icmp.payload_len, 8);
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
        ("0800000000000100 020000000002020000000001 0800 "
         "4500ffff000000000000000000000000000000000000"),
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "30ff000400000001 45000000",
        "0000080045000014000000004006000000000000",
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(ports); i++) {
        for (size_t j = 0; j < NTA_N_ELEMENTS(payloads); j++) {
            struct nta_packet packet =
                DECODE(&bench, 1, HEX(payloads[j]), UDP(ports[i]), IPV4(17), ETH(0x0800));

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
    struct nta_packet packet = DECODE(&bench, 12, HEX("45"), HEX("0000 0800"), IPV4(47));
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
        TEST(wrong_checksums_are_counted_and_read),
        TEST(a_syn_that_is_cut_has_no_checksum_to_tell),
        TEST(endless_extension_headers_end),
        TEST(contradictions_are_bad),
        TEST(header_behind_the_snap_length_is_short),
        TEST(what_is_not_known_is_counted_by_number),
        TEST(what_is_known_but_carries_nothing_is_not_counted),
        TEST(tunnel_port_without_a_tunnel_stays_udp),
        TEST(broken_inside_of_a_tunnel_leaves_the_outside),
        TEST(nested_tunnels_end),
        TEST(empty_packet_is_bad_or_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
