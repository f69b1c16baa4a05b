/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 in a run of a stream: which fields and bodies are secrets. */
#include "base/own.h"
#include "redact/redact_scan.h"

#include <ctype.h>

enum
{
    NAME_MAX_LEN = 64
};

static bool is_version(struct nta_span text)
{
    return nta_span_starts(text, "HTTP/1.") && text.len >= 8 && isdigit(text.ptr[7]);
}

/** METHOD SP target SP HTTP/1.x; the target's place and length. */
static bool is_request_line(struct nta_span line, size_t *ret_target, size_t *ret_len)
{
    size_t method = 0, end = line.len;

    while (method < line.len && method < NTA_REDACT_WORD_MAX && isupper(line.ptr[method]))
        method++;
    if (method == 0 || method == line.len || line.ptr[method] != ' ' || line.len < method + 10 ||
        !is_version((struct nta_span){line.ptr + line.len - 8, 8}))
        return false;
    end = line.len - 9;
    if (line.ptr[end] != ' ' || end <= method)
        return false;
    *ret_target = method + 1;
    *ret_len = end - method - 1;
    return true;
}

static void begin_head(struct nta_redact_scan *scan)
{
    scan->mode = NTA_REDACT_HEAD;
    scan->body_left = 0;
    scan->folded_secret = false;
    scan->to_rest = scan->is_connect = scan->chunked = false;
    scan->hide_body = scan->has_length = false;
}

bool nta_redact_http(struct nta_redact_scan *scan, struct nta_span line)
{
    size_t target, len;

    if (!scan->options->from_client && is_version(line)) {
        begin_head(scan);
        scan->to_rest = nta_span_find_word(line, " 101") < line.len;
        return true;
    }
    if (!scan->options->from_client || !is_request_line(line, &target, &len))
        return false;
    begin_head(scan);
    scan->is_connect = nta_span_starts(line, "CONNECT ");
    nta_redact_reference(scan, scan->at + target, scan->at + target + len);
    return true;
}

/**
 * Header fields that hold no secret; of all others the value is redacted.  From the registry of
 * RFC 9110 section 16.3 and the Fetch Metadata, without what identifies or authorises anybody.
 */
static const char *const harmless[] = {
    "Accept",
    "Accept-Charset",
    "Accept-Encoding",
    "Accept-Language",
    "Accept-Ranges",
    "Age",
    "Allow",
    "Alt-Svc",
    "Cache-Control",
    "Connection",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-MD5",
    "Content-Range",
    "Content-Type",
    "DNT",
    "Date",
    "Digest",
    "ETag",
    "Expect",
    "Expires",
    "Host",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Keep-Alive",
    "Last-Modified",
    "Location",
    "MIME-Version",
    "Max-Forwards",
    "Origin",
    "Pragma",
    "Proxy-Connection",
    "Purpose",
    "Range",
    "Referer",
    "Retry-After",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Site",
    "Sec-Fetch-User",
    "Sec-Purpose",
    "Sec-WebSocket-Version",
    "Server",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Upgrade-Insecure-Requests",
    "User-Agent",
    "Vary",
    "Via",
    "Warning",
    "X-Content-Type-Options",
    "X-Forwarded-For",
    "X-Requested-With",
};

static bool is_harmless_name(struct nta_span name)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(harmless); i++)
        if (nta_span_is(name, harmless[i]))
            return true;
    return false;
}

/** Length of a header field's name that begins the line; 0: none. */
static size_t name_len(struct nta_span line)
{
    size_t len = 0;

    while (len < line.len && len < NAME_MAX_LEN &&
           (isalnum(line.ptr[len]) ||
            (line.ptr[len] && strchr("!#$%&'*+-.^_`|~", line.ptr[len])))) /* RFC 9110 5.6.2 */
        len++;
    return len < line.len && line.ptr[len] == ':' ? len : 0;
}

/** What a body is called that is nothing but names and values; the line may go on with a field. */
static void note_type(struct nta_redact_scan *scan, struct nta_span value)
{
    if (nta_span_find_word(value, "json") < value.len ||
        nta_span_find_word(value, "urlencoded") < value.len)
        scan->hide_body = true;
}

static void note_field(struct nta_redact_scan *scan, struct nta_span name, struct nta_span value)
{
    if (scan->options->from_client && nta_span_starts(name, "upgrade") &&
        name.len == strlen("upgrade"))
        scan->to_rest = true;
    if (scan->options->from_client && nta_span_starts(name, "transfer-encoding"))
        scan->to_rest = true;
    if (!scan->options->from_client && nta_span_starts(name, "transfer-encoding"))
        scan->chunked = true;
    if (nta_span_starts(name, "content-type"))
        note_type(scan, value);
    if (!nta_span_starts(name, "content-length"))
        return;
    scan->body_left = 0;
    scan->has_length = true;
    for (size_t i = 0; i < value.len; i++)
        if (isdigit(value.ptr[i]) && scan->body_left < UINT32_MAX)
            scan->body_left = scan->body_left * 10 + (uint64_t)(value.ptr[i] - '0');
}

/** The whole value is a URL, or a reference to one. */
static bool is_reference(struct nta_span name)
{
    return nta_span_is(name, "location") || nta_span_is(name, "content-location") ||
           nta_span_is(name, "referer") || nta_span_is(name, "origin");
}

