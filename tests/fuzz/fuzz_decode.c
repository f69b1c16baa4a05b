/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte picks the link type, the second how much more the wire had; the rest is the
 * packet.
 */
#include "decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const int link_types[] = {1,   113, 276, 12,  0,   9,   51,  104, 105, 127,
                                     119, 107, 239, 117, 192, 258, 242, 10,  11,  219,
                                     204, 166, 228, 229, 281, 282, 284, 285, 226, 8};
    static struct nta_counters counters;
    static struct nta_unknowns unknowns;
    struct nta_outer_packets outer_packets = {.n = 0};
    const struct nta_decode decode = {
        .counters = &counters, .unknowns = &unknowns, .outer_packets = &outer_packets};

    if (len < 2)
        return 0;
    struct nta_packet packet = {.cap_len = (uint32_t)len - 2};

    packet.wire_len = packet.cap_len + data[1];
    nta_decode_packet(&decode, link_types[data[0] % 30], data + 2, &packet);
    if ((uint64_t)packet.payload_off + packet.payload_len > packet.cap_len)
        __builtin_trap();
    for (const struct nta_packet *c = outer_packets.packets;
         c < outer_packets.packets + outer_packets.n; c++)
        if (c->cap_len > packet.cap_len || c->payload_off + c->payload_len > c->cap_len)
            __builtin_trap();
    for (const uint8_t *at; (at = nta_decode_next(&decode, data + 2, &packet)); outer_packets.n = 0)
        if (at + packet.cap_len > data + len ||
            packet.payload_off + packet.payload_len > packet.cap_len)
            __builtin_trap();
    return 0;
}
