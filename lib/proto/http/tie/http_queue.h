/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The requests of one connection that wait for their response, oldest first, in a few KiB of plain
 * memory.
 */

#include "base/bytes.h"
#include "proto/parser.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_HTTP_REQUESTS_MAX = 16,
    NTA_HTTP_REQUEST_TEXT_MAX = 2000,
    NTA_HTTP_QUEUE_TEXT_SIZE = 2560,
    NTA_HTTP_TEXTS = 4, ///< Method, host, target, and another host that it names.
};

struct nta_http_request
{
    int64_t begin_wall_ns;
    uint64_t bytes;         ///< Of its body.
    struct nta_proto_at at; ///< Its first byte, and what its first segment acknowledges.
    uint16_t port;
    uint16_t lens[NTA_HTTP_TEXTS]; ///< Of its texts, as kept.
    bool truncated, hosts_differ;
    uint8_t initiator; ///< enum nta_http_initiator.
    bool after_hole;   ///< Between the one before and it, requests may have been lost.
};

/** All zeros: empty. */
struct nta_http_queue
{
    uint16_t n, texts_len;
    struct nta_http_request requests[NTA_HTTP_REQUESTS_MAX];
    uint8_t texts[NTA_HTTP_QUEUE_TEXT_SIZE]; ///< Those of each, in order.
};

/**
 * Add `request`, whose lengths are set here from what is kept of `texts`.  False: no place.
 */
bool nta_http_queue_push(struct nta_http_queue *queue, const struct nta_http_request *request,
                         const struct nta_span texts[NTA_HTTP_TEXTS]);

/** The texts of the oldest; borrowed until the queue changes. */
void nta_http_queue_first_texts(const struct nta_http_queue *queue,
                                struct nta_span ret_texts[NTA_HTTP_TEXTS]);
/** The same of the newest. */
void nta_http_queue_last_texts(const struct nta_http_queue *queue,
                               struct nta_span ret_texts[NTA_HTTP_TEXTS]);

/** Take the oldest out. */
void nta_http_queue_drop_first(struct nta_http_queue *queue);
/** Take the newest out. */
void nta_http_queue_drop_last(struct nta_http_queue *queue);
