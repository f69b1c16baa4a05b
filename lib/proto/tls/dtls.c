/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/dtls.h"

#include "proto/tls/tls_hello.h"
#include "proto/tls/tls_record.h"
#include "proto/tls/tls_stream.h"

enum
{
    VERSION_10 = 0xfeff,
    VERSION_12 = 0xfefd, /* of 1.3's first records too */
    TRIES_MAX = 16,
    HELLO_VERIFY_REQUEST = 3,
};

struct dtls
{
    uint8_t n_tries;
    bool has_message;
    uint16_t sequence;            /* of the message whose fragments are in the stream */
    struct nta_tls_stream stream; /* fragments of one message, as CRYPTO frames are put together */
};

/* RFC 6347 section 4.2.2. */
struct fragment
{
    uint8_t type;
    uint32_t len; /* of the message */
    uint16_t sequence;
    uint32_t offset;
    struct nta_span bytes;
};

/*
 * The next record in clear that holds a fragment; what is sealed (epoch above 0) is no more of use.
 */
static bool read_record(struct nta_reader *r, struct nta_reader *ret_content)
{
    uint8_t type = nta_read_u8(r);
    uint16_t version = nta_read_be16(r), epoch = nta_read_be16(r);

    nta_reader_skip(r, 6); /* sequence number */
    *ret_content = nta_read_vec16(r);
    return nta_reader_ok(ret_content) && type == NTA_TLS_RECORD_HANDSHAKE && epoch == 0 &&
           (version == VERSION_10 || version == VERSION_12);
}

static bool read_fragment(struct nta_reader *r, struct fragment *ret_fragment)
{
    struct fragment fragment = {.type = nta_read_u8(r)};

    fragment.len = nta_read_be24(r);
    fragment.sequence = nta_read_be16(r);
    fragment.offset = nta_read_be24(r);

    uint32_t bytes_len = nta_read_be24(r);

    fragment.bytes = nta_read_span(r, bytes_len);
    *ret_fragment = fragment;
    return nta_reader_ok(r) && fragment.offset + bytes_len <= fragment.len;
}

static enum nta_parse on_fragment(struct dtls *dtls, struct nta_proto_io *io,
                                  const struct fragment *fragment)
{
    struct nta_tls_client_hello hello;
    const struct nta_event event = {
        .kind = NTA_EVENT_TLS_CLIENT_HELLO, .app = NTA_APP_DTLS, .client_hello = &hello};

    if (fragment->type != NTA_TLS_CLIENT_HELLO)
        return NTA_PARSE_OK;
    if (!dtls->has_message || dtls->sequence != fragment->sequence)
        dtls->stream.n_ranges = 0;
    dtls->has_message = true;
    dtls->sequence = fragment->sequence;
    nta_tls_stream_put(&dtls->stream, fragment->offset, fragment->bytes);

    struct nta_span body = nta_tls_stream_head(&dtls->stream);

    if (body.len < fragment->len)
        return NTA_PARSE_OK;
    body.len = fragment->len;
    if (nta_tls_hello_client(body, NTA_TLS_OVER_UDP, &hello) != NTA_PARSE_OK)
        return NTA_PARSE_BAD;
    io->swap = io->side == NTA_FROM_SERVER;
    io->done_both = true;
    io->emit(io->owner, &event);
    return NTA_PARSE_OK;
}

static enum nta_parse dtls_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct dtls *dtls = state;
    struct nta_reader content;
    enum nta_parse verdict = NTA_PARSE_OK;

    while (verdict == NTA_PARSE_OK && !io->done_both && nta_reader_left(r) > 0 &&
           read_record(r, &content)) {
        while (verdict == NTA_PARSE_OK && !io->done_both && nta_reader_left(&content) > 0) {
            struct fragment fragment;

            verdict = read_fragment(&content, &fragment) ? on_fragment(dtls, io, &fragment)
                                                         : NTA_PARSE_BAD;
        }
    }
    if (!nta_reader_ok(r))
        verdict = NTA_PARSE_MORE;
    if (++dtls->n_tries >= TRIES_MAX)
        io->done_both = true;
    return verdict;
}

/* A record in clear that begins one of the first messages. */
static enum nta_parse dtls_probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len), content;
    struct fragment fragment;

    if (io->is_stream || !read_record(&r, &content) || !read_fragment(&content, &fragment))
        return NTA_PARSE_OTHER;
    return fragment.type == NTA_TLS_CLIENT_HELLO || fragment.type == NTA_TLS_SERVER_HELLO ||
                   fragment.type == HELLO_VERIFY_REQUEST
               ? NTA_PARSE_OK
               : NTA_PARSE_OTHER;
}

NTA_PROTO(dtls, struct dtls, dtls_probe, dtls_feed, nta_proto_turn_nothing, .app = NTA_APP_DTLS,
          .over_udp = true, .zeroed = offsetof(struct dtls, stream.bytes));
