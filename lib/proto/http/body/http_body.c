/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/body/http_body.h"

#include <string.h>

enum
{
    SIZE_LINE_LEAST = 5, ///< Line end, a digit, line end.
    SIZE_DIGITS = 8,     ///< Of a chunk that is found again.
    GUESSES = 2,         ///< The line that was found, and the one that it leads to.
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

/* Another response's head, as far as that shows. */
static bool is_head(struct nta_span bytes)
{
    return bytes.len > 8 && memcmp(bytes.ptr, "HTTP/1.", 7) == 0 && bytes.ptr[8] == ' ';
}

static bool is_line_end(struct nta_span bytes, size_t at)
{
    return at + 2 <= bytes.len && bytes.ptr[at] == '\r' && bytes.ptr[at + 1] == '\n';
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/*
 * The line between two chunks, with the end of the first.  Behind the last one (`ret_last`) nothing
 * follows but another response.
 */
static bool is_size_line(struct nta_span bytes, bool *ret_last)
{
    size_t at = 2;

    *ret_last = true;
    for (; at < bytes.len && at - 2 < SIZE_DIGITS && is_hex(bytes.ptr[at]); at++)
        *ret_last &= bytes.ptr[at] == '0';
    if (at == 2 || !is_line_end(bytes, 0) || !is_line_end(bytes, at))
        return false;
    const struct nta_span behind = nta_span_from(bytes, at + 2);

    return !*ret_last || behind.len == 0 ||
           (is_line_end(behind, 0) && (behind.len == 2 || is_head(nta_span_from(behind, 2))));
}

/* What shows where content ends that nobody knows the length of. */
struct mark
{
    size_t at;    ///< Where content ends; all of its length: no mark.
    bool is_size; ///< The line between two chunks is there,
    bool is_head; ///< or another response begins.
};

/* `is_guessed`: within a chunk that may be none, where only the last line counts. */
static struct mark find_mark(struct nta_span bytes, bool is_guessed)
{
    struct mark mark = {.is_head = is_head(bytes)};

    while (mark.at < bytes.len && !mark.is_head) {
        bool is_last;

        mark.at += nta_span_find_byte(nta_span_from(bytes, mark.at), '\r');
        const struct nta_span rest = nta_span_from(bytes, nta_smaller(mark.at, bytes.len));

        mark.is_size = is_size_line(rest, &is_last) && (is_last || !is_guessed);
        if (mark.is_size)
            break;
        mark.is_head = is_line_end(rest, 0) && is_head(nta_span_from(rest, 2));
        mark.at += mark.is_head ? 2 : rest.len > 0;
    }
    return mark;
}

/* Content up to such a mark. */
static struct nta_span read_lost(struct nta_http_body *body, struct nta_reader *r, size_t most)
{
    const bool is_guessed = body->n_guesses > 0;
    const struct mark mark = find_mark(nta_span_first(nta_reader_rest(r), most), is_guessed);

    if (mark.is_size)
        *body = (struct nta_http_body){
            .state = NTA_HTTP_BODY_CHUNK_END, .hole = true, .unsure = true, .n_guesses = GUESSES};
    body->is_cut = mark.is_head;
    if (body->is_cut)
        body->state = NTA_HTTP_BODY_OVER;
    return nta_read_span(r, mark.at);
}

static struct nta_span read_content(struct nta_http_body *body, struct nta_reader *r)
{
    size_t n = nta_reader_left(r);

    if (body->state == NTA_HTTP_BODY_CLOSE)
        return nta_read_span(r, n);
    if (n > body->left)
        n = (size_t)body->left;
    if (body->n_guesses > 0) {
        const struct nta_span content = read_lost(body, r, n);

        if (body->state == NTA_HTTP_BODY_CHUNK && (body->left -= content.len) == 0)
            end_content(body);
        return content;
    }
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
    if (body->n_guesses > 0)
        body->n_guesses--;
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
            *ret_content = read_lost(body, r, nta_reader_left(r));
            return NTA_PARSE_OK;
        }
        if (read_framing(body, nta_read_u8(r)))
            continue;
        if (body->n_guesses == 0)
            return NTA_PARSE_BAD;
        *body = (struct nta_http_body){.state = NTA_HTTP_BODY_LOST, .hole = true, .unsure = true};
    }
    return NTA_PARSE_OK;
}

void nta_http_body_skip(struct nta_http_body *body, struct nta_proto_io *io, uint32_t most)
{
    uint64_t n = body->left > 0 ? body->left - 1 : 0;

    if (body->n_guesses > 0) /* another response may begin before */
        return;
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
