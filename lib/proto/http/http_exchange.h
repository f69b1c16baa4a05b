/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Requests and responses of one connection, tied together and told.
 *
 * http_tie.h decides which request a response answers.  An answer that was captured before its
 * question, as taps with an interface for each direction give it, waits for it until the next one
 * begins.
 */

#include "proto/http/http_response.h"
#include "proto/http/tie/http_tie.h"

/** All zeros: nothing seen. */
struct nta_http_exchanges
{
    struct nta_http_queue queue;
    struct nta_http_response response;
    uint32_t n_emitted;  ///< Requests behind the queue's, told already, whose responses will come.
    bool in_response;    ///< `response` is under way.
    bool half_request;   ///< The newest of the queue is what the first part of a head said.
    bool half_response;  ///< So is `response`, which is not under way yet.
    bool body_of_newest; ///< The request body under way is that of the newest in the queue.
    bool waiting;        ///< `response` is over and waits for its request.
    bool request_hole;   ///< Since the newest request, others may have been lost.
    bool response_hole;  ///< Since a response was tied for sure, others may have been lost.
    bool open;           ///< A request that is not in the queue may still be to be answered,
    uint32_t open_ack;   ///< and this is what it acknowledged.
    bool pipelined;      ///< Some request came before the one before it was answered.
    bool begun;          ///< Some whole head was seen.
};

/**
 * A request's head, which begins at `at`.  Whole: HTTP_REQUEST is emitted and it waits; one that
 * does not fit gives HTTP_EXCHANGE at once.  Otherwise it waits as half a request, without an
 * event.
 */
void nta_http_add_request(struct nta_http_exchanges *all, struct nta_proto_io *io,
                          const struct nta_http_head *head, const struct nta_proto_at *at,
                          bool whole);

/** The rest of half a request will not come: HTTP_REQUEST for what there is. */
void nta_http_settle_half_request(struct nta_http_exchanges *all, struct nta_proto_io *io);

/** Bytes of the body of the newest request. */
void nta_http_count_request(struct nta_http_exchanges *all, uint64_t n);

/** A response's head, and what is known when it comes. */
struct nta_http_answer
{
    struct nta_http_head head;
    struct nta_proto_at at; ///< Its first byte.
    bool unseen_request;    ///< The server has bytes of the client's that were not seen.
};

/**
 * A final response's head, whole or half.  A half one is not under way yet, and a whole one takes
 * its place.
 */
void nta_http_begin_response(struct nta_http_exchanges *all, struct nta_proto_io *io,
                             const struct nta_http_answer *answer, bool whole);

/** The response under way has begun: HTTP_RESPONSE, if it is known whose answer it is. */
void nta_http_tell_response(const struct nta_http_exchanges *all, struct nta_proto_io *io);

/** Half a response is all that will come: HTTP_EXCHANGE for it. */
void nta_http_settle_half_response(struct nta_http_exchanges *all, struct nta_proto_io *io);

/** True if the response under way answers a request with this method. */
bool nta_http_answers(const struct nta_http_exchanges *all, const char *method);

/** So many bytes of content from here on are not wanted for its type; UINT64_MAX: no more are. */
uint64_t nta_http_idle(const struct nta_http_exchanges *all);

/** Content of the response under way.  `is_placed`: it is known which bytes of it these are. */
void nta_http_add_content(struct nta_http_exchanges *all, struct nta_proto_io *io,
                          struct nta_span content, bool is_placed);

/** Content of the response under way that was not shown. */
void nta_http_count_response(struct nta_http_exchanges *all, struct nta_proto_io *io,
                             struct nta_gone gone);

/** A hole hid where in its content what comes now lies. */
void nta_http_lose_place(struct nta_http_exchanges *all, struct nta_proto_io *io);

/** The last `n` bytes of the response under way were not received. */
void nta_http_refuse(struct nta_http_exchanges *all, uint64_t n);

/**
 * The response under way is over: HTTP_EXCHANGE for it and its request, unless it waits for that.
 */
void nta_http_end_response(struct nta_http_exchanges *all, struct nta_proto_io *io, bool complete);

/** What waits for its request waits no more: HTTP_EXCHANGE for it. */
void nta_http_settle_early(struct nta_http_exchanges *all, struct nta_proto_io *io);

/** Responses may have been lost. */
void nta_http_lose_responses(struct nta_http_exchanges *all);

/** HTTP_EXCHANGE, without response, for the oldest requests that wait, until `n_left` are left. */
void nta_http_flush(struct nta_http_exchanges *all, struct nta_proto_io *io, size_t n_left);
