/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FTP, SMTP, IMAP and POP3, a line at a time: commands that may be shown, and of what a server says
 * no more than how it went.
 */
#include "base/own.h"
#include "redact/redact_scan.h"

enum
{
    TAG_MAX = 16,
    LOGIN_LINES = 2, ///< User and password, each in a line of its own (AUTH LOGIN).
};

static size_t word_len(struct nta_span text)
{
    return nta_redact_find_byte(text, 0, " \t");
}

static bool is_word(struct nta_span text, const char *const *words, size_t n_words)
{
    for (size_t i = 0; i < n_words; i++)
        if (nta_span_is(text, words[i]))
            return true;
    return false;
}

/* ---- what clients say ---- */

/** A command, perhaps behind a tag (IMAP).  False: nothing that we know. */
static bool take_command(struct nta_redact_scan *scan, struct nta_span line)
{
    const size_t end = scan->at + line.len;
    enum nta_redact_form form;
    size_t verb = 0;

    if (scan->options->talk == NTA_REDACT_IMAP) { /* whose tags may look like commands */
        verb = nta_span_find_byte(line, ' ') + 1;
        if (verb > TAG_MAX || verb >= line.len)
            return false;
        const struct nta_span rest = nta_span_from(line, verb);

        if (!nta_redact_command(nta_span_first(rest, word_len(rest)), &form))
            return false;
        nta_redact_mark(scan, scan->at, scan->at + verb - 1); /* a tag is what a client likes */
    } else if (!nta_redact_command(nta_span_first(line, word_len(line)), &form)) {
        return false;
    }
    const size_t argument = verb + word_len(nta_span_from(line, verb)) + 1;

    if (argument < line.len)
        nta_redact_but(scan, form, scan->at + argument, end);
    return true;
}

/**
 * A line of a client that ends with "{12}" or "{12+}": so many bytes follow it (RFC 9051 4.3).
 * Servers forgive blanks, and what they forgive is one.
 */
static uint64_t literal_len(struct nta_span line)
{
    uint64_t len = 0;
    size_t at = nta_smaller(nta_span_find_last(line, '{') + 1, line.len);
    bool is_closed = false;

    for (; at < line.len && (isdigit(line.ptr[at]) || isblank(line.ptr[at])); at++)
        if (isdigit(line.ptr[at]) && len < UINT32_MAX)
            len = len * 10 + (uint64_t)(line.ptr[at] - '0');
    for (; at < line.len && (isblank(line.ptr[at]) || strchr("+-}\r", line.ptr[at])); at++)
        is_closed |= line.ptr[at] == '}';
    return at == line.len && is_closed ? len : 0;
}

/** "BDAT 12 LAST": so many bytes follow it (RFC 3030 section 2). */
static uint64_t chunk_len(struct nta_span line)
{
    uint64_t len = 0;

    if (!nta_span_starts(line, "BDAT "))
        return 0;
    for (size_t at = strlen("BDAT "); at < line.len && isdigit(line.ptr[at]) && len < UINT32_MAX;
         at++)
        len = len * 10 + (uint64_t)(line.ptr[at] - '0');
    return len;
}

/** RFC 5321 section 4.1.1.4: between ends of lines as they have to be, and no others. */
static bool ends_mail(const struct nta_redact_scan *scan, struct nta_span line)
{
    return nta_span_is(line, ".") && scan->at >= 2 &&
           nta_span_starts(nta_redact_part(scan, scan->at - 2, scan->len), "\r\n.\r\n");
}

/** Behind a client's line something that is no command may follow. */
static void note_content(struct nta_redact_scan *scan, struct nta_span line)
{
    static const char *const data[] = {"DATA"}, *const logins[] = {"AUTH", "AUTHENTICATE"};
    const size_t tag = nta_smaller(nta_span_find_byte(line, ' ') + 1, line.len);
    const struct nta_span first = nta_span_first(line, word_len(line));
    const struct nta_span behind = nta_span_from(line, tag);

    scan->in_mail = is_word(first, data, NTA_N_ELEMENTS(data));
    scan->body_left = literal_len(line) + chunk_len(line);
    if (scan->body_left > 0)
        scan->mode = NTA_REDACT_BODY;
    if (is_word(first, logins, NTA_N_ELEMENTS(logins)) ||
        is_word(nta_span_first(behind, word_len(behind)), logins, NTA_N_ELEMENTS(logins)))
        scan->n_login = LOGIN_LINES;
    else if (nta_span_has(line, ' '))
        scan->n_login = 0;
    else if (scan->n_login > 0)
        scan->n_login--;
}

