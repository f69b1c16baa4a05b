/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suricata rules, as far as they are lists: those over the whole name in a DNS query, a TLS hello or a Host field, and
 * those over addresses alone.  All others look at more than we keep, and are skipped.
 */
#include "base/hex.h"
#include "base/own.h"
#include "blacklist/line.h"

enum
{
    CONTENT_SIZE = 256
};

/** What the options of a rule say about names. */
struct options
{
    struct nta_span content; ///< The only one, as written between its quotes.
    unsigned n_contents;
    bool over_name; ///< Behind a keyword for a name.
    bool is_negated, dotprefix, starts, ends, bsize;
    bool other; ///< Something else that narrows it.
};

static bool is_one_of(struct nta_span word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (nta_span_is(word, words[i]))
            return true;
    }
    return false;
}

/** One option, "keyword" or "keyword:value". */
static void take_option(struct options *options, struct nta_span option)
{
    static const char *const names[] = {"dns.query", "dns_query", "tls.sni",       "tls_sni",
                                        "http.host", "http_host", "http.host.raw", "quic.sni"};
    static const char *const idle[] = {"msg",
                                       "sid",
                                       "rev",
                                       "gid",
                                       "classtype",
                                       "reference",
                                       "metadata",
                                       "priority",
                                       "nocase",
                                       "flow",
                                       "threshold",
                                       "target",
                                       "tag",
                                       "noalert",
                                       "flowbits",
                                       "fast_pattern",
                                       "depth",
                                       "offset",
                                       "detection_filter",
                                       "requires",
                                       "flags"};
    size_t colon = nta_span_find(option, ":");
    struct nta_span word = nta_span_trim((struct nta_span){.ptr = option.ptr, .len = colon});
    struct nta_span value =
        nta_span_trim(nta_span_from(option, colon < option.len ? colon + 1 : colon));

    if (is_one_of(word, names, NTA_N_ELEMENTS(names))) {
        options->over_name = true;
    } else if (nta_span_is(word, "content")) {
        options->n_contents++;
        options->is_negated = options->is_negated || (value.len > 0 && value.ptr[0] == '!');
        if (value.len > 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
            options->content = (struct nta_span){.ptr = value.ptr + 1, .len = value.len - 2};
    } else if (nta_span_is(word, "dotprefix")) {
        options->dotprefix = true;
    } else if (nta_span_is(word, "startswith")) {
        options->starts = true;
    } else if (nta_span_is(word, "endswith") ||
               (nta_span_is(word, "isdataat") && nta_span_starts(value, "!1"))) {
        options->ends = true;
    } else if (nta_span_is(word, "bsize")) {
        options->bsize = true;
    } else if (!is_one_of(word, idle, NTA_N_ELEMENTS(idle))) {
        options->other = true;
    }
}

/** Options end at semicolons outside of quotes. */
static void take_options(struct options *options, struct nta_span text)
{
    bool quoted = false;
    size_t start = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' && (i == 0 || text.ptr[i - 1] != '\\'))
            quoted = !quoted;
        if (text.ptr[i] != ';' || quoted)
            continue;
        take_option(options, (struct nta_span){.ptr = text.ptr + start, .len = i - start});
        start = i + 1;
    }
}

/** "bad|2e|example" -> "bad.example"; its length, 0 if it is no text of that kind. */
static size_t unescape(struct nta_span content, uint8_t room[CONTENT_SIZE])
{
    bool in_hex = false;
    size_t n = 0;

    for (size_t i = 0; i < content.len && n < CONTENT_SIZE; i++) {
        uint8_t c = content.ptr[i];

        if (c == '|') {
            in_hex = !in_hex;
        } else if (in_hex && c != ' ') {
            int high = nta_hex_digit(c),
                low = i + 1 < content.len ? nta_hex_digit(content.ptr[++i]) : -1;

            if (high < 0 || low < 0)
                return 0;
            room[n++] = (uint8_t)(high << 4 | low);
        } else if (!in_hex) {
            room[n++] = c;
        }
    }
    return n < CONTENT_SIZE && !in_hex ? n : 0;
}

static enum nta_line take_name(struct nta_list_reader *reader, const struct options *options)
{
    uint8_t room[CONTENT_SIZE];
    struct nta_span name = {.ptr = room, .len = unescape(options->content, room)};

    if (options->n_contents != 1 || options->is_negated || options->other)
        return nta_list_skip(reader, "a rule over more than a name");
    if (options->ends && options->dotprefix && name.len > 1 && name.ptr[0] == '.')
        return nta_list_name(reader, nta_span_from(name, 1), NTA_VALUE_SELF | NTA_VALUE_SUBS);
    if (name.len > 0 && ((options->starts && options->ends) || options->bsize))
        return nta_list_name(reader, name, NTA_VALUE_SELF);
    return nta_list_skip(reader, "a rule over a part of a name");
}

/** "[1.2.3.4,192.0.2.0/24]" or one of them; true: at least one was taken. */
static bool take_addrs(struct nta_list_reader *reader, struct nta_span text)
{
    bool any = false;

    if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
        text = (struct nta_span){.ptr = text.ptr + 1, .len = text.len - 2};
    while (text.len > 0) {
        size_t comma = nta_span_find(text, ",");
        struct nta_span one = nta_span_trim((struct nta_span){.ptr = text.ptr, .len = comma});

        if (one.len > 0 &&
            ((one.ptr[0] >= '0' && one.ptr[0] <= '9') || memchr(one.ptr, ':', one.len)))
            any |= nta_list_addr(reader, one, NTA_VALUE_SELF | NTA_VALUE_SUBS) == NTA_LINE_ENTRY;
        text = nta_span_from(text, comma < text.len ? comma + 1 : comma);
    }
    return any;
}

enum nta_line nta_list_rule(struct nta_list_reader *reader, struct nta_span line)
{
    static const char *const actions[] = {"alert",     "drop",      "reject",
                                          "rejectsrc", "rejectdst", "rejectboth"};
    size_t open = line.ptr[line.len - 1] == ')' ? nta_span_find(line, "(") : line.len;
    struct nta_span rest = {.ptr = line.ptr, .len = open};
    struct options options = {0};
    struct nta_span from, from_port, to, to_port;

    if (open == line.len || !is_one_of(nta_span_word(&rest), actions, NTA_N_ELEMENTS(actions)))
        return NTA_LINE_OTHER;
    (void)nta_span_word(&rest); /* protocol */
    from = nta_span_word(&rest);
    from_port = nta_span_word(&rest);
    (void)nta_span_word(&rest); /* direction */
    to = nta_span_word(&rest);
    to_port = nta_span_word(&rest);
    take_options(&options,
                 (struct nta_span){.ptr = line.ptr + open + 1, .len = line.len - open - 2});
    if (options.over_name)
        return take_name(reader, &options);
    if (options.n_contents > 0 || options.other)
        return nta_list_skip(reader, "a rule over content");
    if (!nta_span_is(from_port, "any") && !nta_span_is(to_port, "any"))
        return nta_list_skip(reader, "a rule for certain ports");
    return (nta_span_is(from_port, "any") && take_addrs(reader, from)) ||
                   (nta_span_is(to_port, "any") && take_addrs(reader, to))
               ? NTA_LINE_ENTRY
               : nta_list_skip(reader, "a rule without names or addresses");
}
