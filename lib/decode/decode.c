/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decode.h"

#include "base/own.h"
#include "base/scratch.h"
#include "decode/layer.h"

#include <assert.h>
#include <stddef.h>

enum
{
    DEPTH_MAX = 16, ///< Layers of one packet: three nested VXLANs are 15.
    REST_MAX = 64,  ///< Frames behind the first that are carried as one.
    LINK_BITS = 63,
    LINK_RAW = 12, ///< Raw IP, as libpcap's programs number it.
};

static nta_layer_fn *const layers[N_LAYERS] = {
#define LAYER_ROW(symbol, name) [LAYER_##symbol] = nta_layer_##name,
    NTA_LAYERS(LAYER_ROW)
#undef LAYER_ROW
};

static uint64_t load64(const uint8_t *ptr)
{
    uint64_t value;

    memcpy(&value, ptr, sizeof(value));
    return value;
}

static uint32_t load32(const uint8_t *ptr)
{
    uint32_t value;

    memcpy(&value, ptr, sizeof(value));
    return value;
}

/** Any total order will do, as long as it is the same for both directions. */
static bool endpoints_swapped(const struct nta_packet *packet)
{
    uint64_t src = load64(packet->src.bytes + 8), dst = load64(packet->dst.bytes + 8);

    if (src != dst)
        return src > dst;
    src = load64(packet->src.bytes);
    dst = load64(packet->dst.bytes);
    return src != dst ? src > dst : packet->src_port > packet->dst_port;
}

/** Once a packet: what calls it for outer packets, too, must not keep it from being inlined. */
__attribute__((always_inline)) static inline void set_hash(const struct nta_decode *decode,
                                                           struct nta_packet *packet)
{
    bool swapped = endpoints_swapped(packet);
    const struct nta_addr *low = swapped ? &packet->dst : &packet->src;
    const struct nta_addr *high = swapped ? &packet->src : &packet->dst;
    uint64_t low_port = swapped ? packet->dst_port : packet->src_port;
    uint64_t high_port = swapped ? packet->src_port : packet->dst_port;
    uint64_t rest =
        UINT64_C(1) << 40 | (uint64_t)packet->ip_proto << 32 | low_port << 16 | high_port;
    uint64_t pair;

    if (nta_addr_is_v4(low) && nta_addr_is_v4(high)) {
        pair = (uint64_t)load32(low->bytes + 12) << 32 | load32(high->bytes + 12);
    } else {
        pair = nta_hash_words(&decode->key, load64(low->bytes), load64(low->bytes + 8));
        pair = nta_hash_words(&decode->key, pair ^ load64(high->bytes), load64(high->bytes + 8));
    }
    packet->flow_hash = nta_hash_words(&decode->key, pair, rest);
    if (__builtin_expect(nta_packet_names_network(packet->network_kind), 0))
        packet->flow_hash = nta_hash_words(&decode->key, packet->flow_hash,
                                           (uint64_t)packet->network_kind << 32 | packet->network);
}

/**
 * What the outer connection of a tunnel carries: by what a layer said, else by the protocol number.
 */
static enum nta_tunnel tunnel_of(const struct nta_cursor *c, uint8_t version)
{
    bool in_v4 = nta_addr_is_v4(&c->packet->src);

    if (c->tunnel)
        return (enum nta_tunnel)c->tunnel;
    switch (c->packet->ip_proto) {
    case 137: return NTA_TUNNEL_MPLS;
    case 97:
    case 143: return NTA_TUNNEL_ETHERIP;
    default: break;
    }
    if (version == 4)
        return in_v4 ? NTA_TUNNEL_IPIP : NTA_TUNNEL_FOUR_IN_6;
    return in_v4 ? NTA_TUNNEL_SIX_IN_4 : NTA_TUNNEL_SIX_IN_6;
}

static void keep_outer_packet(struct nta_cursor *c, size_t inner_off, uint8_t version)
{
    struct nta_outer_packets *outer_packets = c->decode->outer_packets;
    struct nta_packet *outer_packet = &outer_packets->packets[outer_packets->n];

    if (outer_packets->n == NTA_OUTER_PACKETS_MAX) {
        nta_count(c->decode->counters, NTA_COUNTER_DECODE_OUTER, 1);
        return;
    }
    *outer_packet = *c->packet;
    outer_packet->kind = NTA_PACKET_OUTER;
    outer_packet->tunnel = (uint8_t)tunnel_of(c, version);
    outer_packet->cap_len = (uint32_t)inner_off;
    if (outer_packet->payload_len > inner_off - outer_packet->payload_off)
        outer_packet->payload_len = (uint32_t)(inner_off - outer_packet->payload_off);
    set_hash(c->decode, outer_packet);
    outer_packets->n++;
}

