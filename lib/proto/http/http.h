/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * HTTP/1 (RFC 9110, RFC 9112): every request of a connection with its response.
 *
 * A complete request head gives HTTP_REQUEST at once, with all of its text.  The request then
 * waits, with its method, site and target cut to NTA_HTTP_REQUEST_TEXT_MAX bytes together, in a
 * queue of NTA_HTTP_REQUESTS_MAX for its response, since clients may send many before the first is
 * answered; a request for which the queue has no place gives its HTTP_EXCHANGE at once, without
 * response.  A response gives HTTP_EXCHANGE when its body is over.  What still waits when the flow
 * ends is given then.  A response whose request was not seen gives HTTP_EXCHANGE too.
 *
 * Bodies are not kept but for the first bytes of a response: lengths and chunk sizes are followed
 * and what lies between is skipped, or, if io->wants_content, given as CONTENT (of responses only).
 * Skipped bytes are counted once bytes behind them have come, so a transfer that breaks off is
 * counted short by NTA_HTTP_SKIP_BYTES at most.
 *
 * The site is the authority of an absolute target, else the first Host field; CONNECT's is its
 * target.  User-info is removed; credentials (Authorization, Cookie) are never looked at, but for
 * the names that NTLM's hold (http_login.h): of one that was accepted comes BINDING.  After a
 * successful CONNECT, and after a change of protocol (101), what follows is handed over; what the
 * client sends before the answer to either waits for it.  Where no byte of the server's is seen, a
 * TLS hello behind CONNECT, and a masked frame behind a request for WebSocket, say that it was
 * granted.  After a change to HTTP/2 (h2c) that is read here, too, since its first answer is the
 * request's.
 *
 * A hole within a body of known length only makes its response incomplete.  Otherwise the side goes
 * on with the next segment that starts a message; requests whose responses may lie in the hole are
 * not paired with others.  Of a head that is cut off by a hole or the end, what its first segment
 * said is used.
 *
 * A head longer than NTA_HTTP_HEAD_MAX is BAD.  HTTP/2 is OTHER.  Memory: the state, about 4 KiB,
 * and after such a change 56 KiB more.
 */

#include "proto/parser.h"

enum
{
    NTA_HTTP_SKIP_BYTES = 16384,
};

extern const struct nta_proto nta_proto_http;