/** The value of a field that is known to hold no secret may hold one within a URL. */
static void take_harmless(struct nta_redact_scan *scan, struct nta_span name, size_t from,
                          size_t to)
{
    const struct nta_span value = nta_redact_part(scan, from, to);
    const size_t at = nta_span_find_last(value, '@');
    const size_t query = nta_redact_find_byte(value, 0, "?");
    const size_t parameters = nta_redact_find_byte(value, 0, ";?#");

    if (nta_span_is(name, "host") && at < value.len)
        nta_redact_mark(scan, from, from + at);
    if (is_reference(name))
        nta_redact_reference(scan, from, to);
    nta_redact_urls(scan, from, to);
    nta_redact_parameters(scan, from + parameters, nta_span_from(value, parameters));
    if (scan->options->urls != NTA_URL_FULL && query < value.len)
        nta_redact_mark(scan, from + query + 1, to);
    if (scan->options->urls == NTA_URL_SITE && is_reference(name) && !nta_span_is(name, "origin"))
        nta_redact_mark(scan, from, to);
}

/** A header field; a line that is none, and one that goes on with a field, is redacted. */
static void take_field(struct nta_redact_scan *scan, size_t at, struct nta_span line)
{
    const size_t len = name_len(line), end = at + line.len;
    const struct nta_span name = nta_span_first(line, len), value = nta_span_from(line, len);
    size_t begin = at + len + 1;

    if (len == 0) {
        note_type(scan, line);
        nta_redact_mark(scan, at, end);
        return;
    }
    while (begin < end && (scan->bytes[begin] == ' ' || scan->bytes[begin] == '\t'))
        begin++;
    if (is_harmless_name(name))
        take_harmless(scan, name, begin, end);
    else
        nta_redact_mark(scan, begin, end);
    /* some take it for the line's end */
    nta_redact_mark(scan, at + len + nta_redact_find_byte(value, 0, "\r"), end);
    note_field(scan, name, value);
}

/** The body is redacted, and where it ends is known. */
static bool has_length(const struct nta_redact_scan *scan)
{
    return scan->options->from_client || (scan->hide_body && scan->has_length);
}

static void end_head(struct nta_redact_scan *scan)
{
    scan->body_begins = true;
    if (scan->is_connect)
        scan->mode = NTA_REDACT_START;
    else if (scan->to_rest)
        scan->mode = NTA_REDACT_REST;
    else
        scan->mode = has_length(scan) && scan->body_left == 0 ? NTA_REDACT_START : NTA_REDACT_BODY;
}

void nta_redact_head(struct nta_redact_scan *scan)
{
    bool whole;
    struct nta_span line = nta_redact_line(scan, scan->at, &whole);

    if (line.len == 0 && whole)
        end_head(scan);
    else
        take_field(scan, scan->at, line);
    scan->at = nta_redact_line_end(scan, scan->at);
}

/** JSON begins like this whatever its head says, and what is put before it against thieves. */
static bool begins_as_json(const struct nta_redact_scan *scan)
{
    struct nta_span rest = nta_redact_part(scan, scan->at, scan->len);

    if (scan->chunked) /* behind the length of the first chunk */
        rest = nta_span_from(rest, nta_smaller(nta_span_find_byte(rest, '\n') + 1, rest.len));
    if (nta_span_starts(rest, "\xef\xbb\xbf"))
        rest = nta_span_from(rest, 3);
    while (rest.len > 0 && isspace(rest.ptr[0]))
        rest = nta_span_from(rest, 1);
    return nta_redact_find_byte(rest, 0, "{[)") == 0 || nta_span_starts(rest, "while(") ||
           nta_span_starts(rest, "for(");
}

/** A body of which the length is known; it may go on in the next run. */
static void hide_body(struct nta_redact_scan *scan)
{
    const size_t left = scan->len - scan->at;
    const size_t len = scan->body_left < left ? (size_t)scan->body_left : left;

    nta_redact_mark(scan, scan->at, scan->at + len);
    scan->at += len;
    scan->body_left -= len;
    if (scan->body_left == 0)
        scan->mode = NTA_REDACT_START;
}

/**
 * A request's body, and one of JSON, is redacted by its length.  Another is shown, but for what
 * looks like a head's secret, and for users in URLs.
 */
void nta_redact_body(struct nta_redact_scan *scan)
{
    const size_t end = nta_redact_line_end(scan, scan->at);
    bool whole;
    const struct nta_span line = nta_redact_line(scan, scan->at, &whole);
    const size_t name = name_len(line);
    const bool goes_on = line.len && (line.ptr[0] == ' ' || line.ptr[0] == '\t');

    if (scan->body_begins && begins_as_json(scan))
        scan->hide_body = true;
    scan->body_begins = false;
    if (has_length(scan)) {
        hide_body(scan);
        return;
    }
    if (is_version(line)) {
        scan->mode = NTA_REDACT_START;
        return;
    }
    scan->folded_secret = (scan->folded_secret && goes_on) ||
                          (name && nta_redact_is_secret_name((struct nta_span){line.ptr, name}));
    if (scan->hide_body)
        nta_redact_mark(scan, scan->at, end);
    else if (scan->folded_secret)
        take_field(scan, scan->at, line);
    else
        nta_redact_urls(scan, scan->at, end);
    if (scan->chunked && !scan->hide_body && nta_span_is(line, "0"))
        scan->mode = NTA_REDACT_HEAD; /* trailers */
    scan->at = end;
}

bool nta_redact_is_http(struct nta_span line, bool from_client)
{
    size_t target, len;

    return from_client ? is_request_line(line, &target, &len) : is_version(line);
}
