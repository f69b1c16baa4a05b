/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 in a run of a stream: first lines, heads by redact_harmless.c, and where bodies end. */
#include "base/hex.h"
#include "redact/redact_scan.h"

enum
{
    NAME_MAX_LEN = 64,
    METHOD_MAX_LEN = 16,
    VERSION_LEN = 8,
};

static bool is_version(struct nta_span text)
{
    return nta_span_starts(text, "HTTP/1.") && text.len >= VERSION_LEN && isdigit(text.ptr[7]);
}

/** HTTP/1.x SP code */
static bool is_status_line(struct nta_span line)
{
    return is_version(line) && line.len > VERSION_LEN && line.ptr[VERSION_LEN] == ' ' &&
           nta_redact_is_code(nta_span_from(line, VERSION_LEN + 1));
}

/** METHOD SP target SP HTTP/1.x; the target's place and length. */
static bool is_request_line(struct nta_span line, size_t *ret_target, size_t *ret_len)
{
    size_t method = 0, end = line.len;

    while (method < line.len && method < METHOD_MAX_LEN && isupper(line.ptr[method]))
        method++;
    if (method == 0 || method == line.len || line.ptr[method] != ' ' || line.len < method + 10 ||
        !is_version(nta_span_from(line, line.len - VERSION_LEN)))
        return false;
    end = line.len - VERSION_LEN - 1;
    if (line.ptr[end] != ' ' || end <= method)
        return false;
    *ret_target = method + 1;
    *ret_len = end - method - 1;
    return true;
}

bool nta_redact_is_http(struct nta_span line, bool from_client)
{
    size_t target, len;

    return from_client ? is_request_line(line, &target, &len) : is_status_line(line);
}

static void begin_head(struct nta_redact_scan *scan)
{
    scan->mode = NTA_REDACT_HEAD;
    scan->body_left = 0;
    scan->to_rest = scan->is_connect = scan->chunked = scan->in_trailers = false;
    scan->hide_body = scan->has_length = false;
}

bool nta_redact_http(struct nta_redact_scan *scan, struct nta_span line)
{
    const size_t end = scan->at + line.len;
    size_t target, len;

    if (!nta_redact_is_http(line, scan->options->from_client))
        return false;
    begin_head(scan);
    if (!scan->options->from_client) {
        scan->to_rest = nta_span_starts(nta_span_from(line, VERSION_LEN), " 101");
        nta_redact_but(scan, NTA_REDACT_WORDS, scan->at + nta_smaller(VERSION_LEN + 4, line.len),
                       end);
        return true;
    }
    (void)is_request_line(line, &target, &len);
    if (nta_span_has(nta_span_first(nta_span_from(line, target), len), ' ')) {
        nta_redact_mark(scan, scan->at + target, scan->at + target + len);
        return true;
    }
    scan->is_connect = nta_span_starts(line, "CONNECT ");
    nta_redact_reference(scan, scan->at + target, scan->at + target + len);
    return true;
}

/** Length of a header field's name that begins the line; 0: none. */
static size_t name_len(struct nta_span line)
{
    const size_t len = nta_span_find_byte(nta_span_first(line, NAME_MAX_LEN + 1), ':');

    return len < line.len && len <= NAME_MAX_LEN && /* RFC 9110 5.6.2 */
                   nta_redact_is_made_of(nta_span_first(line, len), "!#$%&'*+-.^_`|~")
               ? len
               : 0;
}

/** Where the body ends, if that is clear: no two lengths, and nothing else than digits. */
static void note_length(struct nta_redact_scan *scan, struct nta_span value)
{
    uint64_t len = 0;

    for (size_t i = 0; i < value.len && len < UINT32_MAX; i++)
        if (isdigit(value.ptr[i]))
            len = len * 10 + (uint64_t)(value.ptr[i] - '0');
    scan->to_rest |=
        !nta_redact_is_number(value, "") || (scan->has_length && len != scan->body_left);
    scan->body_left = len;
    scan->has_length = true;
}

static void note_field(struct nta_redact_scan *scan, struct nta_span name, struct nta_span value)
{
    const bool has_coding = nta_span_is(name, "transfer-encoding");

    if (scan->in_trailers)
        return;
    if (scan->options->from_client && (has_coding || nta_span_is(name, "upgrade")))
        scan->to_rest = true;
    if (!scan->options->from_client && has_coding)
        scan->chunked = true;
    if (nta_span_is(name, "content-length"))
        note_length(scan, value);
}

/** A line that is no field may be one for its server, which then takes a body. */
static bool may_be_length(struct nta_span line)
{
    size_t at = 0;

    while (at < line.len && isspace(line.ptr[at]))
        at++;
    const struct nta_span text = nta_span_from(line, at);

    return nta_span_starts(text, "content-length") || nta_span_starts(text, "transfer-encoding");
}

/** A header field; a line that is none, and one that goes on with a field, is redacted. */
static void take_field(struct nta_redact_scan *scan, struct nta_span line)
{
    const size_t at = scan->at, len = name_len(line), end = at + line.len;
    const struct nta_span name = nta_span_first(line, len), rest = nta_span_from(line, len);
    size_t begin = at + len + 1, last = end;
    enum nta_redact_form form;

    if (len == 0) {
        nta_redact_mark(scan, at, end);
        scan->to_rest |= scan->options->from_client && may_be_length(line);
        return;
    }
    while (begin < end && (scan->bytes[begin] == ' ' || scan->bytes[begin] == '\t'))
        begin++;
    while (last > begin && (scan->bytes[last - 1] == ' ' || scan->bytes[last - 1] == '\t'))
        last--;
    if (!nta_redact_field(name, &form))
        nta_redact_mark(scan, at, at + len);
    if (begin < last)
        nta_redact_but(scan, form, begin, last);
    /* some take it for the line's end */
    nta_redact_mark(scan, at + len + nta_redact_find_byte(rest, 0, "\r"), end);
    note_field(scan, name, nta_redact_part(scan, begin, last));
}

