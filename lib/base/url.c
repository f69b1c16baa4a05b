/* SPDX-License-Identifier: Apache-2.0 */
#include "base/url.h"

#include "base/hex.h"

enum
{
    IPV4_PARTS = 4,
};

/** "0x1f", "017", "12"; false: no number, or more than 32 bits. */
static bool take_number(struct nta_span text, uint64_t *ret_number)
{
    unsigned base = 10;
    uint64_t number = 0;

    if (text.len == 0)
        return false;
    if (text.len >= 2 && text.ptr[0] == '0' && (text.ptr[1] | 0x20) == 'x') {
        base = 16;
        text.ptr += 2;
        text.len -= 2;
    } else if (text.len >= 2 && text.ptr[0] == '0') {
        base = 8;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned c = text.ptr[i], digit = base;

        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (c | 0x20) - 'a' + 10;
        if (digit >= base)
            return false;
        number = number * base + digit;
        if (number > UINT32_MAX)
            return false;
    }
    *ret_number = number;
    return true;
}

static struct nta_span without_dot(struct nta_span host)
{
    if (host.len > 1 && host.ptr[host.len - 1] == '.')
        host.len--;
    return host;
}

bool nta_url_ends_in_number(struct nta_span host)
{
    size_t start, n_digits = 0;
    uint64_t number;

    host = without_dot(host);
    for (start = host.len; start > 0 && host.ptr[start - 1] != '.'; start--)
        n_digits += host.ptr[start - 1] >= '0' && host.ptr[start - 1] <= '9';
    if (start == host.len)
        return false;
    return n_digits == host.len - start ||
           take_number((struct nta_span){.ptr = host.ptr + start, .len = host.len - start},
                       &number);
}

bool nta_url_ipv4(struct nta_span host, struct nta_addr *ret_addr)
{
    uint64_t parts[IPV4_PARTS], address = 0;
    size_t n = 0, start = 0;
    uint8_t bytes[4];

    host = without_dot(host);
    for (size_t i = 0; i <= host.len; i++) {
        if (i < host.len && host.ptr[i] != '.')
            continue;
        if (n == IPV4_PARTS ||
            !take_number((struct nta_span){.ptr = host.ptr + start, .len = i - start}, &parts[n]))
            return false;
        n++;
        start = i + 1;
    }
    for (size_t i = 0; i + 1 < n; i++) {
        if (parts[i] > UINT8_MAX)
            return false;
        address |= parts[i] << (24 - 8 * i);
    }
    if (parts[n - 1] >> (8 * (IPV4_PARTS + 1 - n)))
        return false;
    address |= parts[n - 1];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(address >> (24 - 8 * i));
    *ret_addr = nta_addr_v4(bytes);
    return true;
}

/** What clients send escaped (the Standard's path and query percent-encode sets). */
static bool is_escaped(uint8_t c, bool in_query)
{
    if (c <= 0x20 || c >= 0x7f || c == '"' || c == '<' || c == '>')
        return true;
    return in_query ? c == '\'' : c == '^' || c == '`' || c == '{' || c == '}';
}

