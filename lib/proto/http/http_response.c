/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_response.h"

#include "base/hash.h"
#include "proto/http/http_text.h"
#include "proto/http/http_url.h"

void nta_http_emit(struct nta_proto_io *io, const struct nta_http_asked *asked,
                   enum nta_event_kind kind, const struct nta_http_exchange *exchange)
{
    const struct nta_event event = {
        .kind = kind, .app = asked->app, .channel = asked->channel, .http = exchange};

    io->emit(io->owner, &event);
}

void nta_http_set_texts(struct nta_http_exchange *exchange,
                        const struct nta_span texts[NTA_HTTP_TEXTS])
{
    exchange->method = texts[0];
    exchange->host = texts[1];
    exchange->target = texts[2];
    exchange->other_host = texts[3];
    if (!nta_span_is(texts[0], "CONNECT"))
        exchange->file_name = nta_http_last_segment(texts[2]);
}

struct nta_http_exchange nta_http_exchange_of(const struct nta_http_request *request)
{
    return (struct nta_http_exchange){.port = request->port,
                                      .request_bytes = request->bytes,
                                      .response_expected = NTA_HTTP_LENGTH_NONE,
                                      .range_first = NTA_HTTP_LENGTH_NONE,
                                      .range_total = NTA_HTTP_LENGTH_NONE,
                                      .truncated = request->truncated,
                                      .hosts_differ = request->hosts_differ,
                                      .initiator = request->initiator,
                                      .begin_wall_ns = request->begin_wall_ns};
}

void nta_http_add_asked(struct nta_http_exchange *exchange, const struct nta_http_asked *asked)
{
    const struct nta_http_request *request = asked->request;
    const struct nta_span file_name = exchange->file_name;

    if (!request)
        return;
    nta_http_set_texts(exchange, asked->texts);
    if (file_name.len > 0)
        exchange->file_name = file_name;
    exchange->port = request->port;
    exchange->request_bytes = request->bytes;
    exchange->truncated |= request->truncated;
    exchange->hosts_differ = request->hosts_differ;
    exchange->initiator = request->initiator;
    exchange->begin_wall_ns = request->begin_wall_ns;
}

/* Kept bytes of `text`. */
static uint8_t keep(uint8_t *buf, size_t size, struct nta_span text, bool *truncated)
{
    size_t len = text.len < size ? text.len : size;

    *truncated |= len < text.len;
    if (len > 0)
        memcpy(buf, text.ptr, len);
    return (uint8_t)len;
}

/* A media type without its parameters. */
static struct nta_span media_type(struct nta_span value)
{
    return nta_http_trim(nta_span_before(value, ';'));
}

/* As many bytes as Content-Range says, or it is not known where they lie. */
static bool is_range_right(const struct nta_http_head *head)
{
    return head->content_length == NTA_HTTP_LENGTH_NONE || head->range_len == head->content_length;
}

static uint64_t version_of(const struct nta_http_head *head)
{
    static const struct nta_hash_key key = {0};

    return head->etag.len > 0 ? nta_hash_bytes(&key, head->etag.ptr, head->etag.len) : 0;
}

void nta_http_response_begin(struct nta_http_response *response, const struct nta_proto_io *io,
                             const struct nta_http_head *head, const struct nta_proto_at *at)
{
    /* RFC 9112 section 6.3: a length beside a transfer coding means nothing */
    const uint64_t length = head->has_transfer ? NTA_HTTP_LENGTH_NONE : head->content_length;
    struct nta_http_buf name = {.bytes = response->file_name, .size = sizeof(response->file_name)};

    *response = (struct nta_http_response){
        .begin_wall_ns = io->wall_ns,
        .at = *at,
        .expected = length,
        .start.total = head->status == 206 ? head->range_total : length,
        .range_first = is_range_right(head) ? head->range_first : NTA_HTTP_LENGTH_NONE,
        .range_total = head->range_total,
        .version = version_of(head),
        .status = head->status,
        .coded = head->coded};
    response->type_len = keep(response->type, sizeof(response->type),
                              media_type(head->content_type), &response->truncated);
    response->server_len =
        keep(response->server, sizeof(response->server), head->server, &response->truncated);
    nta_http_file_name(head->disposition, &name);
    response->file_name_len = (uint8_t)name.len;
    response->truncated |= name.cut;
    if (head->status == 206 && !head->coded)
        nta_http_parts_begin(&response->parts, head->content_type);
    if (response->parts.state != NTA_HTTP_PARTS_NONE)
        response->expected = response->range_first = NTA_HTTP_LENGTH_NONE;
}

