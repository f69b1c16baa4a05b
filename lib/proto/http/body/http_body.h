/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The body of one HTTP/1 message: where its content lies and where it ends (RFC 9112 sections 6 and
 * 7).
 *
 * All bytes are consumed as they come, so nothing waits in a buffer.
 *
 * A hole that hides where a chunk ends: what comes is content until a line between two chunks shows
 * where the next one begins (a line end, digits of a size, a line end), or the head of another
 * response does.  Such a line may stand in a text, too: it is a guess until the chunk ends where it
 * says, and content again where it does not.
 */

#include "base/bytes.h"
#include "base/parse.h"
#include "proto/skip.h"

#include <stdbool.h>
#include <stdint.h>

enum nta_http_body_state
{
    NTA_HTTP_BODY_OVER,   ///< Also: none.
    NTA_HTTP_BODY_LENGTH, ///< `left` bytes of content, then the end.
    NTA_HTTP_BODY_CLOSE,  ///< Content until the connection closes.
    NTA_HTTP_BODY_SIZE,   ///< In the digits of a chunk's size.
    NTA_HTTP_BODY_EXT,    ///< Behind them, in the same line.
    NTA_HTTP_BODY_CHUNK,  ///< `left` bytes of content, then a line end.
    NTA_HTTP_BODY_CHUNK_END,
    NTA_HTTP_BODY_TRAILER, ///< At the start of a line behind the last chunk.
    NTA_HTTP_BODY_TRAILER_LINE,
    NTA_HTTP_BODY_LOST, ///< In some chunk, or between two: a hole hid where one ended.
};

struct nta_http_body
{
    enum nta_http_body_state state;
    uint64_t left;        ///< Content bytes of this chunk, or of the body.
    struct nta_skip skip; ///< Of these, asked to be skipped: no longer among `left`.
    uint32_t line_len;    ///< Bytes of the chunk's line, or of the trailer.
    uint8_t n_digits;
    uint8_t n_guesses; ///< So many more lines with a size prove that the chunks are found again.
    bool hole;         ///< Some content was never seen;
    bool unsure;       ///< how much, is not known.
    bool is_cut;       ///< Another message begins before its end.
};

/** Begin a body of `length` bytes; chunked and until_close are the other two ways. */
void nta_http_body_begin_length(struct nta_http_body *body, uint64_t length);
/** Begin a chunked body (RFC 9112 section 7.1). */
void nta_http_body_begin_chunked(struct nta_http_body *body);
/** Begin a body that ends with the connection. */
void nta_http_body_begin_close(struct nta_http_body *body);

/**
 * Consume from `r` until some content, the end of the body or the end of the bytes.  OK:
 * `ret_content` is content, borrowed as the bytes are, perhaps empty.  BAD: no chunk is where one
 * must be.
 */
enum nta_parse nta_http_body_read(struct nta_http_body *body, struct nta_reader *r,
                                  struct nta_span *ret_content);

/**
 * Ask to skip content, at most `most` bytes, always less than all that is left.
 */
void nta_http_body_skip(struct nta_http_body *body, struct nta_proto_io *io, uint32_t most);

/** Content of `side` that was skipped and has gone by; `hole` as in nta_skip_take(). */
struct nta_gone nta_http_body_passed(struct nta_http_body *body, const struct nta_proto_io *io,
                                     enum nta_side side, uint64_t hole);

/**
 * `len` bytes were lost, of which `ret_content` were content.  True: the body goes on (or is over).
 * False: where the next message begins is not known; the body may be over.  `is_response`: of a
 * response, whose chunks may be found again; what was content then is a guess (`unsure`).
 */
bool nta_http_body_gap(struct nta_http_body *body, uint64_t len, bool is_response,
                       uint64_t *ret_content);
