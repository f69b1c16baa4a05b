/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which request a response answers, by what each side had received when it spoke.
 *
 * Responses come in the order of their requests (RFC 9112 section 9.3.2).  Beside that, a response
 * answers nothing of which its sender had not acknowledged a byte, and no request that was sent
 * after the first byte of the response was acknowledged.  So most answers are tied to their request
 * whatever the sensor lost.  Where a hole leaves more than one possibility, none is chosen.
 */

#include "proto/http/tie/http_queue.h"

/** What is known of the connection when a response begins. */
struct nta_http_scene
{
    struct nta_proto_at response; ///< Of its first byte.
    bool response_hole;           ///< Responses before it may have been lost.
    bool unseen_request;          ///< There may be requests behind the queue's that were not seen.
    bool pipelines;               ///< The client is known to ask before it is answered.
    bool open;                    ///< A request before the queue's may still be to be answered,
    uint32_t open_ack;            ///< and this is what it acknowledged.
};

enum nta_http_tie
{
    NTA_HTTP_TIE_NOBODYS, ///< It answers none of the queue, which waits on.
    NTA_HTTP_TIE_UNSURE,  ///< It may be that of one of the first.
    NTA_HTTP_TIE_SURE,    ///< It is one's.
};

/**
 * Decide.  `ret_n_before`: so many of the queue's first are over: the one that is answered stands
 * behind them (SURE), or one of them may be it (UNSURE).
 */
enum nta_http_tie nta_http_tie(const struct nta_http_queue *queue,
                               const struct nta_http_scene *scene, size_t *ret_n_before);

/** Whether the response at `response` may answer the request. */
bool nta_http_may_answer(const struct nta_proto_at *response,
                         const struct nta_http_request *request);
