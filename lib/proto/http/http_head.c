/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_head.h"

#include "base/own.h"
#include "proto/event.h"
#include "proto/http/http_probe.h"
#include "proto/http/http_text.h"

#include <strings.h>

enum
{
    METHOD_LEN_MAX = 24,
    STATUS_LINE_LEN_MIN = 12, ///< "HTTP/1.1 200"
};

/* A field whose lines may not all have come. */
struct nta_http_field
{
    struct nta_span name, value;
};

/* Is the empty line there?  Goes on where `scan` left off. */
static bool head_is_whole(struct nta_span bytes, struct nta_http_scan *scan)
{
    const uint8_t *end = bytes.ptr + bytes.len;

    for (;;) {
        const uint8_t *line = bytes.ptr + scan->line, *from = bytes.ptr + scan->searched;
        const uint8_t *lf = memchr(from, '\n', (size_t)(end - from));

        if (!lf) {
            scan->searched = (uint32_t)bytes.len;
            return false;
        }
        if (lf == line || (lf == line + 1 && *line == '\r'))
            return true;
        scan->line = scan->searched = (uint32_t)(lf + 1 - bytes.ptr);
    }
}

/*
 * "HTTP/" digit "." digit, RFC 9112 section 2.3; only the versions that look like this on the wire.
 * Wrong, but sent by servers, and understood by clients: "http/1.1".
 */
static bool is_version(const uint8_t *text, size_t len)
{
    return len >= 8 && strncasecmp((const char *)text, "HTTP/", 5) == 0 &&
           (text[5] == '1' || text[5] == '0') && text[6] == '.' && text[7] >= '0' && text[7] <= '9';
}

static bool is_method(struct nta_span method)
{
    for (size_t i = 0; i < method.len; i++) {
        uint8_t c = nta_lower(method.ptr[i]);

        if ((c < 'a' || c > 'z') && c != '-' && c != '_')
            return false;
    }
    return method.len > 0 && method.len <= METHOD_LEN_MAX;
}

/* RFC 9112 section 4; SHOUTcast servers say ICY for the version. */
static bool read_status_line(struct nta_span line, struct nta_http_head *head)
{
    const uint8_t *text = line.ptr;
    uint16_t status = 0;

    if (line.len >= 7 && memcmp(text, "ICY ", 4) == 0)
        text += 4;
    else if (line.len >= STATUS_LINE_LEN_MIN && is_version(text, line.len) && text[8] == ' ')
        text += 9;
    else
        return false;
    for (int i = 0; i < 3; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        status = (uint16_t)(status * 10 + text[i] - '0');
    }
    head->is_response = true;
    head->status = status;
    return status >= 100;
}

/*
 * RFC 9112 section 3.  Wrong, but sent by clients: a target with blanks in it (the version is what
 * comes last), none at all, nothing but a method, a path without version behind it, and half a
 * version.
 */
static bool read_request_line(struct nta_span line, struct nta_http_head *head)
{
    head->method = nta_http_word(line); /* RFC 9112 section 3: tabs may do for blanks */
    if (head->method.len == line.len)
        return nta_http_knows_method(line);

    struct nta_span rest = nta_http_trim(nta_span_from(line, head->method.len));
    size_t version_len = nta_http_version_len(rest);

    if (version_len > 0)
        rest.len -= version_len;
    else if (rest.len == 0 || rest.ptr[0] != '/' || nta_http_word(rest).len < rest.len)
        return false;
    head->target = nta_http_trim(rest);
    return is_method(head->method);
}

static bool read_start_line(struct nta_span line, struct nta_http_head *head)
{
    return read_status_line(line, head) || read_request_line(line, head);
}

/* RFC 9110 section 8.6; a list of the same number repeated is taken by its first. */
static uint64_t read_length(struct nta_span value)
{
    uint64_t number = 0;
    size_t i = 0;

    for (; i < value.len && value.ptr[i] >= '0' && value.ptr[i] <= '9'; i++) {
        if (number > (UINT64_MAX - 10) / 10)
            return NTA_HTTP_LENGTH_NONE;
        number = number * 10 + value.ptr[i] - '0';
    }
    return i > 0 ? number : NTA_HTTP_LENGTH_NONE;
}

