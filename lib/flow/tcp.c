/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a segment's flags and numbers say about the connection (RFC 9293 section 3.10.7, as far as
 * one who only listens can judge).  The bytes go to stream.c.
 */
#include "flow/tcp.h"

#include "flow/doubt.h"
#include "flow/second.h"
#include "flow/stream.h"
#include "flow/table.h"

#define OLD_CONNECTION_NS UINT64_C(1000000000)

enum
{
    RST_WINDOW = 1 << 20, ///< A reset further ahead than this was made up.
    WIRE_MAX = 1 << 24,   ///< No segment is longer, whatever a header claims.
};

static void start(struct nta_flow_stream *stream, uint32_t first_seq)
{
    stream->started = true;
    stream->next_seq = first_seq;
    stream->acked = first_seq;
    stream->isn = first_seq - 1;
}

/** Nobody would mind a new connection in this one's place. */
static bool is_old(const struct nta_flows *flows, const struct nta_flow_entry *entry)
{
    return entry->closed || flows->clock_ns - entry->seen_ns > OLD_CONNECTION_NS;
}

/** The SYN-ACK acknowledges the SYN, perhaps with data in it (RFC 7413), that we saw. */
static bool answers(const struct nta_packet *packet, const struct nta_flow_stream *other)
{
    return !other->started || packet->tcp_ack - (other->isn + 1) <= NTA_FLOW_SYN_REACH;
}

static bool both_spoke(const struct nta_flow *flow)
{
    return flow->sides[0].packets > 0 && flow->sides[1].packets > 0;
}

static bool syn_is_other(const struct nta_flows *flows, struct nta_flow_entry *entry,
                         const struct nta_flow_stream *sender, const struct nta_packet *packet)
{
    const struct nta_flow_stream *other = nta_flow_stream_other(entry, sender);
    bool is_answer = (packet->tcp_flags & NTA_TCP_ACK) != 0;

    if (!sender->started && is_answer)
        return !answers(packet, other) && is_old(flows, entry);
    if (!sender->started)
        return other->started && !other->syn;
    if (sender->isn == packet->tcp_seq)
        return false;
    if (!sender->syn && sender->isn - packet->tcp_seq <= NTA_FLOW_SYN_REACH)
        return false;
    /* anybody can throw a SYN at a living connection; its two ends then go on with the old numbers
     * (RFC 9293 section 3.10.7.4), and we with them, until an answer shows that they did not */
    return is_answer || is_old(flows, entry) || !both_spoke(&entry->shown);
}

bool nta_flow_tcp_is_other(const struct nta_flows *flows, struct nta_flow_entry *entry,
                           struct nta_flow_stream *sender, const struct nta_packet *packet)
{
    if (packet->tcp_flags & NTA_TCP_RST)
        return false;
    if (packet->tcp_flags & NTA_TCP_SYN)
        return syn_is_other(flows, entry, sender, packet);
    return packet->payload_wire_len > 0 && sender->started && nta_flow_stream_is_lost(sender) &&
           nta_flow_stream_place(sender, packet->tcp_seq) == NTA_FLOW_PLACE_NOWHERE;
}

/**
 * A reset counts only if its number fits: a made-up one must not hide what follows (RFC 5961
 * section 3).
 */
static bool is_reset(const struct nta_flow_stream *sender, const struct nta_flow_stream *other,
                     const struct nta_packet *packet)
{
    if (!sender->started)
        return !(packet->tcp_flags & NTA_TCP_ACK) || !other->started ||
               nta_flow_stream_place(other, packet->tcp_ack) == NTA_FLOW_PLACE_NEAR;
    uint32_t base =
        nta_seq_ahead(sender->acked, sender->next_seq) < 0 ? sender->acked : sender->next_seq;

    return packet->tcp_seq - base <= sender->next_seq - base + RST_WINDOW;
}

/** What comes after it is read all the same, since anybody can make up one that fits. */
static void take_reset(struct nta_flow_entry *entry, struct nta_flow_stream *sender,
                       struct nta_flow_stream *other, const struct nta_packet *packet,
                       const uint8_t *bytes)
{
    if (!is_reset(sender, other, packet))
        return;
    nta_flow_edge_reset(entry, sender, other, packet, bytes);
    entry->closed = true;
    other->refused = true;
    if (other->started && (packet->tcp_flags & NTA_TCP_ACK))
        nta_flow_stream_acked(other, packet->tcp_ack);
}

