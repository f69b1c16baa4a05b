/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_exchange.h"

#include "base/hash.h"
#include "proto/http/http_text.h"
#include "proto/http/http_url.h"

static void emit(struct nta_proto_io *io, enum nta_event_kind kind,
                 const struct nta_http_exchange *exchange)
{
    struct nta_event event = {.kind = kind, .app = NTA_APP_HTTP, .http = exchange};

    io->emit(io->owner, &event);
}

static void set_texts(struct nta_http_exchange *exchange,
                      const struct nta_span texts[NTA_HTTP_TEXTS])
{
    exchange->method = texts[0];
    exchange->host = texts[1];
    exchange->target = texts[2];
    exchange->other_host = texts[3];
    if (!nta_span_is(texts[0], "CONNECT"))
        exchange->file_name = nta_http_last_segment(texts[2]);
}

/* A request as far as it is known without its texts. */
static struct nta_http_exchange exchange_of(const struct nta_http_request *request)
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

/* The client asks before anything of the answer to its newest request has come. */
static bool is_pipelined(const struct nta_http_exchanges *all,
                         const struct nta_http_request *request)
{
    const struct nta_http_queue *queue = &all->queue;

    if (queue->n == 0)
        return false;
    const struct nta_http_request *before = &queue->requests[queue->n - 1];

    if (before->at.known && before->at.has_ack && request->at.known && request->at.has_ack)
        return (int32_t)(request->at.ack - before->at.ack) <= 0;
    return !all->response_hole;
}

/* The answer was captured before the request, which is the queue's only one. */
static void tie_early(struct nta_http_exchanges *all, struct nta_proto_io *io)
{
    struct nta_http_response *response = &all->response;
    const struct nta_http_request *request = &all->queue.requests[0];

    if (!response->is_early || all->queue.n != 1)
        return;
    if (nta_http_may_answer(&response->at, request) && !(request->after_hole && all->pipelined)) {
        response->has_request = true;
        response->is_early = false;
        if (all->waiting)
            nta_http_end_response(all, io, response->complete);
    } else {
        nta_http_settle_early(all, io);
    }
}

void nta_http_add_request(struct nta_http_exchanges *all, struct nta_proto_io *io,
                          const struct nta_http_head *head, const struct nta_proto_at *at,
                          bool whole)
{
    struct nta_http_site site = nta_http_site_of(head);
    struct nta_span texts[NTA_HTTP_TEXTS] = {head->method, site.host, site.target, site.other_host};
    struct nta_http_request request = {.begin_wall_ns = io->wall_ns,
                                       .at = *at,
                                       .port = site.port,
                                       .hosts_differ =
                                           head->hosts_differ || site.other_host.len > 0,
                                       .initiator = nta_http_origin_initiator(&head->origin),
                                       .after_hole = all->request_hole};
    struct nta_http_exchange exchange = exchange_of(&request);
    bool fits;

    exchange.system = head->origin.system;
    exchange.forwarded = nta_http_origin_is_forwarded(&head->origin, site.to_proxy);

    if (all->half_request)
        nta_http_queue_drop_last(&all->queue);
    set_texts(&exchange, texts);
    exchange.to_proxy = site.to_proxy;
    if (whole)
        emit(io, NTA_EVENT_HTTP_REQUEST, &exchange);
    all->begun |= whole;
    all->pipelined |= is_pipelined(all, &request);
    /* Once one did not fit, those behind it must not come before it. */
    fits = all->n_emitted == 0 && nta_http_queue_push(&all->queue, &request, texts);
    all->half_request = fits && !whole;
    all->body_of_newest = fits && whole;
    if (!whole)
        return;
    all->request_hole = false;
    if (fits) {
        tie_early(all, io);
        return;
    }
    exchange.at_once = true;
    emit(io, NTA_EVENT_HTTP_EXCHANGE, &exchange);
    all->open_ack = request.at.ack;
    all->n_emitted++;
}

void nta_http_settle_half_request(struct nta_http_exchanges *all, struct nta_proto_io *io)
{
    struct nta_http_exchange exchange;
    struct nta_span texts[NTA_HTTP_TEXTS];

    if (!all->half_request)
        return;
    all->half_request = false;
    exchange = exchange_of(&all->queue.requests[all->queue.n - 1]);
    nta_http_queue_last_texts(&all->queue, texts);
    set_texts(&exchange, texts);
    emit(io, NTA_EVENT_HTTP_REQUEST, &exchange);
}