static void set_first(struct nta_span *text, struct nta_span value)
{
    if (!text->ptr)
        *text = nta_http_trim(value);
}

/* RFC 9110 section 14.4: "bytes 0-499/1234", of which the last may be "*". */
static void read_range(struct nta_span value, struct nta_http_head *head)
{
    if (head->range_first != NTA_HTTP_LENGTH_NONE || !nta_span_starts(value, "bytes ") ||
        !nta_span_has(value, '/'))
        return;
    struct nta_span rest = nta_http_trim(nta_span_from(value, sizeof("bytes ") - 1));
    struct nta_span last = nta_span_take(&rest, '/');
    const struct nta_span first = nta_span_take(&last, '-');
    const uint64_t from = read_length(first), to = read_length(last), total = read_length(rest);

    if (from == NTA_HTTP_LENGTH_NONE || to == NTA_HTTP_LENGTH_NONE || from > to || to >= total)
        return;
    head->range_first = from;
    head->range_len = to - from + 1;
    head->range_total = total;
}

/* A weak one may be that of other bytes, too. */
static void set_etag(struct nta_http_head *head, struct nta_span value)
{
    if (nta_span_starts(nta_http_trim(value), "\""))
        set_first(&head->etag, value);
}

/* RFC 9112 section 3.2 allows one only; of several, servers take the first or the last. */
static void set_host(struct nta_http_head *head, struct nta_span value)
{
    if (!head->host.ptr)
        head->host = value;
    if (nta_span_alike(head->host, value))
        return;
    head->hosts_differ = true;
    head->other_host = value;
}

/*
 * RFC 9112 section 6.1 wants chunked last; clients and servers that take it elsewhere do so for any
 * place.
 */
static void set_transfer(struct nta_http_head *head, struct nta_span value)
{
    head->has_transfer = true;
    while (value.len > 0) {
        const uint8_t *comma = memchr(value.ptr, ',', value.len);
        size_t len = comma ? (size_t)(comma - value.ptr) : value.len;

        const struct nta_span coding = nta_http_trim(nta_span_first(value, len));

        head->chunked |= nta_span_is(coding, "chunked");
        head->coded |=
            coding.len > 0 && !nta_span_is(coding, "chunked") && !nta_span_is(coding, "identity");
        len += comma != NULL;
        value = (struct nta_span){.ptr = value.ptr + len, .len = value.len - len};
    }
}

static void set_coding(struct nta_http_head *head, struct nta_span name, struct nta_span value)
{
    if (nta_span_is(name, "content-encoding"))
        head->coded |= !nta_span_is(nta_http_trim(value), "identity");
}

/* Schemes that carry a password, or a token that is as good as one, are passed over. */
static void set_login(struct nta_http_head *head, struct nta_span name, struct nta_span value)
{
    const struct nta_span login = nta_http_trim(value);
    const bool is_field =
        head->is_response
            ? nta_span_is(name, "www-authenticate") || nta_span_is(name, "proxy-authenticate")
            : nta_span_is(name, "authorization") || nta_span_is(name, "proxy-authorization");

    if (is_field && (nta_span_starts(login, "ntlm ") || nta_span_starts(login, "negotiate ")))
        set_first(&head->login, login);
}

