/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of resolvers that block names: dnsmasq, Unbound, BIND's zone statement. */
#include "base/own.h"
#include "blacklist/format/several.h"

static struct nta_span unquoted(struct nta_span text)
{
    if (text.len > 1 && (text.ptr[0] == '"' || text.ptr[0] == '\'') &&
        text.ptr[text.len - 1] == text.ptr[0])
        return (struct nta_span){.ptr = text.ptr + 1, .len = text.len - 2};
    return text;
}

/** "keyword=", "keyword:": letters and hyphens up to the sign. */
static bool is_setting(struct nta_span line, uint8_t sign)
{
    size_t n = 0;

    while (n < line.len && ((line.ptr[n] >= 'a' && line.ptr[n] <= 'z') || line.ptr[n] == '-' ||
                            (n > 0 && line.ptr[n] >= '0' && line.ptr[n] <= '9')))
        n++;
    return n > 1 && n < line.len && line.ptr[n] == sign;
}

/** address=/name/name/ADDRESS, server=/name/SERVER, local=/name/ */
enum nta_line nta_list_dnsmasq(struct nta_list_reader *reader, struct nta_span line)
{
    static const char *const keys[] = {"address=/", "server=/", "local=/"};
    uint32_t flags = NTA_VALUE_SELF | NTA_VALUE_SUBS;
    struct nta_list_several several = {0};
    enum nta_line outcome;
    size_t key = 0, slash;
    struct nta_span rest, target;
    size_t last;

    while (key < NTA_N_ELEMENTS(keys) && !nta_span_starts(line, keys[key]))
        key++;
    if (key == NTA_N_ELEMENTS(keys))
        return is_setting(line, '=')
                   ? nta_list_skip(reader, "a resolver's setting that blocks nothing")
                   : NTA_LINE_OTHER;
    rest = nta_span_from(line, strlen(keys[key]));
    last = nta_span_find_last(rest, '/');
    if (last == rest.len)
        return nta_list_bad(reader, "a name without its closing slash");
    target = nta_span_from(rest, last + 1);
    rest.len -= target.len;                   /* "name/name/" */
    if (nta_span_is(target, "#") && key == 1) /* asked as ever: an exception */
        flags |= NTA_VALUE_ALLOW;
    else if (target.len > 0 && key > 0)
        return nta_list_skip(reader, "names that are asked at another server");
    if (target.len > 0 && !nta_span_is(target, "#") && !nta_list_is_sink(target))
        return nta_list_skip(reader, "names that point to a real address");
    for (; rest.len > 0; rest = nta_span_from(rest, slash + 1)) {
        slash = nta_span_find(rest, "/");
        nta_list_several_add(&several, reader,
                             nta_list_value(reader, nta_span_first(rest, slash), flags));
    }
    outcome = nta_list_several_end(&several, reader);
    return outcome == NTA_LINE_OTHER ? nta_list_bad(reader, "no name") : outcome;
}

static bool is_any(struct nta_span word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (nta_span_is(word, words[i]))
            return true;
    }
    return false;
}

/** local-zone: "name" TYPE */
static enum nta_line local_zone(struct nta_list_reader *reader, struct nta_span rest)
{
    static const char *const blocks[] = {"deny",          "refuse",         "static",
                                         "redirect",      "always_deny",    "always_refuse",
                                         "always_nodata", "always_null",    "always_nxdomain",
                                         "inform_deny",   "inform_redirect"};
    const uint32_t flags = NTA_VALUE_SELF | NTA_VALUE_SUBS;
    struct nta_span name = unquoted(nta_span_word(&rest)), type = unquoted(nta_span_word(&rest));

    if (is_any(type, blocks, NTA_N_ELEMENTS(blocks)))
        return nta_list_host(reader, name, flags);
    if (nta_span_is(type, "always_transparent"))
        return nta_list_host(reader, name, flags | NTA_VALUE_ALLOW);
    return nta_list_skip(reader, "a local zone that blocks nothing");
}

/** local-data: "name [TTL] [IN] A ADDRESS" */
static enum nta_line local_data(struct nta_list_reader *reader, struct nta_span rest)
{
    struct nta_span data = unquoted(nta_span_trim(rest)), name = nta_span_word(&data), last = {0};

    for (struct nta_span word = nta_span_word(&data); word.len > 0; word = nta_span_word(&data))
        last = word;
    if (!nta_list_is_sink(last))
        return nta_list_skip(reader, "a name that points to real data");
    return nta_list_host(reader, name, NTA_VALUE_SELF);
}

enum nta_line nta_list_unbound(struct nta_list_reader *reader, struct nta_span line)
{
    struct nta_span rest = line, word;
    bool colon = is_setting(line, ':');

    if (colon) { /* white space behind the colon may be missing */
        word = (struct nta_span){.ptr = line.ptr, .len = nta_span_find(line, ":") + 1};
        rest = nta_span_from(line, word.len);
    } else {
        word = nta_span_word(&rest);
    }
    if (nta_span_is(word, "local-zone:"))
        return local_zone(reader, rest);
    if (nta_span_is(word, "local-data:"))
        return local_data(reader, rest);
    if (colon && (nta_span_trim(rest).len == 0 || nta_list_is_space(rest.ptr[0])))
        return nta_list_skip(reader, "a resolver's setting that blocks nothing");
    if (nta_span_is(word, "zone") && nta_span_trim(rest).len > 1 &&
        nta_span_trim(rest).ptr[0] == '"') {
        struct nta_span name = unquoted(nta_span_word(&rest));

        return nta_list_name(reader, name, NTA_VALUE_SELF | NTA_VALUE_SUBS);
    }
    return NTA_LINE_OTHER;
}
