/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_parts.h"

#include "proto/http/http_head.h"
#include "proto/http/http_text.h"

#include <string.h>

/* The value of the parameter of that name (RFC 9110 section 5.6.6); empty: there is none. */
static struct nta_span parameter(struct nta_span type, const char *name)
{
    struct nta_span rest = type;

    (void)nta_span_take(&rest, ';');
    while (rest.len > 0) {
        struct nta_span value = nta_http_trim(nta_span_take(&rest, ';'));
        const struct nta_span key = nta_http_trim(nta_span_take(&value, '='));

        if (!nta_span_is(key, name))
            continue;
        value = nta_http_trim(value);
        if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
            value = (struct nta_span){value.ptr + 1, value.len - 2};
        return value;
    }
    return (struct nta_span){0};
}

void nta_http_parts_begin(struct nta_http_parts *parts, struct nta_span content_type)
{
    static const char lead[] = {'\r', '\n', '-', '-'};
    const struct nta_span type = nta_http_trim(nta_span_before(content_type, ';'));
    const struct nta_span boundary = parameter(content_type, "boundary");

    *parts = (struct nta_http_parts){.state = NTA_HTTP_PARTS_NONE};
    if (!nta_span_is(type, "multipart/byteranges") || boundary.len == 0 ||
        boundary.len > NTA_HTTP_BOUNDARY_MAX)
        return;
    parts->state = NTA_HTTP_PARTS_BEFORE;
    memcpy(parts->delimiter, lead, sizeof(lead));
    memcpy(parts->delimiter + sizeof(lead), boundary.ptr, boundary.len);
    parts->delimiter_len = (uint8_t)(sizeof(lead) + boundary.len);
    parts->matched = 2; /* the first one may stand at the very begin */
}

static void begin_head(struct nta_http_parts *parts)
{
    parts->state = NTA_HTTP_PARTS_HEAD;
    parts->line_len = 0;
    parts->first = parts->len = parts->total = UINT64_MAX;
}

static void begin_content(struct nta_http_parts *parts)
{
    parts->state = NTA_HTTP_PARTS_CONTENT;
    parts->matched = 0;
    parts->bytes = parts->lost = 0;
    parts->n++;
}

/*
 * Up to the end of a delimiter: what stands before it is content.  A carriage return begins a
 * delimiter and is nowhere else in it, so what does not go on as one is content up to there.
 */
static enum nta_http_parts_step find_delimiter(struct nta_http_parts *parts, struct nta_span *bytes,
                                               struct nta_span *ret_piece)
{
    *ret_piece = (struct nta_span){0};
    if (parts->matched == 0) {
        const struct nta_span before = nta_span_first(*bytes, nta_span_find_byte(*bytes, '\r'));

        *bytes = nta_span_from(*bytes, before.len);
        *ret_piece = before;
        if (before.len > 0)
            return NTA_HTTP_PARTS_PIECE;
    }
    while (bytes->len > 0 && bytes->ptr[0] == parts->delimiter[parts->matched]) {
        *bytes = nta_span_from(*bytes, 1);
        if (++parts->matched == parts->delimiter_len) {
            parts->matched = 0;
            return NTA_HTTP_PARTS_END;
        }
    }
    if (bytes->len == 0)
        return NTA_HTTP_PARTS_NOTHING;
    *ret_piece = (struct nta_span){parts->delimiter, parts->matched};
    parts->matched = 0;
    return NTA_HTTP_PARTS_PIECE;
}

/* Behind the last delimiter nothing follows. */
static void take_delimiter_line(struct nta_http_parts *parts, uint8_t c)
{
    parts->is_last &= c == '-';
    if (c == '\n')
        begin_head(parts);
    else if (++parts->line_len == 2 && parts->is_last)
        parts->state = NTA_HTTP_PARTS_OVER;
    else if (parts->line_len == UINT8_MAX)
        parts->line_len--;
}

static void take_field(struct nta_http_parts *parts)
{
    struct nta_span value = {parts->line, parts->line_len};
    const struct nta_span name = nta_span_take(&value, ':');
    struct nta_http_head head = nta_http_head_of(true);

    if (!nta_span_is(nta_http_trim(name), "content-range") || parts->first != UINT64_MAX)
        return;
    nta_http_head_field(&head, nta_http_trim(name), value);
    parts->first = head.range_first;
    parts->total = head.range_total;
    parts->len = head.range_len;
}

/* True: the head is over. */
static bool take_head(struct nta_http_parts *parts, uint8_t c)
{
    if (c != '\n') {
        if (parts->line_len < sizeof(parts->line))
            parts->line[parts->line_len] = c;
        parts->line_len = (uint8_t)(parts->line_len + (parts->line_len <= sizeof(parts->line)));
        return false;
    }
    const bool is_empty = parts->line_len == 0 || (parts->line_len == 1 && parts->line[0] == '\r');

    if (!is_empty && parts->line_len <= sizeof(parts->line))
        take_field(parts);
    parts->line_len = 0;
    return is_empty;
}

/* A delimiter ends a part, but where parts are not told apart any more. */
static bool end_part(struct nta_http_parts *parts)
{
    const bool was_content = parts->state == NTA_HTTP_PARTS_CONTENT;

    parts->is_last = true;
    parts->line_len = 0;
    parts->state = NTA_HTTP_PARTS_LINE;
    return was_content;
}

enum nta_http_parts_step nta_http_parts_next(struct nta_http_parts *parts, struct nta_span *bytes,
                                             struct nta_span *ret_piece)
{
    while (bytes->len > 0) {
        if (parts->state == NTA_HTTP_PARTS_BEFORE || parts->state == NTA_HTTP_PARTS_CONTENT) {
            const enum nta_http_parts_step step = find_delimiter(parts, bytes, ret_piece);

            if (step == NTA_HTTP_PARTS_PIECE && parts->state == NTA_HTTP_PARTS_BEFORE)
                continue;
            if (step != NTA_HTTP_PARTS_END || end_part(parts))
                return step;
            continue;
        }
        if (parts->state == NTA_HTTP_PARTS_OVER || parts->state == NTA_HTTP_PARTS_NONE) {
            *bytes = nta_span_from(*bytes, bytes->len);
            break;
        }
        const uint8_t c = bytes->ptr[0];

        *bytes = nta_span_from(*bytes, 1);
        if (parts->state == NTA_HTTP_PARTS_LINE) {
            take_delimiter_line(parts, c);
        } else if (take_head(parts, c)) {
            parts->is_loose = parts->n >= NTA_HTTP_PARTS_MAX;
            begin_content(parts);
            return NTA_HTTP_PARTS_BEGIN;
        }
    }
    return NTA_HTTP_PARTS_NOTHING;
}

bool nta_http_parts_lose(struct nta_http_parts *parts, uint64_t n, uint64_t *ret_content)
{
    const bool in_content = parts->state == NTA_HTTP_PARTS_CONTENT;
    const bool is_placed = in_content && nta_http_parts_is_placed(parts);
    const uint64_t left = is_placed ? parts->len - parts->bytes : n;
    const uint64_t content = in_content ? (n < left ? n : left) : 0;

    *ret_content = content;
    parts->bytes += content;
    parts->lost += content;
    parts->matched = 0;
    return parts->state == NTA_HTTP_PARTS_OVER || (in_content && n <= left);
}

void nta_http_parts_cut(struct nta_http_parts *parts)
{
    parts->state = NTA_HTTP_PARTS_CONTENT;
    parts->matched = 0;
    parts->is_loose = true;
    parts->bytes = parts->lost = 0;
}
