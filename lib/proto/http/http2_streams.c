/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http2_streams.h"

#include "base/own.h"

#include <assert.h>

static size_t index_of(const struct nta_http2_streams *streams,
                       const struct nta_http2_stream *stream)
{
    return (size_t)(stream - streams->all);
}

static size_t texts_len(const struct nta_http2_stream *stream)
{
    size_t len = 0;

    for (size_t i = 0; stream->has_request && i < NTA_HTTP_TEXTS; i++)
        len += stream->request.lens[i];
    return len;
}

static struct nta_http_asked asked_of(const struct nta_http2_streams *streams,
                                      const struct nta_http2_stream *stream)
{
    struct nta_http_asked asked = {.app = NTA_APP_HTTP2,
                                   .channel = (uint8_t)(index_of(streams, stream) + 1)};
    const uint8_t *at = streams->texts + stream->texts_at;

    if (!stream->has_request)
        return asked;
    asked.request = &stream->request;
    for (size_t i = 0; i < NTA_HTTP_TEXTS; i++) {
        asked.texts[i] = (struct nta_span){at, stream->request.lens[i]};
        at += stream->request.lens[i];
    }
    return asked;
}

static void touch(struct nta_http2_streams *streams, struct nta_http2_stream *stream)
{
    stream->touched = ++streams->n_touched;
}

struct nta_http2_stream *nta_http2_find(struct nta_http2_streams *streams, uint32_t id)
{
    for (size_t i = 0; id > 0 && i < NTA_HTTP2_STREAMS; i++) {
        if (streams->ids[i] == id)
            return &streams->all[i];
    }
    return NULL;
}

/* Its texts are given back. */
static void drop_texts(struct nta_http2_streams *streams, const struct nta_http2_stream *stream)
{
    const size_t len = texts_len(stream), at = stream->texts_at, end = at + len;

    if (len == 0)
        return;
    memmove(streams->texts + at, streams->texts + end, streams->texts_len - end);
    streams->texts_len = (uint16_t)(streams->texts_len - len);
    for (size_t i = 0; i < NTA_HTTP2_STREAMS; i++) {
        struct nta_http2_stream *other = &streams->all[i];

        if (streams->ids[i] > 0 && other->has_request && other->texts_at > at)
            other->texts_at = (uint16_t)(other->texts_at - len);
    }
}

/* Tell it, and forget it. */
static void tell(struct nta_http2_streams *streams, struct nta_proto_io *io,
                 struct nta_http2_stream *stream, bool complete)
{
    const struct nta_http_asked asked = asked_of(streams, stream);

    /* more or less than was announced is not whole (RFC 9113 section 8.1.1) */
    stream->response.complete =
        complete && (stream->response.expected == NTA_HTTP_LENGTH_NONE || stream->is_head ||
                     stream->response.bytes == stream->response.expected);
    /* an answer without a request and without content says nothing */
    if (stream->has_request || stream->response.bytes > 0)
        nta_http_response_over(&stream->response, io, &asked);
    drop_texts(streams, stream);
    streams->ids[index_of(streams, stream)] = 0;
    streams->n_open--;
    streams->n_reset = (uint8_t)(streams->n_reset - stream->is_reset);
}

/* How much is lost with it, if it gives up. */
static unsigned worth_of(const struct nta_http2_stream *stream)
{
    if (stream->is_reset || !stream->has_request)
        return 0;
    return stream->answered ? 2 : 1;
}

static bool is_worth_less(const struct nta_http2_stream *one, const struct nta_http2_stream *other)
{
    if (worth_of(one) != worth_of(other))
        return worth_of(one) < worth_of(other);
    return (int32_t)(one->touched - other->touched) < 0;
}