/** False: a SYN of somebody else's, to be passed over. */
static bool take_syn(struct nta_flows *flows, struct nta_flow_entry *entry,
                     struct nta_flow_stream *sender, const struct nta_packet *packet)
{
    struct nta_flow_stream *other = nta_flow_stream_other(entry, sender);
    bool is_answer = (packet->tcp_flags & NTA_TCP_ACK) != 0;
    enum nta_dir dir = is_answer ? NTA_DIR_DOWN : NTA_DIR_UP;

    if (is_answer && !answers(packet, other))
        return false;
    if (sender->started && sender->isn - packet->tcp_seq > NTA_FLOW_SYN_REACH)
        return false;
    if (!entry->shown.saw_syn && !entry->settled && nta_flow_dir(entry, sender) != dir)
        nta_flows_swap(flows, &entry->shown);
    entry->shown.saw_syn = true;
    entry->shown.opener = (1U + nta_flow_dir(entry, is_answer ? other : sender)) & 3U;
    if (!sender->started)
        start(sender, packet->tcp_seq + 1);
    sender->isn = packet->tcp_seq;
    sender->syn = true;
    if (is_answer && !other->started)
        start(other, packet->tcp_ack);
    return true;
}

/**
 * An acknowledgement of bytes that were sent (or of the FIN behind them), or the opener's of the
 * first number: who guesses sends another one.  What comes with a SYN is acknowledged whoever sent
 * that: then only the opener's own proves anything.
 */
static bool proves(const struct nta_flows *flows, const struct nta_flow_entry *entry,
                   const struct nta_flow_stream *sender, const struct nta_flow_stream *other,
                   uint32_t ack)
{
    const uint32_t end = other->second ? nta_flow_second_end(flows, entry, other) : other->next_seq;
    const uint32_t first = other->isn + 1, n = ack - first, sent = end - first;
    const bool is_opener = entry->shown.opener == 1U + (unsigned)nta_flow_dir(entry, sender);

    return n <= sent + other->fin && (is_opener || !entry->said_early) &&
           (n > 0 || (other->syn && is_opener));
}

static void take_ack(struct nta_flows *flows, struct nta_flow_entry *entry,
                     const struct nta_flow_stream *sender, struct nta_flow_stream *other,
                     uint32_t ack)
{
    /* the end of a handshake whose middle we missed: where the other side's bytes start is known
     * all the same */
    if (!other->started && sender->syn && sender->next_seq == sender->isn + 1 && ack != 0)
        start(other, ack);
    if (!other->started)
        return;
    bool is_news =
        entry->owned >= NTA_FLOW_UNTAKEN && nta_flow_edge_acked(entry, sender, other, ack);

    if (!entry->shown.proved && proves(flows, entry, sender, other, ack)) {
        entry->shown.proved = true;
        is_news = true;
    }
    if (is_news && flows->ops->proved)
        flows->ops->proved(flows->owner, &entry->shown);
    nta_flow_stream_acked(other, ack);
    if (other->second)
        nta_flow_second_acked(flows, entry, other);
    if (entry->waits && nta_flow_edge_is_taken(entry)) {
        entry->waits = false;
        flows->ops->taken(flows->owner, &entry->shown);
    }
    if (other->early)
        nta_flow_stream_check(flows, entry, other);
}

static void take_fin(struct nta_flow_stream *sender, uint32_t end_seq)
{
    if (sender->fin || nta_seq_ahead(end_seq, sender->next_seq) < 0 ||
        nta_flow_stream_place(sender, end_seq) != NTA_FLOW_PLACE_NEAR)
        return;
    sender->fin = true;
    sender->fin_seq = end_seq;
}

static bool has_bytes(const struct nta_flow *flow)
{
    return flow->sides[0].bytes > 0 || flow->sides[1].bytes > 0;
}

static void settle(struct nta_flows *flows, struct nta_flow_entry *entry)
{
    const bool both = both_spoke(&entry->shown);
    const struct nta_flow_stream *streams = entry->streams;

    /* who is never heard never says FIN */
    if ((streams[0].fin && streams[1].fin) || ((streams[0].fin || streams[1].fin) && !both))
        entry->closed = true;
    if (entry->closed)
        nta_flow_set_timeout(flows, entry, NTA_FLOW_TIMEOUT_CLOSED);
    else if (!entry->began || (!both && !has_bytes(&entry->shown)))
        nta_flow_set_timeout(flows, entry, NTA_FLOW_TIMEOUT_HALF); /* anybody can send that */
    else
        nta_flow_set_timeout(flows, entry, both ? NTA_FLOW_TIMEOUT_TCP : NTA_FLOW_TIMEOUT_OPENING);
}