/* By length first: most fields are none of ours. */
void nta_http_head_field(struct nta_http_head *head, struct nta_span name, struct nta_span value)
{
    if (!head->is_response)
        nta_http_origin_take(&head->origin, name, value);
    switch (name.len) {
    case 4:
        if (nta_span_is(name, "host"))
            set_host(head, nta_http_trim(value));
        else if (nta_span_is(name, "etag"))
            set_etag(head, value);
        break;
    case 6:
        if (nta_span_is(name, "server"))
            set_first(&head->server, value);
        break;
    case 7:
        if (nta_span_is(name, "upgrade"))
            set_first(&head->upgrade, value);
        break;
    case 12:
        if (nta_span_is(name, "content-type"))
            set_first(&head->content_type, value);
        break;
    case 13:
        if (nta_span_is(name, "content-range"))
            read_range(nta_http_trim(value), head);
        else
            set_login(head, name, value);
        break;
    case 14:
        if (nta_span_is(name, "content-length") && head->content_length == NTA_HTTP_LENGTH_NONE)
            head->content_length = read_length(nta_http_trim(value));
        break;
    case 16:
        set_coding(head, name, value);
        set_login(head, name, value); /* WWW-Authenticate */
        break;
    case 17:
        if (nta_span_is(name, "transfer-encoding"))
            set_transfer(head, nta_http_trim(value));
        break;
    case 18: set_login(head, name, value); break;
    case 19:
        if (nta_span_is(name, "content-disposition"))
            set_first(&head->disposition, value);
        else
            set_login(head, name, value);
        break;
    default: break;
    }
}

/*
 * A line of the field section: begins a field, or goes on with the one before (obs-fold, RFC 9112
 * section 5.2).
 */
static void take_field_line(struct nta_http_head *head, struct nta_http_field *field,
                            struct nta_span line)
{
    const uint8_t *colon;

    if (nta_http_is_blank(line.ptr[0])) {
        field->value.len = (size_t)(line.ptr + line.len - field->value.ptr);
        return;
    }
    nta_http_head_field(head, field->name, field->value);
    colon = memchr(line.ptr, ':', line.len);
    *field = (struct nta_http_field){.value = {.ptr = line.ptr}};
    if (!colon)
        return;
    field->name = (struct nta_span){.ptr = line.ptr, .len = (size_t)(colon - line.ptr)};
    while (field->name.len > 0 && nta_http_is_blank(line.ptr[field->name.len - 1]))
        field->name.len--;
    field->value =
        (struct nta_span){.ptr = colon + 1, .len = line.len - (size_t)(colon - line.ptr) - 1};
}

/*
 * MORE: the lines end before the head does; `head` has what they said and `r` stands behind the
 * last whole one.
 */
static enum nta_parse read_lines(struct nta_reader *r, struct nta_http_head *head)
{
    struct nta_http_field field;
    struct nta_span line;

    if (nta_read_line(r, SIZE_MAX, &line) != NTA_PARSE_OK)
        return NTA_PARSE_MORE;
    if (!read_start_line(line, head))
        return NTA_PARSE_BAD;
    field = (struct nta_http_field){.value = {.ptr = line.ptr}};
    while (nta_read_line(r, SIZE_MAX, &line) == NTA_PARSE_OK) {
        if (line.len == 0) {
            nta_http_head_field(head, field.name, field.value);
            return NTA_PARSE_OK;
        }
        take_field_line(head, &field, line);
    }
    nta_http_head_field(head, field.name, field.value);
    return NTA_PARSE_MORE;
}

enum nta_parse nta_http_head_read(struct nta_reader *r, struct nta_http_scan *scan,
                                  struct nta_http_head *ret_head)
{
    struct nta_reader at = *r;
    const struct nta_span bytes = nta_reader_rest(r);
    enum nta_parse verdict = NTA_PARSE_MORE;
    /* less than before is other bytes than those that were searched */
    bool first = scan->searched == 0 || scan->searched > bytes.len;

    *ret_head = nta_http_head_of(false);
    if (first || head_is_whole(bytes, scan))
        verdict = read_lines(&at, ret_head);
    if (verdict == NTA_PARSE_MORE && first)
        *scan = (struct nta_http_scan){.line = (uint32_t)(bytes.len - nta_reader_left(&at)),
                                       .searched = (uint32_t)bytes.len};
    if (verdict == NTA_PARSE_MORE && bytes.len > NTA_HTTP_HEAD_MAX)
        return NTA_PARSE_BAD;
    if (verdict != NTA_PARSE_OK)
        return verdict;
    *scan = (struct nta_http_scan){0};
    *r = at;
    return NTA_PARSE_OK;
}
