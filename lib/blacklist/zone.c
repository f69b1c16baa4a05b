/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Response policy zones (draft-vixie-dnsop-dns-rpz): QNAME and IP triggers with the actions that block, and passthru.
 * As there, "name" is exactly the name and "*.name" its subdomains.
 */
#include "base/own.h"
#include "blacklist/line.h"

#include <stdio.h>

enum
{
    IP_LABELS_MAX = 9, ///< The prefix length and eight groups of IPv6.
    IP_TEXT_SIZE = 64,
};

static bool is_number(struct nta_span word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return false;
    }
    return word.len > 0;
}

static struct nta_span without_dot(struct nta_span name)
{
    if (name.len > 0 && name.ptr[name.len - 1] == '.')
        name.len--;
    return name;
}

/** Remember the zone's own name. */
static void set_origin(struct nta_list_reader *reader, struct nta_span name)
{
    name = without_dot(name);
    if (name.len < sizeof(reader->origin)) {
        memcpy(reader->origin, name.ptr, name.len);
        reader->origin[name.len] = '\0';
    }
}

/** An owner name below the zone's own. */
static struct nta_span relative(const struct nta_list_reader *reader, struct nta_span owner)
{
    size_t n = strlen(reader->origin);

    if (owner.len == 0 || owner.ptr[owner.len - 1] != '.')
        return owner;
    owner.len--;
    if (n > 0 && owner.len > n + 1 && owner.ptr[owner.len - n - 1] == '.' &&
        nta_span_is(nta_span_from(owner, owner.len - n), reader->origin))
        owner.len -= n + 1;
    return owner;
}

/** Split at dots; gives how many parts, 0 if more than there may be. */
static size_t split(struct nta_span labels, struct nta_span parts[IP_LABELS_MAX])
{
    size_t n = 0;

    while (labels.len > 0) {
        size_t dot = nta_span_find(labels, ".");

        if (n == IP_LABELS_MAX)
            return 0;
        parts[n++] = (struct nta_span){.ptr = labels.ptr, .len = dot};
        labels = nta_span_from(labels, dot < labels.len ? dot + 1 : dot);
    }
    return n;
}

/** Groups in their usual order, and the prefix length, as text; its length, 0 if it is too long. */
static size_t join(const struct nta_span *parts, size_t n, bool v4, char room[IP_TEXT_SIZE])
{
    size_t used = 0;

    for (size_t i = n - 1; i > 0 && used < IP_TEXT_SIZE; i--) {
        bool gap = nta_span_is(parts[i], "zz"), at_end = i == 1 || i == n - 1;

        used += (size_t)snprintf(room + used, IP_TEXT_SIZE - used, "%s%.*s%s",
                                 i == n - 1 ? ""
                                 : v4       ? "."
                                            : ":",
                                 gap ? 0 : (int)parts[i].len, (const char *)parts[i].ptr,
                                 gap && at_end ? ":" : "");
    }
    if (used < IP_TEXT_SIZE)
        used += (size_t)snprintf(room + used, IP_TEXT_SIZE - used, "/%.*s", (int)parts[0].len,
                                 (const char *)parts[0].ptr);
    return used < IP_TEXT_SIZE ? used : 0;
}

/** "24.0.2.0.192" (.rpz-ip): prefix length, then the address backwards; "zz" is "::". */
static enum nta_line ip_trigger(struct nta_list_reader *reader, struct nta_span labels,
                                uint32_t flags)
{
    struct nta_span parts[IP_LABELS_MAX];
    size_t n = split(labels, parts);
    bool v4 = n == 5; /* IPv6 with so few groups has a gap */
    char text[IP_TEXT_SIZE];
    struct nta_span prefix = {.ptr = (const uint8_t *)text};

    for (size_t i = 1; i < n; i++)
        v4 = v4 && !nta_span_is(parts[i], "zz");
    if (n >= 3 && is_number(parts[0]))
        prefix.len = join(parts, n, v4, text);
    if (prefix.len == 0 || nta_list_addr(reader, prefix, flags) != NTA_LINE_ENTRY)
        return nta_list_bad(reader, "not an IP trigger");
    return NTA_LINE_ENTRY;
}

static enum nta_line take_trigger(struct nta_list_reader *reader, struct nta_span owner,
                                  uint32_t flags)
{
    static const char *const unseen[] = {".rpz-client-ip", ".rpz-nsip", ".rpz-nsdname"};
    struct nta_span trigger = relative(reader, owner);
    size_t ip = nta_span_find(trigger, ".rpz-ip");

    for (size_t i = 0; i < NTA_N_ELEMENTS(unseen); i++) {
        if (nta_span_find(trigger, unseen[i]) < trigger.len)
            return nta_list_skip(reader, "a trigger on name servers or clients");
    }
    if (ip < trigger.len)
        return ip_trigger(reader, (struct nta_span){.ptr = trigger.ptr, .len = ip}, flags);
    if (nta_span_starts(trigger, "*."))
        return nta_list_name(reader, nta_span_from(trigger, 2), flags | NTA_VALUE_SUBS);
    return nta_list_name(reader, trigger, flags | NTA_VALUE_SELF);
}

static enum nta_line take_action(struct nta_list_reader *reader, struct nta_span owner,
                                 struct nta_span type, struct nta_span data)
{
    if (!nta_span_is(type, "CNAME"))
        return nta_list_is_sink(data) ? take_trigger(reader, owner, 0)
                                      : nta_list_skip(reader, "a name that points to real data");
    if (nta_span_is(data, ".") || nta_span_is(data, "*.") ||
        nta_span_is(without_dot(data), "rpz-drop"))
        return take_trigger(reader, owner, 0);
    if (nta_span_is(without_dot(data), "rpz-passthru"))
        return take_trigger(reader, owner, NTA_VALUE_ALLOW);
    return nta_list_skip(reader, "an action that blocks nothing");
}

enum nta_line nta_list_zone(struct nta_list_reader *reader, struct nta_span line)
{
    struct nta_span rest, owner, word;
    bool soa, ns;

    line = nta_span_trim((struct nta_span){.ptr = line.ptr, .len = nta_span_find(line, ";")});
    if (reader->in_soa) {
        reader->in_soa = nta_span_find(line, ")") == line.len;
        return NTA_LINE_NONE;
    }
    rest = line;
    owner = nta_span_word(&rest);
    word = nta_span_word(&rest);
    if (nta_span_is(owner, "$ORIGIN")) {
        set_origin(reader, word);
        return NTA_LINE_NONE;
    }
    if (nta_span_is(owner, "$TTL") || nta_span_is(owner, "$INCLUDE"))
        return NTA_LINE_NONE;
    while (is_number(word) || nta_span_is(word, "IN"))
        word = nta_span_word(&rest);
    soa = nta_span_is(word, "SOA");
    ns = nta_span_is(word, "NS") || nta_span_is(owner, "NS");
    if (soa && !nta_span_is(owner, "@"))
        set_origin(reader, owner);
    if (soa)
        reader->in_soa =
            nta_span_find(line, "(") < line.len && nta_span_find(line, ")") == line.len;
    if (soa || ns)
        return NTA_LINE_NONE;
    if (nta_span_is(word, "TXT") || nta_span_is(word, "MX"))
        return nta_list_skip(reader, "a record that blocks nothing");
    if (nta_span_is(word, "CNAME") || nta_span_is(word, "A") || nta_span_is(word, "AAAA"))
        return take_action(reader, owner, word, nta_span_word(&rest));
    return NTA_LINE_OTHER;
}
