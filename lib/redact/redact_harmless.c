/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be shown: which header fields and commands, of which form their values are, and the
 * words that hold no secret.  What is not in these tables is redacted.
 */
#include "base/addr.h"
#include "base/own.h"
#include "redact/redact_scan.h"

struct row
{
    const char *name;
    enum nta_redact_form form;
};

/* Header fields of the registry of RFC 9110 section 16.3 and Fetch Metadata by which it is told
 * what was asked for, of whom, when and with what; none that names or authorises anybody. */
static const struct row fields[] = {
    {"Accept", NTA_REDACT_WORDS},
    {"Accept-Encoding", NTA_REDACT_WORDS},
    {"Accept-Language", NTA_REDACT_NOTHING},
    {"Accept-Ranges", NTA_REDACT_WORDS},
    {"Age", NTA_REDACT_NUMBER},
    {"Allow", NTA_REDACT_WORDS},
    {"Alt-Svc", NTA_REDACT_WORDS},
    {"Authorization", NTA_REDACT_NOTHING},
    {"Cache-Control", NTA_REDACT_WORDS},
    {"Connection", NTA_REDACT_WORDS},
    {"Content-Disposition", NTA_REDACT_FILE_NAME},
    {"Content-Encoding", NTA_REDACT_WORDS},
    {"Content-Length", NTA_REDACT_NUMBER},
    {"Content-Location", NTA_REDACT_REFERENCE},
    {"Content-MD5", NTA_REDACT_NOTHING},
    {"Content-Range", NTA_REDACT_WORDS},
    {"Content-Security-Policy", NTA_REDACT_NOTHING},
    {"Content-Type", NTA_REDACT_TYPE},
    {"Cookie", NTA_REDACT_NOTHING},
    {"DNT", NTA_REDACT_NUMBER},
    {"Date", NTA_REDACT_WHEN},
    {"ETag", NTA_REDACT_NOTHING},
    {"Expect", NTA_REDACT_WORDS},
    {"Expires", NTA_REDACT_WHEN},
    {"Forwarded", NTA_REDACT_NOTHING},
    {"From", NTA_REDACT_NOTHING},
    {"Host", NTA_REDACT_HOST},
    {"If-Match", NTA_REDACT_NOTHING},
    {"If-Modified-Since", NTA_REDACT_WHEN},
    {"If-None-Match", NTA_REDACT_NOTHING},
    {"If-Range", NTA_REDACT_NOTHING},
    {"If-Unmodified-Since", NTA_REDACT_WHEN},
    {"Keep-Alive", NTA_REDACT_WORDS},
    {"Last-Modified", NTA_REDACT_WHEN},
    {"Link", NTA_REDACT_NOTHING},
    {"Location", NTA_REDACT_REFERENCE},
    {"MIME-Version", NTA_REDACT_NUMBER},
    {"Max-Forwards", NTA_REDACT_NUMBER},
    {"Origin", NTA_REDACT_REFERENCE},
    {"Pragma", NTA_REDACT_WORDS},
    {"Proxy-Authenticate", NTA_REDACT_NOTHING},
    {"Proxy-Authorization", NTA_REDACT_NOTHING},
    {"Proxy-Connection", NTA_REDACT_WORDS},
    {"Purpose", NTA_REDACT_WORDS},
    {"Range", NTA_REDACT_WORDS},
    {"Referer", NTA_REDACT_REFERENCE},
    {"Refresh", NTA_REDACT_NOTHING},
    {"Retry-After", NTA_REDACT_WHEN},
    {"Sec-Fetch-Dest", NTA_REDACT_WORDS},
    {"Sec-Fetch-Mode", NTA_REDACT_WORDS},
    {"Sec-Fetch-Site", NTA_REDACT_WORDS},
    {"Sec-Fetch-User", NTA_REDACT_WORDS},
    {"Sec-Purpose", NTA_REDACT_WORDS},
    {"Sec-WebSocket-Accept", NTA_REDACT_NOTHING},
    {"Sec-WebSocket-Key", NTA_REDACT_NOTHING},
    {"Sec-WebSocket-Protocol", NTA_REDACT_NOTHING},
    {"Sec-WebSocket-Version", NTA_REDACT_NUMBER},
    {"Server", NTA_REDACT_WORDS},
    {"Set-Cookie", NTA_REDACT_NOTHING},
    {"Strict-Transport-Security", NTA_REDACT_NOTHING},
    {"TE", NTA_REDACT_WORDS},
    {"Transfer-Encoding", NTA_REDACT_WORDS},
    {"Upgrade", NTA_REDACT_WORDS},
    {"Upgrade-Insecure-Requests", NTA_REDACT_NUMBER},
    {"User-Agent", NTA_REDACT_WORDS},
    {"Vary", NTA_REDACT_WORDS},
    {"Via", NTA_REDACT_NOTHING},
    {"WWW-Authenticate", NTA_REDACT_NOTHING},
    {"X-Api-Key", NTA_REDACT_NOTHING},
    {"X-Content-Type-Options", NTA_REDACT_WORDS},
    {"X-Forwarded-For", NTA_REDACT_ADDRESSES},
    {"X-Powered-By", NTA_REDACT_NOTHING},
    {"X-Requested-With", NTA_REDACT_WORDS},
};

