/* SPDX-License-Identifier: Apache-2.0 */
/* Which format a line is in: the plain forms first, then each format is asked. */
#include "base/own.h"
#include "blacklist/format/mark.h"
#include "blacklist/format/pattern.h"

enum
{
    V4_SIZE = 16,
    MARK_LEN = 32,       ///< Of the shortest fingerprint.
    NAMED_ADDR_MAX = 64, ///< Bytes before the hyphen of a named range that can be its address.
};

typedef enum nta_line parse_fn(struct nta_list_reader *reader, struct nta_span line);

/* In the order of asking: what begins unmistakably comes first. */
static parse_fn *const formats[] = {
    nta_list_table,   /* in a table, no other format has a say */
    nta_list_rule,    /* alert … ( … ) */
    nta_list_hosts,   /* an address, then names */
    nta_list_adblock, /* ||, @@, ## */
    nta_list_dnsmasq, /* key=/ */
    nta_list_unbound, /* key: */
    nta_list_zone,    /* owner, type, data */
};

/** Without an inline comment: "#", "//" or ";" behind white space. */
static struct nta_span without_comment(struct nta_span line)
{
    for (size_t i = 1; i < line.len; i++) {
        struct nta_span rest = nta_span_from(line, i);

        if (nta_list_is_space(line.ptr[i - 1]) &&
            (rest.ptr[0] == '#' || rest.ptr[0] == ';' || nta_span_starts(rest, "//")))
            return nta_span_trim((struct nta_span){.ptr = line.ptr, .len = i});
    }
    return line;
}

/** The only field of a table with one column. */
static struct nta_span unquoted(struct nta_span line)
{
    if (line.len > 2 && line.ptr[0] == '"' &&
        (const uint8_t *)memchr(line.ptr + 1, '"', line.len - 1) == line.ptr + line.len - 1)
        return nta_span_trim((struct nta_span){.ptr = line.ptr + 1, .len = line.len - 2});
    return line;
}

static bool is_comment(struct nta_span line)
{
    return line.ptr[0] == '#' || line.ptr[0] == ';' || line.ptr[0] == '!' ||
           nta_span_starts(line, "//");
}

/** True if a line could be a name alone: it begins and ends as one. */
static bool may_be_name(struct nta_span line)
{
    uint8_t first = line.ptr[0], last = line.ptr[line.len - 1] | 0x20;

    return ((last >= 'a' && last <= 'z') || last >= 0x80) && first != '=' && first != '*' &&
           first != '.';
}

/** The first group of an IPv6 address, to tell "name:2001:db8::1-2001:db8::9" from a range. */
static unsigned first_group(const struct nta_addr *addr)
{
    return (unsigned)(addr->bytes[0] << 8 | addr->bytes[1]);
}

/**
 * Where the address behind a name begins: "name:1.2.3.4-1.2.3.9", as PeerGuardian writes it.  Of
 * the places where the name could end, the first one that has an address like the last one behind
 * it, else the first.
 */
static bool find_first(struct nta_span left, const struct nta_addr *last,
                       struct nta_addr *ret_first)
{
    size_t start = left.len > NAMED_ADDR_MAX ? left.len - NAMED_ADDR_MAX : 0;
    bool any = false;

    for (size_t i = start; i < left.len; i++) {
        struct nta_addr first;

        if (left.ptr[i] != ':' ||
            !nta_list_parse_addr(nta_span_trim(nta_span_from(left, i + 1)), &first) ||
            nta_addr_is_v4(&first) != nta_addr_is_v4(last))
            continue;
        if (!any || first_group(&first) == first_group(last))
            *ret_first = first;
        any = true;
        if (first_group(&first) == first_group(last))
            break;
    }
    return any;
}

/**
 * A range, perhaps with a name before it; that may have anything in it, also what would begin a
 * comment.
 */
static enum nta_line named_range(struct nta_list_reader *reader, struct nta_span line)
{
    const uint32_t flags = NTA_VALUE_SELF | NTA_VALUE_SUBS;
    const size_t hyphen = nta_span_find_last(line, '-');
    struct nta_list_range plain, named;
    enum nta_line outcome = nta_list_range(reader, line, &plain);

    if (outcome == NTA_LINE_ENTRY && first_group(&plain.first) == first_group(&plain.last))
        return nta_list_put_range(reader, &plain, flags);
    if (hyphen == line.len ||
        !nta_list_parse_addr(nta_span_trim(nta_span_from(line, hyphen + 1)), &named.last) ||
        !find_first(nta_span_first(line, hyphen), &named.last, &named.first))
        return outcome == NTA_LINE_ENTRY ? nta_list_put_range(reader, &plain, flags) : outcome;
    if (outcome == NTA_LINE_ENTRY && first_group(&named.first) != first_group(&named.last))
        return nta_list_put_range(reader, &plain, flags);
    if (memcmp(named.first.bytes, named.last.bytes, sizeof(named.first.bytes)) > 0)
        return nta_list_bad(reader, "range that ends before it starts");
    return nta_list_put_range(reader, &named, flags);
}

/** True for a line that could be a named range: it has a colon and ends in "-" and an address. */
static bool may_be_named(struct nta_span line)
{
    uint8_t last = line.ptr[line.len - 1] | 0x20;

    return ((last >= '0' && last <= '9') || (last >= 'a' && last <= 'f') || last == (':' | 0x20)) &&
           nta_span_has(line, ':') && nta_span_has(line, '-');
}

/**
 * A line that no format has claimed: one value, a range with spaces in it, or nothing that we know.
 */