static void end_head(struct nta_redact_scan *scan)
{
    scan->body_begins = true;
    if (scan->is_connect || scan->in_trailers)
        scan->mode = NTA_REDACT_START;
    else if (scan->to_rest)
        scan->mode = NTA_REDACT_REST;
    else if (scan->options->from_client && scan->body_left == 0)
        scan->mode = NTA_REDACT_START;
    else
        scan->mode = NTA_REDACT_BODY;
}

void nta_redact_head(struct nta_redact_scan *scan)
{
    bool whole;
    const struct nta_span line = nta_redact_line(scan, scan->at, &whole);

    if (line.len == 0 && whole)
        end_head(scan);
    else
        take_field(scan, line);
    scan->at = nta_redact_line_end(scan, scan->at);
}

/* ---- bodies ---- */

/** Where the next answer begins, whatever the length of this one is said to be. */
static size_t answer_at(struct nta_span bytes)
{
    for (size_t at = 0; at < bytes.len; at += strlen("HTTP/1.")) {
        at += nta_span_find(nta_span_from(bytes, at), "HTTP/1.");
        /* there may be no reason behind the code */
        if (is_status_line(nta_span_first(nta_span_from(bytes, nta_smaller(at, bytes.len)),
                                          strlen("HTTP/1.1 200"))))
            return at;
    }
    return bytes.len;
}

/** Up to `body_left` bytes. */
static void take_bytes(struct nta_redact_scan *scan)
{
    const size_t left = scan->len - scan->at;
    size_t len = scan->body_left < left ? (size_t)scan->body_left : left;
    const size_t next =
        scan->hide_body ? len : answer_at(nta_redact_part(scan, scan->at, scan->at + len));

    if (scan->hide_body)
        nta_redact_mark(scan, scan->at, scan->at + len);
    scan->body_left = next < len ? 0 : scan->body_left - len;
    scan->at += next;
    if (scan->body_left == 0 && (!scan->chunked || next < len))
        scan->mode = NTA_REDACT_START;
}

/** The line with a chunk's length; what it is else goes on to the next answer (RFC 9112 7.1). */
static void take_chunk(struct nta_redact_scan *scan)
{
    bool whole;
    const struct nta_span line = nta_redact_line(scan, scan->at, &whole);
    size_t n = 0;
    uint64_t len = 0;

    for (; n < line.len && n < 8 && isxdigit(line.ptr[n]); n++)
        len = len << 4 | (uint64_t)nta_hex_digit(line.ptr[n]);
    if (line.len > 0 && (n == 0 || (n < line.len && !strchr("; \t", line.ptr[n])))) {
        scan->hide_body = true;
        scan->chunked = scan->has_length = false;
        return;
    }
    nta_redact_mark(scan, scan->at + n, scan->at + line.len);
    scan->body_left = len;
    scan->at = nta_redact_line_end(scan, scan->at);
    if (n > 0 && len == 0) {
        scan->mode = NTA_REDACT_HEAD;
        scan->in_trailers = true;
    }
}

/** Up to the next answer. */
static void take_unbounded(struct nta_redact_scan *scan)
{
    const struct nta_span rest = nta_redact_part(scan, scan->at, scan->len);
    bool whole;

    if (!scan->hide_body) {
        scan->at += answer_at(rest);
        if (scan->at < scan->len)
            scan->mode = NTA_REDACT_START;
    } else if (is_status_line(nta_redact_line(scan, scan->at, &whole)) && whole) {
        scan->mode = NTA_REDACT_START;
    } else {
        const size_t end = nta_redact_line_end(scan, scan->at);

        nta_redact_mark(scan, scan->at, end);
        scan->at = end;
    }
}

/** A response has no body, another protocol behind it, or a body that may be shown. */
static void begin_body(struct nta_redact_scan *scan)
{
    struct nta_span rest = nta_redact_part(scan, scan->at, scan->len);
    bool whole;

    scan->body_begins = false;
    if (is_status_line(nta_redact_line(scan, scan->at, &whole)) ||
        (!scan->chunked && !scan->has_length && nta_redact_begins_tls(scan))) {
        scan->mode = NTA_REDACT_START;
        return;
    }
    if (scan->chunked) /* behind the length of the first chunk */
        rest = nta_span_from(rest, nta_smaller(nta_span_find_byte(rest, '\n') + 1, rest.len));
    scan->hide_body |= !nta_redact_is_file(rest);
    if (!scan->chunked && scan->has_length && scan->body_left == 0)
        scan->mode = NTA_REDACT_START;
}

void nta_redact_body(struct nta_redact_scan *scan)
{
    if (scan->options->from_client)
        scan->hide_body = true;
    else if (scan->body_begins) {
        begin_body(scan);
        if (scan->mode != NTA_REDACT_BODY)
            return;
    }
    if (scan->options->from_client || scan->body_left > 0)
        take_bytes(scan);
    else if (scan->chunked)
        take_chunk(scan);
    else
        take_unbounded(scan);
}