/* Of USER, PASS and what else logs somebody in the word alone is shown. */
static const struct row commands[] = {
    /* SMTP */
    {"HELO", NTA_REDACT_HOST},
    {"EHLO", NTA_REDACT_HOST},
    {"MAIL", NTA_REDACT_MAILBOX},
    {"RCPT", NTA_REDACT_MAILBOX},
    {"DATA", NTA_REDACT_NOTHING},
    {"BDAT", NTA_REDACT_WORDS},
    {"RSET", NTA_REDACT_NOTHING},
    {"NOOP", NTA_REDACT_NOTHING},
    {"QUIT", NTA_REDACT_NOTHING},
    {"STARTTLS", NTA_REDACT_NOTHING},
    {"AUTH", NTA_REDACT_NOTHING},
    /* FTP */
    {"USER", NTA_REDACT_NOTHING},
    {"PASS", NTA_REDACT_NOTHING},
    {"ACCT", NTA_REDACT_NOTHING},
    {"RETR", NTA_REDACT_PATH},
    {"STOR", NTA_REDACT_PATH},
    {"APPE", NTA_REDACT_PATH},
    {"STOU", NTA_REDACT_PATH},
    {"LIST", NTA_REDACT_PATH},
    {"NLST", NTA_REDACT_PATH},
    {"MLSD", NTA_REDACT_PATH},
    {"MLST", NTA_REDACT_PATH},
    {"SIZE", NTA_REDACT_PATH},
    {"MDTM", NTA_REDACT_PATH},
    {"CWD", NTA_REDACT_PATH},
    {"CDUP", NTA_REDACT_NOTHING},
    {"PWD", NTA_REDACT_NOTHING},
    {"MKD", NTA_REDACT_PATH},
    {"RMD", NTA_REDACT_PATH},
    {"DELE", NTA_REDACT_PATH},
    {"RNFR", NTA_REDACT_PATH},
    {"RNTO", NTA_REDACT_PATH},
    {"TYPE", NTA_REDACT_WORDS},
    {"MODE", NTA_REDACT_WORDS},
    {"STRU", NTA_REDACT_WORDS},
    {"PASV", NTA_REDACT_NOTHING},
    {"EPSV", NTA_REDACT_WORDS},
    {"PORT", NTA_REDACT_ADDRESSES},
    {"EPRT", NTA_REDACT_ADDRESSES},
    {"REST", NTA_REDACT_NUMBER},
    {"ABOR", NTA_REDACT_NOTHING},
    {"SYST", NTA_REDACT_NOTHING},
    {"STAT", NTA_REDACT_PATH},
    {"FEAT", NTA_REDACT_NOTHING},
    {"OPTS", NTA_REDACT_WORDS},
    {"PBSZ", NTA_REDACT_NUMBER},
    {"PROT", NTA_REDACT_WORDS},
    /* POP3 */
    {"APOP", NTA_REDACT_NOTHING},
    {"STLS", NTA_REDACT_NOTHING},
    {"CAPA", NTA_REDACT_NOTHING},
    {"UIDL", NTA_REDACT_NUMBER},
    {"TOP", NTA_REDACT_NUMBER},
    /* IMAP */
    {"LOGIN", NTA_REDACT_NOTHING},
    {"AUTHENTICATE", NTA_REDACT_NOTHING},
    {"CAPABILITY", NTA_REDACT_NOTHING},
    {"LOGOUT", NTA_REDACT_NOTHING},
    {"SELECT", NTA_REDACT_PATH},
    {"EXAMINE", NTA_REDACT_PATH},
    {"FETCH", NTA_REDACT_WORDS},
    {"UID", NTA_REDACT_WORDS},
    {"CLOSE", NTA_REDACT_NOTHING},
    {"IDLE", NTA_REDACT_NOTHING},
};

