/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AdBlock and AdGuard DNS rules: "||example.com^", "@@||example.com^" (allow), modifiers behind
 * "$".  What is about pages rather than hosts is skipped.
 */
#include "base/own.h"
#include "blacklist/format/pattern.h"

static bool is_cosmetic(struct nta_span line)
{
    static const char *const signs[] = {"##", "#@#", "#?#", "#$#", "#%#", "#@$#", "$$"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(signs); i++) {
        if (nta_span_find(line, signs[i]) < line.len)
            return true;
    }
    return false;
}

/**
 * Modifiers that leave the meaning "this host" as it is, and `important`, which goes into the
 * flags.  The others narrow a rule to clients, pages or kinds of content, which we do not know;
 * such a rule is not ours.
 */
static bool take_modifiers(struct nta_span modifiers, uint32_t *flags)
{
    static const char *const harmless[] = {"all",         "document", "doc",    "popup",
                                           "third-party", "3p",       "network"};

    while (modifiers.len > 0) {
        size_t comma = nta_span_find(modifiers, ",");
        struct nta_span one = {.ptr = modifiers.ptr, .len = comma};
        bool known = nta_span_is(one, "important");

        if (known)
            *flags |= NTA_VALUE_IMPORTANT;
        for (size_t i = 0; i < NTA_N_ELEMENTS(harmless) && !known; i++)
            known = nta_span_is(one, harmless[i]);
        if (!known)
            return false;
        modifiers = nta_span_from(modifiers, comma < modifiers.len ? comma + 1 : comma);
    }
    return true;
}

/** "tk": a name without a dot. */
static bool is_top_level(struct nta_span pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        if (strchr(".*:/[", pattern.ptr[i]))
            return false;
    }
    return true;
}

/** All below a top-level domain: of use to somebody, but nobody's by mistake. */
static enum nta_line take_top_level(struct nta_list_reader *reader, struct nta_span pattern,
                                    uint32_t flags)
{
    enum nta_line outcome = nta_list_value(reader, pattern, flags);

    if (outcome == NTA_LINE_SKIP)
        return nta_list_refuse(reader, "all of a top-level domain: if that is meant, put it into "
                                       "a list of its own with the key force");
    if (outcome == NTA_LINE_ENTRY)
        reader->note = "taken: all of a top-level domain";
    return outcome;
}

/** Behind "||": host, perhaps a path, "^", "|". */
static enum nta_line take_pattern(struct nta_list_reader *reader, struct nta_span pattern,
                                  uint32_t flags)
{
    const size_t len = pattern.len;
    struct nta_list_range range;
    uint8_t open[NTA_NAME_SIZE];

    if (pattern.len > 0 && pattern.ptr[pattern.len - 1] == '|')
        pattern.len--;
    if (pattern.len > 0 && pattern.ptr[pattern.len - 1] == '^')
        pattern.len--;
    if (memchr(pattern.ptr, '^', pattern.len) || pattern.len == 0)
        return nta_list_skip(reader, "a pattern over addresses of pages");
    if (nta_list_addr_start(pattern, &range))
        return nta_list_put_range(reader, &range, flags);
    if (pattern.len == len && len + 1 < sizeof(open) && nta_list_is_start(pattern)) {
        memcpy(open, pattern.ptr, len); /* "||ads.": it goes on */
        open[len] = '*';
        return nta_list_value(reader, (struct nta_span){.ptr = open, .len = len + 1}, flags);
    }
    if (memchr(pattern.ptr, '*', pattern.len) && memchr(pattern.ptr, '/', pattern.len))
        return nta_list_skip(reader, "a wildcard in a URL");
    if (is_top_level(pattern))
        return take_top_level(reader, pattern, flags);
    return nta_list_value(reader, pattern, flags);
}

/**
 * What makes rules the same: their pattern, whether they allow, and their modifiers but for
 * `badfilter`, in whatever order.  True if `badfilter` is one of them.
 */
static bool hash_rule(struct nta_list_reader *reader, struct nta_span pattern,
                      struct nta_span modifiers, bool allow)
{
    bool takes_back = false;

