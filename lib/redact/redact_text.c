/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the secrets are in one run of a stream: a line at a time, and what no line of ours is, is
 * one.
 */
#include "base/own.h"
#include "redact/redact_scan.h"

#include <ctype.h>

enum
{
    TLS_HEAD = 5
};

/* ---- commands and replies ---- */

static bool is_word(struct nta_span text, const char *const *words, size_t n_words)
{
    size_t len = nta_redact_find_byte(text, 0, " \t");

    for (size_t i = 0; i < n_words; i++)
        if (len == strlen(words[i]) && nta_span_starts(text, words[i]))
            return true;
    return false;
}

static bool is_secret_command(struct nta_span text)
{
    static const char *const words[] = {"USER", "PASS",  "ACCT",        "AUTH",
                                        "APOP", "LOGIN", "AUTHENTICATE"};

    return is_word(text, words, NTA_N_ELEMENTS(words));
}

static bool is_harmless_command(struct nta_span text)
{
    static const char *const words[] = {/* SMTP */ "HELO",
                                        "EHLO",
                                        "MAIL",
                                        "RCPT",
                                        "DATA",
                                        "RSET",
                                        "NOOP",
                                        "QUIT",
                                        "STARTTLS",
                                        /* FTP */ "RETR",
                                        "STOR",
                                        "APPE",
                                        "STOU",
                                        "LIST",
                                        "NLST",
                                        "MLSD",
                                        "MLST",
                                        "SIZE",
                                        "MDTM",
                                        "CWD",
                                        "CDUP",
                                        "PWD",
                                        "MKD",
                                        "RMD",
                                        "DELE",
                                        "RNFR",
                                        "RNTO",
                                        "TYPE",
                                        "MODE",
                                        "STRU",
                                        "PASV",
                                        "EPSV",
                                        "PORT",
                                        "EPRT",
                                        "REST",
                                        "ABOR",
                                        "SYST",
                                        "STAT",
                                        "FEAT",
                                        "OPTS",
                                        "PBSZ",
                                        "PROT",
                                        /* POP3 */ "STLS",
                                        "CAPA",
                                        "UIDL",
                                        "TOP",
                                        /* IMAP */ "CAPABILITY",
                                        "LOGOUT",
                                        "SELECT",
                                        "EXAMINE",
                                        "FETCH",
                                        "UID",
                                        "CLOSE",
                                        "IDLE"};

    return is_word(text, words, NTA_N_ELEMENTS(words));
}

/** A command, perhaps behind a tag (IMAP).  False: nothing that we know. */
static bool take_command(struct nta_redact_scan *scan, struct nta_span line)
{
    size_t tag = nta_redact_find_byte(line, 0, " ");
    struct nta_span verb = line;

    if (!is_secret_command(line) && !is_harmless_command(line) && tag < NTA_REDACT_WORD_MAX &&
        tag + 1 < line.len)
        verb = (struct nta_span){line.ptr + tag + 1, line.len - tag - 1};
    size_t place = scan->at + (size_t)(verb.ptr - line.ptr);

    if (is_secret_command(verb))
        nta_redact_mark(scan, place + nta_redact_find_byte(verb, 0, " \t") + 1,
                        scan->at + line.len);
    else if (is_harmless_command(verb))
        nta_redact_urls(scan, scan->at, scan->at + line.len);
    else
        return false;
    return true;
}

static bool is_code(struct nta_span line)
{
    return line.len >= 3 && isdigit(line.ptr[0]) && isdigit(line.ptr[1]) && isdigit(line.ptr[2]) &&
           (line.len == 3 || line.ptr[3] == ' ' || line.ptr[3] == '-');
}

/** Behind its tag, or a star, a reply of IMAP that speaks to people; 0: it is another line. */
static size_t imap_text(struct nta_span line)
{
    static const char *const words[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};
    const size_t tag = nta_span_find_byte(line, ' ') + 1;

    if (tag > NTA_REDACT_WORD_MAX || tag >= line.len ||
        !is_word(nta_span_from(line, tag), words, NTA_N_ELEMENTS(words)))
        return 0;
    return nta_smaller(nta_redact_find_byte(line, tag, " \t") + 1, line.len);
}

static bool is_reply(struct nta_span line)
{
    return is_code(line) || nta_span_starts(line, "+OK") || nta_span_starts(line, "-ERR") ||
           nta_span_starts(line, "* ") || nta_span_starts(line, "+ ") || imap_text(line) > 0;
}