void nta_http_count_request(struct nta_http_exchanges *all, uint64_t n)
{
    if (all->body_of_newest)
        all->queue.requests[all->queue.n - 1].bytes += n;
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

/*
 * Make the oldest request the one that the response at hand answers, and tell the others before it;
 * false: it answers none that is known.
 */
static bool match(struct nta_http_exchanges *all, struct nta_proto_io *io,
                  const struct nta_proto_at *at, bool unseen_request)
{
    const struct nta_http_scene scene = {
        .response = *at,
        .response_hole = all->response_hole,
        .unseen_request = unseen_request || all->request_hole,
        .pipelines = all->pipelined,
        .open = all->open,
        .open_ack = all->open_ack,
    };
    size_t n_before;
    const enum nta_http_tie tie = nta_http_tie(&all->queue, &scene, &n_before);

    all->begun = true;
    if (tie == NTA_HTTP_TIE_SURE) {
        all->response_hole = all->open = false;
    } else if (tie == NTA_HTTP_TIE_UNSURE) {
        all->response_hole = all->open = true;
        all->open_ack = all->queue.requests[n_before - 1].at.ack;
    }
    nta_http_flush(all, io, all->queue.n - n_before);
    if (tie == NTA_HTTP_TIE_SURE && all->queue.n == 1)
        nta_http_settle_half_request(all, io);
    return tie == NTA_HTTP_TIE_SURE;
}

/* The answer may have been captured before its request. */
static bool is_early(const struct nta_http_exchanges *all, const struct nta_http_answer *answer)
{
    return answer->at.known && answer->unseen_request && all->queue.n == 0 && all->n_emitted == 0 &&
           !all->response_hole;
}

static void find_request(struct nta_http_exchanges *all, struct nta_proto_io *io,
                         const struct nta_http_answer *answer)
{
    struct nta_http_response *response = &all->response;

    response->has_request = match(all, io, &answer->at, answer->unseen_request);
    if (response->has_request)
        return;
    response->is_early = is_early(all, answer);
    if (all->n_emitted > 0 && all->queue.n == 0)
        all->n_emitted--;
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

void nta_http_begin_response(struct nta_http_exchanges *all, struct nta_proto_io *io,
                             const struct nta_http_answer *answer, bool whole)
{
    const struct nta_http_head *head = &answer->head;
    struct nta_http_response *response = &all->response;
    /* RFC 9112 section 6.3: a length beside a transfer coding means nothing */
    const uint64_t length = head->has_transfer ? NTA_HTTP_LENGTH_NONE : head->content_length;
    struct nta_http_buf name = {.bytes = response->file_name, .size = sizeof(response->file_name)};

    nta_http_settle_early(all, io);
    *response = (struct nta_http_response){
        .begin_wall_ns = io->wall_ns,
        .at = answer->at,
        .expected = length,
        .start.total = head->status == 206 ? head->range_total : length,
        .range_first = is_range_right(head) ? head->range_first : NTA_HTTP_LENGTH_NONE,
        .range_total = head->range_total,
        .version = version_of(head),
        .status = head->status,
        .coded = head->coded};
    if (whole)
        find_request(all, io, answer);
    all->half_response = !whole;
    all->in_response = whole;
    response->type_len = keep(response->type, sizeof(response->type),
                              media_type(head->content_type), &response->truncated);
    response->server_len =
        keep(response->server, sizeof(response->server), head->server, &response->truncated);
    nta_http_file_name(head->disposition, &name);
    response->file_name_len = (uint8_t)name.len;
    response->truncated |= name.cut;
}

void nta_http_settle_half_response(struct nta_http_exchanges *all, struct nta_proto_io *io)
{
    if (!all->half_response)
        return;
    all->half_response = false;
    all->response.has_request = match(all, io, &all->response.at, false);
    all->response.hole = true;
    nta_http_end_response(all, io, false);
}

bool nta_http_answers(const struct nta_http_exchanges *all, const char *method)
{
    struct nta_span texts[NTA_HTTP_TEXTS];

    if (!all->in_response || !all->response.has_request)
        return false;
    nta_http_queue_first_texts(&all->queue, texts);
    return nta_span_is(texts[0], method);
}

uint64_t nta_http_idle(const struct nta_http_exchanges *all)
{
    return nta_file_start_idle(&all->response.start, all->response.bytes);
}

void nta_http_add_content(struct nta_http_exchanges *all, struct nta_span content, bool is_placed)
{
    struct nta_http_response *response = &all->response;

    if (is_placed)
        nta_file_start_take(&response->start, response->bytes, content);
    response->bytes += content.len;
}

void nta_http_count_response(struct nta_http_exchanges *all, struct nta_gone gone)
{
    all->response.bytes += gone.bytes;
    all->response.lost += gone.lost;
}

void nta_http_refuse(struct nta_http_exchanges *all, uint64_t n)
{
    struct nta_http_response *response = &all->response;

    response->bytes -= n < response->bytes ? n : response->bytes;
    if (response->lost > response->bytes)
        response->lost = response->bytes;
}

/* Add what the oldest request says to `exchange`, which holds what is known of its response. */
static void add_first(const struct nta_http_exchanges *all, struct nta_http_exchange *exchange)
{
    const struct nta_http_request *request = &all->queue.requests[0];
    struct nta_span texts[NTA_HTTP_TEXTS], file_name = exchange->file_name;

    nta_http_queue_first_texts(&all->queue, texts);
    set_texts(exchange, texts);
    if (file_name.len > 0)
        exchange->file_name = file_name;
    exchange->port = request->port;
    exchange->request_bytes = request->bytes;
    exchange->truncated |= request->truncated;
    exchange->hosts_differ = request->hosts_differ;
    exchange->initiator = request->initiator;
    exchange->begin_wall_ns = request->begin_wall_ns;
}

/* Tell the oldest request, with what `exchange` holds of its response, and drop it. */
static void emit_first(struct nta_http_exchanges *all, struct nta_proto_io *io,
                       struct nta_http_exchange *exchange)
{
    if (all->queue.n == 1)
        all->body_of_newest = all->half_request = false;
    add_first(all, exchange);
    emit(io, NTA_EVENT_HTTP_EXCHANGE, exchange);
    nta_http_queue_drop_first(&all->queue);
}

/* The response as far as it is known, without its request. */
static struct nta_http_exchange exchange_of_response(const struct nta_http_response *response)
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
        .begin_wall_ns = response->begin_wall_ns,
        .end_wall_ns = response->end_wall_ns,
    };
}

