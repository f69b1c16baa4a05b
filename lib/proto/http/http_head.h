/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The head of an HTTP/1 message: start line and the fields that are looked into (RFC 9112 sections
 * 2 to 5).
 *
 * Lines end with LF, a CR before it belongs to the end.  A line that begins with a blank goes on
 * with the field before it; such a value keeps the line end inside.  Field names are without case;
 * of a field that comes twice the first counts.
 */

#include "base/bytes.h"
#include "base/parse.h"
#include "proto/http/http_origin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_HTTP_HEAD_MAX = 65536 ///< As much as is kept of a connection.
};

#define NTA_HTTP_LENGTH_NONE UINT64_MAX

/**
 * How far an incomplete head was searched, so that it is not searched again; zeros at the start of
 * each head.
 */
struct nta_http_scan
{
    uint32_t line;     ///< Where the line begins whose end is not there yet.
    uint32_t searched; ///< No end of it before this.
};

/** Spans borrow from the bytes that were read. */
struct nta_http_head
{
    bool is_response;
    struct nta_span method, target; ///< Of a request.
    uint16_t status;                ///< Of a response.
    bool has_transfer, chunked;
    bool coded;        ///< The content is packed: Content-Encoding, or for the transfer.
    bool hosts_differ; ///< A later Host field names another site than the first.
    struct nta_span host, content_type, disposition, server, upgrade;
    /** (Proxy-)Authorization, or (WWW- or Proxy-)Authenticate, of a scheme of http_login.h. */
    struct nta_span login;
    struct nta_span other_host;    ///< With hosts_differ: the last of the later ones.
    struct nta_http_origin origin; ///< Of a request.
    uint64_t content_length;       ///< NTA_HTTP_LENGTH_NONE: none, or no number.
    /** Content-Range (RFC 9110 section 14.4): first byte, and the whole length; NONE: not said. */
    uint64_t range_first, range_total;
    uint64_t range_len;   ///< Of the part, by Content-Range; NONE: not said.
    struct nta_span etag; ///< Strong (RFC 9110 section 8.8.3); empty: none.
};

/** One that nothing was read of yet. */
static inline struct nta_http_head nta_http_head_of(bool is_response)
{
    return (struct nta_http_head){.is_response = is_response,
                                  .content_length = NTA_HTTP_LENGTH_NONE,
                                  .range_first = NTA_HTTP_LENGTH_NONE,
                                  .range_total = NTA_HTTP_LENGTH_NONE,
                                  .range_len = NTA_HTTP_LENGTH_NONE};
}

/** One more field; borrows. */
void nta_http_head_field(struct nta_http_head *head, struct nta_span name, struct nta_span value);

/**
 * Read the head that begins at `r`.  OK: `r` stands behind its empty line.  MORE: it is not whole
 * yet; `r` is where it was, `scan` remembers, and `ret_head` holds what the lines said if this was
 * the first try, else nothing.  BAD: the start line is none, or the head is too long.
 */
enum nta_parse nta_http_head_read(struct nta_reader *r, struct nta_http_scan *scan,
                                  struct nta_http_head *ret_head);
