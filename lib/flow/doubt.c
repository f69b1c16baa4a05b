/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/doubt.h"

enum
{
    /** An Ethernet frame has space for so many bytes behind the shortest headers of TCP. */
    PADDING_MAX = 6,
    /** An acknowledgement that is further back is not taken (RFC 5961 section 5.2). */
    OLD_ACK = 65535,
    WINDOW_MAX = 1 << 30, ///< RFC 7323 section 2.3.
};

void nta_flow_doubt_learn(struct nta_flow_stream *sender, const struct nta_packet *packet,
                          const uint8_t *bytes)
{
    const bool is_syn = (packet->tcp_flags & NTA_TCP_SYN) != 0;
    struct nta_segment segment;

    if ((sender->ttl && (!is_syn || sender->syn)) || !nta_segment_read(packet, bytes, &segment))
        return;
    sender->ttl = segment.ttl;
    if (!is_syn)
        return;
    sender->keyed = segment.has_md5;
    sender->sums = nta_segment_sum(packet, bytes) == NTA_SEGMENT_SUM_RIGHT;
}

void nta_flow_doubt_wrong(struct nta_flow_stream *sender, uint8_t ttl)
{
    sender->ttl = ttl;
    sender->sums = false;
    sender->keyed = true;
}

static bool is_padding(const struct nta_packet *packet, const uint8_t *bytes)
{
    if (packet->tcp_flags != NTA_TCP_ACK || packet->payload_wire_len > PADDING_MAX)
        return false;
    for (uint32_t i = 0; i < packet->payload_len; i++) {
        if (bytes[packet->payload_off + i] != 0)
            return false;
    }
    return true;
}

/** It acknowledges what is long over, or was never said: before the first byte of `other`. */
static bool is_old_ack(const struct nta_flow_stream *other, const struct nta_packet *packet)
{
    const int32_t behind = nta_seq_ahead(other->acked, packet->tcp_ack);

    if (!other->started)
        return false;
    return behind > OLD_ACK || -behind > WINDOW_MAX ||
           (other->syn && other->acked - other->isn <= WINDOW_MAX &&
            nta_seq_ahead(packet->tcp_ack, other->isn + 1) < 0);
}

bool nta_flow_doubt_is_odd(const struct nta_flow_stream *sender, const struct nta_packet *packet,
                           const struct nta_segment *segment, const uint8_t *bytes)
{
    return (sender->ttl && segment->ttl != sender->ttl) ||
           (segment->has_md5 && sender->syn && !sender->keyed) ||
           (sender->sums && nta_segment_sum(packet, bytes) == NTA_SEGMENT_SUM_WRONG);
}

bool nta_flow_doubt_is(const struct nta_flow_stream *sender, const struct nta_flow_stream *other,
                       const struct nta_packet *packet, const struct nta_segment *segment,
                       const uint8_t *bytes)
{
    if (packet->tcp_flags & NTA_TCP_SYN)
        return true;
    if (!(packet->tcp_flags & NTA_TCP_ACK) || is_old_ack(other, packet) ||
        is_padding(packet, bytes))
        return true;
    return segment && nta_flow_doubt_is_odd(sender, packet, segment, bytes);
}