static bool is_unreserved(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

bool nta_url_is_normal(struct nta_span target)
{
    bool in_query = false;

    for (size_t i = 0; i < target.len; i++) {
        uint8_t c = target.ptr[i];

        if (c == '%' || c == '\\' || c == '#' || is_escaped(c, in_query))
            return false;
        if ((c == '.' || c == '/') && i > 0 && target.ptr[i - 1] == '/' && !in_query)
            return false; /* perhaps a dot segment, or an empty one */
        in_query = in_query || c == '?';
    }
    return target.len > 0 && target.ptr[0] == '/';
}

struct writer
{
    uint8_t *buf;
    size_t n, size;
    bool full;
};

static void put(struct writer *writer, uint8_t c)
{
    writer->full = writer->full || writer->n == writer->size;
    if (!writer->full)
        writer->buf[writer->n++] = c;
}

static void put_escaped(struct writer *writer, uint8_t c)
{
    static const char digits[] = "0123456789ABCDEF";

    put(writer, '%');
    put(writer, (uint8_t)digits[c >> 4]);
    put(writer, (uint8_t)digits[c & 15]);
}

/** The byte that an escape stands for, -1 if there is none at `i`. */
static int escape_at(struct nta_span text, size_t i)
{
    int high, low;

    if (text.ptr[i] != '%' || text.len - i < 3)
        return -1;
    high = nta_hex_digit(text.ptr[i + 1]);
    low = nta_hex_digit(text.ptr[i + 2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/** The byte at `*i`, or the escape there, in normal form; `*i` goes behind it. */
static void put_next(struct writer *writer, struct nta_span text, size_t *i, bool in_query)
{
    int escaped = escape_at(text, *i);
    uint8_t c = text.ptr[*i];

    *i += escaped < 0 ? 1 : 3;
    if (escaped >= 0 && is_unreserved((uint8_t)escaped))
        put(writer, (uint8_t)escaped);
    else if (escaped >= 0)
        put_escaped(writer, (uint8_t)escaped);
    else if (c == '\t' || c == '\n' || c == '\r')
        return; /* as the Standard says */
    else if (is_escaped(c, in_query))
        put_escaped(writer, c);
    else
        put(writer, c);
}

/**
 * The segment from `start` on is whole: "." and an empty one go, ".." takes the one before with it;
 * true if so.
 */
static bool end_segment(struct writer *writer, size_t start)
{
    size_t len = writer->n - start;

    if (len == 0)
        return true;
    if (len > 2 || writer->buf[start] != '.' || writer->buf[start + len - 1] != '.')
        return false;
    writer->n = start;
    if (len == 1 || start <= 1)
        return true;
    writer->n--;
    while (writer->n > 1 && writer->buf[writer->n - 1] != '/')
        writer->n--;
    return true;
}

static void put_query(struct writer *writer, struct nta_span target, size_t i)
{
    while (i < target.len && target.ptr[i] != '#' && !writer->full)
        put_next(writer, target, &i, true);
}

size_t nta_url_target(struct nta_span target, uint8_t *buf, size_t size)
{
    struct writer writer = {.size = size};
    size_t i = 1, segment = 1;

    writer.buf = buf;
    if (target.len > 0 && target.ptr[0] == '?')
        i = 0; /* an absolute URL without a path */
    else if (target.len == 0 || (target.ptr[0] != '/' && target.ptr[0] != '\\'))
        return 0;
    put(&writer, '/');
    while (i < target.len && target.ptr[i] != '?' && target.ptr[i] != '#' && !writer.full) {
        if (target.ptr[i] != '/' && target.ptr[i] != '\\') {
            put_next(&writer, target, &i, false);
            continue;
        }
        if (!end_segment(&writer, segment))
            put(&writer, '/');
        segment = writer.n;
        i++;
    }
    (void)end_segment(&writer, segment);
    put_query(&writer, target, i);
    return writer.full ? 0 : writer.n;
}

size_t nta_url_query(struct nta_span query, uint8_t *buf, size_t size)
{
    struct writer writer = {.size = size};

    writer.buf = buf;
    put_query(&writer, query, 0);
    return writer.full ? 0 : writer.n;
}

size_t nta_url_unescape(struct nta_span text, uint8_t *buf, size_t size)
{
    struct writer writer = {.size = size};

    writer.buf = buf;
    for (size_t i = 0; i < text.len; i++) {
        int escaped = escape_at(text, i);

        put(&writer, escaped < 0 ? text.ptr[i] : (uint8_t)escaped);
        i += escaped < 0 ? 0 : 2;
    }
    return writer.full ? 0 : writer.n;
}

/* ---- user-info within a text ---- */

/** A character as a URL within another one has it: as it is, or escaped, perhaps several times. */
struct unit
{
    uint8_t c;
    size_t len; ///< 0: the text is over.
};

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

static struct unit unit_at(struct nta_span text, size_t at)
{
    size_t i = at + 1;

    if (at >= text.len)
        return (struct unit){0};
    if (text.ptr[at] != '%')
        return (struct unit){text.ptr[at], 1};
    while (i + 2 < text.len && text.ptr[i] == '2' && text.ptr[i + 1] == '5')
        i += 2; /* "%25" is a percent sign */
    const int high = i + 1 < text.len ? hex_value(text.ptr[i]) : -1;
    const int low = high >= 0 ? hex_value(text.ptr[i + 1]) : -1;

    return low >= 0 ? (struct unit){(uint8_t)(high << 4 | low), i + 2 - at} : (struct unit){'%', 1};
}

/** What an authority is made of, from `from` on. */
struct authority
{
    size_t end;       ///< Where it ends, or what may be a password does.
    size_t host;      ///< Behind its last @; 0: it has none.
    bool has_colon;   ///< In front of that, or anywhere;
    bool is_password; ///< what stands behind it is no port.
};

static bool ends_authority(uint8_t c)
{
    return c <= ' ' || c == '/' || c == '\\' || c == '?' || c == '#' || c == '&' || c == '"' ||
           c == '<' || c == '>' || c == '\'';
}

static struct authority authority_at(struct nta_span text, size_t from)
{
    struct authority found = {.end = from};
    struct unit unit;

    for (; (unit = unit_at(text, found.end)).len > 0 && !ends_authority(unit.c);
         found.end += unit.len) {
        if (unit.c == '@')
            found.host = found.end + unit.len;
        else if (unit.c == ':' && !found.host)
            found.has_colon = true;
        else if (found.has_colon && (unit.c < '0' || unit.c > '9'))
            found.is_password = true;
    }
    found.is_password &= unit_at(text, from).c != '['; /* an address of IPv6 */
    return found;
}

/** A password that is not escaped may hold slashes: where the last @ of what may be one is. */
static size_t host_behind(struct nta_span text, size_t from, size_t *ret_end)
{
    size_t at = from, host = 0;
    struct unit unit;

    for (; (unit = unit_at(text, at)).len > 0 && unit.c > ' ' && unit.c != '?' && unit.c != '#' &&
           unit.c != '&';
         at += unit.len)
        host = unit.c == '@' ? at + unit.len : host;
    *ret_end = at;
    return host;
}

/** Where an authority begins, if one does at `at`; 0: none does. */
static size_t authority_begin(struct nta_span text, size_t at, bool *ret_has_scheme)
{
    struct unit unit = unit_at(text, at);

    *ret_has_scheme = unit.c == ':';
    if (*ret_has_scheme)
        unit = unit_at(text, at += unit.len);
    if (unit.c != '/')
        return 0;
    unit = unit_at(text, at += unit.len);
    return unit.c == '/' ? at + unit.len : 0;
}

/** The first byte behind user-info that begins at `from`; `from`: there is none. */
static size_t behind_users(struct nta_span text, size_t from, bool has_scheme, bool is_cut,
                           size_t *searched)
{
    const struct authority found = authority_at(text, from);

    if (found.host && (has_scheme || found.has_colon))
        return found.host;
    if (found.host || !found.is_password)
        return from;
    if (is_cut && found.end == text.len)
        return text.len;
    if (!has_scheme || found.end < *searched)
        return from;
    const size_t host = host_behind(text, found.end, searched);

    return host ? host : from;
}

size_t nta_url_drop_users(uint8_t *text, size_t len, bool is_cut)
{
    const struct nta_span all = {text, len};
    size_t kept = 0, searched = 0;

    for (size_t at = 0; at < len;) {
        bool has_scheme;
        const size_t begin = authority_begin(all, at, &has_scheme);

        if (begin == 0) {
            text[kept++] = text[at++];
            continue;
        }
        size_t behind = begin;

        /* a password with an @ that is not escaped: what stands behind it may be more of it */
        for (size_t next;
             (next = behind_users(all, behind, has_scheme, is_cut, &searched)) != behind;)
            behind = next;
        memmove(text + kept, text + at, begin - at);
        kept += begin - at;
        at = behind;
    }
    return kept;
}