/* What fields, commands and status lines are made of; by what they are about. */
static const char *const words[] = {
    /* connections, caches */
    "keep-alive", "close", "upgrade", "te", "trailers", "chunked", "timeout", "max", "no-cache",
    "no-store", "no-transform", "public", "private", "must-revalidate", "proxy-revalidate",
    "max-age", "s-maxage", "immutable", "stale-while-revalidate", "stale-if-error",
    "only-if-cached", "100-continue", "websocket", "h2c", "h2", "h3", "h3-29", "ma", "persist",
    "clear", "nosniff", "XMLHttpRequest",
    /* ranges, encodings, types */
    "bytes", "none", "gzip", "x-gzip", "deflate", "br", "zstd", "compress", "identity", "q", "v",
    "b3", "charset", "utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "boundary",
    "text", "image", "audio", "video", "application", "html", "plain", "css", "javascript", "json",
    "xml", "xhtml+xml", "webp", "avif", "apng", "png", "jpeg", "gif", "svg+xml", "octet-stream",
    "signed-exchange", "attachment", "inline", "form-data",
    /* Fetch Metadata */
    "document", "embed", "empty", "font", "frame", "iframe", "manifest", "object", "script",
    "style", "track", "worker", "cors", "no-cors", "navigate", "same-origin", "same-site",
    "cross-site", "?1", "?0", "prefetch", "prerender", "preview", "anonymous-client-ip",
    /* methods, fields */
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "Accept",
    "Accept-Encoding", "Accept-Language", "Content-Length", "Content-Type", "Cookie", "Origin",
    "User-Agent",
    /* reasons */
    "OK", "Continue", "Switching", "Protocols", "Created", "Accepted", "No", "Content", "Partial",
    "Connection", "Established", "Moved", "Permanently", "Found", "See", "Other", "Not", "Modified",
    "Temporary", "Permanent", "Redirect", "Bad", "Request", "Unauthorized", "Forbidden", "Method",
    "Allowed", "Proxy", "Authentication", "Required", "Gone", "Range", "Satisfiable", "Too", "Many",
    "Requests", "Internal", "Server", "Error", "Gateway", "Service", "Unavailable", "Timeout",
    /* programs */
    "Mozilla", "AppleWebKit", "KHTML", "like", "Gecko", "Chrome", "Chromium", "HeadlessChrome",
    "Safari", "Firefox", "Edg", "Edge", "OPR", "Opera", "MSIE", "Trident", "rv", "compatible",
    "Version", "Mobile", "Windows", "NT", "Win32", "Win64", "WOW64", "x64", "X11", "Linux",
    "x86_64", "i686", "aarch64", "Android", "iPhone", "iPad", "Macintosh", "Intel", "Mac", "OS",
    "X", "CPU", "U", "CrOS", "Ubuntu", "Debian", "Fedora", "CentOS", "Red", "Hat", "Unix", "curl",
    "Wget", "libcurl", "python-requests", "Python", "Python-urllib", "aiohttp", "httpx",
    "Go-http-client", "okhttp", "Java", "Dalvik", "Apache", "Apache-HttpClient", "nginx",
    "openresty", "Microsoft-IIS", "Microsoft-HTTPAPI", "lighttpd", "Caddy", "cloudflare", "gws",
    "SimpleHTTP", "BaseHTTP", "OpenSSL", "PHP", "GNU", "PowerShell", "WindowsPowerShell",
    /* FTP and IMAP */
    "A", "E", "I", "N", "S", "B", "C", "F", "R", "P", "L", "ALL", "UTF8", "ON", "OFF", "LAST",
    "FETCH", "STORE", "COPY", "BODY", "BODY.PEEK", "BODYSTRUCTURE", "ENVELOPE", "FLAGS",
    "INTERNALDATE", "RFC822", "RFC822.SIZE", "RFC822.HEADER", "UID", "HEADER", "TEXT"};

