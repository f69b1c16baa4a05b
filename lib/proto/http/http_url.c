/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_url.h"

#include "base/own.h"
#include "proto/http/http_text.h"

/* Bytes before the first `stop` or `other`, all if there is none. */
static size_t len_before(struct nta_span text, uint8_t stop, uint8_t other)
{
    size_t len = 0;

    while (len < text.len && text.ptr[len] != stop && text.ptr[len] != other)
        len++;
    return len;
}

static bool is_alpha(uint8_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Length of "scheme://", RFC 3986 section 3.1; 0: the target does not begin with one. */
static size_t scheme_len(struct nta_span target)
{
    size_t len = 0;

    if (target.len == 0 || !is_alpha(target.ptr[0]))
        return 0;
    while (len < target.len &&
           (is_alpha(target.ptr[len]) || is_digit(target.ptr[len]) || target.ptr[len] == '+' ||
            target.ptr[len] == '-' || target.ptr[len] == '.'))
        len++;
    if (target.len - len < 3 || memcmp(target.ptr + len, "://", 3) != 0)
        return 0;
    return len + 3;
}

/* User-info may hold anything, so what counts is the last @. */
static struct nta_span without_user_info(struct nta_span authority)
{
    const size_t at = nta_span_find_last(authority, '@');

    return at < authority.len ? nta_span_from(authority, at + 1) : authority;
}

static uint16_t read_port(struct nta_span text)
{
    unsigned port = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i]))
            return 0;
        port = port * 10 + text.ptr[i] - '0';
        if (port > UINT16_MAX)
            return 0;
    }
    return (uint16_t)port;
}

static void split_authority(struct nta_span authority, struct nta_http_site *site)
{
    struct nta_span rest = nta_http_trim(without_user_info(authority));
    const uint8_t *close;
    size_t colon;

    if (rest.len > 0 && rest.ptr[0] == '[' && (close = memchr(rest.ptr, ']', rest.len))) {
        site->host = (struct nta_span){.ptr = rest.ptr + 1, .len = (size_t)(close - rest.ptr) - 1};
        rest = nta_span_from(rest, (size_t)(close - rest.ptr) + 1);
        if (rest.len > 0 && rest.ptr[0] == ':')
            site->port = read_port(nta_span_from(rest, 1));
        return;
    }
    colon = nta_span_find_byte(rest, ':');
    /* Two colons without brackets: an IPv6 address written wrong. */
    if (nta_span_find_last(rest, ':') != colon)
        colon = rest.len;
    site->host = nta_span_first(rest, colon);
    if (colon < rest.len)
        site->port = read_port(nta_span_from(rest, colon + 1));
}

/* RFC 3986 section 3.2: up to the path, the query or the fragment. */
static size_t authority_len(struct nta_span text)
{
    text.len = len_before(text, '/', '?');
    return len_before(text, '#', '#');
}

/* A host that the request names beside its own. */
static struct nta_span other_host(const struct nta_http_site *site,
                                  const struct nta_http_head *head)
{
    const struct nta_span named[] = {head->other_host, head->host};

    for (size_t i = 0; i < NTA_N_ELEMENTS(named); i++) {
        struct nta_http_site other = {0};

        split_authority(named[i], &other);
        if (other.host.len > 0 && !nta_span_alike(site->host, other.host))
            return other.host;
    }
    return (struct nta_span){0};
}

struct nta_http_site nta_http_site_of(const struct nta_http_head *head)
{
    const struct nta_span target = head->target;
    struct nta_http_site site = {.target = target};
    size_t scheme = scheme_len(target);

    if (nta_span_is(head->method, "CONNECT") && target.len > 0 && target.ptr[0] != '/') {
        site.target = without_user_info(target);
        split_authority(target, &site);
    } else if (scheme > 0) {
        struct nta_span rest = nta_span_from(target, scheme);
        size_t len = authority_len(rest);

        split_authority(nta_span_first(rest, len), &site);
        site.target = len < rest.len ? nta_span_from(rest, len)
                                     : (struct nta_span){.ptr = (const uint8_t *)"/", .len = 1};
    } else {
        split_authority(head->host, &site);
        if (!head->hosts_differ)
            return site;
    }
    site.to_proxy = site.host.len > 0 && target.len > 0 && target.ptr[0] != '/';
    site.other_host = other_host(&site, head);
    return site;
}

