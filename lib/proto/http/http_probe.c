/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_probe.h"

#include "base/own.h"
#include "proto/http/http_text.h"

#include <string.h>

enum
{
    /** A request line may be this long before it is taken for one without its end. */
    LINE_LEN_MAX = 2048,
    METHOD_LEN_MAX = 24, ///< No method is longer.
    VERSION_LEN = 8,     ///< "HTTP/1.1"
};

/*
 * RFC 9110 section 9, WebDAV (RFC 4918, 3253, 3648, 3744, 5323, 5842), CalDAV (RFC 4791), UPnP, RPC
 * over HTTP and what proxies and caches use; the common ones first.
 */
#define METHOD(literal)                                                                            \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static const struct nta_span methods[] = {
    METHOD("GET"),
    METHOD("POST"),
    METHOD("HEAD"),
    METHOD("PUT"),
    METHOD("CONNECT"),
    METHOD("OPTIONS"),
    METHOD("DELETE"),
    METHOD("PATCH"),
    METHOD("PROPFIND"),
    METHOD("TRACE"),
    METHOD("PROPPATCH"),
    METHOD("MKCOL"),
    METHOD("COPY"),
    METHOD("MOVE"),
    METHOD("LOCK"),
    METHOD("UNLOCK"),
    METHOD("SEARCH"),
    METHOD("REPORT"),
    METHOD("CHECKOUT"),
    METHOD("CHECKIN"),
    METHOD("UNCHECKOUT"),
    METHOD("MERGE"),
    METHOD("MKACTIVITY"),
    METHOD("MKWORKSPACE"),
    METHOD("VERSION-CONTROL"),
    METHOD("UPDATE"),
    METHOD("LABEL"),
    METHOD("ACL"),
    METHOD("BIND"),
    METHOD("UNBIND"),
    METHOD("REBIND"),
    METHOD("ORDERPATCH"),
    METHOD("MKCALENDAR"),
    METHOD("QUERY"),
    METHOD("BASELINE-CONTROL"),
    METHOD("LINK"),
    METHOD("UNLINK"),
    METHOD("PURGE"),
    METHOD("NOTIFY"),
    METHOD("SUBSCRIBE"),
    METHOD("UNSUBSCRIBE"),
    METHOD("M-SEARCH"),
    METHOD("POLL"),
    METHOD("BCOPY"),
    METHOD("BMOVE"),
    METHOD("BDELETE"),
    METHOD("BPROPFIND"),
    METHOD("BPROPPATCH"),
    METHOD("X-MS-ENUMATTS"),
    METHOD("RPC_IN_DATA"),
    METHOD("RPC_OUT_DATA"),
    METHOD("RPC_CONNECT"),
    METHOD("CCM_POST"),
    METHOD("SOURCE"),
};

#undef METHOD

/* Does `text` begin with the literal, or (MORE) could it still? */
static enum nta_parse begins(struct nta_span text, const char *literal)
{
    return nta_span_becomes(text, nta_span_of(literal));
}

static enum nta_parse probe_response(struct nta_span bytes)
{
    enum nta_parse one = begins(bytes, "HTTP/1."), zero = begins(bytes, "HTTP/0.");
    enum nta_parse icy = begins(bytes, "ICY 200");

    if (one == NTA_PARSE_OK || zero == NTA_PARSE_OK || icy == NTA_PARSE_OK)
        return NTA_PARSE_OK;
    return one == NTA_PARSE_MORE || zero == NTA_PARSE_MORE || icy == NTA_PARSE_MORE
               ? NTA_PARSE_MORE
               : NTA_PARSE_OTHER;
}

/* The method with the blank behind it leaves `bytes`. */
static enum nta_parse probe_method(struct nta_span *bytes)
{
    const struct nta_span begin = nta_span_first(*bytes, METHOD_LEN_MAX + 1);
    const size_t len = nta_http_word(begin).len;
    const bool blank = len < begin.len;

    if (len > 0 && (begin.ptr[0] < 'A' || begin.ptr[0] > 'Z'))
        return NTA_PARSE_OTHER;
    for (size_t i = 0; i < NTA_N_ELEMENTS(methods); i++) {
        if (blank ? methods[i].len != len : methods[i].len < len)
            continue;
        if (memcmp(methods[i].ptr, bytes->ptr, len) != 0)
            continue;
        bytes->ptr += len + blank;
        bytes->len -= len + blank;
        return blank ? NTA_PARSE_OK : NTA_PARSE_MORE;
    }
    return NTA_PARSE_OTHER;
}

/* A line in the middle of the bytes, its end not counted; false: its end is not there. */
static bool take_line(struct nta_span *bytes, struct nta_span *ret_line)
{
    if (!nta_span_has(*bytes, '\n'))
        return false;
    *ret_line = nta_span_take(bytes, '\n');
    while (ret_line->len > 0 &&
           (ret_line->ptr[ret_line->len - 1] == '\r' || ret_line->ptr[ret_line->len - 1] == ' '))
        ret_line->len--;
    return true;
}

/* "HTTP/1.1 200" */
static enum nta_parse starts_response(struct nta_span line)
{
    static const char form[] = "HTTP/v.d ddd";

    for (size_t i = 0; i < sizeof(form) - 1; i++) {
        const uint8_t c = i < line.len ? line.ptr[i] : 0;

        if (i == line.len)
            return NTA_PARSE_MORE;
        if (form[i] == 'v'   ? c != '0' && c != '1'
            : form[i] == 'd' ? c < '0' || c > '9'
                             : c != (uint8_t)form[i])
            return NTA_PARSE_OTHER;
    }
    return NTA_PARSE_OK;
}

