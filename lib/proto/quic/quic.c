/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/quic.h"

#include "proto/foreign.h"
#include "proto/quic/gquic.h"
#include "proto/quic/quic_ids.h"
#include "proto/quic/quic_packet.h"
#include "proto/quic/quic_stream.h"
#include "proto/tls/tls_hello.h"

enum
{
    TRIES_MAX = 16,  /* datagrams that told nothing; counted in `memo` */
    PACKETS_MAX = 8, /* in one datagram */
    /* a first datagram (RFC 9000 section 14.1), as those that could be something else must be: of
     * unknown version, or without the bit that is mostly set (RFC 9287) */
    FULL_LEN = 1200,
    FIXED_BIT = 0x40,
    MESSAGE_HEAD_LEN = 4,
    CLIENT_HELLO = 1,
    LONG_FORM = 0x80,
    ZERO_HEAD_LEN = 9, /* "1QTV", version, length */
    ZERO_LEN_MAX = 16384,
};

static const struct nta_span zero_magic = {(const uint8_t *)"1QTV", 4};

struct quic
{
    bool has_keys; /* they have opened a packet */
    bool emitted;
    bool has_ids;        /* of the connection whose packets it opens */
    uint8_t client_side; /* who sent what was opened; an enum nta_side */
    struct nta_quic_ids ids;
    struct nta_quic_keys keys;
    struct nta_tls_stream stream;
};

static void emit(struct quic *quic, struct nta_proto_io *io,
                 const struct nta_tls_client_hello *hello)
{
    const struct nta_event event = {
        .kind = NTA_EVENT_TLS_CLIENT_HELLO,
        .app = NTA_APP_QUIC,
        .client_hello = hello,
        .quic = quic->has_ids ? &quic->ids : NULL,
    };

    quic->emitted = true;
    io->done_both = true;
    io->emit(io->owner, &event);
}

static void quic_turn(void *state)
{
    struct quic *quic = state;

    quic->client_side ^= 1;
}

/* The sender of a ClientHello is the client. */
static void settle_side(struct quic *quic, struct nta_proto_io *io)
{
    if (io->side == NTA_FROM_SERVER) {
        io->swap = true;
        quic_turn(quic);
    }
}

static enum nta_parse emit_google(struct quic *quic, struct nta_proto_io *io,
                                  struct nta_span message)
{
    struct nta_tls_client_hello hello = {.n_versions = 0};
    enum nta_parse verdict = nta_gquic_hello_read(message, &hello.server_name);

    if (verdict == NTA_PARSE_OK) {
        settle_side(quic, io);
        emit(quic, io, &hello);
    }
    return verdict;
}

/*
 * Of a hello that goes on behind what is there, or that is longer than we keep: what is known, if
 * that is a name.
 */
static void emit_cut(struct quic *quic, struct nta_proto_io *io, struct nta_span body)
{
    struct nta_tls_client_hello hello;

    if (nta_tls_hello_client(body, NTA_TLS_OVER_QUIC, &hello) != NTA_PARSE_MORE ||
        hello.server_name.len == 0)
        return;
    hello.cut = true;
    emit(quic, io, &hello);
}

/* Tell the hello if the stream holds all of it. */
static enum nta_parse emit_stream(struct quic *quic, struct nta_proto_io *io)
{
    struct nta_span head = nta_tls_stream_head(&quic->stream);
    struct nta_reader r = nta_reader_of(head.ptr, head.len);

    if (nta_gquic_is_hello(head))
        return emit_google(quic, io, head);

    uint8_t type = nta_read_u8(&r);
    size_t len = nta_read_be24(&r);

    if (!nta_reader_ok(&r))
        return NTA_PARSE_MORE;
    if (type != CLIENT_HELLO)
        return NTA_PARSE_BAD;

    struct nta_span body = nta_reader_rest(&r);

    if (body.len >= len) {
        struct nta_tls_client_hello hello;

        body.len = len;
        if (nta_tls_hello_client(body, NTA_TLS_OVER_QUIC, &hello) != NTA_PARSE_OK)
            return NTA_PARSE_BAD;
        settle_side(quic, io);
        emit(quic, io, &hello);
        return NTA_PARSE_OK;
    }
    if (head.len == NTA_TLS_STREAM_SIZE) {
        settle_side(quic, io);
        emit_cut(quic, io, body);
        io->done_both = true;
    }
    return NTA_PARSE_MORE;
}

static struct nta_span bytes_of(const struct nta_quic_id *id)
{
    return (struct nta_span){id->bytes, id->len};
}

static struct nta_quic_id id_of(struct nta_span bytes)
{
    struct nta_quic_id id = {.len = (uint8_t)bytes.len};

    if (bytes.len > 0)
        memcpy(id.bytes, bytes.ptr, bytes.len);
    return id;
}

