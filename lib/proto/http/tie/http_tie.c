/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/tie/http_tie.h"

/* How far `a` is ahead of `b` in sequence numbers (RFC 1982). */
static int32_t ahead(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

bool nta_http_may_answer(const struct nta_proto_at *response,
                         const struct nta_http_request *request)
{
    if (!response->known || !request->at.known)
        return true;
    if (response->has_ack && ahead(response->ack, request->at.seq) <= 0)
        return false;
    return !request->at.has_ack || ahead(request->at.ack, response->seq) <= 0;
}

/* Sent before anything of an answer to the one before had come, which acknowledged `ack`. */
static bool is_same_burst(const struct nta_http_request *request, uint32_t ack)
{
    return request->at.known && request->at.has_ack && ahead(request->at.ack, ack) <= 0;
}

/* Without numbers, what is known of the client decides. */
static bool stands_alone(const struct nta_http_queue *queue, const struct nta_http_scene *scene,
                         size_t last)
{
    const struct nta_http_request *request = &queue->requests[last];

    if (request->after_hole && scene->pipelines)
        return false;
    if (last == 0)
        return !scene->open || !(request->at.known && request->at.has_ack) ||
               !is_same_burst(request, scene->open_ack);
    const struct nta_http_request *before = &queue->requests[last - 1];

    if (!before->at.known || !before->at.has_ack || !request->at.known || !request->at.has_ack)
        return !scene->pipelines;
    return !is_same_burst(request, before->at.ack);
}

/* Behind the last one that may be meant, others that were not seen may be, too. */
static bool others_unseen(const struct nta_http_queue *queue, const struct nta_http_scene *scene,
                          size_t last)
{
    return last + 1 < queue->n ? queue->requests[last + 1].after_hole : scene->unseen_request;
}

enum nta_http_tie nta_http_tie(const struct nta_http_queue *queue,
                               const struct nta_http_scene *scene, size_t *ret_n_before)
{
    size_t n = 0;

    *ret_n_before = 0;
    while (n < queue->n && nta_http_may_answer(&scene->response, &queue->requests[n]))
        n++;
    if (n == 0)
        return NTA_HTTP_TIE_NOBODYS;
    if (!scene->response_hole && !(queue->requests[0].after_hole && scene->pipelines))
        return NTA_HTTP_TIE_SURE;
    if (stands_alone(queue, scene, n - 1) && !others_unseen(queue, scene, n - 1)) {
        *ret_n_before = n - 1;
        return NTA_HTTP_TIE_SURE;
    }
    *ret_n_before = n;
    return NTA_HTTP_TIE_UNSURE;
}