/**
 * Where the text of a reply begins that may repeat what was said: one about who somebody is (RFC
 * 959 section 4.2, x3z; RFC 4954), and any of POP3 and IMAP, whose replies do not say what they are
 * about.
 */
static size_t echo_text(struct nta_span line)
{
    const size_t text = imap_text(line);

    if (is_code(line))
        return line.ptr[1] == '3' ? nta_smaller(4, line.len) : line.len;
    if (line.len && (line.ptr[0] == '+' || line.ptr[0] == '-'))
        return nta_smaller(nta_redact_find_byte(line, 0, " \t") + 1, line.len);
    return text ? text : line.len;
}

/** A line of a client that ends with "{12}" or "{12+}": so many bytes follow it (RFC 9051 4.3). */
static uint64_t literal_len(struct nta_span line)
{
    const size_t open = nta_span_find_last(line, '{');
    uint64_t len = 0;
    size_t at = open + 1;

    if (open >= line.len || line.ptr[line.len - 1] != '}')
        return 0;
    for (; at < line.len && isdigit(line.ptr[at]) && len < UINT32_MAX; at++)
        len = len * 10 + (uint64_t)(line.ptr[at] - '0');
    at += at < line.len && line.ptr[at] == '+';
    return at + 1 == line.len ? len : 0;
}

/** Behind a client's line something that is no command may follow. */
static void note_content(struct nta_redact_scan *scan, struct nta_span line)
{
    static const char *const words[] = {"DATA", "BDAT"};

    scan->in_mail = is_word(line, words, NTA_N_ELEMENTS(words));
    scan->body_left = literal_len(line);
    if (scan->body_left > 0)
        scan->mode = NTA_REDACT_BODY;
}

/* ---- the beginning of a message ---- */

static bool is_tls(struct nta_span bytes)
{
    return bytes.len >= TLS_HEAD && bytes.ptr[0] >= 20 && bytes.ptr[0] <= 24 && bytes.ptr[1] == 3 &&
           bytes.ptr[2] <= 4;
}

static void take_tls(struct nta_redact_scan *scan)
{
    struct nta_span rest = nta_redact_part(scan, scan->at, scan->len);

    if (!is_tls(rest)) {
        scan->mode = NTA_REDACT_START;
        return;
    }
    size_t len = TLS_HEAD + ((size_t)rest.ptr[3] << 8 | rest.ptr[4]);

    scan->at += len < rest.len ? len : rest.len;
}

/** SOCKS 4: a request, in which the user's name ends with a zero; or an answer. */
static void take_socks4(struct nta_redact_scan *scan)
{
    enum
    {
        HEAD = 8
    };

    size_t head = scan->len < HEAD ? scan->len : HEAD;
    struct nta_span user = nta_redact_part(scan, head, scan->len);

    scan->at = head;
    if (!scan->options->from_client)
        return;
    scan->at = nta_smaller(head + nta_span_find_byte(user, 0) + 1, scan->len);
    nta_redact_mark(scan, head, scan->at);
}

/** RFC 1929: version, user and password, each behind its length; or version and status. */
static void take_socks_login(struct nta_redact_scan *scan, struct nta_reader *r)
{
    size_t from = nta_reader_offset(r) + 1;

    nta_reader_skip(r, scan->options->from_client ? 1 : 2);
    if (!scan->options->from_client)
        return;
    nta_reader_skip(r, nta_read_u8(r));
    nta_reader_skip(r, nta_read_u8(r));
    nta_redact_mark(scan, from, nta_reader_offset(r));
}

/**
 * SOCKS 5: methods (or the one chosen), perhaps a login, then a request or its answer, which are
 * alike.
 */
static void take_socks5(struct nta_redact_scan *scan)
{
    enum
    {
        V4 = 1,
        NAME = 3,
        V6 = 4
    };
    struct nta_reader r = nta_reader_of(scan->bytes, scan->len);

    nta_reader_skip(&r, 1);
    uint8_t n_methods = nta_read_u8(&r);

    nta_reader_skip(&r, scan->options->from_client ? n_methods : 0);
    if (nta_reader_peek(&r) == 1)
        take_socks_login(scan, &r);
    nta_reader_skip(&r, 3);
    switch (nta_read_u8(&r)) {
    case V4: nta_reader_skip(&r, 6); break;
    case NAME: nta_reader_skip(&r, nta_read_u8(&r) + 2U); break;
    case V6: nta_reader_skip(&r, 18); break;
    default: break;
    }
    scan->at = nta_reader_offset(&r);
}