/* One gives up, but not `except`.  False: there is none. */
static bool give_up(struct nta_http2_streams *streams, struct nta_proto_io *io,
                    const struct nta_http2_stream *except)
{
    struct nta_http2_stream *least = NULL;

    for (size_t i = 0; i < NTA_HTTP2_STREAMS; i++) {
        struct nta_http2_stream *stream = &streams->all[i];

        if (streams->ids[i] > 0 && stream != except && (!least || is_worth_less(stream, least)))
            least = stream;
    }
    if (!least)
        return false;
    io->limited |= !least->is_reset;
    tell(streams, io, least, false);
    return true;
}

bool nta_http2_is_full(const struct nta_http2_streams *streams)
{
    return streams->n_open == NTA_HTTP2_STREAMS;
}

struct nta_http2_stream *nta_http2_begin(struct nta_http2_streams *streams, struct nta_proto_io *io,
                                         uint32_t id)
{
    assert(id > 0);
    for (;;) {
        for (size_t i = 0; i < NTA_HTTP2_STREAMS; i++) {
            if (streams->ids[i] > 0)
                continue;
            streams->ids[i] = id;
            streams->n_open++;
            streams->all[i] =
                (struct nta_http2_stream){.response = {.expected = NTA_HTTP_LENGTH_NONE,
                                                       .range_first = NTA_HTTP_LENGTH_NONE,
                                                       .range_total = NTA_HTTP_LENGTH_NONE}};
            touch(streams, &streams->all[i]);
            return &streams->all[i];
        }
        (void)give_up(streams, io, NULL);
    }
}

/* As much of the text as is kept of it. */
static uint16_t keep(struct nta_http2_streams *streams, struct nta_span text, size_t *space,
                     bool *truncated)
{
    const struct nta_span kept = nta_span_first(text, *space);

    *truncated |= kept.len < text.len;
    *space -= kept.len;
    if (kept.len > 0)
        memcpy(streams->texts + streams->texts_len, kept.ptr, kept.len);
    streams->texts_len = (uint16_t)(streams->texts_len + kept.len);
    return (uint16_t)kept.len;
}

void nta_http2_ask(struct nta_http2_streams *streams, struct nta_proto_io *io,
                   struct nta_http2_stream *stream, const struct nta_http_request *request,
                   const struct nta_span texts[NTA_HTTP_TEXTS])
{
    size_t space = 0;

    for (size_t i = 0; i < NTA_HTTP_TEXTS; i++)
        space += texts[i].len;
    space = nta_smaller(space, NTA_HTTP_REQUEST_TEXT_MAX);
    while (streams->texts_len + space > sizeof(streams->texts) && give_up(streams, io, stream)) {
    }
    space = nta_smaller(space, sizeof(streams->texts) - streams->texts_len);
    stream->request = *request;
    stream->has_request = true;
    stream->is_head = nta_span_is(texts[0], "HEAD");
    stream->texts_at = streams->texts_len;
    for (size_t i = 0; i < NTA_HTTP_TEXTS; i++)
        stream->request.lens[i] = keep(streams, texts[i], &space, &stream->request.truncated);
    stream->response.has_request = true;
}

/* What a tunnel moves is no content of a file. */
static bool is_tunnel(const struct nta_http_asked *asked, const struct nta_http_head *head)
{
    return asked->request && nta_span_is(asked->texts[0], "CONNECT") && head->status < 300;
}

void nta_http2_answer(struct nta_http2_streams *streams, struct nta_proto_io *io,
                      struct nta_http2_stream *stream, const struct nta_http_head *head,
                      bool is_last)
{
    const struct nta_http_asked asked = asked_of(streams, stream);
    const bool has_request = stream->has_request;

    touch(streams, stream);
    nta_http_response_begin(&stream->response, io, head, &io->at);
    stream->response.has_request = has_request;
    stream->response.marked = stream->response.expected == NTA_HTTP_LENGTH_NONE;
    stream->answered = true;
    stream->is_unsure = false; /* its content begins here, whatever was lost before */
    if (is_tunnel(&asked, head))
        tell(streams, io, stream, true);
    else if (is_last)
        nta_http2_side_over(streams, io, stream);
    else if (has_request && !stream->is_head)
        nta_http_response_tell(&stream->response, io, &asked);
}

