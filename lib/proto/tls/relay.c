/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/relay.h"

#include "base/own.h"
#include "proto/tls/relay_peers.h"
#include "proto/tls/relayed.h"
#include "proto/tls/stun.h"

enum
{
    SURE_LEN = 8,          /* of a message: up to its cookie */
    CHANNEL_HEAD_LEN = 4,  /* number, length */
    FRAME_MAX = 16 * 1024, /* a relay passes on datagrams */
    FRAMES_MAX = 64,
    CONNECT = 0x000a, /* RFC 6062 section 6.1 */
    CONNECT_DONE = 0x010a,
    CONNECT_FAILED = 0x011a,
    BIND = 0x000b,
    BIND_DONE = 0x010b,
};

/* Whom the relay is asked to connect to, until it says whether it did. */
struct asked
{
    int64_t begin_wall_ns;
    struct nta_addr addr;
    uint16_t port;
    bool is_open; ///< False: nobody.
};

struct relay
{
    struct nta_relayed *relayed; ///< Lent; NULL: nothing was relayed that it reads.
    struct asked asked;
    bool spoke[2];
    bool is_adrift[2]; ///< Where the next frame begins is not known.
    bool binds;        ///< The client wants the rest of the connection to be a relayed one,
    uint32_t number;   ///< that of this number.
    bool is_named;     ///< The hello inside was read.
    uint8_t n_frames;  ///< In a row that told nothing.
};

/* The frame that `bytes` begin with, padding included.  MORE: not even that is known. */
static enum nta_parse frame_of(struct nta_span bytes, size_t *ret_len)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    const uint16_t first = nta_read_be16(&r), len = nta_read_be16(&r);
    const bool is_channel = bytes.ptr[0] >> 4 == NTA_STUN_CHANNEL_MIN >> 12;

    if (!is_channel && bytes.ptr[0] >> 6 != 0)
        return NTA_PARSE_OTHER;
    if (bytes.len < (is_channel ? CHANNEL_HEAD_LEN : SURE_LEN))
        return NTA_PARSE_MORE;
    *ret_len = is_channel ? CHANNEL_HEAD_LEN + ((size_t)len + 3) / 4 * 4 : nta_stun_len(bytes);
    return first > 0 && *ret_len > 0 ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

/* Behind a hole a channel's number is not enough: the bytes are whole frames, one after another. */
static bool are_frames(struct nta_span bytes)
{
    size_t len;

    while (bytes.len > 0) {
        const enum nta_parse verdict = frame_of(bytes, &len);

        if (verdict != NTA_PARSE_OK || len > bytes.len)
            return false;
        bytes = nta_span_from(bytes, len);
    }
    return true;
}

/* On the connection that asks, and on the one that goes there. */
static void emit_asked(const struct nta_proto_io *io, const struct asked *asked,
                       enum nta_event_kind kind, uint16_t status)
{
    char text[NTA_ADDR_TEXT_SIZE];
    const struct nta_transfer transfer = {
        .method = nta_span_of("CONNECT"),
        .host = nta_span_of(nta_addr_text(&asked->addr, text)),
        .port = asked->port,
        .begin_wall_ns = asked->begin_wall_ns,
        .status = status,
        .complete = kind == NTA_EVENT_TRANSFER_END,
    };

    io->emit(io->owner,
             &(const struct nta_event){.kind = kind, .app = NTA_APP_STUN, .transfer = &transfer});
}

static void end_asked(struct relay *relay, const struct nta_proto_io *io, uint16_t status)
{
    if (relay->asked.is_open)
        emit_asked(io, &relay->asked, NTA_EVENT_TRANSFER_END, status);
    relay->asked.is_open = false;
}

static void take_request(struct relay *relay, const struct nta_proto_io *io,
                         struct nta_span message)
{
    struct asked asked = {.begin_wall_ns = io->wall_ns, .is_open = true};

    if (nta_stun_type(message) == BIND)
        relay->binds = nta_stun_connection(message, &relay->number);
    if (nta_stun_type(message) != CONNECT || !nta_stun_peer(message, &asked.addr, &asked.port))
        return;
    end_asked(relay, io, 0); /* the one before, whose answer was not waited for */
    relay->asked = asked;
    emit_asked(io, &asked, NTA_EVENT_TRANSFER_BEGIN, 0);
}

static void take_connected(struct relay *relay, const struct nta_proto_io *io,
                           struct nta_span message)
{
    uint32_t number;

    if (relay->asked.is_open && nta_stun_connection(message, &number))
        nta_relay_peers_put(io, number, &relay->asked.addr, relay->asked.port);
    end_asked(relay, io, 0);
}

/* The rest of the connection is the peer's, whom another one asked for. */
static void take_bound(const struct relay *relay, struct nta_proto_io *io)
{
    const struct nta_relay_peer *peer =
        relay->binds ? nta_relay_peers_find(io, relay->number) : NULL;

    io->handover = relay->binds || !io->saw_syn;
    if (!peer)
        return;
    const struct asked asked = {
        .begin_wall_ns = io->wall_ns, .addr = peer->addr, .port = peer->port};

    emit_asked(io, &asked, NTA_EVENT_TRANSFER_BEGIN, 0);
}

