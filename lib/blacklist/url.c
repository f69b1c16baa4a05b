/* SPDX-License-Identifier: Apache-2.0 */
/* URLs as lists write them: scheme optional, user and port without meaning for us, path perhaps with a query. */
#include "base/url.h"

#include "blacklist/line.h"
#include "blacklist/norm.h"

/** "[user@]host[:port]" -> host. */
static struct nta_span host_of(struct nta_span authority)
{
    const uint8_t *at = memrchr(authority.ptr, '@', authority.len);
    const uint8_t *colon;

    if (at)
        authority = nta_span_from(authority, (size_t)(at + 1 - authority.ptr));
    if (authority.len > 0 && authority.ptr[0] == '[') {
        const uint8_t *end = memchr(authority.ptr, ']', authority.len);

        if (!end)
            return (struct nta_span){0};
        return (struct nta_span){.ptr = authority.ptr + 1,
                                 .len = (size_t)(end - authority.ptr) - 1};
    }
    colon = memchr(authority.ptr, ':', authority.len);
    if (colon)
        authority.len = (size_t)(colon - authority.ptr);
    return authority;
}

/** The length of "scheme://", 0 if there is none. */
static size_t scheme_len(struct nta_span text)
{
    size_t place = nta_span_find(text, "://");

    if (place == text.len || place == 0 || place > 16)
        return 0;
    for (size_t i = 0; i < place; i++) {
        if (!((text.ptr[i] | 0x20) >= 'a' && (text.ptr[i] | 0x20) <= 'z'))
            return 0;
    }
    return place + 3;
}

enum nta_line nta_list_url(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    struct nta_list_entry entry = {.what = NTA_ENTRY_URL,
                                   .flags = flags & ~(NTA_VALUE_SELF | NTA_VALUE_SUBS)};
    struct nta_span authority = nta_span_from(text, scheme_len(text)), path, host;
    bool has_scheme = authority.len < text.len;
    char text_of_addr[NTA_ADDR_TEXT_SIZE];
    struct nta_addr addr;
    const uint8_t *hash;

    path = nta_span_from(authority, nta_span_find(authority, "/"));
    authority.len -= path.len;
    host = host_of(authority);
    hash = path.len ? memchr(path.ptr, '#', path.len) : NULL;
    if (hash)
        path.len = (size_t)(hash - path.ptr);
    if (!has_scheme && path.len == 0)
        return NTA_LINE_OTHER;
    if (nta_url_ends_in_number(host) && nta_url_ipv4(host, &addr))
        host = (struct nta_span){.ptr = (const uint8_t *)text_of_addr,
                                 .len = strlen(nta_addr_text(&addr, text_of_addr))};
    entry.name.len = nta_blacklist_name(host, reader->room);
    entry.name.ptr = (const uint8_t *)reader->room;
    if (entry.name.len == 0)
        return has_scheme ? nta_list_bad(reader, "a URL without a host") : NTA_LINE_OTHER;
    if (!has_scheme && !memchr(entry.name.ptr, '.', entry.name.len))
        return NTA_LINE_OTHER;
    if (path.len <= 1) { /* all of a host: exactly it, whatever the scheme */
        enum nta_line said = nta_list_addr(reader, host, flags);

        return said == NTA_LINE_OTHER ? nta_list_name(reader, host, flags & ~NTA_VALUE_SUBS) : said;
    }
    entry.path = path;
    nta_list_give(reader, &entry);
    return NTA_LINE_ENTRY;
}