void nta_http2_content(struct nta_http2_streams *streams, struct nta_proto_io *io,
                       struct nta_http2_stream *stream, struct nta_span bytes)
{
    const struct nta_http_asked asked = asked_of(streams, stream);

    touch(streams, stream);
    if (io->side == NTA_FROM_CLIENT)
        stream->request.bytes += bytes.len;
    else
        nta_http_response_take(&stream->response, io, &asked, bytes, !stream->is_unsure);
}

void nta_http2_pass(struct nta_http2_streams *streams, struct nta_proto_io *io,
                    struct nta_http2_stream *stream, struct nta_gone gone, bool of_server)
{
    const struct nta_http_asked asked = asked_of(streams, stream);

    touch(streams, stream);
    if (of_server)
        nta_http_response_pass(&stream->response, io, &asked, gone);
    else
        stream->request.bytes += gone.bytes;
}

void nta_http2_side_over(struct nta_http2_streams *streams, struct nta_proto_io *io,
                         struct nta_http2_stream *stream)
{
    if (io->side == NTA_FROM_CLIENT)
        stream->request_over = true;
    else
        stream->response_over = stream->answered;
    if (stream->response_over && (stream->request_over || !stream->has_request))
        tell(streams, io, stream, true);
}

void nta_http2_reset(struct nta_http2_streams *streams, struct nta_proto_io *io,
                     struct nta_http2_stream *stream)
{
    if (io->side == NTA_FROM_CLIENT && !stream->response_over) {
        streams->n_reset = (uint8_t)(streams->n_reset + !stream->is_reset);
        stream->is_reset = true;
        stream->response.end_wall_ns = io->wall_ns;
    } else {
        tell(streams, io, stream, stream->response_over);
    }
}

void nta_http2_settle(struct nta_http2_streams *streams, struct nta_proto_io *io)
{
    for (size_t i = 0; streams->n_reset > 0 && i < NTA_HTTP2_STREAMS; i++) {
        if (streams->ids[i] > 0 && streams->all[i].is_reset)
            tell(streams, io, &streams->all[i], false);
    }
}

static bool is_open(const struct nta_http2_streams *streams, size_t i)
{
    return streams->ids[i] > 0 && streams->all[i].answered && !streams->all[i].response_over;
}

void nta_http2_lose(struct nta_http2_streams *streams, struct nta_proto_io *io)
{
    for (size_t i = 0; i < NTA_HTTP2_STREAMS; i++) {
        struct nta_http2_stream *stream = &streams->all[i];

        if (streams->ids[i] == 0 || stream->response_over)
            continue;
        const struct nta_http_asked asked = asked_of(streams, stream);

        stream->is_unsure = true;
        nta_http_response_lose(&stream->response, io, &asked);
    }
}

struct nta_http2_stream *nta_http2_only(struct nta_http2_streams *streams)
{
    struct nta_http2_stream *only = NULL;

    for (size_t i = 0; i < NTA_HTTP2_STREAMS; i++) {
        if (is_open(streams, i) && only)
            return NULL;
        if (is_open(streams, i))
            only = &streams->all[i];
    }
    return only;
}

void nta_http2_end(struct nta_http2_streams *streams, struct nta_proto_io *io)
{
    for (;;) {
        size_t first = NTA_HTTP2_STREAMS;

        for (size_t i = 0; i < NTA_HTTP2_STREAMS; i++) {
            if (streams->ids[i] > 0 &&
                (first == NTA_HTTP2_STREAMS || streams->ids[i] < streams->ids[first]))
                first = i;
        }
        if (first == NTA_HTTP2_STREAMS)
            return;
        tell(streams, io, &streams->all[first], streams->all[first].response_over);
    }
}