enum
{
    WORD_MAX = 24,
    TYPE_MAX = 80,
    SHOWN_MAX = 2048, ///< Of a value that is read a word at a time; none of those is longer.
};

static const struct row *find_row(const struct row *rows, size_t n, struct nta_span name)
{
    for (size_t i = 0; i < n; i++)
        if (nta_span_is(name, rows[i].name))
            return &rows[i];
    return NULL;
}

bool nta_redact_field(struct nta_span name, enum nta_redact_form *ret_form)
{
    const struct row *row = find_row(fields, NTA_N_ELEMENTS(fields), name);

    *ret_form = row ? row->form : NTA_REDACT_NOTHING;
    return row != NULL;
}

bool nta_redact_command(struct nta_span verb, enum nta_redact_form *ret_form)
{
    const struct row *row = find_row(commands, NTA_N_ELEMENTS(commands), verb);

    if (!row)
        return false;
    *ret_form = row->form;
    return true;
}

static bool is_word(struct nta_span text)
{
    for (size_t i = 0; text.len <= WORD_MAX && i < NTA_N_ELEMENTS(words); i++)
        if (nta_span_is(text, words[i]))
            return true;
    return false;
}

/** A version, a length, a range: digits, and perhaps a letter behind them (1.1.1k). */
static bool is_number(struct nta_span text)
{
    const size_t n = text.len > 1 && isalpha(text.ptr[text.len - 1]) ? text.len - 1 : text.len;

    return text.len <= WORD_MAX && nta_redact_is_number(nta_span_first(text, n), "._-");
}

/**
 * Known words, numbers that stand directly behind one, and what is between them.  With a word that
 * is not known all is redacted up to a blank, comma, semicolon or parenthesis.
 */
static void but_words(struct nta_redact_scan *scan, size_t from, size_t to)
{
    static const char between[] = " \t/();,:=*\"[]";
    const struct nta_span text = nta_redact_part(scan, from, to);
    bool follows = false; /* a known word */

    if (text.len > SHOWN_MAX) {
        nta_redact_mark(scan, from, to);
        return;
    }
    for (size_t at = 0; at < text.len;) {
        size_t end = nta_redact_find_byte(text, at, between);
        const struct nta_span word = nta_redact_part(scan, from + at, from + end);

        if (word.len == 0) {
            follows = follows && !strchr(",;()", text.ptr[at]);
            at++;
            continue;
        }
        follows = is_word(word) || (follows && is_number(word));
        if (!follows) {
            end = nta_redact_find_byte(text, end, " \t,;()");
            nta_redact_mark(scan, from + at, from + end);
        }
        at = end;
    }
}

/** "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool is_date(struct nta_span text)
{
    static const char form[] = "Aaa, 00 Aaa 0000 00:00:00 GMT";

    if (text.len != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        const char c = form[i];

        if (i < 26 && c == '0'                 ? !isdigit(text.ptr[i])
            : i < 26 && (c == 'A' || c == 'a') ? !isalpha(text.ptr[i])
                                               : text.ptr[i] != (uint8_t)c)
            return false;
    }
    return true;
}

/** One address, or that of a port: numbers between commas or bars (RFC 959, RFC 2428). */
static bool is_address(struct nta_span text)
{
    struct nta_addr addr;

    return nta_addr_parse((const char *)text.ptr, text.len, &addr) == 0;
}

static void but_addresses(struct nta_redact_scan *scan, size_t from, size_t to)
{
    const struct nta_span text = nta_redact_part(scan, from, to);
    size_t n_commas = 0;

    for (size_t i = 0; i < text.len; i++)
        n_commas += text.ptr[i] == ',';
    if (n_commas == 5 && nta_redact_is_number(text, ","))
        return;
    for (size_t at = 0; at < text.len;) {
        const size_t end = nta_redact_find_byte(text, at, ", |");
        const struct nta_span part = nta_redact_part(scan, from + at, from + end);

        if (part.len && !is_address(part) &&
            !(nta_span_has(text, '|') && nta_redact_is_number(part, "")))
            nta_redact_mark(scan, from + at, from + end);
        at = end + 1;
    }
}