struct nta_http_exchange nta_http_response_exchange(const struct nta_http_response *response)
{
    return (struct nta_http_exchange){
        .status = response->status,
        .content_type = {.ptr = response->type, .len = response->type_len},
        .file_name = {.ptr = response->file_name, .len = response->file_name_len},
        .server = {.ptr = response->server, .len = response->server_len},
        .response_bytes = response->bytes,
        .response_lost = response->lost,
        .response_expected = response->expected,
        .range_first = response->range_first,
        .range_total = response->range_total,
        .version = response->version,
        .complete = response->complete,
        .marked = response->marked,
        .hole = response->hole,
        .coded = response->coded,
        .truncated = response->truncated,
        .body_start = nta_file_start_first(&response->start),
        .body_far = nta_file_start_far(&response->start),
        .has_parts = response->told_bytes > 0,
        .begin_wall_ns = response->begin_wall_ns,
        .end_wall_ns = response->end_wall_ns,
    };
}

void nta_http_response_tell(const struct nta_http_response *response, struct nta_proto_io *io,
                            const struct nta_http_asked *asked)
{
    struct nta_http_exchange exchange = nta_http_response_exchange(response);

    if (response->parts.state != NTA_HTTP_PARTS_NONE)
        return;
    nta_http_add_asked(&exchange, asked);
    nta_http_emit(io, asked, NTA_EVENT_HTTP_RESPONSE, &exchange);
}

/* Of the part at hand; what it says of its place is known. */
static void tell_part(const struct nta_http_response *response, struct nta_proto_io *io,
                      const struct nta_http_asked *asked, enum nta_event_kind kind)
{
    const struct nta_http_parts *parts = &response->parts;
    struct nta_http_exchange exchange = nta_http_response_exchange(response);

    exchange.is_part = true;
    exchange.has_parts = false;
    exchange.response_bytes = parts->bytes;
    exchange.response_lost = parts->lost;
    exchange.response_expected = parts->len;
    exchange.complete = parts->bytes == parts->len;
    exchange.range_first = parts->first;
    exchange.range_total = parts->total;
    nta_http_add_asked(&exchange, asked);
    exchange.request_bytes = 0;
    nta_http_emit(io, asked, kind, &exchange);
}

static void begin_part(struct nta_http_response *response, struct nta_proto_io *io,
                       const struct nta_http_asked *asked)
{
    if (!nta_http_parts_is_placed(&response->parts))
        return;
    response->start = (struct nta_file_start){.total = response->parts.total};
    tell_part(response, io, asked, NTA_EVENT_HTTP_RESPONSE);
}

/* One whose place is not known is told with what is left at the end. */
static void end_part(struct nta_http_response *response, struct nta_proto_io *io,
                     const struct nta_http_asked *asked)
{
    const struct nta_http_parts *parts = &response->parts;

    if (!nta_http_parts_is_placed(parts) || parts->bytes == 0)
        return;
    tell_part(response, io, asked, NTA_EVENT_HTTP_EXCHANGE);
    response->told_bytes += parts->bytes;
    response->told_lost += parts->lost;
}

/* Content: of the response, or of the part at hand. */
static void take_content(struct nta_http_response *response, struct nta_proto_io *io,
                         const struct nta_http_asked *asked, struct nta_span bytes, bool is_placed)
{
    const bool is_part = response->parts.state != NTA_HTTP_PARTS_NONE;
    const uint64_t offset = is_part ? response->parts.bytes : response->bytes;
    const struct nta_content content = {.bytes = bytes, .offset = offset};
    const struct nta_event event = {.kind = NTA_EVENT_CONTENT,
                                    .app = asked->app,
                                    .channel = asked->channel,
                                    .content = &content};

    response->bytes += bytes.len;
    if (is_part) {
        response->parts.bytes += bytes.len;
        is_placed &= nta_http_parts_is_placed(&response->parts);
    }
    /* behind a hole of unknown length nobody knows which bytes of the file these are */
    if (!is_placed)
        return;
    nta_file_start_take(&response->start, offset, bytes);
    if (io->wants_content && bytes.len > 0)
        io->emit(io->owner, &event);
}

