/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a URL is shown: scheme, host, path and the names of a query's parameters; neither
 * user-info nor any value, nor a fragment.
 */
#include "redact/redact_scan.h"

enum
{
    NAME_MAX_LEN = 32,
    NAME_MAX_DIGITS = 2, ///< As many as names that people give have.
};

/** Where user-info may stand: in an authority; behind a colon without a port anywhere, and behind
 * one with a port up to the path's end, as a password may begin with digits and a slash. */
static struct nta_span place_of_user(struct nta_span url)
{
    const struct nta_span authority = nta_span_first(url, nta_redact_find_byte(url, 0, "/?#"));
    const size_t colon = nta_span_find_last(authority, ':');
    const struct nta_span port = nta_span_from(authority, nta_smaller(colon + 1, authority.len));

    if (colon == authority.len || nta_span_has(authority, '@'))
        return authority;
    if (port.len == 0 || nta_redact_is_number(port, ""))
        return nta_span_first(url, nta_redact_find_byte(url, 0, "?#"));
    return url;
}

/** User-info is in front of the last @ of its place.  Gives what is behind it. */
static size_t mark_user(struct nta_redact_scan *scan, size_t base, struct nta_span url)
{
    const struct nta_span within = place_of_user(url);
    const size_t end = nta_span_find_last(within, '@');

    if (end == within.len)
        return 0;
    nta_redact_mark(scan, base, base + end);
    return end + 1;
}

bool nta_redact_host(struct nta_redact_scan *scan, size_t from, size_t to)
{
    const struct nta_span text = nta_redact_part(scan, from, to);
    const size_t at = nta_span_find_last(text, '@');
    const size_t user = at < text.len ? at + 1 : 0;

    nta_redact_mark(scan, from, from + (user ? user - 1 : 0));
    return nta_redact_is_made_of(nta_span_from(text, user), ".-_:[]");
}

/** A name that says what a parameter is; others may be the value itself. */
static bool is_name(struct nta_span name)
{
    size_t n_digits = 0;

    for (size_t i = 0; i < name.len; i++)
        n_digits += isdigit(name.ptr[i]) != 0;
    return name.len <= NAME_MAX_LEN && n_digits <= NAME_MAX_DIGITS &&
           nta_redact_is_made_of(name, "-_.[]");
}

/** Values, and what is not name=value; of base64 the end looks like an empty value. */
static void mark_query(struct nta_redact_scan *scan, size_t base, struct nta_span query)
{
    for (size_t at = 0; at < query.len;) {
        const size_t end = nta_redact_find_byte(query, at, "&");
        const struct nta_span parameter = nta_span_first(nta_span_from(query, at), end - at);
        const size_t name = nta_span_find_byte(parameter, '=');
        const struct nta_span value =
            nta_span_from(parameter, nta_smaller(name + 1, parameter.len));
        const bool is_shown =
            value.len && value.ptr[0] != '=' && is_name(nta_span_first(parameter, name));

        nta_redact_mark(scan, base + at + (is_shown ? name + 1 : 0), base + end);
        at = end + 1;
    }
}

/** Where a path holds more than a path: parameters, assignments, a URL that is escaped. */
static size_t path_len(struct nta_span path)
{
    static const char *const escapes[] = {"%3b", "%3d", "%3f", "%23", "%40", "%2f%2f", "%25"};
    size_t len = nta_redact_find_byte(path, 0, ";=");

    for (size_t at = 0; at < len; at++) {
        if (path.ptr[at] != '%')
            continue;
        for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
            if (nta_span_starts(nta_span_from(path, at), escapes[i]))
                len = at;
    }
    return len;
}

/** A name's words say that what stands behind it lets somebody in. */
static bool names_secret(struct nta_span name)
{
    static const char *const words[] = {
        "token",  "tokens",    "key",        "keys",       "apikey",   "auth",   "oauth",
        "oauth2", "jwt",       "secret",     "pass",       "password", "passwd", "pwd",
        "reset",  "session",   "sid",        "sessions",   "magic",    "invite", "invites",
        "verify", "signature", "sig",        "confirm",    "activate", "otp",    "code",
        "ticket", "login",     "credential", "unsubscribe"};

    for (size_t at = 0; at < name.len;) {
        const size_t end = nta_redact_find_byte(name, at, "-_.");
        const struct nta_span word = nta_span_first(nta_span_from(name, at), end - at);

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (nta_span_is(word, words[i]))
                return true;
        at = end + 1;
    }
    return false;
}

/** Nobody gives such names: a token may be one, and so may an identifier. */
static bool looks_random(struct nta_span name)
{
    enum
    {
        RANDOM_LEN = 20,
        RANDOM_DIGITS = 4
    };

    size_t n_digits = 0;

    for (size_t i = 0; i < name.len; i++)
        n_digits += isdigit(name.ptr[i]) != 0;
    return name.len >= RANDOM_LEN && n_digits >= RANDOM_DIGITS && n_digits < name.len &&
           !nta_span_has(name, '.');
}