/** type/subtype; parameters are words. */
static void but_type(struct nta_redact_scan *scan, size_t from, size_t to)
{
    const struct nta_span text = nta_redact_part(scan, from, to);
    const size_t slash = nta_span_find_byte(text, '/');
    const size_t end = nta_redact_find_byte(text, 0, "; \t,");
    const struct nta_span kind = nta_span_first(text, slash);

    if (slash >= end || end > TYPE_MAX ||
        !(is_word(kind) || nta_span_is(kind, "multipart") || nta_span_is(kind, "message")) ||
        !nta_redact_is_made_of(nta_redact_part(scan, from + slash + 1, from + end), "+-._"))
        nta_redact_mark(scan, from, to);
    else
        but_words(scan, from + end, to);
}

/** Behind this part of a value: at a semicolon that is in no quotes. */
static size_t part_end(struct nta_span text, size_t at)
{
    bool quoted = false;

    for (; at < text.len && (quoted || text.ptr[at] != ';'); at++) {
        if (quoted && text.ptr[at] == '\\')
            at++;
        else
            quoted ^= text.ptr[at] == '"';
    }
    return nta_smaller(at, text.len);
}

/** Of a file's name up to the end of its quotes, or of the word: what follows is no part of it. */
static size_t name_end(struct nta_span part)
{
    const size_t begin = nta_smaller(nta_span_find_byte(part, '=') + 1, part.len);
    size_t at = begin + 1;

    if (begin == part.len || part.ptr[begin] != '"')
        return nta_redact_find_byte(part, begin, " \t,");
    while (at < part.len && part.ptr[at] != '"')
        at += part.ptr[at] == '\\' ? 2 : 1;
    return nta_smaller(at + 1, part.len);
}

/** attachment; filename="a.zip" */
static void but_file_name(struct nta_redact_scan *scan, size_t from, size_t to)
{
    const struct nta_span text = nta_redact_part(scan, from, to);
    const bool is_shown = scan->options->urls != NTA_URL_SITE;

    for (size_t at = 0; at < text.len;) {
        const size_t end = part_end(text, at);

        at += at < end && text.ptr[at] == ' ';
        const struct nta_span part = nta_redact_part(scan, from + at, from + end);

        if (is_shown && (nta_span_starts(part, "filename=") || nta_span_starts(part, "filename*=")))
            nta_redact_mark(scan, from + at + name_end(part), from + end);
        else
            but_words(scan, from + at, from + end);
        at = end + 1;
    }
}

/* FROM:<a@b>, and no parameters. */
static void but_mailbox(struct nta_redact_scan *scan, size_t from, size_t to)
{
    const struct nta_span text = nta_redact_part(scan, from, to);
    const bool is_one = nta_span_starts(text, "FROM:") || nta_span_starts(text, "TO:");
    const size_t end = nta_smaller(nta_span_find_byte(text, '>') + 1, text.len);

    nta_redact_mark(scan, is_one ? from + end : from, to);
}

void nta_redact_but(struct nta_redact_scan *scan, enum nta_redact_form form, size_t from, size_t to)
{
    const struct nta_span text = nta_redact_part(scan, from, to);
    bool is_shown = false;

    switch (form) {
    case NTA_REDACT_NOTHING: break;
    case NTA_REDACT_WORDS: but_words(scan, from, to); return;
    case NTA_REDACT_ADDRESSES: but_addresses(scan, from, to); return;
    case NTA_REDACT_REFERENCE: nta_redact_reference(scan, from, to); return;
    case NTA_REDACT_TYPE: but_type(scan, from, to); return;
    case NTA_REDACT_FILE_NAME: but_file_name(scan, from, to); return;
    case NTA_REDACT_MAILBOX: but_mailbox(scan, from, to); return;
    case NTA_REDACT_NUMBER: is_shown = nta_redact_is_number(text, " .-"); break;
    case NTA_REDACT_WHEN: is_shown = nta_redact_is_number(text, "-") || is_date(text); break;
    case NTA_REDACT_HOST: is_shown = nta_redact_host(scan, from, to); break;
    case NTA_REDACT_PATH:
        is_shown = scan->options->urls != NTA_URL_SITE;
        nta_redact_users(scan, from, to);
        nta_redact_path(scan, from, to);
        break;
    }
    if (!is_shown)
        nta_redact_mark(scan, from, to);
}