    if (!reader->rule_key)
        return nta_span_find(modifiers, "badfilter") < modifiers.len;
    reader->rule = nta_hash_bytes(reader->rule_key, pattern.ptr, pattern.len) +
                   nta_hash_words(reader->rule_key, allow, 0);
    while (modifiers.len > 0) {
        size_t comma = nta_span_find(modifiers, ",");
        struct nta_span one = nta_span_trim((struct nta_span){.ptr = modifiers.ptr, .len = comma});

        if (nta_span_is(one, "badfilter"))
            takes_back = true;
        else
            reader->rule += nta_hash_words(reader->rule_key, 1,
                                           nta_hash_bytes(reader->rule_key, one.ptr, one.len));
        modifiers = nta_span_from(modifiers, comma < modifiers.len ? comma + 1 : comma);
    }
    reader->rule += reader->rule == 0;
    return takes_back;
}

static bool has_modifier(struct nta_span modifiers, const char *name)
{
    while (modifiers.len > 0) {
        size_t comma = nta_span_find(modifiers, ",");

        if (nta_span_is((struct nta_span){.ptr = modifiers.ptr, .len = comma}, name))
            return true;
        modifiers = nta_span_from(modifiers, comma < modifiers.len ? comma + 1 : comma);
    }
    return false;
}

/** "192.0.2.66$network", "192.0.2.66:8080^$network": connections to an address. */
static enum nta_line take_network(struct nta_list_reader *reader, struct nta_span pattern,
                                  struct nta_span modifiers, uint32_t flags)
{
    enum nta_line outcome = NTA_LINE_OTHER;

    if (!take_modifiers(modifiers, &flags))
        return nta_list_skip(reader, "a rule for some pages, clients or kinds of content");
    if (pattern.len > 0 && pattern.ptr[pattern.len - 1] == '^')
        pattern.len--;
    (void)hash_rule(reader, pattern, modifiers, reader->allow || flags & NTA_VALUE_ALLOW);
    if (pattern.len > 0 && ((pattern.ptr[0] >= '0' && pattern.ptr[0] <= '9') ||
                            pattern.ptr[0] == '[' || memchr(pattern.ptr, ':', pattern.len)))
        outcome = nta_list_value(reader, pattern, flags);
    return outcome == NTA_LINE_ENTRY ? outcome
                                     : nta_list_skip(reader, "a pattern over addresses of pages");
}

static enum nta_line take_back(struct nta_list_reader *reader)
{
    struct nta_list_entry entry = {.what = NTA_ENTRY_BACK, .rule = reader->rule};

    reader->entry(reader->owner, &entry);
    return NTA_LINE_ENTRY;
}

enum nta_line nta_list_adblock(struct nta_list_reader *reader, struct nta_span line)
{
    uint32_t flags = NTA_VALUE_SELF | NTA_VALUE_SUBS;
    struct nta_span rule = line, pattern, modifiers;
    size_t dollar;

    if (line.ptr[0] == '[' && nta_span_find(line, "Ad") < line.len) { /* [Adblock Plus 2.0] */
        reader->pages = true;
        return NTA_LINE_NONE;
    }
    if (is_cosmetic(line)) {
        reader->pages = true;
        return nta_list_skip(reader, "a rule for the look of pages");
    }
    if (nta_span_starts(rule, "@@")) {
        flags |= NTA_VALUE_ALLOW;
        rule = nta_span_from(rule, 2);
    }
    dollar = nta_span_find_last(rule, '$'); /* before the modifiers */
    pattern = (struct nta_span){.ptr = rule.ptr, .len = dollar};
    modifiers = nta_span_from(rule, dollar < rule.len ? dollar + 1 : dollar);
    if (modifiers.len > 0 && nta_span_find(modifiers, "badfilter") < modifiers.len &&
        hash_rule(reader, pattern, modifiers, reader->allow || flags & NTA_VALUE_ALLOW))
        return take_back(reader);
    if (nta_span_starts(rule, "||"))
        pattern = nta_span_from(pattern, 2);
    else if (nta_span_starts(rule, "|http"))
        pattern = nta_span_from(pattern, 1);
    else if (has_modifier(modifiers, "network"))
        return take_network(reader, pattern, modifiers, flags);
    else
        return flags & NTA_VALUE_ALLOW || (reader->pages && dollar < rule.len)
                   ? nta_list_skip(reader, "a pattern over addresses of pages")
                   : NTA_LINE_OTHER;
    reader->pages = true;
    if (!take_modifiers(modifiers, &flags))
        return nta_list_skip(reader, "a rule for some pages, clients or kinds of content");
    (void)hash_rule(reader, (struct nta_span){.ptr = rule.ptr, .len = dollar}, modifiers,
                    reader->allow || flags & NTA_VALUE_ALLOW);
    return take_pattern(reader, pattern, flags);
}