static void emit_response(struct nta_http_exchanges *all, struct nta_proto_io *io)
{
    const struct nta_http_response *response = &all->response;
    struct nta_http_exchange exchange = exchange_of_response(response);

    all->waiting = false;
    if (response->has_request)
        emit_first(all, io, &exchange);
    else
        emit(io, NTA_EVENT_HTTP_EXCHANGE, &exchange);
}

void nta_http_end_response(struct nta_http_exchanges *all, struct nta_proto_io *io, bool complete)
{
    struct nta_http_response *response = &all->response;

    response->complete = complete;
    all->in_response = false;
    if (response->is_early) {
        response->end_wall_ns = io->wall_ns;
        all->waiting = true;
    } else {
        emit_response(all, io);
    }
}

void nta_http_settle_early(struct nta_http_exchanges *all, struct nta_proto_io *io)
{
    all->response.is_early = false;
    if (all->waiting)
        emit_response(all, io);
}

void nta_http_lose_responses(struct nta_http_exchanges *all)
{
    all->response_hole = true;
    if (all->n_emitted > 0)
        all->open = true;
    all->n_emitted = 0;
}

void nta_http_flush(struct nta_http_exchanges *all, struct nta_proto_io *io, size_t n_left)
{
    if (n_left == 0)
        nta_http_settle_half_request(all, io);
    while (all->queue.n > n_left) {
        struct nta_http_exchange exchange = {.response_expected = NTA_HTTP_LENGTH_NONE,
                                             .range_first = NTA_HTTP_LENGTH_NONE,
                                             .range_total = NTA_HTTP_LENGTH_NONE};

        emit_first(all, io, &exchange);
    }
}

void nta_http_tell_response(const struct nta_http_exchanges *all, struct nta_proto_io *io)
{
    struct nta_http_exchange exchange = exchange_of_response(&all->response);

    if (!all->in_response || !all->response.has_request)
        return;
    add_first(all, &exchange);
    emit(io, NTA_EVENT_HTTP_RESPONSE, &exchange);
}