void nta_redact_path(struct nta_redact_scan *scan, size_t from, size_t to)
{
    const struct nta_span path = nta_redact_part(scan, from, to);
    bool is_behind = false; /* a name that says so */
    bool is_url = false;    /* within the path, whose user is hidden by itself */

    for (size_t at = 0; at < path.len;) {
        const size_t end = nta_redact_find_byte(path, at, "/");
        const struct nta_span name = nta_span_first(nta_span_from(path, at), end - at);

        if (is_behind || looks_random(name) ||
            (!is_url && nta_redact_find_byte(name, 0, ":\\") + 1 < name.len))
            nta_redact_mark(scan, from + at, from + end);
        if (name.len > 0) {
            is_behind = names_secret(name);
            is_url = name.ptr[name.len - 1] == ':';
        }
        at = end + 1;
    }
}

/** A host, and perhaps a port; what else stands behind a colon is a password without its host. */
static bool is_authority(struct nta_span text)
{
    enum
    {
        PORT_DIGITS = 5
    };

    const size_t colon = nta_span_find_last(text, ':');
    const struct nta_span port = nta_span_from(text, nta_smaller(colon + 1, text.len));

    if (!nta_redact_is_made_of(text, ".-_:[]*"))
        return false;
    return port.len == 0 || port.ptr[port.len - 1] == ']' ||
           (port.len <= PORT_DIGITS && nta_redact_is_number(port, ""));
}

/** An authority, and what follows it; `base`: its place. */
static void mark_url(struct nta_redact_scan *scan, size_t base, struct nta_span whole)
{
    const size_t user = mark_user(scan, base, nta_span_first(whole, nta_span_find(whole, "://")));
    const struct nta_span url = nta_span_from(whole, user);
    const size_t authority = nta_redact_find_byte(url, 0, "/?#");
    const size_t query = nta_redact_find_byte(url, 0, "?#");
    const size_t fragment = nta_redact_find_byte(url, query, "#");
    const struct nta_span path = nta_span_first(nta_span_from(url, authority), query - authority);
    const enum nta_url_detail detail = scan->options->urls;

    base += user;
    if (authority > 0 && !is_authority(nta_span_first(url, authority))) {
        nta_redact_mark(scan, base, base + url.len);
        return;
    }
    nta_redact_users(scan, base + authority, base + query);
    nta_redact_path(scan, base + authority, base + query);
    nta_redact_mark(scan, base + authority + path_len(path), base + query);
    if (detail == NTA_URL_SITE)
        nta_redact_mark(scan, base + authority + 1, base + url.len);
    else if (detail == NTA_URL_PATH)
        nta_redact_mark(scan, base + query + 1, base + url.len);
    if (query < fragment)
        mark_query(scan, base + query + 1,
                   nta_span_first(nta_span_from(url, query + 1), fragment - query - 1));
    nta_redact_mark(scan, base + fragment + 1, base + url.len);
}

/** Behind scheme and slashes; `text.len`: it is neither a URL nor a path, nor a host and a port. */
static size_t scheme_len(struct nta_span text)
{
    const size_t scheme = nta_span_find(text, "://");

    if (scheme < nta_redact_find_byte(text, 0, "/?#@") &&
        nta_redact_is_made_of(nta_span_first(text, scheme), "+.-"))
        return scheme + strlen("://");
    if (nta_span_starts(text, "//"))
        return 2;
    return nta_span_starts(text, "/") || nta_span_has(text, ':') || nta_span_is(text, "*")
               ? 0
               : text.len;
}

void nta_redact_reference(struct nta_redact_scan *scan, size_t from, size_t to)
{
    const struct nta_span text = nta_redact_part(scan, from, to);
    const size_t skip = scheme_len(text);

    if (skip == text.len)
        nta_redact_mark(scan, from, to);
    else
        mark_url(scan, from + skip, nta_span_from(text, skip));
}

/* User-info may hold quotes, commas and parentheses (RFC 3986 section 3.2.1): no end of a URL. */
void nta_redact_users(struct nta_redact_scan *scan, size_t from, size_t to)
{
    while (from < to) {
        const struct nta_span rest = nta_redact_part(scan, from, to);
        const size_t begin = nta_span_find(rest, "://") + strlen("://");

        if (begin > rest.len)
            return;
        const struct nta_span url =
            nta_span_first(nta_span_from(rest, begin),
                           nta_redact_find_byte(nta_span_from(rest, begin), 0, " \t\"<>\r\n"));

        (void)mark_user(scan, from + begin, nta_span_first(url, nta_span_find(url, "://")));
        from += begin;
    }
}
