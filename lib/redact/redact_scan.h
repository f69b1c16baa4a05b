/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to redact_text.c and redact_http.c: one run of a stream while it is read. */

#include "base/bytes.h"
#include "base/text.h"
#include "redact/redact.h"

#include <string.h>

enum
{
    NTA_REDACT_WORD_MAX = 16
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

/* ---- redact_http.c ---- */

/** User-info in each URL of some text, and what `record.url` leaves out. */
void nta_redact_urls(struct nta_redact_scan *scan, size_t from, size_t to);

/** METHOD SP target SP HTTP/1.x, or HTTP/1.x and a code. */
bool nta_redact_is_http(struct nta_span line, bool from_client);

/** At scan->at: the first line of an HTTP message?  Then the mode is HEAD. */
bool nta_redact_http(struct nta_redact_scan *scan, struct nta_span line);

/** One line, and of a request's body all there is, while the mode is HEAD or BODY. */
void nta_redact_head(struct nta_redact_scan *scan);
/** The same for a line of the body, or, with a length, for all that is left of it. */
void nta_redact_body(struct nta_redact_scan *scan);
