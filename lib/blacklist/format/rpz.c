/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Response policy zones (draft-vixie-dnsop-dns-rpz): QNAME and IP triggers with the actions that
 * block, and passthru.  As there, "name" is exactly the name and "*.name" its subdomains.
 */
#include "base/own.h"
#include "base/text.h"
#include "blacklist/format/line.h"

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

/**
 * What stands in brackets may go over several lines; the brackets themselves are white space then.
 */
static bool is_blank(uint8_t c)
{
    return nta_list_is_space(c) || c == '\n' || c == '(' || c == ')';
}

static struct nta_span take_word(struct nta_span *rest)
{
    return nta_span_word_of(rest, is_blank);
}

static struct nta_span without_dot(struct nta_span name)
{
    if (name.len > 0 && name.ptr[name.len - 1] == '.')
        name.len--;
    return name;
}

static bool is_absolute(struct nta_span name)
{
    return name.len > 0 && name.ptr[name.len - 1] == '.';
}

/**
 * A name as it stands in the file -> without escapes (RFC 1035 section 5.1) and last dot; false: no
 * host has it.
 */
static bool unescape(struct nta_span name, char buf[NTA_NAME_SIZE])
{
    size_t n = 0;

    name = without_dot(name);
    for (size_t i = 0; i < name.len; i++) {
        unsigned c = name.ptr[i];

        if (c == '\\') {
            struct nta_span digits = {.ptr = name.ptr + i + 1, .len = 3};

            c = i + 1 < name.len ? name.ptr[i + 1] : '\\';
            i++;
            if (i + 2 < name.len && is_number(digits)) {
                c = (unsigned)(digits.ptr[0] - '0') * 100 + (unsigned)(digits.ptr[1] - '0') * 10 +
                    digits.ptr[2] - '0';
                i += 2;
            }
            if (c == '.' || c == '\\')
                return false;
        }
        if (c == 0 || c > 255 || n == NTA_NAME_SIZE - 1)
            return false;
        buf[n++] = (char)c;
    }
    buf[n] = '\0';
    return true;
}

/**
 * A name of the file in full: relative ones end in the origin.  False: too long, or no host has it.
 */
static bool resolve(const struct nta_list_reader *reader, struct nta_span name,
                    char buf[NTA_NAME_SIZE])
{
    size_t n, n_origin = strlen(reader->origin);

    if (nta_span_is(name, "@")) {
        memcpy(buf, reader->origin, n_origin + 1);
        return true;
    }
    if (!unescape(name, buf))
        return false;
    if (is_absolute(name) || n_origin == 0)
        return true;
    n = strlen(buf);
    if (n + 1 + n_origin >= NTA_NAME_SIZE)
        return false;
    buf[n] = '.';
    memcpy(buf + n + 1, reader->origin, n_origin + 1);
    return true;
}

/**
 * What stands before the zone's own name.  False: it is the zone's name itself, or lies outside of
 * the zone, where resolvers do not look at it.
 */
static bool find_trigger(const struct nta_list_reader *reader, struct nta_span name,
                         struct nta_span *ret_trigger)
{
    size_t n = strlen(reader->apex);

