/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/fallback.h"

#include "base/own.h"
#include "proto/bittorrent.h"
#include "proto/ftp/ftp.h"
#include "proto/http/http.h"
#include "proto/recognised/talk.h"
#include "proto/registry.h"
#include "proto/tls/tds.h"
#include "proto/tls/tls.h"
#include "proto/tls/tls_record.h"

enum
{
    CLIENT_BYTES_MAX = 16 * 1024,
    SERVER_BYTES_MAX = 64 * 1024,
    PIECES_MAX = 64,
    UNSURE_MAX = 4096, /* a protocol that is not sure of so many first bytes is not it */
    HELLO_HEAD_LEN = NTA_TLS_RECORD_HEAD + NTA_TLS_MESSAGE_HEAD + 2,
    PROXY_LINE_MAX = 107, /* PROXY protocol, section 2.1 */
    PROXY_HEAD_LEN = 16,  /* section 2.2 */
    PROXY_SIGNATURE_LEN = 12,
    PROXY_FOR_ANOTHER = 0x21, /* version 2; 0x20: the proxy's own */
    TDS_SURE_LEN = 4,         /* type, status, length */
    BEFORE_HELLO_MAX = 512,
};

static const struct nta_span proxy_v1 = {(const uint8_t *)"PROXY ", 6};
static const struct nta_span proxy_v2 = {(const uint8_t *)"\r\n\r\n\0\r\nQUIT\n", 12};

struct fallback
{
    struct nta_talk talk;
    uint8_t n_pieces[2];
    bool is_noise[2]; ///< Its first piece.
};

/*
 * A handshake record with a hello's head in it, each length and version of which must fit: what is
 * not TLS does not get here by chance.
 */
static enum nta_parse begins_hello(struct nta_span bytes)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    struct nta_tls_record_head head;
    bool is_record = nta_tls_record_head_read(&r, &head);

    if (bytes.ptr[0] != NTA_TLS_RECORD_HANDSHAKE || (bytes.len > 1 && bytes.ptr[1] != 3))
        return NTA_PARSE_OTHER;
    if (bytes.len < HELLO_HEAD_LEN)
        return NTA_PARSE_MORE;

    uint8_t type = nta_read_u8(&r);
    uint32_t len = nta_read_be24(&r);
    uint8_t major = nta_read_u8(&r);

    if (!is_record || (type != NTA_TLS_CLIENT_HELLO && type != NTA_TLS_SERVER_HELLO) ||
        len > NTA_TLS_MESSAGE_MAX || major != 3)
        return NTA_PARSE_OTHER;
    /* only a server puts more into the record of its hello */
    if (type == NTA_TLS_CLIENT_HELLO && head.len > len + NTA_TLS_MESSAGE_HEAD)
        return NTA_PARSE_OTHER;
    return NTA_PARSE_OK;
}

/*
 * Where a client's hello begins behind something else in the same segment, which ends with it,
 * since its client waits then: 0, there is none.
 */
static size_t find_hello(const struct nta_proto_io *io, struct nta_span piece)
{
    const size_t max = nta_smaller(piece.len, BEFORE_HELLO_MAX);
    const uint8_t *at = io->side == NTA_FROM_CLIENT ? piece.ptr : NULL;

    while (at &&
           (at = memchr(at + 1, NTA_TLS_RECORD_HANDSHAKE, max - (size_t)(at + 1 - piece.ptr)))) {
        const struct nta_span rest = nta_span_from(piece, (size_t)(at - piece.ptr));
        struct nta_reader r = nta_reader_of(rest.ptr, rest.len);
        struct nta_tls_record_head head;

        if (nta_tls_record_head_read(&r, &head) && nta_reader_left(&r) <= head.len &&
            nta_reader_peek(&r) == NTA_TLS_CLIENT_HELLO && begins_hello(rest) == NTA_PARSE_OK &&
            nta_proto_tls.probe(io, rest) != NTA_PARSE_OTHER)
            return (size_t)(at - piece.ptr);
    }
    return 0;
}

/* A PROXY header: OK and its length in `ret_len`. */
static enum nta_parse find_proxy(struct nta_span bytes, size_t *ret_len)
{
    enum nta_parse v1 = nta_span_becomes(bytes, proxy_v1);
    enum nta_parse v2 = nta_span_becomes(bytes, proxy_v2);

