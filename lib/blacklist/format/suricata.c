/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suricata rules, as far as they are lists: those over the whole name in a DNS query, a TLS hello
 * or a Host field, and those over addresses alone.  All others look at more than we keep, and are
 * skipped.
 */
#include "base/hex.h"
#include "base/own.h"
#include "blacklist/format/suricata_addrs.h"

enum
{
    CONTENT_SIZE = 256
};

/** What the options of a rule say about names. */
struct options
{
    struct nta_span content; ///< The only one, as written between its quotes.
    struct nta_span hashes;  ///< The file of hashes that it names.
    unsigned n_contents, n_over_name;
    bool in_name;   ///< Behind a keyword for a name, up to the next one for anything else.
    bool over_name; ///< There is such a keyword.
    bool is_negated, dotprefix, starts, ends;
    uint32_t depth, offset, bsize; ///< 0: none.
    bool odd;                      ///< A number is none, or a length is a range.
    bool other;                    ///< Something else that narrows it.
    bool silent;                   ///< It raises no alert.
};

static bool is_one_of(struct nta_span word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (nta_span_is(word, words[i]))
            return true;
    }
    return false;
}

/** A number of at most 5 digits; else `odd` is set. */
static uint32_t number_of(struct options *options, struct nta_span text)
{
    uint32_t number = 0;

    for (size_t i = 0; i < text.len && i < 5; i++) {
        options->odd = options->odd || text.ptr[i] < '0' || text.ptr[i] > '9';
        number = number * 10 + text.ptr[i] - '0';
    }
    options->odd = options->odd || text.len == 0 || text.len > 5;
    return number;
}

static void take_content(struct options *options, struct nta_span value)
{
    options->n_contents++;
    options->n_over_name += options->in_name;
    options->is_negated = options->is_negated || (value.len > 0 && value.ptr[0] == '!');
    if (value.len > 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        options->content = (struct nta_span){.ptr = value.ptr + 1, .len = value.len - 2};
}

/** What says where in the name the content stands; false if the option is none of these. */
static bool take_place(struct options *options, struct nta_span word, struct nta_span value)
{
    if (nta_span_is(word, "dotprefix")) {
        options->dotprefix = true;
    } else if (nta_span_is(word, "startswith")) {
        options->starts = true;
    } else if (nta_span_is(word, "endswith")) {
        options->ends = true;
    } else if (nta_span_is(word, "isdataat")) {
        size_t comma = nta_span_find(value, ",");
        struct nta_span n = nta_span_trim((struct nta_span){.ptr = value.ptr, .len = comma});
        struct nta_span how =
            nta_span_trim(nta_span_from(value, comma < value.len ? comma + 1 : comma));

        options->ends = options->ends || (nta_span_is(n, "!1") && nta_span_is(how, "relative"));
        options->other = options->other || !options->ends;
    } else if (nta_span_is(word, "bsize")) {
        options->bsize = number_of(options, value);
    } else if (nta_span_is(word, "depth")) {
        options->depth = number_of(options, value);
    } else if (nta_span_is(word, "offset")) {
        options->offset = number_of(options, value);
    } else {
        return false;
    }
    return true;
}

/** Options that do not say for whom or when; of some it depends on their value. */
static bool is_idle(struct nta_span word, struct nta_span value)
{
    static const char *const idle[] = {
        "msg",      "sid",    "rev",   "gid",          "classtype", "reference", "metadata",
        "priority", "nocase", "flow",  "fast_pattern", "target",    "tag",       "requires",
        "flags",    "bypass", "logto", "prefilter",    "filestore",
    };

    if (is_one_of(word, idle, NTA_N_ELEMENTS(idle)))
        return true;
    if (nta_span_is(word, "threshold"))
        return nta_span_find(value, "limit") < value.len; /* fewer alerts; else: only after some */
    if (nta_span_is(word, "flowbits") || nta_span_is(word, "xbits") ||
        nta_span_is(word, "hostbits"))
        return nta_span_starts(value, "set,") || nta_span_starts(value, "unset,");
    return false;
}

/** One option, "keyword" or "keyword:value". */
static void take_option(struct options *options, struct nta_span option)
{
    static const char *const names[] = {"dns.query", "dns_query",    "dns.queries.rrname",
                                        "tls.sni",   "tls_sni",      "http.host",
                                        "quic.sni",  "http.host.raw"};
    size_t colon = nta_span_find(option, ":");
    struct nta_span word = nta_span_trim((struct nta_span){.ptr = option.ptr, .len = colon});
    struct nta_span value =
        nta_span_trim(nta_span_from(option, colon < option.len ? colon + 1 : colon));

    if (is_one_of(word, names, NTA_N_ELEMENTS(names))) {
        options->other = options->other || options->over_name; /* of two names */
        options->in_name = options->over_name = true;
    } else if (nta_span_is(word, "http_host")) { /* says what the content before it is of */
        options->over_name = true;
        options->n_over_name += options->n_contents == 1;
    } else if (nta_span_is(word, "filesha256")) {
        options->other = options->other || options->hashes.ptr;
        options->hashes = value;
    } else if (nta_span_is(word, "content")) {
        take_content(options, value);
    } else if (nta_span_is(word, "noalert") ||
               (nta_span_is(word, "flowbits") && nta_span_is(value, "noalert"))) {
        options->silent = true;
    } else if (word.len > 0 && !take_place(options, word, value)) {
        options->other = options->other || !is_idle(word, value);
    }
}

/** Options end at semicolons outside of quotes. */
static void take_options(struct options *options, struct nta_span text)
{
    bool quoted = false;
    size_t start = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\') { /* what follows stands for itself */
            i++;
            continue;
        }
        if (text.ptr[i] == '"')
            quoted = !quoted;
        if (text.ptr[i] != ';' || quoted)
            continue;
        take_option(options, (struct nta_span){.ptr = text.ptr + start, .len = i - start});
        start = i + 1;
    }
}

