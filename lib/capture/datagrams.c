/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/datagrams.h"

#include "capture/put.h"
#include "decode/fragment.h"
#include "decode/quoted.h"

enum
{
    NESTED_MAX = 4, ///< Fragments inside of what fragments carried.
    PROTO_ICMP = 1,
    PROTO_ICMPV6 = 58,
    DNS_HEADER = 12,
    DNS_TOLD_MAX = 4096, ///< Resolvers offer to take no more over UDP (RFC 6891 section 6.2.5).
};

/**
 * The outer connections of a tunnelled packet belong to those of their own addresses; what comes
 * out of an outsider's, with `packet` at last, is a claim.
 */
static void put_outer_packets(struct nta_capture *capture, struct nta_outer_packets *outer_packets,
                              const uint8_t *bytes, struct nta_packet *packet)
{
    bool is_claim = false;

    for (uint32_t i = 0; i < outer_packets->n; i++) {
        struct nta_packet *outer = &outer_packets->packets[i];

        outer->any_port |= is_claim;
        is_claim |=
            nta_tunnel_ends_is_outsiders(&capture->tunnel_ends, capture->options.whose, outer);
        nta_capture_put(capture, outer, bytes, NTA_COUNTER_DROP_OUTER);
    }
    outer_packets->n = 0;
    packet->any_port |= is_claim;
}

/**
 * An ICMP error belongs to whom it is sent between, and what it quotes to the owner of that: he
 * knows whether he saw it.
 */
static void put_hearsay(struct nta_capture *capture, const struct nta_packet *packet,
                        const uint8_t *bytes)
{
    struct nta_packet quoted, copy = *packet;
    const uint8_t *quoted_bytes;

    if (!nta_decode_quoted(&capture->hearsay.decode, packet, bytes, &quoted, &quoted_bytes))
        return;
    copy.flags |= NTA_PACKET_HEARSAY;
    nta_capture_put_to(capture, nta_capture_worker(capture, &quoted), &copy, bytes,
                       NTA_COUNTER_DROP_HEARSAY);
}

/**
 * A question, or a good answer with records (RFC 1035 section 4.1.1): what it says, all workers are
 * told.
 */
static bool is_dns(const struct nta_packet *packet, const uint8_t *bytes)
{
    const uint8_t *header = bytes + packet->payload_off;

    if (packet->payload_len <= DNS_HEADER || packet->payload_len > DNS_TOLD_MAX)
        return false;
    if (!(header[2] & 0x80))
        return !(header[2] & 0x78) && (header[4] | header[5]); /* a query */
    return !(header[3] & 0x0f) && (header[6] | header[7]);
}

/** A copy to each worker but this one; `but` UINT32_MAX: to each. */
static void put_copies(struct nta_capture *capture, const struct nta_packet *packet,
                       const uint8_t *bytes, uint32_t but)
{
    struct nta_packet copy = *packet;

    copy.flags |= NTA_PACKET_HEARSAY;
    for (uint32_t worker = 0; worker < capture->n_workers; worker++) {
        if (worker == but)
            continue;
        /* what one sends to all must not take the space that each needs for its own */
        if (capture->options.interface && nta_dispatch_is_tight(capture->dispatch, worker)) {
            nta_count(&capture->counters, NTA_COUNTER_DROP_HEARSAY, 1);
            continue;
        }
        nta_capture_put_to(capture, worker, &copy, bytes, NTA_COUNTER_DROP_HEARSAY);
    }
}

static void put_whole(struct nta_capture *capture, const struct nta_packet *packet,
                      const uint8_t *bytes)
{
    nta_capture_put(capture, packet, bytes, NTA_COUNTER_DROP_RING);
    if (nta_packet_tells(packet))
        put_copies(capture, packet, bytes, nta_capture_worker(capture, packet));
    else if (nta_datagrams_tell(packet) && is_dns(packet, bytes))
        put_copies(capture, packet, bytes, UINT32_MAX);
    if (packet->kind == NTA_PACKET_IP &&
        (packet->ip_proto == PROTO_ICMP || packet->ip_proto == PROTO_ICMPV6))
        put_hearsay(capture, packet, bytes);
}

/**
 * Of a datagram put together: as if it had come in one piece.  True: it is, or holds, a fragment
 * again, which is in `packet`, its bytes at `ret_bytes`.
 */
static bool take_datagram(struct nta_capture *capture, struct nta_packet *packet,
                          const uint8_t *bytes, const uint8_t **ret_bytes)
{
    struct nta_decoding *decoding = &capture->datagrams;
    const uint8_t *at = bytes;

    nta_decode_datagram(&decoding->decode, bytes, packet);
    do {
        put_outer_packets(capture, &decoding->outer_packets, bytes, packet);
        if (packet->kind == NTA_PACKET_FRAGMENT &&
            decoding->outer_packets.rest_off == decoding->outer_packets.rest_end) {
            *ret_bytes = at;
            return true;
        }
        /* one with others behind it is given up: they lie where it would be put together */
        if (packet->kind == NTA_PACKET_FRAGMENT)
            nta_count(&capture->counters, NTA_COUNTER_FRAGMENT_DROP, 1);
        else if (nta_packet_is_told(packet))
            put_whole(capture, packet, at);
        at = nta_decode_next(&decoding->decode, bytes, packet);
    } while (at);
    return false;
}

/** A part of a datagram: when it is whole, it is taken, and so is what it was itself a part of. */
static void take_fragment(struct nta_capture *capture, struct nta_packet *packet,
                          const uint8_t *bytes)
{
    struct nta_span datagram;

    for (int depth = 0; depth < NESTED_MAX; depth++) {
        if (!nta_fragments_push(capture->fragments, packet, bytes, &datagram))
            return;
        packet->cap_len = packet->wire_len = (uint32_t)datagram.len;
        if (!take_datagram(capture, packet, datagram.ptr, &bytes))
            return;
    }
    nta_count(&capture->counters, NTA_COUNTER_FRAGMENT_DROP, 1);
}

void nta_datagrams_expire(struct nta_capture *capture, int64_t order_ns)
{
    struct nta_packet packet;
    struct nta_span datagram;
    const uint8_t *bytes;

    while (nta_fragments_expire(capture->fragments, order_ns, &packet, &datagram)) {
        packet.order_ns = capture->order.order_ns; /* it is told late */
        if (take_datagram(capture, &packet, datagram.ptr, &bytes))
            nta_count(&capture->counters, NTA_COUNTER_FRAGMENT_DROP, 1);
    }
    capture->quiet_until_ns = nta_fragments_quiet(capture->fragments);
}

void nta_datagrams_take(struct nta_capture *capture, struct nta_packet *packet,
                        const uint8_t *bytes)
{
    struct nta_decoding *decoding = &capture->frames;
    const uint8_t *at = bytes;

    do {
        put_outer_packets(capture, &decoding->outer_packets, bytes, packet);
        if (packet->kind == NTA_PACKET_FRAGMENT) {
            struct nta_packet part = *packet;

            nta_datagrams_expire(capture, packet->order_ns);
            take_fragment(capture, &part, at);
            capture->quiet_until_ns = nta_fragments_quiet(capture->fragments);
        } else {
            put_whole(capture, packet, at);
        }
        at = nta_decode_next(&decoding->decode, bytes, packet);
    } while (at);
}