    *ret_trigger = name;
    if (name.len == 0)
        return false;
    if (n == 0)
        return true;
    if (name.len >= n && nta_span_is(nta_span_from(name, name.len - n), reader->apex) &&
        (name.len == n || name.ptr[name.len - n - 1] == '.')) {
        ret_trigger->len = name.len > n ? name.len - n - 1 : 0;
        return name.len > n;
    }
    return !reader->has_origin;
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
static size_t join(const struct nta_span *parts, size_t n, bool v4, char buf[IP_TEXT_SIZE])
{
    size_t used = 0;

    for (size_t i = n - 1; i > 0 && used < IP_TEXT_SIZE; i--) {
        bool gap = nta_span_is(parts[i], "zz"), at_end = i == 1 || i == n - 1;

        used += (size_t)snprintf(buf + used, IP_TEXT_SIZE - used, "%s%.*s%s",
                                 i == n - 1 ? ""
                                 : v4       ? "."
                                            : ":",
                                 gap ? 0 : (int)parts[i].len, (const char *)parts[i].ptr,
                                 gap && at_end ? ":" : "");
    }
    if (used < IP_TEXT_SIZE)
        used += (size_t)snprintf(buf + used, IP_TEXT_SIZE - used, "/%.*s", (int)parts[0].len,
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

/** True if the name's last label is this one; `ret_before` is what stands before it. */
static bool ends_in(struct nta_span name, const char *label, struct nta_span *ret_before)
{
    size_t n = strlen(label);

    if (name.len < n + 2 || name.ptr[name.len - n - 1] != '.' ||
        !nta_span_is(nta_span_from(name, name.len - n), label))
        return false;
    *ret_before = (struct nta_span){.ptr = name.ptr, .len = name.len - n - 1};
    return true;
}

static enum nta_line take_trigger(struct nta_list_reader *reader, struct nta_span trigger,
                                  uint32_t flags)
{
    struct nta_span before;

    if (ends_in(trigger, "rpz-client-ip", &before))
        return nta_list_skip(reader, "an RPZ trigger on clients (rpz-client-ip): not used");
    if (ends_in(trigger, "rpz-nsip", &before) || ends_in(trigger, "rpz-nsdname", &before))
        return nta_list_skip(reader,
                             "an RPZ trigger on name servers (rpz-nsip, rpz-nsdname): not used");
    if (ends_in(trigger, "rpz-ip", &before))
        return ip_trigger(reader, before, flags);
    if (nta_span_is(trigger, "*"))
        return nta_list_refuse(reader, "a trigger on every name");
    if (nta_span_starts(trigger, "*."))
        return nta_list_name(reader, nta_span_from(trigger, 2), flags | NTA_VALUE_SUBS);
    return nta_list_host(reader, trigger, flags | NTA_VALUE_SELF);
}

/** True for a CNAME to the name itself, as passthru was written at first. */
static bool points_to_itself(const struct nta_list_reader *reader, struct nta_span trigger,
                             struct nta_span data)
{
    char buf[NTA_NAME_SIZE], want[NTA_NAME_SIZE];
    struct nta_span target;

    if (!resolve(reader, data, buf))
        return false;
    target = nta_span_of(buf);
    memcpy(want, trigger.ptr, trigger.len); /* of a name that had its space */
    want[trigger.len] = '\0';
    (void)(is_absolute(data) || find_trigger(reader, target, &target));
    return nta_span_is(target, want);
}

/**
 * Whatever the answer is rewritten to, users do not get where they wanted (a walled garden, an
 * address).
 */
static enum nta_line take_action(struct nta_list_reader *reader, struct nta_span trigger,
                                 struct nta_span type, struct nta_span data)
{
    struct nta_span name = without_dot(data);

    if (!nta_span_is(type, "CNAME") || nta_span_is(data, ".") || nta_span_is(data, "*.") ||
        nta_span_is(name, "rpz-drop"))
        return take_trigger(reader, trigger, 0);
    if (nta_span_is(name, "rpz-passthru") || points_to_itself(reader, trigger, data))
        return take_trigger(reader, trigger, NTA_VALUE_ALLOW);
    if (nta_span_is(name, "rpz-tcp-only"))
        return nta_list_skip(reader, "rpz-tcp-only: it lets through what asks over TCP");
    if (nta_span_starts(name, "rpz-") && !memchr(name.ptr, '.', name.len))
        return nta_list_skip(reader, "an RPZ action that is not known");
    return take_trigger(reader, trigger, 0);
}

enum kind
{
    NO_TYPE,
    ADDRESS, ///< Or CNAME: it says what is answered instead.
    START,   ///< SOA
    SERVER,  ///< NS, and signatures: nothing to block.
    DATA
};

static enum kind kind_of(struct nta_span word)
{
    static const struct
    {
        const char *name;
        enum kind kind;
    } types[] = {
        {"CNAME", ADDRESS},  {"A", ADDRESS},     {"AAAA", ADDRESS},      {"SOA", START},
        {"NS", SERVER},      {"RRSIG", SERVER},  {"DNSKEY", SERVER},     {"NSEC", SERVER},
        {"NSEC3", SERVER},   {"DS", SERVER},     {"NSEC3PARAM", SERVER}, {"CDS", SERVER},
        {"CDNSKEY", SERVER}, {"ZONEMD", SERVER}, {"TXT", DATA},          {"MX", DATA},
        {"PTR", DATA},       {"SRV", DATA},      {"CAA", DATA},          {"HINFO", DATA},
        {"HTTPS", DATA},     {"SVCB", DATA},     {"DNAME", DATA},        {"NAPTR", DATA},
        {"TLSA", DATA},      {"SSHFP", DATA},    {"SPF", DATA},
    };

    if (word.len == 0 || word.len > 10)
        return NO_TYPE;
    for (size_t i = 0; i < NTA_N_ELEMENTS(types); i++) {
        if (nta_span_is(word, types[i].name))
            return types[i].kind;
    }
    return NO_TYPE;
}

/** "3600", "1h30m", "IN": what may stand between the owner and the type. */
static bool is_ttl_or_class(struct nta_span word)
{
    size_t n = 0;

    while (n < word.len && ((word.ptr[n] >= '0' && word.ptr[n] <= '9') ||
                            (n > 0 && strchr("smhdwSMHDW", word.ptr[n]))))
        n++;
    return (word.len > 0 && n == word.len) || nta_span_is(word, "IN") || nta_span_is(word, "CH");
}

/** The type, and behind it the data. */
static struct nta_span take_type(struct nta_span *rest)
{
    struct nta_span word = take_word(rest);

    while (is_ttl_or_class(word))
        word = take_word(rest);
    return word;
}

static void set_name(char buf[NTA_NAME_SIZE], const char *name)
{
    memcpy(buf, name, strlen(name) + 1);
}

static enum nta_line take_directive(struct nta_list_reader *reader, struct nta_span word,
                                    struct nta_span rest)
{
    char name[NTA_NAME_SIZE];

    if (nta_span_is(word, "$INCLUDE"))
        return nta_list_refuse(reader, "$INCLUDE is not followed: name the other file as a list");
    if (nta_span_is(word, "$GENERATE"))
        return nta_list_refuse(reader, "$GENERATE: its names are not made");
    if (nta_span_is(word, "$TTL")) {
        reader->zone = true;
        return NTA_LINE_NONE;
    }
    if (!nta_span_is(word, "$ORIGIN"))
        return NTA_LINE_OTHER;
    if (!resolve(reader, take_word(&rest), name))
        return nta_list_bad(reader, "an $ORIGIN that is no name");
    set_name(reader->origin, name);
    reader->zone = reader->has_origin = true;
    return NTA_LINE_NONE;
}

/** The first record: its owner is the zone's own name. */
static enum nta_line take_start(struct nta_list_reader *reader, struct nta_span owner,
                                const char *name)
{
    set_name(reader->apex, name);
    if (!reader->has_origin && is_absolute(owner)) {
        set_name(reader->origin, name);
        reader->has_origin = true;
    }
    reader->zone = reader->has_apex = true;
    return NTA_LINE_NONE;
}

bool nta_list_is_zone(const struct nta_list_reader *reader, struct nta_span line)
{
    return reader->zone || nta_span_find(line, " SOA ") < line.len ||
           nta_span_find(line, "\tSOA\t") < line.len || nta_span_find(line, "\tSOA ") < line.len;
}

static enum nta_line take_record(struct nta_list_reader *reader, struct nta_span owner,
                                 struct nta_span type, struct nta_span rest)
{
    enum kind kind = kind_of(type);
    struct nta_span data = take_word(&rest), trigger;
    char name[NTA_NAME_SIZE];

    if (owner.len == 0)
        set_name(name, reader->last);
    else if (!resolve(reader, owner, name))
        return nta_list_skip(reader, "a name that no host can have");
    set_name(reader->last, name);
    if (kind == START)
        return take_start(reader, owner, name);
    if (kind == SERVER)
        return NTA_LINE_NONE;
    if (!reader->has_apex && reader->has_origin) {
        set_name(reader->apex, reader->origin); /* no SOA before the first trigger */
        reader->has_apex = true;
    }
    if (!find_trigger(reader, nta_span_of(name), &trigger))
        return nta_list_skip(reader, trigger.len ? "a name outside of its zone"
                                                 : "a record of the zone itself");
    if (kind == DATA)
        return nta_list_skip(reader, "a record that is no address");
    return take_action(reader, trigger, type, data);
}

/**
 * A line that begins with white space is of the owner before, unless all of the file is indented.
 */
static bool lacks_owner(const struct nta_list_reader *reader, struct nta_span first,
                        struct nta_span rest)
{
    if (!reader->indented || !reader->zone)
        return false;
    if (is_ttl_or_class(first))
        return true;
    return kind_of(first) != NO_TYPE &&
           (kind_of(take_type(&rest)) == NO_TYPE || take_word(&rest).len == 0);
}

enum nta_line nta_list_zone(struct nta_list_reader *reader, struct nta_span line)
{
    struct nta_span rest, owner, type, data;

    line = nta_span_trim((struct nta_span){.ptr = line.ptr, .len = nta_span_find(line, ";")});
    rest = line;
    owner = take_word(&rest);
    if (owner.len > 0 && owner.ptr[0] == '$')
        return take_directive(reader, owner, rest);
    if (lacks_owner(reader, owner, rest)) {
        owner.len = 0;
        rest = line;
    }
    type = take_type(&rest);
    data = rest;
    if (kind_of(type) == NO_TYPE || take_word(&data).len == 0)
        return NTA_LINE_OTHER;
    return take_record(reader, owner, type, rest);
}
