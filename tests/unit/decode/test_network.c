/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"
#include "frame.h"
/* needs those above */
#include "base/own.h"

#include <cmocka.h>

/** Headers in front of a packet, the innermost first, and what they say of its network. */
static const struct
{
    const char *name;
    enum nta_packet_network kind;
    uint32_t id;
    struct step steps[STEPS_MAX];
} samples[] = {
    {"none", NTA_PACKET_NETWORK_NONE, 0, {ETH(0x0800)}},
    {"tags alone", NTA_PACKET_NETWORK_NONE, 0, {HEX("000a 0800"), ETH(0x8100)}},
    {"vxlan",
     NTA_PACKET_NETWORK_VNI,
     0x012345,
     {ETH(0x0800), HEX("08000000 01234500"), UDP(4789), IPV4(17), ETH(0x0800)}},
    {"vxlan, IP in it",
     NTA_PACKET_NETWORK_VNI,
     0x012345,
     {HEX("08000000 01234500"), UDP(4789), IPV4(17), ETH(0x0800)}},
    {"geneve",
     NTA_PACKET_NETWORK_VNI,
     7,
     {ETH(0x0800), HEX("0000 6558 00000700"), UDP(6081), IPV4(17), ETH(0x0800)}},
    {"nvgre",
     NTA_PACKET_NETWORK_VSID,
     0x1000,
     {ETH(0x0800), HEX("2000 6558 001000ab"), IPV4(47), ETH(0x0800)}},
    {"gre without a key", NTA_PACKET_NETWORK_NONE, 0, {HEX("0000 0800"), IPV4(47), ETH(0x0800)}},
    {"gre, its key",
     NTA_PACKET_NETWORK_GRE,
     0x00100000,
     {HEX("2000 0800 00100000"), IPV4(47), ETH(0x0800)}},
    {"gre with Ethernet and a small key",
     NTA_PACKET_NETWORK_GRE,
     5,
     {ETH(0x0800), HEX("2000 6558 00000005"), IPV4(47), ETH(0x0800)}},
    {"gtp",
     NTA_PACKET_NETWORK_TEID,
     0x11223344,
     {HEX("11223344"), LEN((unsigned)-4), HEX("30ff"), UDP(2152), IPV4(17), ETH(0x0800)}},
    {"erspan",
     NTA_PACKET_NETWORK_ERSPAN,
     0x3ff,
     {ETH(0x0800), HEX("1000 88be 00000001 1000 ffff 00000000"), IPV4(47), ETH(0x0800)}},
    {"mpls, the label at the bottom",
     NTA_PACKET_NETWORK_MPLS,
     16,
     {HEX("00064040 00010140"), ETH(0x8847)}},
    {"l2tp",
     NTA_PACKET_NETWORK_L2TP,
     0x00070009,
     {HEX("0002 0007 0009 ff03 0021"), UDP(1701), IPV4(17), ETH(0x0800)}},
    {"what names a network stays where a tunnel inside names none",
     NTA_PACKET_NETWORK_VNI,
     1,
     {HEX("2000 0800 00000063"), IPV4(47), ETH(0x0800), HEX("08000000 00000100"), UDP(4789),
      IPV4(17), ETH(0x0800)}},
    {"of two that name networks the inner one",
     NTA_PACKET_NETWORK_VNI,
     2,
     {ETH(0x0800), HEX("08000000 00000200"), UDP(4789), IPV4(17), ETH(0x0800),
      HEX("08000000 00000100"), UDP(4789), IPV4(17), ETH(0x0800)}},
};

static void a_tunnel_says_which_network_its_content_is_of(void **state)
{
    static struct bench bench;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(samples); i++) {
        struct frame frame;

        bench_init(&bench);
        frame_tcp(&frame);
        frame_steps(&frame, samples[i].steps, STEPS_MAX);
        const struct nta_packet packet = bench_frame(&bench, 1, &frame);

        if (packet.network_kind != samples[i].kind || packet.network != samples[i].id)
            print_error("%s: kind %u, id %#x\n", samples[i].name, (unsigned)packet.network_kind,
                        packet.network);
        assert_int_equal(packet.network_kind, samples[i].kind);
        assert_int_equal(packet.network, samples[i].id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tunnel_says_which_network_its_content_is_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