/** "bad|2e|example" -> "bad.example"; its length, 0 if it is no text of that kind. */
static size_t unescape(struct nta_span content, uint8_t buf[CONTENT_SIZE])
{
    bool in_hex = false;
    size_t n = 0;

    for (size_t i = 0; i < content.len && n < CONTENT_SIZE; i++) {
        uint8_t c = content.ptr[i];

        if (c == '\\' && !in_hex && i + 1 < content.len) {
            buf[n++] = content.ptr[++i];
        } else if (c == '|') {
            in_hex = !in_hex;
        } else if (in_hex && c != ' ') {
            int high = nta_hex_digit(c),
                low = i + 1 < content.len ? nta_hex_digit(content.ptr[++i]) : -1;

            if (high < 0 || low < 0)
                return 0;
            buf[n++] = (uint8_t)(high << 4 | low);
        } else if (!in_hex) {
            buf[n++] = c;
        }
    }
    return n < CONTENT_SIZE && !in_hex ? n : 0;
}

/** The content is all of the name, a byte more or less being another name. */
static bool is_whole(const struct options *options, size_t len)
{
    bool starts = options->starts || (options->depth > 0 && options->depth == len);

    if (options->bsize > 0)
        return options->bsize == len;
    return starts && options->ends;
}

static enum nta_line take_name(struct nta_list_reader *reader, const struct options *options,
                               uint32_t allow)
{
    uint8_t buf[CONTENT_SIZE];
    struct nta_span name = {.ptr = buf, .len = unescape(options->content, buf)};
    bool fits = !options->odd && options->offset == 0 && name.len > 0 &&
                (options->depth == 0 || options->depth >= name.len) &&
                (options->bsize == 0 || options->bsize == name.len);
    bool whole = fits && is_whole(options, name.len);
    uint32_t flags = NTA_VALUE_SELF | allow;
    enum nta_line outcome = NTA_LINE_OTHER;

    if (options->n_contents != 1 || options->n_over_name != 1 || options->is_negated ||
        options->other)
        return nta_list_skip(reader, "a rule over more than a name");
    if (options->dotprefix && name.len > 1 && name.ptr[0] == '.') {
        bool ends = fits && options->ends && options->depth == 0 && !options->starts;

        name = nta_span_from(name, 1);
        flags |= whole || !ends ? 0 : NTA_VALUE_SUBS;
        whole = whole || ends;
    } else if (!options->dotprefix && !whole && fits && options->ends && options->depth == 0 &&
               !options->starts && name.len > 1 && name.ptr[0] == '.') {
        name = nta_span_from(name, 1); /* ".bad.example" at the end: the names below */
        flags = NTA_VALUE_SUBS | allow;
        whole = true;
    } else {
        whole = whole && !options->dotprefix;
    }
    if (whole)
        outcome = nta_list_plain(reader, name, flags);
    return outcome != NTA_LINE_OTHER ? outcome
                                     : nta_list_skip(reader, "a rule over a part of a name");
}