/** What names a network stays where a tunnel inside says an id that does not. */
static void set_network(struct nta_packet *packet, unsigned kind, uint32_t id)
{
    if (nta_packet_names_network(packet->network_kind) && !nta_packet_names_network(kind))
        return;
    static_assert(NTA_N_PACKET_NETWORKS - 1 <= NTA_PACKET_NETWORK_BITS, "it fits");
    packet->network_kind = kind & NTA_PACKET_NETWORK_BITS;
    packet->network = id;
}

void nta_layer_network(struct nta_cursor *c, enum nta_packet_network kind, uint32_t id)
{
    if (c->n_ip == 0) {
        set_network(c->packet, kind, id);
        return;
    }
    c->network_kind = (uint8_t)kind;
    c->network = id;
}

void nta_layer_outer_packet(struct nta_cursor *c, size_t inner_off, uint8_t version)
{
    struct nta_packet *packet = c->packet;

    if (c->decode->outer_packets)
        keep_outer_packet(c, inner_off, version);
    packet->flags |= NTA_PACKET_TUNNEL;
    packet->any_port |= c->any_port & 1U;
    if (c->has_macs) {
        memcpy(packet->src_mac, c->buf->src_mac, sizeof(packet->src_mac));
        memcpy(packet->dst_mac, c->buf->dst_mac, sizeof(packet->dst_mac));
        packet->flags |= NTA_PACKET_MACS;
    }
    if (c->n_vlan > 0) {
        packet->n_vlan = c->n_vlan & 3U;
        packet->vlan[0] = c->buf->vlan[0];
        packet->vlan[1] = c->n_vlan > 1 ? c->buf->vlan[1] : 0;
    }
    if (c->network_kind)
        set_network(packet, c->network_kind, c->network);
    c->tunnel = NTA_TUNNEL_NONE;
    c->network_kind = NTA_PACKET_NETWORK_NONE;
    c->has_macs = false;
    c->n_vlan = 0;
}

void nta_layer_rest(struct nta_cursor *c, size_t off)
{
    struct nta_outer_packets *outer_packets = c->decode->outer_packets;
    size_t end = (size_t)(c->r.end - c->r.base);

    if (!outer_packets || off >= end)
        return;
    if (outer_packets->n_rest == REST_MAX) {
        nta_count(c->decode->counters, NTA_COUNTER_DECODE_DEPTH, 1);
        return;
    }
    outer_packets->rest_off = (uint32_t)off;
    outer_packets->rest_end = (uint32_t)end;
    outer_packets->n_rest++;
}

static void count_outcome(const struct nta_decode *decode, enum nta_layer_outcome outcome)
{
    static const uint8_t counters[] = {
        [OUTCOME_BAD] = NTA_COUNTER_DECODE_BAD,
        [OUTCOME_SHORT] = NTA_COUNTER_DECODE_SHORT,
        [OUTCOME_UNKNOWN] = NTA_COUNTER_DECODE_UNKNOWN,
        [OUTCOME_DEPTH] = NTA_COUNTER_DECODE_DEPTH,
    };

    static_assert(NTA_N_ELEMENTS(counters) == OUTCOME_OTHER, "all before it are counted");

    if (outcome != OUTCOME_FINE && outcome != OUTCOME_OTHER)
        nta_count(decode->counters, counters[outcome], 1);
}

/** Follow the layers from `layer`, which begins at `off`, on; what they find goes into `packet`. */
static void walk(const struct nta_decode *decode, enum nta_layer layer, const uint8_t *bytes,
                 uint32_t off, struct nta_packet *packet)
{
    NTA_SCRATCH struct nta_cursor_buf buf;
    struct nta_cursor cursor = {
        .decode = decode,
        .packet = packet,
        .r = nta_reader_of(bytes, packet->cap_len),
        .wire_end = packet->wire_len > packet->cap_len ? packet->wire_len : packet->cap_len,
        .buf = &buf,
    };
    struct nta_cursor *c = &cursor;

    nta_reader_skip(&c->r, off);
    for (int depth = 0; layer != LAYER_END; depth++) {
        if (depth == DEPTH_MAX) {
            c->outcome = OUTCOME_DEPTH;
            break;
        }
        layer = layers[layer](c);
    }
    if (__builtin_expect(c->outcome != OUTCOME_FINE, 0)) {
        /* a guessed tunnel that does not hold what it should was none, and nothing is wrong with
         * the packet */
        if (c->guessed)
            *c->packet = c->buf->outer;
        if (!c->guessed || c->outcome == OUTCOME_DEPTH)
            count_outcome(c->decode, c->outcome);
    }
    if (c->packet->kind != NTA_PACKET_OTHER)
        set_hash(c->decode, c->packet);
}