/** Not after a reset, which anybody can make up: what comes behind it is read all the same. */
static void tell_closed(struct nta_flows *flows, struct nta_flow_entry *entry)
{
    if (entry->told || !nta_flow_stream_is_over(&entry->streams[0]) ||
        !nta_flow_stream_is_over(&entry->streams[1]))
        return;
    entry->told = true;
    if (flows->ops->closed)
        flows->ops->closed(flows->owner, &entry->shown);
}

static uint32_t at_most_wire(uint32_t len)
{
    return len < WIRE_MAX ? len : WIRE_MAX;
}

/** What a packet carries, before what SYN and FIN count. */
static struct nta_flow_piece piece_of(const struct nta_packet *packet, const uint8_t *payload)
{
    struct nta_flow_piece piece = {
        .seq = packet->tcp_seq,
        .ptr = payload,
        .len = at_most_wire(packet->payload_len),
        .wire_len = at_most_wire(packet->payload_wire_len),
        .ack = packet->tcp_ack,
        .has_ack = (packet->tcp_flags & NTA_TCP_ACK) != 0,
    };

    piece.wire_len = piece.wire_len < piece.len ? piece.len : piece.wire_len;
    return piece;
}

static void take_piece(struct nta_flows *flows, struct nta_flow_entry *entry,
                       struct nta_flow_stream *sender, const struct nta_packet *packet,
                       const uint8_t *payload, struct nta_flow_piece piece)
{
    struct nta_flow_stream *other = nta_flow_stream_other(entry, sender);

    if (other->early && nta_seq_ahead(piece.seq, sender->next_seq) >= 0)
        nta_flow_stream_answered(flows, entry, other);
    nta_flow_edge_bytes(entry, sender, piece.seq + piece.wire_len);
    /* bytes behind a FIN: it was not the end */
    if (sender->fin && nta_seq_ahead(piece.seq + piece.wire_len, sender->fin_seq) > 0)
        sender->fin = false;
    if (sender->second || (packet->tcp_flags & NTA_TCP_URG) ||
        nta_flow_second_is_near(sender, &piece))
        nta_flow_second_take(flows, entry, sender, packet, payload - packet->payload_off, piece);
    else
        nta_flow_stream_take(flows, entry, sender, piece);
}

void nta_flow_tcp(struct nta_flows *flows, struct nta_flow_entry *entry,
                  struct nta_flow_stream *sender, const struct nta_packet *packet,
                  const uint8_t *payload)
{
    struct nta_flow_stream *other = nta_flow_stream_other(entry, sender);
    struct nta_flow_piece piece = piece_of(packet, payload);
    const bool fin = (packet->tcp_flags & NTA_TCP_FIN) != 0;

    entry->began |= (packet->tcp_flags & NTA_TCP_SYN) == 0;
    nta_flow_doubt_learn(sender, packet, payload - packet->payload_off);
    if (packet->tcp_flags & NTA_TCP_RST) {
        take_reset(entry, sender, other, packet, payload - packet->payload_off);
        settle(flows, entry);
        return;
    }
    if (packet->tcp_flags & NTA_TCP_SYN) {
        if (!take_syn(flows, entry, sender, packet))
            return;
        piece.seq++;
        entry->said_early |= piece.wire_len > 0;
    }
    uint32_t end_seq = piece.seq + piece.wire_len;

    /* not by a bare ACK: that may be a keep-alive, one number before the next byte (RFC 9293
     * section 3.8.4) */
    if (!sender->started && (piece.wire_len > 0 || fin))
        start(sender, piece.seq);
    /* first what the sender has seen, then what it says on that */
    if (packet->tcp_flags & NTA_TCP_ACK)
        take_ack(flows, entry, sender, other, packet->tcp_ack);
    if (piece.wire_len > 0)
        take_piece(flows, entry, sender, packet, payload, piece);
    if (fin && sender->started)
        take_fin(sender, end_seq);
    settle(flows, entry);
    if (entry->closed)
        tell_closed(flows, entry);
}