/** What answers a login may look like a command, but it has no blank in it. */
static bool take_said(struct nta_redact_scan *scan, struct nta_span line)
{
    const bool may_be_login = scan->n_login > 0 && !nta_span_has(line, ' ');
    bool is_known = false;

    if (scan->in_mail) {
        scan->in_mail = !ends_mail(scan, line);
        return false;
    }
    is_known = !may_be_login && take_command(scan, line);
    note_content(scan, line);
    return is_known;
}

/* ---- what servers say ---- */

/** Of a code no more than that (a refusal repeats what was said); of a port, which. */
static bool take_code(struct nta_redact_scan *scan, struct nta_span line)
{
    const bool has_port = nta_span_starts(line, "227 ") || nta_span_starts(line, "229 ");
    const size_t open = nta_span_find_byte(line, '('), close = nta_span_find_byte(line, ')');
    size_t end = scan->at + line.len;

    if (!nta_redact_is_code(line) || line.ptr[0] < '1' || line.ptr[0] > '6')
        return false;
    if (has_port && open < close && close < line.len &&
        nta_redact_is_number(nta_span_first(nta_span_from(line, open + 1), close - open - 1),
                             ",|")) {
        nta_redact_mark(scan, scan->at + close + 1, end);
        end = scan->at + open;
    }
    nta_redact_mark(scan, scan->at + nta_smaller(4, line.len), end);
    return true;
}

static bool take_pop3(struct nta_redact_scan *scan, struct nta_span line)
{
    static const char *const words[] = {"+OK", "-ERR"};
    const size_t len = word_len(line);

    if (!is_word(nta_span_first(line, len), words, NTA_N_ELEMENTS(words)))
        return false;
    nta_redact_mark(scan, scan->at + nta_smaller(len + 1, line.len), scan->at + line.len);
    return true;
}

/** A star or a tag, which is not shown; perhaps a number; what it is. */
static bool take_imap(struct nta_redact_scan *scan, struct nta_span line)
{
    static const char *const words[] = {"OK",     "NO",         "BAD",    "BYE",    "PREAUTH",
                                        "EXISTS", "RECENT",     "FETCH",  "LIST",   "LSUB",
                                        "FLAGS",  "CAPABILITY", "SEARCH", "STATUS", "EXPUNGE"};
    const bool has_star = nta_span_starts(line, "* ");
    const size_t tag = word_len(line) + 1;

    if (tag > TAG_MAX || tag >= line.len)
        return false;
    struct nta_span rest = nta_span_from(line, tag);
    const size_t number = has_star && nta_redact_is_number(nta_span_first(rest, word_len(rest)), "")
                              ? word_len(rest) + 1
                              : 0;

    rest = nta_span_from(rest, nta_smaller(number, rest.len));
    if (!is_word(nta_span_first(rest, word_len(rest)), words, NTA_N_ELEMENTS(words)))
        return false;
    if (!has_star)
        nta_redact_mark(scan, scan->at, scan->at + tag - 1);
    nta_redact_mark(scan, scan->at + nta_smaller(tag + number + word_len(rest) + 1, line.len),
                    scan->at + line.len);
    return true;
}

static bool take_reply(struct nta_redact_scan *scan, struct nta_span line)
{
    switch (scan->options->talk) {
    case NTA_REDACT_NO_TALK: break;
    case NTA_REDACT_CODES: return take_code(scan, line);
    case NTA_REDACT_POP3: return take_pop3(scan, line);
    case NTA_REDACT_IMAP: return take_imap(scan, line);
    }
    return false;
}

bool nta_redact_talk(struct nta_redact_scan *scan, struct nta_span line)
{
    return scan->options->from_client ? take_said(scan, line) : take_reply(scan, line);
}
