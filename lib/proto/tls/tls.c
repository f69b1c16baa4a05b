/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls.h"

#include "base/own.h"
#include "base/scratch.h"
#include "proto/tls/tls_cert.h"
#include "proto/tls/tls_hello.h"
#include "proto/tls/tls_record.h"

enum
{
    CUT_NAME_MAX = 255,
    CUT_TRIES_MAX = 64,  /* looks into an incomplete hello */
    FILLERS_MAX = 8,     ///< Before a hello; each is looked at whenever more comes.
    ALERT_LEN_MAX = 256, /* two bytes in clear; sealed ones are some more */
    V2_HEAD_LEN = 11,    /* SSLv2-compatible ClientHello up to its cipher specs */
    V2_LENGTH_FLAG = 0x80,
    VERSION_13 = 0x0304,
    VERSION_13_DRAFT = 0x7f, /* high byte */
};

struct tls_side
{
    bool begun, done;
    struct nta_tls_cursor cursor;
};

struct tls
{
    struct tls_side sides[2];
    bool hello_seen; /* the client's */

    /* A ClientHello that is not whole yet, told if it never becomes so. */
    struct
    {
        bool ech;
        uint8_t tries, name_len, name[CUT_NAME_MAX];
        uint16_t version;
    } cut;
};

static void emit(const struct nta_proto_io *io, struct nta_event event)
{
    event.app = NTA_APP_TLS;
    io->emit(io->owner, &event);
}

/* The side that this call is about; after a swap the sides have changed places. */
static struct tls_side *side_of(struct tls *tls, const struct nta_proto_io *io)
{
    return &tls->sides[nta_proto_side(io)];
}

static void turn(void *state)
{
    struct tls *tls = state;

    NTA_TURN(tls->sides);
}

/* What this side says shows who it is. */
static void settle_side(struct tls *tls, struct nta_proto_io *io, enum nta_side speaks)
{
    if (nta_proto_side(io) == speaks || tls->hello_seen)
        return;
    turn(tls);
    io->swap = !io->swap;
}

static void emit_client_hello(struct tls *tls, struct nta_proto_io *io,
                              const struct nta_tls_client_hello *hello)
{
    settle_side(tls, io, NTA_FROM_CLIENT);
    tls->hello_seen = true;
    emit(io, (struct nta_event){.kind = NTA_EVENT_TLS_CLIENT_HELLO, .client_hello = hello});
}

static enum nta_parse on_client_hello(struct tls *tls, struct nta_proto_io *io,
                                      struct nta_span body)
{
    struct nta_tls_client_hello hello;

    if (nta_tls_hello_client(body, NTA_TLS_OVER_TCP, &hello) != NTA_PARSE_OK)
        return NTA_PARSE_BAD;
    emit_client_hello(tls, io, &hello);
    io->done = true;
    return NTA_PARSE_OK;
}

static enum nta_parse on_server_hello(struct tls *tls, struct nta_proto_io *io,
                                      struct nta_span body)
{
    struct nta_tls_server_hello hello;

    if (nta_tls_hello_server(body, &hello) != NTA_PARSE_OK)
        return NTA_PARSE_BAD;
    settle_side(tls, io, NTA_FROM_SERVER);
    emit(io, (struct nta_event){.kind = NTA_EVENT_TLS_SERVER_HELLO, .server_hello = &hello});
    /* all that follows is sealed */
    io->done = hello.version == VERSION_13 || hello.version >> 8 == VERSION_13_DRAFT;
    return NTA_PARSE_OK;
}

/*
 * Nothing of a server comes in clear behind its certificate; a broken one does no harm to the
 * hellos.
 */
static void on_certificate(struct nta_proto_io *io, struct nta_span body)
{
    struct nta_reader r = nta_reader_of(body.ptr, body.len);
    struct nta_tls_certificate certificate;

    (void)nta_read_be24(&r); /* length of the chain, which need not be here as a whole */

    size_t leaf_len = nta_read_be24(&r), left = nta_reader_left(&r);
    struct nta_span leaf = nta_read_span(&r, leaf_len < left ? leaf_len : left);

    if (leaf.len > 0 && nta_tls_cert_read(leaf, &certificate) != NTA_PARSE_BAD) {
        if (leaf.len == leaf_len)
            certificate.der = leaf;
        emit(io,
             (struct nta_event){.kind = NTA_EVENT_TLS_CERTIFICATE, .certificate = &certificate});
    }
    io->done = true;
}