struct nta_span nta_http_last_segment(struct nta_span target)
{
    struct nta_span path = nta_span_first(target, len_before(target, '?', '#'));
    const size_t slash = nta_span_find_last(path, '/');

    if (slash >= path.len)
        return (struct nta_span){0};
    const struct nta_span name = nta_span_from(path, slash + 1);

    /* it may be the authority of a URL within the path */
    return slash > 0 && path.ptr[slash - 1] == '/' ? without_user_info(name) : name;
}

static void put(struct nta_http_buf *buf, uint8_t byte)
{
    if (buf->len < buf->size)
        buf->bytes[buf->len++] = byte;
    else
        buf->cut = true;
}

/* One character that came as a byte of `latin` text (ISO 8859-1) or of UTF-8. */
static void put_char(struct nta_http_buf *buf, uint8_t byte, bool latin)
{
    if (latin && byte >= 0x80) {
        put(buf, (uint8_t)(0xc0 | byte >> 6));
        byte = (uint8_t)(0x80 | (byte & 0x3f));
    }
    put(buf, byte);
}

static int hex_digit(uint8_t c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 8187 section 3.2: charset'language'percent-coded. */
static void put_extended(struct nta_http_buf *buf, struct nta_span value)
{
    size_t charset_len = len_before(value, '\'', '\'');
    bool latin = nta_span_is(nta_span_first(value, charset_len), "iso-8859-1");
    struct nta_span text = nta_span_from(value, charset_len < value.len ? charset_len + 1 : 0);
    size_t language_len = len_before(text, '\'', '\'');

    if (language_len < text.len)
        text = nta_span_from(text, language_len + 1);
    for (size_t i = 0; i < text.len; i++) {
        int high = i + 2 < text.len ? hex_digit(text.ptr[i + 1]) : -1;
        int low = i + 2 < text.len ? hex_digit(text.ptr[i + 2]) : -1;

        if (text.ptr[i] != '%' || high < 0 || low < 0) {
            put_char(buf, text.ptr[i], latin);
            continue;
        }
        put_char(buf, (uint8_t)(high << 4 | low), latin);
        i += 2;
    }
}

/* Length of a parameter's value, quoted (with its quotes) or plain. */
static size_t value_len(struct nta_span text)
{
    if (text.len == 0 || text.ptr[0] != '"')
        return len_before(text, ';', ';');
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == '"')
            return i + 1;
    }
    return text.len;
}

static void put_plain(struct nta_http_buf *buf, struct nta_span value)
{
    bool quoted = value.len > 0 && value.ptr[0] == '"';
    size_t end =
        quoted && value.len > 1 && value.ptr[value.len - 1] == '"' ? value.len - 1 : value.len;

    for (size_t i = quoted; i < end; i++) {
        /* Servers write "C:\dir\x" and mean it: a backslash before any other character stands for
         * itself. */
        if (quoted && value.ptr[i] == '\\' && i + 1 < end &&
            (value.ptr[i + 1] == '"' || value.ptr[i + 1] == '\\'))
            i++;
        put(buf, value.ptr[i]);
    }
}

void nta_http_file_name(struct nta_span disposition, struct nta_http_buf *buf)
{
    struct nta_span rest = disposition;

    /* The type, then parameters; each turn eats at least one byte. */
    for (size_t skip = len_before(rest, ';', ';'); skip < rest.len;
         skip = len_before(rest, ';', ';')) {
        rest = nta_http_trim(nta_span_from(rest, skip + 1));

        size_t name_len = len_before(rest, '=', ';');
        struct nta_span name = nta_http_trim(nta_span_first(rest, name_len)), value;

        if (name_len == rest.len || rest.ptr[name_len] != '=')
            continue;
        rest = nta_http_trim(nta_span_from(rest, name_len + 1));
        value = nta_http_trim(nta_span_first(rest, value_len(rest)));
        rest = nta_span_from(rest, value_len(rest));
        if (nta_span_is(name, "filename*")) {
            buf->len = 0;
            buf->cut = false;
            put_extended(buf, value);
            break;
        }
        if (nta_span_is(name, "filename") && buf->len == 0)
            put_plain(buf, value);
    }
}
