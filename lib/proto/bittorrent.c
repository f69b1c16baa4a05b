/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/bittorrent.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "proto/foreign.h"
#include "proto/skip.h"

enum
{
    HASH_LEN = NTA_BITTORRENT_HASH_LEN,
    HEX_LEN = NTA_BITTORRENT_HEX_LEN,
    MARK_LEN = 20,          ///< 19, "BitTorrent protocol".
    HANDSHAKE_HASH_AT = 28, ///< Behind the mark and 8 reserved bytes.
    HANDSHAKE_LEN = 68,
    MESSAGE_HEAD = 5, ///< Length and type.
    MESSAGE_MAX = 1 << 22,
    PIECE = 7,
    PIECE_HEAD = 9, ///< Of the length: type, index, offset.
    SKIP_MAX = 65536,
    UTP_HEAD = 20,
    UTP_EXTENSIONS_MAX = 8,
    TRACKER_CONNECT_LEN = 16,
    TRACKER_ANNOUNCE_LEN = 98,
    TRACKER_ANNOUNCE = 1,
    DHT_LEN_MIN = 20,
    SEARCHED_MAX = 32,  ///< Torrents of one search: more fill no datagram.
    STRANGE_MAX = 2048, ///< Of a side before its handshake: the end of a negotiation (MSE).
};

/* BEP 15: the id of a connection that is not made yet. */
#define TRACKER_MAGIC UINT64_C(0x41727101980)

static const struct nta_span mark = {(const uint8_t *)"\x13"
                                                      "BitTorrent protocol",
                                     MARK_LEN};

struct nta_bittorrent_side
{
    uint32_t pass_left;    ///< Of a message, to be passed over.
    uint32_t content_left; ///< Of that, content: its last part.
    struct nta_skip skip;  ///< Of that, not shown.
    uint32_t n_strange;    ///< Bytes before the handshake.
    bool greeted;          ///< The handshake went by.
};

struct nta_bittorrent_state
{
    struct nta_bittorrent_side sides[2];
    uint64_t content[2], lost[2]; ///< `lost` is among `content`.
    uint16_t listens;             ///< Of a search.
    int64_t begin_wall_ns;
    bool begun, emitted, hole;
    char hex[HEX_LEN];
};

/* The payload of a uTP packet with data; empty: none.  Extensions are passed over. */
static struct nta_span utp_payload(struct nta_span bytes)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    const uint8_t type_version = nta_read_u8(&r);
    uint8_t extension = nta_read_u8(&r);

    if (type_version != 1) /* data, version 1 */
        return (struct nta_span){0};
    nta_reader_skip(&r, UTP_HEAD - 2);
    for (size_t i = 0; extension != 0 && i < UTP_EXTENSIONS_MAX; i++) {
        extension = nta_read_u8(&r);
        nta_reader_skip(&r, nta_read_u8(&r));
    }
    return nta_read_span(&r, nta_reader_left(&r));
}

bool nta_bittorrent_is_handshake(struct nta_span bytes)
{
    return bytes.len >= HANDSHAKE_HASH_AT + HASH_LEN && nta_span_begins(bytes, mark);
}

static bool is_tracker_connect(struct nta_span bytes)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    return bytes.len == TRACKER_CONNECT_LEN && nta_read_be64(&r) == TRACKER_MAGIC &&
           nta_read_be32(&r) == 0;
}

/* A message of the DHT: a bencoded dictionary with a node's id and a type. */
static bool is_dht(struct nta_span bytes)
{
    return bytes.len >= DHT_LEN_MIN && bytes.ptr[0] == 'd' && bytes.ptr[bytes.len - 1] == 'e' &&
           nta_span_find(bytes, "2:id20:") < bytes.len && nta_span_find(bytes, "1:y1:") < bytes.len;
}

