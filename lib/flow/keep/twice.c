/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/keep/twice.h"

#include "base/bytes.h"
#include "base/runtime/clock.h"
#include "base/scratch.h"
#include "decode/order.h"

#include <stdlib.h>
#include <string.h>

enum
{
    V4_ID_AT = 4,
    V4_TTL_AT = 8,
    V6_HOP_LIMIT_AT = 7,
    IP_LEAST = 20,
    CHECKSUM_BEFORE = 2, ///< UDP's stands just before the payload.
};

#define ROUTED_NS (60 * NTA_NS_PER_S)

/** What its headers say.  False: there is nothing to tell a copy by, or too much. */
static bool read_datagram(const struct nta_flow_twice *twice, const struct nta_packet *packet,
                          const uint8_t *bytes, struct nta_flow_once *once)
{
    const int64_t since_ns = nta_order_since(packet->order_ns, twice->routed_ns);
    const bool is_routed = twice->is_routed && since_ns >= 0 && since_ns < ROUTED_NS;
    const uint8_t *ip = bytes + packet->l3_off;

    /* behind a tunnel on any port is what anybody made up: it takes no other's place */
    if (packet->any_port || !(packet->flags & NTA_PACKET_MACS) ||
        (packet->flags & NTA_PACKET_CUT) || packet->payload_len == 0 ||
        packet->payload_len != packet->payload_wire_len ||
        packet->payload_len > (is_routed ? NTA_FLOW_TWICE_LONG : NTA_FLOW_TWICE_SHORT) ||
        packet->payload_off < packet->l3_off + (uint32_t)IP_LEAST)
        return false;
    const bool is_v6 = ip[0] >> 4 == 6;

    once->flow_hash = packet->flow_hash;
    once->order_ns = packet->order_ns;
    once->src = packet->src;
    once->src_port = packet->src_port;
    once->len = (uint16_t)packet->payload_len;
    once->id = is_v6 ? 0 : (uint16_t)(ip[V4_ID_AT] << 8 | ip[V4_ID_AT + 1]);
    once->hops = ip[is_v6 ? V6_HOP_LIMIT_AT : V4_TTL_AT];
    memcpy(once->macs, packet->src_mac, sizeof(packet->src_mac));
    memcpy(once->macs + sizeof(packet->src_mac), packet->dst_mac, sizeof(packet->dst_mac));
    return true;
}

/** Between two other machines. */
static bool is_other_frame(const uint8_t a[12], const uint8_t b[12])
{
    return memcmp(a, b, 6) != 0 && memcmp(a + 6, b + 6, 6) != 0;
}

static bool is_copy(const struct nta_flow_once *known, const struct nta_flow_once *once,
                    const uint8_t *payload)
{
    const int64_t since_ns = nta_order_since(once->order_ns, known->order_ns);

    return known->len == once->len && known->flow_hash == once->flow_hash &&
           known->id == once->id && known->src_port == once->src_port &&
           nta_addr_equal(&known->src, &once->src) && since_ns >= 0 &&
           since_ns < NTA_FLOW_TWICE_NS && abs(known->hops - once->hops) == 1 &&
           is_other_frame(known->macs, once->macs) &&
           memcmp(known->payload, payload, once->len) == 0;
}

bool nta_flow_came_twice(struct nta_flow_twice *twice, const struct nta_packet *packet,
                         const uint8_t *bytes)
{
    const uint8_t *payload = bytes + packet->payload_off;
    NTA_SCRATCH struct nta_flow_once once;

    if (!read_datagram(twice, packet, bytes, &once))
        return false;
    const size_t sum = (size_t)(payload[-CHECKSUM_BEFORE] << 8 | payload[1 - CHECKSUM_BEFORE]) +
                       once.id + once.len;
    struct nta_flow_once *known = &twice->places[(packet->flow_hash + sum) % NTA_FLOW_TWICE_PLACES];

    if (is_copy(known, &once, payload)) {
        twice->is_routed = true;
        twice->routed_ns = packet->order_ns;
        return true;
    }
    memcpy(known, &once, offsetof(struct nta_flow_once, payload));
    memcpy(known->payload, payload, once.len);
    return false;
}