bool nta_decode_knows_link(int link_type)
{
    return link_type >= 0 && nta_layer_of_link((uint32_t)link_type) != LAYER_UNKNOWN;
}

void nta_decode_packet(const struct nta_decode *decode, int link_type, const uint8_t *bytes,
                       struct nta_packet *packet)
{
    static const size_t found = offsetof(struct nta_packet, flags);
    uint8_t link = nta_link_find((uint32_t)link_type);
    enum nta_layer layer = nta_layer_of_row(link);

    /* What was given stays where it is.  Copied, its fields would be loaded together just after
     * they were stored one by one, which waits until every older store is out of the way: 100 ns
     * when those went to a block that is not in cache. */
    memset((uint8_t *)packet + found, 0, sizeof(*packet) - found);
    packet->link = link & (unsigned)LINK_BITS;
    packet->flags = packet->cap_len < packet->wire_len ? NTA_PACKET_CUT : 0;
    if (layer == LAYER_UNKNOWN) {
        nta_unknown_add(decode->unknowns, NTA_UNKNOWN_LINK_TYPE, (uint32_t)link_type);
        count_outcome(decode, OUTCOME_UNKNOWN);
        return;
    }
    walk(decode, layer, bytes, 0, packet);
}

void nta_decode_datagram(const struct nta_decode *decode, const uint8_t *bytes,
                         struct nta_packet *packet)
{
    struct nta_packet whole = {
        .wall_ns = packet->wall_ns,
        .order_ns = packet->order_ns,
        .cap_len = packet->cap_len,
        .wire_len = packet->wire_len,
        .data_off = packet->data_off,
        .source = packet->source,
        .link = nta_link_find(LINK_RAW) & (unsigned)LINK_BITS,
        .n_vlan = packet->n_vlan,
        .network_kind = packet->network_kind,
        .network = packet->network,
        .any_port = packet->any_port,
        .flags =
            NTA_PACKET_FRAG_END | (packet->flags & (unsigned)(NTA_PACKET_TUNNEL | NTA_PACKET_MACS)),
    };

    if (packet->cap_len < packet->wire_len)
        whole.flags |= NTA_PACKET_CUT;

    memcpy(whole.vlan, packet->vlan, sizeof(whole.vlan));
    memcpy(whole.src_mac, packet->src_mac, sizeof(whole.src_mac));
    memcpy(whole.dst_mac, packet->dst_mac, sizeof(whole.dst_mac));
    *packet = whole;
    walk(decode, LAYER_IP, bytes, 0, packet);
}

/** A packet of its own: as if the capture had begun at its IP header. */
static void stand_alone(struct nta_packet *packet)
{
    packet->payload_off -= packet->l3_off;
    packet->cap_len = packet->payload_off + packet->payload_len;
    packet->wire_len = packet->payload_off + packet->payload_wire_len;
    packet->flags |= packet->cap_len < packet->wire_len ? NTA_PACKET_CUT : 0;
    packet->flags |= NTA_PACKET_REST;
    packet->l3_off = 0;
    packet->link = nta_link_find(LINK_RAW) & (unsigned)LINK_BITS;
}

const uint8_t *nta_decode_next(const struct nta_decode *decode, const uint8_t *bytes,
                               struct nta_packet *packet)
{
    struct nta_outer_packets *outer_packets = decode->outer_packets;

    while (outer_packets->rest_off < outer_packets->rest_end) {
        uint32_t off = outer_packets->rest_off;
        struct nta_packet next = {
            .wall_ns = packet->wall_ns,
            .order_ns = packet->order_ns,
            .cap_len = outer_packets->rest_end,
            .wire_len = outer_packets->rest_end,
            .data_off = packet->data_off,
            .source = packet->source,
            .any_port = packet->any_port,
        };

        outer_packets->rest_off = outer_packets->rest_end;
        walk(decode, LAYER_AGGREGATE, bytes, off, &next);
        if (!nta_packet_is_told(&next))
            continue;
        uint32_t l3_off = next.l3_off;

        stand_alone(&next);
        *packet = next;
        return bytes + l3_off;
    }
    outer_packets->rest_off = outer_packets->rest_end = outer_packets->n_rest = 0;
    return NULL;
}
