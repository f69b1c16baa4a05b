/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/doubt.h"

bool nta_flow_edge_is_opener(const struct nta_flow_entry *entry,
                             const struct nta_flow_stream *stream)
{
    const unsigned opener = entry->shown.opener ? entry->shown.opener : 1U + NTA_DIR_UP;

    return opener == 1U + (unsigned)nta_flow_dir(entry, stream);
}

/** Does it say that nothing was ever said in its sender's name, though something was? */
static bool denies_all(const struct nta_flow_entry *entry, const struct nta_flow_stream *sender,
                       const struct nta_packet *packet)
{
    return sender->syn && packet->tcp_seq == sender->isn + 1 &&
           sender->next_seq != sender->isn + 1 &&
           entry->shown.sides[nta_flow_dir(entry, sender)].bytes > 0;
}

/** Would its receiver take it (RFC 5961 section 3.2), and is it like what its sender sends? */
static bool is_sure(const struct nta_flow_stream *sender, const struct nta_packet *packet,
                    const uint8_t *bytes)
{
    struct nta_segment segment;

    return (packet->tcp_seq == sender->next_seq || packet->tcp_seq == sender->acked) &&
           !(nta_segment_read(packet, bytes, &segment) &&
             nta_flow_doubt_is_odd(sender, packet, &segment, bytes));
}

void nta_flow_edge_reset(struct nta_flow_entry *entry, struct nta_flow_stream *sender,
                         struct nta_flow_stream *other, const struct nta_packet *packet,
                         const uint8_t *bytes)
{
    const bool is_opener = nta_flow_edge_is_opener(entry, sender);
    struct nta_flow_stream *opener = is_opener ? sender : other;

    if (entry->owned >= NTA_FLOW_UNTAKEN) {
        if (is_opener && entry->owned < NTA_FLOW_DISOWNED)
            entry->owned = NTA_FLOW_UNSEEN;
        return;
    }
    if (!opener->started)
        return;
    if (!is_opener)
        entry->owned = NTA_FLOW_EDGE_OTHER;
    else if (denies_all(entry, sender, packet))
        entry->owned = NTA_FLOW_UNSEEN;
    else
        entry->owned = is_sure(sender, packet, bytes) ? NTA_FLOW_EDGE_ENDED : NTA_FLOW_EDGE_RESET;
    if (!opener->fin)
        opener->fin_seq = opener->next_seq;
}

void nta_flow_edge_bytes(struct nta_flow_entry *entry, const struct nta_flow_stream *sender,
                         uint32_t end_seq)
{
    if ((!sender->fin && entry->owned == NTA_FLOW_OWNED) || entry->owned >= NTA_FLOW_UNTAKEN ||
        !nta_flow_edge_is_opener(entry, sender) || nta_seq_ahead(end_seq, sender->fin_seq) <= 0)
        return;
    if (entry->owned == NTA_FLOW_EDGE_ENDED ||
        (sender->fin && nta_seq_ahead(sender->acked, sender->fin_seq) > 0))
        entry->owned = NTA_FLOW_DISOWNED;
    else if (entry->owned == NTA_FLOW_EDGE_RESET)
        entry->owned = NTA_FLOW_UNSEEN;
    else if (entry->owned == NTA_FLOW_EDGE_OTHER)
        entry->owned = NTA_FLOW_UNTAKEN;
}

void nta_flow_edge_hole(struct nta_flow_entry *entry, struct nta_flow_stream *stream, uint32_t seq)
{
    const bool is_heard = entry->shown.sides[1 - nta_flow_dir(entry, stream)].packets > 0;

    if (entry->owned >= NTA_FLOW_UNTAKEN || !is_heard || nta_seq_ahead(stream->acked, seq) >= 0 ||
        !nta_flow_edge_is_opener(entry, stream))
        return;
    entry->owned = NTA_FLOW_UNTAKEN;
    if (!stream->fin)
        stream->fin_seq = seq;
}

bool nta_flow_edge_acked(struct nta_flow_entry *entry, const struct nta_flow_stream *sender,
                         const struct nta_flow_stream *other, uint32_t ack)
{
    const bool is_opener = nta_flow_edge_is_opener(entry, sender);
    bool is_own = false;

    if (entry->owned == NTA_FLOW_UNTAKEN)
        is_own = !is_opener && nta_seq_ahead(ack, other->fin_seq) > 0;
    else if (entry->owned == NTA_FLOW_UNSEEN)
        is_own = is_opener && nta_seq_ahead(ack, other->acked) > 0 &&
                 nta_seq_ahead(ack, other->next_seq) <= 0;
    if (is_own)
        entry->owned = NTA_FLOW_OWNED;
    return is_own;
}

bool nta_flow_edge_is_taken(const struct nta_flow_entry *entry)
{
    const struct nta_flow_stream *streams = entry->streams;
    const struct nta_flow_stream *opener = &streams[!nta_flow_edge_is_opener(entry, streams)];

    return nta_seq_ahead(opener->acked, opener->next_seq) >= 0;
}

bool nta_flow_wait(struct nta_flow *flow)
{
    struct nta_flow_entry *entry = (struct nta_flow_entry *)flow;

    entry->waits |= !nta_flow_edge_is_taken(entry);
    return !entry->waits;
}
