/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The streams of one connection of HTTP/2 (RFC 9113 section 5): a request each, with its response.
 *
 * A stream is told when both sides are done with it, or one resets it.  What the client resets is
 * told when the next answer begins, since the server may have sent more meanwhile.  Where all
 * NTA_HTTP2_STREAMS are in use, or there is no space for a request's texts, one gives up and is
 * told with what came: one that was reset or never asked for, else one that no answer to has begun,
 * else that of which nothing came for longest; io->limited says so.
 */

#include "proto/http/http_response.h"

enum
{
    NTA_HTTP2_STREAMS = 32,
    NTA_HTTP2_TEXTS_SIZE = 8192,
};

static_assert(NTA_HTTP2_STREAMS < (size_t)NTA_EVENT_CHANNELS, "each has a channel of its own");

struct nta_http2_stream
{
    uint32_t touched;   ///< When something of it came.
    uint16_t texts_at;  ///< Of the request.
    bool has_request;   ///< `request` is known,
    bool request_over;  ///< and all of it came.
    bool answered;      ///< `response` is under way;
    bool response_over; ///< all of it came.
    bool is_reset;      ///< By the client.
    bool is_unsure;     ///< A hole hid where in the content what comes now lies.
    bool is_head;       ///< Asked by HEAD: no content is announced by what is said of one.
    struct nta_http_request request;
    struct nta_http_response response;
};

/** Up to and without `all`: zeros at the start.  The rest needs not be. */
struct nta_http2_streams
{
    uint32_t ids[NTA_HTTP2_STREAMS]; ///< 0: free.
    uint32_t n_touched;
    uint8_t n_open, n_reset; ///< Streams that are not told yet; of them, reset by the client.
    uint16_t texts_len;
    struct nta_http2_stream all[NTA_HTTP2_STREAMS];
    uint8_t texts[NTA_HTTP2_TEXTS_SIZE];
};

/** NULL: it is none that is known. */
struct nta_http2_stream *nta_http2_find(struct nta_http2_streams *streams, uint32_t id);

/** Another stream would have one give up. */
bool nta_http2_is_full(const struct nta_http2_streams *streams);

/** One that is not known yet; `id` is not 0, which is the connection's. */
struct nta_http2_stream *nta_http2_begin(struct nta_http2_streams *streams, struct nta_proto_io *io,
                                         uint32_t id);

/** Its request. */
void nta_http2_ask(struct nta_http2_streams *streams, struct nta_proto_io *io,
                   struct nta_http2_stream *stream, const struct nta_http_request *request,
                   const struct nta_span texts[NTA_HTTP_TEXTS]);

/** A final answer's head.  `is_last`: no content follows. */
void nta_http2_answer(struct nta_http2_streams *streams, struct nta_proto_io *io,
                      struct nta_http2_stream *stream, const struct nta_http_head *head,
                      bool is_last);

/** Content of a side. */
void nta_http2_content(struct nta_http2_streams *streams, struct nta_proto_io *io,
                       struct nta_http2_stream *stream, struct nta_span bytes);

/** Content of a side that was not shown. */
void nta_http2_pass(struct nta_http2_streams *streams, struct nta_proto_io *io,
                    struct nta_http2_stream *stream, struct nta_gone gone, bool of_server);

/** A side has said all of its own. */
void nta_http2_side_over(struct nta_http2_streams *streams, struct nta_proto_io *io,
                         struct nta_http2_stream *stream);

/** It is reset by a side. */
void nta_http2_reset(struct nta_http2_streams *streams, struct nta_proto_io *io,
                     struct nta_http2_stream *stream);

/** Those that the client reset are told. */
void nta_http2_settle(struct nta_http2_streams *streams, struct nta_proto_io *io);

/** Something of the answers was lost, and where the next frame begins is not known. */
void nta_http2_lose(struct nta_http2_streams *streams, struct nta_proto_io *io);

/** The only one whose answer has begun and goes on; NULL: there is none, or there are more. */
struct nta_http2_stream *nta_http2_only(struct nta_http2_streams *streams);

/** The connection ends: the others are told. */
void nta_http2_end(struct nta_http2_streams *streams, struct nta_proto_io *io);
