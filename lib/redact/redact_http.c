/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 in a run of a stream: which fields and bodies are secrets, and what in a URL is. */
#include "base/own.h"
#include "redact/redact_scan.h"

#include <ctype.h>

enum
{
    NAME_MAX_LEN = 64
};

/** Is this a name that people give to credentials? */
static bool is_secret_name(struct nta_span name)
{
    static const char *const words[] = {
        "auth",    "cookie",     "token", "secret", "passw",   "-key",      "_key", "apikey",
        "session", "credential", "csrf",  "ticket", "xsrf-to", "signature", "jwt",  "bearer"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++)
        if (nta_span_find_word(name, words[i]) < name.len)
            return true;
    return false;
}

/** The name of a parameter of a query: short ones are a word of their own. */
static bool is_secret_parameter(struct nta_span name)
{
    static const char *const names[] = {"key", "sig", "pass", "pwd", "pw",   "pin",
                                        "otp", "sid", "code", "psw", "user", "login"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++)
        if (nta_span_is(name, names[i]))
            return true;
    return is_secret_name(name);
}

/** The values of parameters (name=value, & or ; between them) whose names say what they are. */
static void mark_parameters(struct nta_redact_scan *scan, size_t base, struct nta_span query)
{
    for (size_t at = 0; at < query.len;) {
        const size_t end = nta_redact_find_byte(query, at, "&;#? ");
        const struct nta_span parameter = {query.ptr + at, end - at};
        const size_t equals = nta_span_find_byte(parameter, '=');

        if (equals < parameter.len && is_secret_parameter(nta_span_first(parameter, equals)))
            nta_redact_mark(scan, base + at + equals + 1, base + end);
        at = end + 1;
    }
}

/**
 * An authority, and what follows it up to `end`: user-info, credentials, and what `record.url`
 * leaves out.  `base`: its place.
 */
static void mark_url(struct nta_redact_scan *scan, size_t base, struct nta_span url)
{
    size_t authority = nta_redact_find_byte(url, 0, "/?#");
    size_t query = nta_redact_find_byte(url, 0, "?");

    for (size_t at = authority; at > 0; at--) {
        if (url.ptr[at - 1] != '@')
            continue;
        nta_redact_mark(scan, base, base + at - 1);
        break;
    }
    if (scan->options->urls == NTA_URL_SITE && authority < url.len)
        nta_redact_mark(scan, base + authority + 1, base + url.len);
    else if (scan->options->urls == NTA_URL_PATH && query < url.len)
        nta_redact_mark(scan, base + query + 1, base + url.len);
    mark_parameters(scan, base + authority, nta_span_from(url, authority));
}

/** Each URL within some text. */
void nta_redact_urls(struct nta_redact_scan *scan, size_t from, size_t to)
{
    while (from < to) {
        struct nta_span rest = nta_redact_part(scan, from, to);
        size_t colon = nta_span_find_word(rest, "://");

        if (colon == rest.len)
            return;
        size_t end = nta_redact_find_byte(rest, colon + 3, " \t\"'<>,;)\r\n");

        mark_url(scan, from + colon + 3, (struct nta_span){rest.ptr + colon + 3, end - colon - 3});
        from += end;
    }
}

/* ---- HTTP/1 ---- */

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
    scan->folded_secret = true; /* a line that goes on before any field began is nobody's */
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
    struct nta_span text = {line.ptr + target, len};
    size_t scheme = nta_span_find_word(text, "://");
    size_t skip = scheme < nta_redact_find_byte(text, 0, "/?#@") ? scheme + 3 : 0;

    mark_url(scan, scan->at + target + skip, (struct nta_span){text.ptr + skip, len - skip});
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

static void note_field(struct nta_redact_scan *scan, struct nta_span name, struct nta_span value)
{
    if (scan->options->from_client && nta_span_starts(name, "upgrade") &&
        name.len == strlen("upgrade"))
        scan->to_rest = true;
    if (scan->options->from_client && nta_span_starts(name, "transfer-encoding"))
        scan->to_rest = true;
    if (!scan->options->from_client && nta_span_starts(name, "transfer-encoding"))
        scan->chunked = true;
    if (nta_span_starts(name, "content-type") && nta_span_find_word(value, "json") < value.len)
        scan->hide_body = true;
    if (!nta_span_starts(name, "content-length"))
        return;
    scan->body_left = 0;
    scan->has_length = true;
    for (size_t i = 0; i < value.len; i++)
        if (isdigit(value.ptr[i]) && scan->body_left < UINT32_MAX)
            scan->body_left = scan->body_left * 10 + (uint64_t)(value.ptr[i] - '0');
}

