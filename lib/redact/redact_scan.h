/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to lib/redact: one run of a stream while it is read, and how all files look at it. */

#include "base/bytes.h"
#include "base/text.h"
#include "redact/options.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NTA_REDACT_TLS_HEAD 5

/** What is known of a direction when a run begins. */
enum nta_redact_mode
{
    NTA_REDACT_START, ///< A message begins.
    NTA_REDACT_HEAD,  ///< Header fields of HTTP.
    NTA_REDACT_BODY,  ///< A body of HTTP, or a literal of IMAP.
    NTA_REDACT_FILE,  ///< A file that is shown to the stream's end.
    NTA_REDACT_TLS,
    NTA_REDACT_REST, ///< All that follows is redacted.
};

struct nta_redact_scan
{
    const uint8_t *bytes;
    uint8_t *secret; ///< One for each byte: not 0 if it is to be redacted.
    size_t len, at;
    const struct nta_redact_options *options;
    enum nta_redact_mode mode;
    bool starts_stream; ///< This run holds the stream's first byte.
    bool is_lost;       ///< Something that nobody here knows was said.
    bool in_mail;       ///< What was said to be data follows, up to a line with a dot.
    uint8_t n_login;    ///< So many of the client's next lines may answer a login.
    /* of HTTP */
    bool chunked;       ///< The response's body comes in chunks, and trailers behind them.
    bool in_trailers;   ///< Those are being read.
    bool has_length;    ///< The message says how long its body is.
    uint64_t body_left; ///< Of the body, or of a chunk.
    bool body_begins;   ///< Nothing of it was read yet.
    bool hide_body;     ///< It is redacted.
    bool to_rest;       ///< Behind this head another protocol begins.
    bool is_connect;    ///< The request asks for a tunnel.
};

/** [from, to) is a secret. */
static inline void nta_redact_mark(struct nta_redact_scan *scan, size_t from, size_t to)
{
    if (to > from)
        memset(scan->secret + from, 1, to - from);
}

/** Bytes `from` to `to` of the run as they came. */
static inline struct nta_span nta_redact_part(const struct nta_redact_scan *scan, size_t from,
                                              size_t to)
{
    return (struct nta_span){scan->bytes + from, to - from};
}

/** Behind the line that begins at `at`. */
static inline size_t nta_redact_line_end(const struct nta_redact_scan *scan, size_t at)
{
    const struct nta_span rest = nta_redact_part(scan, at, scan->len);

    return nta_smaller(at + nta_span_find_byte(rest, '\n') + 1, scan->len);
}

/** A line without its end of line; `ret_whole`: it has one. */
static inline struct nta_span nta_redact_line(const struct nta_redact_scan *scan, size_t at,
                                              bool *ret_whole)
{
    size_t end = nta_redact_line_end(scan, at);

    *ret_whole = end > at && scan->bytes[end - 1] == '\n';
    end -= *ret_whole;
    if (*ret_whole && end > at && scan->bytes[end - 1] == '\r')
        end--;
    return nta_redact_part(scan, at, end);
}

/** Where the first of these characters stands; `text.len`: nowhere. */
static inline size_t nta_redact_find_byte(struct nta_span text, size_t from, const char *any_of)
{
    size_t i = from;

    while (i < text.len && (text.ptr[i] == 0 || !strchr(any_of, text.ptr[i])))
        i++;
    return i;
}

/** All of it are letters, digits, or one of these characters; it is not empty. */
static inline bool nta_redact_is_made_of(struct nta_span text, const char *others)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isalnum(text.ptr[i]) && (text.ptr[i] == 0 || !strchr(others, text.ptr[i])))
            return false;
    return text.len > 0;
}

/** All of it are digits or one of these characters, and one is a digit. */
static inline bool nta_redact_is_number(struct nta_span text, const char *others)
{
    bool has_digit = false;

    for (size_t i = 0; i < text.len; i++) {
        has_digit |= isdigit(text.ptr[i]) != 0;
        if (!isdigit(text.ptr[i]) && (text.ptr[i] == 0 || !strchr(others, text.ptr[i])))
            return false;
    }
    return has_digit;
}