static bool is_token(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/*
 * A method of somebody's own (RFC 9110 section 16.1; clients of VPNs have theirs): all of the line
 * must be as a request's then, its target a path or a URL.
 */
static enum nta_parse probe_own_method(struct nta_span bytes)
{
    struct nta_span line;
    size_t len = 0;

    while (len < bytes.len && len <= METHOD_LEN_MAX && is_token(bytes.ptr[len]))
        len++;
    if (len == bytes.len && len <= METHOD_LEN_MAX)
        return NTA_PARSE_MORE;
    if (len == 0 || len > METHOD_LEN_MAX || bytes.ptr[len] != ' ')
        return NTA_PARSE_OTHER;
    struct nta_span target = nta_span_from(bytes, len + 1);
    const enum nta_parse url = nta_span_becomes(target, nta_span_of("http"));

    if (target.len > 0 && target.ptr[0] != '/' && url == NTA_PARSE_OTHER)
        return NTA_PARSE_OTHER;
    if (!take_line(&target, &line))
        return target.len > LINE_LEN_MAX ? NTA_PARSE_OTHER : NTA_PARSE_MORE;
    return nta_http_version_len(line) == VERSION_LEN &&
                   starts_response(nta_span_from(line, line.len - VERSION_LEN)) == NTA_PARSE_MORE
               ? NTA_PARSE_OK
               : NTA_PARSE_OTHER;
}

bool nta_http_knows_method(struct nta_span text)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(methods); i++) {
        if (nta_span_equal(methods[i], text))
            return true;
    }
    return false;
}

static bool is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* A method and nothing behind it: wrong, but what it is meant for is said in the next line. */
static enum nta_parse probe_alone(struct nta_span rest)
{
    struct nta_span line;

    if (!take_line(&rest, &line) || !nta_http_knows_method(line))
        return NTA_PARSE_OTHER;
    return begins(rest, "Host:");
}

bool nta_http_is_field(struct nta_span line)
{
    size_t len = 0;

    while (len < line.len &&
           (is_alnum(line.ptr[len]) || line.ptr[len] == '-' || line.ptr[len] == '_'))
        len++;
    return len > 0 && len < line.len && line.ptr[len] == ':';
}

/* A path without version behind it (HTTP/0.9, or a client that is wrong). */
static enum nta_parse probe_bare(struct nta_span path, struct nta_span rest, bool known_port)
{
    struct nta_span line;

    if (path.ptr[0] != '/' || nta_http_word(path).len < path.len)
        return NTA_PARSE_OTHER;
    if (known_port)
        return NTA_PARSE_OK;
    if (!take_line(&rest, &line))
        return NTA_PARSE_MORE;
    return nta_http_is_field(line) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static bool begins_target(uint8_t c)
{
    return c == '/' || c == '\\' || c == '*' || c == '[' || c == '?' || c == ' ' || is_alnum(c);
}

/* What follows the method: a target, and the version where the line ends. */
static enum nta_parse probe_target(struct nta_span rest, bool known_port)
{
    struct nta_span line;

    if (rest.len == 0)
        return NTA_PARSE_MORE;
    if (!begins_target(rest.ptr[0]))
        return NTA_PARSE_OTHER;
    if (!take_line(&rest, &line))
        return rest.len > LINE_LEN_MAX ? NTA_PARSE_OK : NTA_PARSE_MORE;
    size_t len = nta_http_version_len(line);
    const uint8_t *version = line.ptr + line.len - len;

    if (len == 0)
        return line.len > 0 ? probe_bare(line, rest, known_port) : NTA_PARSE_OTHER;
    bool ours = len <= 5 || version[5] == '1' || version[5] == '0';

    return ours && (known_port || len == 8) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

enum nta_parse nta_http_probe(struct nta_span bytes, bool known_port, bool *ret_response)
{
    enum nta_parse response, request;

    while (bytes.len > 0 && (bytes.ptr[0] == '\r' || bytes.ptr[0] == '\n')) {
        bytes.ptr++;
        bytes.len--;
    }
    if (bytes.len == 0)
        return NTA_PARSE_MORE;
    response = *bytes.ptr == 'H' || *bytes.ptr == 'I' ? probe_response(bytes) : NTA_PARSE_OTHER;
    *ret_response = response == NTA_PARSE_OK;
    if (response == NTA_PARSE_OK)
        return response;
    request = probe_method(&bytes);
    if (request == NTA_PARSE_OK)
        return probe_target(bytes, known_port);
    if (request == NTA_PARSE_OTHER)
        request = probe_alone(bytes);
    if (request == NTA_PARSE_OTHER)
        request = probe_own_method(bytes);
    return response == NTA_PARSE_MORE ? NTA_PARSE_MORE : request;
}

enum nta_parse nta_http_starts(struct nta_span line, bool response)
{
    if (response)
        return starts_response(line);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    const size_t version_len = nta_http_version_len(line);
    struct nta_span rest = line;
    const enum nta_parse method = probe_method(&rest);

    if (method != NTA_PARSE_OK)
        return method;
    if (version_len == 0)
        return line.len > LINE_LEN_MAX ? NTA_PARSE_OTHER : NTA_PARSE_MORE;
    return version_len == VERSION_LEN &&
                   starts_response(nta_span_from(line, line.len - version_len)) == NTA_PARSE_MORE
               ? NTA_PARSE_OK
               : NTA_PARSE_OTHER;
}