/* Another connection, or this one begun anew: its stream begins anew too. */
static void take_keys(struct quic *quic, const struct nta_proto_io *io,
                      const struct nta_quic_packet *packet, const struct nta_quic_keys *keys)
{
    quic->has_keys = quic->has_ids = true;
    quic->keys = *keys;
    quic->ids = (struct nta_quic_ids){.version = packet->version,
                                      .destination = id_of(packet->destination),
                                      .source = id_of(packet->source)};
    quic->client_side = (uint8_t)io->side;
    quic->stream.n_ranges = 0;
}

/*
 * The keys that the destination of a datagram's Initials gives, once they were made.  All of them
 * have the same (RFC 9000 section 12.2), so keys are made once, however many packets there are.
 */
struct own_keys
{
    struct nta_span destination;
    bool made;
    struct nta_quic_keys keys;
};

static bool open_with_own(struct own_keys *own, const struct nta_quic_packet *packet,
                          struct nta_span *ret_plain)
{
    if (packet->destination.len == 0 ||
        (own->made && !nta_span_equal(packet->destination, own->destination)))
        return false;
    if (!own->made)
        nta_quic_keys_make(packet->row, packet->destination, &own->keys);
    own->made = true;
    own->destination = packet->destination;
    if (nta_quic_open(&own->keys, packet->whole, packet->number_offset, ret_plain))
        return true;
    if (!nta_quic_is_reserved(packet->version))
        return false;
    nta_quic_keys_make(nta_quic_version_find(NTA_QUIC_HOPED_BEFORE), packet->destination,
                       &own->keys);
    return nta_quic_open(&own->keys, packet->whole, packet->number_offset, ret_plain);
}

/* Open an Initial packet: with the keys known, else with those that its connection id gives. */
static bool open_initial(struct quic *quic, const struct nta_proto_io *io,
                         const struct nta_quic_packet *packet, struct own_keys *own,
                         struct nta_span *ret_plain)
{
    if (quic->has_keys && quic->ids.version == packet->version) {
        /* the server's packets have keys of their own */
        if (quic->client_side != io->side)
            return false;
        if (nta_quic_open(&quic->keys, packet->whole, packet->number_offset, ret_plain))
            return true;
        if (nta_span_equal(packet->destination, bytes_of(&quic->ids.destination)))
            return false; /* it gives the same keys */
    }
    if (!open_with_own(own, packet, ret_plain))
        return false;
    take_keys(quic, io, packet, &own->keys);
    return true;
}

static enum nta_parse on_initial(struct quic *quic, struct nta_proto_io *io,
                                 const struct nta_quic_packet *packet, struct own_keys *own)
{
    struct nta_span plain;

    if (!open_initial(quic, io, packet, own, &plain))
        return NTA_PARSE_OK;

    enum nta_parse verdict =
        nta_quic_stream_frames(&quic->stream, plain, packet->row->has_google_frames);
    enum nta_parse emitted = emit_stream(quic, io);

    return emitted == NTA_PARSE_BAD ? emitted : emitted == NTA_PARSE_OK ? NTA_PARSE_OK : verdict;
}

static enum nta_parse feed_packets(struct quic *quic, struct nta_proto_io *io, struct nta_reader *r)
{
    enum nta_parse verdict = NTA_PARSE_OK;
    struct own_keys own = {.made = false};

    for (size_t n = 0; n < PACKETS_MAX && nta_reader_left(r) > 0 && !quic->emitted; n++) {
        struct nta_quic_packet packet;

        enum nta_parse whole = nta_quic_packet_read(r, &packet);

        verdict = whole;
        if (packet.type == NTA_QUIC_INITIAL && whole == NTA_PARSE_OK)
            verdict = on_initial(quic, io, &packet, &own);
        if (nta_quic_is_reserved(packet.version)) { /* it may hold anything at all */
            verdict = NTA_PARSE_OK;
            break;
        }
        if (whole != NTA_PARSE_OK || verdict == NTA_PARSE_BAD)
            return verdict;
    }
    nta_reader_skip(r, nta_reader_left(r));
    return verdict;
}

/* Facebook's Zero protocol: Google's hello over TCP, in a frame with a little-endian length. */
static enum nta_parse feed_zero(struct quic *quic, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_reader peek = *r;
    struct nta_span head = nta_read_span(&peek, ZERO_HEAD_LEN);

    if (nta_span_becomes(nta_reader_rest(r), zero_magic) == NTA_PARSE_OTHER)
        return NTA_PARSE_OTHER;
    if (!nta_reader_ok(&peek))
        return NTA_PARSE_MORE;

    size_t len = (size_t)head.ptr[5] | (size_t)head.ptr[6] << 8 | (size_t)head.ptr[7] << 16 |
                 (size_t)head.ptr[8] << 24;

    if (len > ZERO_LEN_MAX)
        return NTA_PARSE_OTHER;

    struct nta_span message = nta_read_span(&peek, len);

    if (!nta_reader_ok(&peek))
        return NTA_PARSE_MORE;
    *r = peek;
    enum nta_parse verdict = emit_google(quic, io, message);

    io->done = true;
    io->done_both = false;
    return verdict == NTA_PARSE_OK ? NTA_PARSE_OK : NTA_PARSE_BAD;
}