static bool is_search(struct nta_span bytes)
{
    return nta_span_begins(bytes, nta_span_of("BT-SEARCH * HTTP/1."));
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    if (first.len == 0 || io->expected_by != NTA_APP_NONE)
        return NTA_PARSE_OTHER;
    if (!io->is_stream)
        return nta_bittorrent_is_handshake(utp_payload(first)) || is_tracker_connect(first) ||
                       is_dht(first) || is_search(first)
                   ? NTA_PARSE_OK
                   : NTA_PARSE_OTHER;
    return nta_span_becomes(first, mark);
}

static void emit(const struct nta_bittorrent_state *state, struct nta_proto_io *io,
                 enum nta_event_kind kind, const char *method)
{
    const struct nta_transfer transfer = {
        .method = nta_span_of(method),
        .path = {(const uint8_t *)state->hex, HEX_LEN},
        .hole = state->hole,
        .bytes_up = state->content[NTA_FROM_CLIENT],
        .bytes_down = state->content[NTA_FROM_SERVER],
        .lost_up = state->lost[NTA_FROM_CLIENT],
        .lost_down = state->lost[NTA_FROM_SERVER],
        .begin_wall_ns = state->begin_wall_ns,
        .listens = state->listens,
    };
    const struct nta_event event = {.kind = kind, .app = NTA_APP_BITTORRENT, .transfer = &transfer};

    io->emit(io->owner, &event);
}

/* A handshake: the first one names the torrent, the answer the same one. */
static void greet(struct nta_bittorrent_state *state, struct nta_proto_io *io, const uint8_t *bytes)
{
    if (state->begun)
        return;
    state->begun = true;
    state->begin_wall_ns = io->wall_ns;
    (void)nta_hex_put(bytes + HANDSHAKE_HASH_AT, HASH_LEN, state->hex);
    emit(state, io, NTA_EVENT_TRANSFER_BEGIN, "PEER");
}

static void pass(struct nta_bittorrent_state *state, unsigned i, uint32_t len, uint32_t lost)
{
    struct nta_bittorrent_side *side = &state->sides[i];
    const uint32_t head = side->pass_left - side->content_left;
    const uint32_t content = len > head ? len - head : 0;

    side->pass_left -= len;
    side->content_left -= content;
    state->content[i] += content;
    state->lost[i] += lost < content ? lost : content;
}

static void pass_skipped(struct nta_bittorrent_state *state, const struct nta_proto_io *io,
                         enum nta_side side, uint64_t hole)
{
    struct nta_skip *skip = &state->sides[side].skip;

    if (skip->len == 0)
        return;
    const struct nta_gone gone = nta_skip_take(skip, io, side, hole);

    pass(state, side, (uint32_t)gone.bytes, (uint32_t)gone.lost);
}

/*
 * Peers may negotiate to go on in clear; what is left of that may stand before the answer to a
 * handshake.
 */
static enum nta_parse pass_strange(struct nta_bittorrent_state *state,
                                   const struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_bittorrent_side *side = &state->sides[io->side];
    const size_t len = nta_span_find_span(nta_reader_rest(r), mark);

    if (!state->begun || (side->n_strange == 0 && nta_proto_is_foreign(nta_reader_rest(r))) ||
        len > STRANGE_MAX - side->n_strange)
        return NTA_PARSE_OTHER;
    side->n_strange += (uint32_t)len;
    nta_reader_skip(r, len);
    return NTA_PARSE_OK;
}

static enum nta_parse read_handshake(struct nta_bittorrent_state *state, struct nta_proto_io *io,
                                     struct nta_reader *r)
{
    const struct nta_span bytes = nta_reader_rest(r);

    if (bytes.len == 0 || !bytes.ptr)
        return NTA_PARSE_MORE;
    if (nta_span_becomes(bytes, mark) == NTA_PARSE_OTHER)
        return pass_strange(state, io, r);
    if (bytes.len < HANDSHAKE_LEN)
        return NTA_PARSE_MORE;
    greet(state, io, bytes.ptr);
    state->sides[io->side].greeted = true;
    nta_reader_skip(r, HANDSHAKE_LEN);
    return NTA_PARSE_OK;
}