    if (v1 == NTA_PARSE_OK) {
        const struct nta_span line = nta_span_first(bytes, PROXY_LINE_MAX);
        const size_t len = nta_span_find(line, "\r\n");

        if (len == line.len)
            return bytes.len < PROXY_LINE_MAX ? NTA_PARSE_MORE : NTA_PARSE_OTHER;
        *ret_len = len + 2;
        return NTA_PARSE_OK;
    }
    if (v2 == NTA_PARSE_OK) {
        struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

        nta_reader_skip(&r, PROXY_HEAD_LEN - 2);
        nta_reader_skip(&r, nta_read_be16(&r));
        *ret_len = nta_reader_offset(&r);
        return nta_reader_ok(&r) ? NTA_PARSE_OK : NTA_PARSE_MORE;
    }
    return v1 == NTA_PARSE_MORE || v2 == NTA_PARSE_MORE ? NTA_PARSE_MORE : NTA_PARSE_OTHER;
}

/* Version 1: "PROXY TCP4 SOURCE DESTINATION PORT PORT".  False: it says of nobody. */
static bool read_proxy_line(struct nta_span line, struct nta_addr *ret_addr)
{
    struct nta_span rest = nta_span_from(line, proxy_v1.len);
    const struct nta_span family = nta_span_take(&rest, ' '), source = nta_span_take(&rest, ' ');

    return nta_span_begins(family, nta_span_of("TCP")) &&
           nta_addr_parse((const char *)source.ptr, source.len, ret_addr) == 0;
}

static bool read_proxy_head(struct nta_span head, struct nta_addr *ret_addr)
{
    struct nta_reader r = nta_reader_of(head.ptr, head.len);

    nta_reader_skip(&r, PROXY_SIGNATURE_LEN);
    const uint8_t command = nta_read_u8(&r), family = nta_read_u8(&r) >> 4;

    nta_reader_skip(&r, PROXY_HEAD_LEN - PROXY_SIGNATURE_LEN - 2);
    const struct nta_span source = nta_read_span(&r, family == 1 ? 4 : NTA_ADDR_LEN);

    if (!nta_reader_ok(&r) || command != PROXY_FOR_ANOTHER || (family != 1 && family != 2))
        return false;
    *ret_addr = family == 1 ? nta_addr_v4(source.ptr) : nta_addr_v6(source.ptr);
    return true;
}

/* Who connected to the proxy is the client, and not the proxy itself. */
static void tell_proxied(const struct nta_proto_io *io, struct nta_span header)
{
    struct nta_addr addr;

    if (nta_span_begins(header, proxy_v1) ? read_proxy_line(header, &addr)
                                          : read_proxy_head(header, &addr))
        io->emit(io->owner, &(const struct nta_event){.kind = NTA_EVENT_FORWARDED,
                                                      .app = NTA_APP_NONE,
                                                      .forwarded = &addr});
}

/* What the other protocols say of these first bytes. */
static enum nta_parse ask_others(const struct nta_proto_io *io, struct nta_span first)
{
    enum nta_parse verdict = NTA_PARSE_OTHER;

    for (size_t i = 0; nta_protos[i]; i++) {
        const struct nta_proto *proto = nta_protos[i];

        if (proto == &nta_proto_fallback || !proto->over_tcp)
            continue;
        switch (proto->probe(io, first)) {
        case NTA_PARSE_OK: return NTA_PARSE_OK;
        case NTA_PARSE_MORE: verdict = NTA_PARSE_MORE; break;
        case NTA_PARSE_OTHER:
        case NTA_PARSE_BAD: break;
        }
    }
    return first.len < UNSURE_MAX ? verdict : NTA_PARSE_OTHER;
}

static enum nta_parse fallback_probe(const struct nta_proto_io *io, struct nta_span first)
{
    if (!io->is_stream || first.len == 0)
        return NTA_PARSE_OTHER;
    return ask_others(io, first) == NTA_PARSE_MORE ? NTA_PARSE_MORE : NTA_PARSE_OK;
}

/* What shows itself behind whatever was said before. */
static bool begins_late(const struct nta_proto_io *io, struct nta_span piece)
{
    return nta_bittorrent_is_handshake(piece) || nta_proto_http.probe(io, piece) == NTA_PARSE_OK ||
           nta_proto_ftp.probe(io, piece) == NTA_PARSE_OK;
}

