/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_exchange.h"

#include "proto/http/http_url.h"

static const struct nta_http_asked of_http = {.app = NTA_APP_HTTP};

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
    struct nta_http_exchange exchange = nta_http_exchange_of(&request);
    bool fits;

    exchange.system = head->origin.system;
    exchange.forwarded = nta_http_origin_is_forwarded(&head->origin, site.to_proxy);

    if (all->half_request)
        nta_http_queue_drop_last(&all->queue);
    nta_http_set_texts(&exchange, texts);
    exchange.to_proxy = site.to_proxy;
    if (whole)
        nta_http_emit(io, &of_http, NTA_EVENT_HTTP_REQUEST, &exchange);
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
    nta_http_emit(io, &of_http, NTA_EVENT_HTTP_EXCHANGE, &exchange);
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
    exchange = nta_http_exchange_of(&all->queue.requests[all->queue.n - 1]);
    nta_http_queue_last_texts(&all->queue, texts);
    nta_http_set_texts(&exchange, texts);
    nta_http_emit(io, &of_http, NTA_EVENT_HTTP_REQUEST, &exchange);
}

void nta_http_count_request(struct nta_http_exchanges *all, uint64_t n)
{
    if (all->body_of_newest)
        all->queue.requests[all->queue.n - 1].bytes += n;
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

void nta_http_begin_response(struct nta_http_exchanges *all, struct nta_proto_io *io,
                             const struct nta_http_answer *answer, bool whole)
{
    nta_http_settle_early(all, io);
    nta_http_response_begin(&all->response, io, &answer->head, &answer->at);
    if (whole)
        find_request(all, io, answer);
    all->half_response = !whole;
    all->in_response = whole;
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
    return nta_http_response_idle(&all->response);
}

/* What the response under way answers: the oldest request, if it is known. */
static struct nta_http_asked asked_of(const struct nta_http_exchanges *all)
{
    struct nta_http_asked asked = {.app = NTA_APP_HTTP};

    if (!all->response.has_request)
        return asked;
    asked.request = &all->queue.requests[0];
    nta_http_queue_first_texts(&all->queue, asked.texts);
    return asked;
}

void nta_http_add_content(struct nta_http_exchanges *all, struct nta_proto_io *io,
                          struct nta_span content, bool is_placed)
{
    const struct nta_http_asked asked = asked_of(all);

    nta_http_response_take(&all->response, io, &asked, content, is_placed);
}

void nta_http_count_response(struct nta_http_exchanges *all, struct nta_proto_io *io,
                             struct nta_gone gone)
{
    const struct nta_http_asked asked = asked_of(all);

    nta_http_response_pass(&all->response, io, &asked, gone);
}

void nta_http_lose_place(struct nta_http_exchanges *all, struct nta_proto_io *io)
{
    const struct nta_http_asked asked = asked_of(all);

    nta_http_response_lose(&all->response, io, &asked);
}

void nta_http_refuse(struct nta_http_exchanges *all, uint64_t n)
{
    nta_http_response_refuse(&all->response, n);
}

/* The oldest request is told: drop it. */
static void drop_first(struct nta_http_exchanges *all)
{
    if (all->queue.n == 1)
        all->body_of_newest = all->half_request = false;
    nta_http_queue_drop_first(&all->queue);
}

static void emit_response(struct nta_http_exchanges *all, struct nta_proto_io *io)
{
    const struct nta_http_asked asked = asked_of(all);

    all->waiting = false;
    nta_http_response_over(&all->response, io, &asked);
    if (asked.request)
        drop_first(all);
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
        struct nta_http_exchange exchange = nta_http_exchange_of(&all->queue.requests[0]);
        struct nta_span texts[NTA_HTTP_TEXTS];

        nta_http_queue_first_texts(&all->queue, texts);
        nta_http_set_texts(&exchange, texts);
        nta_http_emit(io, &of_http, NTA_EVENT_HTTP_EXCHANGE, &exchange);
        drop_first(all);
    }
}

void nta_http_tell_response(const struct nta_http_exchanges *all, struct nta_proto_io *io)
{
    const struct nta_http_asked asked = asked_of(all);

    if (all->in_response && asked.request)
        nta_http_response_tell(&all->response, io, &asked);
}
