/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts files: "0.0.0.0 name [name...]"; addresses with a count behind them (ipsum); "first last
 * length" (DShield).
 */
#include "base/own.h"
#include "blacklist/format/range.h"
#include "blacklist/format/several.h"
#include "blacklist/name/norm.h"

/** Names that every hosts file starts with. */
static bool is_own(struct nta_span name)
{
    static const char *const local[] = {"localhost", "localhost.localdomain", "local",
                                        "localhost4.localdomain4", "localhost6.localdomain6"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(local); i++) {
        if (nta_span_is(name, local[i]))
            return true;
    }
    return nta_list_is_sink(name);
}

static bool is_number(struct nta_span word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return false;
    }
    return word.len > 0;
}

/** A name behind a sink. */
static enum nta_line take_name(struct nta_list_reader *reader, struct nta_span word, uint32_t flags)
{
    if (nta_span_has(word, '*'))
        return nta_list_bad(reader, "a wildcard in a hosts line, which has none");
    if (!nta_span_has(word, '.') && !nta_span_has(word, ':'))
        return nta_norm_name(word, reader->buf).len > 0
                   ? nta_list_skip(reader, "a machine's own names")
                   : nta_list_bad(reader, "not a host name");
    return nta_list_host(reader, word, flags);
}

/** The names behind a sink: each that is one is taken. */
static enum nta_line take_names(struct nta_list_reader *reader, struct nta_span rest,
                                uint32_t flags)
{
    struct nta_list_several several = {0};
    bool any_own = false;

    for (struct nta_span word = nta_span_word(&rest); word.len > 0; word = nta_span_word(&rest)) {
        size_t hash = nta_span_find(word, "#"); /* a comment, white space before it or not */

        if (hash < word.len)
            rest.len = 0;
        word.len = hash;
        if (hash == 0)
            break;
        if (is_own(word))
            any_own = true;
        else
            nta_list_several_add(&several, reader, take_name(reader, word, flags));
    }
    if (any_own && !several.any && !several.reason)
        return nta_list_skip(reader, "a machine's own names");
    return nta_list_several_end(&several, reader);
}

enum nta_line nta_list_hosts(struct nta_list_reader *reader, struct nta_span line)
{
    const uint32_t flags = NTA_VALUE_SELF | NTA_VALUE_SUBS;
    struct nta_span rest = line, first = nta_span_word(&rest), names = rest;
    const uint8_t *zone = memchr(first.ptr, '%', first.len);
    struct nta_span word = nta_span_word(&rest);
    struct nta_addr addr;

    if (zone)
        first.len = (size_t)(zone - first.ptr); /* fe80::1%lo0 */
    if (word.len == 0 || nta_span_is(word, "CNAME") || nta_span_is(word, "IN") ||
        !nta_list_parse_addr(first, &addr))
        return NTA_LINE_OTHER;
    if (is_number(word))
        return nta_list_addr(reader, first, flags);
    if (nta_list_is_netmask(word) && !nta_list_is_sink(first) && nta_span_trim(rest).len == 0)
        return nta_list_net(reader, first, word, flags);
    if (word.ptr[0] == '-')
        return NTA_LINE_OTHER; /* a range */
    if (nta_list_parse_addr(word, &addr) && is_number(nta_span_word(&rest)))
        return nta_list_span(reader, first, word, flags);
    if (zone || !nta_list_is_sink(first))
        return nta_list_skip(reader, "a hosts line that points to a real address");
    return take_names(reader, names, flags);
}