void nta_http_response_take(struct nta_http_response *response, struct nta_proto_io *io,
                            const struct nta_http_asked *asked, struct nta_span bytes,
                            bool is_placed)
{
    struct nta_span piece;

    if (response->parts.state == NTA_HTTP_PARTS_NONE) {
        take_content(response, io, asked, bytes, is_placed);
        return;
    }
    response->parts.is_loose |= !is_placed;
    while (bytes.len > 0) {
        switch (nta_http_parts_next(&response->parts, &bytes, &piece)) {
        case NTA_HTTP_PARTS_NOTHING: break;
        case NTA_HTTP_PARTS_BEGIN:
            response->parts.is_loose |= !is_placed;
            begin_part(response, io, asked);
            break;
        case NTA_HTTP_PARTS_PIECE: take_content(response, io, asked, piece, true); break;
        case NTA_HTTP_PARTS_END: end_part(response, io, asked); break;
        }
    }
}

void nta_http_response_lose(struct nta_http_response *response, struct nta_proto_io *io,
                            const struct nta_http_asked *asked)
{
    response->hole = true;
    if (response->parts.state == NTA_HTTP_PARTS_NONE ||
        response->parts.state == NTA_HTTP_PARTS_OVER)
        return;
    if (response->parts.state == NTA_HTTP_PARTS_CONTENT) /* elsewhere it is told already */
        end_part(response, io, asked);
    nta_http_parts_cut(&response->parts);
}

void nta_http_response_pass(struct nta_http_response *response, struct nta_proto_io *io,
                            const struct nta_http_asked *asked, struct nta_gone gone)
{
    uint64_t content;

    if (response->parts.state == NTA_HTTP_PARTS_NONE || gone.bytes == 0) {
        response->bytes += gone.bytes;
        response->lost += gone.lost;
        return;
    }
    const bool goes_on = nta_http_parts_lose(&response->parts, gone.bytes, &content);

    response->bytes += content;
    response->lost += content;
    if (!goes_on)
        nta_http_response_lose(response, io, asked);
}

uint64_t nta_http_response_idle(const struct nta_http_response *response)
{
    if (response->parts.state != NTA_HTTP_PARTS_NONE)
        return 0; /* delimiters may be anywhere */
    return nta_file_start_idle(&response->start, response->bytes);
}

void nta_http_response_refuse(struct nta_http_response *response, uint64_t n)
{
    response->bytes -= n < response->bytes ? n : response->bytes;
    if (response->lost > response->bytes)
        response->lost = response->bytes;
}

/* What is left of parts of which no place is known. */
static void tell_rest(const struct nta_http_response *response, struct nta_proto_io *io,
                      const struct nta_http_asked *asked)
{
    struct nta_http_exchange exchange = nta_http_response_exchange(response);

    if (response->told_bytes == 0 || response->bytes <= response->told_bytes)
        return;
    nta_http_add_asked(&exchange, asked);
    exchange.is_part = true;
    exchange.has_parts = exchange.complete = false;
    exchange.response_bytes -= response->told_bytes;
    exchange.response_lost -= nta_smaller(response->told_lost, exchange.response_lost);
    exchange.request_bytes = 0;
    nta_http_emit(io, asked, NTA_EVENT_HTTP_EXCHANGE, &exchange);
}

void nta_http_response_over(struct nta_http_response *response, struct nta_proto_io *io,
                            const struct nta_http_asked *asked)
{
    if (response->parts.state == NTA_HTTP_PARTS_CONTENT)
        end_part(response, io, asked);
    tell_rest(response, io, asked);
    struct nta_http_exchange exchange = nta_http_response_exchange(response);

    nta_http_add_asked(&exchange, asked);
    nta_http_emit(io, asked, NTA_EVENT_HTTP_EXCHANGE, &exchange);
}