/* ---- redact_text.c ---- */

/** Mark the secrets of one run; the mode is carried to the next.  `joined`: no hole before it. */
void nta_redact_run(struct nta_redact_scan *scan, bool joined);

/* ---- redact_begin.c ---- */
/** Three digits and then a blank, a hyphen or nothing. */
bool nta_redact_is_code(struct nta_span text);

/** A record of TLS begins here, and may, where there were others before it. */
bool nta_redact_is_tls(const struct nta_redact_scan *scan);
/** Likewise the first one: a hello, or an alert; lines that look like ciphertext are none. */
bool nta_redact_begins_tls(const struct nta_redact_scan *scan);

/** A file begins so that holds no credentials but those that somebody packed into it. */
bool nta_redact_is_file(struct nta_span first);

/* ---- redact_socks.c ---- */

/** What SOCKS says before the stream is the tunnel's: passed over, user and password redacted. */
void nta_redact_socks(struct nta_redact_scan *scan);

/* ---- redact_talk.c ---- */

/** A line of FTP, SMTP, IMAP or POP3.  False: none that we know. */
bool nta_redact_talk(struct nta_redact_scan *scan, struct nta_span line);

/* ---- redact_harmless.c ---- */

/** The forms of what is shown; whatever is not of its form is redacted. */
enum nta_redact_form
{
    NTA_REDACT_NOTHING,
    NTA_REDACT_WORDS,     ///< Known words, and numbers behind them.
    NTA_REDACT_NUMBER,    ///< A number.
    NTA_REDACT_WHEN,      ///< A number or a date of RFC 9110 section 5.6.7.
    NTA_REDACT_ADDRESSES, ///< IP addresses; that of a port, too (RFC 959).
    NTA_REDACT_HOST,      ///< Of a URL, with its port; user-info is redacted.
    NTA_REDACT_REFERENCE, ///< A URL, or one that leaves out its scheme, or its site, too.
    NTA_REDACT_TYPE,      ///< A media type.
    NTA_REDACT_FILE_NAME, ///< Content-Disposition.
    NTA_REDACT_PATH,      ///< Of a file, unless `record.url` leaves it out.
    NTA_REDACT_MAILBOX,   ///< FROM:<a@b> or TO:<a@b>.
};

/** Redact [from, to) but for what is of this form. */
void nta_redact_but(struct nta_redact_scan *scan, enum nta_redact_form form, size_t from,
                    size_t to);

/** Of which form a header field's value is.  False: its name is not known, either. */
bool nta_redact_field(struct nta_span name, enum nta_redact_form *ret_form);
/** Of which form a command's argument is.  False: it is none. */
bool nta_redact_command(struct nta_span verb, enum nta_redact_form *ret_form);

/* ---- redact_url.c ---- */

/**
 * A URL, or one that leaves out its scheme, or its site, too: shown are scheme, host, path, and the
 * names of a query's parameters.
 */
void nta_redact_reference(struct nta_redact_scan *scan, size_t from, size_t to);

/** User-info in the URLs within some text. */
void nta_redact_users(struct nta_redact_scan *scan, size_t from, size_t to);

/** What of a path may let somebody in: names behind one that says so, and random ones. */
void nta_redact_path(struct nta_redact_scan *scan, size_t from, size_t to);

/** A host and its port, perhaps behind user-info, which is redacted.  False: it is none. */
bool nta_redact_host(struct nta_redact_scan *scan, size_t from, size_t to);

/* ---- redact_http.c ---- */

/** METHOD SP target SP HTTP/1.x, or HTTP/1.x and a code. */
bool nta_redact_is_http(struct nta_span line, bool from_client);

/** At scan->at: the first line of an HTTP message?  Then the mode is HEAD. */
bool nta_redact_http(struct nta_redact_scan *scan, struct nta_span line);

/** One line, while the mode is HEAD. */
void nta_redact_head(struct nta_redact_scan *scan);
/** A line of the body or what is left of it, while the mode is BODY. */
void nta_redact_body(struct nta_redact_scan *scan);
