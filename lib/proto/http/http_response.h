/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A response that is under way, and what is told of it and of its request: the same in all versions
 * of HTTP.
 *
 * Of parts of a file that one response holds (body/http_parts.h) each whose place is known is told
 * as it ends, by an exchange of its own (`is_part`), which says where in the file it belongs; then
 * all of them together, by one that is told of the whole (`has_parts`).
 */

#include "proto/file/start.h"
#include "proto/http/http_head.h"
#include "proto/http/http_parts.h"
#include "proto/http/tie/http_queue.h"
#include "proto/skip.h"

enum
{
    NTA_HTTP_TYPE_SIZE = 96,
    NTA_HTTP_FILE_NAME_SIZE = 255,
    NTA_HTTP_SERVER_SIZE = 96,
};

/** The response that is under way. */
struct nta_http_response
{
    int64_t begin_wall_ns, end_wall_ns;
    uint64_t bytes, lost, expected; ///< `lost` are among `bytes`.
    uint64_t range_first, range_total;
    uint64_t version;       ///< A hash of the ETag; 0: none.
    struct nta_proto_at at; ///< Of its first byte.
    uint16_t status;
    uint8_t type_len, file_name_len, server_len;
    bool has_request; ///< It is known; of HTTP/1: the oldest of the queue.
    bool coded;       ///< The content is packed.
    bool is_early;    ///< Its request was not seen, and may still come.
    bool complete, hole;
    bool marked; ///< Its end is marked in it.
    bool truncated;
    uint8_t type[NTA_HTTP_TYPE_SIZE], file_name[NTA_HTTP_FILE_NAME_SIZE];
    uint8_t server[NTA_HTTP_SERVER_SIZE];
    struct nta_file_start start;
    struct nta_http_parts parts;    ///< Of a file; `bytes` are those of their content.
    uint64_t told_bytes, told_lost; ///< Of these, what was told of parts that are over.
};

/** Whose response it is: what is told of it names that. */
struct nta_http_asked
{
    enum nta_app app;
    uint8_t channel;                        ///< Of nta_event.
    const struct nta_http_request *request; ///< NULL: not known.
    struct nta_span texts[NTA_HTTP_TEXTS];
};

/** Tell it. */
void nta_http_emit(struct nta_proto_io *io, const struct nta_http_asked *asked,
                   enum nta_event_kind kind, const struct nta_http_exchange *exchange);

/** A request as far as it is known without its texts, and without a response. */
struct nta_http_exchange nta_http_exchange_of(const struct nta_http_request *request);

/** Add the request's texts. */
void nta_http_set_texts(struct nta_http_exchange *exchange,
                        const struct nta_span texts[NTA_HTTP_TEXTS]);

/** Add what the request says to what is known of its response. */
void nta_http_add_asked(struct nta_http_exchange *exchange, const struct nta_http_asked *asked);

/** A final response's head, which begins at `at`: all that was known of another is gone. */
void nta_http_response_begin(struct nta_http_response *response, const struct nta_proto_io *io,
                             const struct nta_http_head *head, const struct nta_proto_at *at);

/** The response as far as it is known, without its request. */
struct nta_http_exchange nta_http_response_exchange(const struct nta_http_response *response);

/** Its body follows: HTTP_RESPONSE, but for one that holds parts, which are told themselves. */
void nta_http_response_tell(const struct nta_http_response *response, struct nta_proto_io *io,
                            const struct nta_http_asked *asked);

/**
 * Some of its body.  `is_placed`: it is known which bytes of it these are; then CONTENT, if that is
 * asked for.
 */
void nta_http_response_take(struct nta_http_response *response, struct nta_proto_io *io,
                            const struct nta_http_asked *asked, struct nta_span bytes,
                            bool is_placed);

/** Bytes of its body that were not shown. */
void nta_http_response_pass(struct nta_http_response *response, struct nta_proto_io *io,
                            const struct nta_http_asked *asked, struct nta_gone gone);

/** A hole hid how much of its body was lost: where in it bytes lie is not known any more. */
void nta_http_response_lose(struct nta_http_response *response, struct nta_proto_io *io,
                            const struct nta_http_asked *asked);

/** So many bytes of its body from here on are not wanted for its type; UINT64_MAX: no more are. */
uint64_t nta_http_response_idle(const struct nta_http_response *response);

/** The last `n` bytes of it were not received. */
void nta_http_response_refuse(struct nta_http_response *response, uint64_t n);

/** It is over: HTTP_EXCHANGE. */
void nta_http_response_over(struct nta_http_response *response, struct nta_proto_io *io,
                            const struct nta_http_asked *asked);