static enum nta_parse on_message(struct tls *tls, struct nta_proto_io *io, struct nta_span message)
{
    struct nta_span body = {.ptr = message.ptr + NTA_TLS_MESSAGE_HEAD,
                            .len = message.len - NTA_TLS_MESSAGE_HEAD};

    switch (message.ptr[0]) {
    case NTA_TLS_CLIENT_HELLO: return on_client_hello(tls, io, body);
    case NTA_TLS_SERVER_HELLO: return on_server_hello(tls, io, body);
    case NTA_TLS_CERTIFICATE: on_certificate(io, body); break;
    case NTA_TLS_NEW_SESSION_TICKET:
    case NTA_TLS_SERVER_KEY_EXCHANGE:
    case NTA_TLS_SERVER_HELLO_DONE: io->done = true; break; /* no certificate will come */
    default: break;
    }
    return NTA_PARSE_OK;
}

/* Apart, because of its stack. */
static __attribute__((noinline)) enum nta_parse
on_split_message(struct tls *tls, struct nta_proto_io *io, const struct nta_reader *r)
{
    NTA_SCRATCH uint8_t scratch[NTA_TLS_MESSAGE_MAX];
    struct nta_span message = nta_tls_gather(&side_of(tls, io)->cursor, r, scratch);

    if (message.len < NTA_TLS_MESSAGE_HEAD)
        return NTA_PARSE_BAD;
    return on_message(tls, io, message);
}

static bool is_filler(const struct nta_tls_record_head *head)
{
    return head->len == 0 || (head->type == NTA_TLS_RECORD_CHANGE_CIPHER && head->len == 1);
}

/*
 * Records without meaning in front of a hello, which some servers pass over, and so do we: empty
 * ones, and changes of the cipher.  OTHER: no hello follows them.
 */
static enum nta_parse pass_fillers(struct nta_reader *r)
{
    struct nta_reader peek = *r;
    struct nta_tls_record_head head;

    bool is_head = nta_tls_record_head_read(&peek, &head);

    for (int i = 0; i < FILLERS_MAX && is_head && is_filler(&head); i++) {
        nta_reader_skip(&peek, head.len);
        is_head = nta_tls_record_head_read(&peek, &head);
    }
    if (!nta_reader_ok(&peek))
        return NTA_PARSE_MORE;
    if (!is_head || is_filler(&head) || head.type != NTA_TLS_RECORD_HANDSHAKE)
        return NTA_PARSE_OTHER;
    if (nta_reader_left(&peek) == 0)
        return NTA_PARSE_MORE;
    if (nta_reader_peek(&peek) != NTA_TLS_CLIENT_HELLO)
        return NTA_PARSE_OTHER;
    nta_reader_skip(r, nta_reader_left(r) - nta_reader_left(&peek) - NTA_TLS_RECORD_HEAD);
    return NTA_PARSE_OK;
}

/*
 * A record that carries no handshake: an alert is passed over, everything else says that the clear
 * part is over.
 */
static enum nta_parse on_other_record(struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_reader peek = *r;
    struct nta_tls_record_head head;

    if (!nta_tls_record_head_read(&peek, &head) || head.type < NTA_TLS_RECORD_CHANGE_CIPHER ||
        head.type > NTA_TLS_RECORD_DATA + 1 || head.type == NTA_TLS_RECORD_HANDSHAKE)
        return NTA_PARSE_BAD;
    if (head.type != NTA_TLS_RECORD_ALERT || head.len > ALERT_LEN_MAX) {
        io->done = true;
        return NTA_PARSE_OK;
    }
    nta_reader_skip(&peek, head.len);
    if (!nta_reader_ok(&peek))
        return NTA_PARSE_MORE;
    *r = peek;
    return NTA_PARSE_OK;
}

