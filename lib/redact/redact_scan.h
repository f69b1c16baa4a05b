/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to lib/redact: one run of a stream while it is read. */

#include "base/bytes.h"
#include "base/text.h"
#include "redact/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum
{
    NTA_REDACT_WORD_MAX = 16
};

/** What is known of a direction when a run begins. */
enum nta_redact_mode
{
    NTA_REDACT_START, ///< A message begins.
    NTA_REDACT_HEAD,  ///< Header fields of HTTP.
    NTA_REDACT_BODY,  ///< A response's body.
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
    bool chunked;       ///< The response's body comes in chunks, and trailers behind them.
    bool in_mail;       ///< What was said to be data follows, up to a line with a dot.
    bool has_length;    ///< The response says how long it is.
    uint64_t body_left; ///< Of a request, redacted.
    bool folded_secret; ///< In a body: a line that goes on belongs to a secret.
    bool body_begins;   ///< Nothing of it was read yet.
    bool to_rest;       ///< Behind this head another protocol begins.
    bool hide_body;     ///< The response's body is redacted.
    bool is_connect;    ///< The request asks for a tunnel.
    bool starts_stream; ///< This run holds the stream's first byte.
};

/** The bytes in [from, to) are a secret. */
static inline void nta_redact_mark(struct nta_redact_scan *scan, size_t from, size_t to)
{
    if (to > from)
        memset(scan->secret + from, 1, to - from);
}

/** Bytes `from` to `to` of the packet as they came. */
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

/* ---- redact_text.c ---- */

/** Mark the secrets of one run; the mode is carried to the next.  `joined`: no hole before it. */
void nta_redact_run(struct nta_redact_scan *scan, bool joined);

/* ---- redact_url.c ---- */

/** Is this a name that people give to credentials? */
bool nta_redact_is_secret_name(struct nta_span name);

/**
 * The values of parameters (name=value, & or ; between them) whose names say what they are; such a
 * value ends at & or #.  `base`: the place of `query`.
 */
void nta_redact_parameters(struct nta_redact_scan *scan, size_t base, struct nta_span query);

/** A URL, or one that leaves out its scheme, or its site, too. */
void nta_redact_reference(struct nta_redact_scan *scan, size_t from, size_t to);

/** Each URL within some text: user-info, parameters, and what `record.url` leaves out. */
void nta_redact_urls(struct nta_redact_scan *scan, size_t from, size_t to);

/* ---- redact_http.c ---- */

/** METHOD SP target SP HTTP/1.x, or HTTP/1.x and a code. */
bool nta_redact_is_http(struct nta_span line, bool from_client);

/** At scan->at: the first line of an HTTP message?  Then the mode is HEAD. */
bool nta_redact_http(struct nta_redact_scan *scan, struct nta_span line);

/** One line, and of a request's body all there is, while the mode is HEAD or BODY. */
void nta_redact_head(struct nta_redact_scan *scan);
/** The same for a line of the body, or, with a length, for all that is left of it. */
void nta_redact_body(struct nta_redact_scan *scan);
