/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/tie/http_queue.h"

#include <string.h>

static size_t texts_len(const struct nta_http_request *request)
{
    size_t len = 0;

    for (size_t i = 0; i < NTA_HTTP_TEXTS; i++)
        len += request->lens[i];
    return len;
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
                         const struct nta_span texts[NTA_HTTP_TEXTS])
{
    size_t space = sizeof(queue->texts) - queue->texts_len;
    struct nta_http_request *place = &queue->requests[queue->n];

    if (queue->n == NTA_HTTP_REQUESTS_MAX)
        return false;
    if (space > NTA_HTTP_REQUEST_TEXT_MAX)
        space = NTA_HTTP_REQUEST_TEXT_MAX;
    *place = *request;
    for (size_t i = 0; i < NTA_HTTP_TEXTS; i++)
        place->lens[i] = keep(queue, texts[i], &space, &place->truncated);
    queue->n++;
    return true;
}

static void texts_of(const struct nta_http_request *request, const uint8_t *at,
                     struct nta_span ret_texts[NTA_HTTP_TEXTS])
{
    for (size_t i = 0; i < NTA_HTTP_TEXTS; i++) {
        ret_texts[i] = (struct nta_span){.ptr = at, .len = request->lens[i]};
        at += request->lens[i];
    }
}

void nta_http_queue_first_texts(const struct nta_http_queue *queue,
                                struct nta_span ret_texts[NTA_HTTP_TEXTS])
{
    texts_of(&queue->requests[0], queue->texts, ret_texts);
}

void nta_http_queue_last_texts(const struct nta_http_queue *queue,
                               struct nta_span ret_texts[NTA_HTTP_TEXTS])
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