/** A line that is or goes on with a header field; `at`: its place. */
static void take_field(struct nta_redact_scan *scan, size_t at, struct nta_span line)
{
    size_t len = name_len(line);
    struct nta_span name = {line.ptr, len}, value = {line.ptr + len, line.len - len};
    size_t query = nta_redact_find_byte(value, 0, "?");

    if (len == 0) {
        bool folded = line.len && (line.ptr[0] == ' ' || line.ptr[0] == '\t');

        scan->folded_secret |= !folded; /* what goes on with it is as little known */
        if (scan->folded_secret)
            nta_redact_mark(scan, at, at + line.len);
        else
            nta_redact_urls(scan, at, at + line.len);
        return;
    }
    scan->folded_secret = !is_harmless_name(name);
    size_t first = nta_redact_find_byte(value, 1, "@");
    size_t begin = value.len > 1 && value.ptr[1] == ' ' ? 2 : 1;
    size_t inner = nta_redact_find_byte(value, 0, "\r"); /* some take it for the line's end */

    nta_redact_mark(scan, at + len + inner, at + line.len);
    if (scan->folded_secret)
        nta_redact_mark(scan, at + len + begin, at + line.len);
    else if (nta_span_starts(name, "host") && first < value.len)
        nta_redact_mark(scan, at + len + begin, at + len + first);
    nta_redact_urls(scan, at + len, at + line.len);
    mark_parameters(scan, at + len + query, nta_span_from(value, query));
    if (scan->options->urls != NTA_URL_FULL && query < value.len)
        nta_redact_mark(scan, at + len + query + 1, at + line.len);
    if (scan->options->urls == NTA_URL_SITE &&
        (nta_span_find_word(name, "location") < len || nta_span_starts(name, "referer")))
        nta_redact_mark(scan, at + len + begin, at + line.len);
    note_field(scan, name, value);
}

/** The body is redacted, and where it ends is known. */
static bool has_length(const struct nta_redact_scan *scan)
{
    return scan->options->from_client || (scan->hide_body && scan->has_length);
}

static void end_head(struct nta_redact_scan *scan)
{
    scan->folded_secret = false;
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

/**
 * A request's body, and one of JSON, is redacted by its length.  Another is shown, but for what
 * looks like a head's secret.
 */
void nta_redact_body(struct nta_redact_scan *scan)
{
    size_t left = scan->len - scan->at, end = nta_redact_line_end(scan, scan->at);
    bool whole;
    struct nta_span line = nta_redact_line(scan, scan->at, &whole);

    if (scan->chunked && nta_span_is(line, "0")) {
        scan->mode = NTA_REDACT_HEAD; /* trailers */
        scan->folded_secret = true;
        scan->at = end;
        return;
    }
    if (has_length(scan)) {
        left = scan->body_left < left ? (size_t)scan->body_left : left;
        nta_redact_mark(scan, scan->at, scan->at + left);
        scan->at += left;
        scan->body_left -= left;
        if (scan->body_left == 0)
            scan->mode = NTA_REDACT_START;
        return;
    }
    if (is_version(line)) {
        scan->mode = NTA_REDACT_START;
        return;
    }
    size_t name = name_len(line);
    bool goes_on = line.len && (line.ptr[0] == ' ' || line.ptr[0] == '\t');

    scan->folded_secret = scan->folded_secret && goes_on;
    if (scan->hide_body)
        nta_redact_mark(scan, scan->at, end);
    else if (scan->folded_secret || (name && is_secret_name((struct nta_span){line.ptr, name})))
        take_field(scan, scan->at, line);
    scan->at = end;
}

bool nta_redact_is_http(struct nta_span line, bool from_client)
{
    size_t target, len;

    return from_client ? is_request_line(line, &target, &len) : is_version(line);
}
