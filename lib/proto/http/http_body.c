/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_body.h"

#include <string.h>

enum
{
    SIZE_LINE_LEAST = 5, ///< Line end, a digit, line end.
    SIZE_DIGITS = 8,     ///< Of a chunk that is found again.
    DIGITS_MAX = 15,
    LINE_LEN_MAX = 8192,     ///< Of a chunk's size and extensions.
    TRAILER_LEN_MAX = 32768, ///< Of all trailer fields.
};

void nta_http_body_begin_length(struct nta_http_body *body, uint64_t length)
{
    *body = (struct nta_http_body){.state = length > 0 ? NTA_HTTP_BODY_LENGTH : NTA_HTTP_BODY_OVER,
                                   .left = length};
}

void nta_http_body_begin_chunked(struct nta_http_body *body)
{
    *body = (struct nta_http_body){.state = NTA_HTTP_BODY_SIZE};
}

void nta_http_body_begin_close(struct nta_http_body *body)
{
    *body = (struct nta_http_body){.state = NTA_HTTP_BODY_CLOSE};
}

/* All content of the body or chunk has come, or was lost. */
static void end_content(struct nta_http_body *body)
{
    body->state =
        body->state == NTA_HTTP_BODY_LENGTH ? NTA_HTTP_BODY_OVER : NTA_HTTP_BODY_CHUNK_END;
}

static struct nta_span read_content(struct nta_http_body *body, struct nta_reader *r)
{
    size_t n = nta_reader_left(r);

    if (body->state == NTA_HTTP_BODY_CLOSE)
        return nta_read_span(r, n);
    if (n > body->left)
        n = (size_t)body->left;
    body->left -= n;
    if (body->left == 0)
        end_content(body);
    return nta_read_span(r, n);
}

/* The line with a chunk's size is over. */
static bool begin_chunk(struct nta_http_body *body)
{
    if (body->n_digits == 0)
        return false;
    body->state = body->left > 0 ? NTA_HTTP_BODY_CHUNK : NTA_HTTP_BODY_TRAILER;
    body->n_digits = 0;
    body->line_len = 0;
    return true;
}

static bool read_size(struct nta_http_body *body, uint8_t c)
{
    uint8_t letter = c | 0x20;

    if (c >= '0' && c <= '9')
        body->left = body->left << 4 | (uint8_t)(c - '0');
    else if (letter >= 'a' && letter <= 'f')
        body->left = body->left << 4 | (uint8_t)(letter - 'a' + 10);
    else if (c == '\n')
        return begin_chunk(body);
    else {
        /* A size may be followed by blanks and extensions, and be without its CR. */
        body->state = NTA_HTTP_BODY_EXT;
        return body->n_digits > 0 && (c == ';' || c == '\r' || c == ' ' || c == '\t');
    }
    return ++body->n_digits <= DIGITS_MAX;
}

/* One byte between the pieces of content.  False: it must not be there. */
static bool read_framing(struct nta_http_body *body, uint8_t c)
{
    bool in_trailer =
        body->state == NTA_HTTP_BODY_TRAILER || body->state == NTA_HTTP_BODY_TRAILER_LINE;

    if (++body->line_len > (in_trailer ? TRAILER_LEN_MAX : LINE_LEN_MAX))
        return false;
    switch (body->state) {
    case NTA_HTTP_BODY_SIZE: return read_size(body, c);
    case NTA_HTTP_BODY_EXT: return c != '\n' || begin_chunk(body);
    case NTA_HTTP_BODY_CHUNK_END:
        if (c == '\n') {
            body->state = NTA_HTTP_BODY_SIZE;
            body->line_len = 0;
        }
        return c == '\n' || c == '\r';
    case NTA_HTTP_BODY_TRAILER:
        if (c == '\n')
            body->state = NTA_HTTP_BODY_OVER;
        else if (c != '\r')
            body->state = NTA_HTTP_BODY_TRAILER_LINE;
        return true;
    case NTA_HTTP_BODY_TRAILER_LINE:
        if (c == '\n')
            body->state = NTA_HTTP_BODY_TRAILER;
        return true;
    case NTA_HTTP_BODY_OVER:
    case NTA_HTTP_BODY_LENGTH:
    case NTA_HTTP_BODY_CLOSE:
    case NTA_HTTP_BODY_CHUNK:
    case NTA_HTTP_BODY_LOST: break;
    }
    return false;
}

static bool in_content(const struct nta_http_body *body)
{
    return body->state == NTA_HTTP_BODY_LENGTH || body->state == NTA_HTTP_BODY_CHUNK ||
           body->state == NTA_HTTP_BODY_CLOSE;
}

/** Another response's head, as far as that shows. */
static bool is_head(struct nta_span bytes)
{
    return bytes.len > 8 && memcmp(bytes.ptr, "HTTP/1.", 7) == 0 && bytes.ptr[8] == ' ';
}