static enum nta_parse read_message(struct nta_bittorrent_side *side, struct nta_reader *r)
{
    struct nta_reader at = *r;
    const uint32_t len = nta_read_be32(&at);
    const uint8_t type = len > 0 ? nta_read_u8(&at) : 0;

    if (!nta_reader_ok(&at))
        return NTA_PARSE_MORE;
    if (len > MESSAGE_MAX)
        return NTA_PARSE_OTHER;
    *r = at;
    side->pass_left = len > 0 ? len - 1 : 0;
    side->content_left = type == PIECE && len > PIECE_HEAD ? len - PIECE_HEAD : 0;
    return NTA_PARSE_OK;
}

/* The last byte is shown, so that what went by before it is counted. */
static uint32_t skippable(uint32_t pass_left)
{
    const uint32_t len = pass_left > 0 ? pass_left - 1 : 0;

    return len < SKIP_MAX ? len : SKIP_MAX;
}

static enum nta_parse feed_stream(struct nta_bittorrent_state *state, struct nta_proto_io *io,
                                  struct nta_reader *r)
{
    struct nta_bittorrent_side *side = &state->sides[io->side];
    enum nta_parse verdict = NTA_PARSE_OK;

    pass_skipped(state, io, io->side, 0);
    while (verdict == NTA_PARSE_OK && nta_reader_left(r) > 0) {
        if (!side->greeted) {
            verdict = read_handshake(state, io, r);
        } else if (side->pass_left > 0) {
            const size_t left = nta_reader_left(r);
            const uint32_t n = left < side->pass_left ? (uint32_t)left : side->pass_left;

            nta_reader_skip(r, n);
            pass(state, io->side, n, 0);
        } else {
            verdict = read_message(side, r);
        }
    }
    if (verdict == NTA_PARSE_OK)
        nta_skip_ask(&side->skip, io, skippable(side->pass_left));
    return verdict;
}

/* BEP 15: connection, action, transaction, then the info hash. */
static void take_announce(struct nta_bittorrent_state *state, struct nta_proto_io *io,
                          struct nta_span bytes)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    nta_reader_skip(&r, 8);
    if (nta_read_be32(&r) != TRACKER_ANNOUNCE || bytes.len < TRACKER_ANNOUNCE_LEN)
        return;
    state->begin_wall_ns = io->wall_ns;
    (void)nta_hex_put(bytes.ptr + 16, HASH_LEN, state->hex);
    emit(state, io, NTA_EVENT_TRANSFER_BEGIN, "ANNOUNCE");
    emit(state, io, NTA_EVENT_TRANSFER_END, "ANNOUNCE");
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* What stands behind a field's name (with its colon) in a line; false: it is another one. */
static bool read_field(struct nta_span line, const char *name, struct nta_span *ret_value)
{
    if (!nta_span_starts(line, name))
        return false;
    *ret_value = nta_span_trim_of(nta_span_from(line, strlen(name)), is_blank);
    return true;
}

/* Digits that are a port; 0: they are none. */
static uint16_t read_port(struct nta_span text)
{
    uint32_t port = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || port > UINT16_MAX)
            return 0;
        port = port * 10 + text.ptr[i] - '0';
    }
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

/*
 * BEP 14: lines as those of HTTP; each Infohash is a torrent that is looked for, and Port stands
 * before them.
 */
static void take_search(struct nta_bittorrent_state *state, struct nta_proto_io *io,
                        struct nta_span bytes)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    struct nta_span line, value;

    state->begin_wall_ns = io->wall_ns;
    state->listens = 0;
    for (unsigned n = 0; n < SEARCHED_MAX && nta_read_line(&r, SIZE_MAX, &line) == NTA_PARSE_OK;) {
        uint8_t hash[HASH_LEN];

        if (read_field(line, "port:", &value))
            state->listens = read_port(value);
        if (!read_field(line, "infohash:", &value) || value.len != HEX_LEN ||
            !nta_hex_parse((const char *)value.ptr, HASH_LEN, hash))
            continue;
        n++;
        (void)nta_hex_put(hash, HASH_LEN, state->hex);
        emit(state, io, NTA_EVENT_TRANSFER_BEGIN, "SEARCH");
        emit(state, io, NTA_EVENT_TRANSFER_END, "SEARCH");
    }
}

