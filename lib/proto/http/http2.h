/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * HTTP/2 in clear (RFC 9113), with prior knowledge or after an upgrade (h2c): recognised by the
 * client's preface or by the SETTINGS frame that the server begins with.
 *
 * Each HEADERS frame of the client's, with the CONTINUATION frames behind it, is a request; those
 * of the server's are its answer, and DATA frames the content of either (http2_streams.h).  Emits
 * HTTP_REQUEST, HTTP_RESPONSE, CONTENT and HTTP_EXCHANGE.  A request for which no memory is lent is
 * told at once, without its answer.  What a server pushes is passed over, but for what it does to
 * the table.
 *
 * Of a block of fields more than http2_frame.h has bounds for is not read, which io->limited says:
 * the frames go on, and what later fields refer to is not known.  Nor is it behind a hole.  One in
 * the content of a frame is counted as lost; behind another, frames are found again by how a head
 * looks, which must hold of the one that follows it, too.  What comes until then is content of the
 * answer that goes on, if there is only one; where in it bytes lie is not known any more.
 *
 * Memory: the state, about 6 KiB, and 50 KiB more from the first request on.
 */

#include "proto/http/body/http_body.h"
#include "proto/http/hpack.h"
#include "proto/http/http2_streams.h"
#include "proto/parser.h"

struct nta_http2_side
{
    bool spoke;                ///< It began as HTTP/2 does, or its begin was lost.
    bool lost;                 ///< Where the next frame begins is not known.
    uint8_t n_guesses;         ///< So many heads more prove that it was found again.
    bool in_data;              ///< A DATA frame is under way,
    bool ends;                 ///< which ends its side of the stream;
    uint8_t padding;           ///< so much stands behind its content.
    uint32_t stream;           ///< Its stream.
    struct nta_http_body body; ///< Its content, as one of that length.
};

struct nta_http2
{
    struct nta_http2_side sides[2];
    struct nta_hpack_table asked; ///< Of the client.
};

/** What is lent. */
struct nta_http2_more
{
    struct nta_hpack_table answered; ///< Of the server.
    struct nta_http2_streams streams;
};

enum
{
    NTA_HTTP2_MORE_ZEROED =
        offsetof(struct nta_http2_more, streams) + offsetof(struct nta_http2_streams, all),
};

extern const struct nta_proto nta_proto_http2;

/** A request of HTTP/1 that asked for the upgrade: stream 1 answers it (RFC 7540 section 3.2). */
void nta_http2_upgrade(struct nta_http2_more *more, struct nta_proto_io *io,
                       const struct nta_http_request *request,
                       const struct nta_span texts[NTA_HTTP_TEXTS]);