/** What SOCKS says before the stream is the tunnel's: passed over, user and password redacted. */
static void take_socks(struct nta_redact_scan *scan)
{
    const bool client = scan->options->from_client;
    const uint8_t *bytes = scan->bytes;

    if (scan->len < 2)
        return;
    if (client ? bytes[0] == 4 && bytes[1] == 1
               : bytes[0] == 0 && bytes[1] >= 0x5a && bytes[1] <= 0x5d)
        take_socks4(scan);
    else if (bytes[0] == 5 && (bytes[1] > 0 || !client))
        take_socks5(scan);
}

/** A line of FTP, SMTP, IMAP or POP3.  False: none that we know. */
static bool take_talk(struct nta_redact_scan *scan, struct nta_span line)
{
    const bool greets = scan->at == 0 && scan->starts_stream;

    if (scan->options->from_client)
        return take_command(scan, line);
    if (!is_reply(line))
        return false;
    nta_redact_urls(scan, scan->at, scan->at + line.len);
    if (!greets)
        nta_redact_mark(scan, scan->at + echo_text(line), scan->at + line.len);
    return true;
}

static void take_start(struct nta_redact_scan *scan)
{
    if (scan->at == 0 && scan->starts_stream && scan->bytes[0] <= 5)
        take_socks(scan);
    if (scan->at == scan->len)
        return;
    if (is_tls(nta_redact_part(scan, scan->at, scan->len))) {
        scan->mode = NTA_REDACT_TLS;
        return;
    }
    bool whole;
    struct nta_span line = nta_redact_line(scan, scan->at, &whole);
    size_t end = nta_redact_line_end(scan, scan->at);
    const bool client = scan->options->from_client;
    const bool known =
        whole && !scan->in_mail &&
        (nta_redact_http(scan, line) || (scan->options->has_commands && take_talk(scan, line)));

    if (client && scan->options->has_commands && scan->mode == NTA_REDACT_START && whole) {
        if (!scan->in_mail)
            note_content(scan, line);
        else if (nta_span_is(line, "."))
            scan->in_mail = false;
    }
    if (!known)
        nta_redact_mark(scan, scan->at, whole && line.len == 0 ? scan->at : end);
    if (client && nta_span_starts(line, "PRI * HTTP/2"))
        scan->mode = NTA_REDACT_REST;
    scan->at = end;
}

/**
 * Behind a hole: the rest of a line may be the end of a secret, unless something begins here that
 * nobody mistakes.
 */
static void resume(struct nta_redact_scan *scan)
{
    bool whole;
    struct nta_span line = nta_redact_line(scan, 0, &whole);

    if (!scan->options->from_client) { /* what the body is, and where it ends, may be missing */
        scan->hide_body = true;
        scan->has_length = false;
    }
    scan->folded_secret = true; /* what goes on may go on with what is missing */
    if (scan->mode == NTA_REDACT_TLS)
        scan->at = scan->len;
    if (scan->mode == NTA_REDACT_TLS || scan->mode == NTA_REDACT_REST)
        return;
    if (is_tls(nta_redact_part(scan, 0, scan->len)) ||
        (whole && nta_redact_is_http(line, scan->options->from_client))) {
        scan->mode = NTA_REDACT_START;
        return;
    }
    if (scan->options->from_client) /* how much of a request is missing, nobody knows */
        scan->mode = NTA_REDACT_START;
    scan->at = nta_redact_line_end(scan, 0);
    nta_redact_mark(scan, 0, scan->at);
}

void nta_redact_run(struct nta_redact_scan *scan, bool joined)
{
    if (!joined)
        resume(scan);
    while (scan->at < scan->len) {
        switch (scan->mode) {
        case NTA_REDACT_START: take_start(scan); break;
        case NTA_REDACT_HEAD: nta_redact_head(scan); break;
        case NTA_REDACT_BODY: nta_redact_body(scan); break;
        case NTA_REDACT_TLS: take_tls(scan); break;
        case NTA_REDACT_REST:
            nta_redact_mark(scan, scan->at, scan->len);
            scan->at = scan->len;
            break;
        }
    }
}
