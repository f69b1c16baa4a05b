/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_queue.h"

#include <string.h>

static size_t texts_len(const struct nta_http_request *request)
{
    return (size_t)request->method_len + request->host_len + request->target_len;
}

/* As much of `text` as there is space for, and what is left of the space. */
static uint16_t keep(struct nta_http_queue *queue, struct nta_span text, size_t *space,
                     bool *truncated)
{
    size_t len = text.len < *space ? text.len : *space;

    *truncated |= len < text.len;
    *space -= len;
    if (len > 0)
        memcpy(queue->texts + queue->texts_len, text.ptr, len);
    queue->texts_len = (uint16_t)(queue->texts_len + len);
    return (uint16_t)len;
}

bool nta_http_queue_push(struct nta_http_queue *queue, const struct nta_http_request *request,
                         const struct nta_span texts[3])
{
    size_t space = sizeof(queue->texts) - queue->texts_len;
    struct nta_http_request *place = &queue->requests[queue->n];

    if (queue->n == NTA_HTTP_REQUESTS_MAX)
        return false;
    if (space > NTA_HTTP_REQUEST_TEXT_MAX)
        space = NTA_HTTP_REQUEST_TEXT_MAX;
    *place = *request;
    place->method_len = keep(queue, texts[0], &space, &place->truncated);
    place->host_len = keep(queue, texts[1], &space, &place->truncated);
    place->target_len = keep(queue, texts[2], &space, &place->truncated);
    queue->n++;
    return true;
}

static void texts_of(const struct nta_http_request *request, const uint8_t *at,
                     struct nta_span ret_texts[3])
{
    ret_texts[0] = (struct nta_span){.ptr = at, .len = request->method_len};
    ret_texts[1] = (struct nta_span){.ptr = at + request->method_len, .len = request->host_len};
    ret_texts[2] = (struct nta_span){.ptr = at + request->method_len + request->host_len,
                                     .len = request->target_len};
}

void nta_http_queue_first_texts(const struct nta_http_queue *queue, struct nta_span ret_texts[3])
{
    texts_of(&queue->requests[0], queue->texts, ret_texts);
}

void nta_http_queue_last_texts(const struct nta_http_queue *queue, struct nta_span ret_texts[3])
{
    const struct nta_http_request *last = &queue->requests[queue->n - 1];

    texts_of(last, queue->texts + queue->texts_len - texts_len(last), ret_texts);
}

void nta_http_queue_drop_first(struct nta_http_queue *queue)
{
    size_t len = texts_len(&queue->requests[0]);

    queue->n--;
    queue->texts_len = (uint16_t)(queue->texts_len - len);
    memmove(queue->texts, queue->texts + len, queue->texts_len);
    memmove(&queue->requests[0], &queue->requests[1], queue->n * sizeof(queue->requests[0]));
}

void nta_http_queue_drop_last(struct nta_http_queue *queue)
{
    queue->n--;
    queue->texts_len = (uint16_t)(queue->texts_len - texts_len(&queue->requests[queue->n]));
}
