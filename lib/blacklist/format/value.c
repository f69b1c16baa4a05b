/* SPDX-License-Identifier: Apache-2.0 */
/* What list lines are made of: names, addresses, prefixes, ranges, URLs. */
#include "base/own.h"
#include "blacklist/format/range.h"
#include "blacklist/norm.h"
#include "blacklist/table/addrs.h"

#include <libpsl.h>

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/** True if `label` is one of the `n` labels of `len` bytes each that stand in `all`. */
static bool is_in(const char *all, size_t n, const char *label, size_t len)
{
    for (size_t i = 0; i < n; i++) {
        if (memcmp(all + i * len, label, len) == 0)
            return true;
    }
    return false;
}

/**
 * True if a name of two or more labels that ends in this one cannot be a registry's suffix, so that the list of
 * suffixes need not be asked (which takes as long as all the rest of a line): the new generic top-level domains have
 * no suffixes below them, and neither have these country codes.
 */
static bool is_flat(const char *label, size_t len)
{
    switch (len) {
    case 2: return is_in("rutvdeccnltkcfsugqgaeuczdkskchli", 16, label, len);
    case 3: return !is_in("edugovintmilpro", 5, label, len);
    case 4: return !is_in("aeroarpacoopjobsname", 5, label, len);
    case 6: return !is_in("museumtravel", 2, label, len);
    default: return len > 1 && memcmp(label, "xn", 2) != 0;
    }
}

/** The same for names of three or more labels: only these country codes have suffixes of so many. */
static bool is_shallow(const char *label, size_t len)
{
    if (len != 2)
        return true;
    if (memcmp(label, "uk", 2) == 0)
        return memcmp(label - 4, "sch.", 4) != 0; /* three labels: there are four bytes before */
    return !is_in("jpusplnobrauimattr", 9, label, len);
}

/** True for "com" and "co.uk": names under which everybody registers.  Private suffixes (of hosters) are none. */
static bool is_suffix(const char *name, const struct nta_norm *norm)
{
    const char *label = name + norm->last_label;
    size_t len = norm->len - norm->last_label;

    if ((norm->n_labels > 1 && is_flat(label, len)) ||
        (norm->n_labels > 2 && is_shallow(label, len)))
        return false;
    return psl_is_public_suffix2(psl_builtin(), name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

enum nta_line nta_list_refuse(struct nta_list_reader *reader, const char *reason)
{
    (void)nta_list_skip(reader, reason);
    reader->warns = true;
    return NTA_LINE_SKIP;
}

enum nta_line nta_list_name(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    enum nta_line outcome = nta_list_plain(reader, text, flags);

    return outcome == NTA_LINE_OTHER ? nta_list_bad(reader, "not a host name") : outcome;
}

enum nta_line nta_list_plain(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    struct nta_norm norm = nta_norm_name(text, reader->buf);
    struct nta_list_entry entry = {.what = NTA_ENTRY_NAME, .flags = flags};

    if (norm.len == 0)
        return NTA_LINE_OTHER;
    if ((flags & NTA_VALUE_SUBS) && !reader->force) {
        if (is_suffix(reader->buf, &norm))
            return nta_list_refuse(
                reader, "a public suffix: it would cover everybody's names below it (key force)");
        if (norm.n_labels == 1)
            return nta_list_skip(
                reader, "a name without a dot (=name is exactly it, key force takes all below)");
    }
    entry.name = (struct nta_span){.ptr = (const uint8_t *)reader->buf, .len = norm.len};
    entry.n_labels = norm.n_labels;
    if (norm.symbols)
        reader->note = "taken: a name with symbols, which IDNA 2008 does not have (UTS #46)";
    nta_list_give(reader, &entry);
    return NTA_LINE_ENTRY;
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
    const uint8_t *colon = memrchr(text.ptr, ':', text.len);
    size_t place = colon ? (size_t)(colon - text.ptr) : 0;
    uint32_t port = 0;

    if (!colon || place == 0 || place + 1 == text.len || text.len - place > 6)
        return false;
    for (size_t i = place + 1; i < text.len; i++) {
        if (!is_digit(text.ptr[i]))
            return false;
        port = port * 10 + text.ptr[i] - '0';
    }
    *ret_host = (struct nta_span){.ptr = text.ptr, .len = place};
    *ret_port = port;
    return text.ptr[place - 1] == ']' || !memchr(text.ptr, ':', place);
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
    if (memchr(text.ptr, '*', text.len) && !memchr(text.ptr, '/', text.len) &&
        (!nta_span_starts(text, "*.") || memchr(text.ptr + 1, '*', text.len - 1)))
        return nta_list_skip(reader, "a wildcard inside a name");
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
        return nta_list_skip(reader, "a wildcard inside a name");
    return nta_list_name(reader, text, flags);
}