static enum nta_parse feed(void *state_ptr, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_bittorrent_state *state = state_ptr;
    const struct nta_span bytes = nta_reader_rest(r);
    const struct nta_span payload = io->is_stream ? bytes : utp_payload(bytes);

    if (io->is_stream)
        return feed_stream(state, io, r);
    if (nta_bittorrent_is_handshake(payload))
        greet(state, io, payload.ptr);
    else if (is_search(bytes))
        take_search(state, io, bytes);
    else if (io->side == NTA_FROM_CLIENT && !is_dht(bytes))
        take_announce(state, io, bytes);
    nta_reader_skip(r, bytes.len);
    return NTA_PARSE_OK;
}

/* A hole in a message is known; behind any other, where the next message begins is not. */
static enum nta_parse gap(void *state_ptr, struct nta_proto_io *io, uint64_t len)
{
    struct nta_bittorrent_state *state = state_ptr;
    struct nta_bittorrent_side *side = &state->sides[io->side];

    pass_skipped(state, io, io->side, len);
    const uint32_t n = len < side->pass_left ? (uint32_t)len : side->pass_left;

    pass(state, io->side, n, n);
    const bool is_lost = n < len || len == 0; /* 0: what was left was given up */

    state->hole |= is_lost;
    return is_lost ? NTA_PARSE_OTHER : NTA_PARSE_OK;
}

static void end(void *state_ptr, struct nta_proto_io *io)
{
    struct nta_bittorrent_state *state = state_ptr;

    for (unsigned i = 0; i < NTA_N_ELEMENTS(state->sides); i++)
        pass_skipped(state, io, (enum nta_side)i, 0);
    if (state->begun && !state->emitted)
        emit(state, io, NTA_EVENT_TRANSFER_END, "PEER");
    state->emitted = true;
}

/* One byte of a query, percent-coded or not.  False: there is none. */
static bool read_coded(struct nta_reader *r, uint8_t *ret_byte)
{
    *ret_byte = nta_read_u8(r);
    if (*ret_byte == '&' || *ret_byte == '#')
        return false;
    if (*ret_byte == '%') {
        const int high = nta_hex_digit(nta_read_u8(r)), low = nta_hex_digit(nta_read_u8(r));

        if (high < 0 || low < 0)
            return false;
        *ret_byte = (uint8_t)(high << 4 | low);
    }
    return nta_reader_ok(r);
}

bool nta_bittorrent_announced(struct nta_span target, char ret_hex[HEX_LEN])
{
    static const char name[] = "info_hash=";
    const size_t at = nta_span_find(target, name);
    uint8_t hash[HASH_LEN];

    if (at == 0 || at == target.len || (target.ptr[at - 1] != '?' && target.ptr[at - 1] != '&'))
        return false;
    const struct nta_span coded = nta_span_from(target, at + sizeof(name) - 1);
    struct nta_reader r = nta_reader_of(coded.ptr, coded.len);

    for (size_t i = 0; i < HASH_LEN; i++) {
        if (!read_coded(&r, &hash[i]))
            return false;
    }
    (void)nta_hex_put(hash, HASH_LEN, ret_hex);
    return true;
}

static void turn(void *state_ptr)
{
    struct nta_bittorrent_state *state = state_ptr;

    NTA_TURN(state->sides);
    NTA_TURN(state->content);
    NTA_TURN(state->lost);
}

NTA_PROTO(bittorrent, struct nta_bittorrent_state, probe, feed, turn, .app = NTA_APP_BITTORRENT,
          .over_tcp = true, .over_udp = true, .gap = gap, .end = end);