/* The other side answers the hello, in a way that is not told, or it never understood it. */
static enum nta_parse feed_zero_answer(struct nta_proto_io *io, const struct nta_reader *r)
{
    const struct nta_span rest = nta_reader_rest(r);

    io->done_both = rest.len > 0;
    return nta_proto_is_foreign(rest) && !nta_span_begins(rest, zero_magic) ? NTA_PARSE_OTHER
                                                                            : NTA_PARSE_OK;
}

static enum nta_parse quic_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct quic *quic = state;
    struct nta_span datagram = nta_reader_rest(r);
    enum nta_parse verdict = NTA_PARSE_OK;

    if (io->is_stream && quic->emitted)
        return feed_zero_answer(io, r);
    if (quic->emitted || io->memo >= TRIES_MAX) {
        io->done_both = true;
        return NTA_PARSE_OK;
    }
    if (io->is_stream)
        return nta_reader_left(r) > 0 ? feed_zero(quic, io, r) : NTA_PARSE_OK;
    if (nta_gquic_probe(datagram) == NTA_PARSE_OK) {
        struct nta_span message = nta_gquic_find_hello(datagram);

        if (message.len > 0)
            verdict = emit_google(quic, io, message);
        nta_reader_skip(r, datagram.len);
    } else {
        verdict = feed_packets(quic, io, r);
    }
    if (!quic->emitted && ++io->memo >= TRIES_MAX) {
        nta_proto_quic.end(quic, io);
        io->done_both = true;
    }
    io->idle = !quic->has_keys;
    return verdict;
}

static void quic_end(void *state, struct nta_proto_io *io)
{
    struct quic *quic = state;
    struct nta_span head = nta_tls_stream_head(&quic->stream);

    if (quic->emitted || head.len <= MESSAGE_HEAD_LEN || head.ptr[0] != CLIENT_HELLO)
        return;
    head.ptr += MESSAGE_HEAD_LEN;
    head.len -= MESSAGE_HEAD_LEN;
    emit_cut(quic, io, head);
}

/* A list of versions, one of which we know (RFC 9000 section 17.2.1). */
static enum nta_parse probe_versions(struct nta_span whole, size_t ids_len)
{
    struct nta_reader r = nta_reader_of(whole.ptr, whole.len);

    nta_reader_skip(&r, 1 + 4 + 2 + ids_len);
    if (nta_reader_left(&r) % 4 != 0)
        return NTA_PARSE_OTHER;
    while (nta_reader_left(&r) > 0) {
        if (nta_quic_version_find(nta_read_be32(&r)))
            return NTA_PARSE_OK;
    }
    return NTA_PARSE_OTHER;
}

static enum nta_parse probe_zero(struct nta_span first)
{
    return first.len > 0 ? nta_span_becomes(first, zero_magic) : NTA_PARSE_OTHER;
}

/*
 * A long header of a version that exists, whose lengths fit.  Packets with short headers say
 * nothing of themselves.
 */
static enum nta_parse quic_probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    struct nta_quic_packet packet;

    if (io->is_stream)
        return probe_zero(first);
    if (first.len == 0 || nta_gquic_probe(first) == NTA_PARSE_OK)
        return first.len == 0 ? NTA_PARSE_OTHER : NTA_PARSE_OK;

    enum nta_parse verdict = nta_quic_packet_read(&r, &packet);

    if (!(first.ptr[0] & LONG_FORM) || verdict == NTA_PARSE_OTHER ||
        (first.len < FULL_LEN &&
         (nta_quic_is_reserved(packet.version) || (packet.row && !(first.ptr[0] & FIXED_BIT)))))
        return NTA_PARSE_OTHER;
    switch (packet.type) {
    case NTA_QUIC_INITIAL:
    case NTA_QUIC_ZERO_RTT:
    case NTA_QUIC_HANDSHAKE:
    case NTA_QUIC_RETRY: return NTA_PARSE_OK; /* also when the capture cut it short */
    case NTA_QUIC_VERSION_NEGOTIATION:
        return verdict == NTA_PARSE_OK
                   ? probe_versions(packet.whole, packet.destination.len + packet.source.len)
                   : NTA_PARSE_OTHER;
    case NTA_QUIC_OF_OTHER_VERSION:
    case NTA_QUIC_SHORT: break;
    }
    return NTA_PARSE_OTHER;
}

NTA_PROTO(quic, struct quic, quic_probe, quic_feed, quic_turn, .app = NTA_APP_QUIC,
          .over_tcp = true, .over_udp = true, .settles_sides = true, .end = quic_end,
          .zeroed = offsetof(struct quic, stream.bytes));