/* Remember what an incomplete ClientHello says already. */
static void keep_cut_hello(struct tls *tls, const struct tls_side *side, const struct nta_reader *r)
{
    const struct nta_tls_cursor *cursor = &side->cursor;
    struct nta_tls_client_hello hello;

    if (tls->hello_seen || cursor->is_split || cursor->got <= NTA_TLS_MESSAGE_HEAD ||
        cursor->head[0] != NTA_TLS_CLIENT_HELLO || tls->cut.tries >= CUT_TRIES_MAX)
        return;
    tls->cut.tries++;

    struct nta_span body = nta_tls_in_place(cursor, r);

    body.ptr += NTA_TLS_MESSAGE_HEAD;
    body.len -= NTA_TLS_MESSAGE_HEAD;
    if (nta_tls_hello_client(body, NTA_TLS_OVER_TCP, &hello) == NTA_PARSE_BAD)
        return;
    tls->cut.version = hello.n_versions > 0 ? hello.versions[0] : 0;
    tls->cut.ech |= hello.ech;
    if (hello.server_name.len > 0 && hello.server_name.len <= sizeof(tls->cut.name)) {
        tls->cut.name_len = (uint8_t)hello.server_name.len;
        memcpy(tls->cut.name, hello.server_name.ptr, hello.server_name.len);
    }
}

static void emit_cut_hello(struct tls *tls, struct nta_proto_io *io)
{
    struct nta_tls_client_hello hello = {
        .server_name = {.ptr = tls->cut.name, .len = tls->cut.name_len},
        .versions = {tls->cut.version},
        .n_versions = 1,
        .ech = tls->cut.ech,
        .cut = true,
    };

    if (!tls->hello_seen && tls->cut.name_len > 0) {
        tls->hello_seen = true;
        emit(io, (struct nta_event){.kind = NTA_EVENT_TLS_CLIENT_HELLO, .client_hello = &hello});
    }
}

/*
 * RFC 5246 appendix E.2: a 15-bit length behind a set bit, message type 1, version, lengths of
 * cipher specs (3 bytes each), session id and challenge, which fill the length exactly.
 */
static enum nta_parse read_v2_hello(struct nta_reader *r, uint16_t *ret_version)
{
    struct nta_reader peek = *r;
    uint16_t length = nta_read_be16(&peek);
    uint8_t type = nta_read_u8(&peek);
    uint16_t version = nta_read_be16(&peek);
    unsigned ciphers = nta_read_be16(&peek), session_id = nta_read_be16(&peek);
    unsigned challenge = nta_read_be16(&peek), len = length & 0x7fff;
    const struct nta_span shown = nta_reader_rest(r);

    if ((shown.len > 0 && !(shown.ptr[0] & V2_LENGTH_FLAG)) ||
        (shown.len > 2 && shown.ptr[2] != NTA_TLS_CLIENT_HELLO) ||
        (shown.len > 3 && shown.ptr[3] != 3 && shown.ptr[3] != 0))
        return NTA_PARSE_OTHER;
    if (!nta_reader_ok(&peek))
        return NTA_PARSE_MORE;
    if (type != NTA_TLS_CLIENT_HELLO || !(length & V2_LENGTH_FLAG << 8) ||
        (version != 2 && (version < 0x0300 || version > 0x0303)) || ciphers == 0 ||
        ciphers % 3 != 0 || (session_id != 0 && session_id != 16) || challenge < 16 ||
        challenge > 32 || len != V2_HEAD_LEN - 2 + ciphers + session_id + challenge)
        return NTA_PARSE_OTHER;
    nta_reader_skip(&peek, len - (V2_HEAD_LEN - 2));
    if (!nta_reader_ok(&peek))
        return NTA_PARSE_MORE;
    *r = peek;
    *ret_version = version;
    return NTA_PARSE_OK;
}

/* OTHER: these are records. */
static enum nta_parse begin_side(struct tls *tls, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_tls_client_hello hello = {.n_versions = 1};
    enum nta_parse verdict = read_v2_hello(r, &hello.versions[0]);

    if (verdict == NTA_PARSE_OK) {
        emit_client_hello(tls, io, &hello);
        io->done = true;
    }
    return verdict;
}

static enum nta_parse feed_records(struct tls *tls, struct nta_proto_io *io, struct nta_reader *r)
{
    enum nta_parse verdict = NTA_PARSE_OK;

