/* SPDX-License-Identifier: Apache-2.0 */
/* What in a URL is a secret: user-info, and the values of parameters whose names say so. */
#include "base/hex.h"
#include "base/own.h"
#include "redact/redact_scan.h"

#include <ctype.h>

enum
{
    NAME_MAX_LEN = 64
};

bool nta_redact_is_secret_name(struct nta_span name)
{
    static const char *const words[] = {
        "auth",   "cookie",    "token",      "secret", "pass",   "pwd",     "-key",      "_key",
        "apikey", "sess",      "credential", "csrf",   "ticket", "xsrf-to", "signature", "jwt",
        "bearer", "accesskey", "saml",       "hmac",   "cvv",    "username"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++)
        if (nta_span_find_word(name, words[i]) < name.len)
            return true;
    return false;
}

/** Short names are a word of their own: not "spin", but "user[pin]" and "pin2". */
static bool has_secret_word(struct nta_span name)
{
    static const char *const words[] = {"key", "sig", "pw",   "pin",  "otp",
                                        "sid", "psw", "code", "user", "login"};

    for (size_t at = 0; at < name.len;) {
        size_t end = at;

        while (end < name.len && isalpha(name.ptr[end]))
            end++;
        for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++)
            if (nta_span_is((struct nta_span){name.ptr + at, end - at}, words[i]))
                return true;
        at = end + 1;
    }
    return false;
}

/** The name of a parameter, in which letters may be written %XX; one that is too long is one. */
static bool is_secret_parameter(struct nta_span name)
{
    uint8_t text[NAME_MAX_LEN];
    size_t len = 0;

    for (size_t at = 0; at < name.len; at++) {
        const bool escaped = name.ptr[at] == '%' && at + 2 < name.len &&
                             isxdigit(name.ptr[at + 1]) && isxdigit(name.ptr[at + 2]);

        if (len == sizeof(text))
            return true;
        text[len++] =
            escaped
                ? (uint8_t)(nta_hex_digit(name.ptr[at + 1]) << 4 | nta_hex_digit(name.ptr[at + 2]))
                : name.ptr[at];
        at += escaped ? 2 : 0;
    }
    const struct nta_span decoded = {text, len};

    return nta_redact_is_secret_name(decoded) || has_secret_word(decoded);
}

/** A value may be a URL in which the signs are written %XX. */
static void mark_escaped_url(struct nta_redact_scan *scan, size_t base, struct nta_span value)
{
    const size_t slashes = nta_span_find_word(value, "%2f%2f");
    size_t at = value.len;

    while (at > slashes && !nta_span_starts(nta_span_from(value, at), "%40") &&
           !nta_span_starts(nta_span_from(value, at), "@"))
        at--;
    if (at > slashes)
        nta_redact_mark(scan, base + slashes + strlen("%2f%2f"), base + at);
    nta_redact_mark(scan, base + nta_span_find_word(value, "%3d"), base + value.len);
}

void nta_redact_parameters(struct nta_redact_scan *scan, size_t base, struct nta_span query)
{
    for (size_t at = 0; at < query.len;) {
        size_t end = nta_redact_find_byte(query, at, "&;#? ");
        const struct nta_span parameter = {query.ptr + at, end - at};
        const size_t value = nta_span_find_byte(parameter, '=') + 1;

        if (value <= parameter.len && is_secret_parameter(nta_span_first(parameter, value - 1))) {
            end = nta_redact_find_byte(query, at, "&#");
            nta_redact_mark(scan, base + at + value, base + end);
        } else if (value <= parameter.len) {
            mark_escaped_url(scan, base + at + value, nta_span_from(parameter, value));
        }
        at = end + 1;
    }
}

/** In front of the last @ of an authority; or of all, if a colon in it has no port behind it. */
static void mark_user(struct nta_redact_scan *scan, size_t base, struct nta_span url)
{
    const struct nta_span authority = nta_span_first(url, nta_redact_find_byte(url, 0, "/?#"));
    const size_t colon = nta_span_find_last(authority, ':');
    bool has_port = true;

    for (size_t at = colon + 1; at < authority.len; at++)
        has_port &= isdigit(authority.ptr[at]) != 0;
    const struct nta_span within = has_port || nta_span_has(authority, '@') ? authority : url;
    const size_t end = nta_span_find_last(within, '@');

    if (end < within.len)
        nta_redact_mark(scan, base, base + end);
}

/** An authority, and what follows it; `base`: its place.  Other URLs may lie in it. */
static void mark_url(struct nta_redact_scan *scan, size_t base, struct nta_span url)
{
    const size_t authority = nta_redact_find_byte(url, 0, "/?#");
    const size_t query = nta_redact_find_byte(url, 0, "?#");

    for (size_t at = 0; at <= url.len;) {
        const struct nta_span rest = nta_span_from(url, at);
        const size_t next = nta_span_find(rest, "://");

        mark_user(scan, base + at, nta_span_first(rest, next));
        at += next + strlen("://");
    }
    if (scan->options->urls == NTA_URL_SITE && authority < url.len)
        nta_redact_mark(scan, base + authority + 1, base + url.len);
    else if (scan->options->urls == NTA_URL_PATH && query < url.len)
        nta_redact_mark(scan, base + query + 1, base + url.len);
    nta_redact_parameters(scan, base + authority, nta_span_from(url, authority));
}

void nta_redact_reference(struct nta_redact_scan *scan, size_t from, size_t to)
{
    const struct nta_span text = nta_redact_part(scan, from, to);
    const size_t scheme = nta_span_find(text, "://");
    size_t skip = nta_span_starts(text, "//") ? 2 : 0;

    if (scheme < nta_redact_find_byte(text, 0, "/?#@"))
        skip = scheme + strlen("://");
    mark_url(scan, from + skip, nta_span_from(text, skip));
}

/* User-info may hold quotes, commas and parentheses (RFC 3986 section 3.2.1): no end of a URL. */
void nta_redact_urls(struct nta_redact_scan *scan, size_t from, size_t to)
{
    while (from < to) {
        const struct nta_span rest = nta_redact_part(scan, from, to);
        const size_t begin = nta_span_find(rest, "://") + strlen("://");

        if (begin > rest.len)
            return;
        const size_t end = nta_redact_find_byte(rest, begin, " \t\"<>\r\n");

        mark_url(scan, from + begin, (struct nta_span){rest.ptr + begin, end - begin});
        from += end;
    }
}