static bool is_line_end(struct nta_span bytes, size_t at)
{
    return at + 2 <= bytes.len && bytes.ptr[at] == '\r' && bytes.ptr[at + 1] == '\n';
}

/** The line between two chunks, with the end of the first. */
static bool is_size_line(struct nta_span bytes)
{
    size_t at = 2;

    while (at < bytes.len && at - 2 < SIZE_DIGITS &&
           ((bytes.ptr[at] >= '0' && bytes.ptr[at] <= '9') ||
            ((bytes.ptr[at] | 0x20) >= 'a' && (bytes.ptr[at] | 0x20) <= 'f')))
        at++;
    return at > 2 && is_line_end(bytes, at);
}

/** Content up to where the next chunk, or another response, shows. */
static struct nta_span read_lost(struct nta_http_body *body, struct nta_reader *r)
{
    const struct nta_span bytes = nta_reader_rest(r);
    size_t at = 0;

    body->is_cut = is_head(bytes);
    while (at < bytes.len && !body->is_cut) {
        const uint8_t *end = memchr(bytes.ptr + at, '\r', bytes.len - at);

        at = end ? (size_t)(end - bytes.ptr) : bytes.len;
        if (is_line_end(bytes, at) && is_size_line(nta_span_from(bytes, at))) {
            *body = (struct nta_http_body){
                .state = NTA_HTTP_BODY_CHUNK_END, .hole = true, .unsure = true};
            break;
        }
        body->is_cut = is_line_end(bytes, at) && is_head(nta_span_from(bytes, at + 2));
        at += body->is_cut ? 2 : at < bytes.len;
    }
    if (body->is_cut)
        body->state = NTA_HTTP_BODY_OVER;
    return nta_read_span(r, at);
}

enum nta_parse nta_http_body_read(struct nta_http_body *body, struct nta_reader *r,
                                  struct nta_span *ret_content)
{
    *ret_content = (struct nta_span){0};
    while (body->state != NTA_HTTP_BODY_OVER && nta_reader_left(r) > 0) {
        if (in_content(body)) {
            *ret_content = read_content(body, r);
            return NTA_PARSE_OK;
        }
        if (body->state == NTA_HTTP_BODY_LOST) {
            *ret_content = read_lost(body, r);
            return NTA_PARSE_OK;
        }
        if (!read_framing(body, nta_read_u8(r)))
            return NTA_PARSE_BAD;
    }
    return NTA_PARSE_OK;
}

void nta_http_body_skip(struct nta_http_body *body, struct nta_proto_io *io, uint32_t most)
{
    uint64_t n = body->left > 0 ? body->left - 1 : 0;

    if (body->state != NTA_HTTP_BODY_LENGTH && body->state != NTA_HTTP_BODY_CHUNK)
        return;
    n = n < most ? n : most;
    body->left -= n;
    nta_skip_ask(&body->skip, io, n);
}

struct nta_gone nta_http_body_passed(struct nta_http_body *body, const struct nta_proto_io *io,
                                     enum nta_side side, uint64_t hole)
{
    const uint64_t asked = body->skip.len;
    const struct nta_gone gone =
        asked > 0 ? nta_skip_take(&body->skip, io, side, hole) : (struct nta_gone){0};

    body->left += asked - gone.bytes;
    body->hole |= gone.lost > 0;
    return gone;
}

static bool is_in_chunks(const struct nta_http_body *body)
{
    switch (body->state) {
    case NTA_HTTP_BODY_SIZE:
    case NTA_HTTP_BODY_EXT:
    case NTA_HTTP_BODY_CHUNK:
    case NTA_HTTP_BODY_CHUNK_END:
    case NTA_HTTP_BODY_LOST: return true;
    case NTA_HTTP_BODY_OVER:
    case NTA_HTTP_BODY_LENGTH:
    case NTA_HTTP_BODY_CLOSE:
    case NTA_HTTP_BODY_TRAILER:
    case NTA_HTTP_BODY_TRAILER_LINE: break;
    }
    return false;
}

bool nta_http_body_gap(struct nta_http_body *body, uint64_t len, bool is_response,
                       uint64_t *ret_content)
{
    uint64_t n = in_content(body) ? len : 0;

    if (body->state != NTA_HTTP_BODY_CLOSE && n > body->left)
        n = body->left;
    *ret_content = n;
    body->hole |= len > 0;
    if (body->state == NTA_HTTP_BODY_CLOSE)
        return true;
    if (n < len && is_response && is_in_chunks(body)) {
        const uint64_t more = len - n;

        *ret_content += more - (more < SIZE_LINE_LEAST ? more : SIZE_LINE_LEAST);
        *body = (struct nta_http_body){.state = NTA_HTTP_BODY_LOST, .hole = true, .unsure = true};
        return true;
    }
    body->left -= n;
    if (n > 0 && body->left == 0)
        end_content(body);
    return n == len;
}
