/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs as lists write them, in the form in which clients ask for them (URL Standard): scheme
 * optional, user and port without meaning for us, path perhaps with a query.
 */
#include "base/url.h"

#include "base/text.h"
#include "blacklist/format/range.h"
#include "blacklist/name/norm.h"

/** A URL in its parts. */
struct parts
{
    struct nta_span host, path; ///< The path from its first slash or question mark on.
    bool has_scheme, is_bad;
};

/** "[user@]host[:port]" -> host. */
static void split_authority(struct parts *parts, struct nta_span authority)
{
    const size_t at = nta_span_find_last(authority, '@');
    struct nta_span port = {0};
    size_t n;

    if (at < authority.len)
        authority = nta_span_from(authority, at + 1);
    n = nta_span_find(authority, authority.len && authority.ptr[0] == '[' ? "]" : ":");
    if (authority.len && authority.ptr[0] == '[') {
        parts->is_bad = n == authority.len;
        n += !parts->is_bad;
    }
    parts->host = (struct nta_span){.ptr = authority.ptr, .len = n};
    if (n == authority.len)
        return;
    parts->is_bad = parts->is_bad || authority.ptr[n] != ':';
    port = nta_span_from(authority, n + 1);
    n = 0;
    for (size_t i = 0; i < port.len && n <= UINT16_MAX; i++) {
        parts->is_bad = parts->is_bad || port.ptr[i] < '0' || port.ptr[i] > '9';
        n = n * 10 + port.ptr[i] - '0';
    }
    parts->is_bad = parts->is_bad || n > UINT16_MAX;
}

/** Behind "http:" and the like any slashes and backslashes; of other schemes "://". */
static size_t scheme_len(struct nta_span text)
{
    static const char *const special[] = {"http:", "https:", "ftp:", "ws:", "wss:"};
    size_t place;

    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (!nta_span_starts(text, special[i]))
            continue;
        place = strlen(special[i]);
        while (place < text.len && (text.ptr[place] == '/' || text.ptr[place] == '\\'))
            place++;
        return place > strlen(special[i]) ? place : 0;
    }
    place = nta_span_find(text, "://");
    if (place == text.len || place == 0 || place > 16)
        return 0;
    for (size_t i = 0; i < place; i++) {
        if (!((text.ptr[i] | 0x20) >= 'a' && (text.ptr[i] | 0x20) <= 'z'))
            return 0;
    }
    return place + 3;
}

static struct parts split(struct nta_span text)
{
    struct parts parts = {0};
    struct nta_span rest = nta_span_from(text, scheme_len(text));
    size_t n = 0, end;

    parts.has_scheme = rest.len < text.len;
    while (n < rest.len && rest.ptr[n] != '/' && rest.ptr[n] != '\\' && rest.ptr[n] != '?' &&
           rest.ptr[n] != '#')
        n++;
    parts.path = nta_span_from(rest, n);
    end = nta_span_find(parts.path, "#");
    parts.path.len = end;
    split_authority(&parts, (struct nta_span){.ptr = rest.ptr, .len = n});
    return parts;
}

/** The host in its one text, into the reader's buffer: a name or an address; 0 if it is neither. */
static size_t take_host(struct nta_list_reader *reader, struct nta_span host)
{
    uint8_t plain[NTA_NAME_SIZE * 4];
    char text[NTA_ADDR_TEXT_SIZE];
    struct nta_addr addr;

    if (host.len && memchr(host.ptr, '%', host.len) && host.ptr[0] != '[')
        host = (struct nta_span){.ptr = plain, .len = nta_url_unescape(host, plain, sizeof(plain))};
    if (host.len && nta_url_ends_in_number(host)) {
        if (!nta_url_ipv4(host, &addr))
            return 0;
        host = nta_span_of(nta_addr_text(&addr, text));
    }
    return nta_norm_host(host, reader->buf);
}

static enum nta_line take_all_of_host(struct nta_list_reader *reader, uint32_t flags, size_t len)
{
    struct nta_span host = {.ptr = (const uint8_t *)reader->buf, .len = len};
    enum nta_line outcome = nta_list_addr(reader, host, flags);
    char copy[NTA_NAME_SIZE];

    if (outcome != NTA_LINE_OTHER)
        return outcome;
    memcpy(copy, reader->buf, len); /* names are made in that buffer */
    host.ptr = (const uint8_t *)copy;
    return nta_list_name(reader, host, flags & ~NTA_VALUE_SUBS);
}

static bool has_host_of_one_label(const struct nta_list_entry *entry)
{
    return !memchr(entry->name.ptr, '.', entry->name.len) &&
           !memchr(entry->name.ptr, ':', entry->name.len);
}

enum nta_line nta_list_url(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    struct nta_list_entry entry = {.what = NTA_ENTRY_URL,
                                   .flags = flags & ~(NTA_VALUE_SELF | NTA_VALUE_SUBS)};
    struct parts parts = split(text);
    size_t n = 1;

    if (!parts.has_scheme && parts.path.len == 0)
        return NTA_LINE_OTHER;
    if (parts.is_bad && parts.has_scheme)
        return nta_list_bad(reader, "a URL whose host or port is none");
    entry.name.len = parts.is_bad ? 0 : take_host(reader, parts.host);
    entry.name.ptr = (const uint8_t *)reader->buf;
    if (entry.name.len == 0)
        return parts.has_scheme ? nta_list_bad(reader, "a URL without a host") : NTA_LINE_OTHER;
    if (!parts.has_scheme && has_host_of_one_label(&entry))
        return NTA_LINE_OTHER;
    if (parts.path.len > 0 && parts.path.ptr[0] == '?') {
        reader->path[0] = '/';
        n = nta_url_query(parts.path, reader->path + 1, sizeof(reader->path) - 1);
        n += n > 0;
    } else if (parts.path.len > 0) {
        n = nta_url_target(parts.path, reader->path, sizeof(reader->path));
    }
    if (n == 0)
        return nta_list_skip(reader, "a URL of more than 8,192 bytes");
    if (n == 1) /* all of a host: exactly it, whatever the scheme */
        return take_all_of_host(reader, flags, entry.name.len);
    entry.path = (struct nta_span){.ptr = reader->path, .len = n};
    nta_list_give(reader, &entry);
    return NTA_LINE_ENTRY;
}
