/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tds.h"

#include "base/own.h"
#include "proto/tls/tls_inside.h"
#include "proto/tls/tls_record.h"

/* Types of packets, MS-TDS section 2.2.3.1.1. */
enum
{
    TABULAR_RESULT = 4,
    PRELOGIN = 18,
};

enum
{
    HEAD_LEN = 8,
    PACKET_LEN_MAX = 32767, /* what can be agreed upon */
    STATUS_MAX = 1,         /* the message ends, or goes on */
    SIDE_SIZE = 3584,
    PACKETS_MAX = 64,
};

struct tds_side
{
    uint16_t left;    /* bytes of the packet at work that are still to come */
    uint16_t n_bytes; /* kept, in order, until TLS has read them */
    uint8_t n_packets;
    bool done;
    uint8_t bytes[SIDE_SIZE];
};

struct tds
{
    struct tds_side sides[2];
    struct nta_tls_inside tls;
};

/* A packet's header: type, status, length, process, number, and a window that is always 0. */
static enum nta_parse read_head(struct nta_reader *r, uint16_t *ret_left)
{
    const struct nta_span shown = nta_reader_rest(r);
    const uint8_t type = nta_read_u8(r), status = nta_read_u8(r);
    const uint16_t len = nta_read_be16(r);

    nta_reader_skip(r, 3);
    const uint8_t window = nta_read_u8(r);

    if (shown.len > 0 && type != PRELOGIN && type != TABULAR_RESULT)
        return NTA_PARSE_OTHER;
    if (shown.len > 1 && status > STATUS_MAX)
        return NTA_PARSE_OTHER;
    if (shown.len > 3 && (len <= HEAD_LEN || len > PACKET_LEN_MAX))
        return NTA_PARSE_OTHER;
    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    *ret_left = (uint16_t)(len - HEAD_LEN);
    return window == 0 ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

/* The header of a packet that begins with a hello; `ret_message` is its type. */
static enum nta_parse begins_hello(struct nta_span first, uint8_t *ret_message)
{
    static const uint8_t hello[] = {NTA_TLS_RECORD_HANDSHAKE, 3};
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    struct nta_tls_record_head record;
    uint16_t left;
    const enum nta_parse verdict = read_head(&r, &left);

    if (verdict != NTA_PARSE_OK)
        return verdict;
    const struct nta_span body = nta_reader_rest(&r);

    if (body.len < NTA_TLS_RECORD_HEAD + 1)
        return nta_span_becomes(body, (struct nta_span){hello, sizeof(hello)}) == NTA_PARSE_OTHER
                   ? NTA_PARSE_OTHER
                   : NTA_PARSE_MORE;
    if (!nta_tls_record_head_read(&r, &record) || record.type != NTA_TLS_RECORD_HANDSHAKE)
        return NTA_PARSE_OTHER;
    *ret_message = nta_reader_peek(&r);
    return *ret_message == NTA_TLS_CLIENT_HELLO || *ret_message == NTA_TLS_SERVER_HELLO
               ? NTA_PARSE_OK
               : NTA_PARSE_OTHER;
}

static enum nta_parse tds_probe(const struct nta_proto_io *io, struct nta_span first)
{
    uint8_t message;

    (void)io;
    return first.len == 0 ? NTA_PARSE_MORE : begins_hello(first, &message);
}

/* A piece of a packet's body.  What TLS wants again with more behind it stays. */
static void take_body(struct tds *tds, struct nta_proto_io *io, struct nta_span piece)
{
    struct tds_side *side = &tds->sides[nta_proto_side(io)];
    const size_t n = nta_smaller(piece.len, sizeof(side->bytes) - side->n_bytes);

    side->done |= n < piece.len;
    if (n == 0)
        return;
    memcpy(side->bytes + side->n_bytes, piece.ptr, n);
    side->n_bytes = (uint16_t)(side->n_bytes + n);

    const size_t taken =
        nta_tls_inside_feed(&tds->tls, io, nta_proto_side(io), NTA_APP_TLS,
                            (struct nta_span){.ptr = side->bytes, .len = side->n_bytes});

    side->n_bytes = (uint16_t)(side->n_bytes - taken);
    memmove(side->bytes, side->bytes + taken, side->n_bytes);
    side->done |= tds->tls.done[nta_proto_side(io)];
}

static void tds_turn(void *state)
{
    struct tds *tds = state;

    NTA_TURN(tds->sides);
    nta_tls_inside_turn(&tds->tls);
}

/* A side's first packet must carry a hello, which says whose it is. */
static enum nta_parse begin_side(struct tds *tds, struct nta_proto_io *io, struct nta_span first)
{
    uint8_t message;
    const enum nta_parse verdict = begins_hello(first, &message);

    if (verdict != NTA_PARSE_OK)
        return verdict;
    if ((message == NTA_TLS_SERVER_HELLO) == (nta_proto_side(io) == NTA_FROM_SERVER))
        return NTA_PARSE_OK;
    if (tds->sides[0].n_packets + tds->sides[1].n_packets > 0)
        return NTA_PARSE_OTHER;
    io->swap = true;
    tds_turn(tds);
    return NTA_PARSE_OK;
}

static enum nta_parse take_head(struct tds *tds, struct nta_proto_io *io, struct nta_reader *r)
{
    const bool is_first = tds->sides[nta_proto_side(io)].n_packets == 0;
    enum nta_parse verdict = is_first ? begin_side(tds, io, nta_reader_rest(r)) : NTA_PARSE_OK;
    struct tds_side *side = &tds->sides[nta_proto_side(io)];
    struct nta_reader at = *r;

    if (verdict == NTA_PARSE_OK)
        verdict = read_head(&at, &side->left);
    if (verdict == NTA_PARSE_OTHER && !is_first) { /* behind the handshake */
        side->done = true;
        return NTA_PARSE_OK;
    }
    if (verdict != NTA_PARSE_OK)
        return verdict;
    side->done = ++side->n_packets >= PACKETS_MAX;
    *r = at;
    return NTA_PARSE_OK;
}

static enum nta_parse tds_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct tds *tds = state;
    enum nta_parse verdict = NTA_PARSE_OK;

    while (verdict == NTA_PARSE_OK && nta_reader_left(r) > 0 &&
           !tds->sides[nta_proto_side(io)].done && !io->done_both) {
        struct tds_side *side = &tds->sides[nta_proto_side(io)];

        if (side->left == 0) {
            verdict = take_head(tds, io, r);
        } else {
            const struct nta_span piece =
                nta_read_span(r, nta_smaller(side->left, nta_reader_left(r)));

            side->left = (uint16_t)(side->left - piece.len);
            take_body(tds, io, piece);
        }
    }
    io->done = tds->sides[nta_proto_side(io)].done;
    io->done_both |= tds->sides[0].done && tds->sides[1].done;
    return verdict;
}

static void tds_end(void *state, struct nta_proto_io *io)
{
    struct tds *tds = state;

    nta_tls_inside_end(&tds->tls, io, NTA_APP_TLS);
}

NTA_PROTO(tds, struct tds, tds_probe, tds_feed, tds_turn, .app = NTA_APP_TLS, .over_tcp = true,
          .settles_sides = true, .end = tds_end);
