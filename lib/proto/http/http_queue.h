/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The requests of one connection that wait for their response, oldest first, in a few KiB of plain
 * memory.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_HTTP_REQUESTS_MAX = 16,
    NTA_HTTP_REQUEST_TEXT_MAX = 2000,
    NTA_HTTP_QUEUE_TEXT_SIZE = 2560,
};

struct nta_http_request
{
    int64_t begin_wall_ns;
    uint64_t bytes; ///< Of its body, seen.
    uint16_t port;
    uint16_t method_len, host_len, target_len; ///< As kept.
    bool truncated, hosts_differ;
};

/** All zeros: empty. */
struct nta_http_queue
{
    uint16_t n, texts_len;
    struct nta_http_request requests[NTA_HTTP_REQUESTS_MAX];
    uint8_t texts[NTA_HTTP_QUEUE_TEXT_SIZE]; ///< Method, host and target of each, in order.
};

/**
 * Add `request`, whose lengths are set here from what is kept of `texts` (method, host, target).
 * False: no place.
 */
bool nta_http_queue_push(struct nta_http_queue *queue, const struct nta_http_request *request,
                         const struct nta_span texts[3]);

/** Method, host and target of the oldest, or of the newest; borrowed until the queue changes. */
void nta_http_queue_first_texts(const struct nta_http_queue *queue, struct nta_span ret_texts[3]);
/** The same of the newest. */
void nta_http_queue_last_texts(const struct nta_http_queue *queue, struct nta_span ret_texts[3]);

/** Take the oldest out. */
void nta_http_queue_drop_first(struct nta_http_queue *queue);
/** Take the newest out. */
void nta_http_queue_drop_last(struct nta_http_queue *queue);
