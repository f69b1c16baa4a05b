/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The body of one HTTP/1 message: where its content lies and where it ends (RFC 9112 sections 6 and
 * 7).
 *
 * All bytes are consumed as they come, so nothing waits in a buffer.
 */

#include "base/bytes.h"
#include "base/parse.h"

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
};

struct nta_http_body
{
    enum nta_http_body_state state;
    uint64_t left;     ///< Content bytes of this chunk, or of the body.
    uint32_t skipped;  ///< Of these asked to be skipped, not known yet to have passed.
    uint32_t line_len; ///< Bytes of the chunk's line, or of the trailer.
    uint8_t n_digits;
    bool hole; ///< Some content was never seen.
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
 * Ask to skip content, `most` bytes at most, always less than all that is left.  Gives how many: 0,
 * none.
 */
uint32_t nta_http_body_skip(struct nta_http_body *body, uint32_t most);

/** What was skipped has passed: gives how many bytes of content. */
uint32_t nta_http_body_passed(struct nta_http_body *body);

/** `len` bytes were lost.  True: they all were content, the body goes on (or is over). */
bool nta_http_body_gap(struct nta_http_body *body, uint64_t len);
