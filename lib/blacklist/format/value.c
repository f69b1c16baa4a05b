/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands on a line by itself: a name, an address, prefix or range, a URL, an address with a
 * port.
 */
#include "blacklist/format/mark.h"
#include "blacklist/format/pattern.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

enum nta_line nta_list_host(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    enum nta_line outcome = NTA_LINE_OTHER;

    if (text.len > 0 && (is_digit(text.ptr[0]) || memchr(text.ptr, ':', text.len)))
        outcome = nta_list_addr(reader, text, flags);
    return outcome == NTA_LINE_OTHER ? nta_list_name(reader, text, flags) : outcome;
}

bool nta_list_is_sink(struct nta_span text)
{
    static const uint8_t loopback[NTA_ADDR_LEN] = {[15] = 1};
    static const uint8_t nowhere[NTA_ADDR_LEN] = {0};
    struct nta_addr addr;

    if (!nta_list_parse_addr(text, &addr))
        return false;
    if (nta_addr_is_v4(&addr))
        return addr.bytes[12] == 0 || addr.bytes[12] == 127;
    return memcmp(addr.bytes, loopback, sizeof(loopback)) == 0 ||
           memcmp(addr.bytes, nowhere, sizeof(nowhere)) == 0;
}

/** True for "host:port", the host a name, an address or one in brackets. */
static bool has_port(struct nta_span text, struct nta_span *ret_host, uint32_t *ret_port)
{
    const size_t colon = nta_span_find_last(text, ':');
    uint32_t port = 0;

    if (colon == 0 || colon + 1 >= text.len || text.len - colon > 6)
        return false;
    for (size_t i = colon + 1; i < text.len; i++) {
        if (!is_digit(text.ptr[i]))
            return false;
        port = port * 10 + text.ptr[i] - '0';
    }
    *ret_host = nta_span_first(text, colon);
    *ret_port = port;
    return text.ptr[colon - 1] == ']' || !nta_span_has(*ret_host, ':');
}

/** An address with a port is an entry; a name with one is none. */
static enum nta_line put_port(struct nta_list_reader *reader, struct nta_span host, uint32_t port,
                              uint32_t flags)
{
    struct nta_list_entry entry = {.what = NTA_ENTRY_PORT, .flags = flags};

    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = (struct nta_span){.ptr = host.ptr + 1, .len = host.len - 2};
    if (!nta_list_parse_addr(host, &entry.first))
        return nta_list_skip(reader, "a name with a port: ports are compared of addresses only");
    if (port == 0 || port > UINT16_MAX)
        return nta_list_bad(reader, "a port is a number from 1 to 65535");
    entry.last = entry.first;
    entry.port = (uint16_t)port;
    nta_list_give(reader, &entry);
    return NTA_LINE_ENTRY;
}

enum nta_line nta_list_value(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    enum nta_line outcome = NTA_LINE_OTHER;
    struct nta_span host;
    uint32_t port;

    if (text.len == 0)
        return nta_list_bad(reader, "nothing where a name or an address should be");
    outcome = nta_list_mark(reader, text, flags);
    if (outcome != NTA_LINE_OTHER)
        return outcome;
    if (!nta_span_has(text, '/') && nta_list_has_wildcard(text))
        return nta_list_pattern(reader, text, flags);
    if (text.ptr[0] == '=')
        return nta_list_name(reader, nta_span_from(text, 1), flags & ~NTA_VALUE_SUBS);
    if (nta_span_starts(text, "*."))
        return nta_list_name(reader, nta_span_from(text, 2), flags & ~NTA_VALUE_SELF);
    if (text.ptr[0] == '.')
        return nta_list_name(reader, nta_span_from(text, 1), flags);
    if (is_digit(text.ptr[0]) || memchr(text.ptr, ':', text.len))
        outcome = nta_list_addr(reader, text, flags);
    if (outcome == NTA_LINE_OTHER &&
        (memchr(text.ptr, '/', text.len) || memchr(text.ptr, '?', text.len) ||
         memchr(text.ptr, '\\', text.len)))
        outcome = nta_list_url(reader, text, flags);
    if (outcome != NTA_LINE_OTHER)
        return outcome;
    if (has_port(text, &host, &port))
        return put_port(reader, host, port, flags);
    if (memchr(text.ptr, '*', text.len))
        return nta_list_skip(reader, "a wildcard in something that is no name");
    return nta_list_name(reader, text, flags);
}

enum nta_line nta_list_value_as(struct nta_list_reader *reader, struct nta_span text,
                                enum nta_list_as as, uint32_t flags)
{
    switch (as) {
    case NTA_AS_FILE: return nta_list_file_hash(reader, text, flags);
    case NTA_AS_JA4: return nta_list_ja4(reader, text, flags);
    case NTA_AS_CERTIFICATE: return nta_list_cert_hash(reader, text, flags);
    case NTA_AS_LITERAL:
        if (nta_span_has(text, '*') && !nta_span_has(text, '/'))
            return nta_list_refuse(reader, "a wildcard in a value that is to be exact");
        break;
    case NTA_AS_ANY: break;
    }
    return nta_list_value(reader, text, flags);
}