    while (verdict == NTA_PARSE_OK && !io->done && nta_reader_left(r) > 0) {
        struct nta_tls_cursor *cursor = &side_of(tls, io)->cursor;

        verdict = nta_tls_next(cursor, r);
        if (verdict == NTA_PARSE_OTHER) {
            verdict = tls->hello_seen ? NTA_PARSE_OTHER : pass_fillers(r);
            if (verdict == NTA_PARSE_OTHER)
                verdict = on_other_record(io, r);
        } else if (verdict == NTA_PARSE_OK) {
            verdict = cursor->is_split ? on_split_message(tls, io, r)
                                       : on_message(tls, io, nta_tls_in_place(cursor, r));
            nta_tls_consume(&side_of(tls, io)->cursor, r);
        }
    }
    return verdict;
}

static enum nta_parse tls_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct tls *tls = state;
    enum nta_parse verdict = NTA_PARSE_OTHER;

    if (side_of(tls, io)->done) {
        io->done = true;
        io->done_both = tls->sides[0].done && tls->sides[1].done;
        return NTA_PARSE_OK;
    }
    if (nta_reader_left(r) == 0)
        return NTA_PARSE_OK;
    if (!side_of(tls, io)->begun)
        verdict = begin_side(tls, io, r);
    if (verdict == NTA_PARSE_OTHER) {
        side_of(tls, io)->begun = true;
        verdict = feed_records(tls, io, r);
    }
    if (verdict == NTA_PARSE_MORE)
        keep_cut_hello(tls, side_of(tls, io), r);
    if (verdict == NTA_PARSE_BAD)
        emit_cut_hello(tls, io);
    side_of(tls, io)->done = io->done || verdict == NTA_PARSE_BAD;
    io->done_both = tls->sides[0].done && tls->sides[1].done;
    return verdict;
}

/* Records cannot be found again behind a gap; the other side goes on. */
static enum nta_parse tls_gap(void *state, struct nta_proto_io *io, uint64_t len)
{
    struct tls *tls = state;

    (void)len;
    if (io->side == NTA_FROM_CLIENT)
        emit_cut_hello(tls, io);
    side_of(tls, io)->done = true;
    io->done = true;
    return NTA_PARSE_OK;
}

static void tls_end(void *state, struct nta_proto_io *io)
{
    emit_cut_hello(state, io);
}

static bool is_known_message(uint8_t type)
{
    return type <= NTA_TLS_NEW_SESSION_TICKET || (type >= NTA_TLS_CERTIFICATE && type <= 16) ||
           type == 20 || type == 22;
}

/*
 * A record header of TLS, and behind that of a handshake record a message that exists.  Records of
 * the later types begin what is left of a connection that was seen from its middle on.
 */
static enum nta_parse tls_probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len), v2 = r;
    struct nta_tls_record_head head;
    uint16_t version = 0;

    (void)io;
    if (first.len == 0)
        return NTA_PARSE_MORE;
    if (first.ptr[0] & V2_LENGTH_FLAG)
        return read_v2_hello(&v2, &version);
    if (first.ptr[0] < NTA_TLS_RECORD_CHANGE_CIPHER || first.ptr[0] > NTA_TLS_RECORD_DATA ||
        (first.len > 1 && first.ptr[1] != 3) || (first.len > 2 && first.ptr[2] > 4))
        return NTA_PARSE_OTHER;
    if (first.len <= NTA_TLS_RECORD_HEAD)
        return NTA_PARSE_MORE;
    if (!nta_tls_record_head_read(&r, &head))
        return NTA_PARSE_OTHER;
    if (head.len == 0)
        return pass_fillers(&v2);
    if (head.type == NTA_TLS_RECORD_HANDSHAKE && !is_known_message(first.ptr[5]))
        return NTA_PARSE_OTHER;
    if (head.type == NTA_TLS_RECORD_CHANGE_CIPHER && (head.len != 1 || first.ptr[5] != 1))
        return NTA_PARSE_OTHER;
    return NTA_PARSE_OK;
}

NTA_PROTO(tls, struct tls, tls_probe, tls_feed, turn, .app = NTA_APP_TLS, .over_tcp = true,
          .settles_sides = true, .gap = tls_gap, .end = tls_end);