static void take_answer(struct relay *relay, struct nta_proto_io *io, struct nta_span message)
{
    switch (nta_stun_type(message)) {
    case CONNECT_DONE: take_connected(relay, io, message); break;
    case CONNECT_FAILED: end_asked(relay, io, nta_stun_error(message)); break;
    case BIND_DONE: take_bound(relay, io); break;
    default: break;
    }
    nta_stun_tell_realm(io, message);
}

static void turn_sides(struct relay *relay)
{
    NTA_TURN(relay->spoke);
    NTA_TURN(relay->is_adrift);
}

static void take_content(struct relay *relay, struct nta_proto_io *io, struct nta_span content)
{
    const enum nta_side side = nta_proto_side(io);

    if (!relay->is_named && nta_relayed_take(&relay->relayed, io, content))
        relay->n_frames = 0;
    if (nta_proto_side(io) != side)
        turn_sides(relay);
    relay->is_named |= io->done_both || (relay->relayed && relay->relayed->is_barred);
}

/* A whole frame. */
static void take_frame(struct relay *relay, struct nta_proto_io *io, struct nta_span frame)
{
    const struct nta_span content = nta_stun_carried(frame);
    const enum nta_side side = nta_proto_side(io);

    relay->n_frames = (uint8_t)(relay->n_frames + (relay->n_frames < FRAMES_MAX));
    relay->spoke[side] = true;
    relay->is_adrift[side] = false;
    if (content.len > 0)
        take_content(relay, io, content);
    else if (side == NTA_FROM_CLIENT)
        take_request(relay, io, frame);
    else
        take_answer(relay, io, frame);
    io->done_both = (relay->is_named || relay->n_frames == FRAMES_MAX) && relay->spoke[0] &&
                    relay->spoke[1] && !io->handover;
}

static enum nta_parse step(struct relay *relay, struct nta_proto_io *io, struct nta_reader *r)
{
    const struct nta_span rest = nta_reader_rest(r);
    size_t len = 0;

    if (relay->is_adrift[nta_proto_side(io)] && !are_frames(rest)) {
        nta_reader_skip(r, rest.len);
        return NTA_PARSE_OK;
    }
    const enum nta_parse verdict = frame_of(rest, &len);

    if (verdict != NTA_PARSE_OK)
        return verdict;
    if (len > FRAME_MAX) {
        const size_t here = nta_smaller(len, rest.len);

        nta_reader_skip(r, here);
        io->skip = len - here;
        io->limited = true;
        return NTA_PARSE_OK;
    }
    if (len > rest.len)
        return NTA_PARSE_MORE;
    nta_reader_skip(r, len);
    take_frame(relay, io, nta_span_first(rest, len));
    return NTA_PARSE_OK;
}

static enum nta_parse relay_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    enum nta_parse verdict = NTA_PARSE_OK;

    while (verdict == NTA_PARSE_OK && nta_reader_left(r) > 0 && !io->handover && !io->done_both)
        verdict = step(state, io, r);
    if (io->handover)
        nta_relayed_end(((struct relay *)state)->relayed, io);
    return verdict;
}

/* Many things begin with a zero or a one: no more of a server's bytes than that is waited for. */
static enum nta_parse relay_probe(const struct nta_proto_io *io, struct nta_span first)
{
    size_t len;

    if (!io->is_stream || io->expected_by != NTA_APP_NONE || first.len == 0)
        return NTA_PARSE_OTHER;
    if (first.len < SURE_LEN)
        return first.ptr[0] <= 1 && io->side == NTA_FROM_CLIENT ? NTA_PARSE_MORE : NTA_PARSE_OTHER;
    if (nta_stun_len(first) > 0)
        return NTA_PARSE_OK;
    return !io->saw_syn && nta_stun_is_relay(io) && are_frames(first) &&
                   frame_of(first, &len) == NTA_PARSE_OK
               ? NTA_PARSE_OK
               : NTA_PARSE_OTHER;
}

static enum nta_parse relay_gap(void *state, struct nta_proto_io *io, uint64_t len)
{
    struct relay *relay = state;

    (void)len;
    nta_relayed_end(relay->relayed, io);
    relay->is_adrift[io->side] = true;
    return NTA_PARSE_OK;
}

static void relay_end(void *state, struct nta_proto_io *io)
{
    struct relay *relay = state;

    end_asked(relay, io, 0);
    nta_relayed_end(relay->relayed, io);
}

static void relay_turn(void *state)
{
    struct relay *relay = state;

    turn_sides(relay);
    nta_relayed_turn(relay->relayed);
}

NTA_PROTO(relay, struct relay, relay_probe, relay_feed, relay_turn, .app = NTA_APP_STUN,
          .over_tcp = true, .is_beside = true, .gap = relay_gap, .end = relay_end,
          .extra_size = sizeof(struct nta_relayed), .extra_zeroed = NTA_RELAYED_ZEROED,
          .shared_size = sizeof(struct nta_relay_peers));