/* Neither side says anything that anybody could know: that is told, since much hides so. */
static void hear_noise(struct fallback *fallback, const struct nta_proto_io *io,
                       struct nta_span first)
{
    static const struct nta_span none;

    fallback->is_noise[io->side] = io->saw_syn && nta_talk_is_noise(first);
    if (fallback->is_noise[0] && fallback->is_noise[1])
        io->emit(io->owner, &(const struct nta_event){
                                .kind = NTA_EVENT_REALM, .app = NTA_APP_UNKNOWN, .realm = &none});
}

static void take_piece(struct fallback *fallback, struct nta_proto_io *io, struct nta_reader *r)
{
    nta_talk_hear(io, &fallback->talk, nta_reader_rest(r));
    if (fallback->n_pieces[io->side] == 0)
        hear_noise(fallback, io, nta_reader_rest(r));
    size_t len = nta_reader_left(r);
    size_t max = io->side == NTA_FROM_CLIENT ? CLIENT_BYTES_MAX : SERVER_BYTES_MAX;

    nta_reader_skip(r, len);
    fallback->talk.n_bytes[io->side] += (uint32_t)len;
    fallback->n_pieces[io->side]++;
    io->done_both =
        fallback->n_pieces[io->side] >= PIECES_MAX || fallback->talk.n_bytes[io->side] > max;
}

/*
 * Nothing is held back because another protocol is not sure: a short answer ("S" of PostgreSQL)
 * would be shown again with the server's hello behind it.
 */
static enum nta_parse fallback_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct fallback *fallback = state;
    const struct nta_span piece = nta_reader_rest(r);
    enum nta_parse proxy = NTA_PARSE_OTHER;
    size_t before = 0; /* what is to come */

    if (piece.len == 0)
        return NTA_PARSE_OK;

    enum nta_parse hello = begins_hello(piece);

    /* what TLS would not take is none: it would be handed over, handed back, and so on for ever */
    if (hello == NTA_PARSE_OK && nta_proto_tls.probe(io, piece) != NTA_PARSE_OK &&
        nta_proto_tls.probe(io, piece) != NTA_PARSE_MORE)
        hello = NTA_PARSE_OTHER;
    /* a shorter one may be a whole answer of something else */
    const enum nta_parse wrapped =
        piece.len < TDS_SURE_LEN ? NTA_PARSE_OTHER : nta_proto_tds.probe(io, piece);
    bool is_known = hello == NTA_PARSE_OK || wrapped == NTA_PARSE_OK || begins_late(io, piece);

    if (!is_known && fallback->n_pieces[io->side] == 0) {
        proxy = find_proxy(piece, &before);
        is_known = ask_others(io, piece) == NTA_PARSE_OK;
    }
    if (!is_known && proxy == NTA_PARSE_OTHER)
        is_known = io->quoted = (before = find_hello(io, piece)) > 0;
    if (is_known || proxy == NTA_PARSE_OK) {
        if (proxy == NTA_PARSE_OK && io->side == NTA_FROM_CLIENT)
            tell_proxied(io, nta_span_first(piece, before));
        nta_reader_skip(r, before);
        io->handover = true;
        return NTA_PARSE_OK;
    }
    if (proxy == NTA_PARSE_MORE || hello == NTA_PARSE_MORE || wrapped == NTA_PARSE_MORE)
        return NTA_PARSE_MORE;
    take_piece(fallback, io, r);
    return NTA_PARSE_OK;
}

/* What comes behind a gap is watched like the rest. */
static enum nta_parse fallback_gap(void *state, struct nta_proto_io *io, uint64_t len)
{
    (void)state;
    (void)io;
    (void)len;
    return NTA_PARSE_OK;
}

static void fallback_turn(void *state)
{
    struct fallback *fallback = state;

    NTA_TURN(fallback->talk.n_bytes);
    NTA_TURN(fallback->n_pieces);
    NTA_TURN(fallback->is_noise);
}

NTA_PROTO(fallback, struct fallback, fallback_probe, fallback_feed, fallback_turn,
          .app = NTA_APP_NONE, .over_tcp = true, .gap = fallback_gap);