/** A rule over files whose hashes lie in a file beside the list. */
static enum nta_line take_hashes(struct nta_list_reader *reader, const struct options *options,
                                 uint32_t allow)
{
    struct nta_list_entry entry = {
        .what = NTA_ENTRY_BESIDE, .flags = allow, .name = options->hashes};

    if (options->n_contents > 0 || options->over_name || options->other || options->odd ||
        options->bsize > 0 || options->depth > 0 || options->offset > 0)
        return nta_list_skip(reader, "a rule over more than the hash of a file");
    if (options->hashes.len > 0 && options->hashes.ptr[0] == '!')
        return nta_list_skip(reader, "a rule over all files but some");
    if (!nta_list_is_beside(options->hashes))
        return nta_list_bad(reader, "a file of hashes is one in the list's own folder");
    nta_list_give(reader, &entry);
    return NTA_LINE_ENTRY;
}

/** The usual ports of names, and none. */
static bool is_usual_port(struct nta_span port)
{
    static const char *const usual[] = {"any", "53", "80", "443", "853"};

    return (port.len > 0 && port.ptr[0] == '$') || is_one_of(port, usual, NTA_N_ELEMENTS(usual));
}

/** A rule over a name or a file of any machine: OTHER if it narrows nothing. */
static enum nta_line refuse_narrow(struct nta_list_reader *reader, const struct nta_rule_head *head,
                                   const char *over)
{
    if (!nta_rule_is_open(reader, head))
        return nta_list_skip(reader, over);
    if (!is_usual_port(head->from_port) || !is_usual_port(head->to_port))
        return nta_list_skip(reader, "a rule for certain ports");
    return NTA_LINE_OTHER;
}

/** A rule that names files by their hashes. */
static enum nta_line take_files(struct nta_list_reader *reader, const struct nta_rule_head *head,
                                const struct options *options, uint32_t allow)
{
    static const char *const files[] = {"ip", "tcp", "http", "http1", "ftp-data"};
    const enum nta_line refused =
        refuse_narrow(reader, head, "a rule over files for certain machines");

    if (refused != NTA_LINE_OTHER)
        return refused;
    if (!is_one_of(head->protocol, files, NTA_N_ELEMENTS(files)))
        return nta_list_skip(reader, "a rule for one protocol");
    return take_hashes(reader, options, allow);
}

static enum nta_line take_rule(struct nta_list_reader *reader, const struct nta_rule_head *head,
                               const struct options *options)
{
    static const char *const plain[] = {"ip", "tcp", "udp", "ipv4", "ip4", "ipv6", "ip6"};
    uint32_t allow = nta_span_is(head->action, "pass") ? NTA_VALUE_ALLOW : 0;

    if (options->silent && !allow)
        return nta_list_skip(reader, "a rule that raises no alert");
    if (!nta_span_is(head->direction, "->") && !nta_span_is(head->direction, "<>"))
        return nta_list_bad(reader, "a rule without its direction (-> or <>)");
    if (options->hashes.ptr)
        return take_files(reader, head, options, allow);
    if (options->over_name) {
        const enum nta_line refused =
            refuse_narrow(reader, head, "a rule over a name for certain machines");

        return refused == NTA_LINE_OTHER ? take_name(reader, options, allow) : refused;
    }
    if (options->n_contents > 0 || options->other || options->odd || options->bsize > 0 ||
        options->depth > 0 || options->offset > 0)
        return nta_list_skip(reader, "a rule over content");
    if (!nta_span_is(head->from_port, "any") || !nta_span_is(head->to_port, "any"))
        return nta_list_skip(reader, "a rule for certain ports");
    if (!is_one_of(head->protocol, plain, NTA_N_ELEMENTS(plain)))
        return nta_list_skip(reader, "a rule for one protocol");
    return nta_rule_addrs(reader, head, NTA_VALUE_SELF | NTA_VALUE_SUBS | allow);
}

enum nta_line nta_list_rule(struct nta_list_reader *reader, struct nta_span line)
{
    static const char *const actions[] = {"alert",     "drop",       "reject", "rejectsrc",
                                          "rejectdst", "rejectboth", "pass"};
    size_t open = line.ptr[line.len - 1] == ')' ? nta_span_find(line, "(") : line.len;
    struct options options = {0};
    struct nta_rule_head head;

    if (open == line.len)
        return NTA_LINE_OTHER;
    head = nta_rule_head_of((struct nta_span){.ptr = line.ptr, .len = open});
    if (!is_one_of(head.action, actions, NTA_N_ELEMENTS(actions)))
        return NTA_LINE_OTHER;
    take_options(&options,
                 (struct nta_span){.ptr = line.ptr + open + 1, .len = line.len - open - 2});
    return take_rule(reader, &head, &options);
}