static enum nta_line last_resort(struct nta_list_reader *reader, struct nta_span line)
{
    struct nta_span rest = line;
    enum nta_line outcome = NTA_LINE_OTHER;

    if (!reader->separator && line.ptr[0] != '#') /* a comment may follow at once */
        rest.len = nta_span_find(line, "#");
    line = rest = nta_span_trim(rest);
    if (reader->pages && nta_list_has_wildcard(line)) /* of the path as well as of the host */
        return nta_list_skip(reader, "a pattern over addresses of pages");
    (void)nta_span_word(&rest);
    if (nta_span_trim(rest).len > 0 && nta_span_find(line, "://") < line.len)
        return nta_list_skip(reader, "a URL and more on one line");
    if (nta_span_trim(rest).len > 0)
        outcome = nta_list_addr(reader, line, NTA_VALUE_SELF | NTA_VALUE_SUBS);
    else
        outcome = nta_list_value(reader, line, NTA_VALUE_SELF | NTA_VALUE_SUBS);
    if (outcome == NTA_LINE_OTHER)
        outcome = nta_list_bad(reader, "not a line of any known list format");
    if (outcome == NTA_LINE_BAD && reader->pages)
        outcome = nta_list_skip(reader, "a pattern over addresses of pages");
    return outcome;
}

/** A line as the first format has it that claims it. */
static enum nta_line by_format(struct nta_list_reader *reader, struct nta_span line)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(formats); i++) {
        enum nta_line outcome = formats[i](reader, line);

        if (outcome != NTA_LINE_OTHER)
            return outcome;
    }
    return last_resort(reader, line);
}

/** What most lines of most lists are: a fingerprint, a name, an address.  OTHER: none of these. */
static enum nta_line take_common(struct nta_list_reader *reader, struct nta_span line)
{
    const uint32_t flags = NTA_VALUE_SELF | NTA_VALUE_SUBS;
    struct nta_list_range range;
    enum nta_line outcome = NTA_LINE_OTHER;

    if (line.len >= MARK_LEN)
        outcome = nta_list_mark(reader, line, flags);
    if (outcome == NTA_LINE_OTHER && may_be_name(line))
        outcome = nta_list_plain(reader, line, flags);
    if (outcome != NTA_LINE_OTHER || line.ptr[0] > '9' || line.ptr[0] < '0' ||
        line.len >= V4_SIZE || nta_addr_parse((const char *)line.ptr, line.len, &range.first) < 0)
        return outcome;
    range.last = range.first;
    return nta_list_put_range(reader, &range, flags);
}

static void count_entry(void *owner, const struct nta_list_entry *entry)
{
    unsigned *n = owner;

    (void)entry;
    *n += 1;
}

static bool begins_with_scheme(struct nta_span line)
{
    size_t n = 0;

    while (n < line.len && (line.ptr[n] | 0x20) >= 'a' && (line.ptr[n] | 0x20) <= 'z')
        n++;
    return n > 0 && nta_span_starts(nta_span_from(line, n), "://");
}

/**
 * True if the colon and the range at the end of a line belong to the comment or the path of what it
 * begins with: another format's line, an entry, a URL.  "Some name #1, Inc:1.2.3.4-1.2.3.9" begins
 * with none of these.
 */
static bool begins_with_entry(const struct nta_list_reader *reader, struct nta_span line)
{
    const struct nta_span text = without_comment(line);
    const bool has_comment = text.len < line.len || nta_span_has(line, '#');
    const bool has_number = line.ptr[0] >= '0' && line.ptr[0] <= '9';
    struct nta_list_reader trial;
    struct nta_span rest = text, word;
    enum nta_line outcome;
    unsigned n = 0;

    if (begins_with_scheme(line) || nta_span_starts(line, "||") || nta_span_starts(line, "@@") ||
        nta_span_starts(line, "|http"))
        return true;
    if (!has_comment && !has_number && !nta_span_has(line, '/'))
        return false;
    trial = *reader; /* formats keep state */
    trial.entry = count_entry;
    trial.owner = &n;
    outcome = by_format(&trial, unquoted(text));
    rest.len = nta_span_find(rest, "#");
    word = nta_span_word(&rest);
    return n > 0 || (outcome == NTA_LINE_NONE && trial.zone) ||
           (outcome == NTA_LINE_SKIP && has_comment &&
            (nta_span_has(word, '.') || word.len >= MARK_LEN));
}

enum nta_line nta_list_line(struct nta_list_reader *reader, struct nta_span line)
{
    enum nta_line outcome;

    reader->warns = false;
    reader->rule = 0;
    reader->note = NULL;
    if (reader->how.given != NTA_GIVEN_LINE)
        return nta_list_given(reader, line);
    reader->indented = line.len > 0 && nta_list_is_space(line.ptr[0]);
    line = nta_span_trim(line);
    if (line.len == 0)
        return NTA_LINE_NONE;
    outcome = reader->separator ? NTA_LINE_OTHER : take_common(reader, line);
    if (outcome != NTA_LINE_OTHER)
        return outcome;
    if (is_comment(line)) {
        if (!reader->separator && line.ptr[0] == '#')
            (void)nta_list_header(reader, line);
        return NTA_LINE_NONE;
    }
    if (!reader->separator && may_be_named(line) && !begins_with_entry(reader, line)) {
        outcome = named_range(reader, line);
        if (outcome != NTA_LINE_OTHER)
            return outcome;
    }
    if (!reader->separator || !memchr(line.ptr, reader->separator, line.len))
        line = unquoted(without_comment(line));
    return by_format(reader, line);
}
